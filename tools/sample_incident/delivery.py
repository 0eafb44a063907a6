"""Turn events into log files: which trail delivers which event when, under which name."""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tools.sample_incident.ids import Ids, at
from tools.sample_incident.people import EAST1, MAIN_TRAIL, PROD, SECOND_TRAIL
from tools.sample_incident.story_end import RESTARTED, STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.sample_incident.plan import Planned

SECOND_BEGINS, SECOND_ENDS = at(4, "09:05:40"), at(5, "20:00:00")
_EPOCH = datetime(2026, 8, 1, tzinfo=UTC)


@dataclass(eq=False)
class LogFile:
    """One log file: what CloudTrail delivered (`events`) and what is in the folder now."""

    account: str
    region: str
    trail: str
    delivered: datetime
    unique: str
    events: list[Planned]
    present: bool = True
    readable: list[Planned] = field(init=False)
    stored: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.readable = list(self.events)
        self.stored = squeeze(self.body)

    @property
    def path(self) -> str:
        """Path below `sample_logs/`; in the bucket the same path is the key."""
        day, minute = self.delivered.strftime("%Y/%m/%d"), self.delivered.strftime("%Y%m%dT%H%MZ")
        name = f"{self.account}_CloudTrail_{self.region}_{minute}_{self.unique}.json.gz"
        return f"AWSLogs/{self.account}/CloudTrail/{self.region}/{day}/{name}"

    @property
    def body(self) -> bytes:
        """The uncompressed content as delivered."""
        return wrap(self.events)


def wrap(events: Iterable[Planned]) -> bytes:
    """Return `{"Records":[…]}` on one line."""
    return ('{"Records":[' + ",".join(event.text for event in events) + "]}").encode()


def squeeze(body: bytes) -> bytes:
    """Return the gzip form of a body, the same bytes at every run."""
    return gzip.compress(body, compresslevel=9, mtime=0)


def when(event: Planned) -> datetime:
    """Return the time of an event."""
    return datetime.strptime(event.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def on_main_trail(event: Planned) -> bool:
    """Return whether the account's all-Region trail was logging when the event happened."""
    return event.account != PROD or not STOPPED < when(event) < RESTARTED


def on_second_trail(event: Planned) -> bool:
    """Return whether the second trail (one Region, a day and a half) recorded the event."""
    return (event.account, event.region) == (PROD, EAST1) and SECOND_BEGINS <= when(event) < SECOND_ENDS


def deliver(events: list[Planned], ids: Ids) -> list[LogFile]:
    """Return the files of both trails; events that no trail recorded are in none."""
    main = [event for event in events if on_main_trail(event)]
    second = [event for event in events if on_second_trail(event)]
    files = _group(main, ids, MAIN_TRAIL, 0)
    return files + _merge_same(_group(second, ids, SECOND_TRAIL, 140), {file.body for file in files})


def _merge_same(second: list[LogFile], bodies: set[bytes]) -> list[LogFile]:
    """Let a file that would equal one of the main trail wait for the next: no two files are the same."""
    merged: list[LogFile] = []
    waiting: list[Planned] = []
    for file in sorted(second, key=lambda file: file.delivered):
        joined = replace(file, events=waiting + file.events)
        waiting = joined.events if joined.body in bodies else []
        if not waiting:
            merged.append(joined)
    if waiting:
        raise ValueError("the last file of the second trail equals one of the main trail")
    return merged


def _group(events: list[Planned], ids: Ids, trail: str, shift: int) -> list[LogFile]:
    """Collect events into five-minute deliveries; the order within a file is not the order of time."""
    windows: dict[tuple[str, str, int], list[Planned]] = defaultdict(list)
    for event in events:
        lag = min(270.0, ids.random.expovariate(1 / 25))
        slot = int((when(event) - _EPOCH).total_seconds() + shift + lag) // 300
        windows[event.account, event.region, slot].append(event)
    files = []
    for (account, region, slot), members in sorted(windows.items()):
        ids.random.shuffle(members)
        members.sort(key=lambda event: event.time[:15])
        seconds = (slot + 1) * 300 - shift + ids.random.randint(20, 170)
        delivered = _EPOCH + timedelta(seconds=seconds)
        name = trail if account == PROD else f"{account}-trail"
        files.append(LogFile(account, region, name, delivered, ids.unique(), members))
    return files


def find(files: Iterable[LogFile], event: Planned, trail: str) -> LogFile:
    """Return the file in which a trail delivered an event."""
    return next(file for file in files if file.trail == trail and event in file.events)
