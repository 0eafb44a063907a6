"""Rows as an Excel workbook: every cell is text, a number or a flag, and nothing is a formula or a link."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import StorageError
from rootforensics.queries.formats import as_plain, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

#: What Excel holds: rows of a sheet, the header among them, and characters of a cell.
MAX_ROWS: Final = 1_048_576
MAX_CHARACTERS: Final = 32_767
#: Excel counts characters as UTF-16 does.
_UNIT_BYTES: Final = 2
#: A number with more digits than this is not exact in Excel.
_EXACT: Final = 2**53
_CUT_MARK: Final = " … cut here, read the original"
_WIDEST: Final = 60


def write_workbook(name: str, columns: Sequence[str], rows: Sequence[dict[str, Any]], file: IO[bytes]) -> int:
    """Write rows as one sheet with a header that stays in sight and a filter on each column.

    Args:
        name: of the sheet.
        columns: the header, in order.
        rows: with these columns; times are written as ISO 8601 in UTC.
        file: open for bytes.

    Returns:
        How many cells were cut because Excel holds no longer text.

    Raises:
        StorageError: XlsxWriter is not installed, or the rows are more than a sheet holds.
    """
    if len(rows) >= MAX_ROWS:
        raise StorageError(
            f"{len(rows):,} rows are more than an Excel sheet holds ({MAX_ROWS - 1:,})",
            hint="Narrow the rows, or write CSV or Parquet",
        )
    try:
        xlsxwriter = import_module("xlsxwriter")
    except ImportError as error:
        raise StorageError(
            "Excel files need XlsxWriter, which is not installed", hint="pip install 'rootforensics[xlsx]'"
        ) from error
    book = xlsxwriter.Workbook(file, {"in_memory": True, "constant_memory": False})
    sheet = book.add_worksheet(name[:31])
    head = book.add_format({"bold": True, "bottom": 1})
    cut = 0
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, head)
        widest = len(column) + 3
        for line, row in enumerate(rows, start=1):
            text = _write(sheet, line, place, row[column])
            cut += not _fits(text)
            widest = max(widest, len(text))
        sheet.set_column(place, place, min(widest, _WIDEST))
    sheet.freeze_panes(1, 0)
    if columns:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    book.close()
    return cut


def _write(sheet: Any, line: int, place: int, value: Any) -> str:  # noqa: ANN401 - XlsxWriter's sheet, any value
    """Write one cell; returns its text before any cut."""
    plain = as_plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        sheet.write_boolean(line, place, plain)
        return str(plain)
    if isinstance(plain, int | float) and abs(plain) <= _EXACT:
        sheet.write_number(line, place, plain)
        return str(plain)
    text = plain if isinstance(plain, str) else json_text(plain)
    sheet.write_string(line, place, text if _fits(text) else _cut(text))
    return text


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le", "surrogatepass")) <= MAX_CHARACTERS * _UNIT_BYTES


def _cut(text: str) -> str:
    room = (MAX_CHARACTERS - len(_CUT_MARK)) * _UNIT_BYTES
    return text.encode("utf-16-le", "surrogatepass")[:room].decode("utf-16-le", errors="ignore") + _CUT_MARK
