"""The rows of the incident chart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.charts.blast_tree import several
from rootforensics.charts.drawing.view import within
from rootforensics.evidence.cite import place_of, place_text, proof_of
from rootforensics.telling.standing import standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Unpack

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.approval import Granted
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

OTHER: Final = "Reading, other"
FOLLOWED: Final = "Follow-on activity"
RESPONSE: Final = "Response"
#: Rows of the chart from top to bottom, and the rows of the catalogue of actions that each takes in.
ROWS: Final[dict[str, tuple[str, ...]]] = {
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
_ROW_OF: Final = {name: category for category, names in ROWS.items() for name in names}
#: Without an end they go on.
_ENDLESS: Final = ("window", "approval")
#: In the text of a finding of which a step failed.
_ATTEMPTED: Final = re.compile(r"^(Possibly: )?Tried to |\(attempted\)$")


def incident_data(
    case: Asks,
    account_id: str = "",
    approvals: Granted | None = None,
    *,
    since: Moment = None,
    until: Moment = None,
) -> list[of.IncidentMark]:
    """Root's actions in rows, and beside them what the incident timeline tells.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all that the case speaks of.
        approvals: approvals of root's use, for their windows; those that an ``Analysis`` knows if not given.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.

    Returns:
        Rows in order of time: ``from_time``, ``until_time`` (None for a moment, and for a window that does not end),
        ``account_id``, ``category`` (a row of the chart; empty for a finding or an approval), ``kind`` (``event``;
        ``opening``, a call of AssumeRoot that others made; ``finding`` of a sequence; ``action``, a finding of what
        an action means by itself; ``window``, ``follow-on``, ``response``, ``approval``), ``severity``, ``result``
        (``done``, ``attempted``, ``unknown``), ``label``, ``text``, ``eventIDs``, ``citations`` of the same events,
        ``standing`` (how root of the account was used, as ``takeover`` or ``approved_use``), ``mfa`` (of a sign-in
        that succeeded: ``with``, ``without``, ``not recorded``; else empty). Every event of root activity is one row
        of the kind ``event``, and every finding one of ``finding`` or ``action``.

    Raises:
        ApprovalsError: the file of approvals cannot be read or has errors.
    """
    from rootforensics.analysis.analysis import Analysis, analysis_of
    from rootforensics.analysis.approvals.reconcile import reconcile

    analysis = analysis_of(case)
    account_id = account_id or analysis.account_id
    found = analysis.reconciliation if approvals is None else reconcile(analysis, analysis.coverage, approvals)
    judged = analysis if approvals is None else Analysis(analysis, found)
    standings = {verdict.account_id: standing(judged, verdict).kind for verdict in judged.verdicts}
    mfa = _mfa(analysis, account_id)
    known = analysis.query("root_actions", account_id=account_id).rows
    activity = _activity(analysis, account_id)
    own = set(map(place_text, (*known, *activity)))
    own_places = {place_of(row) for row in activity}
    rows = [
        *(_known(row, own_places, mfa) for row in known),
        *_actions(analysis, account_id),
        *_unlisted(activity, {place_of(row) for row in known}, mfa),
        *_told(analysis, account_id),
        *_restored(analysis, account_id, own),
        *_ended(analysis, account_id, own),
        *(_approvals(found, account_id) if found else ()),
    ]
    for row in rows:
        row["standing"] = standings.get(row["account_id"], "")
    going_on = [row for row in rows if row["kind"] in _ENDLESS]
    others = [row for row in rows if row["kind"] not in _ENDLESS]
    columns = ("from_time", "until_time")
    held = (*within(others, since, until, *columns), *within(going_on, since, until, *columns, endless=True))
    return sorted(held, key=_order)


def _cited(*events: tuple[str | None, str | None]) -> dict[str, Any]:
    """Events, by ID and place, as a row cites them."""
    return dict(zip(("eventIDs", "citations"), map(list, proof_of(events)), strict=True))


def _mfa(analysis: Analysis, account_id: str) -> dict[tuple[int, int], str]:
    """Whether a sign-in that succeeded had MFA, by where its event lies."""
    words = {True: "with", False: "without", None: "not recorded"}
    rows = analysis.query("root_signins", account_id=account_id).rows
    return {
        place_of(row): words[row["mfa_used"]]
        for row in rows
        if row["signin_kind"] == "sign_in" and row["outcome"] == "success"
    }


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
        "category": "",
        "severity": "info",
        "result": "succeeded",
        "label": "",
        "eventIDs": [],
        "citations": [],
        "standing": "",
        "mfa": "",
    }
    return {**own, **more}


def _known(row: of.RootActions, activity: set[tuple[int, int]], mfa: dict[tuple[int, int], str]) -> of.IncidentMark:
    return _row(
        "event" if place_of(row) in activity else "opening",
        row["eventTime"],
        row["account_id"],
        row["means"],
        category=_ROW_OF.get(row["category"], OTHER),
        severity=row["severity"],
        result=row["result"],
        label=row["eventName"] or "",
        mfa=mfa.get(place_of(row), ""),
        **_cited((row["eventID"], place_text(row))),
    )


def _activity(analysis: Analysis, account_id: str) -> list[of.RootSessionEvents]:
    rows = analysis.query("root_session_events", account_id=account_id).rows
    return [row for row in rows if row["origin_group"] == "activity"]


def _unlisted(
    activity: list[of.RootSessionEvents], known: set[tuple[int, int]], mfa: dict[tuple[int, int], str]
) -> Iterator[of.IncidentMark]:
    """Events that the catalogue of actions does not know: they are drawn, too."""
    for row in activity:
        if place_of(row) not in known:
            yield _row(
                "event",
                row["eventTime"],
                row["account_id"],
                f"{row['eventName'] or 'no eventName'} at {row['eventSource'] or 'an unknown service'}",
                category=OTHER,
                result={"success": "succeeded", "failure": "attempted"}.get(row["outcome"] or "", "unknown"),
                label=row["eventName"] or "",
                mfa=mfa.get(place_of(row), ""),
                **_cited((row["eventID"], place_text(row))),
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
                **_cited(*zip(row["eventIDs"], row["citations"], strict=True)),
            )


def _told(analysis: Analysis, account_id: str) -> Iterator[of.IncidentMark]:
    """Of the incident timeline: findings, times without a watch, what the entities that root made did in turn."""
    from rootforensics.telling.timeline import lines_around

    for row in (line.as_line() for line in lines_around(analysis, account_id)):
        kind, category = row["line_type"], ""
        if kind == "coverage" and row["kind"] == "window":
            kind, category = "window", "Defense evasion"
        elif kind == "follow-on" and row["kind"] not in ("ended", "undone"):
            category = FOLLOWED
        elif kind != "finding":
            continue
        yield _row(
            kind,
            row["from_time"],
            row["account_id"],
            row["text"],
            until_time=row["until_time"],
            category=category,
            severity=row["severity"] or "info",
            result="attempted" if _ATTEMPTED.search(row["text"]) else "succeeded",
            label=row["text"],
            eventIDs=list(row["eventIDs"]),
            citations=list(row["citations"]),
        )


def _restored(analysis: Analysis, account_id: str, own: set[str]) -> Iterator[of.IncidentMark]:
    """Calls by others that enabled an impaired control again."""
    for row in analysis.query("logging_impairment", account_id=account_id).rows:
        if row["restored_citation"] and row["restored_citation"] not in own:
            text = f"{row['control']} {row['entity'] or '(not named)'} is enabled again"
            said = f"{row['control']} enabled again"
            yield _response(
                row["until_time"],
                row["account_id"],
                said,
                text,
                (row["restored_eventID"], row["restored_citation"]),
            )


def _response(
    moment: datetime | None, account_id: str | None, said: str, text: str, event: tuple[str | None, str | None]
) -> of.IncidentMark:
    return _row("response", moment, account_id, text, category=RESPONSE, label=said, **_cited(event))


def _ended(analysis: Analysis, account_id: str, own: set[str]) -> Iterator[of.IncidentMark]:
    """What others ended of the entities that root made: one row for each event."""
    found: dict[tuple[str, str], list[of.BlastRadius]] = {}
    for row in analysis.radius.rows:
        if account_id and account_id not in row["root_accounts"]:
            continue
        ended = row["ended_citation"]
        if row["ended_time"] and row["state"] != "undone" and ended and ended not in own:
            found.setdefault((ended, row["entity_kind"]), []).append(row)
    for (_, kind), rows in found.items():
        many = several(len(rows), kind)
        said = f"{many} {rows[0]['state']}"
        text = f"{said}: {', '.join(row['entity_name'] for row in rows[:5])}"
        yield _response(
            rows[0]["ended_time"],
            rows[0]["account_id"],
            said,
            text,
            (rows[0]["ended_eventID"], rows[0]["ended_citation"]),
        )


def _approvals(found: Reconciliation, account_id: str) -> Iterator[of.IncidentMark]:
    for outcome in found.outcomes:
        one = outcome.approval
        if account_id in ("", one.account):
            yield _row("approval", one.from_time, one.account, one.ticket, until_time=one.until_time)
