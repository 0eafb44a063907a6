"""Root activity counted by what was done: changes, reads, what failed, what the record does not tell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from rootforensics.charts.drawing.view import within
from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Row

COUNTS = ("change_count", "read_count", "failed_count", "unknown_count")


def count_actions(
    case: Asks, account_id: str, *columns: str, since: Moment = None, until: Moment = None
) -> list[dict[str, Any]]:
    """Root activity by the columns of ``root_session_events``, and by what was done.

    Args:
        case: to ask.
        account_id: only this account; empty for all.
        columns: to count by, beside ``account_id``.
        since: only events at or after this time; None for any.
        until: only events before this time.

    Returns:
        One row for each combination: the columns, ``event_count``, and what adds up to it: ``change_count`` and
        ``read_count`` (of those that succeeded; sign-ins are changes, as AWS marks them), ``failed_count`` (refused or
        failed), ``unknown_count``. The most events first.
    """
    by = ("account_id", *columns)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    rows = case.query("root_session_events", account_id=account_id).rows
    for row in within(rows, since, until, "eventTime"):
        if row["origin_group"] != "activity":
            continue
        place = tuple(cast("Row", row)[name] for name in by)
        one = found.setdefault(
            place, {**dict(zip(by, place, strict=True)), "event_count": 0, **dict.fromkeys(COUNTS, 0)}
        )
        one["event_count"] += 1
        one[_action(row)] += 1
    return sorted(found.values(), key=lambda row: (-row["event_count"], *(str(row[name]) for name in by)))


def _action(row: of.RootSessionEvents) -> str:
    if row["outcome"] == "failure":
        return "failed_count"
    if row["outcome"] != "success" or row["is_write"] is None:
        return "unknown_count"
    return "change_count" if row["is_write"] else "read_count"


def by_account(rows: Sequence[dict[str, Any]], key: Callable[[dict[str, Any]], str], shown: int = 3) -> dict[str, str]:
    """The busiest accounts of each bar with their events; nothing where all rows are of one account.

    Args:
        rows: as ``count_actions`` returns them.
        key: the bar of a row.
        shown: so many accounts; the others are counted.
    """
    if len({row["account_id"] for row in rows}) < 2:
        return {}
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(key(row), Counter())[row["account_id"] or "no account"] += row["event_count"]
    return {
        name: some([f"{one}: {count:,}" for one, count in own.most_common()], shown)
        if len(own) > 1
        else next(iter(own))
        for name, own in found.items()
    }
