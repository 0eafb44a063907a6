"""Root sessions with their credentials, times, addresses, MFA and number of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The sessions in order of time, each with its findings."""
    rows = material.query("root_sessions").rows
    return {
        "rows": rows,
        "findings": _by_session(material.case.findings().rows),
        "without_mfa_count": sum(row["mfa_used"] is False for row in rows),
        "moved_count": sum(row["ip_count"] > 1 for row in rows),
    }


def _by_session(findings: list[of.Findings]) -> dict[str, dict[str, Any]]:
    """The findings of each session: their number, highest severity and names, most severe first."""
    by_session: dict[str, dict[str, Any]] = {}
    for row in findings:
        name = row["finding"] if row["result"] == "succeeded" else f"{row['finding']} ({row['result']})"
        for session_id in row["session_ids"] or ():
            entry = by_session.setdefault(session_id, {"finding_count": 0, "worst": row["severity"], "findings": []})
            entry["finding_count"] += 1
            if name not in entry["findings"]:
                entry["findings"].append(name)
    return by_session


PART = Part("sessions", "Sessions", 42, build, in_annex=True)
