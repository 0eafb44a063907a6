"""What was asked of the event history in one Region, and how far the answers reach."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FORMAT: Final = 1
HINT: Final = "Move its folder away to fetch all of it anew"
_Held = TypeVar("_Held")
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Query:
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
    since: datetime | None = None
    until: datetime | None = None
    root_named: bool = False

    @property
    def request_id(self) -> str:
        """The name of the query's folder: the same for the same question, so that it goes on where it stopped."""
        asked = json.dumps([_text(self.since), _text(self.until), self.root_named])
        return f"{'root' if self.root_named else 'all'}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"

    def as_json(self) -> dict[str, Any]:
        """The query as the state file holds it."""
        return {
            "account": self.account,
            "region": self.region,
            "since": _text(self.since),
            "until": _text(self.until),
            "root_named": self.root_named,
        }


@dataclass(slots=True)
class Window:
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

    since: datetime
    until: datetime
    page_count: int = 0
    event_count: int = 0
    oldest: datetime | None = None
    next_token: str | None = None
    end: str = "open"


@dataclass(slots=True)
class State:
    """How far a query has come.

    Attributes:
        query: what is asked.
        windows: the stretches of time asked so far, the current one last.
        covered_until: the end of the current round; everything before it is kept once the round is complete.
        begun: when the current round began.
        complete: the current round has come to its end.
    """

    query: Query
    windows: list[Window] = field(default_factory=list)
    covered_until: datetime = _NEVER
    begun: datetime = _NEVER
    complete: bool = True

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

    def as_json(self) -> dict[str, Any]:
        """The state as its file holds it."""
        windows = [
            {
                "since": _text(one.since),
                "until": _text(one.until),
                "pages": one.page_count,
                "events": one.event_count,
                "oldest": _text(one.oldest),
                "next_token": one.next_token,
                "end": one.end,
            }
            for one in self.windows
        ]
        return {
            "format": _FORMAT,
            "query": self.query.as_json(),
            "windows": windows,
            "covered_until": _text(self.covered_until),
            "begun": _text(self.begun),
            "complete": self.complete,
        }


class StateError(StorageError):
    """What is kept of one query in one Region is not as it was left; other Regions are not concerned."""


def read_state(path: Path, query: Query) -> State:
    """Read a state file.

    Raises:
        StateError: it cannot be read, is damaged, of another version, or tells of another query.
    """
    try:
        held = json.loads(path.read_bytes())
        windows = [_window(one) for one in held["windows"]]
        moments = (_moment(held["covered_until"]), _moment(held["begun"]))
        state = State(query, windows, *moments, _of(bool, held["complete"]))
        is_ours = held["format"] == _FORMAT and held["query"] == query.as_json()
    except OSError as error:
        raise StateError(f"the state of the query cannot be read ({error.strerror})", where=str(path)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StateError(f"the state of the query is damaged ({error})", where=str(path), hint=HINT) from error
    if not is_ours:
        raise StateError("the state is of another query or version", where=str(path), hint=HINT)
    if not windows:
        raise StateError("the state of the query is damaged (it names no window)", where=str(path), hint=HINT)
    return state


def _window(held: Any) -> Window:  # noqa: ANN401 - anything that JSON can hold
    token, oldest = held["next_token"], held["oldest"]
    return Window(
        _moment(held["since"]),
        _moment(held["until"]),
        _of(int, held["pages"]),
        _of(int, held["events"]),
        None if oldest is None else _moment(oldest),
        None if token is None else _of(str, token),
        _of(str, held["end"]),
    )


def _moment(text: Any) -> datetime:  # noqa: ANN401 - anything that JSON can hold
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return moment


def _of(kind: type[_Held], value: Any) -> _Held:  # noqa: ANN401 - anything that JSON can hold
    if type(value) is not kind:
        raise ValueError(f"{value!r:.40} is no {kind.__name__}")
    return value


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
