"""Cited events without a line in the page's timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.evidence.cite import place_of
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import ROWS_LISTED

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.material import Material

#: A browser lays out a table as a whole, but can skip tables that are out of sight.
_ROWS_A_TABLE: Final = 250


def build(material: Material) -> dict[str, Any] | None:
    """The events in order of time, and cited records that are not events; None if there are none."""
    cite_problems(material)
    numbers = material.citations.numbers
    if not numbers:
        return None
    rows = material.citations.events = _events(material)
    listed = set(map(place_of, rows))
    return {
        "tables": [rows[start : start + _ROWS_A_TABLE] for start in range(0, len(rows), _ROWS_A_TABLE)],
        "row_count": len(rows),
        "missing": {place: number for place, number in numbers.items() if place not in listed},
    }


def cite_problems(material: Material) -> None:
    """Register the citations of the list of problems, which the page shows after this part."""
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
