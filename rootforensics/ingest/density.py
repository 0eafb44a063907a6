"""Tell a text that holds far more JSON values than evidence of its size, as a compression bomb does.

Each value that is cut from a text costs memory, however short it is. A text that is dense with them is cut in small
pieces; a single value that is overfull with them is not opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

#: A value with a field of an event is at least this long.
LEAST_EVENT_BYTES: Final = len('{"eventID":1}')
_PIECE_BYTES: Final = 1024 * 1024
#: In CloudTrail's records, and in tables of them, something separates two values each 20 to 40 bytes.
_DENSE_BYTES: Final = 16
_OVERFULL_BYTES: Final = 8
#: More values than this are too many in one value even if they are only dense.
_MANY_VALUES: Final = 2_000_000
_SEPARATORS: Final = b",}]\n"
#: A part of a text that stays in the processor's cache while all separators are counted in it.
_COUNTED_AT_ONCE: Final = 256 * 1024


def in_small_pieces(windows: Iterator[bytes]) -> Iterator[bytes]:
    """Hand on the windows of a text, those that are dense with values in pieces of 1 MiB."""
    for window in windows:
        if len(window) <= _PIECE_BYTES or _most_values(window) * _DENSE_BYTES < len(window):
            yield window
        else:
            for start in range(0, len(window), _PIECE_BYTES):
                yield window[start : start + _PIECE_BYTES]


def is_overfull(value: bytes) -> bool:
    """True for a large value with more values in it than events of that size, or rows of them, can have."""
    if len(value) <= _PIECE_BYTES:
        return False
    count = _most_values(value)
    return count * _OVERFULL_BYTES > len(value) or (count > _MANY_VALUES and count * _DENSE_BYTES > len(value))


def _most_values(text: bytes) -> int:
    """How often the commonest separator of values stands in a text; runs of blanks count as one."""
    *separators, blanks = (sum(counts) for counts in zip(*map(_counts, _parts(text)), strict=True))
    most: int = max(separators)
    return max(most, _words(text)) if blanks * _DENSE_BYTES > len(text) else most


def _counts(part: npt.NDArray[np.uint8]) -> list[int]:
    """How often each separator stands in a part of a text, and then the blank."""
    return [int(np.count_nonzero(part == separator)) for separator in _SEPARATORS + b" "]


def _parts(text: bytes) -> Iterator[npt.NDArray[np.uint8]]:
    for start in range(0, len(text), _COUNTED_AT_ONCE):
        yield np.frombuffer(text, np.uint8, min(_COUNTED_AT_ONCE, len(text) - start), start)


def _words(text: bytes) -> int:
    """How many runs of something else stand between blanks."""
    words = 0
    for part in _parts(text):
        blank = part <= ord(" ")
        words += int(np.count_nonzero(blank[:-1] & ~blank[1:]))
    return words
