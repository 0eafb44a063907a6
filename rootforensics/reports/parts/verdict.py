"""The verdict: the questions of a root incident, answered for each account with root activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made
from rootforensics.telling.posture_now import now_beside, open_now
from rootforensics.telling.standing import standing

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material

#: The most accounts whose tables are unfolded.
_IN_SIGHT: Final = 3


def build(material: Material) -> dict[str, Any]:
    """The answers by account, those with the most failed checks first."""
    verdicts, uses = material.case.ran.noted(lambda: material.case.verdicts)
    material.made["verdict"] = Made(
        "The verdict",
        "For each account with root activity: how was root used, was it approved, and what followed?",
        "Everything that its queries miss. The answer is no only where the account's logs could have shown a yes. "
        "Otherwise it is unknown and lists what is missing.",
        "verdict",
        uses,
        sum(len(verdict.answers) for verdict in verdicts),
    )
    rated = [(one, standing(material.case, one)) for one in material.verdicts]
    in_sight = [one for one, rating in rated if rating.is_bad][:_IN_SIGHT] or material.verdicts[:1]
    return {
        "open": in_sight,
        "folded": [(one, rating.heading) for one, rating in rated if one not in in_sight],
        "account_count": len(verdicts),
        "now": open_now(material.case),
        "beside": now_beside(material.case),
    }


PART = Part("verdict", "Verdict", 11, build)
