"""A result as a table of HTML for notebooks: everything in it is escaped, nothing in it needs a network or a script."""

from __future__ import annotations

import html
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from rootforensics.phrases import some
from rootforensics.queries.text import as_text, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Rows that a plain table shows if nobody says otherwise.
ROWS_SHOWN: Final = 100
#: Of lists and JSON that many characters stand open; the rest unfolds.
_OPEN_LETTERS: Final = 60
#: An ID or an ARN's name is not broken into lines.
_LINE_LETTERS: Final = 40
#: So do that many of a long text, such as a user agent made to fill a screen.
_TEXT_LETTERS: Final = 300
#: No cell holds more than this; the record itself is a call of ``case.raw`` away.
_MOST_LETTERS: Final = 20_000
#: Jupyter, VS Code and a bare browser name their colors differently.
_BACK: Final = "var(--jp-layout-color1, var(--vscode-editor-background, Canvas))"
_LINE: Final = "var(--jp-border-color2, var(--vscode-panel-border, #bbb))"
STYLE: Final = (
    "<style>"
    ".rf-box{max-height:34em;overflow:auto;margin:.3em 0}"
    ".rf-box table.rf{border-collapse:separate;border-spacing:0;margin:0;font-size:.9em}"
    f".rf-box table.rf th{{position:sticky;top:0;z-index:1;background:{_BACK};border-bottom:2px solid {_LINE}}}"
    ".rf-box table.rf th,.rf-box table.rf td{text-align:left;vertical-align:top;padding:.2em .6em}"
    f".rf-box table.rf td{{border-bottom:1px solid {_LINE};max-width:40em;overflow-wrap:anywhere;unicode-bidi:isolate}}"
    ".rf-box table.rf td.rf-n,.rf-box table.rf th.rf-n{text-align:right}"
    ".rf-box table.rf .rf-t{white-space:nowrap}"
    ".rf-box table.rf .rf-w{display:inline-block;min-width:22em;white-space:pre-line}"
    # The classic notebook shows a summary as a block, which has no triangle.
    ".rf-box summary{display:list-item;list-style:disclosure-closed inside;cursor:pointer}"
    ".rf-box details[open]>summary{list-style-type:disclosure-open}"
    ".rf-box pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0;max-width:40em}"
    ".rf-foot{margin:.2em 0 .8em;font-size:.9em}"
    "</style>"
)


class Rows(Protocol):
    """What is shown: a result."""

    def __len__(self) -> int:
        """How many rows there are."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""

    @property
    def time_columns(self) -> list[str]:
        """Those of them that hold points of time, in UTC."""

    def head(self, count: int) -> Sequence[Mapping[str, Any]]:
        """The first rows."""


class Shown:
    """A result as a notebook shows it.

    Args:
        result: what was asked for.
        local: a time zone such as ``Europe/Berlin``; its time stands beside UTC. Empty for UTC alone.
        rows: how many rows are shown; as usual if 0.

    Raises:
        QueryError: there is no such time zone.
    """

    def __init__(self, result: Rows, local: str = "", rows: int = 0) -> None:
        self.result = result
        self.asked_rows = rows
        self.rows = rows or ROWS_SHOWN
        self.local = local
        self._zone = zone_of(local) if local else None

    def __repr__(self) -> str:
        return repr(self.result)

    @property
    def heads(self) -> list[str]:
        """The names of the columns, escaped; a time is followed by the same in local time."""
        named = (f"{name} {self.local}" if local else name for name, local in self._columns())
        return [html.escape(name) for name in named]

    def cells(self) -> list[list[Any]]:
        """The cells of each row: numbers as they are, everything else as HTML in which all text is escaped."""
        columns = self._columns()
        rows = self.result.head(self.rows)
        return [
            [self._local_cell(row[name]) if local else as_cell(row[name]) for name, local in columns] for row in rows
        ]

    @property
    def foot(self) -> str:
        """What is to be said below the table."""
        count = len(self.result)
        said = f"{count or 'No'} row{'' if count == 1 else 's'}" if count < 1000 else f"{count:,} rows"
        more = f", the first {self.rows:,} shown: .show(rows=…) shows more, .df() has all" if self.rows < count else ""
        beside = f", beside them {html.escape(self.local)}" if self.local else ""
        times = f" Times are UTC{beside}." if self.result.time_columns else ""
        return f'<p class="rf-foot">{said}{more}.{times}</p>'

    def _repr_html_(self) -> str:
        """A table with a header that stays in sight."""
        return f'{STYLE}<div class="rf-box">{plain_table(self.heads, self.cells())}</div>{self.foot}'

    def _columns(self) -> list[tuple[str, bool]]:
        """Each column, and whether it is the one in local time."""
        times = self.result.time_columns if self._zone else []
        return [
            (name, local) for name in self.result.columns for local in ((False, True) if name in times else (False,))
        ]

    def _local_cell(self, value: datetime | None) -> str:
        if value is None:
            return ""
        try:
            return _unbroken(f"{value.astimezone(self._zone):%Y-%m-%d %H:%M:%S %z}")
        except OverflowError:  # the first and the last day of the calendar
            return ""


def plain_table(heads: Sequence[str], cells: Sequence[Sequence[Any]]) -> str:
    """The cells of a table as HTML without a script.

    Args:
        heads: names of the columns, escaped.
        cells: of each row, as ``Shown.cells`` returns them.
    """
    body = "".join(f"<tr>{''.join(map(_td, row))}</tr>" for row in cells)
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<table class="rf"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def as_cell(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    """A value as HTML; a number stays one, so that a table can be sorted by it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return _unbroken(as_text(value))
    if isinstance(value, list | dict):
        return _unfolding(_without_nulls(value)) if value else ""
    text = as_text(value)
    if text[:1] in ("{", "["):
        try:
            return _unfolding(json.loads(text))
        except (ValueError, RecursionError):  # text that only looks like JSON
            return _text(text)
    return _text(text)


def _td(cell: Any) -> str:  # noqa: ANN401 - a number or HTML
    return f"<td>{cell}</td>" if isinstance(cell, str) else f'<td class="rf-n">{cell}</td>'


def _unbroken(text: str) -> str:
    return f'<span class="rf-t">{text}</span>'


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - lists and structures, one in another
    """A structure without the fields that its record did not have."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _unfolding(value: Any) -> str:  # noqa: ANN401 - JSON
    """A list or JSON: short ones open, others behind their beginning."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return _text(value[0])
    short = json.dumps(value, ensure_ascii=False, default=as_text)
    if len(short) <= _OPEN_LETTERS:
        return f'<code class="rf-t">{html.escape(short)}</code>'
    plain = isinstance(value, list) and all(isinstance(one, str) for one in value)
    whole = "\n".join(value) if plain else json.dumps(value, ensure_ascii=False, indent=2, default=as_text)
    begin = some([value[0][:_OPEN_LETTERS], *value[1:]], 1) if plain else f"{short[:_OPEN_LETTERS]}…"
    return _details(begin, whole)


def _text(text: str) -> str:
    if len(text) <= _LINE_LETTERS and "\n" not in text:
        return _unbroken(html.escape(text))
    if len(text) <= _TEXT_LETTERS:
        return f'<span class="rf-w">{html.escape(text)}</span>'
    return _details(f"{text[:_OPEN_LETTERS]}…", text)


def _details(begin: str, whole: str) -> str:
    cut = len(whole) - _MOST_LETTERS
    told = f"\n… {cut:,} more characters" if cut > 0 else ""
    shown = html.escape(whole[:_MOST_LETTERS])
    return f'<details class="rf-w"><summary>{html.escape(begin)}</summary><pre>{shown}{told}</pre></details>'
