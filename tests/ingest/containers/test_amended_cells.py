"""Cells that tools changed on their way: what stood there is told again, or kept and said, and hides no root."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

from tests.ingest.checks import load, rows

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.case import Case

ACCOUNT: Final = "111122223333"
ZERO: Final = "012345678901"
HEADER: Final = ("eventtime", "eventname", "eventsource", "eventid")
CELLS: Final = ("2026-08-05T10:00:00Z", "CreateAccessKey", "iam.amazonaws.com", "x-1")
NULLS: Final = ("nan", "NaN", "None", "NULL", "<NA>", "N/A", r"\N", "NaT", "NA", "#N/A", "", "-", "null")


def arn(account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:root"


def load_csv(tmp_path: Path, more: dict[str, str]) -> Case:
    out = io.StringIO()
    csv.writer(out).writerows([[*HEADER, *more], [*CELLS, *more.values()]])
    (tmp_path / "a.csv").write_text(out.getvalue())
    return load(tmp_path, tmp_path / "a.csv")


def load_rows(tmp_path: Path, more: dict[str, Any]) -> Case:
    (tmp_path / "a.jsonl").write_text(json.dumps(dict(zip(HEADER, CELLS, strict=True)) | more))
    return load(tmp_path, tmp_path / "a.jsonl")


ROOT: Final = "SELECT root_basis, userIdentity.type AS type, record_problem AS problem, cis_match FROM root_events"


@pytest.mark.parametrize("cell", ['"Root"', " Root ", "'Root'", ' "Root" '])
@pytest.mark.parametrize("column", ["type", "useridentity.type"])
def test_quotes_and_blanks_around_a_type_are_none_of_it(cell: str, column: str, tmp_path: Path) -> None:
    case = load_csv(tmp_path, {column: cell, "arn" if column == "type" else "useridentity.arn": f'"{arn()}"'})
    found = rows(case, "SELECT root_basis, userIdentity.arn AS arn, record_problem AS problem FROM root_events")
    assert found == [{"root_basis": "userIdentity.type", "arn": arn(), "problem": None}]


@pytest.mark.parametrize("kind", [load_csv, load_rows])
@pytest.mark.parametrize("cell", ["AWS::IAM::AccessKey", "Unknown", "User", "?"])
def test_a_word_that_is_no_type_leaves_it_to_the_arn(cell: str, kind: Any, tmp_path: Path) -> None:
    case = kind(tmp_path, {"type": cell, "arn": arn()})
    found = rows(case, ROOT)
    assert [(one["root_basis"], one["type"], one["cis_match"]) for one in found] == [("userIdentity.arn", None, None)]
    assert found[0]["problem"] == f"userIdentity.type is {cell!r}, no type of an identity; kept in otherFields"
    kept = rows(case, "SELECT otherFields->>'$.cellsThatWereNotTaken.\"userIdentity.type\"' AS cell FROM events")
    assert kept == [{"cell": cell}]


def test_an_unknown_identity_without_roots_arn_stays_unknown(tmp_path: Path) -> None:
    case = load_csv(tmp_path, {"useridentity.type": "Unknown", "useridentity.arn": "arn:aws:iam::111122223333:user/x"})
    assert rows(case, "SELECT userIdentity.type AS type FROM events") == [{"type": "Unknown"}]
    assert rows(case, ROOT) == []


@pytest.mark.parametrize("cell", ["IAMUser", "AssumedRole", "awsaccount", "IDENTITYCENTERUSER"])
def test_a_type_of_cloudtrails_is_not_overruled_by_an_arn(cell: str, tmp_path: Path) -> None:
    case = load_csv(tmp_path, {"useridentity.type": cell, "useridentity.arn": arn()})
    assert rows(case, ROOT) == []


@pytest.mark.parametrize(
    ("kind", "null"), [(load_csv, word) for word in NULLS] + [(load_rows, word) for word in NULLS if word]
)
def test_a_word_for_null_is_no_value(kind: Any, null: str, tmp_path: Path) -> None:
    more = {
        "useridentity.type": "Root", "useridentity.invokedby": null, "errorcode": null, "eventtype": "AwsApiCall",
        "requestparameters": null, "readonly": null,
    }  # fmt: skip
    case = kind(tmp_path, more)
    found = rows(
        case,
        "SELECT outcome, origin, cis_match, errorCode, userIdentity.invokedBy AS invoked, requestParameters AS asked,"
        " record_problem AS problem FROM root_events",
    )
    nothing = dict.fromkeys(("invoked", "asked", "problem"))
    assert found == [
        {"outcome": "success", "origin": "root_credentials", "cis_match": True, "errorCode": None, **nothing}
    ]


@pytest.mark.parametrize("null", NULLS)
def test_a_type_of_null_leaves_it_to_the_arn(null: str, tmp_path: Path) -> None:
    case = load_csv(tmp_path, {"useridentity.type": null, "useridentity.arn": arn()})
    assert [(one["root_basis"], one["problem"]) for one in rows(case, ROOT)] == [("userIdentity.arn", None)]


def test_words_for_null_in_columns_of_others_and_in_user_agents_stay(tmp_path: Path) -> None:
    case = load_csv(tmp_path, {"useragent": '"nan"', "ticket": "None"})
    found = rows(case, "SELECT userAgent, otherFields->>'$.ticket' AS ticket FROM events")
    assert found == [{"userAgent": '"nan"', "ticket": "None"}]


@pytest.mark.parametrize("kind", [load_csv, load_rows])
@pytest.mark.parametrize(
    ("number", "witness", "account"),
    [
        ("111122223333.0", "", ACCOUNT),
        ("111122223333.00", "", ACCOUNT),
        ("12345678901", ZERO, ZERO),
        ("12345678901.0", ZERO, ZERO),
        ("12345678901", "", None),
        ("12345678901", ACCOUNT, None),
        ("1.11122E+11", ACCOUNT, ACCOUNT),
        ("1.11122223333E11", "", None),
        ("1,11122E+11", ACCOUNT, ACCOUNT),
        ("1E+11", ACCOUNT, None),
        ("1.11133E+11", ACCOUNT, None),
        ("1.23457E+10", ZERO, ZERO),
    ],
)
def test_an_account_that_became_a_number(
    number: str, witness: str, account: str | None, kind: Any, tmp_path: Path
) -> None:
    more = {"useridentity.type": "Root", "recipientaccountid": number}
    case = kind(tmp_path, more | ({"useridentity.arn": arn(witness)} if witness else {}))
    told = rows(case, "SELECT recipientAccountId AS account, record_problem AS problem FROM root_events")
    problem = f"recipientAccountId is {number!r}, not all of an account ID; kept in otherFields"
    assert told == [{"account": account, "problem": None if account else problem}]
    kept = rows(case, "SELECT otherFields->>'$.cellsThatWereNotTaken.recipientAccountId' AS kept FROM events")
    assert kept == [{"kept": None if account else number}]


@pytest.mark.parametrize("kind", ["DOUBLE", "BIGINT"])
def test_an_account_in_a_numeric_column_of_parquet(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.sql(
        f"SELECT '2026-08-05T10:00:00Z' AS eventtime, 'X' AS eventname, 'iam.amazonaws.com' AS eventsource, eventid,"
        f" {{'type': 'Root', 'arn': arn, 'accountid': account::{kind}}} AS useridentity,"
        f" account::{kind} AS recipientaccountid FROM (VALUES ('x-1', 111122223333, '{arn()}'),"
        f" ('x-2', 12345678901, '{arn(ZERO)}'), ('x-3', 12345678901, NULL)) AS t(eventid, account, arn)"
    ).write_parquet(str(path))
    found = rows(
        load(tmp_path, path),
        "SELECT account_id, recipientAccountId AS got, record_problem IS NOT NULL AS told FROM root_events ORDER BY eventID",
    )
    assert found == [
        {"account_id": ACCOUNT, "got": ACCOUNT, "told": False},
        {"account_id": ZERO, "got": ZERO, "told": False},
        {"account_id": None, "got": None, "told": True},
    ]


@pytest.mark.parametrize("kind", [load_csv, load_rows])
@pytest.mark.parametrize("word", ["success", "Success"])
def test_success_is_no_error(kind: Any, word: str, tmp_path: Path) -> None:
    case = kind(tmp_path, {"type": "Root", "arn": arn(), "errorcode": word})
    found = rows(
        case, "SELECT errorCode, outcome, otherFields->>'$.errorCode' AS kept, record_problem FROM root_events"
    )
    told = f"errorCode is {word!r}, with which a tool says that there was no error; kept in otherFields"
    assert found == [{"errorCode": None, "outcome": "success", "kept": word, "record_problem": told}]
