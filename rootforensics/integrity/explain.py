"""What the logs say of a break: calls that stopped, started or changed the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from rootforensics.queries.catalogue import question

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from rootforensics.integrity.chain import Break

#: A call stands in a log, and at the border of a digest, of its own hour.
_AROUND: Final = timedelta(hours=1)
#: Breaks that such a call may have made.
_MADE_BY_CALLS: Final = ("restarted", "ends_early")
_CALLS: Final = """
SELECT account_id, eventName, eventTime, coalesce(eventID, ''), trail
FROM ({calls}) WHERE outcome = 'success' AND eventTime IS NOT NULL
"""
_STOPPING: Final = ("StopLogging", "DeleteTrail", "UpdateTrail")


class _Call(NamedTuple):
    account_id: str
    name: str
    time: datetime
    event_id: str
    trail: str


def explain(writer: duckdb.DuckDBPyConnection, breaks: Sequence[Break]) -> list[Break]:
    """The breaks, with the calls that may have made them in their reasons, or that the logs loaded hold none."""
    rows = writer.execute(_CALLS.format(calls=question("trail_calls").sql)).fetchall()
    calls = [_Call(account, name, time.astimezone(UTC), *rest) for account, name, time, *rest in rows]
    return [_explained(one, calls) if one.cause in _MADE_BY_CALLS else one for one in breaks]


def _explained(one: Break, calls: Sequence[_Call]) -> Break:
    begin = None if one.begin is None else one.begin - _AROUND
    near = [
        call
        for call in calls
        if call.account_id == one.trail.account_id
        and call.trail == one.trail.trail
        and (begin is None or begin <= call.time)
        and call.time <= one.end + _AROUND
    ]
    listed = ", ".join(f"{call.name} at {call.time:%Y-%m-%dT%H:%M:%SZ} [{call.event_id}]" for call in near)
    stopped = any(call.name in _STOPPING for call in near)
    if not near:
        told = "the logs loaded hold no call that stopped, started or changed the trail then"
    else:
        told = f"in the logs loaded: {listed}{'' if stopped else ', and no call that stopped it'}"
    return replace(one, reason=f"{one.reason}; {told}", has_stop=stopped)
