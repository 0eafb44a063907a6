"""A stand-in for Athena and for the S3 that it reads and writes, driven through real boto3; DuckDB runs the SQL.

It knows ``StartQueryExecution``, ``GetQueryExecution``, ``StopQueryExecution`` and ``GetQueryResults``, the DDL of a trail
with partition projection, ``UNLOAD``, a table of what that wrote and a query behind ``WITH``. It cannot tell rights, limits of time, and where Athena's SQL is another than DuckDB's: the
tests with a real Trino do.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from tests.stand_ins.cloudtrail_api import no_credentials
from tests.stand_ins.odd import Odd, send
from tests.stand_ins.s3_api import S3Api, _Handler

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE: Final = re.compile(r"CREATE EXTERNAL TABLE `(\w+)`\.`(\w+)` \(records array<string>\)")
_PROPERTY: Final = re.compile(r"'([\w.]+)' = '([^']*)'")
_UNLOAD: Final = re.compile(r"UNLOAD \((.*)\)\nTO 's3://[^/]+/([^']+)'\nWITH \(format = 'PARQUET'", re.DOTALL)
_KEPT: Final = re.compile(
    r"CREATE EXTERNAL TABLE `(\w+)`\.`(\w+)` \((?!records)([^)]+)\)\nSTORED AS PARQUET LOCATION 's3://[^/]+/([^']+)'"
)
#: What a table with a column for each field is asked by, for DuckDB.
_AS_JSON: Final = re.compile(r"json_format\(CAST\(([^()]+) AS JSON\)\)")
_MACROS: Final = ("json_parse(text) AS json(text)", "array_join(texts, mark) AS array_to_string(texts, mark)")
_DELETE: Final = "{http://s3.amazonaws.com/doc/2006-03-01/}Key"


class _File(msgspec.Struct):
    Records: list[msgspec.Raw]


class FailedError(Exception):
    """A query that ends as FAILED, with the reason."""


@dataclass
class AthenaApi(S3Api):
    """The server; a context manager.

    Attributes:
        statements: every statement that was started, in order.
        tables: those that are there: their properties by ``database.table``.
        throttles: so many requests are answered by ``ThrottlingException`` first.
        refusal: what each start and stop of a statement is answered; empty for none.
        before: called with each statement before it runs; may raise ``FailedError``.
        hangs: statements that begin so run until they are stopped, and write something before they end.
        place: of the objects, as the engine names them.
        enforced: where the workgroup has what each query writes written, ``prefix/`` of the bucket; empty for none.
        undeletable: what S3 answers for each key that is to be deleted; empty if it deletes them.
        operations: every operation that was asked for.
        stopped: IDs of the queries that were stopped.
        file_rows: rows of one file that is unloaded.
        page_rows: rows of one page of results, its head among them.
        results: columns and rows of each query.
        spelled: how a record is spelled when it comes out of the engine.
    """

    statements: list[str] = field(default_factory=list)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    throttles: int = 0
    refusal: str = ""
    before: Callable[[str], None] = lambda _: None
    hangs: tuple[str, ...] = ()
    place: str = "s3://logs"
    enforced: str = ""
    undeletable: str = ""
    stopped: list[str] = field(default_factory=list)
    spelled: Callable[[bytes], bytes] = bytes
    page_rows: int = 1000
    file_rows: int = 5000
    results: dict[str, tuple[list[tuple[str, str]], list[list[str | None]]]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    ending: list[str] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)

    def __enter__(self) -> AthenaApi:
        super().__enter__()
        self._server.RequestHandlerClass = type("Handler", (_AthenaHandler,), {"api": self})
        return self

    def environment(self) -> dict[str, str]:
        """Variables that lead boto3 here, with dummy keys."""
        keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLESTANDIN00", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
        return {**no_credentials(), **keys, "AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": "us-east-1"}

    def operate(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a request of Athena's API."""
        self.operations.add(operation)
        if self.throttles:
            self.throttles -= 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        if self.refusal and operation in ("StartQueryExecution", "StopQueryExecution"):
            return 400, {"__type": self.refusal, "message": "refused by the test"}
        if operation == "StartQueryExecution":
            query = f"query-{len(self.statements)}"
            self.statements.append(asked["QueryString"])
            self.outputs[query] = asked["ResultConfiguration"]["OutputLocation"].split("/", 3)[3]
            self.runs[query] = self._run(asked["QueryString"], self.outputs[query])
            return 200, {"QueryExecutionId": query}
        query = asked["QueryExecutionId"]
        if operation == "GetQueryResults":
            return 200, self._page(query, int(asked.get("NextToken", 0)), min(asked["MaxResults"], self.page_rows))
        if operation == "StopQueryExecution":
            self.stopped.append(query)
            self.ending.append(query)
            return 200, {}
        return 200, {"QueryExecution": {"QueryExecutionId": query, **self._told(query)}}

    def _told(self, query: str) -> dict[str, Any]:
        """How a query goes; one that was stopped writes something before it ends."""
        told = self.runs[query]
        if query in self.ending:
            self.ending.remove(query)
            self.objects[self.outputs[query] + "late"] = b"of the query"
            self.runs[query] = {"Status": {"State": "CANCELLED"}}
        return told

    def _run(self, statement: str, output: str) -> dict[str, Any]:
        if self.hangs and statement.startswith(self.hangs):
            if _TABLE.match(statement):
                self._execute(statement)
            return {"Status": {"State": "RUNNING"}}
        try:
            self.before(statement)
            scanned = self._execute(statement)
        except (FailedError, duckdb.Error) as error:
            return {"Status": {"State": "FAILED", "StateChangeReason": str(error)}}
        written = (self.enforced or output) + f"query-{len(self.statements) - 1}.csv"
        self.objects |= {written: b"rows", f"{written}.metadata": b"of the query"}
        told = {"ResultConfiguration": {"OutputLocation": f"s3://logs/{written}"}}
        return {"Status": {"State": "SUCCEEDED"}, "Statistics": {"DataScannedInBytes": scanned}, **told}

    def _execute(self, statement: str) -> int:
        if made := _TABLE.match(statement):
            self.tables[f'"{made[1]}"."{made[2]}"'] = dict(_PROPERTY.findall(statement))
            return 0
        if statement.startswith("DROP TABLE IF EXISTS"):
            self.tables.pop(statement.removeprefix("DROP TABLE IF EXISTS ").replace("`", '"'), None)
            return 0
        if statement.startswith("SELECT column_name"):
            told = next((one for name, one in self.tables.items() if repr(name.split('"')[3]) in statement), None)
            kinds = json.loads(told.get("types", '{"records": "array(varchar)"}')) if told else {}
            titles = [("column_name", "varchar"), ("data_type", "varchar")]
            self.results[f"query-{len(self.statements) - 1}"] = (
                titles,
                [["column_name", "data_type"], *map(list, kinds.items())],
            )
            return 0
        if statement.startswith("WITH"):
            found, scanned = self._asked(statement)
            types = [
                (one.name, {"int64": "bigint", "bool": "boolean"}.get(str(one.type), "varchar")) for one in found.schema
            ]
            texts = [found[name].cast(pa.string()).to_pylist() for name in found.column_names]
            rows = [[name for name, _ in types], *(list(row) for row in zip(*texts, strict=True))]
            self.results[f"query-{len(self.statements) - 1}"] = (types, rows)
            return scanned
        if kept := _KEPT.match(statement):
            self.tables[f'"{kept[1]}"."{kept[2]}"'] = {"held": kept[4]}
            return 0
        unload = _UNLOAD.match(statement)
        if unload is None:
            raise FailedError(f"SYNTAX_ERROR: {statement[:40]}")
        found, scanned = self._asked(unload[1])
        for number, batch in enumerate(found.to_batches(max_chunksize=self.file_rows) if found.num_rows else ()):
            self._write(pa.Table.from_batches([batch]), f"{unload[2]}part-{number}")
        return scanned

    def _asked(self, select: str) -> tuple[pa.Table, int]:
        """What a query gives, and the bytes that it reads."""
        table = next((name for name in self.tables if name in select), None)
        if table is None:
            raise FailedError("TABLE_NOT_FOUND: line 2:6: Table does not exist")
        with duckdb.connect() as engine:
            engine.execute("CREATE MACRO split(words, sign) AS string_split(words, sign)")
            engine.execute("CREATE MACRO arrays_overlap(one, other) AS list_has_any(one, other)")
            engine.execute("CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)")
            engine.execute("CREATE MACRO json_extract_scalar(text, place) AS text->>place")
            if held := self.tables[table].get("held"):
                keys = [key for key in self.objects if key.startswith(held)]
                engine.register(
                    "held", pa.concat_tables(pq.read_table(pa.BufferReader(self.objects[key])) for key in keys)
                )
                engine.execute("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")
                for macro in _MACROS:
                    engine.execute(f"CREATE MACRO {macro}")
                carried = _AS_JSON.sub(r"CAST(to_json(\1) AS VARCHAR)", select).replace("transform(", "list_transform(")
                return engine.sql(carried.replace(table, "held")).to_arrow_table(), sum(
                    len(self.objects[key]) for key in keys
                )
            rows = self._rows(self.tables[table], engine, select.partition("WHERE ")[2].split("\n  AND ")[:-1])
            engine.register("held", rows)
            found = engine.sql(select.replace(table, "held")).to_arrow_table()
        return found, sum(len(self.objects[path.split("/", 3)[3]]) for path in rows["$path"].to_pylist())

    def _write(self, table: pa.Table, key: str) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        self.objects[key] = sink.getvalue().to_pybytes()

    def _page(self, query: str, start: int, count: int) -> dict[str, Any]:
        columns, rows = self.results[query]
        cells = [
            {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
            for row in rows[start : start + count]
        ]
        told = [{"Name": name, "Type": kind} for name, kind in columns]
        more = {"NextToken": str(start + count)} if start + count < len(rows) else {}
        return {"ResultSet": {"Rows": cells, "ResultSetMetadata": {"ColumnInfo": told}}, **more}

    def _rows(self, properties: dict[str, str], engine: duckdb.DuckDBPyConnection, wanted: list[str]) -> pa.Table:
        """The objects of the wanted partitions, with their records."""
        place = re.escape(properties["storage.location.template"].split("/", 3)[3])
        for name, pattern in (("account", r"\d{12}"), ("region", "[a-z0-9-]+"), ("day", r"\d{4}/\d\d/\d\d")):
            place = place.replace(re.escape(f"${{{name}}}"), f"(?P<{name}>{pattern})")
        first, last = properties["projection.day.range"].split(",")
        found = []
        for key in sorted(self.objects):
            if (match := re.match(f"{place}/[^/]+$", key)) and first <= match["day"] <= last:
                known = (
                    match[name] in properties[f"projection.{name}.values"].split(",") for name in ("account", "region")
                )
                found += [{"$path": f"{self.place}/{key}", **match.groupdict()}] if all(known) else []
        texts = pa.schema([(name, pa.string()) for name in ("$path", "account", "region", "day")])
        engine.register("listed", pa.Table.from_pylist(found, texts))
        chosen = engine.sql(f"SELECT * FROM listed WHERE {' AND '.join(wanted) or 'true'}").to_arrow_table()
        engine.unregister("listed")
        rows = [{**row, "records": self._records(row["$path"])} for row in chosen.to_pylist()]
        return pa.Table.from_pylist(rows, texts.append(pa.field("records", pa.list_(pa.string()))))

    def _records(self, path: str) -> list[str]:
        data = self.objects[path.split("/", 3)[3]]
        try:
            text = gzip.decompress(data) if path.endswith(".gz") else data
            return [self.spelled(bytes(record)).decode() for record in msgspec.json.decode(text, type=_File).Records]
        except (OSError, EOFError, zlib.error, msgspec.MsgspecError) as error:
            raise FailedError(f"HIVE_BAD_DATA: Failed to read file at {path}: {error}") from error


class _AthenaHandler(_Handler):
    api: AthenaApi  # type: ignore[assignment]

    def do_POST(self) -> None:  # noqa: N802 - the name that the server calls
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if target := self.headers.get("X-Amz-Target"):
            status, told = self.api.operate(target.rpartition(".")[2], json.loads(body))
            send(self, self.api.release, Odd(status, json.dumps(told).encode()))
            return
        told = ""
        for key in ElementTree.fromstring(body).iter(_DELETE):
            if self.api.undeletable:
                told += f"<Error><Key>{key.text}</Key><Code>{self.api.undeletable}</Code></Error>"
            else:
                self.api.objects.pop(key.text or "", None)
        answer = f"<DeleteResult>{told}</DeleteResult>"
        send(self, self.api.release, Odd(body=answer.encode(), kind="application/xml"))
