"""Impairment of logging: changes of detective controls, and periods in which logs may be incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The windows, then all other changes and attempts."""
    rows = material.query("logging_impairment").rows
    windows = [row for row in rows if row["result"] == "succeeded" and row["impairment"] != "changed"]
    taken = material.case.scope
    return {
        "rows": rows,
        "windows": windows,
        "others": [row for row in rows if row["result"] != "succeeded" or row["impairment"] == "changed"],
        "root_count": sum(bool(row["by_root"]) for row in rows),
        "unread": [row for row in material.query("evidence").rows if row["status"] in ("damaged", "unreadable")],
        "filters": taken.filters,
    }


PART = Part("impairment", "Impairment of logging", 18, build, in_annex=True)
