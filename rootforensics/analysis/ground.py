"""What the verdict on root of one account stands on: what root did there, and what may be missing from the logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.blast.radius import is_open
from rootforensics.analysis.digests import missing_told
from rootforensics.analysis.limits import OTHER_PARTITION
from rootforensics.evidence.cite import place_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.blast.model import Thing
    from rootforensics.analysis.pauses import Pause

    Row = dict[str, Any]

#: Stands for an account that the record does not name.
UNKNOWN: Final = "unknown"
#: What an event of which the record lacks a field keeps from being known.
_LACKING: Final = {
    "identity": "who acted in {} whose identity could not be read",
    "eventName": "which call was made in {} that names none",
    "eventSource": "which service was called in {} that names none and whose call is not of one service alone",
    "accessKeyId": "whether a key that root made was used in {} that names none",
    "answer": "what came of {} whose answer does not tell what was made",
    "account": "in which account root acted in {} that names none",
}
#: Where IAM is recorded, in the commercial partition.
IAM_REGIONS: Final = ("us-east-1",)
#: Before this day each Region of a trail could hold the events of global services.
_GLOBAL_IN_ONE_REGION: Final = datetime(2021, 11, 22, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ground:
    """What root of one account did, and what may be missing.

    Attributes:
        account_id: 12 digits, ``unknown``, or empty for all accounts of the case.
        timeline: rows of ``root_timeline``; so are those that follow, of the questions of their names.
        followed: the ``actions``, and those of identities that certainly descend from root, in short; here and in what
            follows also those in other accounts that come from root of this one, as ``across`` tells them.
        unlisted: their calls that the catalogue does not know, reads and failures apart.
        perhaps_costly: rows of ``possible_spending``, and calls that cost by those to whom root gave rights.
        credentials: rows of ``root_credential_changes``; as timeline, sign-ins and sessions, of the account's own root.
        others_credentials: those in other accounts that come from root of this one.
        owned: calls that changed its ownership, and those of its root that changed another account's, as ``owned``
            tells them.
        switched_on: Regions that anybody switched on, as ``region``.
        trails: rows of ``trail_settings``.
        reached: rows of the blast radius that root of this account reached, each with its thing.
        broken: objects that could not be read whole and may hold events of the account.
        unjudged: events of which the record lacks what rules go by, of the account or of none that is named.
        holes: what else may be missing, in words.
        elsewhere: what may be missing of where its root's deeds went on, in other accounts, in words.
        served: what AWS services did in root's name and hardly of themselves, as ``services`` tells it; what root
            ordered is among the deeds above, too.
        pauses: times of which logs of Regions are missing that are never so quiet otherwise.
        unheld: logs that digest files list and the case does not hold, as ``digests`` gives them.
        unread: logs that were not read of Regions of root's sign-ins, in words.
        read: Regions whose logs of the account were read.
        delivered: these, and Regions of which the account's digests say that its trail records them.
        digested: whether the case holds digests of the account.
        uncompared: whether digests list logs of it, and its logs do not bear such names.
        members: who holds or may hold groups, policies and instance profiles that root reached, as things.
        set_going: what its root set going and nobody can follow, in words; it is in ``elsewhere``, too.
        holders: of which policies and instance profiles that root reached no log tells who holds them, in words.
    """

    account_id: str
    timeline: list[Row]
    sign_ins: list[Row]
    sessions: list[Row]
    actions: list[Row]
    followed: list[Row]
    unlisted: list[Row]
    perhaps_costly: list[Row]
    tampering: list[Row]
    credentials: list[Row]
    others_credentials: list[Row]
    owned: list[Row]
    switched_on: list[Row]
    trails: list[Row]
    reached: list[tuple[Row, Thing]]
    broken: tuple[Row, ...]
    unjudged: tuple[Row, ...]
    holes: tuple[str, ...]
    elsewhere: tuple[str, ...]
    served: list[Row]
    pauses: tuple[Pause, ...]
    unheld: tuple[Row, ...]
    unread: tuple[str, ...]
    read: frozenset[str]
    delivered: frozenset[str]
    digested: bool
    uncompared: bool
    members: tuple[Row, ...] = ()
    set_going: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()

    @property
    def things(self) -> list[Row]:
        """Rows of the blast radius that root of this account reached."""
        return [row for row, _ in self.reached]

    @property
    def who_acted(self) -> tuple[str, ...]:
        """What is missing of deeds under identities that root only opened or changed."""
        return ("who acted under identities that root only opened or changed", *self.holders)

    @property
    def activity(self) -> list[Row]:
        """What people did with root."""
        return [row for row in self.timeline if row["side"] == "activity"]

    @property
    def unordered(self) -> list[Row]:
        """What AWS services did in root's name of which the record does not say whether root ordered it."""
        return [row for row in self.served if row["hand"] != "ordered"]

    @property
    def still_open(self) -> list[Row]:
        """Things that are active at the end of the logs, or may be."""
        return [row for row in self.things if is_open(row)]

    @property
    def own_keys(self) -> dict[str, Row]:
        """Access keys of root that were made, changed or used, by ID, as things; one that was only used is active."""
        reached = [row for row in self.things if row["thing_kind"] == "access key" and row["depth"] == 1]
        keys = {row["thing_name"]: row for row in reached if not row["detail"]}
        for row in self.activity:
            if (key := row["accessKeyId"] or "").startswith("AKIA") and key not in keys:
                keys[key] = _old_key(key, row)
        return keys

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
        broken = [row for row in self.broken if _could_hold(row, wanted)]
        unjudged = self.unjudged_in(wanted, without_effect=without_effect)
        unread = tuple(f"{one}, where root's sign-ins are recorded" for one in self.unread)
        elsewhere = () if wanted or sign_ins else self.elsewhere
        paused = (
            one.told(named=one.account_id != self.account_id)
            for one in self.pauses
            if _could_hold({"region": one.region, "delivery_time": one.until_time}, wanted)
        )
        unheld = missing_told([row for row in self.unheld if _could_hold(row, wanted)])
        told = (*self.holes, *elsewhere, *_broken_told(broken), *unheld, *paused, *unjudged)
        return (*told, *(unread if sign_ins else self._elsewhere(wanted)))

    def unjudged_in(self, regions: tuple[str, ...] = (), *, without_effect: bool = False) -> tuple[str, ...]:
        """What the records of events in some Regions lack that rules go by, in words; arguments as for ``gaps``."""
        held = [row for row in self.unjudged if (row["may_change"] or without_effect) and _could_hold(row, regions)]
        return tuple(
            f"{words.format('an event' if len(rows) == 1 else f'{len(rows):,} events')} ({_cited(rows)})"
            for lacks, words in _LACKING.items()
            if (rows := [row for row in held if row["lacks"] == lacks])
        )

    def unproved(self) -> tuple[str, ...]:
        """What would show that no Region is missing, where nothing does.

        A Region without events leaves no log, one that was left out leaves none either. With log file validation on,
        digest files are delivered each hour for every Region of a trail, whether or not there were events.
        """
        if self.uncompared:
            return (
                "all logs that the digest files list: those of the case do not bear the names that CloudTrail gives",
            )
        if self.digested or not self.read:
            return ()
        whole = any(
            row["isMultiRegionTrail"] for row in self.trails if self.account_id in ("", UNKNOWN, account_of(row))
        )
        known = "a trail records all Regions, but whether" if whole else "whether"
        others = f"{known} logs of other Regions than {', '.join(sorted(self.read))} were left out"
        return (f"{others}: digest files of all Regions would tell, or a load of the trail's whole folder",)

    def _elsewhere(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Regions without logs that would hold it; of one Region alone nothing is known of the others.

        A trail of all Regions always has logs of IAM's, and a Region that was switched on is there to be used.
        """
        if any(map(OTHER_PARTITION.match, self.read)):
            return ()
        if missing := [region for region in wanted if region not in self.read]:
            return (f"logs of {', '.join(missing)}, where it would be recorded",)
        if wanted or not self.read:
            return ()
        if len(self.delivered) == 1:
            return (f"logs of other Regions: of this account the case holds those of {min(self.delivered)} alone",)
        switched_on = {row["region"] for row in self.switched_on if row["region"]}
        if missing := sorted({*IAM_REGIONS, *switched_on} - self.delivered):
            return (f"logs of {', '.join(missing)}, where it might be recorded",)
        return ()


def _old_key(key: str, use: Row) -> Row:
    """A key of which the logs show only its use, as a thing."""
    own = {name: use[name] for name in ("account_id", "eventTime", "eventID", "awsRegion", "eventName")}
    own["place"] = place_text(use)
    told = {"effect": "uses", "state": "active", "depth": 1, "detail": None, "current_name": None}
    return {"thing_kind": "access key", "thing_name": key, **own, **told}


def _could_hold(row: Row, regions: tuple[str, ...]) -> bool:
    """True if an object may hold an event that is recorded in one of the Regions."""
    region, moment = row["region"], row["delivery_time"]
    if not regions or region is None or region in regions:
        return True
    return moment is None or moment < _GLOBAL_IN_ONE_REGION or bool(OTHER_PARTITION.match(region))


def _broken_told(rows: list[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    regions = sorted({row["region"] for row in rows if row["region"]})
    times = [row["delivery_time"] for row in rows if row["delivery_time"]]
    named = len(times) == len(rows) and all(row["region"] for row in rows)
    if not named:
        what = "object" if len(rows) == 1 else "objects"
        return (f"{len(rows):,} {what} of evidence that could not be read whole",)
    first, last = f"{min(times):%Y-%m-%d %H:%M}", f"{max(times):%Y-%m-%d %H:%M}"
    when = first if first == last else f"{first} to {last}"
    what = "log" if len(rows) == 1 else "logs"
    return (f"{len(rows):,} {what} of {', '.join(regions)} that could not be read whole (delivered {when})",)


def _cited(rows: list[Row]) -> str:
    """The IDs of the first of some events."""
    named = [row["eventID"] or f"one without an eventID, {place_text(row)}" for row in rows[:3]]
    more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
    return f"{', '.join(named)}{more}"


def account_of(row: Row) -> str:
    """The account of a row, as the verdict names it."""
    return row["account_id"] or UNKNOWN


def by_account(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each account, accounts in order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(account_of(row), []).append(row)
    return dict(sorted(found.items()))
