"""What is open at the end of the logs: the one list of what somebody has to end, to put back or to switch on again.

The blast radius, the verdict, the brief, the handover and the check of containment read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.requests import closes, judged_by_content
from rootforensics.analysis.lineage.answered import Answers
from rootforensics.analysis.lineage.effects import rows_in_steps
from rootforensics.analysis.places import account_of
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at
from rootforensics.rules.actions import SEVERITIES
from rootforensics.rules.entities import ENDINGS, LEADING, REQUESTED
from rootforensics.rules.undo import deadline_of, measures

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Row

#: Kinds of entities that can be had again after they were removed.
_RESTORED: Final = frozenset(measure["kind"] for measure in measures("step") if "removed" in measure.get("states", ()))
#: What is left of a detective control, by how it was impaired, and what was done to it.
_LEFT: Final = {"removed": ("removed", "removes"), "stopped": ("disabled", "disables")}
#: The state of an entity, with the time at which it was first touched.
_STATES: Final = {
    "active": "active since {}",
    "created": "created at {}, not deleted",
    "created key": "created at {}, not deactivated",
    "back on": "changed at {}, active again",
    "changed": "changed at {}, not restored",
    "disabled": "disabled at {}",
    "removed": "deleted at {}",
    "requested": "requested at {}, no answer in the logs",
    "used": "active, not created in these logs, first used at {}",
    "unknown": "possibly still active since {} (the logs do not show whether it was removed)",
}


def mark_open(case: Asks, rows: list[dict[str, Any]], account_id: str) -> list[Row]:
    """Set ``severity`` and ``still_open`` of rows of the blast radius, and ``state`` of what others undid.

    Returns:
        what a row tells of each detective control that is off or changed and is none of these entities.
    """
    listed = case.query("listed_calls").rows
    severity = {place_text(row): row["severity"] for row in listed}
    impaired = {
        place_text(row): row
        for row in case.query("logging_impairment", account_id=account_id).rows
        if row["result"] == "succeeded" and not row["until_time"] and (row["by_root"] or row["by_descendant"])
    }
    recoverable = {place_text(row) for row in listed if deadline_of(row["action_id"])}
    for row in rows:
        row["severity"] = max((severity.get(place, "info") for place in row["citations"]), key=SEVERITIES.index)
        row["still_open"] = _is_open(row, impaired.keys() | recoverable)
    changed = [row for row in rows if row["state"] == "changed"]
    _mark_closed(case, changed, listed, impaired.keys())
    _mark_undone(case, changed, account_id)
    told = {place for row in rows for place in row["citations"]}
    return [
        _control(row, severity.get(place, "info"))
        for place, row in impaired.items()
        if place not in told and (row["certainty"] == "certain" or row["impairment"] in _LEFT)
    ]


def _mark_closed(
    case: Asks, rows: list[dict[str, Any]], listed: list[of.ListedCalls], impairing: Collection[str]
) -> None:
    """Close what was only changed, by calls alone that give nobody anything: there is nothing to put back."""
    wanted = {place for row in rows for place in row["citations"]}
    judged = judged_by_content(case, [row for row in listed if place_text(row) in wanted])
    closing = {place_text(row) for row in judged if closes(row, impairing)}
    for row in rows:
        row["still_open"] = row["still_open"] and not closing.issuperset(row["citations"])


def _mark_undone(case: Asks, rows: list[dict[str, Any]], account_id: str) -> None:
    """Close what was only changed and of which others undid each call, or wrote all of it again and let nobody in.

    What was created is told by its end; what was given another name since may be meant by none of these calls.
    """
    is_open = [row for row in rows if row["still_open"] and row["current_name"] is None]
    wanted = {place for row in is_open for place in row["citations"]}
    calls = rows_in_steps(case.query("reached_calls", account_id=account_id)) if wanted else ()
    writes = {place: call for call in calls if (place := place_text(call)) in wanted}
    answers = Answers(case, writes.values())
    for row in is_open:
        if answering := answers.to_all(writes.get(place) for place in row["citations"]):
            last = answering[-1]
            row["state"], row["still_open"] = "undone", False
            row["ended_by"], row["ended_time"] = last["actor"], last["eventTime"]
            row["ended_eventID"], row["ended_citation"] = last["eventID"], place_text(last)


def keys_beside(case: Asks, rows: list[dict[str, Any]], account_id: str) -> list[Row]:
    """What a row tells of each key of root's own that is no entity: it was there before and was used, or has no ID."""
    known = {(row["account_id"], row["entity_name"]) for row in rows if row["entity_kind"] == "access key"}
    uses: dict[tuple[str, str], list[of.RootTimeline]] = {}
    for row in case.query("root_timeline", account_id=account_id).rows:
        key = account_of(row), row["accessKeyId"] or ""
        if row["origin_group"] == "activity" and key[1].startswith("AKIA") and key not in known:
            uses.setdefault(key, []).append(row)
    unnamed = [
        row
        for row in case.query("root_credential_changes", account_id=account_id).rows
        if (row["credential_kind"], row["change"], row["outcome"]) == ("access_key", "added", "success")
        and not row["credential"]
    ]
    return [
        *({**_key(key, "uses", used), "awsRegion": used[0]["awsRegion"]} for (_, key), used in uses.items()),
        *(_key("(ID not recorded)", "creates", [row]) for row in unnamed),
    ]


def _key(name: str, effect: str, events: Sequence[of.RootTimeline | of.RootCredentialChanges]) -> Row:
    """A key of root's own as an entity, by the events that show it."""
    first, account = events[0], account_of(events[0])
    return {
        "first_time": first["eventTime"],
        "depth": 1,
        "account_id": account,
        "entity_kind": "access key",
        "entity_name": name,
        "effect": effect,
        "actor": f"root user ({account})",
        "certainty": "certain",
        "eventName": first["eventName"],
        "action_count": len(events),
        "severity": "critical",
        "state": "active",
        "still_open": True,
        "eventID": first["eventID"],
        "citation": place_text(first),
        "eventIDs": [row["eventID"] for row in events],
        "citations": [place_text(row) for row in events],
        "root_accounts": [account],
    }


def state_of(row: of.BlastRadius) -> str:
    """The state of what is open in words, with the time at which root or follow-on activity reached it first."""
    created = "created key" if row["entity_kind"] == "access key" else "created"
    state = {"uses": "used", "creates": created}.get(row["effect"], "active")
    if row["state"] != "active":
        state = "requested" if row["entity_kind"] in REQUESTED else row["state"]
    return _STATES.get(state, f"{state} {{}}").format(at(row["first_time"]))


def ended_as(row: of.BlastRadius) -> str:
    """How others ended an entity: in a word."""
    removed = "terminated" if row["entity_kind"] == "instance" else "deleted"
    return {"undone": "undone", "disabled": "disabled", "removed": removed}.get(row["state"], "ended")


def urgency(row: of.BlastRadius) -> tuple[bool, bool, int]:
    """Place among what is open: by what somebody comes back, then what is most severe; what was accepted comes last."""
    return row["accepted"] is not None, row["entity_kind"] not in LEADING, -SEVERITIES.index(row["severity"])


def _is_open(row: Row, to_restore: Collection[str]) -> bool:
    """Whether an entity is there, or may be, or is not as it was; what was switched off and is on again, is.

    Args:
        row: of the blast radius.
        to_restore: calls that ended a detective control, or something that can still be restored.
    """
    if row["state"] in ("removed", "disabled"):
        by_root = row["ended_citation"] in row["citations"]
        return by_root and (row["entity_kind"] in _RESTORED or row["ended_citation"] in to_restore)
    return bool(row["state"] == "changed") or (row["state"] in ("active", "unknown") and row["effect"] not in ENDINGS)


def _control(row: of.LoggingImpairment, severity: str) -> Row:
    """A detective control that is no entity, as one."""
    state, effect = _LEFT.get(row["impairment"] or "", ("changed", "changes"))
    account, place = row["account_id"] or "unknown", place_text(row)
    return {
        "first_time": row["from_time"],
        "depth": 1 if row["by_root"] else 2,
        "account_id": account,
        "awsRegion": row["awsRegion"],
        "entity_kind": row["control"],
        "entity_name": row["entity"] or f"{row['part']} (not named)",
        "effect": effect,
        "actor": f"root user ({account})" if row["by_root"] else row["actor"],
        "certainty": row["by_descendant"] or "certain",
        "eventName": row["eventName"],
        "action_count": 1,
        "severity": severity,
        "state": state,
        "still_open": True,
        "eventID": row["eventID"],
        "citation": place,
        "eventIDs": [row["eventID"]],
        "citations": [place],
        "root_accounts": [account],
    }
