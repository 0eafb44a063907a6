"""A workbook, read again: all text is text."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from rootforensics.errors import StorageError
from rootforensics.reports.exports import workbook
from rootforensics.reports.exports.workbook import write_workbook
from tests.reports.exports.conftest import NASTY

if TYPE_CHECKING:
    from rootforensics.case import Case


def written(columns: list[str], rows: list[dict[str, Any]]) -> tuple[bytes, int]:
    """The file, and how many cells were cut."""
    file = io.BytesIO()
    cut = write_workbook("root timeline", columns, rows, file)
    return file.getvalue(), cut


def test_the_timeline_reads_back(case: Case) -> None:
    result = case.timeline()
    content, cut = written(result.columns, result.rows)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == result.columns
    assert len(cells) == 7
    place = {name: index for index, name in enumerate(result.columns)}
    assert [row[place["eventTime"]] for row in cells[1:]] == [
        "2026-08-05T10:00:00Z", "2026-08-05T11:00:00Z", "2026-08-05T23:59:59Z", "2026-08-06T00:00:00Z",
        "2026-08-07T00:00:00.500000Z", None,
    ]  # fmt: skip
    assert cells[3][place["userAgent"]] == NASTY.replace("\x07", "_x0007_")  # as Excel spells what XML cannot hold
    assert cells[5][place["account_id"]] == "012345678901"
    assert cut == 1
    assert cells[4][place["requestParameters"]].endswith("cut here, read the original")
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "{=1}", "https://192.0.2.1/", "mailto:a@example.com", "1e5"]
)
def test_no_cell_is_a_formula_or_a_link(text: str) -> None:
    content, _ = written(["a"], [{"a": text}])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].hyperlink) == (text, "s", None)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        spelled = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in spelled
    assert b"hyperlink" not in spelled


def test_numbers_that_excel_would_round_are_text() -> None:
    content, _ = written(["a", "b", "c"], [{"a": 2**53 + 1, "b": 7, "c": True}])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[2]] == [str(2**53 + 1), 7, True]


def test_more_than_a_sheet_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    assert written(["a"], [{"a": 1}] * 2)
    with pytest.raises(StorageError, match="3 rows are more than an Excel sheet holds"):
        written(["a"], [{"a": 1}] * 3)


@pytest.mark.parametrize("text", ["x" * 32_767, "\U0001f511" * 16_383])
def test_a_cell_holds_what_excel_holds(text: str) -> None:
    assert written(["a"], [{"a": text}])[1] == 0
    content, cut = written(["a"], [{"a": text + "\U0001f511"}])
    held = openpyxl.load_workbook(io.BytesIO(content)).active["A2"].value
    assert cut == 1
    assert len(held.encode("utf-16-le")) // 2 <= 32_767
