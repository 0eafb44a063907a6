"""The picture of how the parts hang together, for docs/background.md."""

from __future__ import annotations

from html import escape
from typing import Final

_TOLD: Final = "Evidence is read into one case file; answers come from it, and each leads back to a record"
_WIDTH, _HEIGHT = 960, 424
_COLUMN, _GAP, _TOP = 204, 40, 64
_LINE: Final = 19

#: From left to right: title, color, and what stands in the boxes below it.
_COLUMNS: Final = (
    ("Evidence", "#e8eef7", ("Files, folders, archives", "S3, older versions too", "Event history, 90 days", "Exports: SIEM, Lake, CSV")),
    ("Reading", "#e9f4ec", ("Hash of each object", "Inflate, find the events", "Count: loaded, copies,\nfiltered, rejected", "Keep what is whole\nof a damaged file")),
    ("Case file (DuckDB)", "#fdf3df", ("Ledger of the evidence", "All events, typed columns", "Root events:\nactivity and noise", "Sessions, findings,\nwhat followed from root")),
    ("Answers", "#f8e9e7", ("Verdict: yes, no, unknown", "Containment, in order", "Timeline, charts,\nbrief and report", "SQL, Python, notebooks,\nexports")),
)  # fmt: skip


def architecture_svg() -> str:
    """The picture as SVG, on white, without anything to load."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" font-family="sans-serif" '
            f'font-size="14" role="img"><title>{_TOLD}</title>'
            '<marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0L8 4L0 8z" fill="#444"/></marker>'
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        )
    ]
    for number, (title, color, boxes) in enumerate(_COLUMNS):
        left = 12 + number * (_COLUMN + _GAP)
        middle = left + _COLUMN / 2
        parts += [
            f'<rect x="{left}" y="12" width="{_COLUMN}" height="330" rx="8" fill="{color}" stroke="#999"/>',
            _text(middle, 40, title, bold=True),
        ]
        for place, box in enumerate(boxes):
            lines = box.split("\n")
            top = _TOP + place * 68
            parts.append(
                f'<rect x="{left + 10}" y="{top}" width="{_COLUMN - 20}" height="56" rx="5" fill="#fff" stroke="#999"/>'
            )
            first = top + 33 - (len(lines) - 1) * _LINE / 2
            parts += [_text(middle, first + line * _LINE, text) for line, text in enumerate(lines)]
        if number:
            parts.append(_arrow(f"M{left - _GAP + 3} 177H{left - 4}"))
    last, first = 12 + 3 * (_COLUMN + _GAP) + _COLUMN / 2, 12 + _COLUMN / 2
    parts += [
        _arrow(f"M{last} 342V384H{first}V347"),
        _text(
            _WIDTH / 2, 406, "raw: from any line back to its record, read again after the hash of its file was checked"
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(middle: float, base: float, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{middle:g}" y="{base:g}" text-anchor="middle" fill="#111"{weight}>{escape(text)}</text>'


def _arrow(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="#444" stroke-width="1.5" marker-end="url(#end)"/>'
