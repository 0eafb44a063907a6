"""Containment and recovery steps in order, with commands that are printed and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.analysis.containment.step import RUN_AS
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The steps, account by account."""
    verdicts, uses = material.case.ran.noted(lambda: material.case.verdicts)
    material.made["containment"] = Made(
        "Containment and recovery",
        "Which of root's actions must be undone, in which order, and with which command?",
        "Everything that the blast radius misses. Whether a change was intended. Contents of policies. Other entities.",
        "verdict",
        uses,
        sum(len(verdict.steps) for verdict in verdicts),
    )
    with_steps = [one for one in material.verdicts if one.steps]
    return {
        "accounts": with_steps,
        "run_as": RUN_AS,
        "missing_count": sum(bool(one.steps) for one in verdicts) - len(with_steps),
    }


PART = Part("containment", "Containment and recovery, in this order", 14, build)
