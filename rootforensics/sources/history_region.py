"""Walk through the event history of one Region, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.sources.history_aws import HistoryError, Kind, expected_errors, explain

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    from rootforensics.sources.history_pace import Clock, Pace
    from rootforensics.sources.history_pages import PageStore

#: A Region that was too busy this many times in a row is left for the next run.
REFUSAL_LIMIT: Final = 10
STOPPED: Final = "stopped before its end"


@dataclass(frozen=True, slots=True)
class RegionResult:
    """What one Region gave.

    Attributes:
        region: its name.
        page_count: pages kept, those of earlier runs among them.
        event_count: events on them; events that came twice count twice.
        new_page_count: pages that this run added.
        problem: why it is not all there; empty if it is.
    """

    region: str
    page_count: int = 0
    event_count: int = 0
    new_page_count: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one Region has come: ``oldest`` moves from ``until`` back to ``since``; all times UTC."""

    region: str
    page_count: int
    event_count: int
    since: datetime
    until: datetime
    oldest: datetime


@dataclass(slots=True)
class RegionWalk:
    """Asks one Region for one page after the other and keeps them.

    Attributes:
        client: boto3's CloudTrail client of the Region.
        store: where the pages go.
        pace: when the next request may go out.
        clock: tells the time.
        stop: set to end after the page in flight.
        follow: called after each page.
    """

    client: Any  # boto3 makes its class when it is asked for
    store: PageStore
    pace: Pace
    clock: Clock
    stop: Event
    follow: Callable[[Reached], None]

    def run(self) -> RegionResult:
        """Go to the end, or to where the Region refuses.

        Raises:
            HistoryError: the credentials do not hold any more; other Regions need not be tried.
            StorageError: the pages cannot be kept.
        """
        with self.store.opened(self.clock.utc()):
            problem = ""
            while not self.store.state.complete and not problem:
                problem = self._step()
                if not problem:
                    self.store.catch_up(self.clock.utc())
            state = self.store.state
            name = self.store.query.region
            return RegionResult(name, state.page_count, state.event_count, self.store.new_page_count, problem)

    def _step(self) -> str:
        """Ask once; the result is empty, or why to go no further."""
        if not self.stop.is_set():
            self.pace.wait()
        if self.stop.is_set():
            return STOPPED
        request = self.store.request()
        try:
            answer = self.client.lookup_events(**request)
        except expected_errors() as error:
            return self._refused(error, with_token="NextToken" in request)
        self.pace.answered()
        self.store.keep(answer)
        self._tell()
        return ""

    def _refused(self, error: Exception, *, with_token: bool) -> str:
        refusal = explain(error)
        if refusal.kind is Kind.BUSY:
            self.pace.refused()
            return refusal.words if self.pace.refusal_count >= REFUSAL_LIMIT else ""
        if refusal.kind is Kind.TOKEN and with_token:
            return "" if self.store.restart(self.clock.utc()) else refusal.words
        if refusal.kind in (Kind.EXPIRED, Kind.CREDENTIALS):
            raise HistoryError(
                refusal.words, where=self.store.query.region, hint="Get fresh ones; the same command goes on from here"
            ) from error
        if refusal.kind is Kind.KEYS:
            # STS took them, so it is the Region that does not: it answers so where it is not enabled.
            return f"{refusal.words}; is the Region enabled for this account?"
        return refusal.words

    def _tell(self) -> None:
        state = self.store.state
        window = state.windows[-1]
        oldest = window.since if state.complete else window.oldest or window.until
        name = self.store.query.region
        self.follow(Reached(name, state.page_count, state.event_count, window.since, state.covered_until, oldest))
