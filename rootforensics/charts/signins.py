"""The strip of sign-ins: which succeeded, which failed, with MFA or without, and what else belongs to signing in."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.look import TALLEST, Mark, Sheet, accounts_in, inches_for, mfa_mark, undrawn
from rootforensics.charts.drawing.rows import (
    COUNTS,
    Group,
    Point,
    draw_points,
    draw_rows,
    lay_out,
    least_for,
    names_room,
    points_for,
)
from rootforensics.charts.drawing.times import AXIS_HEIGHT, TimeScale
from rootforensics.charts.drawing.tip import Tip
from rootforensics.charts.drawing.view import View, drawn, within
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_TITLE = "Signing in as root"
#: Rows from top to bottom and how their points look.
_ROWS: Final = {
    "Signed in without MFA": mfa_mark("without", "no_mfa"),
    "Signed in with MFA": mfa_mark("with", "mfa"),
    "Sign-in failed": Mark("failed", "ended", marker="X"),
    "Password recovery": Mark("password recovery", "high", marker="D"),
    "Signed in, MFA not recorded": mfa_mark("not recorded", "mfa_unknown"),
    "Sign-in, outcome not recorded": Mark("outcome not recorded", "unknown", marker="p"),
    "aws login": Mark("aws login", "activity", marker=">"),
    "Password or e-mail changed": Mark("password or e-mail changed", "critical", marker="*"),
    "Other": Mark("other", "info", marker="h"),
}
#: A line above the rows and a gap, in points.
_ABOVE: Final = 24.0
_KINDS: Final = {
    "cli_sign_in": "aws login",
    "recovery_requested": "Password recovery",
    "recovery_completed": "Password recovery",
    "password_changed": "Password or e-mail changed",
    "email_changed": "Password or e-mail changed",
    "name_email_or_password_changed": "Password or e-mail changed",
}


def signins_data(
    case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None
) -> list[of.RootSignins]:
    """Root's sign-ins, attempted and successful, and what else belongs to signing in.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.

    Returns:
        The rows of the question ``root_signins``, in order of time.
    """
    return within(case.query("root_signins", account_id=account_id).rows, since, until, "eventTime")


@drawn
def signins_chart(rows: Sequence[of.RootSignins], view: View) -> Figure:
    """Draw one row for each outcome, a point an event; the first event from an address bears the address."""
    timed = [cast("of.TimedSignin", row) for row in rows if row["eventTime"]]
    untimed = undrawn((len(rows) - len(timed), "event"))
    groups = _groups(timed)
    needed = points_for(groups) + _ABOVE + AXIS_HEIGHT + 8 if timed else 0.0
    sheet = Sheet(view, _TITLE, inches_for(needed, TALLEST))
    if not timed:
        return sheet.nothing(f"No sign-in of root{' with a time' if rows else ''}", untimed)
    counts = Counter(map(category_of, rows))
    times = [row["eventTime"] for row in timed]
    aside = f"; {untimed}" if untimed else ""
    told = f"{plural(len(rows), 'event')}, {accounts_in(rows)}, {view.span(min(times), max(times))}{aside}"
    if sheet.start([told], (), least_for(_ROWS)):
        _draw(sheet, groups, timed)
    named = "; ".join(f"{category}: {counts[category]:,}" for category in _ROWS if category in counts)
    return sheet.finish(f"{sheet.title}, {view.span(min(times), max(times))}: {plural(len(rows), 'event')}. {named}.")


def _groups(rows: Sequence[of.RootSignins]) -> list[Group]:
    """The accounts, those with the most events first, each with the rows that have events."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["account_id"] or "", []).append(category_of(row))
    groups = [
        Group(
            account,
            f"Account {account}" if account else "No account",
            "",
            plural(len(categories), "event"),
            tuple(one for one in _ROWS if one in categories),
        )
        for account, categories in found.items()
    ]
    return sorted(groups, key=lambda one: (-len(found[one.account]), one.account))


def category_of(row: of.RootSignins) -> str:
    """The row of a sign-in event."""
    kind = row["signin_kind"]
    if kind in _KINDS:
        failed = kind == "cli_sign_in" and row["outcome"] == "failure"
        return "Sign-in failed" if failed else _KINDS[kind]
    if kind != "sign_in":
        return "Other"
    if row["outcome"] == "failure":
        return "Sign-in failed"
    if row["outcome"] is None:
        return "Sign-in, outcome not recorded"
    if row["mfa_used"] is None:
        return "Signed in, MFA not recorded"
    return "Signed in with MFA" if row["mfa_used"] else "Signed in without MFA"


def _draw(sheet: Sheet, groups: Sequence[Group], rows: Sequence[of.TimedSignin]) -> None:
    room = names_room(_ROWS)
    panel = sheet.panel(left=room, right=COUNTS, bottom=AXIS_HEIGHT, top=8)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    layout = lay_out(groups, high)
    scale = TimeScale((row["eventTime"] for row in rows), wide, zone=sheet.view.zone)
    scale.draw(panel, high)
    seen: set[tuple[str, str, str]] = set()
    points = []
    for row in rows:
        category, source, account = category_of(row), row["sourceIPAddress"] or "", row["account_id"] or ""
        is_first = (account, category, source) not in seen
        seen.add((account, category, source))
        weight = len(_ROWS) - list(_ROWS).index(category)
        moment, key = row["eventTime"], layout.key(account, category)
        points.append(
            Point(moment, key, _ROWS[category], partial(_tip, row, category, sheet.view), source, weight, is_first)
        )
    draw_rows(panel, layout, Counter(point.key for point in points), room, wide)
    draw_points(panel, scale, layout, points, sheet.link)


def _tip(row: of.TimedSignin, category: str, view: View) -> Tip:
    account = row["account_id"] or ""
    who = f"{row['sourceIPAddress'] or 'an unknown address'}, account {account or 'not recorded'}"
    said = f"{row['eventName'] or 'no eventName'} ({category})"
    text = f"{view.at(row['eventTime'])} {said} from {who}, {row['eventID'] or 'no eventID'}"
    return Tip(text, place_text(row), account, category)


CHART = Chart(
    "signins",
    _TITLE,
    "A group of rows for each account, one row per outcome, one point per event. Points close to each other form "
    "one larger point. A circle is with MFA, a triangle without, a square not recorded. The first event from an "
    "address is labeled where there is room. Counts are on the right; rows without events are omitted.",
    "Signing out, which AWS does not record, and sign-ins recorded in a Region whose logs are not in the case. A "
    "failure does not show whether the password was right.",
    signins_data,
    signins_chart,
)
