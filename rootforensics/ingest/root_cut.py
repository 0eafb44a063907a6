"""Cut the records that may concern root out of a file as CloudTrail writes it, and leave all others in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import stringzilla

from rootforensics.ingest.framing import BORDER_PLAIN, EVENT_START, PLAIN_START
from rootforensics.ingest.root_marks import places_of_marks

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION: Final = EVENT_START[1:]
_NAME: Final = b'"eventName":"'
_END: Final = b"]}"
#: Records are longer than this on average; a text that is denser with them is not cut here.
_LEAST_AVERAGE_BYTES: Final = 100


class _Headed(msgspec.Struct, gc=False):
    eventVersion: str


class _HeadedFile(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    Records: list[_Headed]


_decoder: Final = msgspec.json.Decoder(_HeadedFile)
_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


class RootCut(NamedTuple):
    """What was cut out of a file.

    Attributes:
        texts: the records that may concern root, as they stand.
        indexes: their positions in the file.
        record_count: how many records the file has.
    """

    texts: list[bytes]
    indexes: list[int]
    record_count: int


def cut_root(data: bytes) -> RootCut | None:
    """Cut a file at ``},{"eventVersion":`` around each record that may concern root.

    The decoder has seen that the file is valid, and that each record has an ``eventVersion`` that is a text; there are
    no more of that name than records, so no place where the file is cut lies inside a record. There are as many names
    of events, so none of them is a container, of which nobody knows how many events are in it.

    Args:
        data: a file that begins with ``PLAIN_START``.

    Returns:
        The records; None if the file is spelled in any other way than CloudTrail's, or broken.
    """
    count = int(stringzilla.count(data, _VERSION))
    if not data.endswith(b"}" + _END) or count * _LEAST_AVERAGE_BYTES > len(data):
        return None
    try:
        record_count = len(_decoder.decode(data).Records)
    except _NOT_VALID:
        return None
    if record_count != count or int(stringzilla.count(data, _NAME)) != count:
        return None
    if int(stringzilla.count(data, BORDER_PLAIN)) != count - 1:
        return None
    cut = list(_records(data, sorted(places_of_marks(data))))
    return RootCut([text for _, text in cut], [index for index, _ in cut], record_count)


def _records(data: bytes, places: list[int]) -> Iterator[tuple[int, bytes]]:
    """The records around the places, each once, with their positions."""
    start, index = len(PLAIN_START) - len(EVENT_START), 0
    end = start
    for place in places:
        if place < end:
            continue
        before = stringzilla.rfind(data, BORDER_PLAIN, start, place)
        if before >= 0:
            index += int(stringzilla.count(data, BORDER_PLAIN, start, before + len(BORDER_PLAIN)))
            start = before + len(b"},")
        border = stringzilla.find(data, BORDER_PLAIN, place)
        end = border + 1 if border >= 0 else len(data) - len(_END)
        yield index, data[start:end]
