"""Identities that do not descend from root: their severe actions, and what they share with root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part
from rootforensics.telling.identities import known, may_be_more, tell_identities

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The identities, most severe first; those that only share something with root come last."""
    every = material.query("identities").rows
    rows = known(every)
    has_actions = any(row["action_count"] for row in rows)
    nothing = may_be_more(every) if has_actions else next(tell_identities(material.case)).text
    return {"rows": rows, "acting_count": sum(bool(row["action_count"]) for row in rows), "nothing": nothing}


PART = Part("identities", "Other identities", 65, build, in_annex=True)
