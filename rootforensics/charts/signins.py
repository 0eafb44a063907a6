"""The strip of sign-ins: which succeeded, which failed, with MFA or without, and what else belongs to signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import plural
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.lanes import COUNTS, Lanes, Point, draw_lanes, draw_points, least_for, names_room
from rootforensics.charts.drawing.look import Mark, Sheet, accounts_in, undrawn
from rootforensics.charts.drawing.plain import plainly
from rootforensics.charts.drawing.times import AXIS_HEIGHT, TimeScale, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Asks

_TITLE = "Signing in as root"
#: Lanes from top to bottom and how their points look; the first four are shown even if nothing is in them.
_LANES: Final = {
    "Signed in without MFA": Mark("signed in without MFA", "no_mfa", marker="o"),
    "Signed in with MFA": Mark("signed in with MFA", "mfa", marker="o"),
    "Sign-in failed": Mark("failed", "ended", marker="X"),
    "Password recovery": Mark("password recovery", "high", marker="D"),
    "Signed in, MFA not told": Mark("MFA not told", "mfa_unknown", marker="o"),
    "Sign-in, outcome not told": Mark("outcome not told", "unknown", marker="o"),
    "aws login": Mark("aws login", "activity", marker=">"),
    "Password or e-mail changed": Mark("password or e-mail changed", "critical", marker="s"),
    "Other": Mark("other", "info", marker="o"),
}
_ALWAYS: Final = 4
_KINDS: Final = {
    "cli_sign_in": "aws login",
    "recovery_requested": "Password recovery",
    "recovery_completed": "Password recovery",
    "password_changed": "Password or e-mail changed",
    "email_changed": "Password or e-mail changed",
    "name_email_or_password_changed": "Password or e-mail changed",
}


def signins_data(case: Asks, account_id: str = "") -> list[of.RootSignins]:
    """Root's sign-ins, tried and done, and what else belongs to signing in.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.

    Returns:
        The rows of the question ``root_signins``, in order of time.
    """
    return case.query("root_signins", account_id=account_id).rows


@plainly
def signins_chart(rows: Sequence[of.RootSignins], ax: Axes | None = None, account_id: str = "") -> Figure:
    """Draw one lane for each outcome, a point an event; the first event from an address bears the address.

    Args:
        rows: as ``signins_data`` returns them.
        ax: where to draw; a figure of its own if not given.
        account_id: the account that the rows were asked for, to name it where there are none.

    Returns:
        The figure; its label is a description in words.
    """
    sheet = Sheet(ax, _TITLE)
    timed = [row for row in rows if row["eventTime"]]
    untimed = undrawn((len(rows) - len(timed), "event"))
    if not timed:
        return sheet.nothing(f"No sign-in of root{' with a time' if rows else ''}", account_id, untimed)
    counts: dict[str, int] = {}
    for row in rows:
        counts[lane_of(row)] = counts.get(lane_of(row), 0) + 1
    times = [row["eventTime"] for row in timed]
    aside = f"; {untimed}" if untimed else ""
    told = f"{plural(len(rows), 'event')}, {accounts_in(rows)}, {span(min(times), max(times))}{aside}"
    names = [name for place, name in enumerate(_LANES) if name in counts or place < _ALWAYS]
    if sheet.start([told], (), least_for(names)):
        _draw(sheet, names, timed, counts)
    named = "; ".join(f"{lane}: {counts[lane]:,}" for lane in _LANES if lane in counts)
    return sheet.finish(f"{_TITLE}, {span(min(times), max(times))}: {plural(len(rows), 'event')}. {named}.")


def lane_of(row: of.RootSignins) -> str:
    """The lane of a sign-in event."""
    kind = row["signin_kind"]
    if kind in _KINDS:
        failed = kind == "cli_sign_in" and row["outcome"] == "failure"
        return "Sign-in failed" if failed else _KINDS[kind]
    if kind != "sign_in":
        return "Other"
    if row["outcome"] == "failure":
        return "Sign-in failed"
    if row["outcome"] is None:
        return "Sign-in, outcome not told"
    if row["mfa_used"] is None:
        return "Signed in, MFA not told"
    return "Signed in with MFA" if row["mfa_used"] else "Signed in without MFA"


def _draw(sheet: Sheet, names: Sequence[str], rows: Sequence[of.RootSignins], counts: dict[str, int]) -> None:
    room = names_room(names)
    panel = sheet.panel(left=room, right=COUNTS, bottom=AXIS_HEIGHT, top=8)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    lanes = Lanes(names, high / len(names))
    scale = TimeScale((row["eventTime"] for row in rows), wide)
    scale.draw(panel, high)
    draw_lanes(panel, lanes, counts, room, wide)
    seen: set[tuple[str, str]] = set()
    points = []
    for row in rows:
        lane, source = lane_of(row), row["sourceIPAddress"] or ""
        label = "" if (lane, source) in seen else source
        seen.add((lane, source))
        points.append(Point(row["eventTime"], lane, _LANES[lane], label, len(_LANES) - list(_LANES).index(lane)))
    draw_points(panel, scale, lanes, points)


CHART = Chart(
    "signins",
    _TITLE,
    "One lane for each outcome, one point an event; points close to each other are one larger point. The first "
    "event of a lane from an address bears it, where there is room. The counts are at the right.",
    "Signing out, which AWS does not record; sign-ins recorded in a Region whose logs are not in the case. A "
    "failure does not say whether the password was right.",
    signins_data,
    signins_chart,
)
