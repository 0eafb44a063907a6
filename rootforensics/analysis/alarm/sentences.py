"""A replay in plain sentences, with what was assumed and what cannot be told."""

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
_STOPS_TOLD: Final = 5


def tell_replay(case: Asks, replay: Replay) -> list[str]:
    """Tell a replay in lines for people.

    Args:
        case: that was replayed.
        replay: what followed.
    """
    return [
        *_assumed(replay.settings),
        *_unknown(case, replay.settings),
        "",
        *_delays(replay),
        "",
        *_never_shown(replay),
        *_like_people(case),
        *_unneeded(replay),
        *_stops(case),
        *_limits(case, replay),
    ]


def _assumed(settings: AlarmSettings) -> Iterator[str]:
    yield f"Filter: {settings.pattern}"
    yield (
        f"Alarm: Sum >= {settings.threshold} in {settings.period_seconds:,} seconds, evaluated when each period ends. "
        f"Events reach CloudWatch Logs {settings.delay_seconds:,} seconds after they happened."
    )
    yield f"Scope: {_SCOPES[settings.scope]}."
    if settings.accounts:
        yield f"Accounts with the filter: {', '.join(settings.accounts)}."
    if settings.regions:
        yield f"Regions with the filter: {', '.join(settings.regions)}."


def _unknown(case: Asks, settings: AlarmSettings) -> Iterator[str]:
    """A name that was mistyped would make every act one that is never shown."""
    for parameter, names in (("region", settings.regions), ("account_id", settings.accounts)):
        for name in names:
            if not len(case.query("event_presence", **{parameter: name})):
                yield f"The case holds no event of {name}; is it spelled rightly?"


def _delays(replay: Replay) -> Iterator[str]:
    if not replay.acts:
        yield "The case holds no act of root's."
    for delay in delays(replay):
        yield _delay(delay)
    fired, idle = len(replay.firings), sum(not firing.act_count for firing in replay.firings)
    if not fired:
        yield f"The alarm never fired; {plural(replay.match_count, 'event')} reached it."
        return
    yield (
        f"In sum the alarm fired {how_often(fired)} on {plural(replay.match_count, 'event')}"
        + (f"; {how_often(idle)} without any act of root's in it." if idle else ".")
    )


def _delay(delay: Delay) -> str:
    account, region = delay.place
    where = f"  {region}" if region else f"{account or 'unknown account'}"
    first = delay.first.event
    cited = first.event_id or first.citation
    begun = f"{where}: first root act {_at(first.time)} ({first.event_name or 'no name'}) [{cited}]"
    counted = f"{len(delay.shown):,} of {len(delay.acts):,} acts shown"
    if not delay.shown:
        return f"{begun}; never any alarm; {counted}"
    shown = delay.shown[0]
    how = "fired" if shown.fired else "stood already"
    late = "" if delay.minutes is None else f", {delay.minutes:,.1f} minutes later"
    return f"{begun}; alarm {how} {_at(shown.alarm_time)}{late}; {counted}"


def _never_shown(replay: Replay) -> Iterator[str]:
    told = fates(replay.acts)
    count = sum(number for *_, number in told)
    if not replay.acts:
        return
    if not told:
        yield "Every act of root's would have been shown."
        return
    yield f"Never shown: {count:,} of {len(replay.acts):,} acts of root's."
    for fate, detail, number in told:
        yield f"  {number:,}  {fate}{f' ({detail})' if detail else ''}"


def _like_people(case: Asks) -> Iterator[str]:
    """The replay counts what names a service as no act of root's."""
    if count := len(case.query("noise_like_people")):
        yield (
            f"Not among them: {plural(count, 'event')} of root's with the mark of an AWS service that came from a "
            "network address or with a console's credentials, probably a person's; the usual filter misses whatever "
            "names a service."
        )


def _unneeded(replay: Replay) -> Iterator[str]:
    counted = Counter(act.event.origin for act in replay.unneeded)
    if counted:
        words = ", ".join(f"{origin} {count:,}" for origin, count in sorted(counted.items(), key=str))
        more = f" and {replay.others_left_out:,} more of services" if replay.others_left_out else ""
        yield f"Shown though they need no alarm: {plural(sum(counted.values()), 'event')} ({words}){more}."


def _stops(case: Asks) -> Iterator[str]:
    calls = case.query("trail_calls").rows
    rows = [row for row in calls if row["eventName"] in ("StopLogging", "DeleteTrail") and row["outcome"] != "failure"]
    for row in rows[:_STOPS_TOLD]:
        cited = row["eventID"] or place_text(row)
        yield (
            f"{row['eventName']} in {row['account_id'] or 'an unknown account'} at {_at(row['eventTime'])} "
            f"[{cited}]: if the filter hung on that trail, it showed nothing until logging went on."
        )
    if len(rows) > _STOPS_TOLD:
        yield f"{len(rows) - _STOPS_TOLD:,} more calls of StopLogging or DeleteTrail."


def _limits(case: Asks, replay: Replay) -> Iterator[str]:
    doubts = replay.doubts
    if doubts and doubts.read_count:
        yield f"{plural(doubts.read_count, 'event')} decided on the original record, read from the evidence again."
    if doubts and doubts.unread_count:
        yield (
            f"Of {plural(doubts.unread_count, 'event')} the original was not read, and the case does not tell whether "
            f"a field without a value was null or absent: taken as absent, {doubts.unread_match_count:,} of them match."
        )
    taken = scope(case)
    yield f"Replayed: what the case holds, from logs of the Regions {', '.join(taken.regions) or 'unknown'}."
    if not taken.is_whole:
        yield "Parts were left out of the case by filters; what they hold is not replayed."


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "at an unknown time"
