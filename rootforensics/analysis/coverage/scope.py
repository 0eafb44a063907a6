"""What a case was made from and what was left out of it: every statement stands on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import OTHER_PARTITION, SIGN_IN_REGIONS
from rootforensics.ingest.filters import Filters
from rootforensics.phrases import accounts_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Why it is not known of which Regions logs were read.
UNSURE: Final = (
    "logs from other Regions may have been read: a filter excluded records from files without a Region in their names"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a case.

    Attributes:
        filters: the filters of its loads in words, each once; empty if everything was taken in.
        filtered_count: records that they left out, as far as they were counted.
        read: the Regions whose logs were read of each account, by the log files' names or by the events, or of which
            digest files or the event history prove that there are none; None for an account that is not known. Neither
            a digest that proves nothing nor what CloudTrail sums up by itself is a log.
        loads: the filters of each kind of object, joined by OR. Of what is not related to root nothing is left out
            that an answer on root needs, if all of it was counted and held all that rules go by.
        nameless: of these, those that left records out of objects whose names tell no Region: of which Regions the
            records were is not known.
        counted: filters, in words, of which what is not related to root was counted and no more: what others did is
            not known one by one.
        is_extracted: an engine beside the logs left records behind, which ``filtered_count`` does not hold.
    """

    filters: tuple[str, ...]
    filtered_count: int
    read: Mapping[str | None, frozenset[str]]
    loads: tuple[tuple[Filters, ...], ...]
    nameless: tuple[tuple[Filters, ...], ...]
    counted: tuple[str, ...] = ()
    is_extracted: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions whose logs were read, of whatever account."""
        return tuple(sorted(frozenset().union(*self.read.values())))

    def regions_of(self, account_id: str) -> frozenset[str]:
        """Regions whose logs were read of one account."""
        return self.read.get(account_id, frozenset())

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of which logs were read, so far as they are known."""
        return tuple(sorted(filter(None, self.read)))

    @property
    def common_regions(self) -> frozenset[str]:
        """Regions whose logs were read of every account that is known; of any account if none is."""
        if not self.accounts:
            return frozenset(self.regions)
        return frozenset.intersection(*map(self.regions_of, self.accounts))

    def filters_on(
        self, account_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[str, ...]:
        """Filters, in words, that may have left out events of an account and a time; not those that let all in."""
        narrow = _narrow(self.loads, account_id, since, until)
        return tuple(sorted({one.describe() for filters in narrow for one in filters}))

    def knows_regions_of(self, account_id: str) -> bool:
        """Whether all Regions whose logs of an account were read are known, of all accounts if it is empty.

        Not so if what a filter left out may be of others.
        """
        return not (_narrow(self.nameless, account_id) if account_id else self.nameless)

    @property
    def lost_something(self) -> bool:
        """True if filters are known to have left something out."""
        return bool(self.filtered_count)

    @property
    def is_whole(self) -> bool:
        """True if all was asked for, and nothing of it left out.

        S3 and the event history are asked only for what a filter wants: what they did not give is counted nowhere.
        """
        return not self.filters and not self.lost_something


def scope(case: Asks) -> Scope:
    """Tell what the case was made from."""
    its = _loads(case)
    related = {row["filters"] for row in its.counted if row["is_counted"] and "root_related" in row["filters"]}
    counted_whole = related - its.unsearched
    of_root = {
        text: _beside_root(filters) if text in counted_whole else filters for text, filters in its.read_with.items()
    }
    return Scope(
        its.described,
        sum(row["filtered_count"] for row in its.counted),
        _read(case, its.read_with),
        tuple(tuple(of_root[row["filters"]]) for row in its.counted),
        tuple(
            tuple(of_root[row["filters"]])
            for row in its.loads
            if row["without_region"] and row["filters"] not in counted_whole
        ),
        tuple(sorted({one.describe() for text in counted_whole for one in its.read_with[text]})),
        any(one.extracted for filters in its.read_with.values() for one in filters),
    )


def taken_in(case: Asks) -> tuple[str, ...]:
    """The filters of a case in words, each once, as ``Scope`` has them; empty if everything was taken in."""
    return _loads(case).described


@dataclass(frozen=True, slots=True)
class _Loads:
    loads: Sequence[of.LoadFilters]
    counted: Sequence[of.FilteredEvents]
    read_with: dict[str, list[Filters]]
    unsearched: set[str]
    described: tuple[str, ...]


def _loads(case: Asks) -> _Loads:
    loads = case.query("load_filters").rows
    is_related = any("root_related" in row["filters"] for row in loads)
    unsearched = {row["filters"] for row in case.query("unsearched_filters").rows} if is_related else set()
    read_with = {row["filters"]: _filters_of(row["filters"], unsearched) for row in loads}
    read_whole = {text for text, filters in read_with.items() if any(not one.describe() for one in filters)}
    counted = case.query("filtered_events", whole=tuple(sorted(read_whole))).rows
    narrow = {row["filters"] for row in counted} - read_whole
    described = {one.describe() for text in narrow for one in read_with[text]}
    return _Loads(loads, counted, read_with, unsearched, tuple(sorted(described)))


def _filters_of(text: str, unsearched: Collection[str]) -> list[Filters]:
    """The filters of a kind of object, out of their JSON."""
    filters = map(Filters.from_dict, json.loads(text))
    return [replace(one, is_unsearched=one.root_related and text in unsearched) for one in filters]


def _beside_root(filters: list[Filters]) -> list[Filters]:
    return [replace(one, root_related=False, extracted="", extraction_id="", left_out_of="") for one in filters]


def _narrow(
    loads: Iterable[tuple[Filters, ...]], account_id: str, since: datetime | None = None, until: datetime | None = None
) -> list[tuple[Filters, ...]]:
    """Those that may have left out events of an account and a time."""

    def lets_in(one: Filters) -> bool:
        begins = one.since is None or (since is not None and one.since <= since)
        ends = one.until is None or (until is not None and until < one.until)
        narrow = replace(one, accounts=(), since=None, until=None).describe()
        return begins and ends and not narrow and (not one.accounts or account_id in one.accounts)

    return [filters for filters in loads if not any(map(lets_in, filters))]


def _read(case: Asks, read_with: dict[str, list[Filters]]) -> dict[str | None, frozenset[str]]:
    """Regions whose logs were read: of events, of objects that filters on both accepted whole, and proven quiet."""
    found = {(row["account_id"], row["awsRegion"]) for row in case.query("coverage").rows if row["awsRegion"]}
    found |= {(row["account_id"], row["region"]) for row in case.query("coverage_spans").rows if row["proven_by"]}
    for row in case.query("read_regions").rows:
        if any(_lets_in(one, row["account_id"], row["region"]) for one in read_with[row["filters"]]):
            found.add((row["account_id"], row["region"]))
    by_account: dict[str | None, set[str]] = {}
    for account, region in found:
        by_account.setdefault(account, set()).add(region)
    return {account: frozenset(regions) for account, regions in by_account.items()}


def _lets_in(one: Filters, account_id: str | None, region: str) -> bool:
    """Whether a filter lets in events of a place; whose account is not known passes, as its events do."""
    return (not one.regions or region in one.regions) and (
        not one.accounts or account_id is None or account_id in one.accounts
    )


def problem_counts(case: Asks) -> dict[str, tuple[int, int]]:
    """Problems of the evidence by kind: how many, and how many distinct eventIDs they name.

    Counted by the engine: a data set may put one ID on every event.
    """
    return {row["kind"] or "unknown": (row["count"], row["id_count"]) for row in case.query("problem_counts").rows}


def unread_sign_ins(read: Collection[str]) -> tuple[str, ...]:
    """Regions of root's sign-ins of which no logs were read; none where all that was read is of another partition."""
    if read and all(map(OTHER_PARTITION.match, read)):
        return ()
    return tuple(region for region in SIGN_IN_REGIONS if region not in read)


def unread_by_account(taken: Scope, accounts: Collection[str]) -> tuple[str, ...]:
    """Logs in which root's sign-ins are recorded and that were not read, in words; those of one account cover no other.

    Args:
        taken: the scope of the case.
        accounts: 12 digits each; those of the case if empty.
    """
    known = accounts or taken.accounts
    of_all = {account: unread_sign_ins(taken.regions_of(account)) for account in known}
    if not of_all:
        of_all = {"": unread_sign_ins(taken.regions)}
    if len(set(of_all.values())) == 1:
        (missing,) = set(of_all.values())
        return (f"logs from {', '.join(missing)}",) if missing else ()
    lacking: dict[tuple[str, ...], list[str]] = {}
    for account, missing in of_all.items():
        lacking.setdefault(missing, []).append(account)
    return tuple(
        f"logs from {', '.join(missing)} of {'account ' if len(named) == 1 else ''}{accounts_text(named)}"
        for missing, named in sorted(lacking.items())
        if missing
    )
