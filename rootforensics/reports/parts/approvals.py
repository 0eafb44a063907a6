"""Root sessions compared with approvals, and the procedure after each use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any] | None:
    """Sessions, approvals and steps; None without a file of approvals."""
    found = material.reconciliation
    if found is None:
        return None
    return {
        "found": found,
        "beside": [one for one in found.apart if not one.is_approved],
        "approved_count": sum(session.verdicts == ("approved",) for session in found.sessions),
        "used_count": sum(outcome.status == "used" for outcome in found.outcomes),
    }


PART = Part("approvals", "Approved and unapproved use", 45, build, in_annex=True)
