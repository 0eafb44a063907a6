"""A replay as tables: firings, delays, and which events the alarm shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.alarm.replay import SHOWN
from rootforensics.queries.result import Result, result_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.alarm.replay import Act, Firing, Place, Replay
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Row

_ACT: Final = {
    "eventTime": "TIMESTAMP WITH TIME ZONE",
    **dict.fromkeys(("account_id", "awsRegion", "origin", "eventName", "fate", "unmet"), "VARCHAR"),
    "alarm_time": "TIMESTAMP WITH TIME ZONE",
    "minutes_to_alarm": "DOUBLE",
    "fired": "BOOLEAN",
    "eventID": "VARCHAR",
    **dict.fromkeys(("evidence_id", "record_index"), "BIGINT"),
}
COLUMNS: Final[dict[str, dict[str, str]]] = {
    "delays": {
        **dict.fromkeys(("account_id", "awsRegion"), "VARCHAR"),
        "first_act_time": "TIMESTAMP WITH TIME ZONE",
        **dict.fromkeys(("first_act_name", "first_act_eventID", "first_act_citation"), "VARCHAR"),
        "alarm_time": "TIMESTAMP WITH TIME ZONE",
        "minutes_to_alarm": "DOUBLE",
        "fired": "BOOLEAN",
        **dict.fromkeys(("first_shown_eventID", "first_shown_citation"), "VARCHAR"),
        **dict.fromkeys(("act_count", "shown_count", "never_shown_count"), "BIGINT"),
    },
    "alarms": {
        **dict.fromkeys(("account_id", "awsRegion"), "VARCHAR"),
        **dict.fromkeys(("alarm_time", "clear_time"), "TIMESTAMP WITH TIME ZONE"),
        **dict.fromkeys(("event_count", "act_count"), "BIGINT"),
        "first_event_time": "TIMESTAMP WITH TIME ZONE",
        **dict.fromkeys(("first_event_name", "first_eventID"), "VARCHAR"),
        **dict.fromkeys(("evidence_id", "record_index"), "BIGINT"),
    },
    "acts": _ACT,
    "unneeded": _ACT,
}
#: Of each, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset({
    "first_act_citation", "act_count", "shown_count", "never_shown_count", "clear_time", "event_count",
    "fate", "evidence_id", "record_index",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delay:
    """How late the alarm was for an account, or for one Region of it.

    Attributes:
        place: account and Region; no Region for the whole account.
        acts: events of root activity there, in order of time.
    """

    place: Place
    acts: list[Act]

    @property
    def first(self) -> Act:
        """The first event."""
        return self.acts[0]

    @property
    def shown(self) -> list[Act]:
        """Events that the alarm shows."""
        return [act for act in self.acts if act.fate == SHOWN]

    @property
    def minutes(self) -> float | None:
        """From the first event to the first alarm for one of them; None if there is none."""
        return _minutes(self.first, self.shown[0]) if self.shown else None


def delays(replay: Replay) -> list[Delay]:
    """Group root activity by account, and by account and Region.

    Returns:
        Each account before its Regions, in order.
    """
    groups: dict[Place, list[Act]] = {}
    for act in replay.acts:
        account, region = act.event.account_id, act.event.region
        groups.setdefault((account, None), []).append(act)
        groups.setdefault((account, region or "unknown"), []).append(act)
    return [Delay(place, groups[place]) for place in sorted(groups, key=lambda one: (one[0] or "", one[1] or ""))]


def table(replay: Replay, name: str) -> Result:
    """One of the tables.

    Args:
        replay: the replay.
        name: ``delays`` has a row for each account (awsRegion empty) and each of its Regions with root activity,
            ``alarms`` for each firing, ``acts`` for each event of root activity, ``unneeded`` for each root event that
            the alarm shows although it needs none.

    Returns:
        The rows; times in UTC.
    """
    rows: dict[str, Iterable[Row]] = {
        "delays": _delay_rows(replay),
        "alarms": map(_alarm_row, replay.firings),
        "acts": _act_rows(replay.acts),
        "unneeded": _act_rows(replay.unneeded),
    }
    pattern = str(replay.settings.pattern)
    return result_of(f"alarm_{name}", rows[name], COLUMNS[name], {"pattern": pattern})


def _delay_rows(replay: Replay) -> Iterator[of.AlarmDelays]:
    for delay in delays(replay):
        shown = delay.shown[0] if delay.shown else None
        yield {
            "account_id": delay.place[0],
            "awsRegion": delay.place[1],
            "first_act_time": delay.first.event.time,
            "first_act_name": delay.first.event.event_name,
            "first_act_eventID": delay.first.event.event_id,
            "first_act_citation": delay.first.event.citation,
            "alarm_time": shown.alarm_time if shown else None,
            "minutes_to_alarm": delay.minutes,
            "fired": shown.fired if shown else None,
            "first_shown_eventID": shown.event.event_id if shown else None,
            "first_shown_citation": shown.event.citation if shown else None,
            "act_count": len(delay.acts),
            "shown_count": len(delay.shown),
            "never_shown_count": len(delay.acts) - len(delay.shown),
        }


def _alarm_row(firing: Firing) -> of.AlarmAlarms:
    return {
        "account_id": firing.place[0],
        "awsRegion": firing.place[1],
        "alarm_time": firing.alarm_time,
        "clear_time": firing.clear_time,
        "event_count": firing.event_count,
        "act_count": firing.act_count,
        "first_event_time": firing.first.time,
        "first_event_name": firing.first.event_name,
        "first_eventID": firing.first.event_id,
        "evidence_id": firing.first.evidence_id,
        "record_index": firing.first.record_index,
    }


def _act_rows(acts: Iterable[Act]) -> Iterator[of.AlarmActs]:
    for act in acts:
        event = act.event
        yield {
            "eventTime": event.time,
            "account_id": event.account_id,
            "awsRegion": event.region,
            "origin": event.origin,
            "eventName": event.event_name,
            "fate": act.fate,
            "unmet": event.condition or None,
            "alarm_time": act.alarm_time,
            "minutes_to_alarm": _minutes(act, act),
            "fired": act.fired if act.alarm_time else None,
            "eventID": event.event_id,
            "evidence_id": event.evidence_id,
            "record_index": event.record_index,
        }


def _minutes(first: Act, shown: Act) -> float | None:
    if first.event.time is None or shown.alarm_time is None:
        return None
    return round((shown.alarm_time - first.event.time).total_seconds() / 60, 2)
