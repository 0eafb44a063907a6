"""Root's timeline by day: root activity, with service activity folded below it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rootforensics.evidence.cite import place_of
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import ROWS_SHOWN
from rootforensics.reports.parts.shapes import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.material import Material, Place

#: A browser lays out a table as a whole, but can skip tables that are out of sight.
_ROWS_A_TABLE: Final = 250


def build(material: Material) -> dict[str, Any]:
    """The days with their tables and sessions, and how many rows the page omits."""
    rows = material.query("root_timeline").rows
    own = (row for row in material.query("root_session_events").rows if place_of(row) in material.lines)
    sessions = {place_of(row): row["session_id"] for row in own}
    lines: dict[Place, of.TimelineLine] = {
        place: {**row, "session_id": sessions.get(place)} for place, row in material.lines.items()
    }
    return {
        "days": [
            _day(name, list(of_day), lines) for name, of_day in groupby(rows, lambda row: day_of(row["eventTime"]))
        ],
        "activity_count": sum(row["origin_group"] == "activity" for row in rows),
        "noise_count": sum(row["origin_group"] == "noise" for row in rows),
        "opening_count": sum(row["origin_group"] == "opening" for row in rows),
        "left_out": len(rows) - len(material.timeline),
        "limits": ROWS_SHOWN,
    }


def _day(name: str, rows: list[of.RootTimeline], lines: dict[Place, of.TimelineLine]) -> dict[str, Any]:
    shown = [lines[place] for row in rows if (place := place_of(row)) in lines]
    in_sight = [row for row in shown if row["origin_group"] != "noise"]
    noise = [row for row in shown if row["origin_group"] == "noise"]
    noise_count = sum(row["origin_group"] == "noise" for row in rows)
    return {
        "name": name,
        "count": len(rows) - noise_count,
        "left_out": len(rows) - noise_count - len(in_sight),
        "tables": list(_tables(in_sight)),
        "noise_count": noise_count,
        "noise_left_out": noise_count - len(noise),
        "noise_tables": list(_tables(noise)),
    }


def _tables(rows: list[of.TimelineLine]) -> Iterator[list[of.TimelineLine]]:
    for start in range(0, len(rows), _ROWS_A_TABLE):
        yield rows[start : start + _ROWS_A_TABLE]


PART = Part("timeline", "Timeline", 70, build, in_annex=True)
