"""Findings: root events that need investigation, how severe they are, and harmless explanations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.finding_groups import grouped

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The findings, the most severe first."""
    rows = material.case.findings().rows
    counts = Counter(row["severity"] for row in rows)
    return {
        "groups": grouped(rows),
        "row_count": len(rows),
        "counts": [(severity, counts[severity]) for severity in reversed(SEVERITIES) if counts[severity]],
        "attempted_count": sum(row["result"] == "attempted" for row in rows),
    }


PART = Part("findings", "Findings", 15, build)
