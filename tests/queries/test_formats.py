"""Rows as files: nothing in them is taken for a formula, times are UTC."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from rootforensics.queries.formats import csv_cell, harmless, json_text, write_csv, write_jsonl


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("blank", [" ", "   ", "\t", "\u00a0", "\u3000", "\x0b", "\x00", "\u200b", "\ufeff", "\n \r"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", "\uff20"])
def test_a_blank_before_it_hides_no_formula(blank: str, start: str) -> None:
    assert harmless(f"{blank}{start}1+1") == f"'{blank}{start}1+1"


@pytest.mark.parametrize("text", ["a=1", "192.0.2.1", "", "1-2", "'=1", " a=1", "  ", " 1-2"])
def test_other_text_stays(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (-5, "-5"),
        (datetime(2026, 8, 5, 1, 2, 3, tzinfo=UTC), "2026-08-05T01:02:03Z"),
        (datetime(2026, 8, 5, 1, 2, 3, 45, tzinfo=UTC), "2026-08-05T01:02:03.000045Z"),
        ({"a": datetime(2026, 8, 5, tzinfo=UTC)}, '{"a": "2026-08-05T00:00:00Z"}'),
        (["=1"], '["=1"]'),
        ("ü\nx", "ü\nx"),
        ("a\r\n\tb", "a\r\n\tb"),
        ("a\rb", r"a\u000db"),
        ("\x1b[2J\x07\x00\x7f\x9b1m", r"\u001b[2J\u0007\u0000\u007f\u009b1m"),
        ("a\u202etxt.exe\u2066", r"a\u202etxt.exe\u2066"),
        ("\x00=1", r"'\u0000=1"),
        ({"a": "\x9b\u202e\x1b"}, r'{"a": "\u009b\u202e\u001b"}'),
        (Decimal("-18.50"), "-18.50"),
        (Decimal("-0.0000001"), "-0.0000001"),
        (Decimal(8355), "8355"),
        (Decimal(170141183460469231731687303715884105727), "170141183460469231731687303715884105727"),
        ([Decimal("-1.5")], "[-1.5]"),
        ([("a", 1)], '[["a", 1]]'),
    ],
)
def test_values_become_cells(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


def test_a_csv_file_reads_back_as_it_was() -> None:
    file = io.StringIO(newline="")
    write_csv(["a", "b"], [{"a": 'x"y,\n', "b": None}], file)
    file.seek(0)
    assert list(csv.reader(file)) == [["a", "b"], ['x"y,\n', ""]]


def test_json_lines_are_one_object_a_line() -> None:
    file = io.StringIO()
    write_jsonl([{"a": "x\ny"}, {"a": None}], file)
    assert [json.loads(line) for line in file.getvalue().splitlines()] == [{"a": "x\ny"}, {"a": None}]


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", "a\x7f\x85\u202eb", "\u2028ü\U0001f600", '\n\r\t"\\'])
def test_json_says_the_same_and_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    spelled = json_text({"a": text, "b": [text]}, 2)
    assert json.loads(spelled) == {"a": text, "b": [text]}
    assert not set(spelled) & set("\x00\x07\r\t\x1b\x7f\x85\u202e")


def test_json_numbers_have_all_their_digits() -> None:
    numbers = {"sum": Decimal(170141183460469231731687303715884105727), "part": Decimal("-12345678901234567890.10")}
    spelled = json_text(numbers)
    assert spelled == '{"sum": 170141183460469231731687303715884105727, "part": -12345678901234567890.10}'
