"""What the logs say of a break: calls that stopped, started or changed the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from rootforensics.queries.catalogue import question

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

    from rootforensics.integrity.chain import Break

#: A call stands in a log, and at the border of a digest, of its own hour.
_AROUND: Final = timedelta(hours=1)
#: Breaks that such a call may have made.
_MADE_BY_CALLS: Final = ("restarted", "ends_early", "starts_late")
_CALLS: Final = """
SELECT account_id, eventName, eventTime, coalesce(eventID, ''), trail, ends_chain
FROM ({calls}) WHERE outcome = 'success' AND eventTime IS NOT NULL
"""
_ORGANIZED: Final = """
SELECT DISTINCT regexp_extract(content, '"digestS3Object": ?"[^"]*AWSLogs/o-[a-z0-9]+/([0-9]{12})/', 1) FROM digests
"""


class _Call(NamedTuple):
    account_id: str
    name: str
    time: datetime
    event_id: str
    trail: str
    ends_chain: bool


def explain(writer: duckdb.DuckDBPyConnection, breaks: Sequence[Break]) -> list[Break]:
    """The breaks, with the calls that may have made them in their reasons, or that the logs loaded hold none.

    A first chain may be that of a new trail: its start is a break if logging was started then and the trail not made.
    """
    rows = writer.execute(_CALLS.format(calls=question("trail_calls").sql)).fetchall()
    calls = [_Call(account, name, time.astimezone(UTC), *rest) for account, name, time, *rest in rows]
    organized = {account for (account,) in writer.execute(_ORGANIZED).fetchall()}
    found = []
    for one in breaks:
        near = [call for call in calls if _may_have_made(call, one, organized)]
        names = {call.name for call in near}
        if one.cause == "restarted" and one.begin is None and ("CreateTrail" in names or "StartLogging" not in names):
            continue
        found.append(_explained(one, near) if one.cause in _MADE_BY_CALLS else one)
    return found


def _may_have_made(call: _Call, one: Break, organized: Collection[str]) -> bool:
    """Whether a call is of the trail and of about that time; calls on that of an organization are elsewhere."""
    is_own = call.account_id == one.trail.account_id or one.trail.account_id in organized
    begins = one.begin is None or one.begin - _AROUND <= call.time
    return is_own and call.trail == one.trail.trail and begins and call.time <= one.end + _AROUND


def _explained(one: Break, near: Sequence[_Call]) -> Break:
    listed = ", ".join(f"{call.name} at {call.time:%Y-%m-%dT%H:%M:%SZ} [{call.event_id}]" for call in near)
    stopped = any(call.ends_chain for call in near)
    if not near:
        told = "the logs loaded hold no call that stopped, started or changed the trail then"
    else:
        told = f"in the logs loaded: {listed}{'' if stopped else ', and no call that stopped it'}"
    return replace(one, reason=f"{one.reason}; {told}", has_stop=stopped)
