"""The controls on root, account by account."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, TALLEST, Mark, Sheet, accounts_in, inches_for
from rootforensics.charts.drawing.view import View, drawn, within
from rootforensics.phrases import plural
from rootforensics.rules.actions import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_TITLE: Final = "Controls on root, by account"
_MARKS: Final = {
    "fail": Mark("fails", "critical"),
    "unknown": Mark("not known", "ended", hatch="////"),
    "warn": Mark("warns", "medium"),
    "info": Mark("to compare", "volume"),
    "pass": Mark("passes", "approved", edge="response"),
    "not_applicable": Mark("not applicable", "pale", edge="rule"),
}
#: Of a row, in points, and of a column.
_ROW: Final = 13.0
_LOWEST: Final = 11.0
_NARROWEST: Final = 9.0
_WIDEST: Final = 90.0
#: No panel is narrower.
_PANEL: Final = 20.0
_HEAD: Final = 66.0
_WIDEST_NAME: Final = 330.0


def posture_data(case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None) -> list[of.Posture]:
    """The answers to the controls.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only checks at or after this time, aware or ISO 8601 text (UTC without offset).
        until: only checks before this time.

    Returns:
        The rows of the question ``posture``: of each account what was answered last.
    """
    return within(case.query("posture", account_id=account_id).rows, since, until, "checked_time")


@drawn
def posture_chart(rows: Sequence[of.Posture], view: View) -> Figure:
    """Draw a row for each control and a column for each account, colored by the answer.

    The most severe controls stand above, and the accounts in which the most fail on the left; those that have no room
    are counted.
    """
    answers = {(row["control_id"], row["account_id"]): row["answer"] for row in rows}
    titles = {row["control_id"]: row for row in rows}
    controls = sorted(titles, key=lambda one: (-SEVERITIES.index(titles[one]["severity"]), one))
    fails = Counter(row["account_id"] for row in rows if row["answer"] == "fail")
    accounts = sorted({row["account_id"] for row in rows}, key=lambda one: (-fails[one], one))
    sheet = Sheet(view, _TITLE, inches_for(len(controls) * _ROW + _HEAD + 40 if rows else 0.0, TALLEST))
    if not rows:
        return sheet.nothing("No check of the posture")
    counts = Counter(row["answer"] for row in rows)
    key = [mark for answer, mark in _MARKS.items() if counts[answer]]
    names = {control: f"{titles[control]['title']} ({titles[control]['severity']})" for control in controls}
    room = 10 + max(width_of(cut(name, _WIDEST_NAME)) for name in names.values())
    shown = accounts[: max(int((sheet.width - room) // _NARROWEST), 1)]
    told = [f"{plural(len(controls), 'control')}, {accounts_in(rows)}"]
    if len(shown) < len(accounts):
        told[0] += f"; {plural(len(accounts) - len(shown), 'account')} with fewer failures not drawn"
    lines = controls[: max(int((sheet.below(told, key) - _HEAD) // _LOWEST), 1)]
    if len(lines) < len(controls):
        told[0] += f"; {plural(len(controls) - len(lines), 'less severe control')} not drawn"
    if sheet.start(told, key, (room + _PANEL, _LOWEST + _HEAD + 20)):
        panel = sheet.panel(left=room, top=_HEAD - 10)
        wide = min(panel.get_xlim()[1] / len(shown), _WIDEST)
        high = min(panel.get_ylim()[1] / len(lines), _ROW)
        top = len(lines) * high
        for column, account in enumerate(shown):
            look = {"rotation": 90, "va": "bottom", "ha": "center", "fontsize": min(7.5, wide - 1)}
            write(panel, (column + 0.5) * wide, top + 4, account or "unknown", clip_on=False, **look)
        for place, one in enumerate(lines):
            bottom = top - (place + 1) * high
            write(panel, -room, bottom + high / 2, cut(names[one], room - 10), color=COLORS["ink"], clip_on=False)
            for column, account in enumerate(shown):
                _draw_cell(panel, (column * wide, bottom, wide, high), answers.get((one, account), ""))
    told_counts = ", ".join(f"{mark.label} {counts[answer]:,}" for answer, mark in _MARKS.items() if counts[answer])
    worst = "; ".join(f"{one or 'unknown'} {fails[one]:,}" for one in accounts[:10])
    return sheet.finish(f"{sheet.title}: {told[0]}. Answers: {told_counts}. Failures by account: {worst}.")


def _draw_cell(panel: Axes, place: tuple[float, float, float, float], answer: str) -> None:
    from matplotlib.patches import Rectangle

    left, bottom, wide, high = place
    if answer:
        face = _MARKS[answer].face
        panel.add_patch(Rectangle((left + 0.5, bottom + 1), max(wide - 1, 1), high - 2, clip_on=False, **face))


CHART = Chart(
    "posture",
    _TITLE,
    "One row per control, the most severe first, and one column per account, the one with the most failures on "
    "the left. Each cell is the latest answer. Not known means that a permission or a file was missing.",
    "What was not checked, or has changed since. The question posture lists why a control fails.",
    posture_data,
    posture_chart,
)
