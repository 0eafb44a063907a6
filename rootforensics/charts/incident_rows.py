"""The rows of the incident chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from rootforensics.charts.blast_tree import several
from rootforensics.queries.result import Asks

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from rootforensics.queries.result import Result

    Row = dict[str, Any]


class AsksAll(Asks, Protocol):
    """Whatever answers the catalogue's questions and has findings: a case."""

    def findings(self, only: str = "", **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """What calls for an answer."""


OTHER: Final = "Reading, other"
RESPONSE: Final = "Response"
#: Lanes of the chart from top to bottom, and the lanes of the catalogue of actions that each takes in.
LANES: Final[dict[str, tuple[str, ...]]] = {
    "Sign-ins": ("sign-ins",),
    "Account recovery": ("recovery",),
    "Credentials": ("credentials",),
    "Persistence": ("persistence", "privileges"),
    "Defence evasion": ("defence-evasion",),
    "Impact": ("impact", "data", "resources", "billing"),
    OTHER: ("discovery",),
    RESPONSE: (),
}
_LANE_OF: Final = {name: lane for lane, names in LANES.items() for name in names}
#: What tells an event from all others.
_PLACED: Final = ("eventID", "evidence_id", "record_index")
#: A thing that was only changed, not stopped or removed, still watches.
_STILL_WATCHES: Final = "changed"


def incident_data(
    case: AsksAll, account_id: str = "", approvals: str | os.PathLike[str] | None = None
) -> list[dict[str, Any]]:
    """Root's deeds in lanes, findings, windows without a watch, approvals, and the response of others.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        approvals: a file of approvals of root's use, for their windows.

    Returns:
        Rows in order of time: ``from_time``, ``until_time`` (None for a moment, and for a window that does not end),
        ``account_id``, ``lane`` (of the chart; empty for a finding or an approval), ``kind`` (``event``, ``finding``,
        ``window``, ``response``, ``approval``), ``severity``, ``deed`` (``done``, ``attempted``, ``unknown``),
        ``eventName``, ``text``, ``eventIDs``. Every event of root activity is one row.

    Raises:
        ApprovalsError: the file of approvals cannot be read or has errors.
    """
    known = case.query("root_actions", account_id=account_id).rows
    activity = _activity(case, account_id)
    own = {row["eventID"] for row in (*known, *activity) if row["eventID"]}
    rows = [
        *(_known(row) for row in known),
        *_unlisted(activity, {(row["evidence_id"], row["record_index"]) for row in known}),
        *_findings(case, account_id),
        *_watches(case, account_id, own),
        *_ended(case, account_id, own),
        *(_approvals(case, account_id, approvals) if approvals is not None else ()),
    ]
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[bool, float, str, str]:
    moment = row["from_time"]
    return moment is None, moment.timestamp() if moment else 0.0, row["kind"], f"{row['text']} {row['eventIDs']}"


def _row(kind: str, moment: Any, account_id: str | None, text: str, **more: Any) -> Row:  # noqa: ANN401 - values of rows
    empty: Row = {"until_time": None, "lane": "", "severity": "info", "deed": "done", "eventName": None, "eventIDs": []}
    return {"from_time": moment, "account_id": account_id, "kind": kind, "text": text, **empty, **more}


def _known(row: Row) -> Row:
    return _row(
        "event",
        row["eventTime"],
        row["account_id"],
        row["means"],
        lane=_LANE_OF.get(row["lane"], OTHER),
        severity=row["severity"],
        deed=row["deed"],
        eventName=row["eventName"],
        eventIDs=_cited(row["eventID"]),
    )


def _cited(*event_ids: str | None) -> list[str]:
    return [one for one in event_ids if one]


def _activity(case: Asks, account_id: str) -> list[Row]:
    columns = [*_PLACED, "eventTime", "account_id", "eventSource", "eventName", "side", "outcome"]
    table = case.query("root_session_events", account_id=account_id).arrow().select(columns)
    rows: list[Row] = table.to_pylist()
    return [row for row in rows if row["side"] == "activity"]


def _unlisted(activity: list[Row], known: set[tuple[int, int]]) -> Iterator[Row]:
    """Events that the catalogue of actions does not know: they are drawn, too."""
    for row in activity:
        if (row["evidence_id"], row["record_index"]) not in known:
            yield _row(
                "event",
                row["eventTime"],
                row["account_id"],
                f"{row['eventName'] or 'no eventName'} at {row['eventSource'] or 'an unknown service'}",
                lane=OTHER,
                deed={"success": "done", "failure": "attempted"}.get(row["outcome"], "unknown"),
                eventName=row["eventName"],
                eventIDs=_cited(row["eventID"]),
            )


def _findings(case: AsksAll, account_id: str) -> Iterator[Row]:
    """Findings of sequences; what an action means by itself is the colour of its point."""
    for row in case.findings(account_id=account_id).rows:
        if not row["finding"].startswith("action:"):
            yield _row(
                "finding",
                row["first_time"],
                row["account_id"],
                row["title"] + (" (attempted)" if row["deed"] == "attempted" else ""),
                until_time=row["last_time"] if row["last_time"] != row["first_time"] else None,
                severity=row["severity"],
                deed=row["deed"],
                eventIDs=_cited(*row["eventIDs"]),
            )


def _watches(case: Asks, account_id: str, own: set[str]) -> Iterator[Row]:
    """Times in which a trail or a guard did not watch, and who switched it on again."""
    for row in case.query("record_tampering", account_id=account_id).rows:
        if row["deed"] != "done" or row["tampering"] == _STILL_WATCHES:
            continue
        thing = f"{row['watcher']} {row['thing'] or '(not named)'}"
        yield _row(
            "window",
            row["from_time"],
            row["account_id"],
            f"{thing}: {row['tampering']}",
            until_time=row["until_time"],
            lane="Defence evasion",
            eventName=row["eventName"],
            eventIDs=_cited(row["eventID"], row["restored_eventID"]),
        )
        if row["restored_eventID"] and row["restored_eventID"] not in own:
            said = f"{row['watcher']} on again"
            cited = _cited(row["restored_eventID"])
            yield _response(row["until_time"], row["account_id"], said, f"{thing} watches again", cited)


def _response(moment: Any, account_id: str | None, said: str, text: str, cited: list[str]) -> Row:  # noqa: ANN401
    return _row("response", moment, account_id, text, lane=RESPONSE, eventName=said, eventIDs=cited)


def _ended(case: Asks, account_id: str, own: set[str]) -> Iterator[Row]:
    """What others ended of the things that root made: one row for each event."""
    from rootforensics.analysis.blast.radius import blast_radius

    found: dict[tuple[str, str], list[Row]] = {}
    for row in blast_radius(case, account_id).rows:
        if row["ended_time"] and row["ended_eventID"] and row["ended_eventID"] not in own:
            found.setdefault((row["ended_eventID"], row["thing_kind"]), []).append(row)
    for (event_id, kind), rows in found.items():
        many = several(len(rows), kind)
        said = f"{many} {rows[0]['state']}"
        text = f"{said}: {', '.join(row['thing_name'] for row in rows[:5])}"
        yield _response(rows[0]["ended_time"], rows[0]["account_id"], said, text, [event_id])


def _approvals(case: Asks, account_id: str, path: str | os.PathLike[str]) -> Iterator[Row]:
    from rootforensics.analysis.approvals import read_approvals
    from rootforensics.analysis.reconcile import reconcile

    for outcome in reconcile(case, read_approvals(path)).outcomes:
        one = outcome.approval
        if account_id in ("", one.account):
            yield _row("approval", one.from_time, one.account, one.ticket, until_time=one.until_time)
