"""Identities in cells of text: what has one meaning is read, and what cannot be read is told of its record."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.ingest.checks import load, problems, rows

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT: Final = "111122223333"
ARN: Final = f"arn:aws:iam::{ACCOUNT}:root"
_HEADER: Final = ("eventid", "eventtime", "eventsource", "eventname", "useridentity")
_CELLS: Final = ("x-1", "2026-08-05T10:00:00Z", "iam.amazonaws.com", "CreateUser")

#: Read whole.
WHOLE: Final = {
    "spaces": f"{{type = Root, principalid = {ACCOUNT}, arn = {ARN}, accountid = {ACCOUNT}, invokedby = null}}",
    "python": f"{{'type': 'Root', 'principalId': '{ACCOUNT}', 'arn': '{ARN}', 'accountId': '{ACCOUNT}', 'invokedBy': None}}",
}
#: Of an identity that is cut nobody knows whether it went on with an ``invokedBy``.
UNREADABLE: Final = (
    f"{{type=Root, principalid={ACCOUNT}, arn={ARN}, accountid={ACCOUNT}, sessioncontext={{attributes={{mfaau",
    f'{{"type":"Root","arn":"{ARN}","accountId":"{ACCOUNT}","sessionContext":{{"attri',
    "{foo=Root, bar=root}",
    json.dumps(["Root", ACCOUNT, ARN, ACCOUNT, None]),
    *("{type=Root", "{Root}", "{Ruler, of, all}", "{type=", "[[Root]]"),
    # Without the names of fields, as Python shows a row of Spark, and in JSON5.
    f"{{Root, {ACCOUNT}, {ARN}, {ACCOUNT}, null, ASIAEXAMPLE, null, {{{{true, 2026-08-05}}, null}}}}",
    f"[Root,{ACCOUNT},{ARN},{ACCOUNT},,ASIAEXAMPLE]",
    f"Row(type='Root', principalid='{ACCOUNT}', arn='{ARN}', accountid='{ACCOUNT}', invokedby=None)",
    f"{{type: 'Root', principalId: '{ACCOUNT}', arn: \"{ARN}\", accountId: '{ACCOUNT}',}}",
)


def write(tmp_path: Path, cell: str) -> Any:
    out = io.StringIO()
    csv.writer(out).writerows([_HEADER, [*_CELLS, cell]])
    (tmp_path / "a.csv").write_text(out.getvalue())
    return load(tmp_path, tmp_path / "a.csv")


ROOT_SQL: Final = "SELECT root_basis, account_id, userIdentity.arn AS arn, origin, record_problem FROM root_events"


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", WHOLE)
def test_an_identity_with_one_meaning_is_read(kind: str, tmp_path: Path) -> None:
    found = rows(write(tmp_path, WHOLE[kind]), ROOT_SQL)
    assert [(row["root_basis"], row["account_id"], row["arn"]) for row in found] == [
        ("userIdentity.type", ACCOUNT, ARN)
    ]
    assert found[0]["record_problem"] is None
    assert found[0]["origin"] == "root_credentials"


@pytest.mark.heavy
def test_an_identity_that_cannot_be_read_is_a_problem_and_denies_nothing(tmp_path: Path) -> None:
    out = io.StringIO()
    cells = [[f"x-{place}", *_CELLS[1:], cell] for place, cell in enumerate(UNREADABLE)]
    csv.writer(out).writerows([_HEADER, *cells])
    (tmp_path / "a.csv").write_text(out.getvalue())
    case = load(tmp_path, tmp_path / "a.csv")
    found = rows(case, "SELECT record_problem, userIdentity FROM events ORDER BY record_index")
    assert len(found) == len(UNREADABLE)
    for row, cell in zip(found, UNREADABLE, strict=True):
        assert row["record_problem"].startswith("userIdentity is a "), cell
    assert "userIdentity is a " in json.dumps([dict(row) for row in problems(case, "record_problem")], default=str)
    assert [answer.name for of_one in case.verdict() for answer in of_one.answers if answer.answer == "no"] == []
