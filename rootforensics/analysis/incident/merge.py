"""The incident timeline: what root did, what it means, what came of it and what may be missing, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.incident.beside import approval_lines, note_lines, record_lines
from rootforensics.analysis.incident.lines import COLUMNS, Line
from rootforensics.analysis.incident.reach import reach_lines
from rootforensics.analysis.incident.rooted import finding_lines, root_lines
from rootforensics.queries.result import Result, table_of

if TYPE_CHECKING:
    from rootforensics.analysis.assess import Analysis

#: What the incident timeline cannot see.
MISSES: Final = (
    "What no log in the case holds, and what the questions under it miss: root-timeline-folded, findings, "
    "blast-radius, record-tampering. What AWS services did in root's name (root-noise). Within one second CloudTrail "
    "gives no order."
)


def incident_lines(analysis: Analysis, account_id: str = "") -> list[Line]:
    """The lines, in order of time.

    Args:
        analysis: of the case.
        account_id: only lines of this account, and what its root reached elsewhere; empty for all. Notes about a time
            and logs that name no account belong to each.
    """
    things = [row for row in analysis.radius.rows if not account_id or account_id in row["root_accounts"]]
    found = analysis.reconciliation
    lines = [
        *root_lines(analysis),
        *finding_lines(analysis),
        *record_lines(analysis),
        *(approval_lines(found) if found else ()),
        *note_lines(analysis),
    ]
    wanted = [line for line in lines if not account_id or line.account_id in (account_id, None)]
    active = {line.account_id for line in wanted if line.kind != "cover"} | {account_id}
    kept = [line for line in wanted if line.kind != "cover" or line.account_id in active]
    return sorted([*kept, *reach_lines(analysis, things)], key=lambda line: line.order)


def incident_timeline(analysis: Analysis, account_id: str = "") -> Result:
    """The lines as a table, as a question would give it.

    Args:
        analysis: of the case.
        account_id: as for ``incident_lines``.
    """
    rows = [line.as_row() for line in incident_lines(analysis, account_id)]
    return Result(table_of(rows, COLUMNS), name="incident_timeline", sql="", parameters={"account_id": account_id})
