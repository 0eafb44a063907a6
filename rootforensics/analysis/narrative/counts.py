"""The case at one glance: what it holds, counted."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import some
from rootforensics.errors import CaseError, QueryError
from rootforensics.queries.result import as_text

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.queries.result import Asks

_ACCOUNTS_SHOWN: Final = 10


def _count_case(case: Asks) -> list[tuple[str, str]]:
    """What a case holds, as a line each: a heading and what stands under it; times in UTC."""
    statuses = case.statement("SELECT status, count(*) AS n FROM evidence GROUP BY status ORDER BY status").rows
    (events,) = case.statement(
        """
        SELECT
            (SELECT count(*) FROM events) AS events,
            (SELECT count(*) FROM duplicates) AS copies,
            (SELECT count(*) FROM superseded_events) AS superseded,
            (SELECT coalesce(sum(filtered_count), 0)::BIGINT FROM evidence) AS filtered,
            (SELECT coalesce(sum(rejected_count), 0)::BIGINT FROM evidence) AS rejected,
            (SELECT min(eventTime) FROM events) AS first_time,
            (SELECT max(eventTime) FROM events) AS last_time,
            (SELECT count(*) FROM notes) AS notes
        """
    ).rows
    root = {
        row["side"]: row["n"]
        for row in case.statement("SELECT side, count(*) AS n FROM root_events GROUP BY side").rows
    }
    objects = ", ".join(f"{row['n']:,} {row['status']}" for row in statuses)
    span = " to ".join(as_text(events[name]) for name in ("first_time", "last_time"))
    return [
        ("objects of evidence", f"{sum(row['n'] for row in statuses):,}" + (f": {objects}" if objects else "")),
        ("events", f"{events['events']:,}" + (f", from {span} (UTC)" if events["first_time"] else "")),
        (
            "set aside",
            f"{events['copies']:,} copies, {events['filtered']:,} filtered, {events['rejected']:,} no events",
        ),
        *([("corrected by AWS", f"{events['superseded']:,}: the corrections count")] if events["superseded"] else []),
        ("root activity (people)", f"{root.get('activity', 0):,}"),
        ("root noise (AWS services)", f"{root.get('noise', 0):,}"),
        ("notes", f"{events['notes']:,}"),
    ]


def absent_events(case: Asks, account_id: str) -> str:
    """A sentence if the case has no event, or none of an account; else an empty answer would look like one.

    Args:
        case: the case to ask.
        account_id: the account; empty for all.
    """
    if not case.statement("SELECT 1 FROM events LIMIT 1").rows:
        return "the case holds no events, so an empty answer says nothing; rootforensics evidence tells what was loaded"
    if not account_id:
        return ""
    named = "SELECT DISTINCT unnest([recipientAccountId, userIdentity.accountId, accountId]) AS id FROM events"
    known = sorted(row["id"] for row in case.statement(named).rows if row["id"])
    if account_id in known:
        return ""
    listed = some(known, _ACCOUNTS_SHOWN)
    return f"the case has no events of account {account_id}; it has {listed or 'none of any account'}"


def case_html(path: Path, case: Asks) -> str:
    """A case as notebooks show it; why it cannot be read, if so it is."""
    try:
        counts = _count_case(case)
    except (CaseError, QueryError) as error:
        counts = [("cannot be read", str(error))]
    rows = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(said)}</td></tr>'
        for name, said in counts
    )
    return f"<p><b>Case</b> <code>{html.escape(str(path))}</code></p><table><tbody>{rows}</tbody></table>"
