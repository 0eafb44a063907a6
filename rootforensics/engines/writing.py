"""The case file while a load writes to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rootforensics.engines.duckdb import open_writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path

    import duckdb


@contextmanager
def opened_writer(path: Path, *, in_steps: bool) -> Iterator[Future[duckdb.DuckDBPyConnection]]:
    """The case being opened for writing; closed at the end, and removed if a first load into it leaves nothing."""
    is_new = not path.exists()

    def open_file() -> duckdb.DuckDBPyConnection:
        nonlocal is_new
        writer = open_writer(path)
        # Somebody else may have made it in the meantime.
        is_new = is_new and not writer.execute("SELECT 1 FROM duckdb_tables() LIMIT 1").fetchall()
        return writer

    with ThreadPoolExecutor(1) as opener:
        opening = opener.submit(open_file)
        try:
            yield opening
        except BaseException:
            # What is left of a first load that committed nothing is no case; removed while the lock is ours.
            if opening.exception() is None and is_new and not (in_steps and _holds_a_step(opening.result())):
                path.unlink(missing_ok=True)
                path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            raise
        finally:
            if opening.exception() is None:
                opening.result().close()


def _holds_a_step(writer: duckdb.DuckDBPyConnection) -> bool:
    import duckdb

    try:
        return bool(writer.execute("SELECT 1 FROM duckdb_tables() LIMIT 1").fetchall())
    except duckdb.Error:  # the engine has given up, for example on a full disk; what was committed is in the file
        return True
