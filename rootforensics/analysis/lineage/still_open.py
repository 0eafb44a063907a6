"""What is open at the end of the logs: what somebody has to end, to put back or to switch on again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.evidence.cite import place_text
from rootforensics.rules.actions import SEVERITIES
from rootforensics.rules.entities import ENDINGS, PERSISTENCE
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Row

#: Kinds of entities that can be had again after they were removed.
_RESTORED: Final = frozenset(one["kind"] for one in measures("step") if "removed" in one.get("states", ()))
#: What is left of a detective control, by how it was impaired, and what was done to it.
_LEFT: Final = {"removed": ("removed", "removes"), "stopped": ("disabled", "disables")}


def mark_open(case: Asks, rows: list[of.BlastRadius], account_id: str) -> list[Row]:
    """Set ``severity`` and ``still_open`` of rows of the blast radius.

    Returns:
        what a row tells of each detective control that is off or changed and is none of these entities.
    """
    severity = {place_text(row): row["severity"] for row in case.query("listed_calls").rows}
    impaired = {
        place_text(row): row
        for row in case.query("logging_impairment", account_id=account_id).rows
        if row["result"] == "succeeded" and not row["until_time"] and (row["by_root"] or row["by_descendant"])
    }
    for row in rows:
        row["severity"] = max((severity.get(place, "info") for place in row["citations"]), key=SEVERITIES.index)
        row["still_open"] = _is_open(row, impaired.keys())
    told = {place for row in rows for place in row["citations"]}
    return [
        _control(row, severity.get(place, "info"))
        for place, row in impaired.items()
        if place not in told and (row["certainty"] == "certain" or row["impairment"] in _LEFT)
    ]


def urgency(row: of.BlastRadius) -> tuple[bool, int]:
    """Place among what is open: by what somebody comes back, then what is most severe."""
    return row["entity_kind"] not in PERSISTENCE, -SEVERITIES.index(row["severity"])


def _is_open(row: of.BlastRadius, impaired: Collection[str]) -> bool:
    """Whether an entity is there, or may be, or is not as it was; what was switched off and is on again, is."""
    if row["state"] in ("removed", "disabled"):
        by_root = row["ended_citation"] in row["citations"]
        return by_root and (row["entity_kind"] in _RESTORED or row["ended_citation"] in impaired)
    return row["state"] == "changed" or (row["state"] in ("active", "unknown") and row["effect"] not in ENDINGS)


def _control(row: of.LoggingImpairment, severity: str) -> Row:
    """A detective control that is no entity, as one."""
    state, effect = _LEFT.get(row["impairment"], ("changed", "changes"))
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
