"""The brief: what happened to root in each account, on one or two sheets."""

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

_MISSES = "Anything missing from the logs. The brief is a selection: the verdict, timeline and findings are complete."


def build(material: Material) -> dict[str, Any]:
    """The brief, cut to two sheets."""
    whole, uses = material.case.ran.noted(lambda: brief(material.case))
    shown, tallest = fitted(whole, facts(material), material.paper)
    material.made["brief"] = Made(
        "The brief",
        "What happened to root, what is still open, and what should be done first?",
        _MISSES,
        "brief",
        uses,
        whole.moment_count,
    )
    kinds = {
        account.account_id: WORDS[account.standing.kind] for account in shown.accounts if not account.standing.is_bad
    }
    return {"brief": shown, "tallest": tallest, "any_events": bool(material.summary["events"]["calls"]), "kinds": kinds}


PART = Part("brief", "Brief", 5, build)
