"""An object that a tool printed and that cannot be opened stays a text, and that is told: what root did is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.builders import records_file, root_event
from tests.ingest.checks import evidence, load, rows

if TYPE_CHECKING:
    from pathlib import Path

FIELDS: Final = ("requestParameters", "responseElements")
TOLD: Final = "is an object that a tool printed in a way that could not be opened, and was kept as a text"
#: What no reader can take apart without a guess: broken JSON in it, lists of structs, no names, no end.
UNOPENED: Final = (
    '{userName=bob, policyDocument={"a":1}x}',
    '{userName=bob, policyDocument={"a":{"b":"}"}',
    "[{userName=bob}, {userName=eve}]",
    "{a={b=c, d=[{e=f}]}}",
    "{not a map}",
    "{userName=bob",
    '{"userName":"bob"',
)
#: What is opened, and what is no object: nothing is to be told of it.
OTHERS: Final[dict[str, Any]] = {
    '{userName=bob, policyDocument={"a":1}}': {"userName": "bob", "policyDocument": '{"a":1}'},
    '{"userName":"bob"}': {"userName": "bob"},
    "{}": {},
    "HIDDEN_DUE_TO_SECURITY_REASONS": {"text": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    '{"text":"{not a map}"}': {"text": "{not a map}"},
}


def table(path: Path, name: str, cell: str) -> None:
    """A table with one event of root's."""
    quoted = cell.replace('"', '""')
    identity = "{type=Root, arn=arn:aws:iam::111122223333:root, accountid=111122223333}"
    path.write_text(
        f"eventtime,eventname,eventid,eventsource,useridentity,{name.lower()}\n"
        f'2026-08-05T10:00:00Z,CreateUser,x-1,iam.amazonaws.com,"{identity}","{quoted}"\n'
    )


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("cell", UNOPENED)
def test_a_cell_that_cannot_be_opened_is_told(cell: str, name: str, tmp_path: Path) -> None:
    table(tmp_path / "a", name, cell)
    case = load(tmp_path, tmp_path / "a")
    (row,) = rows(case, f"SELECT {name}->>'$.text' AS text, record_problem FROM root_events")
    assert row == {"text": cell, "record_problem": f"{name} {TOLD}"}
    assert f"1 record bent to the columns: {name} {TOLD} (value 0)" in evidence(case)["a"]["problem"]


@pytest.mark.parametrize("cell", OTHERS)
def test_a_cell_that_is_opened_or_no_object_is_not_told(cell: str, tmp_path: Path) -> None:
    table(tmp_path / "a", FIELDS[0], cell)
    (row,) = rows(load(tmp_path, tmp_path / "a"), "SELECT requestParameters AS asked, record_problem FROM root_events")
    assert (json.loads(row["asked"]), row["record_problem"]) == (OTHERS[cell], None)


@pytest.mark.parametrize("cell", [text for text in UNOPENED if text[0] == "{"])
def test_a_text_in_a_record_that_cannot_be_opened_is_told(cell: str, tmp_path: Path) -> None:
    one = root_event(requestParameters=cell, responseElements="{userName=bob}")
    (tmp_path / "a.json.gz").write_bytes(records_file([one]))
    case = load(tmp_path, tmp_path / "a.json.gz")
    (row,) = rows(case, "SELECT requestParameters->>'$' AS asked, responseElements AS told, record_problem FROM events")
    assert (row["asked"], json.loads(row["told"])) == (cell, {"userName": "bob"})
    assert f"requestParameters {TOLD}" in row["record_problem"]
    assert "as another tool spelled it, and read: responseElements" in row["record_problem"]
