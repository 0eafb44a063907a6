"""A case of a few records, and an event of it as CloudTrail spelled it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rootforensics.schema import EVENT_FIELDS
from tests.builders import records_text
from tests.ingest.checks import Files, load, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rootforensics.case import Case

Row = dict[str, Any]


def load_one(tmp_path: Path, *spelled: bytes) -> tuple[Case, list[Row]]:
    """A case of one file with these records, and its events in order."""
    (tmp_path / "a.json").write_bytes(records_text(list(spelled)))
    case = load(tmp_path, tmp_path / "a.json")
    return case, rows(case, "SELECT * FROM events ORDER BY record_index")


def load_files(folder: Path, spelled: Mapping[str, Sequence[bytes]], **options: Any) -> Files:
    """A case of many files with such records."""
    return Files(folder, {key: records_text(list(some)) for key, some in spelled.items()}, **options)


def without_nulls(value: Any) -> Any:
    """A STRUCT shows absent fields as NULL."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


def as_recorded(row: Row) -> Row:
    """An event as CloudTrail spelled it, from its columns."""
    out: Row = {}
    for name, kind in EVENT_FIELDS.items():
        value = row[name]
        if value is not None:
            out[name] = json.loads(value) if kind == "JSON" else without_nulls(value)
    if row["eventTime"] is not None:
        out["eventTime"] = row["eventTime"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return out


def other(row: Row) -> Any:
    """The ``otherFields`` of an event."""
    return None if row["otherFields"] is None else json.loads(row["otherFields"])
