"""Judge digests by their signatures, and put them in chains: where one breaks, nothing is known of the time between.

A digest's signature is in the metadata of its object, and a copy is in each digest that names it as the one before:
either proves it. The newest digest of a chain has no copy anywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.integrity.signatures import fits
from rootforensics.sources.digests import SIGNED_WITH, Digest, Place, Trail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rootforensics.integrity.keys import PublicKeys

Verdict = Literal[
    "verified", "modified", "missing", "unlisted", "unsigned", "no_digest", "chain_broken", "key_unknown", "not_checked"
]
Cause = Literal[
    "restarted", "digest_missing", "digest_unproven", "newest_unsigned", "link_mismatch", "time_gap", "ends_early",
    "starts_late",
]  # fmt: skip

#: A chain whose newest digest is older than the newest evidence by more than this has ended. Digests come each hour,
#: about half an hour after the end of the time that they are of.
_PATIENCE: Final = timedelta(hours=2)
_HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class Content:
    """One content of a digest file, in however many files it lies.

    Attributes:
        digest: what it says.
        own: signatures out of the metadata of its objects.
        verdict: of its signatures.
        reason: of the verdict; of what is verified, what is odd all the same.
        fitting: the signatures that fit.
    """

    digest: Digest
    own: list[str] = field(default_factory=list)
    verdict: Verdict = "unsigned"
    reason: str = ""
    fitting: frozenset[str] = frozenset()

    @property
    def is_proven(self) -> bool:
        """Whether CloudTrail wrote it."""
        return self.verdict == "verified"


@dataclass(frozen=True, slots=True)
class Break:
    """A time of which the digests of a trail prove nothing.

    Attributes:
        trail: whose digests they are.
        begin: the last proven end before it; None if nothing is proven before.
        end: the next proven begin, or the time until which there is evidence.
        cause: why.
        reason: the same in words.
        has_stop: the logs hold a call that stopped or changed the trail about that time.
    """

    trail: Trail
    begin: datetime | None
    end: datetime
    cause: Cause
    reason: str
    has_stop: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The digests of a trail, account and Region; begin and end are those of proven ones, None if there are none."""

    trail: Trail
    begin: datetime | None
    end: datetime | None
    digest_count: int
    verified_count: int


def judge(contents: Iterable[Content], keys: PublicKeys) -> None:
    """Set the verdict of each digest by the signatures that are at hand."""
    held = list(contents)
    children: dict[Place, list[Content]] = defaultdict(list)
    copies: dict[Place, list[str]] = defaultdict(list)
    for one in held:
        if one.digest.previous:
            children[one.digest.previous.place].append(one)
            copies[one.digest.previous.place].append(one.digest.previous.signature)
    for one in held:
        _judge(one, copies.get(one.digest.place, ()), keys)
    for one in held:
        if not one.is_proven and any(
            child.is_proven and child.digest.previous and child.digest.previous.sha256 != one.digest.sha256
            for child in children.get(one.digest.place, ())
        ):
            one.verdict, one.reason = "modified", "the next digest, which is verified, records a different hash for it"


def _judge(one: Content, copies: Sequence[str], keys: PublicKeys) -> None:
    digest = one.digest
    if digest.algorithm != SIGNED_WITH:
        one.verdict = "modified"
        one.reason = f"its signature algorithm is {digest.algorithm[:40]!r}; CloudTrail uses {SIGNED_WITH}"
        return
    found = keys.find(digest.trail.region, digest.fingerprint)
    if not found:
        one.verdict = "key_unknown"
        one.reason = f"no public key for {digest.trail.region} has the fingerprint {digest.fingerprint[:64]}"
        return
    signatures = dict.fromkeys((*one.own, *copies))
    proofs = [(text, told) for text in signatures for told, key in found if fits(digest, text, key)]
    if proofs:
        one.verdict, one.fitting = "verified", frozenset(text for text, _ in proofs)
        odd = []
        # What is delivered belatedly is signed then, by a key of a later time.
        if not digest.trail.is_backfill and not any(told.is_of(digest.end) for _, told in proofs):
            odd.append("it ends outside the validity period of the public key")
        if one.own and one.fitting.isdisjoint(one.own):
            odd.append("the signature in its metadata is wrong; the next digest has the correct one")
        one.reason = "; ".join(odd)
    elif signatures:
        one.verdict, one.reason = "modified", "no signature matches its content"
    else:
        one.verdict = "unsigned"
        one.reason = "no signature is available: neither in S3 metadata nor in a following digest"


def chains_of(contents: Iterable[Content]) -> dict[Trail, list[Content]]:
    """The digests by trail, each list in the order of time."""
    by_trail: dict[Trail, list[Content]] = defaultdict(list)
    for one in contents:
        by_trail[one.digest.trail].append(one)
    for listed in by_trail.values():
        listed.sort(key=lambda one: (one.digest.end, one.digest.begin, one.digest.sha256))
    return dict(sorted(by_trail.items()))


def chain_of(trail: Trail, listed: Sequence[Content]) -> Chain:
    """From when to when a trail's digests are proven."""
    proven = [one.digest for one in listed if one.is_proven]
    begin, end = min((one.begin for one in proven), default=None), max((one.end for one in proven), default=None)
    return Chain(trail, begin, end, len(listed), len(proven))


class Breaks:
    """Finds where the chains break.

    Args:
        chains: as ``chains_of`` gives them.
        names: of all digest files that are here, proven or not, without ``.gz``.
        newest: the newest time of any evidence; a chain that ends well before it ends early.
    """

    def __init__(self, chains: Mapping[Trail, list[Content]], names: frozenset[str], newest: datetime | None) -> None:
        self._chains = chains
        self._names = names
        self._newest = newest
        self._held: dict[Place, list[Content]] = defaultdict(list)
        self._begins: dict[tuple[str, str, str], datetime] = {}
        #: Accounts whose digests came with metadata of S3.
        self._signed: set[str] = set()
        for trail, listed in chains.items():
            for one in listed:
                self._held[one.digest.place].append(one)
                if one.own:
                    self._signed.add(trail.account_id)
                if one.is_proven and not trail.is_backfill:
                    for key in _of_all_regions(one.digest):
                        self._begins[key] = min(one.digest.begin, self._begins.get(key, one.digest.begin))

    def found(self) -> list[Break]:
        """All of them, by trail and time."""
        return [one for trail, listed in self._chains.items() for one in self._of(trail, listed)]

    def _of(self, trail: Trail, listed: Sequence[Content]) -> Iterator[Break]:
        proven = [one for one in listed if one.is_proven]
        if not proven and not self._is_unsigned_newest(listed, None):
            begin, end = min(one.digest.begin for one in listed), listed[-1].digest.end
            yield Break(trail, begin, end, "digest_unproven", "no digest of this chain is proven")
        last: datetime | None = None
        for one in proven:
            yield from self._before(one, last)
            last = max(last or one.digest.end, one.digest.end)
        yield from self._behind(trail, listed, last)

    def _before(self, one: Content, last: datetime | None) -> Iterator[Break]:
        """What is wrong between a proven digest and the proven one before it."""
        digest, previous = one.digest, one.digest.previous
        begin = None if last is None else min(last, digest.begin)
        if previous is None:
            if not digest.trail.is_backfill:
                yield self._start(digest, begin)
            return
        begin = begin or self._begin_elsewhere(digest)
        held = self._held.get(previous.place, [])
        named = previous.place.uri
        match = [
            parent
            for parent in held
            if parent.is_proven and parent.digest.sha256 == previous.sha256 and previous.signature in parent.fitting
        ]
        if match:
            if match[0].digest.end != digest.begin and not digest.trail.is_backfill:
                reason = "a digest does not begin where the previous one ends"
                yield Break(digest.trail, begin, digest.begin, "time_gap", reason)
        elif any(parent.is_proven for parent in held):
            reason = f"the hash or signature of the previous digest differs from the one recorded: {named}"
            yield Break(digest.trail, begin, digest.begin, "link_mismatch", reason)
        elif name_of(previous.place) in self._names:
            reason = f"the previous digest is in the case but not proven: {named}"
            yield Break(digest.trail, begin, digest.begin, "digest_unproven", reason)
        else:
            reason = f"the previous digest is missing: {named}{'' if begin else _NEVER_COPIED}"
            yield Break(digest.trail, begin, digest.begin, "digest_missing", reason)

    def _begin_elsewhere(self, digest: Digest, *, in_others: bool = True) -> datetime | None:
        """The begin of the trail in other Regions or accounts of an organization; None if not clearly earlier."""
        keys = _of_all_regions(digest)[: None if in_others else 1]
        first = min((self._begins[key] for key in keys if key in self._begins), default=digest.begin)
        return first if digest.begin - first > _PATIENCE and not digest.trail.is_backfill else None

    def _start(self, digest: Digest, begin: datetime | None) -> Break:
        """The start of a chain; of the first one here, which may be that of the trail, the calls tell more."""
        if begin is None and (first := self._begin_elsewhere(digest, in_others=False)):
            reason = (
                "the chain starts later than the trail's chains in other Regions. The Region was enabled at that time,"
                " or older digests were deleted"
            )
            return Break(digest.trail, first, digest.begin, "starts_late", reason)
        reason = "a new chain starts, because logging or validation was restarted or the trail was recreated"
        return Break(digest.trail, begin, digest.begin, "restarted", reason)

    def _behind(self, trail: Trail, listed: Sequence[Content], last: datetime | None) -> Iterator[Break]:
        """What is wrong after the last proven digest; what CloudTrail is not known to have written says nothing."""
        end, newest = last or listed[0].digest.begin, max(one.digest.end for one in listed)
        if self._is_unsigned_newest(listed, last):
            yield Break(trail, end, newest, "newest_unsigned", "the signature of the newest digest is not available")
            end = newest
        elif last is not None and newest > last:
            until = min(newest, max(self._newest or last, last + _HOUR))
            yield Break(trail, last, until, "digest_unproven", "the newest digests of the chain are not proven")
        if self._newest is not None and self._newest - end > _PATIENCE and not trail.is_backfill:
            reason = (
                "no later digest exists, although other evidence is newer. The trail or its validation was stopped, or"
                " digests were deleted or not copied"
            )
            yield Break(trail, end, self._newest, "ends_early", reason)

    def _is_unsigned_newest(self, listed: Sequence[Content], last: datetime | None) -> bool:
        """Whether behind what is proven is one hour's digest alone, in an account none of whose signatures S3 kept."""
        newer = [one for one in listed if last is None or one.digest.end > last]
        if len(newer) != 1 or newer[0].verdict != "unsigned" or newer[0].digest.trail.account_id in self._signed:
            return False
        digest = newer[0].digest
        return digest.begin == (last or digest.begin) and digest.end - digest.begin <= _HOUR


def _of_all_regions(digest: Digest) -> list[tuple[str, str, str]]:
    """The trail whatever the Region: of the account, and of the organization."""
    trail, key = digest.trail, digest.place.key
    owners = [trail.account_id, *re.findall("AWSLogs/(o-[a-z0-9]+)/", key)]
    return [(owner, trail.trail, trail.home_region) for owner in owners]


_NEVER_COPIED: Final = "; it was deleted or never copied"


@dataclass(frozen=True, slots=True)
class Absent:
    """A digest that others name as the one before, and that is not here."""

    place: Place
    trail: Trail
    end: datetime
    reason: str


def absent_parents(chains: Mapping[Trail, list[Content]], names: frozenset[str]) -> list[Absent]:
    """The digests that are named and not here, by name; one that lies under another name is proven by its content."""
    contents = {one.digest.place for listed in chains.values() for one in listed}
    absent: dict[Place, Absent] = {}
    for trail, listed in chains.items():
        for number, one in enumerate(listed):
            previous = one.digest.previous
            if not previous or previous.place in contents or name_of(previous.place) in names:
                continue
            proven = "" if one.is_proven else ", which is not proven either"
            reason = f"named by the digest of {one.digest.end_text}{proven}{'' if number else _NEVER_COPIED}"
            absent.setdefault(previous.place, Absent(previous.place, trail, one.digest.begin, reason))
    return list(absent.values())


def name_of(place: Place) -> str:
    """The name of an object, without ``.gz``: a copy may be unpacked."""
    return place.key.rsplit("/", 1)[-1].removesuffix(".gz")
