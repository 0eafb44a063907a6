"""Cells that tools changed on their way: what stood there is told again, or kept and said, and hides no root."""

from __future__ import annotations

import csv
import io
import json
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

from tests.ingest.checks import Files, Row, rows
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ACCOUNT: Final = "111122223333"
ZERO: Final = "012345678901"
HEADER: Final = ("eventtime", "eventname", "eventsource", "eventid")
CELLS: Final = ("2026-08-05T10:00:00Z", "CreateAccessKey", "iam.amazonaws.com")
NULLS: Final = ("nan", "NaN", "None", "NULL", "<NA>", "N/A", r"\N", "NaT", "NA", "#N/A", "", "-", "null")


def arn(account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:root"


def as_csv(more: dict[str, Any], number: int) -> bytes:
    """A table with one row, of an event of its own."""
    out = io.StringIO()
    csv.writer(out).writerows([[*HEADER, *more], [*CELLS, f"x-{number}", *more.values()]])
    return out.getvalue().encode()


def as_lines(more: dict[str, Any], number: int) -> bytes:
    """A row as a line of JSON."""
    return json.dumps(dict(zip(HEADER, (*CELLS, f"x-{number}"), strict=True)) | more).encode()


KINDS: Final = {"csv": as_csv, "jsonl": as_lines}


def load_cells(tmp_path: Path, cells: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Each row in a file of its own, all in one case: the events of root in it, and all of its events."""
    made = {str(number): (kind, KINDS[kind](more, number)) for number, (kind, more) in enumerate(cells)}
    files = Files(tmp_path, {key: data for key, (_, data) in made.items()}, {key: f"a.{made[key][0]}" for key in made})
    return ((files.root_events(key), files.events(key)) for key in made)


def not_taken(row: Row, name: str) -> str | None:
    """A cell that was not taken, as ``otherFields`` keeps it."""
    return (json.loads(row["otherFields"] or "{}").get("cellsThatWereNotTaken") or {}).get(name)


def test_quotes_and_blanks_around_a_type_are_none_of_it(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = list(product(("type", "useridentity.type"), ('"Root"', " Root ", "'Root'", ' "Root" ')))
    cells = [
        ("csv", {column: cell, "arn" if column == "type" else "useridentity.arn": f'"{arn()}"'})
        for column, cell in asked
    ]
    for (column, cell), (found, _) in zip(asked, load_cells(tmp_path, cells), strict=True):
        with subtests.test(column=column, cell=cell):
            told = [(one["root_basis"], one["userIdentity"]["arn"], one["record_problem"]) for one in found]
            assert told == [("userIdentity.type", arn(), None)]


def test_a_word_that_is_no_type_leaves_it_to_the_arn(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = list(product(KINDS, ("AWS::IAM::AccessKey", "Unknown", "User", "?")))
    cells = [(kind, {"type": cell, "arn": arn()}) for kind, cell in asked]
    for (kind, cell), (found, (event,)) in zip(asked, load_cells(tmp_path, cells), strict=True):
        with subtests.test(kind=kind, cell=cell):
            told = [(one["root_basis"], one["userIdentity"]["type"], one["cis_match"]) for one in found]
            assert told == [("userIdentity.arn", None, None)]
            problem = f"userIdentity.type is {cell!r}, no type of an identity; kept in otherFields"
            assert found[0]["record_problem"] == problem
            assert not_taken(event, "userIdentity.type") == cell


def test_an_unknown_identity_without_roots_arn_stays_unknown(tmp_path: Path) -> None:
    cells = {"useridentity.type": "Unknown", "useridentity.arn": "arn:aws:iam::111122223333:user/x"}
    ((found, (event,)),) = load_cells(tmp_path, [("csv", cells)])
    assert event["userIdentity"]["type"] == "Unknown"
    assert found == []


def test_a_type_of_cloudtrails_is_not_overruled_by_an_arn(tmp_path: Path) -> None:
    types = ["IAMUser", "AssumedRole", "awsaccount", "IDENTITYCENTERUSER"]
    cells = [("csv", {"useridentity.type": one, "useridentity.arn": arn()}) for one in types]
    found = dict(zip(types, (root for root, _ in load_cells(tmp_path, cells)), strict=True))
    assert found == {one: [] for one in types}


def test_a_word_for_null_is_no_value(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = [("csv", word) for word in NULLS] + [("jsonl", word) for word in NULLS if word]
    cells = [
        (kind, {
            "useridentity.type": "Root", "useridentity.invokedby": null, "errorcode": null, "eventtype": "AwsApiCall",
            "requestparameters": null, "readonly": null,
        })
        for kind, null in asked
    ]  # fmt: skip
    told = {"outcome": "success", "origin": "root_credentials", "cis_match": True}
    for (kind, null), ((row,), _) in zip(asked, load_cells(tmp_path, cells), strict=True):
        with subtests.test(kind=kind, null=null):
            assert {name: row[name] for name in told} == told
            assert row["userIdentity"]["invokedBy"] is None
            assert [row[name] for name in ("errorCode", "requestParameters", "record_problem")] == [None] * 3


def test_a_type_of_null_leaves_it_to_the_arn(tmp_path: Path) -> None:
    cells = [("csv", {"useridentity.type": null, "useridentity.arn": arn()}) for null in NULLS]
    found = [[(one["root_basis"], one["record_problem"]) for one in root] for root, _ in load_cells(tmp_path, cells)]
    assert dict(zip(NULLS, found, strict=True)) == {null: [("userIdentity.arn", None)] for null in NULLS}


def test_words_for_null_in_columns_of_others_and_in_user_agents_stay(tmp_path: Path) -> None:
    ((_, (event,)),) = load_cells(tmp_path, [("csv", {"useragent": '"nan"', "ticket": "None"})])
    assert event["userAgent"] == '"nan"'
    assert json.loads(event["otherFields"]) == {"ticket": "None"}


NUMBERS: Final = [
    ("111122223333.0", "", ACCOUNT),
    ("111122223333.00", "", ACCOUNT),
    ("12345678901", ZERO, ZERO),
    ("12345678901.0", ZERO, ZERO),
    ("12345678901", "", None),
    ("12345678901", ACCOUNT, None),
    ("1.11122E+11", ACCOUNT, None),
    ("1.11122223333E11", "", None),
    ("1,11122E+11", ACCOUNT, None),
    ("1E+11", ACCOUNT, None),
    ("1.23457E+10", ZERO, None),
]


def test_an_account_that_became_a_number(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = list(product(KINDS, NUMBERS))
    cells = [
        (kind, {"useridentity.type": "Root", "recipientaccountid": number}
         | ({"useridentity.arn": arn(witness)} if witness else {}))
        for kind, (number, witness, _) in asked
    ]  # fmt: skip
    for (kind, (number, witness, account)), (found, (event,)) in zip(asked, load_cells(tmp_path, cells), strict=True):
        with subtests.test(kind=kind, number=number, witness=witness):
            problem = (
                None if account else f"recipientAccountId is {number!r}, not all of an account ID; kept in otherFields"
            )
            assert [(one["recipientAccountId"], one["record_problem"]) for one in found] == [(account, problem)]
            assert not_taken(event, "recipientAccountId") == (None if account else number)


@pytest.mark.parametrize("kind", ["DOUBLE", "BIGINT"])
async def test_an_account_in_a_numeric_column_of_parquet(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.sql(
        f"SELECT '2026-08-05T10:00:00Z' AS eventtime, 'X' AS eventname, 'iam.amazonaws.com' AS eventsource, eventid,"
        f" {{'type': 'Root', 'arn': arn, 'accountid': account::{kind}}} AS useridentity,"
        f" account::{kind} AS recipientaccountid FROM (VALUES ('x-1', 111122223333, '{arn()}'),"
        f" ('x-2', 12345678901, '{arn(ZERO)}'), ('x-3', 12345678901, NULL)) AS t(eventid, account, arn)"
    ).write_parquet(str(path))
    found = rows(
        await load_beside(tmp_path, path),
        "SELECT account_id, recipientAccountId AS got, record_problem IS NOT NULL AS told FROM root_events ORDER BY eventID",
    )
    assert found == [
        {"account_id": ACCOUNT, "got": ACCOUNT, "told": False},
        {"account_id": ZERO, "got": ZERO, "told": False},
        {"account_id": None, "got": None, "told": True},
    ]


def test_success_is_no_error(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = list(product(KINDS, ("success", "Success")))
    cells = [(kind, {"type": "Root", "arn": arn(), "errorcode": word}) for kind, word in asked]
    for (kind, word), ((row,), _) in zip(asked, load_cells(tmp_path, cells), strict=True):
        with subtests.test(kind=kind, word=word):
            assert (row["errorCode"], row["outcome"]) == (None, "success")
            assert json.loads(row["otherFields"])["errorCode"] == word
            told = f"errorCode is {word!r}, with which a tool says that there was no error; kept in otherFields"
            assert row["record_problem"] == told
