"""Write rows and texts, to a file or to stdout; on a terminal nothing in them is obeyed."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from difflib import get_close_matches
from typing import IO, TYPE_CHECKING, Any

import click

from rootforensics.cli.talk import escaped, printable, talk_wrapped
from rootforensics.cli.terminal import write_rows
from rootforensics.cli.view import asked_view
from rootforensics.errors import QueryError
from rootforensics.phrases import plural
from rootforensics.reports.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.queries.result import Result


def write_result(result: Result, form: str, output: str | None) -> None:
    """Write a result in one of the formats, to a file or to stdout; a table on a terminal is fitted to its width.

    Args:
        result: the rows.
        form: one of ``FORMATS``.
        output: a file; None for stdout.

    Raises:
        StorageError: the file, or stdout, cannot be written.
        click.UsageError: a binary format was asked for on a terminal, or a column that is not there.
    """
    view = asked_view()
    if view.columns:
        result = _chosen(result, view.columns)
    if view.tz:
        result = result.in_zone(view.tz)
    if form == "parquet":
        _write_parquet(result, output)
    elif form == "table" and not output and (sys.stdout.isatty() or view.expanded):
        _use_utf8()
        write_rows(result, result.columns if view.columns else result.first, view)
    else:
        with _opened(output) as file:
            _write_text(result, form, file)


@contextmanager
def _opened(output: str | None) -> Iterator[IO[str]]:
    """The file, which is replaced when all is written, or stdout."""
    if output:
        with replacing(output) as file:
            yield file
    else:
        _use_utf8()
        yield sys.stdout


def _use_utf8() -> None:
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _chosen(result: Result, columns: tuple[str, ...]) -> Result:
    """These columns, whose names are spelled as SQL takes them: large or small letters are one."""
    known = {name.lower(): name for name in result.columns}
    if unknown := [name for name in columns if name.lower() not in known]:
        near = get_close_matches(unknown[0].lower(), known, 1)
        hint = f"Did you mean {known[near[0]]}?" if near else f"There are {', '.join(result.columns)}"
        raise click.BadParameter(f"there is no column {unknown[0]!r}. {hint}", param_hint="--columns")
    return result.of_table(result.arrow().select([known[name.lower()] for name in columns]))


def write_text(text: str, output: str | None) -> None:
    """Write a text to a file or to stdout; on a terminal nothing in it is obeyed.

    Raises:
        StorageError: the file cannot be written.
    """
    with _opened(output) as file:
        file.write(escaped(text) if file.isatty() else text)


def write_timesketch_file(result: Result, output: str | None) -> int:
    """Write root's timeline for Timesketch, to a file or to stdout; returns how many rows without a time were left out.

    Raises:
        StorageError: the file cannot be written.
    """
    from rootforensics.reports.exports.timesketch import write_timesketch

    with _opened(output) as file:
        return write_timesketch(result.rows, _Shown(file, escaped) if file.isatty() else file)


def write_xlsx_file(result: Result, name: str, output: str | None) -> int:
    """Write rows as an Excel workbook, to a file or to stdout; returns how many cells were cut.

    Raises:
        StorageError: the file cannot be written, or XlsxWriter is not installed.
        click.UsageError: stdout is a terminal.
    """
    from rootforensics.reports.exports.workbook import write_workbook

    _refuse_terminal("A workbook", output)
    buffer = io.BytesIO()
    cut = write_workbook(name, result.columns, result.rows, buffer)
    _write_bytes(buffer.getvalue(), output)
    return cut


def _refuse_terminal(what: str, output: str | None) -> None:
    if output is None and sys.stdout.isatty():
        raise click.UsageError(f"{what} is binary: name a file with --output, or redirect stdout to one.")


def _write_bytes(content: bytes, output: str | None) -> None:
    if output:
        with replacing(output, "wb") as file:
            file.write(content)
        return
    sys.stdout.buffer.write(content)


def _write_parquet(result: Result, output: str | None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    _refuse_terminal("Parquet", output)
    buffer = io.BytesIO()
    try:
        pq.write_table(result.arrow(), buffer)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        problem = f"Parquet cannot hold this result ({str(error).splitlines()[0]})"
        raise QueryError(problem, where=result.name, hint="Cast the column to VARCHAR") from error
    _write_bytes(buffer.getvalue(), output)


def _write_text(result: Result, form: str, file: IO[str]) -> None:
    from rootforensics.queries.formats import json_text, write_csv, write_jsonl

    on_terminal = file.isatty()
    if form == "csv":
        write_csv(result.columns, result.rows, _Shown(file, _printable_lines) if on_terminal else file)
    elif form == "jsonl":
        write_jsonl(result.rows, _Shown(file, escaped) if on_terminal else file)
    elif form == "json":
        text = json_text(result.rows, 2) + "\n"
        file.write(escaped(text) if on_terminal else text)
    else:
        _write_table(result.columns, result.rows, file)


def _printable_lines(text: str) -> str:
    return "".join(f"{printable(line)}\n" for line in text.splitlines())


class _Shown:
    """A terminal to which a text is written as it may be shown there."""

    def __init__(self, file: IO[str], as_shown: Callable[[str], str]) -> None:
        self._file = file
        self._as_shown = as_shown

    def write(self, text: str) -> int:
        return self._file.write(self._as_shown(text))


def _write_table(columns: list[str], rows: list[dict[str, Any]], file: IO[str]) -> None:
    """A table for people, as wide as its content, so nothing is cut."""
    from rootforensics.queries.text import as_text

    cells = [[printable(as_text(row[name])) for name in columns] for row in rows]
    widths = [max([len(name), *(len(line[place]) for line in cells)]) for place, name in enumerate(columns)]
    for line in [columns, ["-" * width for width in widths], *cells]:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        file.write("  ".join(padded).rstrip() + "\n")


def count_rows(result: Result) -> None:
    """Print the number of rows and what the query cannot show, if stderr is a terminal."""
    if sys.stderr.isatty():
        tell_rows(plural(len(result), "row"), result.query.misses if result.query else "")


def tell_rows(counted: str, misses: str) -> None:
    """Print on stderr how many rows there were and what they cannot show; all of it with ``--wide``.

    Args:
        counted: the number and what is counted.
        misses: what the rows cannot show; empty if there is nothing to say.
    """
    view = asked_view()
    text = f"{counted}, times in {view.tz or 'UTC'}" + (f". Not seen: {misses}" if misses else "")
    talk_wrapped(text, "" if view.wide or view.expanded else "--wide shows all")
