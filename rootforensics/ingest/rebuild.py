"""How to get a case of this version's format from one of an earlier: by its evidence."""

from __future__ import annotations

import json
import shlex
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from rootforensics.sources.local import path_of_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The first and the last address of each bucket, and of all files.
_EDGES: Final = """
SELECT min(uri), max(uri) FROM evidence WHERE archive_id IS NULL AND uri <> ''
GROUP BY regexp_extract(uri, '^(s3://[^/]+/|[a-z0-9]+:)') ORDER BY ALL
"""
_FILTERS: Final = "SELECT DISTINCT CAST(filters AS VARCHAR) FROM evidence WHERE archive_id IS NULL LIMIT 2"
#: Options of ``load`` by the names that filters have in a case.
_OPTIONS: Final = {"since": "--since", "until": "--until", "accounts": "--account-id", "regions": "--region"}
#: A folder as high as these holds more than evidence.
_FEWEST_PARTS: Final = 3


def hint_for_other_format(connection: duckdb.DuckDBPyConnection, written: str, own: int) -> str:
    """What to do with a case of another format, and what is lost by it.

    Args:
        connection: a reader or writer of the case.
        written: its format.
        own: the format of this version.
    """
    if written.isdecimal() and int(written) > own:
        return f"A later version wrote it. Open it with a version of rootforensics that reads format {written}"
    try:
        command = _command(connection)
    except (duckdb.Error, ValueError, KeyError, TypeError, AttributeError):  # a format that nobody foresaw
        command = "rootforensics load NEW.duckdb EVIDENCE"
    return (
        f"Rebuild it from its evidence: {command}. Notes, the chain of custody and the answers of posture are not"
        f" taken over: keep this file, which versions of format {written} can read, write the notes anew and ask"
        " posture again"
    )


def _command(connection: duckdb.DuckDBPyConnection) -> str:
    ((path,),) = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    new = Path(path).with_stem(f"{Path(path).stem}-new")
    sources = [_folder(first, last) for first, last in connection.execute(_EDGES).fetchall()]
    told = sources if sources and all(sources) else ["EVIDENCE"]
    return shlex.join(["rootforensics", "load", str(new), *told, *_options(connection)])


def _folder(first: str, last: str) -> str:
    """The folder of all addresses between two in alphabetical order; empty if it may hold anything."""
    scheme, _, path = first.partition("://")
    shared = path if first == last else commonpath([path, last.partition("://")[2]])
    if scheme != "file":
        return f"{scheme}://{shared}{'' if first == last else '/'}"
    folder = path_of_uri(f"file://{shared}")
    return folder if len(Path(folder).parts) >= _FEWEST_PARTS else ""


def _options(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The filters of all loads, if they are the same."""
    filters = connection.execute(_FILTERS).fetchall()
    asked = json.loads(filters[0][0]) if len(filters) == 1 and filters[0][0] else []
    if len(asked) != 1:
        return
    for name, option in _OPTIONS.items():
        values = asked[0].get(name, [])
        for value in values if isinstance(values, list) else [values]:
            yield from (option, str(value))
    if asked[0].get("root_related"):
        yield "--root-related"
