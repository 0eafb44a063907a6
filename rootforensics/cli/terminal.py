"""Rows on a terminal: the columns that one reads first, fitted to the width, a sentence in two lines; or blocks."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.style import styled
from rootforensics.cli.talk import printable, shown, talk_wrapped, write_out
from rootforensics.evidence.cite import beginning_of
from rootforensics.phrases import plural
from rootforensics.queries.text import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.cli.view import View
    from rootforensics.queries.result import Result

#: Cells up to this length are shown whole; of longer ones at least so much: of names, of sentences.
_WHOLE: Final = 20
_NAME: Final = 40
_LEAST_NAME: Final = 16
_LEAST_TEXT: Final = 32
#: Blanks between columns; where one column more has room, one blank.
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
    cells = _texts(result, names, in_short=on_terminal and not view.wide)
    places, widths, gap, fits = _fitted(names, cells, 0 if view.wide else size.columns)
    shown = [names[place] for place in places]
    if view.expanded or (not view.wide and not fits and 0 < len(cells) <= _FEW):
        lines = _blocks(result.columns, _texts(result, result.columns), size.columns if on_terminal else sys.maxsize)
        shown = result.columns
    else:
        lines = [_line(line, widths, gap) for line in (shown, ["─" * width for width in widths])]
        lines += [line for row in cells for line in _row([row[place] for place in places], widths, gap, shown)]
    write_lines(lines)
    if left_out := [name for name in result.columns if name not in shown]:
        some = ", ".join(left_out[:3]) + (", …" if len(left_out) > 3 else "")
        number = plural(len(left_out), "more column")
        talk_wrapped(f"{number} ({some}): --columns a,b,c, --wide, --expanded, or --format csv")


def _texts(result: Result, names: Sequence[str], *, in_short: bool = False) -> list[list[str]]:
    """The cells of each row; in short, an eventID is its beginning, which ``raw`` and ``note`` take."""
    brief = {name for name in names if in_short and _cites(name)}
    return [[_first_id(row[name]) if name in brief else _text(row[name]) for name in names] for row in result.rows]


def _first_id(value: str | list[str] | None) -> str:
    first, *more = value or [""] if isinstance(value, list) else [value or ""]
    return _text(beginning_of(first) or first) + (f" +{len(more):,}" if more else "")


def _text(value: object) -> str:
    return printable(", ".join(map(as_text, value)) if isinstance(value, list) else as_text(value))


def _fitted(names: list[str], cells: list[list[str]], width: int) -> tuple[list[int], list[int], int, bool]:
    """The places of the columns that there is room for, their widths, the gap between them, and whether all is shown.

    A column that cites events is left out last.

    Args:
        names: of the columns, in reading order.
        cells: a list of texts for each row.
        width: of the terminal; 0 for any.
    """
    from rich.cells import cell_len

    places = list(range(len(names)))
    whole = [max([len(name), *(cell_len(line[place]) for line in cells)]) for place, name in enumerate(names)]
    if not width or sum(whole) + _GAP * (len(whole) - 1) <= width:
        return places, whole, _GAP, True
    least = [_least(names[place], whole[place], is_text=any(" " in line[place] for line in cells)) for place in places]
    ranked = sorted(places, key=lambda place: place > 0 and not _cites(names[place]))
    count, gap = max((_count([least[place] for place in ranked], gap, width), gap) for gap in (1, _GAP))
    shown = sorted(ranked[:count])
    widths = [min(least[place], width) for place in shown]
    room = width - sum(widths) - gap * (count - 1)
    while room > 0 and (cut := [at for at, place in enumerate(shown) if widths[at] < whole[place]]):
        widths[min(cut, key=widths.__getitem__)] += 1
        room -= 1
    return shown, widths, gap, False


def _cites(name: str) -> bool:
    return name.endswith(("eventID", "eventIDs"))


def _count(least: list[int], gap: int, width: int) -> int:
    """How many of the columns there is room for."""
    return next((count for count in range(len(least), 1, -1) if sum(least[:count]) + gap * (count - 1) <= width), 1)


def _least(name: str, whole: int, *, is_text: bool) -> int:
    if whole <= _WHOLE:
        return whole
    return max(_LEAST_TEXT if is_text and whole > _NAME else _LEAST_NAME, len(name))


def _line(cells: Sequence[str], widths: list[int], gap: int, names: Sequence[str] = ()) -> str:
    """The cells that have a width, side by side; in colors where they belong to columns of these names."""
    shown = [_cut(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for place, name in enumerate(names):
        shown[place] = styled(shown[place], cells[place] if name == "severity" else "")
    return (" " * gap).join(shown).rstrip()


def _row(cells: list[str], widths: list[int], gap: int, names: Sequence[str]) -> list[str]:
    """The lines of a row: a sentence that is longer than its column goes on in a second one."""
    parts = [_broken(cell, width) for cell, width in zip(cells, widths, strict=True)]
    count = max(map(len, parts))
    return [_line([part[at] if at < len(part) else "" for part in parts], widths, gap, names) for at in range(count)]


def _broken(cell: str, width: int) -> list[str]:
    if len(cell) <= width or " " not in cell:
        return [cell]
    return textwrap.wrap(cell, width, max_lines=2, placeholder=" …", break_on_hyphens=False)


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
            parts = [styled(part, cell if name == "severity" else "") for part in parts]
            lines += [f"{label:<{margin}}{part}".rstrip() for label, part in zip(labels, parts, strict=True)]
    return lines


def write_lines(lines: list[str]) -> None:
    """Write lines to stdout; those that are too many for the terminal go through a pager."""
    text = "".join(f"{line}\n" for line in lines)
    height = shutil.get_terminal_size().lines if sys.stdout.isatty() else sys.maxsize
    if len(lines) < height or not sys.stdin.isatty():
        write_out(text, nl=False)
        return
    sys.stdout.flush()
    click.echo_via_pager(shown(text))
