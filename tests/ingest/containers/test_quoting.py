"""Quotes in cells of CSV: doubled ones are read whole; those behind a backslash, as Spark writes them, are told."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import ACCOUNT, event, gz, root_event
from tests.ingest.checks import evidence, rows
from tests.ingest.packing import zip_of
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ("eventid", "eventtime", "eventsource", "eventname", "useragent", "useridentity", "requestparameters")


def spark_csv(lines: list[list[str]], delimiter: str = ",", newline: str = "\n") -> str:
    """A table as Spark's writer spells it: a cell in quotes if it must be, quotes and backslashes in it escaped."""

    def cell(text: str) -> str:
        if text and not any(sign in text for sign in ('"', delimiter, "\n", "\r")):
            return text
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return "".join(delimiter.join(map(cell, line)) + newline for line in lines)


def csv_of(lines: list[list[str]], delimiter: str = ",", newline: str = "\n") -> str:
    """The same with doubled quotes."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(lines)
    return out.getvalue()


ODD_TEXTS = ["plain", 'says "hi"', "back\\slash", 'ends in \\"', "two\nlines", "\\", '"', 'a, "b", c', "C:\\\\x\\"]


def columns(record: dict[str, Any]) -> list[str]:
    return [
        record["eventID"], record["eventTime"], record["eventSource"], record["eventName"], record["userAgent"],
        json.dumps(record["userIdentity"]), json.dumps(record["requestParameters"]),
    ]  # fmt: skip


RECORDS = [
    root_event(userAgent=text, requestParameters={"note": text, "list": ["\\", '"', "\n"]}) for text in ODD_TEXTS
] + [event(userAgent="last")]


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
async def test_rows_of_columns_are_read_whole(tmp_path: Path, delimiter: str, newline: str) -> None:
    text = csv_of([list(HEADER), *map(columns, RECORDS)], delimiter, newline)
    (tmp_path / "a.csv").write_bytes(text.encode())
    case = await load_beside(tmp_path, tmp_path / "a.csv")
    row = evidence(case)["a.csv"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", len(RECORDS), 0)
    found = rows(
        case, "SELECT userAgent, requestParameters->>'$.note' AS note, eventID FROM events ORDER BY record_index"
    )
    assert [one["eventID"] for one in found] == [record["eventID"] for record in RECORDS]
    # Blanks and quotes around a name are no part of it; those of a user agent are.
    assert [one["note"] for one in found[:-1]] == ODD_TEXTS
    assert [one["userAgent"] for one in found[:-1]] == ODD_TEXTS
    assert rows(case, "SELECT count(*) AS n FROM root_events") == [{"n": len(ODD_TEXTS)}]


@pytest.mark.parametrize("pack", [bytes, gz, lambda data: zip_of({"part-0.csv": data})], ids=["plain", "gzip", "zip"])
async def test_a_column_with_the_whole_record_is_that_record(tmp_path: Path, pack: Any) -> None:
    lines = [["account", "eventjson"], *([ACCOUNT, json.dumps(record)] for record in RECORDS)]
    (tmp_path / "a").write_bytes(pack(csv_of(lines).encode()))
    case = await load_beside(tmp_path, tmp_path / "a")
    found = rows(case, "SELECT eventID, userAgent FROM events ORDER BY record_index")
    assert [(one["eventID"], one["userAgent"]) for one in found] == [
        (record["eventID"], record["userAgent"]) for record in RECORDS
    ]


@pytest.mark.parametrize("place", [0, 4])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
async def test_quotes_behind_a_backslash_are_told_with_what_to_do(
    tmp_path: Path, place: int, delimiter: str, newline: str
) -> None:
    """What stands before them is read."""
    plain = [["x", "2026-08-05T10:00:00Z", "iam.amazonaws.com", "ListUsers", "agent", "", ""]] * place
    text = spark_csv([list(HEADER), *plain, *map(columns, RECORDS)], delimiter, newline)
    (tmp_path / "a.csv").write_bytes(text.encode())
    row = evidence(await load_beside(tmp_path, tmp_path / "a.csv"))["a.csv"]
    assert (row["status"], row["record_count"]) == ("damaged", place)
    assert (
        f"the table is broken after row {place + 1} (broken, quotes in its cells stand behind a back" in row["problem"]
    )
    assert """write it with .option("escape", '"'), or as Parquet or JSON""" in row["problem"]


async def test_a_cell_that_ends_in_a_backslash_is_no_escape(tmp_path: Path) -> None:
    quoted = '"x-{0}","2026-08-05T10:00:0{0}Z","iam.amazonaws.com","CreateUser","C:\\","{{}}","{{}}"\n'
    (tmp_path / "a.csv").write_text(",".join(HEADER) + "\n" + "".join(quoted.format(place) for place in range(3)))
    found = rows(
        await load_beside(tmp_path, tmp_path / "a.csv"), "SELECT eventID, userAgent FROM events ORDER BY record_index"
    )
    assert found == [{"eventID": f"x-{place}", "userAgent": "C:\\"} for place in range(3)]
