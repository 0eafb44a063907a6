"""Root's story: was it used, by whom, from where, with MFA, each sentence with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.words import short
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.shapes import when

if TYPE_CHECKING:
    from rootforensics.analysis.statements import Statement
    from rootforensics.reports.parts.material import Material, Place, Row

#: Citations in sight, and folded behind them; the rest are counted.
_IN_SIGHT: Final = 4
_FOLDED: Final = 200
_LEVELS: Final = {"bad": "Serious", "note": "Note", "good": "Clear"}


@dataclass(frozen=True, slots=True)
class Citation:
    """One piece of evidence for a sentence: its place, and what stands there."""

    place: str
    anchor: str
    title: str


def build(material: Material) -> dict[str, Any]:
    """The answer in brief, then the statements."""
    summary = material.summary["root"]
    sign_ins = [row for row in material.rows("root_signins") if row["signin_kind"] == "sign_in"]
    succeeded = [row for row in sign_ins if row["outcome"] == "success"]
    activity = [row for row in material.rows("root_timeline") if row["side"] == "activity"]
    times = [row["eventTime"] for row in activity if row["eventTime"]]
    return {
        "used": bool(summary["activity"]),
        "left_out": bool(material.summary["events"]["filtered"] or material.summary["evidence"]["not_decoded"]),
        "filters": material.summary["filters"],
        "any_events": bool(material.summary["events"]["calls"]),
        "activity_count": summary["activity"],
        "accounts": sorted({row["account_id"] for row in activity if row["account_id"]}),
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "sign_ins": {
            "success": len(succeeded),
            "failure": sum(row["outcome"] == "failure" for row in sign_ins),
            "with_mfa": sum(row["mfa_used"] is True for row in succeeded),
            "without_mfa": sum(row["mfa_used"] is False for row in succeeded),
            "mfa_unsaid": sum(row["mfa_used"] is None for row in succeeded),
        },
        "addresses": _totals(material.rows("root_by_ip"), "sourceIPAddress"),
        "agents": _totals(material.rows("root_by_user_agent"), "userAgent"),
        "keys": _totals(material.rows("root_api_calls"), "key_kind"),
        "coverage": material.rows("coverage"),
        "answers": [_cited(statement, material) for statement in material.story if not statement.detail],
        "details": [_cited(statement, material) for statement in material.story if statement.detail],
    }


def _totals(rows: list[Row], key: str) -> list[tuple[str, int]]:
    """Events for each value of a column, most first."""
    totals: dict[str, int] = {}
    for row in rows:
        name = row[key] or "not recorded"
        totals[name] = totals.get(name, 0) + row["event_count"]
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _cited(statement: Statement, material: Material) -> dict[str, Any]:
    proofs = statement.places or statement.event_ids
    cite = _placed if statement.places else _event
    citations = [cite(proof, material) for proof in proofs[: _IN_SIGHT + _FOLDED]]
    # One more in sight takes no more room than the word that would fold it.
    in_sight = _IN_SIGHT if len(proofs) > _IN_SIGHT + 1 else len(proofs)
    return {
        "text": statement.text,
        "level": statement.level,
        "level_word": _LEVELS[statement.level],
        "count": len(proofs),
        "in_sight": citations[:in_sight],
        "folded": citations[in_sight:],
        "uncited_count": len(proofs) - len(citations),
    }


def _event(event_id: str, material: Material) -> Citation:
    """By the place of an event; one that has no line here, as others than root did it, by its eventID."""
    place = material.places.get(event_id)
    if place is None:
        return Citation(short(event_id), "", f"eventID {short(event_id)}")
    return _placed(f"{place[0]}:{place[1]}", material)


def _placed(text: str, material: Material) -> Citation:
    evidence_id, _, record_index = text.partition(":")
    place: Place = (int(evidence_id), int(record_index))
    line = material.lines.get(place)
    if line is None:
        return Citation(text, "", f"record {record_index} of evidence {evidence_id}")
    title = f"{when(line['eventTime'])} {line['eventName'] or 'no eventName'}, eventID {line['eventID'] or 'none'}"
    return Citation(text, f"e-{evidence_id}-{record_index}", title)


PART = Part("story", "Root’s story", 10, build)  # noqa: RUF001 - typography
