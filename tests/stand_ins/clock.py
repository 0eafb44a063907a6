"""A moment that tests take for now, and events spread over the time before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.builders import event

NOW: Final = datetime(2026, 8, 10, 12, 0, 0, tzinfo=UTC)


def iso(moment: datetime) -> str:
    """A time as CloudTrail spells it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def spread(count: int, newest: datetime = NOW - timedelta(hours=3), **fields: Any) -> list[dict[str, Any]]:
    """So many events, a minute apart, the newest first."""
    return [event(eventTime=iso(newest - timedelta(minutes=place)), **fields) for place in range(count)]
