"""Names of what descends from root, in the events that a case holds already."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rootforensics.engines.writing import as_readers_do

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import duckdb


def descent(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime | None]:
    """The names of what descends from root, each with the time since when, UTC, if that is known.

    They are access keys, users, roles, sessions and IDs, without account and path.

    Args:
        connection: a writer of a case.
    """
    with as_readers_do(connection):
        rows = connection.execute("SELECT name, since, is_undated FROM descendant_names ORDER BY name").fetchall()
    return {name: None if is_undated else since for name, since, is_undated in rows}


def digest_of(names: Iterable[str]) -> str:
    """A short text that is another for other names, as the view ``unsearched_evidence`` has it."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def unsearched(connection: duckdb.DuckDBPyConnection) -> int:
    """How many objects were not searched for all names of what descends from root.

    Args:
        connection: a writer of a case.
    """
    if not connection.execute(
        "SELECT 1 FROM evidence WHERE contains(filters::VARCHAR, 'root_related') LIMIT 1"
    ).fetchall():
        return 0
    with as_readers_do(connection):
        return int(connection.execute("SELECT count(*) FROM unsearched_evidence").fetchall()[0][0])
