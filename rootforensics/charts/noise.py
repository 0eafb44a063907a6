"""The noise ledger: service activity attributed to root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.bars import Bar, draw_bars, inches_of
from rootforensics.charts.drawing.look import Mark, Sheet, accounts_in
from rootforensics.charts.drawing.view import View, drawn, within
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_TITLE = "Root noise: service activity attributed to root"
_MARKS: Final = {
    "left_out_count": Mark("not matched by a standard CIS alarm", "noise"),
    "cis_match_count": Mark("matched by a standard CIS alarm", "mistaken"),
}
_ORIGINS: Final = {
    "service": "named in invokedBy",
    "service_event": "service event",
    "aws_internal": "source is AWS, unmarked",
}


def noise_data(case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None) -> list[of.NoiseCounts]:
    """Root noise by account, service and origin.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.

    Returns:
        One row an account, ``service`` and ``origin``, the most events first: ``event_count``, ``cis_match_count`` (of
        these, matched by the CIS alarm filter), ``call_count`` (distinct eventNames with their eventSource).
    """
    found: dict[tuple[str | None, str | None, str], list[of.RootNoise]] = {}
    rows = case.query("root_noise", account_id=account_id).rows
    for row in within(rows, since, until, "eventTime"):
        account, origin = row["account_id"], row["origin"]
        service = row["invokedBy"] or (
            row["sourceIPAddress"] if row["sourceIPAddress"] is not None else row["eventSource"]
        )
        found.setdefault((account, service, origin), []).append(row)
    counts: list[of.NoiseCounts] = [
        {
            "account_id": account,
            "service": service,
            "origin": origin,
            "event_count": len(own),
            "cis_match_count": sum(bool(row["cis_match"]) for row in own),
            "call_count": len({(row["eventSource"], row["eventName"]) for row in own}),
        }
        for (account, service, origin), own in found.items()
    ]
    return sorted(
        counts,
        key=lambda row: (-row["event_count"], *map(str, (row["service"], row["origin"], row["account_id"]))),
    )


@drawn
def noise_chart(rows: Sequence[of.NoiseCounts], view: View) -> Figure:
    """Draw one bar a service and origin; what the usual alarm takes for a person is darker."""
    bars = _by_service(rows)
    sheet = Sheet(view, _TITLE, inches_of(bars))
    if not rows:
        return sheet.nothing("No root noise")
    total, matched = (sum(row[key] for row in rows) for key in ("event_count", "cis_match_count"))
    told = f"{plural(total, 'event')} of root noise, {accounts_in(rows)}; {matched:,} match a standard CIS alarm"
    draw_bars(sheet, told, bars, _MARKS, lambda more: f"{len(more):,} more")
    named = "; ".join(f"{bar.name} ({bar.aside}) {bar.total:,}" for bar in bars[:10])
    return sheet.finish(
        f"{sheet.title}: {plural(total, 'event')}, {matched:,} matched by the CIS filter. Most: {named}."
    )


def _by_service(rows: Sequence[of.NoiseCounts]) -> list[Bar]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        name = (row["service"] or "not recorded").removesuffix(".amazonaws.com")
        counts = found.setdefault((name, row["origin"]), dict.fromkeys(_MARKS, 0))
        counts["left_out_count"] += row["event_count"] - row["cis_match_count"]
        counts["cis_match_count"] += row["cis_match_count"]
    bars = [
        Bar(name, counts, _note(counts), aside=_ORIGINS.get(origin, origin or "not recorded"))
        for (name, origin), counts in found.items()
    ]
    return sorted(bars, key=lambda bar: (-bar.total, bar.name, bar.aside))


def _note(counts: dict[str, int]) -> str:
    taken = counts["cis_match_count"]
    if not taken:
        return ""
    return f"{'all' if not counts['left_out_count'] else f'{taken:,}'} matched"


CHART = Chart(
    "noise",
    _TITLE,
    "One bar per service and origin. After the name is the field that identifies the service. The dark part is "
    "events that a standard CIS root alarm matches, as if a person had made them.",
    "Whether a person caused it: a service may carry out a request later.",
    noise_data,
    noise_chart,
)
