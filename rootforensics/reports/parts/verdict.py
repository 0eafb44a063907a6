"""The verdict: the questions of a root incident, answered for each account in which root was active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material

_USES = (
    "root_timeline", "root_signins", "root_sessions", "root_actions", "root_credential_changes", "record_tampering",
    "coverage",
)  # fmt: skip


def build(material: Material) -> dict[str, Any]:
    """The answers, account by account, the one with the most to answer for first."""
    material.made["verdict"] = Made(
        "The verdict",
        "Was root used, how, by what right, and what came of it, for each account in which it was active?",
        "What the questions under it miss. No is said only where the logs of the account could have shown a yes; where "
        "they could not, the answer is unknown and names what is missing.",
        "verdict",
        _USES,
        sum(len(one.answers) for one in material.case.verdicts),
    )
    return {"accounts": material.verdicts, "account_count": len(material.case.verdicts)}


PART = Part("verdict", "Verdict", 11, build)
