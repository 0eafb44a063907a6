"""Replay the alarm: events arrive, are counted by period, and the alarm goes from OK to ALARM and back.

The alarm is evaluated at the end of each period and returns to OK after the first period without enough matches; it
fires again only then. Sources: Amazon CloudWatch User Guide on alarm evaluation; AWS CloudTrail User Guide on delivery
to CloudWatch Logs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.alarm.events import Deciding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.alarm.events import Decided, Doubts
    from rootforensics.analysis.alarm.settings import AlarmSettings
    from rootforensics.queries.asking import Asks

#: What shares one alarm: account and Region, either None where the alarm is wider.
Place = tuple[str | None, str | None]

SHOWN: Final = "shown"
NOT_MATCHED: Final = "not matched"
TOO_LARGE: Final = "too large"
NO_TIME: Final = "no time"
BELOW_THRESHOLD: Final = "below the threshold"
NO_FILTER_IN_REGION: Final = "Region without the filter"
NO_FILTER_IN_ACCOUNT: Final = "account without the filter"
#: A broad pattern matches all service activity of root; only this many of these events are kept individually.
_MAX_OTHERS: Final = 100_000


@dataclass(slots=True)
class Period:
    """What arrived in one period of one alarm.

    Attributes:
        event_count: matches.
        act_count: of these, events of root activity.
        first: the earliest match.
    """

    first: Decided
    event_count: int = 0
    act_count: int = 0


@dataclass(frozen=True, slots=True)
class Firing:
    """The alarm going from OK to ALARM.

    Attributes:
        place: account and Region of the alarm.
        alarm_time: the end of the first period with enough matches.
        clear_time: the end of the first period after it without.
        event_count: matches until then.
        act_count: of these, events of root activity.
        first: the earliest match.
    """

    place: Place
    alarm_time: datetime
    clear_time: datetime
    event_count: int
    act_count: int
    first: Decided


@dataclass(frozen=True, slots=True)
class Act:
    """An event of root activity, or a service event as root that the pattern matches.

    Attributes:
        event: the event.
        fate: ``shown``, or why the alarm never shows it.
        alarm_time: when the alarm was in ALARM state because of it; None if never.
        fired: whether the alarm fired then, having been OK before.
    """

    event: Decided
    fate: str
    alarm_time: datetime | None
    fired: bool


@dataclass(slots=True)
class Replay:
    """What an alarm would have done.

    Attributes:
        settings: the assumptions.
        acts: events of root activity, in order of time.
        others: other root events that the pattern matches: service activity attributed to root.
        others_left_out: how many more of these were only counted.
        firings: in order of time.
        match_count: events that the pattern matches and that arrive, root's or not.
        doubts: how events were decided that the columns could not decide.
    """

    settings: AlarmSettings
    acts: list[Act] = field(default_factory=list)
    others: list[Act] = field(default_factory=list)
    others_left_out: int = 0
    firings: list[Firing] = field(default_factory=list)
    match_count: int = 0
    doubts: Doubts | None = None

    @property
    def unneeded(self) -> list[Act]:
        """Events that need no alarm but are shown: privileged sessions, and services as root."""
        sessions = [act for act in self.acts if act.event.origin == "privileged_session"]
        return sorted(
            (act for act in (*sessions, *self.others) if act.fate == SHOWN), key=lambda act: _event_order(act.event)
        )


def replay(case: Asks, settings: AlarmSettings) -> Replay:
    """Replay an alarm over a case.

    Args:
        case: answers SQL.
        settings: the alarm and what feeds it.

    Returns:
        The result. Root events are kept individually, all others as counts of their periods.
    """
    deciding = Deciding(case, settings)
    out = Replay(settings, doubts=deciding.doubts)
    periods: dict[Place, dict[int, Period]] = {}
    kept: list[Decided] = []
    noise_count = 0
    for event in deciding.events():
        if event.origin_group == "noise" and noise_count == _MAX_OTHERS:
            out.others_left_out += 1
        elif event.origin_group is not None:
            noise_count += event.origin_group == "noise"
            kept.append(event)
        if _obstacle(event, settings):
            continue
        out.match_count += 1
        held = periods.setdefault(_place(event, settings), {})
        period = held.setdefault(_number(event, settings), Period(event))
        period.event_count += 1
        period.act_count += event.origin_group == "activity"
        period.first = min(period.first, event, key=_event_order)
    starts: dict[Place, set[int]] = {}
    for place, held in periods.items():
        for start, firing in _firings(place, held, settings):
            out.firings.append(firing)
            starts.setdefault(place, set()).add(start)
    out.firings.sort(key=lambda firing: (firing.alarm_time, str(firing.place)))
    for event in sorted(kept, key=_event_order):
        act = _act(event, periods, starts, settings)
        (out.acts if event.origin_group == "activity" else out.others).append(act)
    return out


def _obstacle(event: Decided, settings: AlarmSettings) -> str:
    """Why an event never reaches the metric; empty if it does."""
    if settings.accounts and event.account_id not in settings.accounts:
        return NO_FILTER_IN_ACCOUNT
    if settings.regions and event.region not in settings.regions:
        return NO_FILTER_IN_REGION
    if not event.matched:
        return NOT_MATCHED
    if event.too_large:
        return TOO_LARGE
    return "" if event.time else NO_TIME


def _act(
    event: Decided, periods: dict[Place, dict[int, Period]], starts: dict[Place, set[int]], settings: AlarmSettings
) -> Act:
    fate = _obstacle(event, settings)
    if fate:
        return Act(event, fate, None, fired=False)
    place, number = _place(event, settings), _number(event, settings)
    if periods[place][number].event_count < settings.threshold:
        return Act(event, BELOW_THRESHOLD, None, fired=False)
    return Act(event, SHOWN, _end(number, settings), number in starts[place])


def _firings(place: Place, periods: dict[int, Period], settings: AlarmSettings) -> Iterator[tuple[int, Firing]]:
    """Each run of periods with enough matches, by its first period's number."""
    run: list[int] = []
    for number in sorted(periods):
        if periods[number].event_count < settings.threshold:
            continue
        if run and number != run[-1] + 1:
            yield run[0], _firing(place, [periods[one] for one in run], run, settings)
            run = []
        run.append(number)
    if run:
        yield run[0], _firing(place, [periods[one] for one in run], run, settings)


def _firing(place: Place, held: list[Period], run: list[int], settings: AlarmSettings) -> Firing:
    return Firing(
        place,
        _end(run[0], settings),
        _end(run[-1] + 1, settings),
        sum(period.event_count for period in held),
        sum(period.act_count for period in held),
        held[0].first,
    )


def _place(event: Decided, settings: AlarmSettings) -> Place:
    account = None if settings.scope == "organization" else event.account_id
    return account, event.region if settings.scope == "region" else None


def _number(event: Decided, settings: AlarmSettings) -> int:
    """The period in which an event arrives."""
    assert event.time is not None  # noqa: S101 - one without a time never arrives
    return int((event.time.timestamp() + settings.delay_seconds) // settings.period_seconds)


def _end(number: int, settings: AlarmSettings) -> datetime:
    return datetime.fromtimestamp((number + 1) * settings.period_seconds, UTC)


def _event_order(event: Decided) -> tuple[float, str, int, int]:
    time = event.time.timestamp() if event.time else float("inf")
    return time, event.event_id or "", event.evidence_id, event.record_index


def fates(acts: Iterable[Act]) -> list[tuple[str, str, int]]:
    """Why events are never shown: the reason, its origin or condition, and the count; the most frequent first."""
    counted = Counter((act.fate, _detail(act)) for act in acts if act.fate != SHOWN)
    return [(fate, detail, count) for (fate, detail), count in sorted(counted.items(), key=lambda one: (-one[1], one))]


def _detail(act: Act) -> str:
    if act.fate == NOT_MATCHED:
        return f"{act.event.origin}: {act.event.condition}"
    return (act.event.region if act.fate == NO_FILTER_IN_REGION else act.event.account_id) or ""
