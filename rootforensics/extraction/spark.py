"""Spark as the engine of an extraction: a session of PySpark, or of Spark Connect; rows come home through the driver.

PySpark is no extra: it weighs some 400 MB, and must be of the version of the cluster that it talks to, which
has it there. Source: Spark documentation, "Spark SQL Guide" (JSON files, literals, generated columns ``_metadata``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.files import write_texts
from rootforensics.extraction.engine import Answer, EngineError, Fetched, failed
from rootforensics.extraction.statements import RECORDS, literal
from rootforensics.sources.names import LOGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rootforensics.extraction.trail import Trail

_ROWS_AT_ONCE: Final = 5000
_TAG: Final = "rootforensics"
_RECORDS: Final = "Records ARRAY<STRING>"
_DAYS: Final = re.compile("day BETWEEN '([^']+)' AND '([^']+)'")
_PLACE: Final = re.compile("/([0-9]{4}/[0-9]{2}/[0-9]{2})/")
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'")
#: What Trino and Spark spell otherwise in the statements of an extraction, outside of texts.
_SPELLED: Final = {
    "strpos(": "instr(",
    "json_extract_scalar(": "get_json_object(",
    " AS VARCHAR)": " AS STRING)",
    '"$path"': "`$path`",
    f" CROSS JOIN UNNEST({RECORDS}) AS u (r)": f" LATERAL VIEW explode({RECORDS}) u AS r",
}
_NO_TABLE: Final = "Spark reads the folder of a trail, and neither tables nor questions"


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
        builder = SparkSession.builder.appName(f"rootforensics {user}".rstrip())
        is_remote = server.startswith("sc://")
        self._expected: tuple[type[Exception], ...] = (PySparkException, OSError, RuntimeError)
        try:
            self._session = (builder.remote(server) if is_remote else builder.master(server)).getOrCreate()
        except self._expected as error:
            raise failed(self.name, str(error)) from error
        if not is_remote:
            from py4j.protocol import Py4JError

            self._expected += (Py4JError,)
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        self._paths: dict[str, tuple[str, str]] = {}
        self._files: dict[str, list[str]] = {}

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
        self._paths[told] = table, path
        return told

    def removal(self, table: str) -> str:
        """The statement that drops it; the logs stay."""
        return f"DROP VIEW IF EXISTS {self.qualified(table)}"

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows; see ``Engine``."""
        try:
            if sql not in self._paths:
                self._session.sql(sql).collect()
                return
            table, path = self._paths[sql]
            self._files[table] = sorted(self._read(path).inputFiles())
        except self._expected as error:
            raise self._failed(error) from error

    def unload(self, sql: str, folder: Path, columns: Sequence[str]) -> Fetched:
        """Have the rows of a query in Parquet files; see ``Engine``. What it reads Spark does not say."""
        return Fetched(write_texts(self._rows(sql), folder, columns), 0)

    def _read(self, paths: str | list[str]) -> Any:  # noqa: ANN401 - a frame of PySpark
        return self._session.read.schema(_RECORDS).json(paths, multiLine=True, mode="FAILFAST")

    def _view(self, sql: str) -> None:
        """Make the view that a statement reads, of the files of its days and without those that it leaves out.

        A condition on where a file lies does not keep Spark from reading it.
        """
        texts = {text.replace("''", "'") for text in _TEXT.findall(sql)}
        first, last = _DAYS.findall(sql)[0]
        for table, files in self._files.items():
            if self.qualified(table) in sql:
                days = ((file, _PLACE.findall(file)) for file in files)
                chosen = [file for file, day in days if day and first <= day[-1] <= last and file not in texts]
                found = self._read(chosen) if chosen else self._session.createDataFrame([], _RECORDS)
                place = "_metadata.file_path" if chosen else "''"
                parts = (
                    f"regexp_extract({place}, '/([0-9]{{12}})/{LOGS}/([^/]+)/([0-9/]{{10}})/', {number}) AS {name}"
                    for number, name in enumerate(("account", "region", "day"), 1)
                )
                uri = f"regexp_replace(replace({place}, 's3a://', 's3://'), '^file:/+', 'file:///') AS `$path`"
                found.selectExpr(f"Records AS {RECORDS}", uri, *parts).createOrReplaceTempView(table)

    def ask(self, sql: str, most_rows: int) -> Answer:  # noqa: ARG002 - as all engines have it
        """Not there; see ``Engine``."""
        raise EngineError(_NO_TABLE, hint="Name the folder in S3")

    def kept(self, *_: object) -> AbstractContextManager[int]:
        """Not there; see ``Engine``."""
        raise EngineError(_NO_TABLE, hint="Take --engine trino or athena")

    def _rows(self, sql: str) -> Iterator[list[Any]]:
        """The rows of a query, some at a time; all are computed at once, on all machines, and kept there until then."""
        ended = False
        self._session.addTag(_TAG)
        found = None
        try:
            self._view(sql)
            found = self._session.sql(carried(sql)).persist()
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
            part = part.replace(trinos, sparks)  # noqa: PLW2901
        parts[place] = part
    return "".join(parts)
