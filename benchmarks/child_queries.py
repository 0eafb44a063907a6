"""Times queries on a case and prints the median milliseconds of each as JSON. Run by `run.py`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from rootforensics import open_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics import Case, Result

_REPEATS = 5
_CATALOGUE = ("root_events", "root_summary", "root_timeline", "events_by_service", "events_by_hour")
_OWN_SQL = {
    "count by eventName": "SELECT eventName, count(*) AS event_count FROM events GROUP BY eventName "
    "ORDER BY event_count DESC, eventName LIMIT 20",
    "errors by caller": "SELECT userIdentity.arn AS caller, errorCode, count(*) AS event_count FROM events "
    "WHERE errorCode IS NOT NULL GROUP BY ALL ORDER BY event_count DESC, caller, errorCode LIMIT 20",
    "one access key": "SELECT eventTime, eventName, sourceIPAddress, eventID FROM events "
    "WHERE userIdentity.accessKeyId = (SELECT max(userIdentity.accessKeyId) FROM events) "
    "ORDER BY eventTime, eventID",
    "text in requestParameters": "SELECT count(*) AS event_count FROM events "
    "WHERE CAST(requestParameters AS VARCHAR) LIKE '%invoice%'",
}


def _milliseconds(ask: Callable[[], Result]) -> float:
    """Returns the median time from asking to having all rows."""
    samples = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        list(ask().rows)
        samples.append((time.perf_counter() - started) * 1000)
    return statistics.median(samples)


def _count(case: Case, relation: str) -> int:
    return int(case.sql(f"SELECT count(*) AS event_count FROM {relation}").rows[0]["event_count"])


def main() -> None:
    """Times all queries on the case ``argv[1]``; prints times and counts."""
    with open_case(sys.argv[1]) as case:
        asks = {f"query {name}": partial(case.query, name) for name in _CATALOGUE}
        asks |= {name: partial(case.sql, text) for name, text in _OWN_SQL.items()}
        times = {name: _milliseconds(ask) for name, ask in asks.items()}
        counts = {name: _count(case, name) for name in ("events", "root_events")}
    print(json.dumps({"milliseconds": times, **counts}))


main()
