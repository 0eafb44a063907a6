"""Spark as the engine of an extraction: a session of PySpark, or of Spark Connect; rows come home through the driver.

PySpark is no extra: it weighs some 400 MB, and must be of the version of the cluster that it talks to, which
has it there. Source: Spark documentation, "Spark SQL Guide" (JSON files, literals, generated columns ``_metadata``).
"""

from __future__ import annotations

import logging
import re
import uuid
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.files import write_texts
from rootforensics.extraction.engine import Answer, EngineError, Fetched, failed
from rootforensics.extraction.statements import OBJECT, RECORDS, literal
from rootforensics.sources.names import LOGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from rootforensics.extraction.trail import Trail

_ROWS_AT_ONCE: Final = 5000
_TAG: Final = "rootforensics"
_RECORDS: Final = "Records ARRAY<STRING>"
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'")
#: Where a row lies, as other engines name it; Spark leaves files unread that a condition on it excludes.
_FILE: Final = "_metadata.file_path"
_PLACED: Final = f"named_struct('file_path', {_FILE}) AS _metadata"
_OBJECT: Final = f"regexp_replace(replace({_FILE}, 's3a://', 's3://'), '^file:/+', 'file:///')"
#: What Trino and Spark spell otherwise in the statements of an extraction, outside of texts. JSON with something
#: behind it is JSON for Spark, unless it lies in something.
_SPELLED: Final = {
    re.escape(OBJECT): _OBJECT,
    r'"([^"]+)"': r"`\1`",
    r"\bstrpos\(": "instr(",
    r"\bjson_extract_scalar\(": "get_json_object(",
    r"\bjson_format\(CAST\(([^()]+) AS JSON\)\)": (
        r"CASE WHEN \1 IS NOT NULL THEN regexp_extract(to_json(array(\1)), '(?s)^.(.*).$', 1) END"
    ),
    r"\bTRY\(json_parse\(([^()]+)\)\)": r"""try_parse_json('{"":' || \1 || '}')""",
    r" AS VARCHAR\)": " AS STRING)",
    rf" CROSS JOIN UNNEST\({RECORDS}\) AS u \(r\)": f" LATERAL VIEW explode({RECORDS}) u AS r",
}
_NO_QUESTIONS: Final = "Spark takes no questions"
_FOLDER: Final = "Name the folder in S3 instead of the table"


class Spark:
    """Spark.

    Args:
        server: ``sc://host:15002`` of Spark Connect, or a master such as ``local[4]`` or ``yarn``.
        user: who asks, for the name of the application.
    """

    name: Final = "Spark"
    price: Final = 0.0
    left_behind: Final = ()

    def __init__(self, server: str, user: str = "") -> None:
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            hint = "Install pyspark (or pyspark-client) in the version of your cluster, 4.0 or later"
            raise EngineError("PySpark is not installed", hint=hint) from error
        # What is logged comes as an error, too, and a stack of Java hides what is told here.
        logging.getLogger("SQLQueryContextLogger").disabled = True
        builder = SparkSession.builder.appName(f"rootforensics {user}".rstrip())
        self._expected: tuple[type[Exception], ...] = (PySparkException, OSError, RuntimeError)
        self._context: Any = None
        try:
            if server.startswith("sc://"):
                self._session = builder.remote(server).getOrCreate()
            else:
                from py4j.protocol import Py4JError

                self._expected += (Py4JError,)
                builder = builder.config("spark.ui.showConsoleProgress", "false")
                # A folder that is there: Spark makes it, and makes one where the user stands if none is named.
                builder = builder.config("spark.sql.warehouse.dir", Path(gettempdir()).as_uri())
                self._session = builder.master(server).getOrCreate()
                self._session.sparkContext.setLogLevel("OFF")
                self._context = self._session.sparkContext._jsc.sc()  # noqa: SLF001 - PySpark does not pass it on
        except self._expected as error:
            raise failed(self.name, str(error)) from error
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        #: Views of tables that were there, for SQL has no words for the place of a row in each of them.
        self._views: dict[str, str] = {}
        self._reading: dict[str, tuple[str, str]] = {}

    def qualified(self, table: str) -> str:
        """The name of a view of its own."""
        return f"`{table}`"

    def definition(self, trail: Trail, table: str) -> str:
        """The statement that makes a trail a view of the session."""
        years = map(str, range(int(trail.first_day[:4]), int(trail.last_day[:4]) + 1))
        accounts, regions, days = (f"{{{','.join(one)}}}" for one in (trail.accounts, trail.regions, years))
        path = f"{trail.location}{accounts}/{LOGS}/{regions}/{days}/*/*/"
        told = (
            f"CREATE TEMPORARY VIEW {self.qualified(table)} ({_RECORDS}) USING json\n"
            f"OPTIONS (path {literal(path)}, multiLine 'true', mode 'FAILFAST')"
        )
        self._reading[told] = table, path
        return told

    def removal(self, table: str) -> str:
        """The statement that drops it; the logs stay."""
        return f"DROP VIEW IF EXISTS {self.qualified(table)}"

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table; see ``Engine``."""
        name = carried(table)
        try:
            held = self._session.table(name)
            told = {field.name.lower(): _kind(field.dataType) for field in held.schema}
            properties = self._session.sql(f"SHOW TBLPROPERTIES {name}").collect()
        except self._expected as error:
            raise self._failed(error) from error
        if ("projection.enabled", "true") in {(one["key"], one["value"].lower()) for one in properties}:
            raise EngineError("Spark finds nothing in a table with partition projection", where=name, hint=_FOLDER)
        try:
            self._views[name] = view = f"rootforensics_{uuid.uuid4().hex[:12]}"
            held.selectExpr("*", _PLACED).createOrReplaceTempView(view)
        except self._expected as error:
            said = "Spark does not tell in which files the rows of this table lie"
            raise EngineError(said, where=name, hint=_FOLDER) from error
        return told

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows; see ``Engine``."""
        try:
            if sql in self._reading:
                self._read(*self._reading[sql])
            else:
                self._session.sql(sql).collect()
        except self._expected as error:
            raise self._failed(error) from error

    def _read(self, table: str, path: str) -> None:
        """Make a view of files."""
        found = self._session.read.schema(_RECORDS).json(path, multiLine=True, mode="FAILFAST")
        parts = (
            f"regexp_extract({_FILE}, '/([0-9]{{12}})/{LOGS}/([^/]+)/([0-9/]{{10}})/', {number}) AS {name}"
            for number, name in enumerate(("account", "region", "day"), 1)
        )
        found.selectExpr(f"Records AS {RECORDS}", _PLACED, *parts).createOrReplaceTempView(table)

    def unload(self, sql: str, folder: Path, columns: Sequence[str]) -> Fetched:
        """Have the rows of a query in Parquet files; see ``Engine``."""
        before = self._read_bytes()
        count = write_texts(self._rows(sql), folder, columns)
        return Fetched(count, max(self._read_bytes() - before, 0))

    def _read_bytes(self) -> int:
        """What the session has read so far; 0 if it does not say it, as with Spark Connect, or says it too late."""
        if self._context is None:
            return 0
        try:
            self._context.listenerBus().waitUntilEmpty()
            executors = self._context.statusStore().executorList(False)
            return sum(int(executors.apply(place).totalInputBytes()) for place in range(executors.size()))
        except self._expected:  # no part of what others may rely on: what was found is not lost by that
            self._context = None
            return 0

    def ask(self, sql: str, most_rows: int) -> Answer:  # noqa: ARG002 - as all engines have it
        """Not there; see ``Engine``."""
        raise EngineError(_NO_QUESTIONS, hint="Take --engine trino or athena")

    def kept(self, *_: object) -> AbstractContextManager[int]:
        """Not there; see ``Engine``."""
        raise EngineError(_NO_QUESTIONS, hint="Take --engine trino or athena")

    def _rows(self, sql: str) -> Iterator[list[Any]]:
        """The rows of a query, some at a time; all are computed at once, on all machines, and kept there until then."""
        ended = False
        self._session.addTag(_TAG)
        found = None
        try:
            asked = carried(sql)
            for table, view in self._views.items():
                asked = asked.replace(table, view)
            found = self._session.sql(asked).persist()
            found.count()
            some: list[Any] = []
            for row in found.toLocalIterator():
                some.append(row)
                if len(some) == _ROWS_AT_ONCE:
                    yield some
                    some = []
            yield some
            ended = True
        except self._expected as error:
            ended = True
            raise self._failed(error) from error
        finally:
            if not ended:
                self._session.interruptTag(_TAG)
            if found is not None:
                found.unpersist()
            self._session.removeTag(_TAG)

    def _failed(self, error: Exception) -> EngineError:
        return failed(self.name, str(error).replace("s3a://", "s3://"))


def carried(sql: str) -> str:
    """A statement of an extraction as Spark has it: in a text of Spark a backslash escapes, and two quotes are none."""
    parts = _TEXT.split(sql)
    for place, part in enumerate(parts):
        if place % 2:
            text = part.replace("''", "'").replace("\\", "\\\\").replace("'", "\\'")
            parts[place] = f"'{text}'"
            continue
        for trinos, sparks in _SPELLED.items():
            part = re.sub(trinos, sparks, part)  # noqa: PLW2901
        parts[place] = part
    return "".join(parts)


def _kind(of: Any) -> str:  # noqa: ANN401 - a type of PySpark
    """A type in Trino's words, as far as it may tell something of a record."""
    match of.typeName():
        case "struct":
            fields = (f'"{one.name}" {_kind(one.dataType)}' for one in of)
            return f"row({', '.join(fields)})"
        case "array":
            return f"array({_kind(of.elementType)})"
        case "string":
            return "varchar"
        case name:
            return str(name)
