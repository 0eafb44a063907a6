"""The pace of questions to one API: never faster than allowed, slower when told so."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from threading import Event

#: ``LookupEvents`` takes two requests a second per account and Region; a hair more keeps a third out of any second.
SPACING_SECONDS: Final = 0.51
#: After being throttled, requests are never further apart than this.
LONGEST_SPACING_SECONDS: Final = 4.0
#: The longest wait after one refusal of many in a row.
LONGEST_WAIT_SECONDS: Final = 60.0


class Clock(Protocol):
    """What tells the time and waits; tests bring their own."""

    def now(self) -> float:
        """Seconds that never run backwards."""

    def utc(self) -> datetime:
        """The time of day, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait; a clock that was stopped does not wait any more."""


class WallClock:
    """The clock of this machine, whose sleepers wake at once when ``stop`` is set."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop

    def now(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait until the time is over or ``stop`` is set."""
        self._stop.wait(seconds)


class Pace:
    """When the next request may go out, for one account and Region.

    Every refusal doubles the wait before the next try and spreads all later requests; every answer brings them
    a little closer again, down to the API's own limit, since other clients draw on the same allowance.

    Args:
        clock: tells the time and waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spacing = SPACING_SECONDS
        self._next = clock.now()
        #: Refusals since the last answer.
        self.refusal_count = 0

    def wait(self) -> None:
        """Wait until a request may go out, and count it as sent."""
        missing = self._next - self._clock.now()
        if missing > 0:
            self._clock.sleep(missing)
        self._next = self._clock.now() + self._spacing

    def refused(self) -> None:
        """The API was too busy: the next request goes out later, and those after it further apart."""
        self.refusal_count += 1
        self._spacing = min(self._spacing * 1.5, LONGEST_SPACING_SECONDS)
        pause = min(2.0 ** (self.refusal_count - 1), LONGEST_WAIT_SECONDS)
        self._next = self._clock.now() + max(pause, self._spacing)

    def answered(self) -> None:
        """The API answered."""
        self.refusal_count = 0
        self._spacing = max(self._spacing * 0.95, SPACING_SECONDS)
