"""Search windows of text without holding the interpreter, so that reading threads search side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

_WORD_BYTES: Final = 4


def _word_places(text: bytes, word: bytes) -> npt.NDArray[np.int64]:
    """Where a word of four bytes stands in the text, in order."""
    number = int.from_bytes(word, "little")
    found = []
    for shift in range(_WORD_BYTES):
        count = (len(text) - shift) // _WORD_BYTES
        if count > 0:
            words = np.frombuffer(text, "<u4", count, shift)
            found.append(np.flatnonzero(words == number) * _WORD_BYTES + shift)
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


def holds_word(text: bytes, word: bytes) -> bool:
    """True if a word of four bytes stands anywhere in the text."""
    number = int.from_bytes(word, "little")
    for shift in range(_WORD_BYTES):
        count = (len(text) - shift) // _WORD_BYTES
        if count > 0 and (np.frombuffer(text, "<u4", count, shift) == number).any():
            return True
    return False


def places_of(text: bytes, pattern: bytes) -> npt.NDArray[np.int64]:
    """Where a pattern of four or more bytes stands in the text, in order; overlapping places too."""
    places = _word_places(text, pattern[:_WORD_BYTES])
    places = places[places <= len(text) - len(pattern)]
    if not len(places):
        return places
    content = np.frombuffer(text, np.uint8)
    rest = np.frombuffer(pattern, np.uint8)[_WORD_BYTES:]
    same = (content[places[:, None] + np.arange(_WORD_BYTES, len(pattern))] == rest).all(axis=1)
    chosen: npt.NDArray[np.int64] = places[same]
    return chosen
