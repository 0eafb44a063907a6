"""What a load is told, what it tells while it runs, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from rootforensics.facts import Facts
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.limits import Limits


@dataclass(frozen=True, slots=True)
class Done:
    """How far a load is.

    Attributes:
        objects: objects read so far.
        of_objects: objects that have to be read, as far as is known.
        raw_bytes: bytes of the objects read so far, as they are stored.
        of_bytes: bytes of all that have to be read, as far as is known.
        records: records read so far.
    """

    objects: int
    of_objects: int
    raw_bytes: int
    of_bytes: int
    records: int


class Progress(Protocol):
    """Told of a load's progress; may be called from any thread."""

    def __call__(self, done: Done, /) -> None:
        """Take in what is done so far."""


class Problems(Protocol):
    """Told of each object that is not as it should be, while the load runs; may be called from any thread."""

    def __call__(self, uri: str, status: str, problem: str) -> None:
        """Take in one problem."""


def once(problems: Problems) -> Problems:
    """Tells of each problem the first time only."""
    told: set[tuple[str, str, str]] = set()

    def tell(uri: str, status: str, problem: str) -> None:
        if (uri, status, problem) not in told:
            told.add((uri, status, problem))
            problems(uri, status, problem)

    return tell


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load.

    Attributes:
        filters: what to take in.
        limits: bounds on what one object may inflate to.
        jobs: reading threads; 0 for as many as suit the processors.
        progress: called after each object.
        problems: called for each object with a problem.
        version: of this package, for the ledger.
        listed: addresses of S3 that were listed, so that a row which says that one could not be is out of date.
        keeps_copies: leave copies of events among the events.
    """

    filters: Filters = field(default_factory=Filters)
    limits: Limits = field(default_factory=Limits)
    jobs: int = 0
    progress: Progress | None = None
    problems: Problems | None = None
    version: str = ""
    listed: frozenset[str] = frozenset()
    keeps_copies: bool = False


@dataclass(slots=True)
class LoadResult(Facts):
    """What a load did.

    Attributes:
        object_count: objects that the sources named.
        member_count: members of archives, those of archives inside them included.
        unchanged_count: of objects and members, already in the case with the same bytes.
        unchanged_statuses: of the unchanged ones, how many are damaged or unreadable.
        statuses: how many of the others got each status.
        record_count: events read, before filters and before copies were taken out.
        filtered_count: of these, left out by the filters.
        duplicate_count: copies taken out.
        new_count: events that the case has gained.
        respelled_count: events read, in which service or name is spelled otherwise than AWS spells them.
        unlisted_count: folders and objects in S3 that the filters left out, so that they were not read.
        unsearched_count: objects of the case that were not searched for all names of what descends from root; a load of
            all of them with ``root_related`` searches them.
        missing_count: objects of S3 that could not be fetched; the next load tries them again.
    """

    object_count: int = 0
    member_count: int = 0
    unchanged_count: int = 0
    unchanged_statuses: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    record_count: int = 0
    filtered_count: int = 0
    duplicate_count: int = 0
    new_count: int = 0
    respelled_count: int = 0
    unlisted_count: int = 0
    unsearched_count: int = 0
    missing_count: int = 0

    @property
    def log_count(self) -> int:
        """Objects and members that were read as logs or digest files, those already in the case among them."""
        others = sum(self.statuses.get(status, 0) for status in ("archive", "unsupported", "unreadable"))
        known = self.unchanged_count - self.unchanged_statuses.get("unreadable", 0)
        return sum(self.statuses.values()) - others + known

    def count_of(self, status: str) -> int:
        """Objects and members of this status among all that there are (``damaged`` and ``unreadable`` only)."""
        return self.statuses.get(status, 0) + self.unchanged_statuses.get(status, 0)
