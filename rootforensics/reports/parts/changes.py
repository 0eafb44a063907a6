"""Changes that root made, and calls that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """Writes and errors. CloudTrail counts sign-ins as writes; the part on sign-ins lists them."""
    writes = material.query("root_writes").rows
    changes = [row for row in writes if row["eventName"] != "ConsoleLogin"]
    return {
        "writes": changes,
        "write_count": len(writes),
        "login_count": len(writes) - len(changes),
        "failed_count": sum(row["outcome"] == "failure" for row in changes),
        "errors": material.query("root_errors").rows,
    }


PART = Part("changes", "Changes and failed calls", 60, build, in_annex=True)
