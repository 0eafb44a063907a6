"""Explain breaks in digest chains with calls that stopped, started or changed the trail."""

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
_CALLS: Final = f"""
SELECT account_id, eventName, eventTime, coalesce(eventID, ''), trail, ends_chain, is_unproven
FROM ({question("trail_calls").sql}) WHERE outcome = 'success' AND eventTime IS NOT NULL
"""  # noqa: S608 - a question of ours
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
    is_unproven: bool


def explain(writer: duckdb.DuckDBPyConnection, breaks: Sequence[Break]) -> list[Break]:
    """The breaks, with the calls that may have caused them added to their reasons.

    A first chain may be that of a new trail: its start is a break if logging was started then and the trail not made.
    The logs were judged before: a call in one that nothing proves is named, and explains nothing.
    """
    rows = writer.execute(_CALLS).fetchall()
    calls = [_Call(account, name, time.astimezone(UTC), *rest) for account, name, time, *rest in rows]
    organized = {account for (account,) in writer.execute(_ORGANIZED).fetchall()}
    found = []
    for one in breaks:
        near = [call for call in calls if _may_have_made(call, one, organized)]
        made = any(call.name == "CreateTrail" and not call.is_unproven for call in near)
        started = any(call.name == "StartLogging" for call in near)
        if one.cause == "restarted" and one.begin is None and (made or not started):
            continue
        found.append(_explained(one, near) if one.cause in _MADE_BY_CALLS else one)
    return found


def _may_have_made(call: _Call, one: Break, organized: Collection[str]) -> bool:
    """Whether a call is of the trail and of about that time; calls on that of an organization are elsewhere."""
    is_own = call.account_id == one.trail.account_id or one.trail.account_id in organized
    begins = one.begin is None or one.begin - _AROUND <= call.time
    return is_own and call.trail == one.trail.trail and begins and call.time <= one.end + _AROUND


def _explained(one: Break, near: Sequence[_Call]) -> Break:
    proven = [call for call in near if not call.is_unproven]
    stopped = any(call.ends_chain for call in proven)
    sentences = [one.reason]
    if proven:
        sentences.append(f"Calls in the logs: {_listed(proven)}{'' if stopped else '. None of them stopped it'}")
    else:
        sentences.append("The logs contain no call that stopped, started or changed the trail at that time")
    if unproven := [call for call in near if call.is_unproven]:
        sentences.append(f"Calls in logs that no digest proves, so they explain nothing: {_listed(unproven)}")
    return replace(one, reason=". ".join(sentences), has_stop=stopped)


def _listed(calls: Sequence[_Call]) -> str:
    return ", ".join(f"{call.name} at {call.time:%Y-%m-%dT%H:%M:%SZ} [{call.event_id}]" for call in calls)
