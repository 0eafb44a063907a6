"""The brief: what happened to root of each account, on one or two sheets, for whoever reads nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.head import facts
from rootforensics.reports.parts.material import Made
from rootforensics.reports.sheets import fitted
from rootforensics.telling.brief import brief
from rootforensics.telling.standing import WORDS

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material

_MISSES = "What no log in the case holds. It is a choice: the verdict, the timeline and the findings have all of it."


def build(material: Material) -> dict[str, Any]:
    """The brief, as far as two sheets hold it."""
    whole, uses = material.case.ran.noted(lambda: brief(material.case))
    told, tallest = fitted(whole, facts(material), material.paper)
    material.made["brief"] = Made(
        "The brief",
        "What happened to root, what is still open, and what is to be done first?",
        _MISSES,
        "brief",
        uses,
        whole.moment_count,
    )
    kinds = {one.account_id: WORDS[one.standing.kind] for one in told.accounts if not one.standing.is_bad}
    return {"brief": told, "tallest": tallest, "any_events": bool(material.summary["events"]["calls"]), "kinds": kinds}


PART = Part("brief", "Brief", 5, build)
