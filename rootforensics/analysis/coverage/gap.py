"""A coverage gap: what the logs may not show, when, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, plural, some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from rootforensics.analysis.coverage.hours import Region
    from rootforensics.queries import rows as of

    #: An account, if it has to be named, a Region of it, and some of the Region's times.
    RegionTimes = tuple[str, Region, list[of.CoverageSpans]]

_TIMES_SHOWN: Final = 3
_REGIONS_SHOWN: Final = 8
#: So long before its delivery the view ``evidence_gaps`` has what a log may hold begin.
_LATE: Final = timedelta(hours=1)
#: What remains unknown because the record of an event lacks a field.
_LACKING: Final = {
    "identity": "who acted in {} with an unreadable identity",
    "eventName": "which call was made in {} without an eventName",
    "eventSource": "which service was called in {} without an eventSource (several services have this call)",
    "service": "what was changed in {} from a service that is in neither AWS's models nor the catalogue",
    "accessKeyId": "whether a key that root created was used in {} without an accessKeyId",
    "answer": "the result of {} whose record does not name what was created, opened or enabled",
    "account": "in which account root acted in {} without an account ID",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A coverage gap: something that the logs may not show.

    Attributes:
        text: what is missing, in words.
        from_time: since when, UTC; None if that is not known.
        until_time: until when, UTC; None if it does not end, or that is not known.
        but: Regions without the gap.
        reads_only: True if only reads are missing.
    """

    text: str
    from_time: datetime | None = None
    until_time: datetime | None = None
    but: frozenset[str] = frozenset()
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A time that is asked about.

    Attributes:
        since: its first moment, UTC; None for all time before.
        until: its last moment, UTC; None for all time after.
        is_by_hour: whether each hour of it is judged by itself, in each Region: then no pause tells anything.
    """

    since: datetime | None = None
    until: datetime | None = None
    is_by_hour: bool = False

    def meets(self, from_time: datetime | None, until_time: datetime | None) -> bool:
        """Whether another time lies in it in part; what has no begin or no end is taken for open there."""
        begins = from_time is None or self.until is None or from_time <= self.until
        ends = until_time is None or self.since is None or until_time >= self.since
        return begins and ends


ALWAYS = Span()


def nameless_text(rows: list[of.UnattributedEvents]) -> tuple[str, ...]:
    """The gap that tables without an identity column leave."""
    if not rows:
        return ()
    what = plural(sum(row["event_count"] for row in rows), "event")
    return (f"who acted in {what} of {_names(rows)}: no column has userIdentity.type or userIdentity.arn",)


def not_read_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """The gap that unread files leave, if they may contain events."""
    if not rows:
        return ()
    return (f"{plural(len(rows), 'file that was', 'files that were')} not read ({_names(rows)})",)


def broken_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """Of objects that could not be read completely, or were modified."""
    return (
        *_spoiled_text([row for row in rows if row["kind"] == "damaged"], "that could not be read completely"),
        *_spoiled_text([row for row in rows if row["kind"] == "modified"], "modified after delivery"),
        *_chain_text([row for row in rows if row["kind"] == "chain_broken"]),
    )


def _spoiled_text(rows: list[of.CoverageGaps], why: str) -> tuple[str, ...]:
    if not rows:
        return ()
    if not all(row["until_time"] and row["region"] for row in rows):
        return (f"{plural(len(rows), 'file')} {why} ({_evidence(rows)})",)
    return (f"{_logs(rows)} {why} ({_delivered(rows)}; {_evidence(rows)})",)


def _chain_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """The gap that a break in a digest chain leaves."""
    if not rows:
        return ()
    breaks = [f"{_regions([row])}, {_delivered([row])}" for row in rows]
    many = "a break in the digest chain" if len(breaks) == 1 else "breaks in the digest chains"
    return (f"log files that may have been deleted during {many} ({some(breaks, _REGIONS_SHOWN, '; ')})",)


def listed_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """The gap that logs leave which digest files list and the case does not have."""
    if not rows:
        return ()
    return (f"{_logs(rows)} listed in digest files but not in the case ({_delivered(rows)})",)


def silent_text(found: list[RegionTimes]) -> tuple[str, ...]:
    """The gap at times without any log, where that is unusual."""
    return _of_times(found, "logs from {}: the case has no log or digest file of this time, which is unusual there")


def incomplete_text(found: list[RegionTimes]) -> tuple[str, ...]:
    """The gap at times for which digest files list more logs."""
    return _of_times(found, "all logs from {}: digest files list more than the case has")


def unproven_text(found: list[RegionTimes]) -> tuple[str, ...]:
    """The gap at times without any log, where that is common."""
    return _of_times(found, "digest files of {}: the case has no log of this time, which is usual for this Region")


def _of_times(found: list[RegionTimes], text: str) -> tuple[str, ...]:
    """One text for all Regions with the same gaps; if there are many, the first few are named."""
    alike: dict[tuple[str, tuple[datetime, ...]], list[RegionTimes]] = {}
    for one in found:
        account, _, rows = one
        alike.setdefault((account, tuple(row["from_time"] for row in rows)), []).append(one)
    texts = []
    for (account, _), same in [*alike.items()][:_REGIONS_SHOWN]:
        _, region, rows = same[0]
        times = [f"{_minute(row['from_time'])} to {_minute(row['until_time'])}" for row in rows[:_TIMES_SHOWN]]
        more = f" and {len(rows) - _TIMES_SHOWN:,} more" if len(rows) > _TIMES_SHOWN else ""
        hours = f"in {sum(row['hour_count'] for row in rows):,} of {plural(region.hours.total(), 'hour')}"
        names = ", ".join(region.name for _, region, _ in same)
        owner = f" of account {account}" if account else ""
        texts.append(text.format(f"{names}{owner} {hours} ({', '.join(times)}{more})"))
    if left := sum(len(same) for same in [*alike.values()][_REGIONS_SHOWN:]):
        texts.append(f"{text.format(f'{left:,} more Regions')} (rootforensics coverage names them)")
    return tuple(texts)


def unjudged_text(rows: list[of.IncompleteEvents]) -> tuple[str, ...]:
    """The gaps that records leave because they lack fields that the rules need."""
    by_field = {lacks: [row for row in rows if row["lacks"] == lacks] for lacks in _LACKING}
    return tuple(
        f"{_LACKING[lacks].format('an event' if len(own) == 1 else f'{len(own):,} events')}"
        f" ({some([row['eventID'] or f'no eventID, {place_text(row)}' for row in own])})"
        for lacks, own in by_field.items()
        if own
    )


def _logs(rows: list[of.CoverageGaps]) -> str:
    return f"{plural(sum(row['object_count'] for row in rows), 'log file')} from {_regions(rows)}"


def _regions(rows: list[of.CoverageGaps]) -> str:
    return ", ".join(sorted({row["region"] or "an unknown Region" for row in rows}))


def _delivered(rows: list[of.CoverageGaps]) -> str:
    untils = [moment for row in rows if (moment := row["until_time"])]
    begins = [moment for row in rows if (moment := row["from_time"])]
    if not untils:
        return "delivered at an unknown time"
    last = _minute(max(untils))
    if len(begins) < len(rows):
        return f"delivered before {last}"
    first = _minute(min(begins) + _LATE)
    return f"delivered {first if first == last else f'{first} to {last}'}"


def _evidence(rows: list[of.CoverageGaps]) -> str:
    """The numbers of the files in the case, each once; the first few of them."""
    numbers = {number for row in rows if (number := row["evidence_id"]) is not None}
    return f"{'file' if len(numbers) == 1 else 'files'} {some([str(number) for number in sorted(numbers)])}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _names(rows: Sequence[of.CoverageGaps | of.UnattributedEvents]) -> str:
    """The names of the files, each once; the first few of them."""
    names = {row["evidence_id"]: (row["uri"] or "").rstrip("/").rsplit("/", 1)[-1] for row in rows}
    return some(list(names.values()))


def unseen_beyond(rows: list[of.CrossAccountSessions], held: Collection[str | None]) -> Iterator[str]:
    """The logs of other accounts that may show further actions, in words; each account once.

    Args:
        rows: of one account.
        held: accounts with events in the case.
    """
    first: dict[str, of.CrossAccountSessions] = {}
    for row in rows:
        if row["entered"] not in held:
            first.setdefault(row["entered"], row)
    for account, row in first.items():
        when = f" at {at(row['eventTime'])}" if row["eventTime"] else ""
        yield (
            f"logs from account {account}, which an identity that descends from root entered with "
            f"{row['eventName']}{when}: the case has none"
        )
