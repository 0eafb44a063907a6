"""What the verdict on root of one account stands on: what root did there, and what may be missing from the logs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rootforensics.analysis.coverage.gap import ALWAYS
from rootforensics.analysis.exposure.requests import closes
from rootforensics.evidence.cite import place_text
from rootforensics.queries.within import rows_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rootforensics.analysis.coverage.coverage import Covered
    from rootforensics.analysis.coverage.gap import Gap, Span
    from rootforensics.analysis.lineage.entity import Entity
    from rootforensics.analysis.lineage.principals import Member
    from rootforensics.analysis.novelty import Novelty
    from rootforensics.queries import rows as of
    from rootforensics.queries.within import RowT


@dataclass(frozen=True)
class Evidence:
    """What root of one account did, and what may be missing.

    Attributes:
        account_id: 12 digits, ``unknown``, or empty for all accounts of the case.
        covered: what the logs of the account can show.
        novelty: which entries are from new addresses, or after trouble with the password.
        followed: the ``actions``, and those of identities that certainly descend from root; here and in what follows
            also those in other accounts that descend from root of this one, as ``across`` tells them.
        unlisted: their calls that the catalogue does not know, reads and failures apart.
        perhaps: the same two of identities that only possibly descend from root, and calls that cost by those who may
            hold what root changed.
        credentials: as timeline, sign-ins and sessions, of the account's own root.
        others_credentials: those in other accounts that descend from root of this one.
        owned: calls that changed its ownership, and those of its root that changed another account's, as ``owned``
            tells them.
        reached: rows of the blast radius that root of this account reached, each with its entity.
        elsewhere: what may be missing of where its root's actions went on, in other accounts.
        served: service activity attributed to root and hardly of themselves, as ``services`` tells it; what root
            ordered is among the actions above, too.
        members: who holds or may hold groups, policies and instance profiles that root reached, as entities.
        set_going: what its root set going and nobody can follow, in words; it is in ``elsewhere``, too.
        holders: of which policies and instance profiles that root reached no log tells who holds them, in words.
        recorded: what AWS answered and the logs do not hold, rows of ``posture_findings``.
        checked: what the last check of the account said, rows of ``posture``.
        role: of the account in its organization, as ``organization_accounts`` has it; empty if unknown.
        used_keys: rows of the blast radius of root's own keys that were there before and that it used.
        since: the first moment, UTC, of the time that is asked about; None for all time before. What happened is of
            that time; ``recorded`` and ``checked`` are of all time, because they may cast doubt on all logs.
        until: the first moment after it; None for all time after.
    """

    account_id: str
    covered: Covered
    novelty: Novelty
    timeline: list[of.RootTimeline]
    sign_ins: list[of.RootSignins]
    sessions: list[of.RootSessions]
    actions: list[of.RootActions]
    followed: list[of.Call]
    unlisted: list[of.Call]
    perhaps: list[of.Call]
    impairment: list[of.LoggingImpairment]
    credentials: list[of.RootCredentialChanges]
    others_credentials: list[of.RootCredentialChanges]
    owned: list[of.OwnershipChanges]
    trails: list[of.TrailSettings]
    reached: list[tuple[of.BlastRadius, Entity]]
    elsewhere: tuple[Gap, ...]
    served: list[of.ServiceActions]
    members: tuple[Member, ...] = ()
    set_going: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    recorded: Sequence[of.PostureFindings] = ()
    checked: Sequence[of.Posture] = ()
    role: str = ""
    used_keys: Sequence[of.BlastRadius] = ()
    rotate: Sequence[of.Rotate] = ()
    since: datetime | None = None
    until: datetime | None = None

    @cached_property
    def entities(self) -> list[of.BlastRadius]:
        """Rows of the blast radius that root of this account reached."""
        return [row for row, _ in self.reached]

    @property
    def who_acted(self) -> tuple[str, ...]:
        """What is missing of actions under identities that root only opened or changed."""
        return ("who used the identities that root changed or opened to others", *self.holders)

    @cached_property
    def activity(self) -> list[of.RootTimeline]:
        """What people did with root."""
        return [row for row in self.timeline if row["origin_group"] == "activity"]

    @property
    def unordered(self) -> list[of.ServiceActions]:
        """Service activity attributed to root of which the record does not say whether root ordered it."""
        return [row for row in self.served if row["hand"] != "ordered"]

    @cached_property
    def closing(self) -> frozenset[str]:
        """The places of calls, of what possibly descends from root too, that close access or give nobody any."""
        impairing = {place_text(row) for row in self.impairment if row["result"] == "succeeded"}
        return frozenset(
            place_text(row) for row in (*self.followed, *self.perhaps) if "category" in row and closes(row, impairing)
        )

    @cached_property
    def own_keys(self) -> dict[str, of.BlastRadius]:
        """Access keys of root that were made, changed or used, by ID, as entities; one that was only used is active."""
        reached = [row for row in self.entities if row["entity_kind"] == "access key" and row["depth"] == 1]
        return {row["entity_name"]: row for row in (*(row for row in reached if not row["detail"]), *self.used_keys)}

    @cached_property
    def own_devices(self) -> list[of.BlastRadius]:
        """MFA devices that were registered for root and are registered at the end of the logs, as entities."""
        registered = {
            place_text(row)
            for row in self.credentials
            if (row["credential_kind"], row["change"]) == ("mfa_device", "added") and row["outcome"] == "success"
        }
        devices = (row for row in self.entities if row["entity_kind"] == "MFA device")
        there = (row for row in devices if row["state"] not in ("disabled", "removed", "undone"))
        return [row for row in there if registered.intersection(row["citations"])]

    def gaps(
        self, regions: Iterable[str] = (), *, sign_ins: bool = False, without_effect: bool = False
    ) -> tuple[str, ...]:
        """Why something may have happened that the case does not show.

        Args:
            regions: where it would have been recorded, in the commercial partition; anywhere if empty.
            sign_ins: whether it would have been seen where root signs in.
            without_effect: whether a read or a call that failed would show it, too.
        """
        wanted = tuple(regions)
        beyond = () if wanted or sign_ins else self.elsewhere
        return self.covered.gaps(
            wanted, span=self.span, sign_ins=sign_ins, without_effect=without_effect, beyond=beyond
        )

    def unjudged_in(self, regions: tuple[str, ...] = (), *, without_effect: bool = False) -> tuple[str, ...]:
        """What the records of events in some Regions lack that rules go by, in words; arguments as for ``gaps``."""
        return self.covered.unjudged_in(regions, self.span, without_effect=without_effect)

    def impaired(self) -> list[of.IntegrityFindings]:
        """What verify found that somebody who impairs logging may have caused."""
        return rows_within(self.covered.impaired(), self.since, self.until)

    @property
    def recorded_then(self) -> list[of.PostureFindings]:
        """What AWS answered on the time that is asked about, and the logs do not hold."""
        return rows_within(self.recorded, self.since, self.until)

    @cached_property
    def span(self) -> Span:
        """The time that is asked about, as gaps are asked for."""
        return ALWAYS if self.since is None and self.until is None else self.covered.span_of(self.since, self.until)

    def unproved(self, regions: Iterable[str] = ()) -> tuple[str, ...]:
        """What would prove a no, where nothing speaks against it; arguments as for ``gaps``."""
        return self.covered.unproved(regions, span=self.span)

    def within(self, since: datetime | None, until: datetime | None) -> Evidence:
        """What of it is of a time: what happened then, what was there then, and what may be missing of then.

        Whoever descends from root is known from all logs. What was created before and not removed was there, too.

        Args:
            since: its first moment, UTC; None for the begin of the logs.
            until: the first moment after it; None for the end of the logs.
        """

        def of_time(rows: Iterable[RowT]) -> list[RowT]:
            return rows_within(rows, since, until)

        reached = [(row, entity) for row, entity in self.reached if of_time([row])]
        return replace(
            self,
            timeline=of_time(self.timeline),
            sign_ins=of_time(self.sign_ins),
            sessions=of_time(self.sessions),
            actions=of_time(self.actions),
            followed=of_time(self.followed),
            unlisted=of_time(self.unlisted),
            perhaps=of_time(self.perhaps),
            impairment=of_time(self.impairment),
            credentials=of_time(self.credentials),
            others_credentials=of_time(self.others_credentials),
            owned=of_time(self.owned),
            reached=reached,
            served=of_time(self.served),
            used_keys=of_time(self.used_keys),
            since=since,
            until=until,
        )
