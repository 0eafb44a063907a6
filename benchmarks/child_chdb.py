"""Contestant: ClickHouse in process, nine columns and each record's text, into a table on disk. Run by `run.py`."""

from __future__ import annotations

import sys

from chdb import session

_COLUMNS = "eventTime eventName eventSource awsRegion sourceIPAddress userAgent errorCode eventID recipientAccountId"


def main() -> None:
    """Loads ``argv[2]/**/*.json.gz`` into a database in the new folder ``argv[1]``."""
    database, folder = sys.argv[1:]
    names = _COLUMNS.split()
    shape = ", ".join(f"{name} String" for name in names)
    taken = ", ".join(f"JSONExtractString(record, '{name}') AS {name}" for name in names)
    with session.Session(database) as engine:
        engine.query(f"CREATE TABLE events ({shape}, record String CODEC(ZSTD)) ENGINE = MergeTree ORDER BY tuple()")
        engine.query(
            f"INSERT INTO events SELECT {taken}, record FROM (SELECT arrayJoin(JSONExtractArrayRaw(json, 'Records'))"
            f" AS record FROM file('{folder}/**/*.json.gz', JSONAsString, 'json String'))"
            " SETTINGS input_format_allow_errors_num = 0"
        )
        print(int(engine.query("SELECT count() FROM events", "CSV").bytes()))


main()
