"""Contestant: Polars, nine columns of each record, into a Parquet file. Run by `run.py`."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import polars as pl

_COLUMNS = "eventTime eventName eventSource awsRegion sourceIPAddress userAgent errorCode eventID recipientAccountId"


def main() -> None:
    """Reads ``argv[2]/**/*.json.gz`` and writes the Parquet file ``argv[1]``."""
    target, folder = sys.argv[1:]
    shape = pl.Struct({"Records": pl.List(pl.Struct(dict.fromkeys(_COLUMNS.split(), pl.String)))})
    paths = sorted(Path(folder).rglob("*.json.gz"))
    parts = []
    for path in paths:
        text = pl.Series("file", [gzip.decompress(path.read_bytes()).decode()])
        parts.append(text.str.json_decode(shape).struct.field("Records").explode().struct.unnest())
    events = pl.concat(parts)
    events.write_parquet(target)
    print(events.height)


main()
