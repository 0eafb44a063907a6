"""The case at one glance: what it holds, counted."""

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
    """What a case holds, as a line each: a heading and what stands under it; times in UTC."""
    statuses = case.query("status_counts").rows
    (events,) = case.query("case_totals").rows
    root = {row["origin_group"]: row["n"] for row in case.query("root_event_counts").rows}
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
    if not len(case.query("event_presence")):
        if len(case.query("coverage")):
            return "nothing related to root was found in what was searched; rootforensics coverage tells of which times"
        return "the case holds no events, so an empty answer says nothing; rootforensics evidence tells what was loaded"
    if not account_id:
        return ""
    known = sorted(row["id"] for row in case.query("named_accounts").rows if row["id"])
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
    return f"<p><b>Case</b> <code>{html.escape(str(path))}</code></p>{facts_html(counts)}"
