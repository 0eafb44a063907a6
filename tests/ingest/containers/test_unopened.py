"""An object that a tool printed and that cannot be opened stays a text, and that is told: what root did is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.builders import records_file, root_event
from tests.ingest.checks import Files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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


def table(name: str, cell: str, number: int) -> bytes:
    """A table with one event of root's, with an eventID of its own."""
    quoted = cell.replace('"', '""')
    identity = "{type=Root, arn=arn:aws:iam::111122223333:root, accountid=111122223333}"
    return (
        f"eventtime,eventname,eventid,eventsource,useridentity,{name.lower()}\n"
        f'2026-08-05T10:00:00Z,CreateUser,x-{number},iam.amazonaws.com,"{identity}","{quoted}"\n'
    ).encode()


def test_a_cell_that_cannot_be_opened_is_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{name}: {cell}": (name, cell) for name in FIELDS for cell in UNOPENED}
    files = Files(tmp_path, {key: table(*asked[key], number) for number, key in enumerate(asked)}, "a")
    for key, (name, cell) in asked.items():
        with subtests.test(key):
            (row,) = files.root_events(key)
            assert (json.loads(row[name]), row["record_problem"]) == ({"text": cell}, f"{name} {TOLD}")
            assert (
                f"1 record in a non-standard format was converted: {name} {TOLD} (value 0)" in files.row(key)["problem"]
            )


def test_a_cell_that_is_opened_or_no_object_is_not_told(tmp_path: Path) -> None:
    files = Files(tmp_path, {cell: table(FIELDS[0], cell, number) for number, cell in enumerate(OTHERS)}, "a")
    found = {
        cell: [(json.loads(row["requestParameters"]), row["record_problem"]) for row in files.root_events(cell)]
        for cell in OTHERS
    }
    assert found == {cell: [(opened, None)] for cell, opened in OTHERS.items()}


def test_a_text_in_a_record_that_cannot_be_opened_is_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    cells = [text for text in UNOPENED if text[0] == "{"]
    events = {cell: root_event(requestParameters=cell, responseElements="{userName=bob}") for cell in cells}
    files = Files(tmp_path, {cell: records_file([one]) for cell, one in events.items()})
    for cell in cells:
        with subtests.test(cell):
            (row,) = files.events(cell)
            assert (json.loads(row["requestParameters"]), json.loads(row["responseElements"])) == (
                cell,
                {"userName": "bob"},
            )
            assert f"requestParameters {TOLD}" in row["record_problem"]
            assert "as another tool spelled it, and read: responseElements" in row["record_problem"]
