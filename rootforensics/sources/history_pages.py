"""The pages of one query in one Region, kept as files, and how far the query has come.

The API keeps nothing, so the pages are the evidence. Each is one file, written at once or not at all, and never
written again. ``state.json`` beside them says which windows were asked and what comes next. It is written after
the page that it tells of; a page that it does not know yet is taken up from the file, not asked for again.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.errors import StorageError
from rootforensics.sources.history_state import HINT, Query, State, StateError, Window, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE_EVENTS: Final = 50
#: How far back the API reaches.
REACH: Final = timedelta(days=90)
#: An event can turn up in the event history this long after it happened (AWS says minutes; the rest is margin).
LATE: Final = timedelta(hours=1)
#: This many tokens in a row may be refused at one moment before the Region is given up.
_SAME_PLACE_LIMIT: Final = 3
_STATE: Final = "state.json"
_PART: Final = ".part"


def no_evidence(folder: Path) -> list[Path]:
    """Files below the folder of pages that are none: the states of queries, and what a kill left half-written."""
    return [*folder.glob(f"*/*/*/{_STATE}"), *folder.glob(f"*/*/*/*{_PART}")]


class PageStore:
    """The pages and the state of one query in one Region.

    Args:
        folder: where they are; made if need be.
        query: what is asked.
    """

    def __init__(self, folder: Path, query: Query) -> None:
        self.folder = folder
        self.query = query
        self.new_page_count = 0
        self.state = State.of_nothing(query)

    @contextmanager
    def opened(self, now: datetime) -> Iterator[PageStore]:
        """Hold the folder, and find out what is to be asked next.

        Raises:
            StateError: a file in it is gone or damaged.
            StorageError: another process holds the folder, or it cannot be written.
        """
        with _storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StorageError(
                    "another process is fetching the same history", where=str(self.folder), hint="Let it finish"
                ) from error
            except OSError:  # some network file systems cannot lock a folder; the pages are no less whole for it
                pass
            with _storage_errors(self.folder):
                self._take_up(now)
            yield self
        finally:
            os.close(handle)

    def count_pages(self) -> int:
        """The pages that lie there, whatever the state says."""
        return sum(1 for _ in self.folder.glob("page-*.json"))

    def _take_up(self, now: datetime) -> None:
        path = self.folder / _STATE
        if path.exists():
            self.state = read_state(path, self.query)
            for number in range(1, self.state.page_count + 1):
                if not self._page(number).is_file():
                    raise StateError("a page that was kept is gone", where=str(self._page(number)), hint=HINT)
            if not self.state.complete:
                self._adopt()
        if self.state.is_due(now, LATE):
            self._begin_round(now)

    def _adopt(self) -> None:
        """Take up a page that was written just before a kill, which the state does not know yet."""
        path = self._page(self.state.page_count + 1)
        try:
            page = json.loads(path.read_bytes())
            times = [datetime.fromisoformat(one["EventTime"]) for one in page["Events"] if "EventTime" in one]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):  # a disk that lost what it was given: ask for the page again
            return
        self.state.take(len(page["Events"]), times, page.get("NextToken"))
        self._save()

    def _begin_round(self, now: datetime) -> None:
        """Ask from where the last round ended, a little earlier because events come late, up to now."""
        asked = self.query.since or now - REACH
        since = max(asked, now - REACH)
        if self.state.windows:
            since = max(since, self.state.covered_until - LATE)
        until = min(self.query.until or now, now).replace(microsecond=0)
        self.state.begin(Window.opened(min(_whole_second(since), until), until), now)
        self._save()

    def catch_up(self, now: datetime) -> None:
        """Begin one more round if the one that has ended, begun by an earlier run, ended long ago."""
        if self.state.complete and self.state.covered_until < now - LATE and self.state.is_due(now, LATE):
            self._begin_round(now)

    def request(self) -> dict[str, Any]:
        """The parameters of the next ``LookupEvents`` request; the same ones for every page of a window."""
        window = self.state.windows[-1]
        asked: dict[str, Any] = {"StartTime": window.since, "EndTime": window.until, "MaxResults": PAGE_EVENTS}
        if self.query.root_named:
            asked["LookupAttributes"] = [{"AttributeKey": "Username", "AttributeValue": "root"}]
        if window.next_token:
            asked["NextToken"] = window.next_token
        return asked

    def keep(self, answer: dict[str, Any]) -> None:
        """Keep one page, as the AWS CLI writes it, then note what comes next.

        Raises:
            StorageError: it cannot be written; the state is as before.
        """
        events = answer.get("Events", [])
        times = [one["EventTime"].astimezone(UTC) for one in events if "EventTime" in one]
        page: dict[str, Any] = {"Events": [_as_json(one) for one in events]}
        if token := answer.get("NextToken"):
            page["NextToken"] = token
        with _storage_errors(self.folder):
            _write(self._page(self.state.page_count + 1), page)
            self.state.take(len(events), times, token)
            self._save()
        self.new_page_count += 1

    def restart(self, now: datetime) -> bool:
        """Ask anew from the oldest event kept, because the token is not taken any more.

        The events of that second come twice, which the loader tells; none is lost.

        Returns:
            False if tokens were refused at the same moment too often, so that going on would never end.
        """
        old = self.state.windows[-1]
        until = old.oldest or old.until
        if [window.until for window in self.state.windows[-_SAME_PLACE_LIMIT:]] == [until] * _SAME_PLACE_LIMIT:
            return False
        old.end = "token refused"
        self.state.windows.append(Window.opened(min(max(old.since, _whole_second(now - REACH)), until), until))
        with _storage_errors(self.folder):
            self._save()
        return True

    def _page(self, number: int) -> Path:
        return self.folder / f"page-{number:06d}.json"

    def _save(self) -> None:
        _write(self.folder / _STATE, msgspec.to_builtins(self.state))


def _as_json(event: dict[str, Any]) -> dict[str, Any]:
    """An event of an answer with its time as text, its fields in their order."""
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in event.items()
    }


def _whole_second(moment: datetime) -> datetime:
    """The first whole second at or after a moment: the API knows no smaller unit."""
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)


def _write(path: Path, value: dict[str, Any]) -> None:
    """Write a file at once: whoever reads it, after whatever kill, finds all of it or the one before."""
    part = path.with_name(path.name + _PART)
    with part.open("w", encoding="ascii", newline="\n") as file:
        json.dump(value, file, indent=4)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that do not sync folders say so
            raise
    finally:
        os.close(folder)


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"the pages cannot be kept ({error.strerror})", where=str(folder)) from error
