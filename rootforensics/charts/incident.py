"""The incident in rows, account by account: what was done with root, what was approved, and how it was answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import width_of, write
from rootforensics.charts.drawing.look import (
    COLORS,
    MFA_SHAPES,
    TALLEST,
    Mark,
    Sheet,
    accounts_in,
    inches_for,
    mfa_mark,
    mfa_words,
    undrawn,
)
from rootforensics.charts.drawing.rows import (
    COUNTS,
    LINE,
    TITLE,
    Group,
    Layout,
    Point,
    draw_points,
    draw_rows,
    lay_out,
    least_for,
    names_room,
    points_for,
)
from rootforensics.charts.drawing.strips import Span, draw_line
from rootforensics.charts.drawing.times import AXIS_HEIGHT, TimeScale, union
from rootforensics.charts.drawing.tip import Tip
from rootforensics.charts.drawing.view import View, drawn
from rootforensics.charts.incident_rows import FOLLOWED, OTHER, RESPONSE, ROWS, incident_data
from rootforensics.charts.interactive import incident_interactive
from rootforensics.phrases import plural
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.standing import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.rows import Box
    from rootforensics.queries import rows as of


__all__ = ["CHART", "incident_chart", "incident_data"]

_TITLE = "The incident: root activity and findings"
#: Lines and key above the rows, in points.
_ABOVE: Final = 68.0
#: Half the height of a time without a watch, in points: names have room above and below it.
_HALF_WINDOW: Final = 5.0
_SEVERE: Final = ("medium", "high", "critical")
#: What was done with root, and the calls that opened sessions of it.
_OF_ROOT: Final = ("event", "opening")
_POINTS: Final = (*_OF_ROOT, "follow-on", "response")
#: How to count rows without a time. Findings of single actions are drawn by the points of their events.
_COUNTED_AS: Final = {
    **dict.fromkeys(_POINTS, "event"),
    "finding": "sequence",
    "window": "coverage gap",
    "approval": "approval",
}
#: Accounts in this order; beside the first, accounts of the others stand in one row each.
_STANDINGS: Final = (
    "takeover",
    "without_mfa",
    "use",
    "attempt",
    "opened",
    "privileged_session",
    "approved_use",
    "unseen",
    "",
)
#: What stands above the rows: findings of sequences; what an action means by itself is a point.
_HEAD: Final = "Sequences"
_APPROVALS: Final = "Approvals"
_LINES: Final = {"finding": _HEAD, "approval": _APPROVALS}
_RESPONSE: Final = Mark("response by other users", "response", marker="P")
_WINDOW: Final = Mark("logging impaired", "pale", hatch="/////", edge="noise")
_BAND: Final = Mark("approved window", "approved", edge="response")
#: A proper use does not look like a takeover, however severe its actions would be elsewhere.
_PROPER: Final = {
    "approved_use": Mark("approved use", "approved", marker="h", edge="response"),
    "privileged_session": Mark("privileged session (AssumeRoot)", "read", marker="d", edge="change"),
}


@dataclass(frozen=True, slots=True)
class _Account:
    """What is drawn of one account."""

    group: Group
    points: list[of.TimedMark]
    kinds: dict[str, list[of.TimedMark]]
    approvals: list[of.TimedMark]
    windows: list[of.TimedMark]


@drawn
def incident_chart(rows: Sequence[of.IncidentMark], view: View) -> Figure:
    """Draw root's actions in rows, account by account, findings above them, approved windows behind them.

    A figure of its own is as high as its rows need.
    """
    events = [row for row in rows if row["kind"] in _POINTS]
    timed = [cast("of.TimedMark", row) for row in events if row["from_time"]]
    untimed = _untimed(rows)
    accounts = _accounts(rows) if timed else []
    needed = points_for([account.group for account in accounts]) + _ABOVE + AXIS_HEIGHT + 8
    sheet = Sheet(view, _TITLE, inches_for(needed, TALLEST) if timed else inches_for(0))
    if not timed:
        return sheet.nothing("No root activity with a time", untimed)
    times = [row["from_time"] for row in timed]
    said = f"{_counted(rows)}, {accounts_in(events)}"
    counts = Counter(row["category"] for row in events)
    told = filter(None, (f"{said}, {view.span(min(times), max(times))}", untimed))
    if sheet.start(told, _key(rows), least_for((*ROWS, _HEAD))):
        _draw(sheet, accounts, times)
    headings = ". ".join(f"{one.group.title} ({one.group.aside})" for one in accounts[:10])
    categories = ", ".join(f"{name} {counts[name]:,}" for name in ROWS if counts[name])
    findings = [row for row in rows if row["kind"] == "finding" and row["from_time"]]
    most_severe = ". ".join(f"{row['severity'].capitalize()}: {row['text']}" for row in findings[:10])
    span = view.span(min(times), max(times))
    return sheet.finish(f"{sheet.title}, {span}. {said}. {headings}. By category: {categories}. {most_severe}")


def _accounts(rows: Sequence[of.IncidentMark]) -> list[_Account]:
    """What is drawn, account by account: those with a likely takeover first, then those with the most events."""
    found: dict[str, list[of.TimedMark]] = {}
    for row in rows:
        if row["from_time"]:
            found.setdefault(row["account_id"] or "", []).append(cast("of.TimedMark", row))
    accounts = [_account(name, own) for name, own in found.items() if any(row["kind"] in _POINTS for row in own)]
    accounts.sort(key=lambda one: (_STANDINGS.index(_standing(one)), -len(one.points), one.group.account))
    first = _standing(accounts[0])
    return [_folded(account) if first == "takeover" != _standing(account) else account for account in accounts]


def _standing(account: _Account) -> str:
    return next((row["standing"] for row in account.points if row["standing"] in _STANDINGS), "")


def _folded(one: _Account) -> _Account:
    return _Account(one.group.folded(), one.points, one.kinds, one.approvals, one.windows)


def _account(name: str, rows: list[of.TimedMark]) -> _Account:
    by_kind: dict[str, list[of.TimedMark]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    kinds: dict[str, list[of.TimedMark]] = {}
    for row in sorted(
        by_kind.get("finding", ()), key=lambda row: (-SEVERITIES.index(row["severity"]), row["from_time"])
    ):
        kinds.setdefault(row["text"], []).append(row)
    points = [row for row in rows if row["kind"] in _POINTS]
    used = {row["category"] for row in points} | {row["category"] for row in by_kind.get("window", ())}
    kind = next((row["standing"] for row in points if row["standing"]), "")
    words = next((text for one, text in WORDS.items() if one == kind), "")
    title = ": ".join(filter(None, (f"Account {name}" if name else "No account", words)))
    approvals = by_kind.get("approval", [])
    number = Counter(row["kind"] for row in points)
    calls = ((number["event"], "event"), (number["opening"], "AssumeRoot call"))
    parts = (*calls, (len(by_kind.get("finding", ())), "sequence"), (len(approvals), "approval"))
    aside = ", ".join(plural(number, one) for number, one in parts if number)
    categories = tuple(category for category in ROWS if category in used)
    group = Group(name, title, words.partition(" (")[0], aside, categories, len(kinds) + bool(approvals))
    return _Account(group, points, kinds, approvals, by_kind.get("window", []))


def _counted(rows: Sequence[of.IncidentMark]) -> str:
    """Events and findings in the numbers that are told elsewhere, and which of them stand where."""
    number = Counter(row["kind"] for row in rows)
    said = plural(number["event"], "root event")
    if number["opening"]:
        said += f" and {plural(number['opening'], 'AssumeRoot call')}"
    said += f", {plural(number['finding'] + number['action'], 'finding')}"
    places = (("finding", "sequence"), ("action", "single action"))
    parts = [plural(number[kind], one) for kind, one in places if number[kind]]
    return f"{said} ({', '.join(parts)})" if parts else said


def _untimed(rows: Sequence[of.IncidentMark]) -> str:
    """What is not drawn for want of a time; empty if all is."""
    number = Counter(_COUNTED_AS.get(row["kind"]) for row in rows if not row["from_time"])
    return undrawn(*((number[one], one) for one in dict.fromkeys(_COUNTED_AS.values())))


def _key(rows: Sequence[of.IncidentMark]) -> list[Mark]:
    """What colors and shapes mean, as far as they occur."""
    kinds = {row["kind"] for row in rows}
    marks = [Mark(severity, severity, marker="o") for severity in reversed(SEVERITIES)]
    if any(row["kind"] in _OF_ROOT and row["result"] == "attempted" for row in rows):
        marks.append(Mark("attempted but failed", "ended", marker="o", edge="high"))
    standings = {row["standing"] for row in rows} | ({"privileged_session"} if "opening" in kinds else set())
    signed = {row["mfa"] for row in rows}
    marks += [mark for standing, mark in _PROPER.items() if standing in standings]
    marks += [mfa_mark(mfa, of="sign-in ") for mfa in MFA_SHAPES if mfa in signed]
    extra = {"response": _RESPONSE, "window": _WINDOW, "approval": _BAND}
    return marks + [mark for kind, mark in extra.items() if kind in kinds]


def _draw(sheet: Sheet, accounts: Sequence[_Account], times: Sequence[datetime]) -> None:
    room = names_room((*ROWS, _HEAD))
    panel = sheet.panel(left=room, right=COUNTS, bottom=AXIS_HEIGHT, top=8)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    scale = TimeScale(times, wide, zone=sheet.view.zone)
    layout = lay_out([account.group for account in accounts], high)
    scale.draw(panel, high)
    counts = Counter(layout.key(one.group.account, row["category"]) for one in accounts for row in one.points)
    groups = {group.account: group for group in layout.groups}
    striped, points = [], []
    for one in accounts:
        if group := groups.get(one.group.account):
            _draw_lines(sheet, panel, one, group, layout, scale)
            _draw_bands(sheet, panel, one, layout, scale)
            striped += _draw_windows(sheet, panel, one, layout, scale)
            points += _points(one, layout, sheet.view)
    draw_rows(panel, layout, counts, room, wide)
    draw_points(panel, scale, layout, points, sheet.link, striped)


def _draw_lines(sheet: Sheet, panel: Axes, one: _Account, group: Group, layout: Layout, scale: TimeScale) -> None:
    """Approvals in one line, then a line for each kind of sequence; what has no room is counted."""
    y = layout.tops[group.account] - (0 if group.is_folded else TITLE) - LINE / 2
    left = -names_room((*ROWS, _HEAD))
    lines = group.lines
    # No other name or count stands beside a line than that of the first.
    reach = (left + width_of(f"{_HEAD} (99 of 99)", 8.5) + 8, scale.width + COUNTS - 6)
    look = {"fontsize": 8.5, "color": COLORS["ink"], "clip_on": False}
    if one.approvals and lines:
        spans = [
            Span(*ends, "approved", bar=True, name=row["text"], links=sheet.link(_tip(row, row["text"], sheet.view)))
            for row in one.approvals
            if (ends := _within(row, scale))
        ]
        write(panel, left, y, _APPROVALS, **look)
        draw_line(panel, spans, y, reach)
        y, lines = y - LINE, lines - 1
    kinds = list(one.kinds.items())[:lines]
    if kinds:
        write(
            panel,
            left,
            y,
            _HEAD if len(kinds) == len(one.kinds) else f"{_HEAD} ({len(kinds)} of {len(one.kinds)})",
            **look,
        )
    for text, found in kinds:
        spans = [
            Span(
                scale.at(row["from_time"]),
                scale.at(row["until_time"] or row["from_time"]),
                row["severity"],
                hollow=row["result"] == "attempted",
                links=sheet.link(_tip(row, text, sheet.view)),
            )
            for row in found
        ]
        draw_line(panel, spans, y, reach, f"{text} ×{len(found)}" if len(found) > 1 else text)  # noqa: RUF001
        y -= LINE


def _within(row: of.TimedMark, scale: TimeScale) -> tuple[float, float] | None:
    """The ends of a window in points, the last event if it has none; None if it lies outside or has no begin."""
    first, last = scale.stretches[0].start, scale.stretches[-1].end
    until = row["until_time"] or last
    if not row["from_time"] or row["from_time"] > last or until < first:
        return None
    return scale.at(max(row["from_time"], first)), scale.at(min(until, last))


def _points(one: _Account, layout: Layout, view: View) -> list[Point]:
    points, named = [], set()
    for row in sorted(one.points, key=lambda row: (-SEVERITIES.index(row["severity"]), row["from_time"])):
        severe = SEVERITIES.index(row["severity"])
        label = row["label"] or ""
        if row["mfa"]:
            label += f" {mfa_words(row['mfa'])}"
        place = (row["category"], label, row["result"])
        is_named = place not in named and (row["severity"] in _SEVERE or row["kind"] not in _OF_ROOT)
        named.add(place)
        weight = 2 * severe + (row["result"] != "attempted") if row["kind"] in _OF_ROOT else 2 * len(SEVERITIES)
        key = layout.key(one.group.account, row["category"])
        points.append(
            Point(row["from_time"], key, _mark(row), partial(_tip, row, label, view), label, weight, is_named)
        )
    return points


def _mark(row: of.TimedMark) -> Mark:
    """How the point of a row looks: its shape tells MFA of a sign-in, its color how severe it is."""
    if row["kind"] == "response":
        return _RESPONSE
    if row["kind"] == "opening":
        return _PROPER["privileged_session"]
    severity = row["severity"]
    shape = MFA_SHAPES.get(row["mfa"], "o")
    if row["result"] == "attempted":
        # A pale outline on white would not show.
        return Mark(f"{severity}, attempted", "ended", marker=shape, edge=severity if severity in _SEVERE else "noise")
    if row["kind"] == "event" and (proper := _PROPER.get(row["standing"])):
        return proper if shape == "o" else Mark(proper.label, proper.color, marker=shape, edge=proper.edge)
    return Mark(severity, severity, marker=shape)


def _tip(row: of.TimedMark, label: str, view: View) -> Tip:
    said = label if label == row["text"] else f"{label}: {row['text']}"
    tried = ", attempted" if row["result"] == "attempted" else ""
    whose = f"{'root of ' if row['kind'] == 'event' else ''}account {row['account_id'] or 'not recorded'}"
    until = f" to {view.at(row['until_time'])}" if row["until_time"] else ""
    severe = "" if row["kind"] == "approval" else f" ({row['severity']}{tried})"
    text = f"{view.at(row['from_time'])}{until} {said}{severe}, {whose}"
    ids = f", {row['eventIDs'][0]}" if row["eventIDs"] else ""
    place = row["citations"][0] if row["citations"] else ""
    category = _LINES.get(row["kind"], row["category"])
    return Tip(text + ids, place, row["account_id"] or "", category, row["severity"])


def _draw_bands(sheet: Sheet, panel: Axes, one: _Account, layout: Layout, scale: TimeScale) -> None:
    """Approved windows behind the rows of their account."""
    from matplotlib.patches import Rectangle

    low, high = layout.bands[one.group.account]
    for row in one.approvals:
        if ends := _within(row, scale):
            wide = max(ends[1] - ends[0], 3.0)
            color = COLORS["approved"]
            band = Rectangle((ends[0], low), wide, high - low, color=color, linewidth=0, gid="approval", zorder=0.1)
            band.set_url(sheet.link(_tip(row, row["text"], sheet.view))[1] or None)
            panel.add_artist(band)


def _draw_windows(sheet: Sheet, panel: Axes, one: _Account, layout: Layout, scale: TimeScale) -> list[Box]:
    """Draw the times without a watch, and tell where they are."""
    from matplotlib.patches import Rectangle

    half = min(layout.height * 0.2, _HALF_WINDOW)
    spans: dict[float, list[tuple[float, float]]] = {}
    for row in one.windows:
        if ends := _within(row, scale):
            wide = max(ends[1] - ends[0], 3.0)
            y = layout.middles[layout.key(one.group.account, row["category"])]
            stripes = Rectangle((ends[0], y - half), wide, 2 * half, gid="window", zorder=1, **_WINDOW.face)
            stripes.set_url(sheet.link(_tip(row, row["text"], sheet.view))[0] or None)
            panel.add_artist(stripes)
            spans.setdefault(y, []).append((ends[0], ends[0] + wide))
    return [(left, y - half, right, y + half) for y, held in spans.items() for left, right in union(held)]


CHART = Chart(
    "incident",
    _TITLE,
    "A group of rows for each account, under a heading that rates the use of its root user. A likely takeover "
    "comes first; next to it, each other account has only one row. A privileged session and an approved use have "
    "their own shape and color. One row per kind of action, one point per root event, colored by its severity in "
    "the catalogue of actions. White points were denied or failed, and a larger point is several events close to "
    "each other. Above the rows are findings of sequences, as bars with one line per kind. Striped: a trail or "
    "another detective control was impaired. Green bands: approved windows (with a file of approvals). "
    f"“{FOLLOWED}” is activity of entities that root created, “{RESPONSE}” what others removed or re-enabled. "
    f"“{OTHER}” includes calls outside the catalogue. Labels appear where there is room, the most severe first.",
    "Events in no log of the case. A row shows the kind of call, not who acted or why. CloudTrail does not order "
    "events within one second. Gray breaks mark changes of the time scale: busy periods get more room.",
    incident_data,
    incident_chart,
    ("approvals",),
    incident_interactive,
)
