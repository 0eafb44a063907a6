"""Tampering: who touched what watches the account, and in which windows the record cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The windows, then everything else that was done or tried."""
    rows = material.rows("record_tampering")
    windows = [row for row in rows if row["deed"] == "done" and row["tampering"] != "changed"]
    taken = material.case.scope
    return {
        "rows": rows,
        "windows": windows,
        "others": [row for row in rows if row["deed"] != "done" or row["tampering"] == "changed"],
        "root_count": sum(bool(row["by_root"]) for row in rows),
        "unread": [row for row in material.rows("evidence") if row["status"] in ("damaged", "unreadable")],
        "filters": taken.filters,
    }


PART = Part("tampering", "Tampering with the record", 18, build)
