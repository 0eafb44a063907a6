"""Find where a few bytes stand in a window of text, many times faster than Python's own search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import stringzilla

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt


def holds(text: bytes, pattern: bytes) -> bool:
    """True if a pattern stands anywhere in the text."""
    return int(stringzilla.find(text, pattern)) >= 0


def places_of(text: bytes, pattern: bytes) -> npt.NDArray[np.int64]:
    """Where a pattern stands in the text, in order; overlapping places too."""
    return np.fromiter(find_all(text, pattern), np.int64)


def find_all(text: bytes, pattern: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield where a pattern stands in the text or between two places of it, in order; overlapping places too."""
    find = stringzilla.find
    end = len(text) if end is None else end
    place = find(text, pattern, start, end)
    while place >= 0:
        yield place
        place = find(text, pattern, place + 1, end)
