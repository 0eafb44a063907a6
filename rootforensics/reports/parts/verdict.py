"""The verdict: the questions of a root incident, answered for each account in which root was active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made
from rootforensics.telling.posture_now import now_beside, open_now
from rootforensics.telling.standing import standing

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material

#: So many tables are read; of more accounts the page shows a line each, which unfolds.
_IN_SIGHT: Final = 3


def build(material: Material) -> dict[str, Any]:
    """The answers, account by account, the one with the most to answer for first."""
    verdicts, uses = material.case.ran.noted(lambda: material.case.verdicts)
    material.made["verdict"] = Made(
        "The verdict",
        "Was root used, how, with what approval, and what followed, for each account in which it was active?",
        "What the questions under it miss. No is said only where the logs of the account could have shown a yes; where "
        "they could not, the answer is unknown and names what is missing.",
        "verdict",
        uses,
        sum(len(one.answers) for one in verdicts),
    )
    told = [(one, standing(material.case, one)) for one in material.verdicts]
    in_sight = [one for one, held in told if held.is_bad][:_IN_SIGHT] or material.verdicts[:1]
    return {
        "open": in_sight,
        "folded": [(one, held.heading) for one, held in told if one not in in_sight],
        "account_count": len(verdicts),
        "now": open_now(material.case),
        "beside": now_beside(material.case),
    }


PART = Part("verdict", "Verdict", 11, build)
