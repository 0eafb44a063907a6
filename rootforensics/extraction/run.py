"""Three scans by an engine, and a case of what they bring.

The first takes what names root and the calls that are read whoever made them, another counts by hour what everybody
did. Loaded, the first tells all names of what descends from root; the last scan takes what was done under these.
Finished slices are kept: the same call goes on.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import msgspec

from rootforensics.alone import alone_in
from rootforensics.errors import FilterError, StorageError
from rootforensics.extraction.engine import DamagedObjectError, EngineError
from rootforensics.extraction.slices import Slice, spans, write_whole
from rootforensics.extraction.statements import Scan, first_condition, second_conditions, within
from rootforensics.facts import Facts
from rootforensics.ingest.counted import Kept
from rootforensics.ingest.descent import digest_of
from rootforensics.ingest.filters import Filters
from rootforensics.sources.s3.address import is_address
from rootforensics.sources.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rootforensics.extraction.engine import Engine
    from rootforensics.extraction.slices import Finished
    from rootforensics.extraction.trail import Trail
    from rootforensics.queries.result import Result

    #: Loads sources into the case, with these filters.
    Loading = Callable[[tuple[str, ...], Filters], object]

_LEFT_OUT: Final = "left-out.json"
_STATE: Final = "extraction.json"
_DAY: Final = "%Y/%m/%d"
_Stated = TypeVar("_Stated")
#: Each costs a query anew; where so many cannot be read, something else is wrong.
MOST_LEFT_OUT: Final = 100
#: Names may come from what the second scan brought; each round has new ones, or it is the last.
_MOST_ROUNDS: Final = 5
DAYS_AT_ONCE: Final = 31
#: What was asked for before.
_ASKED: Final = "SELECT DISTINCT CAST(filters AS VARCHAR) AS filters FROM evidence WHERE filters IS NOT NULL ORDER BY 1"
_UNREAD: Final = (
    "SELECT uri, CAST(filters AS VARCHAR) AS filters FROM evidence"
    " WHERE status IN ('damaged', 'unreadable') AND coalesce(record_count - rejected_count, 0) = 0 ORDER BY uri"
)
_COUNTED: Final = "SELECT extraction_id FROM extractions WHERE is_counted ORDER BY 1"
_UNSEARCHED: Final = "SELECT count(*) AS n FROM unsearched_evidence"
_READ: Final = "SELECT uri FROM evidence WHERE sha256 IS NOT NULL"


class Takes(Protocol):
    """A case that takes in what comes."""

    path: Path

    def sql(self, text: str, /) -> Result[dict[str, Any]]:
        """Run SQL of this package."""

    def keep_extraction(self, kept: Kept, command: str, /, **act: Any) -> None:  # noqa: ANN401
        """Put what is known of an extraction in the place of what is there, and add the act to the chain of custody."""


@dataclass(slots=True)
class ExtractResult(Facts):
    """What an extraction did.

    Attributes:
        case_path: of the case.
        record_count: records that the engine gave, of earlier runs too.
        scanned_bytes: that the engine read for them, of earlier runs too.
        new_scanned_bytes: of these, in this run.
        dollars: what all of it costs by AWS's list, without requests to S3.
        slice_count: slices that are finished.
        new_slice_count: of these, in this run.
        name_count: names of what descends from root that were looked for.
        left_out: objects that the engine cannot read; they were loaded from where they lie.
        not_loaded: of these, those that cannot be loaded from here: nobody has read them.
        original_count: objects in which the records lay, if these were asked for.
        missing_originals: of these, those that could not be fetched; the case has what the engine gave of them.
        unsearched_count: objects of the case that were not searched for all names of what descends from root.
    """

    case_path: Path = Path()
    record_count: int = 0
    scanned_bytes: int = 0
    new_scanned_bytes: int = 0
    dollars: float = 0.0
    slice_count: int = 0
    new_slice_count: int = 0
    name_count: int = 0
    left_out: list[str] = field(default_factory=list)
    not_loaded: list[str] = field(default_factory=list)
    original_count: int = 0
    missing_originals: list[str] = field(default_factory=list)
    unsearched_count: int = 0


def wanted_days(filters: Filters, now: datetime) -> tuple[str, str]:
    """The first and the last folder of a day that can hold wanted events, ``YYYY/MM/DD``.

    Raises:
        FilterError: no begin was named.
    """
    if filters.since is None:
        raise FilterError("an extraction needs to know from when on", hint="Take --since, like --since 2026-08-01")
    wanted = Wanted(filters.since, filters.until or now)
    return wanted.first_day, min(wanted.last_day, f"{now:{_DAY}}")


def first_scans(table: str, filters: Filters, days: tuple[str, str], days_at_once: int) -> list[Scan]:
    """The statements of the first scan, slice by slice."""
    return [scan_of(table, first_condition(), filters, span) for span in spans(*days, days_at_once)]


def counting_scans(table: str, filters: Filters, days: tuple[str, str], days_at_once: int) -> list[Scan]:
    """The statements that count what everybody did, slice by slice."""
    return [scan_of(table, within(filters), filters, span, counts=True) for span in spans(*days, days_at_once)]


def scan_of(table: str, condition: str, filters: Filters, span: tuple[str, str], *, counts: bool = False) -> Scan:
    """A pass over some days, with the accounts and Regions of some filters."""
    # The folder of any Region may hold events of global services.
    regions = () if Wanted(regions=filters.regions).takes_region("") else filters.regions
    return Scan(table, condition, *span, filters.accounts, regions, counts)


@contextmanager
def table_of(engine: Engine, trail: Trail, say: Callable[[str], None], *, keep: bool) -> Iterator[str]:
    """A table of a trail, dropped at the end unless it is to be kept; gives its name as SELECT has it."""
    name = f"rootforensics_{uuid.uuid4().hex[:12]}"

    def drop() -> None:
        try:
            engine.run(engine.removal(name))
        except EngineError as error:  # neither what was done nor why it failed is lost by that
            say(f"the table {engine.qualified(name)} may be there still: {error}")

    with ExitStack() as at_end:
        at_end.callback(drop)
        engine.run(engine.definition(trail, name))
        if keep:
            at_end.pop_all()
        yield engine.qualified(name)


class Extraction:
    """One run.

    Args:
        case: takes in what comes; the folder ``slices`` lies beside it.
        engine: that has the table.
        table: its name as the engine's SELECT has it.
        filters: time, accounts, Regions, and out of what it is extracted; that must not change between runs. The ID
            is made here.
        days: the first and the last, ``YYYY/MM/DD``.
        days_at_once: so many days are one query.
        load: loads into the case.
        say: told of each thing that the user must know, a line without a full stop.
        counts: count what everybody did, too.
        originals: load the objects, too, in which the records lay.
    """

    def __init__(
        self,
        case: Takes,
        engine: Engine,
        table: str,
        filters: Filters,
        days: tuple[str, str],
        days_at_once: int,
        load: Loading,
        say: Callable[[str], None],
        *,
        counts: bool = True,
        originals: bool = False,
    ) -> None:
        self._case = case
        self._slices = case.path.parent / "slices"
        self._engine = engine
        self._table = table
        self._filters = filters  # gets its ID when the folder is there
        self._days = days
        self._days_at_once = days_at_once
        self._load = load
        self._say = say
        self._counts = counts
        self._originals = originals
        self._left_out = _read_left_out(self._slices / _LEFT_OUT)
        self._result = ExtractResult(case.path)
        self._scans: list[str] = []

    def all(self, source: str) -> ExtractResult:
        """All scans, each loaded.

        Args:
            source: as the user named it, for the chain of custody.

        Raises:
            EngineError: a query failed; what was finished is kept.
            StorageError: the folder cannot be written.
        """
        try:
            self._slices.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"it cannot be made ({error.strerror})", where=str(self._slices)) from error
        with alone_in(self._slices):
            self._filters = replace(self._filters, extraction_id=_id_in(self._slices, self._filters.extracted))
            return self._all(source)

    def _all(self, source: str) -> ExtractResult:
        table, filters, result = self._table, self._filters, self._result
        self._check_scope()
        folders = self._scan("first", first_scans(table, filters, self._days, self._days_at_once))
        scans = counting_scans(table, filters, self._days, self._days_at_once) if self._counts else []
        counted = [path for one in self._scan("counts", scans) for path in sorted(Path(one).glob("*.parquet"))]
        if result.new_slice_count and self._case.path.is_file():  # until all of it is loaded, it is not done
            self._case.keep_extraction(Kept(filters), "extract", engine=self._engine.name, source=source)
        self._take(folders)
        asked: set[str] = set()
        for number in range(_MOST_ROUNDS):
            names, since = _names(self._case)
            if not (new := names - asked):
                break
            self._say(f"names of what descends from root: {len(new):,}, from {since or 'the beginning'} on")
            days = max(self._days[0], since) if since else self._days[0], self._days[1]
            scans = [
                scan_of(table, condition, filters, span)
                for condition in second_conditions(sorted(new))
                for span in spans(*days, self._days_at_once)
            ]
            folders += self._scan(f"second-{number}" if number else "second", scans)
            self._take(folders)
            asked |= names
        result.name_count = len(asked)
        result.left_out = sorted(self._left_out)
        unread = self._case.sql(_UNREAD).rows if result.left_out else []
        result.not_loaded = [row["uri"] for row in unread if self._filters.extraction_id in row["filters"]]
        result.dollars = result.scanned_bytes / 1e12 * self._engine.price
        self._case.keep_extraction(
            Kept(filters, counted if self._counts else None, digest_of(asked)),
            "extract", engine=self._engine.name, source=source, table=table, days=list(self._days),
            accounts=list(filters.accounts), regions=list(filters.regions), scans=self._scans,
            left_out=result.left_out, not_loaded=result.not_loaded, missing_originals=result.missing_originals,
        )  # fmt: skip
        result.unsearched_count = _unsearched(self._case)
        return result

    def _check_scope(self) -> None:
        """What a run asks for takes the place of what earlier ones did: it must ask for all of that.

        Raises:
            FilterError: it asks for less, or for something else.
        """
        if not self._case.path.is_file():
            return
        rows = self._case.sql(_ASKED).rows
        asked = [Filters.from_dict(one) for row in rows for one in msgspec.json.decode(row["filters"])]
        for before in asked:
            if before.extraction_id == self._filters.extraction_id and not self._filters.holds(before):
                raise FilterError(
                    f"this case was extracted before with what is not asked for now: {before.describe()}",
                    hint="Ask for that, too, or extract into another folder, and make one of both: rootforensics merge",
                )
        counted = {row["extraction_id"] for row in self._case.sql(_COUNTED).rows}
        if not self._counts and self._filters.extraction_id in counted:
            raise FilterError("this case was extracted before with counts", hint="Leave out --no-counts")

    def _scan(self, name: str, scans: Iterable[Scan]) -> list[str]:
        """The folders of a scan's slices, each finished."""
        folders = []
        for number, scan in enumerate(scans):
            first, last = (day.replace("/", "-") for day in (scan.first_day, scan.last_day))
            stated = f"{self._filters.extracted}: {scan.sql().replace(self._table, '')}"
            one = Slice.at(self._slices / f"{name}-{number:04}-{first}-{last}", stated, scan.last_day)
            unit = "counts" if scan.counts else "records"
            if (held := one.finished()) is None:
                held = self._ask(one, scan)
                self._result.new_slice_count += 1
                self._result.new_scanned_bytes += held.scanned_bytes
                self._say(f"{name} scan, {first} to {last}: {held.row_count:,} {unit}{_read(held, ',')}")
            self._result.slice_count += 1
            self._result.record_count += 0 if scan.counts else held.row_count
            self._result.scanned_bytes += held.scanned_bytes
            self._scans.append(
                f"{one.folder.name}: {held.row_count} {unit}{_read(held)}, asked"
                f" {held.asked_time:%Y-%m-%dT%H:%M:%SZ}, SHA-256 of the statement {held.sql_sha256}"
            )
            folders.append(str(one.folder))
        return folders

    def _ask(self, one: Slice, scan: Scan) -> Finished:
        """Ask for a slice, without objects at which the engine ends."""
        while True:
            one.begin()
            asked = datetime.now(UTC)
            try:
                fetched = self._engine.unload(scan.sql(self._left_out), one.folder, scan.columns)
            except DamagedObjectError as error:
                if error.uri in self._left_out or len(self._left_out) == MOST_LEFT_OUT:
                    raise
                self._say(f"{error}; the query is asked again without it")
                self._left_out.append(error.uri)
                write_whole(self._slices / _LEFT_OUT, msgspec.json.encode(self._left_out))
            else:
                return one.finish(asked, fetched.row_count, fetched.scanned_bytes, tuple(self._left_out))

    def _take(self, folders: list[str]) -> None:
        """Load what the engine gave, and from where it lies what it could not read: that may make names known, too.

        Originals come first, so that the same events out of the engine are copies of theirs: none is lost with an
        original that is gone, and one that an engine has spelled otherwise shows.
        """
        files = tuple(str(path) for folder in folders for path in sorted(Path(folder).glob("*.parquet")))
        if self._originals and (wanted := _objects_of(files)):
            if reachable := tuple(filter(is_address, wanted)):
                self._load(reachable, self._filters)
            read = {row["uri"] for row in self._case.sql(_READ).rows}
            self._result.original_count = len(wanted)
            self._result.missing_originals = [uri for uri in wanted if uri not in read]
        if files:
            self._load(files, self._filters)
        if self._left_out:
            # What cannot be read from here either is an object of evidence that nobody has read.
            left_out = replace(self._filters, extracted="", extraction_id="", left_out_of=self._filters.extraction_id)
            self._load(tuple(re.sub("^s3[an]://", "s3://", uri) for uri in sorted(self._left_out)), left_out)


def _objects_of(files: tuple[str, ...]) -> tuple[str, ...]:
    """The objects in which the records of some Parquet files lay, in order."""
    import pyarrow.parquet as pq

    return tuple(
        sorted({uri for file in files for uri in pq.read_table(file, columns=["object"])["object"].to_pylist()})
    )


def _read(held: Finished, mark: str = "") -> str:
    """How much the engine read, if it says so."""
    return f", {held.scanned_bytes:{mark}} bytes read" if held.scanned_bytes else ""


def _read_left_out(path: Path) -> list[str]:
    return _stated(path, list[str]) or []


def _id_in(folder: Path, extracted: str) -> str:
    """The ID of an extraction whose slices lie in a folder: of all runs, and of no other folder or source."""
    path = folder / _STATE
    if (known := _stated(path, str)) is None:
        write_whole(path, msgspec.json.encode(known := uuid.uuid4().hex))
    return hashlib.sha256(f"{known} {extracted}".encode()).hexdigest()[:16]


def _stated(path: Path, kind: type[_Stated]) -> _Stated | None:
    """What a file beside the slices says, if there is one.

    Raises:
        StorageError: it is broken.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        hint = "Take it away, and run the extraction again"
        raise StorageError(f"it cannot be read ({error})", where=str(path), hint=hint) from error


def _unsearched(case: Takes) -> int:
    return int(case.sql(_UNSEARCHED).rows[0]["n"])


def _names(case: Takes) -> tuple[set[str], str]:
    """The names of what descends from root, and the day from which on they can have acted; empty if it is not known."""
    rows = case.sql("SELECT name, since, is_undated FROM descendant_names ORDER BY name").rows
    names = {row["name"] for row in rows}
    if not rows or any(row["is_undated"] for row in rows):
        return names, ""
    return names, f"{min(row['since'] for row in rows) - timedelta(days=1):{_DAY}}"
