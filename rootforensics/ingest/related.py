"""What belongs to root's story, found in records that are not decoded.

At first: marks of root, and calls that views, questions and the catalogue read whoever made them. Once these are
loaded, the names of what descends from root are known, and looked for in a second reading.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rootforensics.ingest.root_marks import places_of_marks
from rootforensics.ingest.scan import places_of
from rootforensics.ingest.spelling import VERSION
from rootforensics.ingest.values import BORDER_PLAIN, EVENT_START, PLAIN_START

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from rootforensics.ingest.values import Values

#: EventNames, one a line, written by ``make docs`` from the SQL and the data files that read them.
CALLS_FILE: Final = "related_calls.txt"
#: Likewise, those of calls that are critical or high, and too frequent for each to be taken in.
COUNTED_FILE: Final = "counted_calls.txt"
#: Stands before the name of an event as CloudTrail spells it; a record without it may be of any name.
NAME: Final = b'"eventName":"'
_END: Final = b"]}"
#: Records are longer than this on average; a text that is denser with them is not cut here.
_LEAST_AVERAGE_BYTES: Final = 100
#: So much of a name is compared at first, by a table of so many bits of a product.
_WORD: Final = np.dtype("<u8")
#: Setting this bit in each byte turns capital letters into small ones. Quotes, blanks and digits already have it.
_SMALL: Final = np.uint64(0x2020202020202020)
#: What may stand behind a name: its end, blanks, which do not count, as text or as an escape, or a version of an API.
_ENDS: Final = (
    *(b'",', b'"}', b'" ', b' "', b"  ", rb"\t", rb"\n", rb"\r", rb"\u", b"\xc2\xa0", b"\xef\xbb"),
    *(b"20", b"_2"),
)
_VERSION: Final = re.compile(VERSION.encode())
#: The same around a name in a regular expression.
_AROUND: Final = r'(?:\\[tnr]|\\u[0-9A-Fa-f]{4}|[^"\\A-Za-z0-9])*'
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(48)
#: What names of IAM are made of; engines do not agree on what a letter is.
OF_NAMES: Final = r"A-Za-z0-9_+=,.@-"
#: One pattern of the search engine holds so many names.
_NAMES_AT_ONCE: Final = 1000


@cache
def related_calls() -> frozenset[str]:
    """The eventNames that are read whoever made the call."""
    return frozenset(files(__package__).joinpath(CALLS_FILE).read_text(encoding="utf-8").split())


@cache
def counted_names() -> frozenset[str]:
    """The eventNames whose calls by others are counted by name: they are critical or high, and used all day."""
    return frozenset(files(__package__).joinpath(COUNTED_FILE).read_text(encoding="utf-8").split())


def calls_pattern() -> str:
    """A regular expression that finds a name of ``related_calls``, in any case, in the text of a record."""
    names = "|".join(sorted(related_calls()))
    return f'(?i){NAME.decode()}{_AROUND}(?:{names})(?:{VERSION.removesuffix("$")})?{_AROUND}"'


def patterns(names: Sequence[str]) -> list[str]:
    """Regular expressions that find any of some names as a whole, few enough in each for the engines that run them."""
    parts = range(0, len(names), _NAMES_AT_ONCE)
    listed = ["|".join(map(re.escape, names[place : place + _NAMES_AT_ONCE])) for place in parts]
    return [f"(?:^|[^{OF_NAMES}])(?:{one})(?:[^{OF_NAMES}]|$)" for one in listed]


class Related:
    """What is looked for in a reading.

    Args:
        names: of what descends from root; without any, marks of root and calls are looked for.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._patterns = patterns(names)
        #: Whether names are not known yet: then what is not related is counted.
        self.is_first = not names

    def of_values(self, values: Values) -> list[int]:
        """The places in a list of the records that may be related, in order; all others certainly are not.

        Args:
            values: records, each beginning with ``{"eventVersion":``.
        """
        lengths = values.lengths()
        if not len(lengths):
            return []
        joined, start = (b",".join(values.texts), 0) if values.joined is None else (values.joined, values.start)
        starts = start + np.cumsum(lengths + 1) - lengths - 1
        found: list[int] = self.among(joined, starts, places_of(joined, NAME)).tolist()
        return found

    def among(self, text: bytes, starts: npt.NDArray[np.int64], names: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The places of the records that may be related.

        Args:
            text: with the records.
            starts: where each begins in it.
            names: where ``"eventName":"`` stands in it. A record without one is related: nobody knows its name.
        """
        if self._patterns:
            return _matching(text, np.append(starts, len(text)), self._patterns)
        places = [*places_of_marks(text), *_calls_at(text, names + len(NAME))]
        found = np.searchsorted(starts, np.array(places, np.int64), "right") - 1
        named = np.zeros(len(starts), bool)
        named[np.maximum(np.searchsorted(starts, names, "right") - 1, 0)] = True
        return np.union1d(found[found >= 0], np.flatnonzero(~named))


@cache
def _table() -> npt.NDArray[np.bool_]:
    """Which products the beginnings of names have, in small letters."""
    begin = {(name + end)[: _WORD.itemsize] for name in _encoded_calls() for end in _ENDS}
    table = np.zeros(1 << 16, bool)
    table[(np.frombuffer(b"".join(begin), _WORD) | _SMALL) * _FACTOR >> _SHIFT] = True
    return table


def _calls_at(text: bytes, places: npt.NDArray[np.int64]) -> Iterator[int]:
    """Those of some places at which the name of a related call stands, in any case and with blanks around it."""
    calls = _encoded_calls()
    words = _words(text)
    places = places[places < len(words)]
    small = words[places] | _SMALL
    first = small & np.uint64(0xFF)
    is_odd = (first < ord("a")) | (first > ord("z"))
    for place in places[is_odd | _table()[small * _FACTOR >> _SHIFT]].tolist():
        name = bytes(text[place : text.find(b'"', place)])
        # Escapes and blanks are few: the load decides.
        if not name.isalnum() or _VERSION.sub(b"", name.lower()) in calls:
            yield place


def _words(text: bytes) -> npt.NDArray[np.uint64]:
    """The eight bytes from each place of a text on, as a number."""
    return np.ndarray((max(len(text) - _WORD.itemsize + 1, 0),), _WORD, text, strides=(1,))


@cache
def _encoded_calls() -> frozenset[bytes]:
    """The names of related calls, in small letters."""
    return frozenset(name.lower().encode() for name in related_calls())


class Cut(NamedTuple):
    """What was cut out of a file.

    Attributes:
        texts: the records that may be related, as they stand.
        indexes: their positions in the file.
        record_count: how many records the file has.
    """

    texts: list[bytes]
    indexes: list[int]
    record_count: int


def cut_related(data: bytes, related: Related) -> Cut | None:
    """Cut a file as CloudTrail writes it at ``},{"eventVersion":`` around each record that may be related.

    In such a file each piece has one name of an event: a container, of which nobody knows how many events are in it,
    has none or several, and so has what stands before and behind a place that is no border of records.

    Args:
        data: a file that begins with ``PLAIN_START``.
        related: what is looked for.

    Returns:
        The records; None if the file is spelled in any other way than CloudTrail's, or broken.
    """
    if not data.endswith(b"}" + _END):
        return None
    first = len(PLAIN_START) - len(EVENT_START)
    starts = np.append(first, places_of(data, BORDER_PLAIN) + len(b"},"))
    names = places_of(data, NAME)
    if len(names) != len(starts) or len(starts) * _LEAST_AVERAGE_BYTES > len(data):
        return None
    is_text = np.frombuffer(data, np.uint8)[starts + len(EVENT_START)] == ord('"')
    if (names < starts).any() or (names[:-1] > starts[1:]).any() or not is_text.all():
        return None
    ends = np.append(starts[1:] - 1, len(data) - len(_END))
    chosen = related.among(data, starts, names)
    edges = zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True)
    return Cut([data[start:end] for start, end in edges], chosen.tolist(), len(starts))


def _matching(text: bytes, edges: npt.NDArray[np.int64], wanted: Sequence[str]) -> npt.NDArray[np.int64]:
    """The places of the parts of a text, between edges, in which one of some patterns is found."""
    # From and to buffers: Arrow's own ways to Python and NumPy would first import pandas.
    rows = pa.Array.from_buffers(pa.large_binary(), len(edges) - 1, [None, pa.py_buffer(edges), pa.py_buffer(text)])
    hits = [pc.indices_nonzero(pc.match_substring_regex(rows, pattern=one)) for one in wanted]
    places = [np.frombuffer(hit.buffers()[1], np.uint64, len(hit)) for hit in hits]
    return np.unique(np.concatenate([*places, np.empty(0, np.uint64)])).astype(np.int64)
