"""Values of JSON cut from an object's text, as lists, and the lists of a file that CloudTrail spelled itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from rootforensics.ingest.scan import places_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

RECORDS_PLAIN: Final = b'{"Records":['
#: How CloudTrail's own records and files begin.
EVENT_START: Final = b'{"eventVersion":'
PLAIN_START: Final = RECORDS_PLAIN + EVENT_START
#: What stands between two records of such a file, the start of the next one included.
BORDER_PLAIN: Final = b"}," + EVENT_START
_LOOKED_AT_AT_ONCE: Final = 16_384


@dataclass(slots=True)
class Values:
    """A list of JSON values cut from an object.

    Attributes:
        texts: the values as they stand (bytes-like).
        joined: where set, a text that holds all of them in order, one byte between each two.
        start: where the first begins in ``joined``.
        originals: where set, what each value was put together from, such as a row of a table.
    """

    texts: Sequence[bytes]
    joined: bytes | None = None
    start: int = 0
    originals: Sequence[bytes] | None = None
    _lengths: npt.NDArray[np.int64] | None = None

    def lengths(self) -> npt.NDArray[np.int64]:
        """The length of each value in bytes."""
        if self._lengths is None or len(self._lengths) != len(self.texts):
            self._lengths = np.fromiter((len(memoryview(text)) for text in self.texts), np.int64, len(self.texts))
        return self._lengths

    def parts(self) -> Iterator[Values]:
        """The same values, of many some at a time."""
        if len(self.texts) <= _LOOKED_AT_AT_ONCE:
            yield self
            return
        for start in range(0, len(self.texts), _LOOKED_AT_AT_ONCE):
            some = slice(start, start + _LOOKED_AT_AT_ONCE)
            yield Values(self.texts[some], originals=self.originals and self.originals[some])

    def all_begin_with(self, start: bytes) -> bool:
        """True if every value is spelled with this at its start."""
        if self.joined is None:
            return all(memoryview(text)[: len(start)] == start for text in self.texts)
        lengths = self.lengths()
        if not len(lengths) or lengths.min() < len(start):
            return not len(lengths)
        places = self.start + np.cumsum(lengths + 1) - lengths - 1
        held = np.frombuffer(self.joined, np.uint8)[places[:, None] + np.arange(len(start))]
        return bool((held == np.frombuffer(start, np.uint8)).all())


class PlainRecords(Values):
    """The list of a ``Records`` file that is spelled as CloudTrail spells it, cut without decoding.

    Args:
        data: the file.
        ends: where each record but the last ends in it.
    """

    def __init__(self, data: bytes, ends: npt.NDArray[np.int64]) -> None:
        start = len(RECORDS_PLAIN)
        edges = np.concatenate(([start - 1], ends, [len(data) - len(b"]}")]))
        super().__init__((), data, start)
        self._plain_lengths = np.diff(edges) - 1

    def lengths(self) -> npt.NDArray[np.int64]:
        """The length of each record in bytes."""
        return self._plain_lengths


def cut_plain(data: bytes) -> PlainRecords | None:
    """Cut a file at ``},{"eventVersion":`` if it looks as CloudTrail writes it; None if it does not.

    The cut is a guess: whoever uses it must make sure that the file decodes to just as many records.
    """
    if not data.startswith(PLAIN_START) or not data.endswith(b"}]}"):
        return None
    return PlainRecords(data, places_of(data, BORDER_PLAIN) + 1)
