"""Root's sessions: by which credentials, from when to when, from where, with MFA, and to do how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The sessions, in order of time; one by AssumeRoot stands on the MFA of whoever opened it."""
    rows = material.rows("root_sessions")
    without = [row for row in rows if row["mfa_used"] is False and row["session_kind"] != "assume_root"]
    return {
        "rows": rows,
        "without_mfa_count": len(without),
        "moved_count": sum(row["ip_count"] > 1 for row in rows),
    }


PART = Part("sessions", "Sessions", 42, build)
