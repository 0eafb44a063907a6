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
    from rootforensics.telling.finding_groups import FindingGroup

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
_THING: Final = (
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
    steps = [(one.account_id, number, step) for one in analysis.verdicts for number, step in enumerate(one.steps, 1)]
    return {
        "sign_ins": _sign_ins(analysis.query("root_signins").rows),
        "sessions": _listed(_sessions(analysis), _SESSION),
        "findings": _findings(analysis.findings().rows),
        "blast_radius": _radius(analysis),
        "impairment": _impairment(analysis.query("logging_impairment").rows),
        "integrity": _integrity(analysis),
        "identities": _listed(analysis.query("identities").rows, _IDENTITY),
        "verdict": _cut([_verdict(worded(analysis, one)) for one in analysis.verdicts]),
        "containment": _cut([{"root_account": one, "number": number, **step.as_row()} for one, number, step in steps]),
        "limits": {"entries": ENTRIES_LISTED, "values": VALUES_LISTED},
    }


def _sessions(analysis: Analysis) -> list[Row]:
    """Root's sessions, each with those of its addresses that were new in the account."""
    return [{**row, "new_ips": analysis.novelty.new_of(row)} for row in analysis.query("root_sessions").rows]


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
    """Counts by two columns; of the given values each that occurs at all."""
    counts = Counter((row[outer], row[inner]) for row in rows)
    keys = list(within)
    return {
        one: {key: counts[one, key] for key in keys if counts[one, key]}
        for one in order
        if any(counts[one, key] for key in keys)
    }


def _sign_ins(rows: list[of.RootSignins]) -> dict[str, Any]:
    kinds = sorted({row["signin_kind"] for row in rows})
    outcomes = ({**row, "outcome": row["outcome"] or "unknown"} for row in rows)
    counts = _counted(outcomes, "signin_kind", "outcome", kinds, ("success", "failure", "unknown"))
    return {"by_kind": counts, **_listed(rows, _SIGN_IN)}


def _findings(rows: list[of.Findings]) -> dict[str, Any]:
    counts = _counted(rows, "severity", "result", reversed(SEVERITIES), ("succeeded", "attempted", "unknown"))
    groups = [_group(one) for one in grouped(rows)]
    return {"by_severity": counts, **_listed(groups, _FINDING), "total": len(rows), "group_count": len(groups)}


def _group(one: FindingGroup) -> Row:
    """Alike findings as the first of them, with the events of all."""
    return {
        **one.first,
        "finding_count": one.count,
        "last_time": one.last_time,
        "event_count": len(one.event_ids),
        "eventIDs": list(one.event_ids),
        "citations": list(one.citations),
    }


def _radius(analysis: Analysis) -> dict[str, Any]:
    """What is still open first, in the order in which it is shown elsewhere."""
    radius = analysis.radius
    rows = [*radius.still_open, *radius.closed]
    kinds = sorted({row["entity_kind"] for row in rows})
    counts = _counted(rows, "entity_kind", "state", kinds, get_args(State))
    counted = Counter(row["state"] for row in rows)
    return {
        "by_kind": counts,
        "by_state": {state: number for state in get_args(State) if (number := counted[state])},
        "still_open": len(radius.still_open),
        "cut_off": radius.cut_off,
        **_listed(rows, _THING),
    }


def _impairment(rows: list[of.LoggingImpairment]) -> dict[str, Any]:
    """The actions of root and of others; a window is one that took a control away."""
    windows = sum(row["result"] == "succeeded" and row["impairment"] != "changed" for row in rows)
    return {"windows": windows, **_listed(rows, _IMPAIRMENT)}


def _integrity(analysis: Analysis) -> dict[str, Any]:
    """What ``verify`` found; no verdicts if it was not run since the last load."""
    verdicts: dict[str, dict[str, int]] = {}
    for row in analysis.query("log_integrity").rows:
        verdicts.setdefault(row["kind"] or "unknown", {})[row["verdict"] or "unknown"] = row["object_count"]
    return {
        "by_verdict": verdicts,
        "breaks": _listed(analysis.query("digest_breaks").rows, _BREAK),
        "findings": _listed(analysis.query("integrity_findings").rows, _INTEGRITY),
    }


def _verdict(one: AccountVerdict) -> dict[str, Any]:
    answers = [_answer(answer) for answer in one.answers]
    covered = {"covers": one.covers, "hours": dict(one.hours), "absent": list(one.absent)}
    return {"account_id": one.account_id, **covered, "answers": answers}


def _answer(answer: Answer) -> dict[str, Any]:
    row = {name: value for name, value in answer.as_row().items() if name not in ("eventIDs", "citations")}
    return row | {
        "first_time": iso(answer.first_time),
        "event_count": len(answer.event_ids),
        "eventIDs": list(answer.event_ids[:VALUES_LISTED]),
        "citations": list(answer.citations[:VALUES_LISTED]),
    }
