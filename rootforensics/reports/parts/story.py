"""Root's story: was it used, by whom, from where, with MFA, each sentence with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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
    sign_ins = [row for row in material.rows("root_signins") if row["eventName"] == "ConsoleLogin"]
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
        "statements": [_cited(statement, material) for statement in material.story],
    }


def _totals(rows: list[Row], key: str) -> list[tuple[str, int]]:
    """Events for each value of a column, most first."""
    totals: dict[str, int] = {}
    for row in rows:
        name = row[key] or "not recorded"
        totals[name] = totals.get(name, 0) + row["event_count"]
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _cited(statement: Statement, material: Material) -> dict[str, Any]:
    places = statement.places or _places(statement.event_ids, material)
    citations = [_citation(place, material) for place in places[: _IN_SIGHT + _FOLDED]]
    # One more in sight takes no more room than the word that would fold it.
    in_sight = _IN_SIGHT if len(places) > _IN_SIGHT + 1 else len(places)
    return {
        "text": statement.text,
        "level": statement.level,
        "level_word": _LEVELS[statement.level],
        "count": len(places),
        "in_sight": citations[:in_sight],
        "folded": citations[in_sight:],
        "uncited_count": len(places) - len(citations),
    }


def _places(event_ids: tuple[str, ...], material: Material) -> tuple[str, ...]:
    found = [material.places[event_id] for event_id in event_ids if event_id in material.places]
    return tuple(f"{evidence_id}:{record_index}" for evidence_id, record_index in found)


def _citation(text: str, material: Material) -> Citation:
    evidence_id, _, record_index = text.partition(":")
    place: Place = (int(evidence_id), int(record_index))
    line = material.lines.get(place)
    if line is None:
        return Citation(text, "", f"record {record_index} of evidence {evidence_id}")
    title = f"{when(line['eventTime'])} {line['eventName'] or 'no eventName'}, eventID {line['eventID'] or 'none'}"
    return Citation(text, f"e-{evidence_id}-{record_index}", title)


PART = Part("story", "Root’s story", 10, build)  # noqa: RUF001 - typography
