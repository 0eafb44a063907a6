"""A clock that tests drive, and events spread over its time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.builders import event

NOW: Final = datetime(2026, 8, 10, 12, 0, 0, tzinfo=UTC)


class FakeClock:
    """A clock whose sleepers do not wait: its time goes on instead. ``slept`` lists each wait."""

    def __init__(self, start: datetime = NOW) -> None:
        self._start = start
        self._seconds = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> float:
        with self._lock:
            return self._seconds

    def utc(self) -> datetime:
        return self._start + timedelta(seconds=self.now())

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += seconds
            self.slept.append(seconds)


def iso(moment: datetime) -> str:
    """A time as CloudTrail spells it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def spread(count: int, newest: datetime = NOW - timedelta(hours=3), **fields: Any) -> list[dict[str, Any]]:
    """So many events, a minute apart, the newest first."""
    return [event(eventTime=iso(newest - timedelta(minutes=place)), **fields) for place in range(count)]
