"""Sessions of root as bars over time, with the addresses that they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, Mark, Sheet, accounts_in, inches_for, mfa_mark, undrawn
from rootforensics.charts.drawing.times import AXIS_HEIGHT, TimeScale, long
from rootforensics.charts.drawing.view import View, drawn, within
from rootforensics.phrases import plural, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_TITLE = "Sessions of root"
#: By what is known of MFA, the safest first: a tick of a later one lies over those of earlier ones. To a session opened
#: with AssumeRoot the MFA of root does not apply.
_MARKS: Final = {
    "used": mfa_mark("with", "mfa"),
    "beside": Mark("AssumeRoot: root’s MFA does not apply", "mfa_beside", marker="d"),  # noqa: RUF001 - typography
    "unknown": mfa_mark("not recorded", "mfa_unknown"),
    "not used": mfa_mark("without", "no_mfa"),
}
_KINDS: Final = {
    "console_sign_in": "console",
    "aws_login": "aws login",
    "long_term_key": "long-term key",
    "get_session_token": "GetSessionToken",
    "get_federation_token": "GetFederationToken",
    "assume_root": "AssumeRoot",
    "unknown": "not known",
}
_ROW: Final = 15.0
_HIGHEST_ROW: Final = 30.0
#: What stands above the bars: a line, the key and a gap.
_ABOVE: Final = 38.0
_SLIMMEST: Final = 2.0
#: Of the bars together.
_NARROWEST: Final = 90.0
#: Left of what stands beside them.
_BESIDE: Final = 10.0
#: Letters beside the bars.
_NOTE: Final = 7.5


def sessions_data(
    case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None
) -> list[of.RootSessions]:
    """Root's sessions.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.

    Returns:
        The rows of the question ``root_sessions``, in order of time.
    """
    return within(case.query("root_sessions", account_id=account_id).rows, since, until, "first_time", "last_time")


@drawn
def sessions_chart(rows: Sequence[of.RootSessions], view: View) -> Figure:
    """Draw one bar a session from its first event to its last, colored by MFA, with its addresses.

    What has no room stands as ticks of the same colors in the last line; sessions without MFA are shown before others,
    then those with the most changes. A figure of its own is as high as its bars need.
    """
    timed = [
        cast("of.TimedSession", {**row, "last_time": row["last_time"] or row["first_time"]})
        for row in rows
        if row["first_time"]
    ]
    untimed = undrawn((len(rows) - len(timed), "session"))
    needed = len(timed) * _HIGHEST_ROW + _ABOVE + AXIS_HEIGHT if timed else 0.0
    sheet = Sheet(view, _TITLE, inches_for(needed))
    if not timed:
        return sheet.nothing(f"No session of root{' with a time' if rows else ''}", untimed)
    first, last = min(row["first_time"] for row in timed), max(row["last_time"] for row in timed)
    aside = f"; {untimed}" if untimed else ""
    told = f"{plural(len(rows), 'session')}, {accounts_in(rows)}, {view.span(first, last)}{aside}"
    there = {_mfa(row) for row in timed}
    key = [mark for mfa, mark in reversed(_MARKS.items()) if mfa != "beside" or mfa in there]
    names = _names(timed)
    if sheet.start([told], key, _least(timed, names)):
        _draw(sheet, timed, names)
    moved = sum((row["ip_count"] or 0) > 1 for row in rows)
    kinds = {kind: sum(row["session_kind"] == kind for row in rows) for kind in _KINDS}
    named = ", ".join(f"{_KINDS[kind]} {count:,}" for kind, count in kinds.items() if count)
    said = f"{plural(len(rows), 'session')} ({named}); {moved:,} with more than one address"
    return sheet.finish(f"{sheet.title}, {view.span(first, last)}: {said}.")


def _mfa(row: of.RootSessions) -> str:
    if row["session_kind"] == "assume_root":
        return "beside"
    return {True: "used", False: "not used", None: "unknown"}[row["mfa_used"]]


def _least(rows: Sequence[of.RootSessions], names: dict[str, str]) -> tuple[float, float]:
    """Width and height that bars, names and counts need, in points."""
    counts = max(width_of(_counts(row), _NOTE) for row in rows)
    return _room(names) + _NARROWEST + counts + 14, _ROW * min(len(rows), 2) + AXIS_HEIGHT + 8


def _names(rows: Sequence[of.RootSessions]) -> dict[str, str]:
    several = len({row["account_id"] for row in rows}) > 1
    return {row["session_id"]: _name(row, with_account=several) for row in rows}


def _room(names: dict[str, str]) -> float:
    """For the names at the left, in points."""
    more = width_of(plural(len(names), "more session"))
    return 10 + max(more, *(width_of(cut(name, 190)) for name in set(names.values())))


def _draw(sheet: Sheet, rows: Sequence[of.TimedSession], names: dict[str, str]) -> None:
    room = _room(names)
    panel = sheet.panel(left=room, bottom=AXIS_HEIGHT, top=8)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    shown, more = _with_room(rows, max(int(high // _ROW), 2))
    right = max(min(max(_room_beside(row) for row in shown), wide * 0.42), *(_room_beside(row, 0) for row in shown))
    spans = [(row["first_time"], row["last_time"]) for row in rows]
    scale = TimeScale(
        (moment for span in spans for moment in span), wide - right, spans, even=True, zone=sheet.view.zone
    )
    row_height = min(high / (len(shown) + bool(more)), _HIGHEST_ROW)
    top = row_height * (len(shown) + bool(more))
    scale.draw(panel, top)
    for place, row in enumerate(shown):
        y = top - row_height * (place + 0.5)
        write(panel, -room, y, cut(names[row["session_id"]], room - 10), color=COLORS["ink"], clip_on=False)
        _draw_bar(panel, scale, row, y, row_height)
        aside = _aside(row, right - _BESIDE)
        write(panel, wide - right + 8, y, aside, fontsize=_NOTE, color=COLORS["muted"])
    if more:
        label = cut(plural(len(more), "more session"), room - 10)
        write(panel, -room, row_height / 2, label, color=COLORS["muted"], clip_on=False)
        _draw_ticks(panel, scale, more, row_height)


def _with_room(rows: Sequence[of.TimedSession], room: int) -> tuple[list[of.TimedSession], list[of.TimedSession]]:
    """The sessions that are shown, in order of time, and the others."""
    if len(rows) <= room:
        return list(rows), []
    most_severe = sorted(
        rows,
        key=lambda row: (_mfa(row) != "not used", -(row["write_count"] or 0), -row["event_count"], row["session_id"]),
    )
    kept = {row["session_id"] for row in most_severe[: room - 1]}
    return [row for row in rows if row["session_id"] in kept], [row for row in rows if row["session_id"] not in kept]


def _draw_ticks(panel: Axes, scale: TimeScale, rows: Sequence[of.TimedSession], height: float) -> None:
    """The begins of sessions in one line, those without MFA highest and on top of others, doubt above what is safe."""
    for order, (mfa, mark) in enumerate(_MARKS.items()):
        low = height * (0.15 + 0.15 * order)
        places = sorted({round(scale.at(row["first_time"]) * 2) / 2 for row in rows if _mfa(row) == mfa})
        color = COLORS[mark.color]
        if places:
            panel.vlines(places, low, low + height * 0.25, color=color, linewidth=0.8, zorder=2 + order)


def _name(row: of.RootSessions, *, with_account: bool) -> str:
    kind = _KINDS.get(row["session_kind"], row["session_kind"] or _KINDS["unknown"])
    return f"{row['account_id'] or 'no account'}  {kind}" if with_account else kind


def _room_beside(row: of.RootSessions, most: int = 2) -> float:
    """For what stands beside a bar with so many addresses, in points."""
    told = _counts(row)
    return width_of(f"{_addresses(row, most)} · {told}" if most else told, _NOTE) + _BESIDE + 0.1


def _addresses(row: of.RootSessions, most: int) -> str:
    ips = [one for one in row["source_ips"] or () if one]
    return some(ips, most) or "no address"


def _counts(row: of.RootSessions) -> str:
    return f"{plural(row['event_count'], 'event')}, {plural(row['write_count'] or 0, 'change')}"


def _aside(row: of.RootSessions, room: float) -> str:
    """Addresses and counts, as many addresses as have room: the counts stay whole."""
    counts = _counts(row)
    ips = [one for one in row["source_ips"] or () if one]
    number = plural(len(ips), "address", "addresses") if ips else "no address"
    told = [f"{named} · {counts}" for named in (_addresses(row, 2), _addresses(row, 1), number)]
    return next((text for text in told if width_of(text, _NOTE) <= room), counts)


def _draw_bar(panel: Axes, scale: TimeScale, row: of.TimedSession, y: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    left, right = scale.at(row["first_time"]), scale.at(row["last_time"])
    slim = max(_SLIMMEST - (right - left), 0) / 2
    panel.add_artist(
        Rectangle(
            (left - slim, y - height * 0.3),
            right - left + 2 * slim,
            height * 0.6,
            gid="session",
            zorder=2,
            **_MARKS[_mfa(row)].face,
        )
    )
    mark = _MARKS[_mfa(row)]
    (spot,) = panel.plot([left], [y], marker=mark.marker, markersize=6.5, markeredgewidth=0.6, zorder=3, clip_on=False)
    spot.set(markerfacecolor=COLORS[mark.color], markeredgecolor=COLORS["ink"])
    text = long(row["duration_seconds"] or 0)
    if row["duration_seconds"] and width_of(text, 7) < right - left - 6:
        ink = "#ffffff" if _mfa(row) in ("not used", "beside") else COLORS["ink"]
        write(panel, (left + right) / 2, y, text, ha="center", fontsize=7, color=ink, zorder=3)


CHART = Chart(
    "sessions",
    _TITLE,
    "One bar per session, from its first event to its last, colored by MFA. It begins with a circle (with MFA), a"
    " triangle (without) or a square (not recorded). On the right are its addresses and actions. An AssumeRoot "
    "session has its own color and shape, because root's MFA does not apply to it. If there are too many "
    "sessions, those without MFA have a bar first, then those with the most changes. The starts of the others are"
    " ticks of the same colors in the last line: those without MFA highest, then those not recorded.",
    "When a session ended: AWS does not record signing out, so a bar ends with the last call. A long-term key has"
    " no session; its use is split at pauses of twelve hours. Root events outside any session are not shown.",
    sessions_data,
    sessions_chart,
)
