"""Athena as the engine of an extraction, through boto3.

Source: Amazon Athena API Reference (StartQueryExecution, GetQueryExecution, StopQueryExecution); Athena User Guide,
"UNLOAD" and "Service Quotas".
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.files import SizedFiles
from rootforensics.errors import StorageError
from rootforensics.extraction.engine import Answer, EngineError, Fetched, columns_of, failed
from rootforensics.extraction.statements import literal
from rootforensics.sources.history_aws import expected_errors, explain
from rootforensics.sources.s3.address import Address, parse_address
from rootforensics.sources.s3.discover import list_address
from rootforensics.sources.s3.objects import S3Object
from rootforensics.sources.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from rootforensics.extraction.trail import Trail
    from rootforensics.sources.s3.connection import Connection

#: Statements may be that long (Athena User Guide, "Service Quotas").
MOST_STATEMENT_BYTES: Final = 262_144
#: Dollars for each terabyte that a query reads (Amazon Athena pricing, us-east-1, 2026).
_PRICE: Final = 5.0
POLL_SECONDS: Final = 1.0
#: So often is asked whether a query that was canceled has ended.
_STOP_POLLS: Final = 5
_USUAL_REGION: Final = "us-east-1"
#: The most that ``GetQueryResults`` gives at once.
_ROWS_AT_ONCE: Final = 1000
_RUNNING: Final = ("QUEUED", "RUNNING")
#: S3 takes so many keys in one request to delete.
_DELETED_AT_ONCE: Final = 1000


class Athena:
    """Athena with a workgroup and a place for results.

    Args:
        connection: to AWS and S3.
        output: ``s3://bucket/prefix/`` for what queries write, in the Region of the engine; nothing of it stays.
        database: of the Glue catalog in which a table is made, or is.
        workgroup: whose limits hold.
        region: of the engine; the session's own if empty.
    """

    name: Final = "Athena"
    price: Final = _PRICE

    def __init__(
        self, connection: Connection, output: str, database: str = "default", workgroup: str = "", region: str = ""
    ) -> None:
        address = parse_address(output)
        self._connection = connection
        self._output = Address(address.bucket, f"{address.key.rstrip('/')}/" if address.key else "")
        self._database = database
        self._elsewhere: set[Address] = set()
        self.left_behind: list[str] = []
        self._workgroup = {"WorkGroup": workgroup} if workgroup else {}
        session = connection.session
        from botocore.config import Config

        config = Config(retries={"mode": "adaptive", "max_attempts": 10}, connect_timeout=10, read_timeout=60)
        self._client: Any = session.client(
            "athena", region_name=region or session.region_name or _USUAL_REGION, config=config
        )

    def qualified(self, table: str) -> str:
        """The name of a table of its own, as SELECT has it."""
        return f'"{self._database}"."{table}"'

    def definition(self, trail: Trail, table: str) -> str:
        """The statement that makes a trail a table; DDL has other quotes."""
        return trail.athena(f"`{self._database}`.`{table}`")

    def removal(self, table: str) -> str:
        """The statement that drops it; the logs stay."""
        return f"DROP TABLE IF EXISTS `{self._database}`.`{table}`"

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table; see ``Engine``."""
        return columns_of(table, self.ask)

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows; see ``Engine``."""
        place = self._place()
        try:
            self._execute(sql, place)
        finally:
            self._clear(place)

    def unload(self, sql: str, folder: Path, columns: Sequence[str]) -> Fetched:
        """Have the rows of a query in Parquet files; see ``Engine``."""
        place = self._place()
        files = place._replace(key=f"{place.key}files/")
        try:
            scanned = self._execute(_unloading(sql, files), place)
            return Fetched(self._fetch(files, folder, columns), scanned)
        finally:
            self._clear(place)

    def ask(self, sql: str, most_rows: int) -> Answer:
        """The rows of a query; see ``Engine``."""
        place = self._place()
        try:
            query, scanned = self._executed(sql, place)
            rows: list[list[Any]] = []
            columns: list[tuple[str, str]] = []
            more: dict[str, str] = {}
            while True:
                page = self._ask("get_query_results", QueryExecutionId=query, MaxResults=_ROWS_AT_ONCE, **more)
                told = page["ResultSet"]
                columns = columns or [(one["Name"], one["Type"]) for one in told["ResultSetMetadata"]["ColumnInfo"]]
                values = [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in told["Rows"]]
                rows += values if more else values[1:]  # the first is the head
                if len(rows) > most_rows or not page.get("NextToken"):
                    return Answer(columns, rows[:most_rows], len(rows) > most_rows, scanned)
                more = {"NextToken": page["NextToken"]}
        finally:
            self._clear(place)

    @contextmanager
    def kept(self, sql: str, table: str, columns: Mapping[str, str]) -> Iterator[int]:
        """The rows of a query as a table; see ``Engine``.

        A workgroup that enforces where its results go refuses CREATE TABLE … AS in another place, and takes UNLOAD.
        """
        place = self._place()
        files = place._replace(key=f"{place.key}files/")
        told = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        made = f"CREATE EXTERNAL TABLE `{self._database}`.`{table}` ({told})\nSTORED AS PARQUET LOCATION "
        try:
            scanned = self._execute(_unloading(sql, files), place)
            self._execute(made + literal(files.uri), place)
            yield scanned
        finally:
            try:
                self.run(self.removal(table))
            finally:
                self._clear(place)

    def _place(self) -> Address:
        """Where the results of one query go."""
        return self._output._replace(key=f"{self._output.key}rootforensics-{uuid.uuid4().hex}/")

    def _execute(self, sql: str, place: Address) -> int:
        """Run a statement to its end; the bytes that it read."""
        return self._executed(sql, place)[1]

    def _executed(self, sql: str, place: Address) -> tuple[str, int]:
        if (size := len(sql.encode())) > MOST_STATEMENT_BYTES:
            raise EngineError(f"the statement has {size:,} bytes, Athena takes {MOST_STATEMENT_BYTES:,}")
        started = self._ask(
            "start_query_execution",
            QueryString=sql,
            QueryExecutionContext={"Database": self._database},
            ResultConfiguration={"OutputLocation": place.uri},
            **self._workgroup,
        )
        query = str(started["QueryExecutionId"])
        ended = False
        try:
            while (told := self._execution(query))["Status"]["State"] in _RUNNING:
                sleep(POLL_SECONDS)
            ended = True
        finally:
            if not ended:  # Ctrl-C, or Athena answers no more: it shall not go on at somebody's cost
                self._stop(query)
        status = told["Status"]
        if status["State"] == "CANCELLED":
            raise EngineError(
                f"Athena canceled the query: {status.get('StateChangeReason', 'it does not say why')}",
                hint="If it is a limit of the workgroup, take fewer days at a time (--slice-days)",
            )
        if status["State"] != "SUCCEEDED":
            raise failed("Athena", status.get("StateChangeReason", "it does not say why"))
        return query, int(told.get("Statistics", {}).get("DataScannedInBytes", 0))

    def _stop(self, query: str) -> None:
        """Cancel a query, and wait until it writes no more, or is long about it."""
        try:
            self._ask("stop_query_execution", QueryExecutionId=query)
        except EngineError as error:
            raise EngineError(f"the query {query} cannot be canceled and runs on: {error}") from error
        for _ in range(_STOP_POLLS):
            if self._execution(query)["Status"]["State"] not in _RUNNING:
                break
            sleep(POLL_SECONDS)

    def _execution(self, query: str) -> dict[str, Any]:
        told: dict[str, Any] = self._ask("get_query_execution", QueryExecutionId=query)["QueryExecution"]
        # A workgroup may enforce another place for what a query writes; its files begin with its ID.
        place = str(told.get("ResultConfiguration", {}).get("OutputLocation", ""))
        if query in place and not place.startswith(self._output.uri):
            self._elsewhere.add(parse_address(place[: place.index(query) + len(query)]))
        return told

    def _ask(self, operation: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**asked)
        except expected_errors() as error:
            failure = explain(error)
            raise EngineError(failure.words, where=f"athena:{operation}", hint=failure.hint) from error
        return answer

    def _fetch(self, files: Address, folder: Path, columns: Sequence[str]) -> int:
        """Copy the rows of the files of a place, which may be many small ones, into a folder; the number of rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(name, pa.string()) for name in columns])
        count = 0
        with SizedFiles(folder, schema) as sized:
            for found in self._found(files):
                path = folder / "fetched"
                try:
                    with path.open("wb") as file:
                        file.writelines(found.pieces())
                    for batch in pq.ParquetFile(path).iter_batches(_ROWS_AT_ONCE):
                        sized.write(pa.Table.from_batches([batch]).select(list(columns)).cast(schema))
                        count += batch.num_rows
                    path.unlink()
                except OSError as error:
                    raise StorageError(f"{found.uri} cannot be copied here ({error})", where=str(path)) from error
        return count

    def _found(self, place: Address) -> list[S3Object]:
        plan = list_address(self._connection.bucket(place.bucket), place, Wanted())
        return [one for one in plan.objects if isinstance(one, S3Object)]

    def _clear(self, place: Address) -> None:
        """Delete what a query wrote: its own folder, and its own files where a workgroup has them written.

        What cannot be deleted costs neither what was fetched nor why the query failed.
        """
        for one in (place, *sorted(self._elsewhere)):
            try:
                self._delete(one)
            except EngineError as error:
                self.left_behind.append(str(error))
        self._elsewhere.clear()

    def _delete(self, place: Address) -> None:
        client = self._connection.bucket(place.bucket).client
        try:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.key)
            keys = [{"Key": found["Key"]} for page in pages for found in page.get("Contents", ())]
            for start in range(0, len(keys), _DELETED_AT_ONCE):
                some = keys[start : start + _DELETED_AT_ONCE]
                told = client.delete_objects(Bucket=place.bucket, Delete={"Objects": some, "Quiet": True})
                if refused := told.get("Errors"):
                    raise _not_deleted(place, f"{refused[0].get('Code', '')} {refused[0].get('Message', '')}".strip())
        except expected_errors() as error:
            raise _not_deleted(place, explain(error).words) from error


def _unloading(sql: str, files: Address) -> str:
    return f"UNLOAD ({sql})\nTO {literal(files.uri)}\nWITH (format = 'PARQUET', compression = 'ZSTD')"


def _not_deleted(place: Address, said: str) -> EngineError:
    hint = "Delete this folder by hand, or have s3:DeleteObject on it"
    return EngineError(f"what the query wrote cannot be deleted: {said}", where=place.uri, hint=hint)
