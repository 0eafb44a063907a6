"""Search windows of text without holding the interpreter, so that reading threads search side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

_WORD_BYTES: Final = 4
#: The text is compared in pieces that stay in the processor's cache for all comparisons.
_PIECE_BYTES: Final = 1024 * 1024


def _comparisons(text: bytes, word: bytes) -> Iterator[tuple[int, npt.NDArray[np.bool_]]]:
    """Compare a word of four bytes with the text at every place; yield where a comparison starts and its results.

    The results are four bytes of text apart.
    """
    number = int.from_bytes(word, "little")
    for start in range(0, len(text), _PIECE_BYTES):
        for shifted in range(start, start + _WORD_BYTES):
            count = min(_PIECE_BYTES, len(text) - shifted) // _WORD_BYTES
            if count > 0:
                yield shifted, np.frombuffer(text, "<u4", count, shifted) == number


def holds_word(text: bytes, word: bytes) -> bool:
    """True if a word of four bytes stands anywhere in the text."""
    return any(same.any() for _, same in _comparisons(text, word))


def places_of(text: bytes, pattern: bytes, rare: int = 0) -> npt.NDArray[np.int64]:
    """Where a pattern of four or more bytes stands in the text, in order; overlapping places too.

    Args:
        text: what is searched.
        pattern: what is looked for.
        rare: where in the pattern its four bytes begin that stand least often in such texts.
    """
    found = []
    for start, same in _comparisons(text, pattern[rare : rare + _WORD_BYTES]):
        words = np.flatnonzero(same)
        if len(words):
            found.append(words * _WORD_BYTES + (start - rare))
    if not found:
        return np.empty(0, np.int64)
    places = np.sort(np.concatenate(found))
    places = places[(places >= 0) & (places <= len(text) - len(pattern))]
    if not len(places):
        return places
    # Every place of the text as one value as long as the pattern; nothing is copied but what is chosen.
    windows = np.ndarray(len(text) - len(pattern) + 1, f"V{len(pattern)}", text, strides=(1,))
    held = windows[places].view(np.uint8).reshape(len(places), len(pattern))
    chosen: npt.NDArray[np.int64] = places[(held == np.frombuffer(pattern, np.uint8)).all(axis=1)]
    return chosen
