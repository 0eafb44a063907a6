"""The charts of root's activity over time and by hour of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The hours of the charts, and those with root activity."""
    rows = material.query("events_by_hour").rows
    return {"any_rows": any(row["hour_time"] for row in rows), "hours": [row for row in rows if row["activity_count"]]}


PART = Part("activity", "When root was used", 30, build, in_annex=True)
