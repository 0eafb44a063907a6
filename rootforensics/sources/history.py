"""The event history of CloudTrail, fetched through ``LookupEvents`` and kept as pages.

It is there without any trail, for each account and Region, for 90 days. It holds management events, reads among
them; data events, network activity events and Insights events are not in it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

from rootforensics.sources.history_aws import (
    Caller,
    HistoryError,
    ask_caller,
    check_regions,
    enabled_regions,
    make_client,
    open_history_session,
)
from rootforensics.sources.history_pace import Pace, WallClock
from rootforensics.sources.history_pages import REACH, PageStore
from rootforensics.sources.history_region import Reached, RegionResult, RegionWalk
from rootforensics.sources.history_state import Query, StateError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable
    from datetime import datetime

    import boto3

    from rootforensics.sources.history_pace import Clock
    from rootforensics.sources.roles import AskCode, Role

    Say = Callable[[str], None]
    Follow = Callable[[Reached], None]

#: Where boto3 asks for the account and the Regions if nothing else names a Region.
_HOME: Final = "us-east-1"
_UNKNOWN: Final = "unknown"
_MOST_THREADS: Final = 40
_SCOPE: Final = (
    "the event history holds management events, reads included, of the last 90 days; data events, network activity "
    "events and Insights events are not in it"
)
_ROOT_ONLY: Final = (
    "--root-named asks for the user name root: it misses AssumeRoot calls, which bear the caller's name, and events of "
    "root whose user name is missing or another (the account's alias, AWS ROOT USER); events of IAM users named root "
    "come with them, and stay in the pages"
)


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """What was fetched.

    Attributes:
        folder: the folder of all pages.
        account: 12 digits, or ``unknown``.
        regions: one result a Region, sorted by name.
    """

    folder: Path
    account: str
    regions: tuple[RegionResult, ...]

    @property
    def missing(self) -> tuple[RegionResult, ...]:
        """The Regions that did not answer to the end."""
        return tuple(one for one in self.regions if one.problem)

    @property
    def page_count(self) -> int:
        """Pages kept for this query, those of earlier runs among them."""
        return sum(one.page_count for one in self.regions)


def fetch_history(
    folder: str | os.PathLike[str],
    *,
    profile: str | None = None,
    regions: Iterable[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    root_named: bool = False,
    endpoint_url: str | None = None,
    role: Role | None = None,
    ask_code: AskCode | None = None,
    say: Say = lambda text: None,  # noqa: ARG005 - says nothing
    follow: Follow = lambda reached: None,  # noqa: ARG005
    clock: Clock | None = None,
) -> HistoryResult:
    """Fetch the event history of an account and keep its pages.

    Called again with the same question it goes on where it stopped: no page that is kept is asked for again. If
    it had come to the end and no ``until`` bounds it, it fetches what is new.

    Args:
        folder: the pages go to ``<account>/<region>/<query>/page-000001.json`` below it.
        profile: a profile of the AWS configuration.
        regions: the Regions to ask; all that are enabled for the account if none is named.
        since: only events at or after this moment; the API reaches 90 days back.
        until: only events before this moment.
        root_named: ask for the user name ``root`` only.
        endpoint_url: ask CloudTrail here, not at the Region's own address.
        role: to take on with the profile's credentials, in the account whose history is wanted.
        ask_code: asked for the code of an MFA device, that of the role or of the profile.
        say: called with each thing that the user must know, a line without a full stop.
        follow: called after each page, from several threads, one at a time.
        clock: tells the time and waits.

    Returns:
        What each Region gave. A Region that refuses is a result with a problem, not an error.

    Raises:
        HistoryError: there are no credentials, they are not accepted or expired, or the window is empty.
        SourceError: the role is refused, or a code is wanted and there is nobody to ask.
        StorageError: the pages cannot be kept.
        KeyboardInterrupt: stopped; the pages in flight were kept first.
    """
    stop = Event()
    clock = clock or WallClock(stop)
    named = check_regions(list(regions))
    last = _last_second(until)
    _check_window(since, last, clock.utc(), say)
    session = open_history_session(profile, role, ask_code)
    home = named[0] if named else session.region_name or _HOME
    caller = ask_caller(session, home)
    _tell_caller(caller, say)
    asked = named or _all_regions(session, home, caller, say)
    say(_SCOPE)
    if root_named:
        say(_ROOT_ONLY)
    account = caller.account or _UNKNOWN
    queries = [Query(account, region, since, last, root_named) for region in sorted(asked)]
    fetch = _Fetch(session, Path(folder), endpoint_url, clock, stop, say, follow)
    return HistoryResult(Path(folder), account, fetch.all(queries))


@dataclass(slots=True)
class _Fetch:
    """Asks all Regions side by side: the limit of requests is one for each."""

    session: boto3.Session
    folder: Path
    endpoint_url: str | None
    clock: Clock
    stop: Event
    say: Say
    follow: Follow
    #: boto3's session does not make clients in several threads at once.
    making: Lock = field(default_factory=Lock)
    telling: Lock = field(default_factory=Lock)

    def all(self, queries: list[Query]) -> tuple[RegionResult, ...]:
        results = []
        with ThreadPoolExecutor(max(1, min(len(queries), _MOST_THREADS)), "history") as pool:
            running = [pool.submit(self._one, query) for query in queries]
            try:
                for done in as_completed(running):
                    results.append(done.result())
                    self._tell(results[-1])
            except BaseException:  # Ctrl-C too: the threads keep the page in flight and end
                self.stop.set()
                raise
        return tuple(sorted(results, key=lambda one: one.region))

    def _one(self, query: Query) -> RegionResult:
        with self.making:
            client = make_client(self.session, "cloudtrail", query.region, endpoint_url=self.endpoint_url)
        store = PageStore(self.folder / query.account / query.region / query.request_id, query)
        try:
            return RegionWalk(client, store, Pace(self.clock), self.clock, self.stop, self._follow_one).run()
        except StateError as error:
            return RegionResult(query.region, store.count_pages(), problem=str(error))
        finally:
            client.close()

    def _follow_one(self, reached: Reached) -> None:
        with self.telling:
            self.follow(reached)

    def _tell(self, result: RegionResult) -> None:
        pages, events = _many(result.page_count, "page"), _many(result.event_count, "event")
        kept = f"{pages} ({result.new_page_count:,} new), {events}"
        self.say(f"{result.region}: {kept}" + (f"; MISSING: {result.problem}" if result.problem else ""))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _last_second(until: datetime | None) -> datetime | None:
    """The last whole second before a moment: the API takes ``EndTime`` in, and knows no smaller unit."""
    if until is None:
        return None
    return until.replace(microsecond=0) if until.microsecond else until - timedelta(seconds=1)


def _check_window(since: datetime | None, last: datetime | None, now: datetime, say: Say) -> None:
    """Say what the API cannot reach.

    Raises:
        HistoryError: nothing of the window can be reached.
    """
    reach = now - REACH
    if last and last < reach:
        raise HistoryError(f"the event history reaches back to {reach:%Y-%m-%dT%H:%M:%SZ} only", hint="Load a trail")
    if since and (since > now or (last and since > last)):
        raise HistoryError("there is no time between --since and --until, or it is not yet here")
    if since and since < reach:
        say(f"--since {since:%Y-%m-%dT%H:%M:%SZ} is beyond the API's 90 days: taken as {reach:%Y-%m-%dT%H:%M:%SZ}")


def _tell_caller(caller: Caller, say: Say) -> None:
    if caller.account:
        say(f"account {caller.account}, asked as {caller.arn}")
    else:
        say(f"AWS did not say which account this is ({caller.problem}); its pages go to the folder {_UNKNOWN!r}")


def _all_regions(session: boto3.Session, home: str, caller: Caller, say: Say) -> list[str]:
    regions, problem = enabled_regions(session, home, caller)
    if problem:
        say(
            f"the enabled Regions cannot be listed ({problem}): asking all {len(regions)} that boto3 knows for this "
            "partition; those that are not enabled will refuse"
        )
    else:
        say(f"enabled for the account: {_many(len(regions), 'Region')}")
    if not regions:
        raise HistoryError("no Region is known", hint="Name them with --region")
    return regions
