"""The case in numbers, for scripts: the contents of ``summary.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.analysis import analysis_of
from rootforensics.analysis.coverage.scope import problem_counts
from rootforensics.ingest.ledger import STATUSES
from rootforensics.phrases import iso, plural, some
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.queries.text import as_text
from rootforensics.telling.summary_lists import summary_lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.queries.asking import Asks

#: The most values of a list that a row of the table names.
_VALUES_SHOWN: Final = 5
#: Every origin of a root event, in the order of reports.
ORIGINS: Final = (
    "root_credentials",
    "console",
    "privileged_session",
    "federated_session",
    "service",
    "service_event",
    "aws_internal",
)


class Summary(Tabular, dict[str, Any]):
    """The case in numbers. As a table, each number is a row named by its path; a list of rows is its length."""

    def result(self) -> Result[dict[str, Any]]:
        """The numbers as a table."""
        rows = [{"name": name, "value": value} for name, value in _flat(self)]
        return result_of("summary", rows, dict.fromkeys(("name", "value"), "VARCHAR"))


def _flat(values: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        elif isinstance(value, list):
            has_rows = any(isinstance(entry, dict) for entry in value)
            text = plural(len(value), "row") if has_rows else some([*map(as_text, value)], _VALUES_SHOWN)
            yield f"{path}{name}", text
        else:
            yield f"{path}{name}", as_text(value)


def summarize(case: Asks) -> Summary:
    """Count what the case contains.

    Returns:
        ``filters`` (of the loads, in words), ``evidence`` (objects, a count for each status),
        ``events`` (total = calls + insights + aggregated + superseded, duplicates, id_conflicts, filtered,
        rejected; of the calls without_time, first_time, last_time), ``root`` (total, activity, noise, cis_match,
        by_origin, console_sign_ins, accounts), and what ``summary_lists`` adds. ``docs/reference/summary.md``
        lists all of it. Times are ISO 8601 in UTC, or None.
    """
    case = analysis_of(case)
    taken = case.scope
    return Summary(
        {
            "root": _root(case),
            "events": _events(case) | {"left_out": taken.filtered_count},
            "evidence": _evidence(case),
            "filters": list(taken.filters),
            **summary_lists(case),
        }
    )


def _evidence(case: Asks) -> dict[str, Any]:
    rows = case.query("evidence").rows
    counts = dict.fromkeys(STATUSES, 0)
    for row in rows:
        counts[row["status"]] += 1
    return {"objects": len(rows), **counts}


def _events(case: Asks) -> dict[str, Any]:
    (totals,) = case.query("event_totals").rows
    _, conflicts = problem_counts(case).get("event_id_conflict", (0, 0))
    times = {name: iso(totals[name]) for name in ("first_time", "last_time")}
    return totals | times | {"id_conflicts": conflicts}


def _root(case: Asks) -> dict[str, Any]:
    rows = case.query("root_summary").rows
    sign_ins = [row for row in case.query("root_signins").rows if row["signin_kind"] == "sign_in"]

    def total(**wanted: str) -> int:
        return sum(row["event_count"] for row in rows if wanted.items() <= row.items())

    return {
        "total": total(),
        "activity": total(origin_group="activity"),
        "noise": total(origin_group="noise"),
        "cis_match": sum(row["cis_match_count"] for row in rows),
        "by_origin": {origin: total(origin=origin) for origin in ORIGINS},
        "console_sign_ins": {
            name: sum(1 for row in sign_ins if row["outcome"] == outcome)
            for name, outcome in (("success", "success"), ("failure", "failure"), ("unknown", None))
        },
        "accounts": sorted({row["account_id"] for row in rows if row["account_id"]}),
    }
