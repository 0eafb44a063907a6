"""The blast radius of a few records, beside others."""

from __future__ import annotations

from typing import Any

from rootforensics.analysis.lineage.blast_radius import BlastRadius
from tests.stories import Names, Part, Story


def blast_of(*records: dict[str, Any], apart: bool = False) -> Story:
    """The blast radius of some records, but for its edges and entities; ``cut_off`` is of all stories beside it.

    Args:
        records: the events.
        apart: each lies in a file of its own, so that their order is that of the arguments.
    """
    return Story(list(records), _radius, apart=apart)


def radius_of(*records: dict[str, Any], apart: bool = False) -> Story:
    """The rows of the blast radius of some records; arguments as for ``blast_of``."""
    return Story(list(records), lambda analysis, names: _radius(analysis, names).rows, apart=apart)


def radius_in(part: Part) -> BlastRadius:
    """The blast radius of a part, as ``blast_of`` gives it."""
    found: BlastRadius = part.names.in_test(_radius(part.analysis, part.names))
    return found


def _radius(analysis: Any, names: Names) -> BlastRadius:
    own = set(names.accounts)
    rows = [row for row in analysis.radius.rows if row["account_id"] in own or own & set(row["root_accounts"])]
    return BlastRadius(rows, [], analysis.radius.cut_off, [])
