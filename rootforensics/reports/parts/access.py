"""Keys, addresses and user agents with which root was used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.shapes import KEY_KINDS

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """Keys, source addresses and user agents."""
    keys = material.query("root_api_calls").rows
    totals = {
        word: sum(row["event_count"] for row in keys if row["key_kind"] == kind) for kind, word in KEY_KINDS.items()
    }
    return {
        "keys": keys,
        "totals": totals,
        "addresses": material.query("root_by_ip").rows,
        "agents": material.query("root_by_user_agent").rows,
    }


PART = Part("access", "Keys, addresses and user agents", 50, build, in_annex=True)
