"""Steps that give an account back to its owner: one for each kind of change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.containment.step import Step
from rootforensics.analysis.places import account_of
from rootforensics.analysis.verdict.ownership import certain_changes
from rootforensics.evidence.cite import place_text
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of


def ownership_steps(evidence: Evidence) -> list[Step]:
    """A step for each kind of change of ownership and each account that it concerns."""
    steps = []
    rows = measures("ownership")
    known = {call for one in rows for call in one["calls"]}
    for one in rows:
        first: dict[str, of.RootSignins | of.OwnershipChanges] = {}
        for row in certain_changes(evidence):
            if row["eventName"] in one["calls"] or (not one["calls"] and row["eventName"] not in known):
                first.setdefault(account_of(row), row)
        for account, row in sorted(first.items(), key=lambda pair: (pair[0] != evidence.account_id, pair[0])):
            named = f" (account {account})" if account != evidence.account_id else ""
            steps.append(Step(f"{one['what']}{named}", one["why"], "", account, row["eventID"], place_text(row)))
    return steps
