"""What was asked of the event history in one Region, and how far the answers reach."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from pathlib import Path

HINT: Final = "Move its folder away to fetch all of it anew"
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Query(msgspec.Struct, frozen=True):
    """What is asked of one account and Region, as the user said it.

    Attributes:
        account: 12 digits, or ``unknown`` if AWS did not say.
        region: the Region.
        since: the first moment wanted, UTC; None for as far back as the API reaches.
        until: the last moment wanted, UTC, to the second; None for now.
        root_named: only events of the user name ``root``.
    """

    account: str
    region: str
    since: _Moment | None = None
    until: _Moment | None = None
    root_named: bool = False

    @property
    def request_id(self) -> str:
        """The name of the query's folder: the same for the same question, so that it goes on where it stopped."""
        asked = json.dumps([_text(self.since), _text(self.until), self.root_named])
        return f"{'root' if self.root_named else 'all'}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"


class Window(msgspec.Struct, rename={"page_count": "pages", "event_count": "events"}):
    """One stretch of time, asked from its end backwards: the API gives the newest events first.

    Attributes:
        since: its beginning, UTC; belongs to it.
        until: its end, UTC; belongs to it.
        page_count: pages kept.
        event_count: events on them.
        oldest: the time of the oldest of them.
        next_token: what the API wants to hear for the next page.
        end: ``open``, ``whole``, or ``token refused`` if the next window takes over.
    """

    since: _Moment
    until: _Moment
    page_count: int
    event_count: int
    oldest: _Moment | None
    next_token: str | None
    end: str

    @classmethod
    def opened(cls, since: datetime, until: datetime) -> Window:
        """A stretch of which nothing is kept yet."""
        return cls(since, until, 0, 0, None, None, "open")


class State(msgspec.Struct, tag_field="format", tag=1):
    """How far a query has come.

    Attributes:
        query: what is asked.
        windows: the stretches of time asked so far, the current one last.
        covered_until: the end of the current round; everything before it is kept once the round is complete.
        begun: when the current round began.
        complete: the current round has come to its end.
    """

    query: Query
    windows: list[Window]
    covered_until: _Moment
    begun: _Moment
    complete: bool

    @classmethod
    def of_nothing(cls, query: Query) -> State:
        """The state of a query that was not asked yet."""
        return cls(query, [], _NEVER, _NEVER, complete=True)

    @property
    def page_count(self) -> int:
        """All pages kept."""
        return sum(window.page_count for window in self.windows)

    @property
    def event_count(self) -> int:
        """All events on them, those that came twice counted twice."""
        return sum(window.event_count for window in self.windows)

    def is_due(self, now: datetime, late: timedelta) -> bool:
        """Whether a new round is to begin: none has yet, or the last one may have missed events.

        A round that began ``late`` after the query's end has seen all there will ever be.
        """
        if not self.windows:
            return True
        until = self.query.until
        return self.complete and (until is None or self.begun < until + late) and now > self.covered_until

    def begin(self, window: Window, now: datetime) -> None:
        """Begin a round."""
        self.windows.append(window)
        self.covered_until, self.begun, self.complete = window.until, now, False

    def take(self, event_count: int, times: Sequence[datetime], next_token: str | None) -> None:
        """Count a page that was kept, with the times of its events."""
        window = self.windows[-1]
        window.page_count += 1
        window.event_count += event_count
        window.oldest = min([*times, *([window.oldest] if window.oldest else [])], default=None)
        window.next_token = next_token
        if not next_token:
            window.end, self.complete = "whole", True


class StateError(StorageError):
    """What is kept of one query in one Region is not as it was left; other Regions are not concerned."""


def read_state(path: Path, query: Query) -> State:
    """Read a state file.

    Raises:
        StateError: it cannot be read, is damaged, of another version, or tells of another query.
    """
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except OSError as error:
        raise StateError(f"the state of the query cannot be read ({error.strerror})", where=str(path)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise StateError(f"the state of the query is damaged ({error})", where=str(path), hint=HINT) from error
    if state.query != query:
        raise StateError("the state is of another query", where=str(path), hint=HINT)
    if not state.windows:
        raise StateError("the state of the query is damaged (it names no window)", where=str(path), hint=HINT)
    return state


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
