"""Contestant: DuckDB's own JSON reader, schema guessed, into a table in a file. Run by `run.py`."""

from __future__ import annotations

import sys

import duckdb


def main() -> None:
    """Loads ``argv[2]/**/*.json.gz`` into the new database ``argv[1]``; ``argv[3]`` is the largest object."""
    database, folder, largest = sys.argv[1:]
    with duckdb.connect(database) as connection:
        connection.execute(
            "CREATE TABLE events AS SELECT r.* FROM (SELECT unnest(Records) AS r FROM read_json("
            f"'{folder}/**/*.json.gz', maximum_object_size = {int(largest)}))"
        )
        print(connection.execute("SELECT count(*) FROM events").fetchall()[0][0])


main()
