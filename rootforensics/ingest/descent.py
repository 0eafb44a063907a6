"""Names of what descends from root, in the events that a case holds already."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from rootforensics.engines.writing import as_readers_do

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import duckdb

#: What a descendant is called where it acts, without what stands before its name; and of a key, whose it is. Gives the
#: columns ``name``, ``since`` and ``is_undated``.
NAMES: Final = """
SELECT regexp_extract(name, '[^/]+$') AS name, min(since_time) AS since, bool_or(since_time IS NULL) AS is_undated
FROM (
    SELECT d.since_time, unnest([
        d.identity_name, e.requestParameters->>'$.userName', e.responseElements->>'$.accessKey.userName',
        e.responseElements->>'$.assumedRoleUser.arn', e.responseElements->>'$.credentialSet[0].assumedRoleUser.arn'
    ]) AS name
    FROM root_descendants AS d INNER JOIN events AS e USING (evidence_id, record_index)
)
WHERE name <> '' GROUP BY ALL ORDER BY name
"""


def descent(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime | None]:
    """The names of what descends from root, each with the time since when, UTC, if that is known.

    They are access keys, users, roles, sessions and IDs, without account and path.

    Args:
        connection: a writer of a case.
    """
    with as_readers_do(connection):
        rows = connection.execute(NAMES).fetchall()
    return {name: None if is_undated else since for name, since, is_undated in rows}


def digest_of(names: Iterable[str]) -> str:
    """A short text that is another for other names."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]
