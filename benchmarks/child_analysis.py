"""Runs all of the analysis on a case and prints the CPU seconds of each step as JSON. Run by `run.py`."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, TypeVar

from rootforensics import open_case
from rootforensics.analysis.alarm.replay import replay
from rootforensics.analysis.alarm.settings import AlarmSettings
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from rootforensics.telling.timeline import incident_timeline
from rootforensics.telling.triage import triage_sections

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def main() -> None:
    """Runs the analysis of the case ``argv[1]``; prints the steps' CPU seconds, and counts."""
    seconds: dict[str, float] = {}

    def timed(name: str, step: Callable[[], Result]) -> Result:
        started = time.process_time()
        result = step()
        seconds[name] = round(time.process_time() - started, 2)
        return result

    with open_case(sys.argv[1]) as case:
        analysis = timed("root's views", case.analysis)
        sessions = timed("sessions", lambda: analysis.query("root_sessions").rows)
        findings = timed("findings", lambda: analysis.findings().rows)
        radius = timed("blast radius", lambda: analysis.radius.rows)
        timed("impairment", lambda: analysis.query("logging_impairment").rows)
        timed("verdict", lambda: analysis.verdicts)
        timed("story", lambda: tell(analysis))
        timed("timeline", lambda: analysis.query("root_timeline").rows)
        summary = timed("summary", lambda: summarize(analysis))
        lines = timed("incident timeline", lambda: incident_timeline(analysis))
        timed("first screen", lambda: triage_sections(analysis))
        replayed = timed("alarm replay", lambda: replay(case, AlarmSettings()))
    counts = {
        "events": summary["events"]["total"],
        "root_events": summary["root"]["total"],
        "sessions": len(sessions),
        "findings": len(findings),
        "entities": len(radius),
        "lines": len(lines),
        "alarms": len(replayed.firings),
    }
    print(json.dumps({"cpu_seconds": seconds, "counts": counts}))


main()
