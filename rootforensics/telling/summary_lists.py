"""The analysis as values for JSON, of bounded size: each list is cut at a stated length, with the total beside it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, get_args

from rootforensics.analysis.lineage.entity import State
from rootforensics.phrases import iso
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.checks import worded
from rootforensics.telling.finding_groups import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Row

#: The most entries of a list, and the most values of a list within an entry.
ENTRIES_LISTED: Final = 200
VALUES_LISTED: Final = 20

_SIGN_IN: Final = (
    "eventTime", "account_id", "awsRegion", "eventName", "signin_kind", "outcome", "mfa_used", "sourceIPAddress",
    "failures_before", "recoveries_before", "eventID",
)  # fmt: skip
_SESSION: Final = (
    "session_id", "account_id", "session_kind", "opened_time", "first_time", "last_time", "mfa_used", "event_count",
    "write_count", "denied_count", "failed_count", "ip_count", "source_ips", "new_ips", "overlaps", "opener",
    "opener_eventID", "opener_citation", "first_eventID", "first_citation", "last_eventID", "last_citation",
)  # fmt: skip
_FINDING: Final = (
    "severity", "result", "finding", "title", "account_id", "finding_count", "first_time", "last_time", "event_count",
    "techniques", "eventIDs", "citations",
)  # fmt: skip
_ENTITY: Final = (
    "entity_kind", "entity_name", "account_id", "state", "still_open", "accepted", "severity", "effect", "actor",
    "depth", "certainty", "first_time", "ended_by", "ended_time", "use_count", "use_write_count",
    "use_write_unknown_count", "eventID", "citation", "ended_eventID", "ended_citation", "eventIDs", "citations",
    "root_accounts",
)  # fmt: skip
_IMPAIRMENT: Final = (
    "from_time", "until_time", "account_id", "awsRegion", "control", "entity", "part", "impairment", "certainty",
    "result", "eventName", "actor", "by_root", "eventID", "restored_by", "restored_eventID",
    "restored_citation",
)  # fmt: skip
_IDENTITY: Final = (
    "identity_kind", "identity_name", "account_id", "severity", "action_count", "success_count", "failed_count",
    "by_service_count", "actions", "first_time", "last_time", "source_ips", "access_keys", "sessions", "opened_by",
    "made", "root_ips", "root_network_ips", "root_user_agents", "shared_count", "eventID",
)  # fmt: skip
_BREAK: Final = (
    "account_id", "region", "trail", "is_backfill", "cause", "from_time", "until_time", "reason", "has_stop",
)  # fmt: skip
_INTEGRITY: Final = (
    "severity", "finding", "title", "account_id", "region", "from_time", "until_time", "object_count", "uris",
)  # fmt: skip


def summary_lists(analysis: Analysis) -> dict[str, Any]:
    """Sign-ins, sessions, findings, blast radius, impairment, integrity, identities, verdict and containment.

    Returns:
        The parts by name, and ``limits``: the most entries of a list and values within one. Times are ISO 8601 in UTC.
    """
    sessions = [{**row, "new_ips": analysis.novelty.new_of(row)} for row in analysis.query("root_sessions").rows]
    steps = [
        {"root_account": verdict.account_id, "number": number, **step.as_row()}
        for verdict in analysis.verdicts
        for number, step in enumerate(verdict.steps, 1)
    ]
    return {
        "sign_ins": _sign_ins(analysis.query("root_signins").rows),
        "sessions": _listed(sessions, _SESSION),
        "findings": _findings(analysis.findings().rows),
        "blast_radius": _radius(analysis),
        "impairment": _impairment(analysis.query("logging_impairment").rows),
        "integrity": _integrity(analysis),
        "identities": _listed(analysis.query("identities").rows, _IDENTITY),
        "verdict": _cut([_verdict(worded(analysis, verdict)) for verdict in analysis.verdicts]),
        "containment": _cut(steps),
        "limits": {"entries": ENTRIES_LISTED, "values": VALUES_LISTED},
    }


def _cut(entries: Sequence[Row]) -> dict[str, Any]:
    return {"total": len(entries), "listed": entries[:ENTRIES_LISTED]}


def _listed(rows: Sequence[Row], names: Iterable[str]) -> dict[str, Any]:
    return {
        "total": len(rows),
        "listed": [{name: _plain(row[name]) for name in names} for row in rows[:ENTRIES_LISTED]],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    if isinstance(value, datetime):
        return iso(value)
    return value[:VALUES_LISTED] if isinstance(value, list) else value


def _counted(
    rows: Iterable[Row], outer: str, inner: str, order: Iterable[str], within: Iterable[str]
) -> dict[str, Any]:
    """How many rows have each pair of values of two columns."""
    counts = Counter((row[outer], row[inner]) for row in rows)
    keys = list(within)
    by_value = {value: {key: counts[value, key] for key in keys if counts[value, key]} for value in order}
    return {value: by_key for value, by_key in by_value.items() if by_key}


def _sign_ins(rows: list[of.RootSignins]) -> dict[str, Any]:
    kinds = sorted({row["signin_kind"] for row in rows})
    outcomes = ({**row, "outcome": row["outcome"] or "unknown"} for row in rows)
    counts = _counted(outcomes, "signin_kind", "outcome", kinds, ("success", "failure", "unknown"))
    return {"by_kind": counts, **_listed(rows, _SIGN_IN)}


def _findings(rows: list[of.Findings]) -> dict[str, Any]:
    counts = _counted(rows, "severity", "result", reversed(SEVERITIES), ("succeeded", "attempted", "unknown"))
    groups = [
        {
            **group.first,
            "finding_count": group.count,
            "last_time": group.last_time,
            "event_count": len(group.event_ids),
            "eventIDs": list(group.event_ids),
            "citations": list(group.citations),
        }
        for group in grouped(rows)
    ]
    return {"by_severity": counts, **_listed(groups, _FINDING), "total": len(rows), "group_count": len(groups)}


def _radius(analysis: Analysis) -> dict[str, Any]:
    """The blast radius: open entities first, in the order of the other outputs."""
    radius = analysis.radius
    rows = [*radius.still_open, *radius.closed]
    kinds = sorted({row["entity_kind"] for row in rows})
    by_state = Counter(row["state"] for row in rows)
    return {
        "by_kind": _counted(rows, "entity_kind", "state", kinds, get_args(State)),
        "by_state": {state: by_state[state] for state in get_args(State) if by_state[state]},
        "still_open": len(radius.still_open),
        "cut_off": radius.cut_off,
        **_listed(rows, _ENTITY),
    }


def _impairment(rows: list[of.LoggingImpairment]) -> dict[str, Any]:
    """Impairments by root and by others; a window is a time in which a control was stopped or removed."""
    windows = sum(row["result"] == "succeeded" and row["impairment"] != "changed" for row in rows)
    return {"windows": windows, **_listed(rows, _IMPAIRMENT)}


def _integrity(analysis: Analysis) -> dict[str, Any]:
    """Results of ``verify``; none if it was not run since the last load."""
    verdicts: dict[str, dict[str, int]] = {}
    for row in analysis.query("log_integrity").rows:
        verdicts.setdefault(row["kind"] or "unknown", {})[row["verdict"] or "unknown"] = row["object_count"]
    return {
        "by_verdict": verdicts,
        "breaks": _listed(analysis.query("digest_breaks").rows, _BREAK),
        "findings": _listed(analysis.query("integrity_findings").rows, _INTEGRITY),
    }


def _verdict(verdict: AccountVerdict) -> dict[str, Any]:
    return {
        "account_id": verdict.account_id,
        "covers": verdict.covers,
        "hours": dict(verdict.hours),
        "absent": list(verdict.absent),
        "answers": [_answer(answer) for answer in verdict.answers],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    row = {name: value for name, value in answer.as_row().items() if name not in ("eventIDs", "citations")}
    return row | {
        "first_time": iso(answer.first_time),
        "event_count": len(answer.event_ids),
        "eventIDs": list(answer.event_ids[:VALUES_LISTED]),
        "citations": list(answer.citations[:VALUES_LISTED]),
    }
