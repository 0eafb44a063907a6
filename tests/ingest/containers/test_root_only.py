"""What is loaded of root alone is what a full load has of root, where containers begin as records do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, gz, record, root_event
from tests.ingest.checks import load, rows

if TYPE_CHECKING:
    from pathlib import Path

_ROOT, _OTHER = root_event(), event()


def _spread(whole: dict[str, Any]) -> dict[str, Any]:
    """The version first, and the identity's parts as fields of their own."""
    identity = {
        f"userIdentity.{name}": value for name, value in whole["userIdentity"].items() if name != "sessionContext"
    }
    return (
        {"eventVersion": whole["eventVersion"]}
        | identity
        | {name: value for name, value in whole.items() if name not in ("userIdentity", "eventVersion")}
    )


def _stream(whole: dict[str, Any]) -> dict[str, Any]:
    """A record of a table's stream, with the event as an item."""
    image = {name: {"S": value} for name, value in whole.items() if isinstance(value, str)}
    image["userIdentity"] = {
        "M": {name: {"S": value} for name, value in whole["userIdentity"].items() if isinstance(value, str)}
    }
    return {"eventVersion": "1.1", "eventID": "s", "eventSource": "aws:dynamodb", "dynamodb": {"NewImage": image}}


_MADE = {
    "fields spread over keys": _spread,
    "a text": lambda whole: {"eventVersion": "1.11", "message": record(whole).decode()},
    "an object": lambda whole: {"eventVersion": "1", "eventData": whole},
    "a table's stream": _stream,
}


@pytest.mark.parametrize("made", _MADE.values(), ids=_MADE)
@pytest.mark.parametrize("form", ["records", "lines"])
def test_a_container_that_begins_as_a_record_is_opened(tmp_path: Path, made: Any, form: str) -> None:
    values = [json.dumps(made(one), separators=(",", ":")) for one in (_OTHER, _ROOT, _OTHER | {"eventID": "z"})]
    text = '{"Records":[' + ",".join(values) + "]}" if form == "records" else "\n".join(values)
    (tmp_path / "a.gz").write_bytes(gz(text.encode()))
    full = load(tmp_path, tmp_path / "a.gz", name="full.duckdb")
    root = load(tmp_path, tmp_path / "a.gz", name="root.duckdb", filters=Filters(root_only=True))
    asked = "SELECT eventID, record_index FROM root_events"
    assert rows(full, asked) == rows(root, asked) == [{"eventID": _ROOT["eventID"], "record_index": 1}]
    assert rows(root, "SELECT record_count, filtered_count FROM evidence") == [{"record_count": 3, "filtered_count": 2}]
