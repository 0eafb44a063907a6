"""The incident timeline: what root did, what it means, what followed and what may be missing, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.filters import check_span
from rootforensics.queries.result import Result, result_of
from rootforensics.telling.context import approval_lines, note_lines, record_lines
from rootforensics.telling.follow_on import follow_on_lines
from rootforensics.telling.lines import COLUMNS, FIRST, Line
from rootforensics.telling.root_activity import finding_lines, root_lines

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of

#: What the incident timeline cannot see.
MISSES: Final = (
    "What no log in the case holds, and what the questions under it miss: root-timeline-folded, findings, "
    "blast-radius, logging-impairment. Service activity attributed to root (root-noise). Within one second CloudTrail "
    "gives no order."
)


def incident_lines(analysis: Analysis, account_id: str = "") -> list[Line]:
    """The lines, in order of time.

    Args:
        analysis: of the case.
        account_id: only lines of this account, and what its root reached elsewhere; empty for all that the analysis
            speaks of. Notes about a time and logs that name no account belong to each.
    """
    account_id = account_id or analysis.account_id
    found = analysis.reconciliation
    lines = [*root_lines(analysis), *(approval_lines(found) if found else ()), *note_lines(analysis)]
    around = lines_around(analysis, account_id)
    wanted = [*_of(lines, account_id), *(line for line in around if line.line_type != "follow-on")]
    active = {line.account_id for line in wanted if line.kind != "cover"} | {account_id}
    kept = [line for line in wanted if line.kind != "cover" or line.account_id in active]
    return sorted([*kept, *(line for line in around if line.line_type == "follow-on")], key=lambda line: line.order)


def lines_around(analysis: Analysis, account_id: str = "") -> list[Line]:
    """Of these lines what stands around root's own: findings, what may be missing, what root made and what followed.

    Args:
        analysis: of the case.
        account_id: as for ``incident_lines``.
    """
    entities = [row for row in analysis.radius.rows if not account_id or account_id in row["root_accounts"]]
    lines = [*finding_lines(analysis), *record_lines(analysis)]
    return [*_of(lines, account_id), *follow_on_lines(analysis, entities)]


def _of(lines: list[Line], account_id: str) -> list[Line]:
    return [line for line in lines if not account_id or line.account_id in (account_id, None)]


def incident_timeline(
    analysis: Analysis, account_id: str = "", since: datetime | None = None, until: datetime | None = None
) -> Result[of.IncidentTimeline]:
    """The lines as a table, as a question would give it.

    Args:
        analysis: of the case.
        account_id: as for ``incident_lines``.
        since: only what is at or after this time, UTC, and windows that reach into it. What has no time stays.
        until: only what is before this time, likewise.

    Raises:
        FilterError: nothing can lie between the two times.
    """
    check_span(since, until)
    wanted = [line for line in incident_lines(analysis, account_id) if line.is_within(since, until)]
    rows = [line.as_row() for line in wanted]
    is_one = len({line.account_id for line in wanted} - {None}) <= 1
    first = [name for name in FIRST if name != "account_id" or not is_one]
    return result_of("incident_timeline", rows, COLUMNS, {"account_id": account_id}, first)
