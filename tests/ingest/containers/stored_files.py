"""Parquet and DuckDB files with events, in the columns of several tools."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Events = list[dict[str, Any]]


def zstd(data: bytes) -> bytes:
    """As one zstd frame."""
    return pa.compress(data, codec="zstd", asbytes=True)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": zstd}


def parquet(path: Path, columns: dict[str, Any], **options: Any) -> bytes:
    """Write columns as a Parquet file and give its bytes."""
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path, **options)
    return path.read_bytes()


def database(path: Path, *statements: str) -> bytes:
    """Make a DuckDB file and give its bytes."""
    path.parent.mkdir(exist_ok=True)
    connection = duckdb.connect(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path.read_bytes()


def lake_rows(events: Events) -> dict[str, Any]:
    """Lower-case columns, nested as in Athena's table; free-form fields as JSON text, times as text."""
    issuer = pa.struct({name: pa.string() for name in ("type", "principalid", "arn", "accountid", "username")})
    attributes = pa.struct({"mfaauthenticated": pa.string(), "creationdate": pa.string()})
    context = pa.struct({"attributes": attributes, "sessionissuer": issuer})
    names = ("type", "principalid", "arn", "accountid", "invokedby", "accesskeyid", "username")
    identity = pa.struct({**{name: pa.string() for name in names}, "sessioncontext": context})
    resources = pa.list_(pa.struct({"arn": pa.string(), "accountid": pa.string(), "type": pa.string()}))
    plain = ("eventversion", "eventtime", "eventsource", "eventname", "awsregion", "sourceipaddress", "useragent")
    also = ("errorcode", "errormessage", "requestid", "eventid", "eventtype", "recipientaccountid", "readonly")
    free = ("requestparameters", "responseelements", "additionaleventdata")
    found = [_lower(event) for event in events]
    columns: dict[str, Any] = {}
    for name in (*plain, *also):
        columns[name] = pa.array([None if row.get(name) is None else str(row[name]) for row in found], pa.string())
    for name in free:
        columns[name] = pa.array(
            [None if row.get(name) is None else json.dumps(row[name]) for row in found], pa.string()
        )
    columns["useridentity"] = pa.array([_deep_lower(row.get("useridentity")) for row in found], identity)
    columns["resources"] = pa.array([_deep_lower(row.get("resources")) for row in found], resources)
    return columns


def _lower(event: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in event.items()}


def _deep_lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.lower(): _deep_lower(part) for name, part in value.items()}
    return [_deep_lower(part) for part in value] if isinstance(value, list) else value


def put(tmp_path: Path, name: str, data: bytes) -> Path:
    """Write a file into the folder of logs."""
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name
