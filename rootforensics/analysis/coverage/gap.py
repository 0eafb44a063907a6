"""Something that the logs may not show: when, and in words."""

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
#: What an event of which the record lacks a field keeps from being known.
_LACKING: Final = {
    "identity": "who acted in {} whose identity could not be read",
    "eventName": "which call was made in {} that names none",
    "eventSource": "which service was called in {} that names none and whose call is not of one service alone",
    "service": "what was changed in {} of a service that neither AWS's models nor the catalogue know",
    "accessKeyId": "whether a key that root made was used in {} that names none",
    "answer": "the outcome of {} of which the record does not say whom it made, opened or switched on",
    "account": "in which account root acted in {} that names none",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the logs may not show.

    Attributes:
        text: what is missing, in words.
        from_time: since when, UTC; None if that is not known.
        until_time: until when, UTC; None if it does not end, or that is not known.
        but: Regions in which it is not missing.
        reads_only: only reads are.
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
    """Of tables that do not say who acted."""
    if not rows:
        return ()
    what = plural(sum(row["event_count"] for row in rows), "event")
    return (f"who acted in {what} of {_names(rows)}: no column holds userIdentity.type or userIdentity.arn",)


def not_read_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """Of objects that were not read and may hold events."""
    if not rows:
        return ()
    return (f"{plural(len(rows), 'object that was', 'objects that were')} not read ({_names(rows)})",)


def broken_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """Of objects that could not be read whole, or were changed."""
    return (
        *_spoiled_text([row for row in rows if row["kind"] == "damaged"], "that could not be read whole"),
        *_spoiled_text(
            [row for row in rows if row["kind"] == "modified"], "with another content than CloudTrail delivered"
        ),
        *_chain_text([row for row in rows if row["kind"] == "chain_broken"]),
    )


def _spoiled_text(rows: list[of.CoverageGaps], why: str) -> tuple[str, ...]:
    if not rows:
        return ()
    if not all(row["until_time"] and row["region"] for row in rows):
        what = "object" if len(rows) == 1 else "objects"
        return (f"{len(rows):,} {what} of evidence {why} ({_evidence(rows)})",)
    return (f"{_logs(rows)} {why} ({_delivered(rows)}; {_evidence(rows)})",)


def _chain_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """Of times in which digest files prove nothing."""
    if not rows:
        return ()
    where = f"logs of {_regions(rows)}, if some were deleted where the chain of digest files breaks"
    return (f"{where} ({_delivered(rows)})",)


def listed_text(rows: list[of.CoverageGaps]) -> tuple[str, ...]:
    """Of logs that digest files list."""
    if not rows:
        return ()
    alone = sum(row["object_count"] for row in rows) == 1
    that = "a digest file lists" if alone else "digest files list"
    return (f"{_logs(rows)} that {that} and the case does not hold ({_delivered(rows)})",)


def silent_text(found: list[RegionTimes]) -> tuple[str, ...]:
    """Of times whose logs are missing."""
    return _of_times(found, "logs of {}: neither a log nor a digest file is here, which is unusual there")


def incomplete_text(found: list[RegionTimes]) -> tuple[str, ...]:
    """Of times of which some logs are missing."""
    return _of_times(found, "all logs of {}: digest files list more than are here")


def unproven_text(found: list[RegionTimes]) -> tuple[str, ...]:
    """Of times of which nothing tells whether there were logs."""
    return _of_times(
        found, "proof that nothing was recorded in {}: no log is here, as is common there, and no digest file"
    )


def _of_times(found: list[RegionTimes], text: str) -> tuple[str, ...]:
    """Of some times of Regions, those that lack the same ones together; of many Regions the first few."""
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
        whose = f" of account {account}" if account else ""
        texts.append(text.format(f"{names}{whose} {hours} ({', '.join(times)}{more})"))
    if left := sum(len(same) for same in [*alike.values()][_REGIONS_SHOWN:]):
        texts.append(f"{text.format(f'{left:,} more Regions')} (rootforensics coverage names them)")
    return tuple(texts)


def unjudged_text(rows: list[of.IncompleteEvents]) -> tuple[str, ...]:
    """Of events whose records lack what rules go by."""
    told = {lacks: [row for row in rows if row["lacks"] == lacks] for lacks in _LACKING}
    return tuple(
        f"{_LACKING[lacks].format('an event' if len(own) == 1 else f'{len(own):,} events')}"
        f" ({some([row['eventID'] or f'one without an eventID, {place_text(row)}' for row in own])})"
        for lacks, own in told.items()
        if own
    )


def _logs(rows: list[of.CoverageGaps]) -> str:
    return f"{plural(sum(row['object_count'] for row in rows), 'log')} of {_regions(rows)}"


def _regions(rows: list[of.CoverageGaps]) -> str:
    return ", ".join(sorted({row["region"] or "a Region that is not known" for row in rows}))


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
    """The rows of the ledger, each once, the first few of them."""
    numbers = {number for row in rows if (number := row["evidence_id"]) is not None}
    return f"evidence {some([str(number) for number in sorted(numbers)])}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _names(rows: Sequence[of.CoverageGaps | of.UnattributedEvents]) -> str:
    """The names of the objects, each once, the first few of them."""
    names = {row["evidence_id"]: (row["uri"] or "").rstrip("/").rsplit("/", 1)[-1] for row in rows}
    return some(list(names.values()))


def unseen_beyond(rows: list[of.CrossAccountSessions], held: Collection[str | None]) -> Iterator[str]:
    """What may be missing of where actions went on, in words; each account once.

    Args:
        rows: of one account.
        held: accounts of which the case holds events.
    """
    first: dict[str, of.CrossAccountSessions] = {}
    for row in rows:
        if row["entered"] not in held:
            first.setdefault(row["entered"], row)
    for account, row in first.items():
        when = f" at {at(row['eventTime'])}" if row["eventTime"] else ""
        yield (
            f"logs of account {account}, which what descends from root entered by {row['eventName']}{when}: the case "
            "holds"
            " none"
        )
