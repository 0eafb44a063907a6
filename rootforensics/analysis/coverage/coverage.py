"""What the logs of a case can show, for an account, a Region and a time: the only place that knows gaps.

The verdict, the reconciliation with approvals and the report stand on it; detections that conclude from absence ask
the view ``evidence_gaps``, on which it stands, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.analysis.coverage.continued_recording import Ongoing
from rootforensics.analysis.coverage.gap import (
    ALWAYS,
    Gap,
    Span,
    broken_text,
    listed_text,
    nameless_text,
    not_read_text,
    unjudged_text,
)
from rootforensics.analysis.coverage.scope import UNSURE, scope, unread_by_account
from rootforensics.analysis.coverage.time_gaps import BEFORE_FIRST_ACT, Presence
from rootforensics.analysis.coverage.trail_gaps import Departed, stopped
from rootforensics.analysis.lineage.service_activity import impairment
from rootforensics.analysis.places import IAM_REGIONS, OTHER_PARTITION, UNKNOWN, account_of
from rootforensics.evidence.cite import place_in, place_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.coverage.time_gaps import Pause
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.rows import CoverageGaps

#: Before this day each Region of a trail could hold the events of global services.
_GLOBAL_IN_ONE_REGION: Final = datetime(2021, 11, 22, tzinfo=UTC)
#: Times are compared to the second.
_MOMENT: Final = timedelta(seconds=1)


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
        self.organized = {row["account_id"] for row in case.query("organization_trail_accounts").rows}
        self.presence = Presence(case)
        self.ongoing = Ongoing(case, self.impairment, self.presence.usual_hours)
        self.departed = Departed(case, self.impairment, self.organized, self.ongoing)
        self.nameless = case.query("unattributed_events").rows
        self.unjudged = case.query("incomplete_events").rows
        self.switched_on = case.query("enabled_regions").rows
        self.trails = case.query("trail_settings").rows
        self.digested = {(row["account_id"], row["region"]) for row in case.query("digested_regions").rows}
        self._disproved = {row["evidence_id"] for row in case.query("disproved_logs").rows}
        self.asks = case
        self._lacking = case.query("coverage_gaps").rows
        self.impaired = [row for row in case.query("integrity_findings").rows if row["impairs"]]

    def of(self, account_id: str, first_act: datetime | None = None) -> Covered:
        """What the logs of an account can show.

        Args:
            account_id: 12 digits, ``unknown``, or empty for all accounts.
            first_act: when root was first seen there; what was not usual before, ended with it.
        """
        return Covered(self, account_id, first_act)

    def unproven(self, citations: Iterable[str]) -> dict[str, str]:
        """The verdict on each cited event that ``verify`` did not find to be as delivered, by its place."""
        asked = tuple(one for one in citations if (place := place_in(one)) and place[0] in self._disproved)
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
        first_act: when root was first seen there, UTC; None if it never was.
    """

    case: Coverage
    account_id: str
    first_act: datetime | None = None

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
        paused = [
            one.text(named=one.account_id != self.account_id) for one in self._pauses(span) if could_hold(one.row)
        ]
        told = (*general, *broken_text(broken), *listed_text(listed), *paused, *unjudged)
        if span.is_by_hour:
            return told
        unread = self._unread_sign_ins() if sign_ins else self._unread(wanted)
        is_known = self.case.scope.knows_regions_of(self._whose)
        return (*told, *(unread if is_known or not unread else (f"whether logs of other Regions were read: {UNSURE}",)))

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
        """What verify found that somebody who impairs logging may have caused, not long before root's first act."""
        found = self._of(self.case.impaired)
        return [row for row in found if not (row["until_time"] and self._is_before(row["until_time"]))]

    def unproved(self) -> tuple[str, ...]:
        """What would show that no Region is missing, where nothing does.

        A Region without events leaves no log, one that was left out leaves none either. With log file validation on,
        digest files are delivered each hour for every Region of a trail, whether or not there were events.
        """
        if any(self._whose in ("", row["account_id"]) for row in self.case.lacking("uncompared")):
            return ("all logs that the digest files list: not all are here under the names that CloudTrail gives",)
        read = self._read()
        if self._digested() or not read:
            return ()
        trails = (row for row in self.case.trails if self._everywhere or account_of(row) == self.account_id)
        known = (
            "a trail records all Regions, but whether"
            if any(trail["isMultiRegionTrail"] for trail in trails)
            else "whether"
        )
        others = f"{known} logs of other Regions than {', '.join(sorted(read))} were left out"
        return (f"{others}: digest files of all Regions would tell, or a load of the trail's whole folder",)

    @property
    def is_held(self) -> bool:
        """Whether the case holds events of the account; of all if it is none."""
        return bool(self.case.held) if self._everywhere else self.account_id in self.case.held

    @property
    def first_time(self) -> datetime | None:
        """Of the first event of the account, UTC; None if there is none."""
        return min(self._times("first_time"), default=None)

    def _times(self, name: Literal["first_time", "last_time"]) -> list[datetime]:
        return [row[name] for row in self.case.times if row[name] and row["account_id"] == self.account_id]

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
        """What digests tell of the account; what was delivered more than a day before root's first act is left out."""
        for row in () if self._filters() else self.case.lacking(kind):
            if self._whose in ("", row["account_id"]) and not self._is_before(row["until_time"]):
                yield row

    def _is_before(self, until: datetime) -> bool:
        return self.first_act is not None and until <= self.first_act - BEFORE_FIRST_ACT

    def _digested(self) -> frozenset[str]:
        return frozenset(region for owner, region in self.case.digested if self._whose in ("", owner))

    def _filters(self, span: Span = ALWAYS) -> tuple[str, ...]:
        taken = self.case.scope
        return taken.filters if self._everywhere else taken.filters_on(self.account_id, span.since, span.until)

    def _read(self) -> frozenset[str]:
        """Regions whose logs of the account were read; of all accounts those that were read of each."""
        taken = self.case.scope
        if not self._everywhere:
            return taken.regions_of(self.account_id)
        return taken.common_regions or frozenset(taken.regions)

    def _pauses(self, span: Span) -> Iterator[Pause]:
        # What filters left out is missing as a whole, and nothing is usual in the rest.
        known = self._filters() or span.is_by_hour
        yield from () if known else self.case.presence.pauses(self._whose, self.first_act or span.since)

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
            yield Gap(f"what the filters of the load left out ({' / '.join(filters)})")

    def _beside_what_is_held(self, span: Span) -> Iterator[Gap]:
        """What the events of a case show to be missing; what filters left out of it may be in the logs."""
        held, none = self.case.held, Gap(f"logs of account {self.account_id}: the case holds none")
        if not held:
            yield Gap("logs: the case holds no events")
        elif not self._everywhere and not {self.account_id, None} & held:
            yield none
        elif span != ALWAYS and not span.is_by_hour:
            yield from tuple(self._ends()) or (none,)
        # Of several accounts it is enough that one has more to tell.
        lone = self.case.presence.lone
        whole = self._everywhere and lone.keys() == held
        alone = set(lone.values()) if whole else {lone.get(self.account_id, "")} - {""}
        if len(alone) == 1:
            yield Gap(f"events of others than {min(alone)}: the case holds those of one identity alone")
        if bare := sorted(
            map(str, self.case.presence.without_reads & (held if self._everywhere else {self.account_id}))
        ):
            yield Gap(f"calls that only read, AssumeRole among them: of account {', '.join(bare)} the case holds none")
        if self._everywhere and self.case.scope.regions and not self.case.scope.common_regions:
            yield Gap("logs of one Region at least for every account: of none are all there")

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
        return tuple(f"{one}, where root's sign-ins are recorded" for one in unread)

    def _unread(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Regions without logs that would hold it; of one Region alone nothing is known of the others.

        A trail of all Regions always has logs of IAM's, and a Region that was switched on is there to be used.
        """
        read = self._read()
        if any(map(OTHER_PARTITION.match, read)):
            return ()
        if missing := [region for region in wanted if region not in read]:
            return (f"logs of {', '.join(missing)}, where it would be recorded",)
        if wanted or not read:
            return ()
        delivered = read | self._digested()
        if len(delivered) == 1:
            return (f"logs of other Regions: of this account the case holds those of {min(delivered)} alone",)
        switched_on = {row["region"] for row in self.case.switched_on if row["region"] and self._is_own(row)}
        if missing := sorted({*IAM_REGIONS, *switched_on} - delivered):
            return (f"logs of {', '.join(missing)}, where it might be recorded",)
        return ()

    def _is_own(self, row: of.EnabledRegions) -> bool:
        return not self.account_id or account_of(row) == self.account_id


def _could_hold(row: of.Within, regions: tuple[str, ...]) -> bool:
    """True if an object may hold an event that is recorded in one of the Regions."""
    region, moment = row["region"], row["until_time"]
    if not regions or region is None or region in regions:
        return True
    return moment is None or moment < _GLOBAL_IN_ONE_REGION or bool(OTHER_PARTITION.match(region))
