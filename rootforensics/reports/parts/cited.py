"""The events that the report cites and that have no line in the page's timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.evidence.cite import place_of
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import ROWS_LISTED

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.material import Material

#: A browser lays out a table whole, but can leave out whole tables that are out of sight.
_ROWS_A_TABLE: Final = 250


def build(material: Material) -> dict[str, Any] | None:
    """The events, in order of time, and records that are no event of the case; nothing if the timeline has all."""
    cite_problems(material)
    numbers = material.citations.numbers
    if not numbers:
        return None
    rows = material.citations.events = _events(material)
    found = set(map(place_of, rows))
    return {
        "tables": [rows[start : start + _ROWS_A_TABLE] for start in range(0, len(rows), _ROWS_A_TABLE)],
        "row_count": len(rows),
        "missing": {place: number for place, number in numbers.items() if place not in found},
    }


def cite_problems(material: Material) -> None:
    """The list of the evidence's problems stands below, and cites events as well."""
    for row in material.case.query("evidence_problems").rows[:ROWS_LISTED]:
        if row["record_index"] is not None:
            material.citations.to_place((row["evidence_id"], row["record_index"]))


def _events(material: Material) -> list[of.CitedLine]:
    """The cited events with their anchors."""
    numbers = material.citations.numbers
    places = tuple(f"{evidence_id}:{record_index}" for evidence_id, record_index in numbers)
    rows = material.case.query("cited_events", citations=places).rows
    return [{**row, "anchor": f"c-{numbers[place_of(row)]}"} for row in rows]


PART = Part("cited", "Cited events", 78, build, in_annex=True)
