"""The rows of the incident chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.charts.blast_tree import several
from rootforensics.evidence.cite import place_of, place_text, proof_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Unpack

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Asks

OTHER: Final = "Reading, other"
FOLLOWED: Final = "Follow-on activity"
RESPONSE: Final = "Response"
#: Lanes of the chart from top to bottom, and the lanes of the catalogue of actions that each takes in.
LANES: Final[dict[str, tuple[str, ...]]] = {
    "Sign-ins": ("sign-ins",),
    "Account recovery": ("recovery",),
    "Credentials": ("credentials",),
    "Persistence": ("persistence", "privileges"),
    "Defense evasion": ("defense-evasion",),
    "Impact": ("impact", "data", "resources", "billing"),
    OTHER: ("discovery",),
    FOLLOWED: (),
    RESPONSE: (),
}
_LANE_OF: Final = {name: lane for lane, names in LANES.items() for name in names}
#: How the text of a finding ends of which a step failed.
_ATTEMPTED: Final = "(attempted)"


def incident_data(
    case: Asks, account_id: str = "", approvals: str | os.PathLike[str] | None = None
) -> list[of.IncidentMark]:
    """Root's actions in lanes, and beside them what the incident timeline tells.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all that the case speaks of.
        approvals: a file of approvals of root's use, for their windows; those that an ``Analysis`` knows if not given.

    Returns:
        Rows in order of time: ``from_time``, ``until_time`` (None for a moment, and for a window that does not end),
        ``account_id``, ``lane`` (of the chart; empty for a finding or an approval), ``kind`` (``event``; ``opening``, a
        call of AssumeRoot that others made; ``finding`` of a sequence; ``action``, a finding of what an action means
        by itself; ``window``, ``follow-on``, ``response``, ``approval``), ``severity``, ``result`` (``done``,
        ``attempted``, ``unknown``), ``label``, ``text``, ``eventIDs``. Every event of root activity is one row of the
        kind ``event``, and every finding one of ``finding`` or ``action``.

    Raises:
        ApprovalsError: the file of approvals cannot be read or has errors.
    """
    from rootforensics.analysis.analysis import analysis_of
    from rootforensics.analysis.approvals.reconcile import reconcile

    analysis = analysis_of(case)
    account_id = account_id or analysis.account_id
    found = analysis.reconciliation if approvals is None else reconcile(analysis, approvals)
    known = analysis.query("root_actions", account_id=account_id).rows
    activity = _activity(analysis, account_id)
    own = set(map(place_text, (*known, *activity)))
    own_places = {place_of(row) for row in activity}
    rows = [
        *(_known(row, own_places) for row in known),
        *_actions(analysis, account_id),
        *_unlisted(activity, {place_of(row) for row in known}),
        *_told(analysis, account_id),
        *_restored(analysis, account_id, own),
        *_ended(analysis, account_id, own),
        *(_approvals(found, account_id) if found else ()),
    ]
    return sorted(rows, key=_order)


def _order(row: of.IncidentMark) -> tuple[bool, float, str, str]:
    moment = row["from_time"]
    return moment is None, moment.timestamp() if moment else 0.0, row["kind"], f"{row['text']} {row['eventIDs']}"


def _row(
    kind: str, moment: datetime | None, account_id: str | None, text: str, **more: Unpack[of.MarkDetails]
) -> of.IncidentMark:
    own: of.IncidentMark = {
        "from_time": moment,
        "account_id": account_id,
        "kind": kind,
        "text": text,
        "until_time": None,
        "lane": "",
        "severity": "info",
        "result": "succeeded",
        "label": "",
        "eventIDs": [],
    }
    return {**own, **more}


def _known(row: of.RootActions, activity: set[tuple[int, int]]) -> of.IncidentMark:
    return _row(
        "event" if place_of(row) in activity else "opening",
        row["eventTime"],
        row["account_id"],
        row["means"],
        lane=_LANE_OF.get(row["category"], OTHER),
        severity=row["severity"],
        result=row["result"],
        label=row["eventName"] or "",
        eventIDs=_ids((row["eventID"], place_text(row))),
    )


def _activity(analysis: Analysis, account_id: str) -> list[of.RootSessionEvents]:
    rows = analysis.query("root_session_events", account_id=account_id).rows
    return [row for row in rows if row["origin_group"] == "activity"]


def _ids(*events: tuple[str | None, str | None]) -> list[str]:
    return list(proof_of(events)[0])


def _unlisted(activity: list[of.RootSessionEvents], known: set[tuple[int, int]]) -> Iterator[of.IncidentMark]:
    """Events that the catalogue of actions does not know: they are drawn, too."""
    for row in activity:
        if place_of(row) not in known:
            yield _row(
                "event",
                row["eventTime"],
                row["account_id"],
                f"{row['eventName'] or 'no eventName'} at {row['eventSource'] or 'an unknown service'}",
                lane=OTHER,
                result={"success": "succeeded", "failure": "attempted"}.get(row["outcome"], "unknown"),
                label=row["eventName"] or "",
                eventIDs=_ids((row["eventID"], place_text(row))),
            )


def _actions(analysis: Analysis, account_id: str) -> Iterator[of.IncidentMark]:
    """Findings of what an action means by itself: the points show them, so they are only counted."""
    for row in analysis.findings().rows:
        if row["finding"].startswith("action:") and (not account_id or row["account_id"] in (account_id, None)):
            yield _row(
                "action",
                row["first_time"],
                row["account_id"],
                row["title"],
                severity=row["severity"],
                result=row["result"],
                eventIDs=_ids(*zip(row["eventIDs"], row["citations"], strict=True)),
            )


def _told(analysis: Analysis, account_id: str) -> Iterator[of.IncidentMark]:
    """Of the incident timeline: findings, times without a watch, what the entities that root made did in turn."""
    from rootforensics.analysis.incident.timeline import lines_around

    for row in (line.as_row() for line in lines_around(analysis, account_id)):
        kind, lane = row["line_type"], ""
        if kind == "coverage" and row["kind"] == "window":
            kind, lane = "window", "Defense evasion"
        elif kind == "follow-on" and row["kind"] != "ended":
            lane = FOLLOWED
        elif kind != "finding":
            continue
        yield _row(
            kind,
            row["from_time"],
            row["account_id"],
            row["text"],
            until_time=row["until_time"],
            lane=lane,
            severity=row["severity"] or "info",
            result="attempted" if row["text"].endswith(_ATTEMPTED) else "succeeded",
            label=row["text"],
            eventIDs=list(row["eventIDs"]),
        )


def _restored(analysis: Analysis, account_id: str, own: set[str]) -> Iterator[of.IncidentMark]:
    """Who else switched on again what had stopped watching."""
    for row in analysis.query("logging_impairment", account_id=account_id).rows:
        if row["restored_citation"] and row["restored_citation"] not in own:
            text = f"{row['control']} {row['entity'] or '(not named)'} is on again"
            said = f"{row['control']} on again"
            yield _response(
                row["until_time"],
                row["account_id"],
                said,
                text,
                _ids((row["restored_eventID"], row["restored_citation"])),
            )


def _response(
    moment: datetime | None, account_id: str | None, said: str, text: str, cited: list[str]
) -> of.IncidentMark:
    return _row("response", moment, account_id, text, lane=RESPONSE, label=said, eventIDs=cited)


def _ended(analysis: Analysis, account_id: str, own: set[str]) -> Iterator[of.IncidentMark]:
    """What others ended of the entities that root made: one row for each event."""
    found: dict[tuple[str, str], list[of.BlastRadius]] = {}
    for row in analysis.radius.rows:
        if account_id and account_id not in row["root_accounts"]:
            continue
        if row["ended_time"] and row["ended_citation"] not in own:
            found.setdefault((row["ended_citation"], row["entity_kind"]), []).append(row)
    for (_, kind), rows in found.items():
        many = several(len(rows), kind)
        said = f"{many} {rows[0]['state']}"
        text = f"{said}: {', '.join(row['entity_name'] for row in rows[:5])}"
        yield _response(
            rows[0]["ended_time"],
            rows[0]["account_id"],
            said,
            text,
            _ids((rows[0]["ended_eventID"], rows[0]["ended_citation"])),
        )


def _approvals(found: Reconciliation, account_id: str) -> Iterator[of.IncidentMark]:
    for outcome in found.outcomes:
        one = outcome.approval
        if account_id in ("", one.account):
            yield _row("approval", one.from_time, one.account, one.ticket, until_time=one.until_time)
