"""The lines of root's timeline that a page keeps if it cannot show all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.evidence.cite import place_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from rootforensics.queries import rows as of

    Place = tuple[int, int]


def kept_lines(
    rows: Sequence[of.RootTimeline],
    limits: Mapping[str, int],
    severity_rank: Mapping[Place, int],
    cited: Collection[Place],
) -> set[Place]:
    """The lines to keep: changes, most severe first, then failures, then cited by a finding, then others.

    Args:
        rows: of the timeline; within a rank, the first ones are kept.
        limits: the most lines of each group.
        severity_rank: the severity of events in the catalogue, by place.
        cited: places that a finding cites.

    Returns:
        The places of the lines.
    """

    def rank(row: of.RootTimeline) -> tuple[int, int, bool]:
        place = place_of(row)
        changed = row["outcome"] != "failure" and row["is_write"] is not False
        kind = 0 if changed else 1 if row["outcome"] == "failure" else 2 if place in cited else 3
        return kind, -severity_rank.get(place, -1), place not in cited

    left = dict(limits)
    kept: set[Place] = set()
    for row in sorted(rows, key=rank):
        left[row["origin_group"]] -= 1
        if left[row["origin_group"]] >= 0:
            kept.add(place_of(row))
    return kept
