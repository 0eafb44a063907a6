"""Coverage of each account and Region by hour, also as a line of characters."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.phrases import at, plural, some

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_HOUR: Final = timedelta(hours=1)
#: The most Regions without logs that a sentence names.
_REGIONS_SHOWN: Final = 4
#: What each state means. If one character covers several hours, it shows the first of these states among them.
STATES: Final = {
    "incomplete": "a log is missing, damaged, modified or partly filtered out",
    "unknown": "no logs, although logs are expected",
    "unproven": "no events and no logs; normal for this Region, but not proven",
    "empty_log": "a log was delivered, with no events in this hour",
    "events": "events",
    "quiet": "no events; digest files or the complete event history prove it",
}
_KNOWN: Final = ("events", "quiet")
#: The character of each state, and of several hours if some have events and others have no logs.
SIGNS: Final = {"incomplete": "!", "unknown": "?", "unproven": "~", "empty_log": "-", "events": "#", "quiet": "."}
MIXED: Final = "+"


def incomplete_hours(hours: Mapping[str, int]) -> int:
    """How many of some hours lack logs that are expected, or have incomplete ones."""
    return hours.get("unknown", 0) + hours.get("incomplete", 0)


def hours_in_words(hours: Mapping[str, int], absent: Collection[str]) -> str:
    """A sentence on how many hours have which state, and which Regions have no logs; empty if there are no hours.

    Args:
        hours: how many hours have which of ``STATES``.
        absent: Regions that should have logs and have none.
    """
    if not hours:
        return ""
    eventful, quiet = hours.get("events", 0), hours.get("quiet", 0)
    incomplete = incomplete_hours(hours)
    silent = hours.get("empty_log", 0) + hours.get("unproven", 0)
    total = sum(hours.values())
    sentences = [
        f"Hours, counted per Region: {total:,}.",
        f"The logs show events in {eventful:,}{f' and prove that {quiet:,} were quiet' if quiet else ''}.",
        f"Logs are missing or incomplete for {plural(incomplete, 'hour')}." if incomplete else "",
        f"Seeing no event in the other {plural(silent, 'hour')} is not proof that nothing happened." if silent else "",
        f"There are no logs from {some(list(absent), _REGIONS_SHOWN)}." if absent else "",
    ]
    return " ".join(filter(None, sentences))


@dataclass(frozen=True, slots=True)
class Region:
    """The hours of one Region of an account.

    Attributes:
        account_id: 12 digits.
        name: of the Region.
        spans: of its time, in order, each where the one before ends.
    """

    account_id: str
    name: str
    spans: Sequence[of.CoverageSpans]

    @property
    def hours(self) -> Counter[str]:
        """How many hours have which state."""
        counts: Counter[str] = Counter()
        for span in self.spans:
            counts[span["state"]] += span["hour_count"]
        return counts

    @property
    def is_missing(self) -> bool:
        """True if logs of the Region are expected and the case has none."""
        return all(span["state"] == "unknown" for span in self.spans)

    def within(self, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
        """A time of which one end or both are open there: as far as the account's time goes, an hour at least."""
        begin, end = self.spans[0]["from_time"], self.spans[-1]["until_time"]
        return since or min(begin, (until or end) - _HOUR), until or max(end, (since or begin) + _HOUR)

    def unproven_hours(self, since: datetime, until: datetime, *proofs: str) -> tuple[tuple[datetime, datetime], ...]:
        """The hours of a time for which no proof shows that all events are here, as begins and ends of whole hours.

        Args:
            since: of the time, UTC.
            until: the first moment after it.
            proofs: which ones count, as ``coverage_spans`` names them.
        """
        moment, end = (one.replace(minute=0, second=0, microsecond=0) for one in (since, until))
        end += _HOUR if end < until else timedelta()
        unproven = []
        for span in [one for one in self.spans if one["proven_by"] in proofs and one["until_time"] > moment]:
            if moment < (begin := min(span["from_time"], end)):
                unproven.append((moment, begin))
            moment = span["until_time"]
        return (*unproven, (moment, end)) if moment < end else tuple(unproven)

    def signs(self, begin: datetime, hours: int, count: int) -> str:
        """One character for every few hours.

        Args:
            begin: of the first hour.
            hours: that one character covers.
            count: of characters.
        """
        states: list[set[str]] = [set() for _ in range(count)]
        for span in self.spans:
            first = max((span["from_time"] - begin) // (_HOUR * hours), 0)
            last = min((span["until_time"] - begin - _HOUR) // (_HOUR * hours), count - 1)
            for index in range(first, last + 1):
                states[index].add(span["state"])
        return "".join(map(_sign, states))


def _sign(states: Collection[str]) -> str:
    if "incomplete" not in states and "events" in states and not {"unknown", "unproven"}.isdisjoint(states):
        return MIXED
    return next((SIGNS[state] for state in STATES if state in states), " ")


def regions_of(rows: Sequence[of.CoverageSpans]) -> dict[str, list[Region]]:
    """The Regions of each account; those in which root's sign-ins are recorded come first.

    Args:
        rows: of the question ``coverage_spans``.
    """
    listed: dict[tuple[str, str], list[of.CoverageSpans]] = defaultdict(list)
    for row in rows:
        listed[row["account_id"], row["region"]].append(row)
    found: dict[str, list[Region]] = defaultdict(list)
    for (account, name), spans in listed.items():
        found[account].append(Region(account, name, spans))
    for regions in found.values():
        regions.sort(key=lambda one: (one.name not in SIGN_IN_REGIONS, one.name))
    return dict(found)


def covered(case: Asks, account_id: str = "", since: datetime | None = None, until: datetime | None = None) -> str:
    """What the logs cover, in words, to print with an empty result; empty if the case has no logs.

    Args:
        case: the case.
        account_id: 12 digits; empty for all accounts.
        since: start of the result, UTC; None if it has no start.
        until: end of the result, exclusive; None if it has no end.
    """
    accounts = regions_of(case.query("coverage_spans", account_id=account_id).rows)
    if not accounts:
        return ""
    regions = [region for own in accounts.values() for region in own]
    begin = min(region.spans[0]["from_time"] for region in regions)
    end = max(region.spans[-1]["until_time"] for region in regions)
    where = f"{plural(len(accounts), 'account')} and {plural(len({region.name for region in regions}), 'Region')}"
    total = lacking = 0
    for region in regions:
        first, last = region.within(since, until)
        total += _hours(first, last)
        known = [span for span in region.spans if span["state"] in _KNOWN]
        lacking += _hours(first, last) - sum(
            _hours(max(first, span["from_time"]), min(last, span["until_time"])) for span in known
        )
    when = "".join(f" {word} {at(time)}" for word, time in (("from", since), ("until", until)) if time)
    partial = any("root_related" in row["filters"] for row in case.query("load_filters").rows)
    related = " The case has only the events that are related to root." if partial else ""
    return (
        f"The logs cover {where}, from {at(begin)} to {at(end)}. Coverage{when} is missing or not proven, at least in"
        f" part, for {lacking:,} of {total:,} hours, counted per Region (rootforensics coverage CASE).{related}"
    )


def _hours(since: datetime, until: datetime) -> int:
    """How many hours a time touches."""
    first = since.replace(minute=0, second=0, microsecond=0)
    return max(-((first - until) // _HOUR), 0) if since < until else 0
