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

    from rootforensics.case import Case

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


_FORMS = {"records": '{{"Records":[{}]}}', "array": "[{}]", "lines": "{}"}


def _text(form: str, values: list[dict[str, Any]], name: str) -> bytes:
    """Records in a form; each has an eventID of the file's own."""
    told = [json.dumps(value, separators=(",", ":")) for value in values]
    text = _FORMS[form].format(("\n" if form == "lines" else ",").join(told))
    return text.replace(_ROOT["eventID"], name).replace(_OTHER["eventID"], f"other-{name}").encode()


def _both(folder: Path) -> dict[str, Case]:
    """A full load of the logs, and one of what is related to root."""
    filters = {"full": None, "root": Filters(root_related=True)}
    return {name: load(folder, name=f"{name}.duckdb", filters=one) for name, one in filters.items()}


@pytest.mark.heavy
def test_what_stands_before_a_record_of_roots_moves_no_place(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    names = [f"{form} {before}" for form in _FORMS for before in _BEFORE]
    for name in names:
        form, before = name.split(" ", 1)
        (tmp_path / "logs" / name).write_bytes(_text(form, [_BEFORE[before], _OTHER, _ROOT], name))
    cases = _both(tmp_path)
    for case in cases.values():
        found = rows(case, "SELECT eventID, record_index FROM root_events ORDER BY ALL")
        assert found == [{"eventID": name, "record_index": 3} for name in sorted(names)]
    counted = rows(cases["root"], "SELECT record_count FROM evidence")
    assert counted == [{"record_count": 4}] * len(names)
    for name in names:
        assert json.loads(cases["root"].raw(name)) == {**_ROOT, "eventID": name}


@pytest.mark.heavy
def test_a_container_that_begins_as_a_record_is_opened(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    names = [f"{form} {made}" for form in ("records", "lines") for made in _MADE]
    for name in names:
        form, made = name.split(" ", 1)
        values = [_MADE[made](one) for one in (_OTHER, _ROOT, _OTHER | {"eventID": f"z-{name}"})]
        (tmp_path / "logs" / name).write_bytes(gz(_text(form, values, name)))
    cases = _both(tmp_path)
    for case in cases.values():
        found = rows(case, "SELECT eventID, record_index FROM root_events ORDER BY ALL")
        assert found == [{"eventID": name, "record_index": 1} for name in sorted(names)]
    counted = rows(cases["root"], "SELECT record_count, filtered_count FROM evidence")
    assert counted == [{"record_count": 3, "filtered_count": 2}] * len(names)
