"""The blast radius: what root made and changed, what that did in turn, and what of it is still there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, get_args

from rootforensics.analysis.lineage.blast_radius import MISSES
from rootforensics.analysis.lineage.entity import State
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.material import Material

#: What is left first: active, then changed and unknown, then what is as it was before, then what is gone.
_ORDER: Final = ("active", "changed", "unknown", "back on", "undone", "disabled", "expired", "removed")


def build(material: Material) -> dict[str, Any]:
    """Entities by what is left of them, what is open first."""
    radius, uses = material.case.ran.noted(lambda: material.case.radius)
    material.made["blast_radius"] = Made(
        "Blast radius",
        "What did root make and change, what did that make and change in turn, and what of it is still there?",
        MISSES,
        "blast-radius",
        uses,
        len(radius.result()),
    )
    rows = [*radius.still_open, *sorted(radius.closed, key=lambda row: _ORDER.index(row["state"]))]
    counts = Counter(row["state"] for row in rows)
    return {
        "rows": list(_alike(rows)),
        "entity_count": len(rows),
        "open_count": len(radius.still_open),
        "counts": [(state, counts[state]) for state in _ORDER if counts[state]],
        "cut_off": radius.cut_off,
    }


def _alike(rows: list[of.BlastRadius]) -> Iterator[tuple[of.BlastRadius, list[str]]]:
    """Entities that one call reached, that one call ended, and that nobody used, as one row with their names."""
    found: dict[tuple[object, ...], list[of.BlastRadius]] = {}
    for row in rows:
        alone = row["entity_name"] if row["use_count"] else ""
        key = (
            row["citation"], row["entity_kind"], row["detail"], row["state"], row["ended_citation"], row["accepted"],
            alone,
        )  # fmt: skip
        found.setdefault(key, []).append(row)
    for same in found.values():
        yield same[0], [row["entity_name"] for row in same]


assert set(_ORDER) == set(get_args(State))  # noqa: S101 - a state without a place would be lost
PART = Part("radius", "Blast radius", 13, build)
