"""The blast radius: entities that root and its follow-on activity created or changed, and their state."""

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

#: Open states first, then restored ones, then ended ones.
_ORDER: Final = ("active", "changed", "unknown", "back on", "undone", "disabled", "expired", "removed")


def build(material: Material) -> dict[str, Any]:
    """Entities by state, open ones first."""
    radius, uses = material.case.ran.noted(lambda: material.case.radius)
    material.made["blast_radius"] = Made(
        "Blast radius",
        "What did root and its follow-on activity create or change, and what is still in place?",
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
    """One row, with all names, for unused entities that the same call reached and the same call ended."""
    groups: dict[tuple[object, ...], list[of.BlastRadius]] = {}
    for row in rows:
        alone = row["entity_name"] if row["use_count"] else ""
        key = (
            row["citation"], row["entity_kind"], row["detail"], row["state"], row["ended_citation"], row["accepted"],
            alone,
        )  # fmt: skip
        groups.setdefault(key, []).append(row)
    for same in groups.values():
        yield same[0], [row["entity_name"] for row in same]


assert set(_ORDER) == set(get_args(State))  # noqa: S101 - rows of an unlisted state would be dropped
PART = Part("radius", "Blast radius", 13, build)
