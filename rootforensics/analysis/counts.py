"""The case at one glance: what it holds, counted."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from rootforensics.queries.result import as_text

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.queries.result import Asks


def count_case(case: Asks) -> list[tuple[str, str]]:
    """What a case holds, as a line each: a heading and what stands under it; times in UTC."""
    statuses = case.sql("SELECT status, count(*) AS n FROM evidence GROUP BY status ORDER BY status").rows
    (events,) = case.sql(
        """
        SELECT
            (SELECT count(*) FROM events) AS events,
            (SELECT count(*) FROM duplicates) AS copies,
            (SELECT coalesce(sum(filtered_count), 0)::BIGINT FROM evidence) AS filtered,
            (SELECT coalesce(sum(rejected_count), 0)::BIGINT FROM evidence) AS rejected,
            (SELECT min(eventTime) FROM events) AS first_time,
            (SELECT max(eventTime) FROM events) AS last_time,
            (SELECT count(*) FROM notes) AS notes
        """
    ).rows
    root = {row["side"]: row["n"] for row in case.sql("SELECT side, count(*) AS n FROM root_events GROUP BY side").rows}
    objects = ", ".join(f"{row['n']:,} {row['status']}" for row in statuses)
    span = " to ".join(as_text(events[name]) for name in ("first_time", "last_time"))
    return [
        ("objects of evidence", f"{sum(row['n'] for row in statuses):,}" + (f": {objects}" if objects else "")),
        ("events", f"{events['events']:,}" + (f", from {span} (UTC)" if events["first_time"] else "")),
        (
            "set aside",
            f"{events['copies']:,} copies, {events['filtered']:,} filtered, {events['rejected']:,} no events",
        ),
        ("root activity (people)", f"{root.get('activity', 0):,}"),
        ("root noise (AWS services)", f"{root.get('noise', 0):,}"),
        ("notes", f"{events['notes']:,}"),
    ]


def counts_html(path: Path, counts: list[tuple[str, str]]) -> str:
    """A case as notebooks show it."""
    rows = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(said)}</td></tr>'
        for name, said in counts
    )
    return f"<p><b>Case</b> <code>{html.escape(str(path))}</code></p><table><tbody>{rows}</tbody></table>"
