"""Rows on a terminal: the columns that one reads first, one line a row, fitted to the width; or one block a row."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.talk import printable, talk_wrapped
from rootforensics.phrases import plural
from rootforensics.queries.text import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.cli.view import View
    from rootforensics.queries.result import Result

#: Cells up to this length are shown whole; of longer ones at least so much: of names, of sentences, of an eventID.
_WHOLE: Final = 20
_NAME: Final = 40
_LEAST_NAME: Final = 16
_LEAST_TEXT: Final = 24
_LEAST_ID: Final = 9
_GAP: Final = 2
#: Letters of the rule above a block.
_RULE: Final = 80
#: So few rows that do not fit come as blocks.
_FEW: Final = 3


def write_rows(result: Result, first: Sequence[str], view: View) -> None:
    """Write rows to stdout; on a terminal they fit its width, and what is longer than it goes through a pager.

    Args:
        result: the rows.
        first: the columns that a person reads first; all if none are named.
        view: what was asked for.
    """
    on_terminal = sys.stdout.isatty()
    size = shutil.get_terminal_size()
    names = list(result.columns if view.wide or not first else first)
    cells = _texts(result, names)
    shown, widths, fits = _fitted(names, cells, 0 if view.wide else size.columns)
    if view.expanded or (not view.wide and not fits and 0 < len(cells) <= _FEW):
        lines = _blocks(result.columns, _texts(result, result.columns), size.columns if on_terminal else sys.maxsize)
        shown = result.columns
    else:
        ruled = [shown, ["─" * width for width in widths], *(line[: len(shown)] for line in cells)]
        lines = [_line(line, widths) for line in ruled]
    write_lines(lines)
    if left_out := [name for name in result.columns if name not in shown]:
        some = ", ".join(left_out[:3]) + (", …" if len(left_out) > 3 else "")
        number = plural(len(left_out), "more column")
        talk_wrapped(f"{number} ({some}): --columns a,b,c, --wide, --expanded, or --format csv")


def _texts(result: Result, names: Sequence[str]) -> list[list[str]]:
    return [[_text(row[name]) for name in names] for row in result.rows]


def _text(value: object) -> str:
    return printable(", ".join(map(as_text, value)) if isinstance(value, list) else as_text(value))


def _fitted(names: list[str], cells: list[list[str]], width: int) -> tuple[list[str], list[int], bool]:
    """The columns that there is room for, how wide each is, and whether nothing is left out or cut.

    Args:
        names: of the columns, in reading order.
        cells: a list of texts for each row.
        width: of the terminal; 0 for any.
    """
    from rich.cells import cell_len

    whole = [max([len(name), *(cell_len(line[place]) for line in cells)]) for place, name in enumerate(names)]
    if not width or sum(whole) + _GAP * (len(whole) - 1) <= width:
        return names, whole, True
    least = [_least(name, one) for name, one in zip(names, whole, strict=True)]
    count = next(
        (number for number in range(len(least), 1, -1) if sum(least[:number]) + _GAP * (number - 1) <= width), 1
    )
    widths = [min(one, width) for one in least[:count]]
    room = width - sum(widths) - _GAP * (count - 1)
    while room > 0 and (cut := [place for place in range(count) if widths[place] < whole[place]]):
        place = min(cut, key=widths.__getitem__)
        widths[place] += 1
        room -= 1
    return names[:count], widths, False


def _least(name: str, whole: int) -> int:
    if whole <= _WHOLE:
        return whole
    of_kind = _LEAST_ID if name.endswith("eventID") else _LEAST_NAME if whole <= _NAME else _LEAST_TEXT
    return max(of_kind, len(name))


def _line(cells: list[str], widths: list[int]) -> str:
    return (" " * _GAP).join(map(_cut, cells, widths)).rstrip()


def _cut(cell: str, width: int) -> str:
    """A cell in its width; of a path or an ARN the end tells more than the beginning."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(cell) <= width:
        return set_cell_size(cell, width)
    if "/" in cell and " " not in cell and cell.isascii():
        return f"…{cell[1 - width :]}"
    return f"{set_cell_size(cell, width - 1)}…"


def _blocks(names: list[str], cells: list[list[str]], width: int) -> list[str]:
    """One block for each row, a line for each value; long values go on below themselves."""
    from rich.cells import chop_cells

    margin = max(map(len, names)) + _GAP
    room = max(width - margin, _LEAST_NAME)
    lines: list[str] = []
    for number, row in enumerate(cells, 1):
        lines.append(f"── {number} ".ljust(min(width, _RULE), "─"))
        for name, cell in zip(names, row, strict=True):
            parts = chop_cells(cell, room) or [""]
            labels = [name, *[""] * (len(parts) - 1)]
            lines += [f"{label:<{margin}}{part}".rstrip() for label, part in zip(labels, parts, strict=True)]
    return lines


def write_lines(lines: list[str]) -> None:
    """Write lines to stdout; those that are too many for the terminal go through a pager."""
    text = "".join(f"{line}\n" for line in lines)
    height = shutil.get_terminal_size().lines if sys.stdout.isatty() else sys.maxsize
    if len(lines) < height or not sys.stdin.isatty():
        click.echo(text, nl=False)
        return
    sys.stdout.flush()
    click.echo_via_pager(text)
