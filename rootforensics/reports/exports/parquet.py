"""A case as Parquet files, for engines that read folders: Athena, Spark, Polars, pandas, DuckDB."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from rootforensics.analysis.lineage.indicators import indicators
from rootforensics.engines.files import SizedFiles
from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result
    from rootforensics.reports.redaction.redactor import Redactor

    #: Runs a SELECT with values for its ``$names`` and hands on its rows batch by batch.
    Stream = Callable[[str, dict[str, Any]], pa.RecordBatchReader]

#: Tables written by account and day, each with what gives the account of a row.
BY_DAY: Final = {
    "events": "account_id",
    "root_activity": "account_id",
    "root_noise": "account_id",
    "descendant_events": "account_id",
}
#: More folders than this hold files too small to be read well.
MOST_PARTS: Final = 1000
#: Tables written as one file each.
WHOLE: Final = ("evidence", "duplicates", "root_sessions", "root_signins", "findings", "indicators", "notes")
#: Stands for the account or day of rows that have none.
UNKNOWN: Final = "unknown"
#: Letters of an account in a folder's name, escapes counted; file systems take 255 in all.
_LONGEST_NAME: Final = 160


def write_parquet_folder(stream: Stream, case: Asks, folder: Path, redactor: Redactor | None = None) -> dict[str, int]:
    """Write a case to a new folder: ``events/account=…/day=…/part-0.parquet`` and the like, ``evidence.parquet``.

    Args:
        stream: answers a SELECT on the case.
        case: answers questions.
        folder: not there yet, or empty; it appears when all is written.
        redactor: masks what tells whose the case is; its key file is written before the folder appears.

    Returns:
        The rows written of each table.

    Raises:
        StorageError: the folder holds something, or cannot be written.
    """
    import pyarrow.parquet as pq

    counts: dict[str, int] = {}
    with _appearing(folder) as inside:
        for table, account in BY_DAY.items():
            counts[table] = _write_by_day(stream, table, account, inside, redactor)
        for table in WHOLE:
            rows = _whole(case, table).arrow()
            rows = redactor.table(rows) if redactor else rows
            with (inside / f"{table}.parquet").open("wb") as file:  # Arrow takes no path that is not UTF-8
                pq.write_table(rows, file, compression="zstd")
            counts[table] = rows.num_rows
        if redactor:
            redactor.save()
    return counts


def _whole(case: Asks, name: str) -> Result:
    if name == "indicators":
        return indicators(case)
    return case.findings() if name == "findings" else case.query(name)


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A folder beside the one wanted, which takes its place when everything is in it."""
    target = Path(os.path.realpath(folder))
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise StorageError(
                "there is something already", where=str(folder), hint="Name a folder that is new or empty"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.partial")
        partial.mkdir()
        try:
            yield partial
            if target.exists():
                target.rmdir()
            partial.replace(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        hint = "Name another folder or make room; nothing was left behind"
        raise StorageError(f"cannot write ({error.strerror or error})", where=str(folder), hint=hint) from error


def _folder_name(account: str) -> str:
    """An account as part of a folder's name; whoever wrote a log could make up one that no file system takes."""
    whole = quote(account, safe="")
    if len(whole) <= _LONGEST_NAME:
        return whole
    kept = next(
        cut for end in range(_LONGEST_NAME, -1, -1) if len(cut := quote(account[:end], safe="")) <= _LONGEST_NAME
    )
    return f"{kept}~{hashlib.sha256(account.encode()).hexdigest()[:16]}"


def _write_by_day(stream: Stream, table: str, account: str, folder: Path, redactor: Redactor | None) -> int:
    """Write a table by account and day, one part after the other, so that only a batch is in memory.

    Where there are more than ``MOST_PARTS``, account and day are columns, in whose order the rows stand.
    """
    account_sql = f"coalesce({account}, '{UNKNOWN}')"
    day_sql = f"coalesce(strftime(eventTime, '%Y-%m-%d'), '{UNKNOWN}')"
    parts = f"SELECT DISTINCT {account_sql} AS account, {day_sql} AS day FROM {table} ORDER BY ALL"  # noqa: S608 - ours
    of_part = f"SELECT * FROM {table} WHERE {account_sql} = $account AND {day_sql} = $day"  # noqa: S608 - ours
    ordered = f"SELECT *, {account_sql} AS account, {day_sql} AS day FROM {table} ORDER BY account, eventTime"  # noqa: S608
    found = stream(parts, {}).read_all().to_pylist()
    if len(found) > MOST_PARTS:
        return _write_rows(stream(ordered, {}), folder / table, redactor)
    written = 0
    for part in found:
        name = redactor.text(part["account"]) if redactor else part["account"]
        inside = folder / table / f"account={_folder_name(name)}" / f"day={part['day']}"
        written += _write_rows(stream(of_part, part), inside, redactor)
    return written


def _write_rows(rows: pa.RecordBatchReader, inside: Path, redactor: Redactor | None) -> int:
    import pyarrow as pa

    inside.mkdir(parents=True)
    written = 0
    with SizedFiles(inside, rows.schema, "part-{}.parquet") as files:
        for batch in rows:
            one = pa.Table.from_batches([batch])
            files.write(redactor.table(one) if redactor else one)
            written += batch.num_rows
    return written
