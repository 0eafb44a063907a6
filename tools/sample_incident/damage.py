"""What went wrong with the evidence: a shared ID, and files cut, copied, empty, deleted or changed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.sample_incident.delivery import LogFile, find, squeeze, wrap
from tools.sample_incident.ids import Ids, at
from tools.sample_incident.people import EAST1, EAST2, MAIN_TRAIL, PROD, SANDBOX, SECOND_TRAIL, WEST2

if TYPE_CHECKING:
    from tools.sample_incident.plan import Planned


@dataclass(frozen=True)
class Damage:
    """The files that are not what they should be."""

    truncated: LogFile
    copy: LogFile
    copied: LogFile
    empty: LogFile
    deleted: LogFile
    modified: LogFile


def share_event_id(marked: Planned, events: list[Planned]) -> Planned:
    """Give an ordinary event of an earlier day the event ID of a root event; must run before delivery."""
    other = next(
        event
        for event in events
        if event.origin is None
        and (event.account, event.region) == (PROD, EAST1)
        and event.time.startswith("2026-08-03T11")
        and not event.note
    )
    other.record["eventID"] = marked.record["eventID"]
    return other


def inflict(files: list[LogFile], marks: dict[str, Planned], ids: Ids) -> Damage:
    """Spoil some files, adding to `files` those that CloudTrail did not deliver itself."""
    deleted = find(files, marks["snapshot"], MAIN_TRAIL)
    deleted.present = False
    deleted.readable = []
    modified = find(files, marks["root_key"], MAIN_TRAIL)
    modified.readable.remove(marks["root_key"])
    modified.stored = squeeze(wrap(modified.readable))
    truncated = _cut(files)
    copied = next(
        file
        for file in files
        if (file.account, file.region) == (SANDBOX, WEST2)
        and len(file.events) > 5
        and not any(event.origin for event in file.events)
        and file.delivered > at(4, "06:00:00")
    )
    copy = replace(copied, unique="z" + ids.unique()[1:])
    if copy.path < copied.path:
        raise ValueError("the copy must sort after its original")
    empty = LogFile(PROD, EAST2, MAIN_TRAIL, at(7, "21:17:40"), ids.unique(), [])
    files += [copy, empty]
    _check_survival(deleted, files)
    return Damage(truncated, copy, copied, empty, deleted, modified)


def _check_survival(deleted: LogFile, files: list[LogFile]) -> None:
    """Make sure that the second trail still has what was deleted, so that no event is lost by the plan."""
    kept = {id(event) for file in files if file.trail == SECOND_TRAIL for event in file.readable}
    if not all(id(event) in kept for event in deleted.events):
        raise ValueError("a deleted event is in no other file")


def _cut(files: list[LogFile]) -> LogFile:
    """Cut a file of ordinary events in the middle of the record after the first 60 %."""
    file = next(
        file
        for file in files
        if (file.account, file.region) == (SANDBOX, WEST2)
        and file.delivered > at(5, "12:00:00")
        and len(file.events) >= 20
        and not any(event.origin or event.note for event in file.events)
    )
    whole = len(file.events) * 6 // 10
    while len(file.events[whole].text) < 900:
        whole += 1
    start = len(wrap(file.events[:whole])) - len("]}") + 1
    target = start + len(file.events[whole].text.encode()) // 2
    file.stored = file.stored[: _compressed_length(file.stored, target)]
    file.readable = file.events[:whole]
    reached = len(_inflate(file.stored))
    if not start + 100 < reached < start + len(file.events[whole].text.encode()) - 100:
        raise ValueError("the cut does not fall within the chosen record")
    return file


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)


def _compressed_length(data: bytes, target: int) -> int:
    """Return how many compressed bytes are needed to inflate `target` bytes."""
    low, high = 0, len(data)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if len(_inflate(data[:middle])) >= target else (middle + 1, high)
    return low
