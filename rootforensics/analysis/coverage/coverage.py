"""What the logs of a case can show, for an account, a Region and a time: the only place that knows gaps.

The verdict, the reconciliation with approvals and the report stand on it. It judges no hour itself: it puts in words
what the views ``evidence_gaps`` and ``coverage_spans`` say, which detections and the command ``coverage`` ask, too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.analysis.coverage.continued_recording import Ongoing
from rootforensics.analysis.coverage.gap import (
    ALWAYS,
    Gap,
    Span,
    broken_text,
    incomplete_text,
    listed_text,
    nameless_text,
    not_read_text,
    silent_text,
    unjudged_text,
    unproven_text,
)
from rootforensics.analysis.coverage.hours import Region, regions_of
from rootforensics.analysis.coverage.scope import UNSURE, scope, unread_by_account
from rootforensics.analysis.coverage.time_gaps import Presence
from rootforensics.analysis.coverage.trail_gaps import Departed, stopped
from rootforensics.analysis.lineage.service_activity import impairment
from rootforensics.analysis.places import OTHER_PARTITION, SIGN_IN_REGIONS, UNKNOWN, account_of, sign_in_regions
from rootforensics.evidence.cite import place_in, place_text
from rootforensics.phrases import accounts_text, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.coverage.gap import RegionTimes
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.rows import CoverageGaps

#: Before this day each Region of a trail could hold the events of global services.
_GLOBAL_IN_ONE_REGION: Final = datetime(2021, 11, 22, tzinfo=UTC)
_REGIONS_NAMED: Final = 6
#: Times are compared to the second.
_MOMENT: Final = timedelta(seconds=1)
#: A time ends so long before the first moment after it.
_LEAST: Final = timedelta(microseconds=1)


class Coverage:
    """What the logs of a case can show; of each account by ``of``.

    Args:
        case: to ask; each question is asked once for all accounts.

    Attributes:
        asks: the same case.
    """

    def __init__(self, case: Asks) -> None:
        self.scope = scope(case)
        self.impairment = impairment(case)
        self.times = case.query("coverage").rows
        self.held = {row["account_id"] for row in self.times}
        rows = case.query("organization_trail_accounts").rows
        self.organized = {account for row in rows if (account := row["account_id"])}
        self.presence = Presence(case)
        self.ongoing = Ongoing(case, self.impairment, self.presence.usual_hours)
        self.departed = Departed(case, self.impairment, self.organized, self.ongoing)
        self.nameless = case.query("unattributed_events").rows
        self.unjudged = case.query("incomplete_events").rows
        self.switched_on = case.query("enabled_regions").rows
        self.trails = case.query("trail_settings").rows
        self.hours = regions_of(case.query("coverage_spans").rows)
        self.always_on = {row["region"]: row["partition"] for row in case.query("aws_regions").rows}
        self._disproved = {row["evidence_id"] for row in case.query("disproved_logs").rows}
        self.asks = case
        self._lacking = case.query("coverage_gaps").rows
        self.impaired = [row for row in case.query("integrity_findings").rows if row["impairs"]]

    def of(self, account_id: str) -> Covered:
        """What the logs of an account can show.

        Args:
            account_id: 12 digits, ``unknown``, or empty for all accounts.
        """
        return Covered(self, account_id)

    def unproven(self, citations: Iterable[str]) -> dict[str, str]:
        """The verdict on each cited event that ``verify`` did not find to be as delivered, by its place."""
        asked = tuple(
            citation for citation in citations if (place := place_in(citation)) and place[0] in self._disproved
        )
        rows = self.asks.query("cited_events", citations=asked).rows if asked else []
        verdicts = {place_text(row): row["integrity_verdict"] or "" for row in rows}
        return {place: verdicts[place] for place in asked if verdicts.get(place, "verified") != "verified"}

    def lacking(self, *kinds: str) -> list[CoverageGaps]:
        """Rows of ``evidence_gaps`` of some kinds."""
        return [row for row in self._lacking if row["kind"] in kinds]


@dataclass(frozen=True, slots=True)
class Covered:
    """What the logs of one account can show.

    Attributes:
        case: the coverage of the case.
        account_id: 12 digits, ``unknown``, or empty for all accounts.
    """

    case: Coverage
    account_id: str

    def gaps(
        self,
        regions: Iterable[str] = (),
        *,
        span: Span = ALWAYS,
        sign_ins: bool = False,
        without_effect: bool = False,
        beyond: tuple[Gap, ...] = (),
    ) -> tuple[str, ...]:
        """Why something may have happened that the case does not show, in words.

        Args:
            regions: where it would have been recorded, in the commercial partition; anywhere if empty.
            span: when it would have happened.
            sign_ins: whether it would have been seen where root signs in.
            without_effect: whether a read or a call that failed would show it, too.
            beyond: what else may be missing.
        """
        wanted = tuple(regions)

        def could_hold(row: of.Within) -> bool:
            return span.meets(row["from_time"], row["until_time"]) and _could_hold(row, wanted)

        spoiled = (*self._of(self.case.lacking("damaged", "modified")), *self._named("chain_broken"))
        broken = [row for row in spoiled if could_hold(row)]
        listed = [row for row in self._named("listed") if could_hold(row)]
        unjudged = self.unjudged_in(wanted, span, without_effect=without_effect)
        general = [
            one.text
            for one in (*self._general(span), *beyond)
            if span.meets(one.from_time, one.until_time)
            and not (wanted and one.but.issuperset(wanted))
            and (without_effect or not one.reads_only)
        ]
        told = (*general, *broken_text(broken), *listed_text(listed))
        if span.is_by_hour:
            return (*told, *unjudged, *self._switched_on_nameless(wanted))
        told = (*told, *self._silent(wanted, span), *unjudged)
        unread = (*(self._unread_sign_ins() if sign_ins else ()), *self._unread(wanted, sign_ins=sign_ins))
        if unread and not self.case.scope.knows_regions_of(self._whose):
            unread = (f"whether logs from other Regions were read: {UNSURE}",)
        return (*told, *unread) or self._incomplete(wanted, span)

    def unjudged_in(
        self, regions: tuple[str, ...] = (), span: Span = ALWAYS, *, without_effect: bool = False
    ) -> tuple[str, ...]:
        """What the records of events lack that rules go by, in words; arguments as for ``gaps``."""
        held = [row for row in self._of(self.case.unjudged, UNKNOWN) if row["may_change"] or without_effect]
        # Where no account is told apart, it does not matter in which one an event was.
        held = [row for row in held if not (self._everywhere and row["lacks"] == "account")]
        met = [row for row in held if span.meets(row["from_time"], row["until_time"]) and _could_hold(row, regions)]
        return unjudged_text(met)

    def impaired(self) -> list[of.IntegrityFindings]:
        """What verify found that somebody who impairs logging may have caused."""
        return self._of(self.case.impaired)

    def unproved(self, regions: Iterable[str] = (), *, span: Span = ALWAYS) -> tuple[str, ...]:
        """What would prove a no, where nothing speaks against it: of which hours and Regions no log tells, in words.

        A Region without events leaves no log, one that was left out leaves none either. With log file validation on,
        digest files are delivered each hour for every Region of a trail, whether or not there were events.

        Args:
            regions: as for ``gaps``.
            span: likewise.
        """
        wanted = tuple(regions)
        told = []
        if any(self._whose in ("", row["account_id"]) for row in self.case.lacking("uncompared")):
            told.append(
                "all logs that the digest files list: the case does not have all of them under CloudTrail's names"
            )
        hours = self._told_of_hours("unproven", wanted, span)
        told += unproven_text(hours)
        read = self._read()
        lacking = {name for own, _ in self._owned for name in self._always_on(own)} - self._delivered()
        if wanted or not read or not lacking:
            return tuple(told)
        trails = (row for row in self.case.trails if self._everywhere or account_of(row) == self.account_id)
        although = ", although a trail records all Regions" * any(trail["isMultiRegionTrail"] for trail in trails)
        proof = "digest files of all Regions, or the complete folder of the trail: the case has logs only from"
        return (*told, f"{proof} {', '.join(sorted(self._delivered()))}{although}")

    @property
    def window(self) -> str:
        """From when to when, and in which Regions, the case has logs of the account, in words; empty if it has none."""
        held = [region for _, region in self._owned if not region.is_missing]
        if not held:
            return ""
        begin, end = min(one.spans[0]["from_time"] for one in held), self.end
        names = some(sorted({one.name for one in held}), _REGIONS_NAMED)
        return f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, {names}"

    @property
    def end(self) -> datetime | None:
        """The end of the last hour of the account that the case has logs of, UTC; None if it has none."""
        return max((region.spans[-1]["until_time"] for _, region in self._owned if not region.is_missing), default=None)

    @property
    def hours(self) -> Counter[str]:
        """How many hours of the Regions in ``window`` have which state, as ``coverage_spans`` names them."""
        return sum((region.hours for _, region in self._owned if not region.is_missing), Counter[str]())

    def unproven_hours(
        self, since: datetime, until: datetime, *proofs: str
    ) -> dict[tuple[tuple[datetime, datetime], ...], list[str]]:
        """The Regions that lack a proof that all events of a time are here, by the hours that lack it.

        Args:
            since: of the time, UTC.
            until: the first moment after it.
            proofs: which ones count, as ``coverage_spans`` names them.
        """
        own = {region.name: region for _, region in self._owned}
        alike: dict[tuple[tuple[datetime, datetime], ...], list[str]] = {}
        for name in sorted(own.keys() | self._always_on(self.account_id)):
            region = own.get(name) or Region(self.account_id, name, ())
            if hours := region.unproven_hours(since, until, *proofs):
                alike.setdefault(hours, []).append(name)
        return alike

    @property
    def absent(self) -> tuple[str, ...]:
        """Regions of which the case should hold logs of the account and holds nothing."""
        return tuple(sorted({region.name for _, region in self._owned if region.is_missing}))

    @property
    def is_held(self) -> bool:
        """Whether the case holds events of the account; of all if it is none."""
        return bool(self.case.held) if self._everywhere else self.account_id in self.case.held

    @property
    def first_time(self) -> datetime | None:
        """Of the first event of the account, UTC; None if there is none."""
        return min(self._times("first_time"), default=None)

    def span_of(self, since: datetime | None, until: datetime | None) -> Span:
        """A time as gaps are asked for; where it has no begin or end, those of the account's logs.

        Args:
            since: its first moment, UTC; None for the begin of the logs.
            until: the first moment after it; None for the end of the logs.
        """
        first, last = self.first_time, max(self._times("last_time"), default=None)
        # What begins behind the logs has no end in them, and what ends before them no begin: all of it is missing.
        begin = first if since is None and first and (until is None or first < until) else since
        end = until - _LEAST if until else last if last and (since is None or since <= last) else None
        return Span(begin, end)

    def _times(self, name: Literal["first_time", "last_time"]) -> list[datetime]:
        own = (row[name] for row in self.case.times if self._everywhere or row["account_id"] == self.account_id)
        return [moment for moment in own if moment]

    @property
    def _everywhere(self) -> bool:
        return self.account_id in ("", UNKNOWN)

    @property
    def _whose(self) -> str:
        return "" if self._everywhere else self.account_id

    def _of(self, rows: list[of.OfAccountT], *more: str) -> list[of.OfAccountT]:
        """The rows of the account and of none that is named."""
        return [row for row in rows if self._everywhere or row["account_id"] in (self.account_id, None, *more)]

    def _named(self, kind: str) -> Iterator[of.CoverageGaps]:
        """What digests tell of the account."""
        rows = () if self._filters() else self.case.lacking(kind)
        yield from (row for row in rows if self._whose in ("", row["account_id"]))

    @property
    def _owned(self) -> list[tuple[str, Region]]:
        """The Regions of which the view tells, each with its account."""
        accounts = self.case.hours if self._everywhere else {self.account_id: self.case.hours.get(self.account_id, [])}
        return [(account, region) for account, regions in accounts.items() for region in regions]

    def _delivered(self) -> frozenset[str]:
        """Regions of which the case holds something; of all accounts those that it holds of each."""
        own: dict[str, set[str]] = {account: set() for account, _ in self._owned}
        for account, region in self._owned:
            own[account] |= set() if region.is_missing else {region.name}
        return self._read() | frozenset(set.intersection(*own.values()) if own else ())

    def _always_on(self, account: str) -> frozenset[str]:
        """Regions of the account's partition that nobody can switch off."""
        partitions = {self.case.always_on.get(one.name) for one in self.case.hours.get(account, ())} - {None}
        wanted = partitions or {"aws"}
        return frozenset(name for name, partition in self.case.always_on.items() if partition in wanted)

    def _told_of_hours(self, state: str, wanted: tuple[str, ...], span: Span) -> list[RegionTimes]:
        """The times of a state in Regions of which the case holds something, with the account if several are asked."""
        found: list[RegionTimes] = []
        for account, region in () if self._filters() else self._owned:
            of_time = [
                row
                for row in region.spans
                if row["state"] == state and span.meets(row["from_time"], row["until_time"] - _MOMENT)
            ]
            if of_time and not region.is_missing and self._is_wanted(region.name, wanted):
                found.append((account if self._everywhere else "", region, of_time))
        return found

    def _is_wanted(self, region: str, wanted: tuple[str, ...]) -> bool:
        """Whether something that is recorded in some Regions of the commercial partition would be in a Region."""
        is_other = bool(OTHER_PARTITION.match(region))
        return not wanted or region in wanted or (is_other and region in sign_in_regions(region))

    def _silent(self, wanted: tuple[str, ...], span: Span) -> tuple[str, ...]:
        """Times without logs in Regions of which the case holds others; what filters left out is missing as a whole."""
        return silent_text(self._told_of_hours("unknown", wanted, span))

    def _incomplete(self, wanted: tuple[str, ...], span: Span) -> tuple[str, ...]:
        """Hours of which not all is here, where nothing else says why. Whose events filters left out no view tells."""
        return () if self.case.scope.filters else incomplete_text(self._told_of_hours("incomplete", wanted, span))

    def _filters(self, span: Span = ALWAYS) -> tuple[str, ...]:
        taken = self.case.scope
        return taken.filters if self._everywhere else taken.filters_on(self.account_id, span.since, span.until)

    def _read(self) -> frozenset[str]:
        """Regions whose logs of the account were read; of all accounts those that were read of each."""
        taken = self.case.scope
        if not self._everywhere:
            return taken.regions_of(self.account_id)
        return taken.common_regions or frozenset(taken.regions)

    def _general(self, span: Span) -> Iterator[Gap]:
        """What is missing whatever Region it is of."""
        filters = self._filters(span)
        yield from () if filters else self._beside_what_is_held(span)
        nameless = [
            row for row in self.case.nameless if self._whose in ("", row["account_id"]) or not row["account_id"]
        ]
        yield from map(Gap, (*nameless_text(nameless), *not_read_text(self.case.lacking("not_read"))))
        yield from self.case.departed.missing(self._whose)
        yield from stopped(self._impairment(), self.account_id, self.case.ongoing, self._concerned)
        if filters:
            yield Gap(f"the events that the load filtered out ({' / '.join(filters)})")

    def _beside_what_is_held(self, span: Span) -> Iterator[Gap]:
        """What the events of a case show to be missing; what filters left out of it may be in the logs."""
        held, none = self.case.held, Gap(f"logs from account {self.account_id}: the case has none")
        if not held:
            yield Gap("logs: the case has no events")
        elif not self.account_id:
            known = {row["account_id"] for row in self.case.asks.query("organization_accounts").rows}
            if absent := sorted(known - held):
                yield Gap(f"logs from {accounts_text(absent)} of the organization: the case has none")
        if held and not self._everywhere and not {self.account_id, None} & held:
            yield none
        elif held and span != ALWAYS and not span.is_by_hour:
            yield from tuple(self._ends()) or (none,)
        # Of several accounts it is enough that one has more to tell.
        lone = self.case.presence.lone
        whole = self._everywhere and lone.keys() == held
        alone = set(lone.values()) if whole else {lone.get(self.account_id, "")} - {""}
        if len(alone) == 1:
            yield Gap(f"events by anyone except {min(alone)}: the case has events by this identity only")
        if bare := sorted(
            map(str, self.case.presence.without_reads & (held if self._everywhere else {self.account_id}))
        ):
            yield Gap(f"read-only calls, including AssumeRole, in account {', '.join(bare)}: the case has none")
        if self._everywhere and self.case.scope.regions and not self.case.scope.common_regions:
            yield Gap("logs from at least one Region for every account: no Region has logs from all of them")

    def _impairment(self) -> list[of.LoggingImpairment]:
        """What was done to the trails that record the account."""
        if self._everywhere or self.account_id in self.case.organized:
            return self.case.impairment
        return [row for row in self.case.impairment if account_of(row) in (self.account_id, UNKNOWN)]

    def _concerned(self, row: of.OfAccount) -> set[str]:
        """Accounts of which impairment may keep something out of the record."""
        return {account_of(row), *self.case.organized} if self._everywhere else {self.account_id}

    def _ends(self) -> Iterator[Gap]:
        """What lies before the first event of the account and after the last."""
        if first := self.first_time:
            yield Gap(f"logs before {first:%Y-%m-%d %H:%M:%S}", None, first - _MOMENT)
        if last := max(self._times("last_time"), default=None):
            yield Gap(f"logs after {last:%Y-%m-%d %H:%M:%S}", last + _MOMENT, None)

    def _unread_sign_ins(self) -> tuple[str, ...]:
        unread = unread_by_account(self.case.scope, () if self._everywhere else (self.account_id,))
        return tuple(f"{one}, where root sign-ins may be recorded" for one in unread)

    def _unread(self, wanted: tuple[str, ...], *, sign_ins: bool) -> tuple[str, ...]:
        """Regions of which the case should hold logs and holds nothing, or that are asked for and are not here.

        Of one Region alone nothing is known of the others.
        """
        read = self._read()
        if wanted and not sign_ins and not any(map(OTHER_PARTITION.match, read)):
            missing = [region for region in wanted if region not in read]
            return (f"logs from {', '.join(missing)}, where such events would be recorded",) if missing else ()
        delivered = self._delivered()
        if len(delivered) == 1 and not wanted and not sign_ins and not any(map(OTHER_PARTITION.match, delivered)):
            return (f"logs from other Regions: the case has logs from {min(delivered)} only for this account",)
        nowhere = self.is_held and not delivered and not wanted
        unnamed = ("the Regions in which these events were recorded: no record names one",) if nowhere else ()
        return (*unnamed, *self._not_here(wanted, sign_ins=sign_ins), *self._switched_on_nameless(wanted))

    def _not_here(self, wanted: tuple[str, ...], *, sign_ins: bool) -> Iterator[str]:
        """Regions of which the case should hold something and holds nothing; accounts that lack the same together."""
        lacking: dict[str, list[str]] = {}
        for account, region in self._owned:
            is_told = sign_ins and region.name in SIGN_IN_REGIONS
            is_read = region.name in self.case.scope.regions_of(account)
            if region.is_missing and not is_told and not is_read and self._is_wanted(region.name, wanted):
                lacking.setdefault(account, []).append(region.name)
        alike: dict[tuple[str, ...], list[str]] = {}
        for account, names in lacking.items():
            alike.setdefault(tuple(sorted(names)), []).append(account)
        for regions, accounts in alike.items():
            of_whom = f" of {'account ' if len(accounts) == 1 else ''}{accounts_text(accounts)}"
            whose = of_whom if self._everywhere else ""
            yield f"logs from {', '.join(regions)}{whose}, where more events may be recorded"

    def _switched_on_nameless(self, wanted: tuple[str, ...]) -> Iterator[str]:
        own = (row for row in self.case.switched_on if not self._whose or account_of(row) == self._whose)
        if not wanted and any(not row["region"] for row in own):
            yield "logs from a Region that was enabled and that no record names"


def _could_hold(row: of.Within, regions: tuple[str, ...]) -> bool:
    """True if an object may hold an event that is recorded in one of the Regions."""
    region, moment = row["region"], row["until_time"]
    if not regions or region is None or region in regions:
        return True
    return moment is None or moment < _GLOBAL_IN_ONE_REGION or bool(OTHER_PARTITION.match(region))
