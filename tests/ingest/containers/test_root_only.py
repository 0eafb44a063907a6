"""What is loaded of root alone is what a full load has of root, where containers begin as records do."""

from __future__ import annotations

import base64
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


_MADE = {
    "fields spread over keys": _spread,
    "a text": lambda whole: {"eventVersion": "1.11", "message": record(whole).decode()},
    "an object": lambda whole: {"eventVersion": "1", "eventData": whole},
}


_TWO = [_OTHER | {"eventID": "y1"}, _OTHER | {"eventID": "y2"}]
#: What stands before the record of root's begins as a record and holds no event of root's, but two events or none.
_BEFORE = {
    "texts": {"eventVersion": "1", "logEvents": [{"id": "1", "message": record(one).decode()} for one in _TWO]},
    "one text": {"eventVersion": "1", "message": "".join(record(one).decode() for one in _TWO)},
    "objects": {"eventVersion": "1", "events": _TWO},
    "packed": {"eventVersion": "1", "data": base64.b64encode(gz(b"".join(map(record, _TWO)))).decode()},
}


@pytest.mark.parametrize("before", _BEFORE.values(), ids=_BEFORE)
@pytest.mark.parametrize("form", ["records", "lines", "array"])
def test_what_stands_before_a_record_of_roots_moves_no_place(tmp_path: Path, before: Any, form: str) -> None:
    values = [json.dumps(one, separators=(",", ":")) for one in (before, _OTHER, _ROOT)]
    text = {
        "records": '{"Records":[' + ",".join(values) + "]}",
        "lines": "\n".join(values),
        "array": f"[{','.join(values)}]",
    }
    (tmp_path / "a").write_text(text[form])
    full = load(tmp_path, tmp_path / "a", name="full.duckdb")
    root = load(tmp_path, tmp_path / "a", name="root.duckdb", filters=Filters(root_related=True))
    asked = "SELECT eventID, record_index FROM root_events"
    assert rows(full, asked) == [{"eventID": _ROOT["eventID"], "record_index": 3}]
    assert rows(root, asked) == rows(full, asked)
    assert rows(root, "SELECT record_count FROM evidence") == [{"record_count": 4}]
    assert json.loads(root.raw(_ROOT["eventID"])) == _ROOT


@pytest.mark.parametrize("made", _MADE.values(), ids=_MADE)
@pytest.mark.parametrize("form", ["records", "lines"])
def test_a_container_that_begins_as_a_record_is_opened(tmp_path: Path, made: Any, form: str) -> None:
    values = [json.dumps(made(one), separators=(",", ":")) for one in (_OTHER, _ROOT, _OTHER | {"eventID": "z"})]
    text = '{"Records":[' + ",".join(values) + "]}" if form == "records" else "\n".join(values)
    (tmp_path / "a.gz").write_bytes(gz(text.encode()))
    full = load(tmp_path, tmp_path / "a.gz", name="full.duckdb")
    root = load(tmp_path, tmp_path / "a.gz", name="root.duckdb", filters=Filters(root_related=True))
    asked = "SELECT eventID, record_index FROM root_events"
    assert rows(full, asked) == rows(root, asked) == [{"eventID": _ROOT["eventID"], "record_index": 1}]
    assert rows(root, "SELECT record_count, filtered_count FROM evidence") == [{"record_count": 3, "filtered_count": 2}]
