"""The case at a glance: counts of its files, events and notes."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from rootforensics.errors import CaseError, QueryError
from rootforensics.facts import facts_html
from rootforensics.phrases import some
from rootforensics.queries.text import as_text

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.queries.asking import Asks

_ACCOUNTS_SHOWN: Final = 10


def _count_case(case: Asks) -> list[tuple[str, str]]:
    """Counts of a case, each as a heading and a value; times in UTC."""
    statuses = case.query("status_counts").rows
    (events,) = case.query("case_totals").rows
    root = {row["origin_group"]: row["n"] for row in case.query("root_event_counts").rows}
    objects = ", ".join(f"{row['n']:,} {row['status']}" for row in statuses)
    span = " to ".join(as_text(events[name]) for name in ("first_time", "last_time"))
    return [
        ("files", f"{sum(row['n'] for row in statuses):,}" + (f": {objects}" if objects else "")),
        ("events", f"{events['events']:,}" + (f", from {span} (UTC)" if events["first_time"] else "")),
        (
            "not counted",
            f"{events['copies']:,} duplicates, {events['filtered']:,} filtered, {events['rejected']:,} not events",
        ),
        *([("corrected by AWS", f"{events['superseded']:,}: the corrections count")] if events["superseded"] else []),
        ("root activity by people", f"{root.get('activity', 0):,}"),
        ("root activity by AWS services", f"{root.get('noise', 0):,}"),
        ("notes", f"{events['notes']:,}"),
    ]


def absent_events(case: Asks, account_id: str) -> str:
    """A sentence if the case has no event, or none of an account, so that an empty result proves nothing.

    Args:
        case: the case to ask.
        account_id: the account; empty for all.
    """
    if not len(case.query("event_presence")):
        if len(case.query("coverage")):
            return "no events related to root were found in the searched logs; rootforensics coverage shows their times"
        return (
            "the case has no events, so an empty result proves nothing; rootforensics evidence lists the loaded files"
        )
    if not account_id:
        return ""
    known = sorted(row["id"] for row in case.query("named_accounts").rows if row["id"])
    if account_id in known:
        return ""
    listed = some(known, _ACCOUNTS_SHOWN)
    return f"the case has no events of account {account_id}; it has {listed or 'none of any account'}"


def case_html(path: Path, case: Asks) -> str:
    """A case as notebooks show it, or the reason why it cannot be read."""
    try:
        counts = _count_case(case)
    except (CaseError, QueryError) as error:
        counts = [("cannot be read", str(error))]
    return f"<p><b>Case</b> <code>{html.escape(str(path))}</code></p>{facts_html(counts)}"
