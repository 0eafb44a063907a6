"""A replay in plain sentences, with its assumptions and its limits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.alarm.replay import fates
from rootforensics.analysis.alarm.tables import delays
from rootforensics.analysis.coverage.scope import scope
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import how_often, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rootforensics.analysis.alarm.replay import Replay
    from rootforensics.analysis.alarm.settings import AlarmSettings
    from rootforensics.analysis.alarm.tables import Delay
    from rootforensics.queries.asking import Asks

_SCOPES: Final = {
    "account": "one filter and alarm for each account, on a log group that all its Regions feed (multi-Region trail)",
    "region": "one filter and alarm in each Region of each account (a trail for each Region)",
    "organization": "one filter and alarm for all accounts (organization trail)",
}
_STOPS_SHOWN: Final = 5


def tell_replay(case: Asks, replay: Replay) -> list[str]:
    """A replay as lines for people.

    Args:
        case: the case that was replayed.
        replay: the result.
    """
    return [
        *_assumptions(replay.settings),
        *_unknown_names(case, replay.settings),
        "",
        *_delays(replay),
        "",
        *_never_shown(replay),
        *_like_people(case),
        *_unneeded(replay),
        *_stops(case),
        *_limits(case, replay),
    ]


def _assumptions(settings: AlarmSettings) -> Iterator[str]:
    yield f"Filter: {settings.pattern}"
    yield (
        f"Alarm: Sum >= {settings.threshold} in {settings.period_seconds:,} seconds, evaluated when each period ends. "
        f"Each event reaches CloudWatch Logs {settings.delay_seconds:,} seconds after its eventTime."
    )
    yield f"Scope: {_SCOPES[settings.scope]}."
    if settings.accounts:
        yield f"Accounts with the filter: {', '.join(settings.accounts)}."
    if settings.regions:
        yield f"Regions with the filter: {', '.join(settings.regions)}."


def _unknown_names(case: Asks, settings: AlarmSettings) -> Iterator[str]:
    """A mistyped name would make it look as if the alarm showed nothing."""
    for parameter, names in (("region", settings.regions), ("account_id", settings.accounts)):
        for name in names:
            if not len(case.query("event_presence", **{parameter: name})):
                yield f"The case has no event from {name}. Check its spelling."


def _delays(replay: Replay) -> Iterator[str]:
    if not replay.acts:
        yield "The case has no root activity."
    for delay in delays(replay):
        yield _delay(delay)
    fired, idle = len(replay.firings), sum(not firing.act_count for firing in replay.firings)
    matched = plural(replay.match_count, "event")
    if not fired:
        yield f"The alarm never fired. {matched} reached it."
        return
    without = f" It fired {how_often(idle)} without root activity." if idle else ""
    yield f"In total, the alarm fired {how_often(fired)}, and {matched} reached it.{without}"


def _delay(delay: Delay) -> str:
    account, region = delay.place
    where = f"  {region}" if region else f"Account {account or 'unknown'}"
    first = delay.first.event
    cited = first.event_id or first.citation
    text = f"{where}: root activity began with {first.event_name or 'an unnamed event'} at {_at(first.time)} [{cited}]."
    count = f"{plural(len(delay.acts), 'event')} of root activity"
    if not delay.shown:
        return f"{text} The alarm shows none of {count}."
    shown = delay.shown[0]
    how = "fired" if shown.fired else "was already in ALARM state"
    late = "" if delay.minutes is None else f", {delay.minutes:,g} minutes later"
    return f"{text} The alarm {how} at {_at(shown.alarm_time)}{late}. It shows {len(delay.shown):,} of {count}."


def _never_shown(replay: Replay) -> Iterator[str]:
    reasons = fates(replay.acts)
    if not replay.acts:
        return
    if not reasons:
        yield "The alarm shows every event of root activity."
        return
    missed = sum(count for *_, count in reasons)
    yield f"The alarm never shows {missed:,} of {plural(len(replay.acts), 'event')} of root activity:"
    for fate, detail, count in reasons:
        yield f"  {count:,}  {fate}{f' ({detail})' if detail else ''}"


def _like_people(case: Asks) -> Iterator[str]:
    """The replay counts no event that names a service as root activity."""
    if count := len(case.query("noise_like_people")):
        yield (
            f"Not counted: {plural(count, 'root event')} that {'names' if count == 1 else 'name'} an AWS service but "
            "came from a network address or with console credentials. A person probably made "
            f"{'it' if count == 1 else 'them'}. The standard filter misses every event that names a service."
        )


def _unneeded(replay: Replay) -> Iterator[str]:
    counted = Counter(act.event.origin for act in replay.unneeded)
    if counted:
        origins = ", ".join(f"{count:,} {origin}" for origin, count in sorted(counted.items(), key=str))
        more = f" and {replay.others_left_out:,} more from services" if replay.others_left_out else ""
        need = plural(counted.total(), "event that needs", "events that need")
        yield f"The alarm also shows {need} no alarm ({origins}){more}."


def _stops(case: Asks) -> Iterator[str]:
    calls = case.query("trail_calls").rows
    rows = [row for row in calls if row["eventName"] in ("StopLogging", "DeleteTrail") and row["outcome"] != "failure"]
    for row in rows[:_STOPS_SHOWN]:
        cited = row["eventID"] or place_text(row)
        yield (
            f"{row['eventName']} in account {row['account_id'] or 'unknown'} at {_at(row['eventTime'])} [{cited}]: "
            "if the filter reads from this trail, the alarm shows nothing until logging resumes."
        )
    if len(rows) > _STOPS_SHOWN:
        yield f"{len(rows) - _STOPS_SHOWN:,} more calls of StopLogging or DeleteTrail."


def _limits(case: Asks, replay: Replay) -> Iterator[str]:
    doubts = replay.doubts
    if doubts and doubts.read_count:
        yield f"The original records of {plural(doubts.read_count, 'event')} were read again from the evidence."
    if doubts and doubts.unread_count:
        matching = plural(doubts.unread_match_count, "event matches", "events match")
        yield (
            f"The original records of {plural(doubts.unread_count, 'event')} were not read, so an empty field may have "
            f"been null or absent. With empty fields treated as absent, {matching}."
        )
    taken = scope(case)
    yield f"The replay covers the events in this case, from logs in {', '.join(taken.regions) or 'unknown Regions'}."
    if not taken.is_whole:
        yield "Filters excluded some events from this case. The replay does not cover them."


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "an unknown time"
