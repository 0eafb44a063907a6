"""What a case has to do with engines beside the logs: it takes in what they extract."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.errors import SourceError
from rootforensics.extraction.columns import from_of
from rootforensics.extraction.run import DAYS_AT_ONCE, Extraction, counting_scans, first_scans, table_of, wanted_days
from rootforensics.extraction.trail import find_trail
from rootforensics.ingest.from_sources import plan_sources
from rootforensics.phrases import some
from rootforensics.queries.asking import CaseFile
from rootforensics.sources.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.extraction.engine import Engine
    from rootforensics.extraction.run import ExtractResult, Loading
    from rootforensics.extraction.trail import Trail
    from rootforensics.ingest.counted import Kept
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.outcome import LoadResult
    from rootforensics.queries.result import Result
    from rootforensics.sources.s3.connection import Connection, S3Options

EngineName = Literal["athena", "trino", "spark"]
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
#: The name of a table in what is only printed.
EXAMPLE: Final = "rootforensics_example"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engine, and how to reach it.

    Attributes:
        engine: ``athena``, ``trino`` or ``spark``.
        output: Athena: ``s3://bucket/prefix/`` for what it writes; nothing of it stays.
        database: Athena's database, or Trino's schema, in which a table is made.
        workgroup: Athena: whose limits hold; ``primary`` if empty.
        region: Athena: of the engine; the profile's own if empty.
        server: Trino: its URL; Spark: ``sc://host:15002`` of Spark Connect, or a master such as ``local[4]``.
        catalog: Trino: of the Hive connector.
        user: Trino: who asks.
        password: Trino: of the user.
    """

    engine: EngineName
    output: str = ""
    database: str = "default"
    workgroup: str = ""
    region: str = ""
    server: str = ""
    catalog: str = "hive"
    user: str = ""
    password: str = ""

    def open(self, connection: Connection) -> Engine:
        """The engine.

        Raises:
            SourceError: something is missing, or cannot be understood.
        """
        if self.engine == "trino":
            from rootforensics.extraction.trino import Trino

            if not self.server:
                raise SourceError("no server of Trino was named", hint="Take --server, like https://trino.example.com")
            return Trino(self.server, self.catalog, self.database, self.user, self.password)
        if self.engine == "spark":
            from rootforensics.extraction.spark import Spark

            if not self.server:
                raise SourceError(
                    "no server of Spark was named", hint="Take --server, like sc://host:15002 or local[4]"
                )
            return Spark(self.server, self.user)
        from rootforensics.extraction.athena import Athena

        if not self.output:
            hint = "Take --output, with sql and query --results, like s3://bucket/prefix/"
            raise SourceError("no place was named for what Athena writes", hint=hint)
        return Athena(connection, self.output, self.database, self.workgroup, self.region)


@dataclass(frozen=True, slots=True)
class ExtractPlan:
    """What an extraction would ask.

    Attributes:
        definition: the statement that makes the table; empty if one is used that is there.
        statements: of the first scan, and of the one that counts, one for each slice.
        object_count: objects that it would read; None if that is not known.
        scanned_bytes: their bytes; None if that is not known.
        dollars: for one scan of them, by AWS's list, without requests to S3; None likewise.
    """

    definition: str
    statements: tuple[str, ...]
    object_count: int | None
    scanned_bytes: int | None
    dollars: float | None


class Extracting(CaseFile):
    """A case that takes in what engines extract."""

    if TYPE_CHECKING:

        def load(self, *sources: str, filters: Filters, s3: S3Options | None) -> LoadResult:
            """As ``Case`` has it."""

        def sql(self, text: str, /) -> Result[dict[str, Any]]:
            """As ``Case`` has it."""

    def extract(
        self,
        source: str,
        engine: EngineOptions,
        filters: Filters,
        *,
        is_table: bool = False,
        days_at_once: int = DAYS_AT_ONCE,
        keep_table: bool = False,
        counts: bool = True,
        originals: bool = False,
        s3: S3Options | None = None,
        load: Loading | None = None,
        say: Callable[[str], None] = lambda text: None,  # noqa: ARG005 - says nothing
        now: datetime | None = None,
    ) -> ExtractResult:
        """Have an engine find what belongs to root's story in a trail, and load that into the case.

        The case then answers as after a load with ``Filters(root_related=True)``, and says that it was extracted. The
        Parquet files that the engine gave lie in the folder ``slices`` beside it. Called again with the same arguments
        it goes on: finished slices are not asked for again.

        Args:
            source: ``s3://bucket/prefix/AWSLogs/``, an organization's folder or an account's below it; or a table.
            engine: which engine, and how to reach it.
            filters: time, of which the begin is needed, accounts and Regions.
            is_table: ``source`` is a table ``[catalog.]database.table`` with the columns ``records`` (texts),
                ``account``, ``region`` and ``day`` (``YYYY/MM/DD``), or with CloudTrail's fields as columns, as
                AWS documents it.
            days_at_once: so many days are one query.
            keep_table: do not drop the table that was made.
            counts: have what everybody did counted by hour, account and Region, in a scan of its own: so the case knows
                of which hours there are logs, and where logs are missing.
            originals: fetch the objects, too, in which the records lay, each with its hash and version: ``raw``,
                ``verify`` and citations work then as after a load. Ask for it from the first run on: of equal events
                the one that was loaded first stays.
            s3: how to connect to AWS.
            load: loads files into the case; ``load`` if not given.
            say: told of each thing that the user must know, a line without a full stop.
            now: the present.

        Returns:
            What was asked, found and loaded.

        Raises:
            FilterError: no begin was named.
            SourceError: the trail or the engine cannot be reached, or a query failed; what was finished is kept.
            StorageError: the folder cannot be written.
            KeyboardInterrupt: stopped; finished slices are kept, and the query is canceled.

        Example:
            >>> engine = rf.EngineOptions("athena", output="s3://results/")  # doctest: +SKIP
            >>> filters = rf.Filters(since=datetime(2026, 8, 1, tzinfo=UTC))  # doctest: +SKIP
            >>> case.extract("s3://bucket/AWSLogs/", engine, filters)  # doctest: +SKIP
        """
        moment = now or datetime.now(UTC)
        days = wanted_days(filters, moment)
        place = source if is_table else f"{source.rstrip('/')}/"
        taking = load or (lambda paths, its: self.load(*paths, filters=its, s3=s3))
        with open_engine(engine, s3) as (opened, connection), ExitStack() as at_end:
            table = at_end.enter_context(
                table_for(opened, connection, source, filters, days, say, is_table=is_table, keep=keep_table)
            )
            how = replace(filters, root_related=True, extracted=f"by {opened.name} from {place}")
            run = Extraction(
                self, opened, table, how, days, days_at_once, taking, say, counts=counts, originals=originals
            )
            return run.all(source)

    def keep_extraction(self, kept: Kept, command: str, /, **act: Any) -> None:  # noqa: ANN401
        """Put what is known of an extraction in the place of what is there, and add the act to the chain of custody."""
        from rootforensics.ingest.counted import keep_extraction

        self.close()
        keep_extraction(self.path, self._act(command, **act), kept)

    def plan_extract(
        self,
        source: str,
        engine: EngineOptions,
        filters: Filters,
        *,
        is_table: bool = False,
        days_at_once: int = DAYS_AT_ONCE,
        counts: bool = True,
        s3: S3Options | None = None,
        now: datetime | None = None,
    ) -> ExtractPlan:
        """What ``extract`` would ask with the same arguments; an engine is asked for the columns of a table alone.

        The second scan needs names that the first one brings. It reads from the day before root's first act on.

        Args:
            source: as for ``extract``, like all other arguments.
            engine: which engine, and how to reach it.
            filters: time, of which the begin is needed, accounts and Regions.
            is_table: ``source`` is a table.
            days_at_once: so many days are one query.
            counts: plan the second scan, which counts all events, too.
            s3: how to connect to AWS.
            now: the present.

        Returns:
            The statements, and the bytes and dollars that they would take where that is known.

        Raises:
            FilterError: no begin was named.
            SourceError: S3 cannot be reached or refuses to list.

        Example:
            >>> engine = rf.EngineOptions("athena", output="s3://results/")  # doctest: +SKIP
            >>> filters = rf.Filters(since=datetime(2026, 8, 1, tzinfo=UTC))  # doctest: +SKIP
            >>> case.plan_extract("s3://bucket/AWSLogs/", engine, filters).dollars  # doctest: +SKIP
        """
        days = wanted_days(filters, now or datetime.now(UTC))
        with open_engine(engine, s3) as (opened, connection):
            table = opened.qualified(EXAMPLE)
            if is_table:
                table = from_of(opened, quoted(source), days[0])
            scans = first_scans(table, filters, days, days_at_once)
            scans += counting_scans(table, filters, days, days_at_once) if counts else []
            statements = tuple(scan.sql() for scan in scans)
            return plan_of(opened, connection, source, filters, days, statements, s3, is_table=is_table)


@contextmanager
def open_engine(options: EngineOptions, s3: S3Options | None) -> Iterator[tuple[Engine, Connection]]:
    """The engine, and a connection to S3."""
    from rootforensics.sources.s3.connection import Connection, S3Options

    with Connection(s3 or S3Options()) as connection:
        yield options.open(connection), connection


def plan_of(
    engine: Engine,
    connection: Connection,
    source: str,
    filters: Filters,
    days: tuple[str, str],
    statements: tuple[str, ...],
    s3: S3Options | None,
    *,
    is_table: bool,
) -> ExtractPlan:
    """What some statements over a trail would read, and what makes it a table."""
    if is_table:
        return ExtractPlan("", statements, None, None, None)
    definition = engine.definition(_trail(connection, source, filters, days), EXAMPLE)
    listing = plan_sources((source,), filters, s3)
    size = listing.size_bytes
    return ExtractPlan(definition, statements, len(listing.objects), size, size / 1e12 * engine.price)


@contextmanager
def table_for(
    engine: Engine,
    connection: Connection,
    source: str,
    filters: Filters,
    days: tuple[str, str],
    say: Callable[[str], None],
    *,
    is_table: bool,
    keep: bool = False,
) -> Iterator[str]:
    """The table that is there, or one of the trail that is dropped at the end unless it is to be kept.

    At the end, however it comes, is told what could not be deleted.
    """
    with ExitStack() as at_end:
        at_end.callback(lambda: say(some(engine.left_behind, by="; ")) if engine.left_behind else None)
        if is_table:
            table = from_of(engine, quoted(source), days[0])
            if table != quoted(source):
                say("its records are put together out of columns; what has none is NULL, and named with the files")
            yield table
            return
        trail = _trail(connection, source, filters, days)
        say(
            f"accounts: {len(trail.accounts):,}; Regions: {len(trail.regions):,}; {trail.first_day} to {trail.last_day}"
        )
        if absent := sorted({*filters.accounts, *filters.regions} - {*trail.accounts, *trail.regions}):
            say(f"no folder is there of {', '.join(absent)}")
        table = at_end.enter_context(table_of(engine, trail, say, keep=keep))
        say(f"the table {table} {'stays' if keep else 'is dropped at the end'}")
        yield table


def _trail(connection: Connection, source: str, filters: Filters, days: tuple[str, str]) -> Trail:
    return find_trail(connection, source, Wanted(accounts=filters.accounts, regions=filters.regions), days)


def quoted(table: str) -> str:
    """The name of a table as SELECT has it.

    Raises:
        SourceError: it is none.
    """
    parts = table.split(".")
    if not 2 <= len(parts) <= 3 or not all(map(_NAME.fullmatch, parts)):
        raise SourceError("this is no name of a table", where=table, hint="Write it like database.table")
    return ".".join(f'"{part}"' for part in parts)
