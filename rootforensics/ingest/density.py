"""Tell a text that holds far more JSON values than evidence of its size, as a compression bomb does.

Each value that is cut from a text costs memory, however short it is. A text that is dense with them is cut in small
pieces; a single value that is overfull with them is not opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A value with a field of an event is at least this long.
LEAST_EVENT_BYTES: Final = len('{"eventID":1}')
_PIECE_BYTES: Final = 1024 * 1024
#: In CloudTrail's records, and in tables of them, something separates two values each 20 to 40 bytes.
_DENSE_BYTES: Final = 16
_OVERFULL_BYTES: Final = 8
OVERFULL: Final = (
    "holds more values than events of that size can have, as a compression bomb does; these were not opened"
)
#: More values than this are too many in one value even if they are only dense.
_MANY_VALUES: Final = 2_000_000
_SEPARATORS: Final = b",}]{[(\n"
_SPLIT_AT_ONCE: Final = 256 * 1024


def in_small_pieces(windows: Iterator[bytes]) -> Iterator[bytes]:
    """Hand on the windows of a text, those that are dense with values in pieces of 1 MiB."""
    for window in windows:
        is_dense = len(window) > _PIECE_BYTES and _most_values(window) * _DENSE_BYTES >= len(window)
        size = _PIECE_BYTES if is_dense else len(window) or 1
        yield from (window[start : start + size] for start in range(0, len(window), size))


def is_overfull(value: bytes) -> bool:
    """True for a large value with more values in it than events of that size, or rows of them, can have."""
    if len(value) < _PIECE_BYTES:
        return False
    count = _most_values(value)
    return count * _OVERFULL_BYTES > len(value) or (count > _MANY_VALUES and count * _DENSE_BYTES > len(value))


def _most_values(text: bytes) -> int:
    """How often the commonest separator of values stands in a text; runs of blanks count as one."""
    most = max(map(text.count, _SEPARATORS))
    if text.count(b" ") * _DENSE_BYTES <= len(text):
        return most
    parts = (text[start : start + _SPLIT_AT_ONCE] for start in range(0, len(text), _SPLIT_AT_ONCE))
    return max(most, sum(len(part.split()) for part in parts))
