"""The incident timeline: everything that the case shows, day by day."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made
from rootforensics.reports.parts.shapes import day_of
from rootforensics.telling.statement import LINE_TYPES
from rootforensics.telling.timeline import MISSES, incident_lines

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material
    from rootforensics.telling.statement import Statement

#: The most lines on the page, and in one table, which a browser lays out as a whole.
LINES_SHOWN: Final = 1_500
_LINES_A_TABLE: Final = 250
_MEANINGS: Final = {
    "approval": "what was approved",
    "coverage": "what the logs cover, and where they may be incomplete",
    "root": "what root did",
    "finding": "sequences of events that need investigation",
    "follow-on": "follow-on activity, and containment by others",
    "note": "notes of the investigators",
}


def build(material: Material) -> dict[str, Any]:
    """The days, each with its lines."""
    lines, uses = material.case.ran.noted(lambda: incident_lines(material.case))
    material.made["incident"] = Made(
        "Incident timeline",
        "What happened, in order of time, according to everything in the case?",
        MISSES,
        "incident",
        uses,
        len(lines),
    )
    shown = lines[:LINES_SHOWN]
    present = {line.line_type for line in lines}
    return {
        "days": [
            (name, list(_tables(list(of_day)))) for name, of_day in groupby(shown, lambda line: day_of(line.from_time))
        ],
        "line_count": len(lines),
        "left_out": len(lines) - len(shown),
        "line_types": [(line_type, _MEANINGS[line_type]) for line_type in LINE_TYPES if line_type in present],
    }


def _tables(lines: list[Statement]) -> list[list[Statement]]:
    return [lines[start : start + _LINES_A_TABLE] for start in range(0, len(lines), _LINES_A_TABLE)]


PART = Part("incident", "Incident timeline", 12, build)
