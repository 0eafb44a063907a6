"""Services that root called, by reads and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.charts.action_counts import COUNTS, by_account, count_actions
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.bars import DONE, Bar, draw_bars, inches_of
from rootforensics.charts.drawing.look import Sheet, accounts_in
from rootforensics.charts.drawing.view import View, drawn
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries.asking import Asks

_TITLE = "Services that people used as root"


def services_data(
    case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None
) -> list[dict[str, Any]]:
    """Root activity by service and by what was done.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.

    Returns:
        One row an account and service, the most events first: ``account_id``, ``eventSource``, ``event_count``,
        and what adds up to it: ``change_count``, ``read_count``, ``failed_count``, ``unknown_count``.
    """
    return count_actions(case, account_id, "eventSource", since=since, until=until)


@drawn
def services_chart(rows: Sequence[dict[str, Any]], view: View) -> Figure:
    """Draw one bar a service, parted into changes, reads and what failed."""
    services = _by_service(rows)
    sheet = Sheet(view, _TITLE, inches_of(services))
    if not rows:
        return sheet.nothing("No root activity")
    total = sum(bar.total for bar in services)
    told = f"{plural(total, 'event')} of root activity at {plural(len(services), 'service')}, {accounts_in(rows)}"
    draw_bars(sheet, told, services, DONE, lambda more: plural(len(more), "more service"))
    most = services[:10]
    named = "; ".join(f"{bar.name} {bar.total:,} ({plural(bar.counts['change_count'], 'change')})" for bar in most)
    return sheet.finish(f"{sheet.title}: {plural(total, 'event')}. Most: {named}.")


def _name(row: dict[str, Any]) -> str:
    return (row["eventSource"] or "not recorded").removesuffix(".amazonaws.com")


def _by_service(rows: Sequence[dict[str, Any]]) -> list[Bar]:
    found: dict[str, dict[str, int]] = {}
    accounts, first = (by_account(rows, _name, shown) for shown in (3, 1))
    for row in rows:
        counts = found.setdefault(_name(row), dict.fromkeys(COUNTS, 0))
        for key in COUNTS:
            counts[key] += row[key]
    bars = [Bar(name, counts, accounts.get(name, ""), first.get(name, "")) for name, counts in found.items()]
    return sorted(bars, key=lambda bar: (-bar.total, bar.name))


CHART = Chart(
    "services",
    _TITLE,
    "One bar per service, the most used first. Dark blue succeeded and changed something (sign-ins count as "
    "changes, as AWS marks them), light blue only read, striped was denied or failed. On the right are the "
    "accounts with their events, if there are several.",
    "What the calls did. One change can be a takeover, while the longest bar is often one console page. Data "
    "events are missing unless the trail selects them.",
    services_data,
    services_chart,
)
