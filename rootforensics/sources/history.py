"""The event history of CloudTrail, fetched through ``LookupEvents`` and kept in slices of a day and a Region.

It is there without any trail, for each account and Region, for 90 days. It holds management events, reads among
them; data events, network activity events and Insights events are not in it.
"""

from __future__ import annotations

from concurrent.futures import as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from rootforensics.phrases import plural, some
from rootforensics.sources.answers import OddAnswerError, ask, begun
from rootforensics.sources.history_aws import (
    ANSWER_SECONDS,
    Caller,
    HistoryError,
    ask_caller,
    check_regions,
    enabled_regions,
    expected_errors,
    explain,
    make_client,
    open_history_session,
)
from rootforensics.sources.history_slices import REACH, Slice, check_answer, closed_slices, keep, slices
from rootforensics.sources.refusals import Kind
from rootforensics.sources.unfinished import clear_unfinished

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    import boto3

    from rootforensics.sources.roles import AskCode, Role

    Say = Callable[[str], None]

#: Where boto3 asks for the account and the Regions if nothing else names a Region.
_HOME: Final = "us-east-1"
_UNKNOWN: Final = "unknown"
#: ``LookupEvents`` takes two requests a second for an account and Region; a hair more keeps a third out of any second.
SPACING_SECONDS: Final = 0.51
#: A request is made so often, botocore's pauses between; they come to a minute.
_ATTEMPTS: Final = 10
#: After these the Region is left for the next run: its other days would be refused, too.
_REGION_ENDS: Final = (Kind.BUSY, Kind.UNREACHABLE, Kind.DENIED, Kind.KEYS)
#: After so many days in a row without an answer, whatever came in its place, the Region is left for the next run.
_DAYS_WITHOUT_ANSWER: Final = 3
#: So many missing days are named.
_LISTED: Final = 5
_SCOPE: Final = (
    "the event history holds management events, reads included, of the last 90 days; data events, network activity "
    "events and Insights events are not in it"
)
_ROOT_ONLY: Final = (
    "--root-named asks for the user name root: it misses AssumeRoot calls, which bear the caller's name, and events of "
    "root whose user name is missing or another (the account's alias, AWS ROOT USER); events of IAM users named root "
    "come with them, and stay in the files"
)


@dataclass(frozen=True, slots=True)
class RegionResult:
    """What one Region gave.

    Attributes:
        region: its name.
        slice_count: slices kept, those of earlier runs among them.
        new_slice_count: slices that this run added.
        event_count: events in these.
        problem: which days are missing, and why; empty if none is.
    """

    region: str
    slice_count: int
    new_slice_count: int
    event_count: int
    problem: str


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one Region has come: of ``all_count`` slices ``done_count`` are over, and this day is being fetched."""

    region: str
    done_count: int
    all_count: int
    event_count: int
    day: datetime


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """What was fetched.

    Attributes:
        folder: the folder of all slices.
        account: 12 digits, or ``unknown``.
        regions: one result a Region, sorted by name.
    """

    folder: Path
    account: str
    regions: tuple[RegionResult, ...]

    @property
    def missing(self) -> tuple[RegionResult, ...]:
        """The Regions of which a day is missing."""
        return tuple(region for region in self.regions if region.problem)

    @property
    def slice_count(self) -> int:
        """Slices kept for this query, those of earlier runs among them."""
        return sum(region.slice_count for region in self.regions)


def _utc_now() -> datetime:
    return datetime.now(UTC)


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
    follow: Callable[[Reached], None] = lambda reached: None,  # noqa: ARG005
    now: Callable[[], datetime] = _utc_now,
) -> HistoryResult:
    """Fetch the event history of an account and keep it in slices of a day and a Region.

    Called again it fetches what is missing. A day is asked for again as long as events of it can turn up.

    Args:
        folder: the slices go to ``<account>/<region>/<all or root>/`` below it, each a file of its own.
        profile: a profile of the AWS configuration.
        regions: the Regions to ask; all that are enabled for the account if none is named.
        since: only events at or after this moment; the API reaches 90 days back.
        until: only events before this moment.
        root_named: ask for the user name ``root`` only.
        endpoint_url: ask CloudTrail here, not at the Region's own address.
        role: to take on with the profile's credentials, in the account whose history is wanted.
        ask_code: asked for the code of an MFA device, that of the role or of the profile.
        say: called with each thing that the user must know, a line without a full stop.
        follow: called after each answer, from several threads, one at a time.
        now: tells the time, UTC.

    Returns:
        What each Region gave. A Region that refuses is a result with a problem, not an error.

    Raises:
        HistoryError: there are no credentials, they are not accepted or expired, or the window is empty.
        SourceError: the role is refused, or a code is wanted and there is nobody to ask.
        StorageError: the slices cannot be kept.
        KeyboardInterrupt: stopped; slices that were whole are kept.
    """
    named = check_regions(list(regions))
    begin = now()
    since, until = since and _whole_second(since), until and _whole_second(until)
    _check_window(since, until, begin, say)
    session = open_history_session(profile, role, ask_code)
    home = named[0] if named else session.region_name or _HOME
    caller = ask_caller(session, home)
    _tell_caller(caller, say)
    asked = named or _all_regions(session, home, caller, say)
    say(_SCOPE)
    if root_named:
        say(_ROOT_ONLY)
    account = caller.account or _UNKNOWN
    first = (begin - REACH).replace(hour=0, minute=0, second=0, microsecond=0)
    planned = slices(since or first, until or first + REACH + timedelta(days=1), begin)
    fetch = _Fetch(session, Path(folder), account, planned, root_named, endpoint_url, now, say, follow)
    return HistoryResult(Path(folder), account, fetch.all(asked))


@dataclass(slots=True)
class _Fetch:
    """Asks all Regions side by side: the limit of requests is one for each."""

    session: boto3.Session
    folder: Path
    account: str
    planned: list[Slice]
    root_named: bool
    endpoint_url: str | None
    now: Callable[[], datetime]
    say: Say
    follow: Callable[[Reached], None]
    stop: Event = field(default_factory=Event)
    #: boto3's session does not make clients in several threads at once.
    making: Lock = field(default_factory=Lock)
    telling: Lock = field(default_factory=Lock)

    def all(self, regions: list[str]) -> tuple[RegionResult, ...]:
        clear_unfinished(self.folder)
        results = []
        try:
            for done in as_completed([begun(partial(self._one, region)) for region in regions]):
                results.append(done.result())
                self._tell(results[-1])
        finally:  # after Ctrl-C, too: the threads end with the answer that they wait for
            self.stop.set()
            clear_unfinished(self.folder)
        return tuple(sorted(results, key=lambda one: one.region))

    def _one(self, region: str) -> RegionResult:
        with self.making:
            client = make_client(self.session, "cloudtrail", region, endpoint_url=self.endpoint_url, attempts=_ATTEMPTS)
        client.meta.events.register("before-parse.cloudtrail.LookupEvents", check_answer)
        folder = self.folder / self.account / region / ("root" if self.root_named else "all")
        closed = closed_slices(folder)
        kept = [one for one in self.planned if any(other.covers(one) for other in closed)]
        new: list[Slice] = []
        problems: dict[str, list[str]] = {}
        event_count = come = failed_in_a_row = 0

        def answers(wanted: Slice) -> Iterator[bytes]:
            nonlocal come
            come = 0
            for page in self._pages(client, wanted):
                come += len(page["Events"])
                with self.telling:
                    done = len(kept) + len(new)
                    self.follow(Reached(region, done, len(self.planned), event_count + come, wanted.since))
                yield page["Body"]

        for wanted in (one for one in self.planned if one not in kept):
            try:
                keep(wanted.path(folder, self.now()), self.folder, answers(wanted))
                new.append(wanted)
                event_count += come
                failed_in_a_row = 0
            except expected_errors() as error:
                refusal = explain(error)
                if refusal.kind is Kind.CREDENTIALS:
                    raise HistoryError(refusal.words, where=region, hint=refusal.hint) from error
                # STS took the keys, so it is the Region that does not: it answers so where it is not enabled.
                words = f"{refusal.words}{'; is the Region enabled for this account?' * (refusal.kind is Kind.KEYS)}"
                problems.setdefault(words, []).append(f"{wanted.since:%F}")
                failed_in_a_row += 1
                if refusal.kind in _REGION_ENDS or failed_in_a_row == _DAYS_WITHOUT_ANSWER:
                    break
        client.close()
        missing = len(self.planned) - len(kept) - len(new)
        told = "; ".join(f"{some(days, _LISTED)}: {words}" for words, days in problems.items())
        if failed_in_a_row == _DAYS_WITHOUT_ANSWER:
            told += f"; stopped after {failed_in_a_row} days in a row without an answer"
        problem = f"{missing:,} of {plural(len(self.planned), 'day')} ({told})" if missing else ""
        return RegionResult(region, len(kept) + len(new), len(new), event_count, problem)

    def _pages(self, client: Any, wanted: Slice) -> Iterator[Any]:  # noqa: ANN401 - boto3 makes its classes at run time
        """The answers of one slice, at the pace that the API allows.

        Raises:
            OddAnswerError: it answers another request; or a token came again, and the pages after it would for ever.
        """
        now = self.now()
        limits: dict[str, Any] = {
            "StartTime": max(wanted.since, _whole_second(now - REACH)),
            "EndTime": min(wanted.until - timedelta(seconds=1), now.replace(microsecond=0)),
        }
        if self.root_named:
            limits["LookupAttributes"] = [{"AttributeKey": "Username", "AttributeValue": "root"}]
        pages = iter(client.get_paginator("lookup_events").paginate(**limits, PaginationConfig={"PageSize": 50}))
        tokens: set[int] = set()
        token = None
        while token or not tokens:
            begin = monotonic()
            try:
                page = ask(lambda: next(pages), ANSWER_SECONDS)
                if not all(
                    limits["StartTime"] <= one["EventTime"] <= limits["EndTime"] + timedelta(seconds=1)
                    for one in page["Events"]
                ):
                    raise OddAnswerError("it has events of another time than was asked for")
                token = page.get("NextToken")
                if hash(token) in tokens:
                    raise OddAnswerError("a page token came a second time")
                tokens.add(hash(token))
                yield page
            finally:
                self.stop.wait(max(0.0, begin + SPACING_SECONDS - monotonic()))
            if self.stop.is_set():
                raise HistoryError("stopped", where=client.meta.region_name)

    def _tell(self, result: RegionResult) -> None:
        kept, events = plural(result.slice_count, "day"), plural(result.event_count, "new event")
        told = f"{kept} ({result.new_slice_count:,} new), {events}"
        self.say(f"{result.region}: {told}" + (f"; MISSING: {result.problem}" if result.problem else ""))


def _whole_second(moment: datetime) -> datetime:
    """The first whole second at or after a moment: the API knows no smaller unit."""
    return moment + timedelta(microseconds=-moment.microsecond % 1_000_000)


def _check_window(since: datetime | None, until: datetime | None, now: datetime, say: Say) -> None:
    """Say what the API cannot reach.

    Raises:
        HistoryError: nothing of the window can be reached.
    """
    reach = now - REACH
    if until and until <= reach:
        raise HistoryError(f"the event history reaches back to {reach:%Y-%m-%dT%H:%M:%SZ} only", hint="Load a trail")
    if since and (since > now or (until and since >= until)):
        raise HistoryError("there is no time between --since and --until, or it is not yet here")
    if since and since < reach:
        say(f"--since {since:%Y-%m-%dT%H:%M:%SZ} is beyond the API's 90 days: taken as {reach:%Y-%m-%dT%H:%M:%SZ}")


def _tell_caller(caller: Caller, say: Say) -> None:
    if caller.account:
        say(f"account {caller.account}, asked as {caller.arn}")
    else:
        say(f"AWS did not say which account this is ({caller.problem}); what it gives goes to the folder {_UNKNOWN!r}")


def _all_regions(session: boto3.Session, home: str, caller: Caller, say: Say) -> list[str]:
    regions, problem = enabled_regions(session, home, caller)
    if problem:
        say(
            f"the enabled Regions cannot be listed ({problem}): asking all {len(regions)} that boto3 knows for this "
            "partition; those that are not enabled will refuse"
        )
    else:
        say(f"enabled for the account: {plural(len(regions), 'Region')}")
    if not regions:
        raise HistoryError("no Region is known", hint="Name them with --region")
    return regions
