"""The investigator's own notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any] | None:
    """The notes; None without any."""
    rows = material.query("notes").rows
    return {"rows": rows} if rows else None


PART = Part("notes", "Notes", 75, build, in_annex=True)
