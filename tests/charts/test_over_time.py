"""Charts over time: sign-ins, sessions, the heat map, noise."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.colors import to_hex

from rootforensics.charts.drawing.look import COLORS
from rootforensics.charts.heatmap import heatmap_chart, heatmap_data
from rootforensics.charts.noise import noise_chart, noise_data
from rootforensics.charts.sessions import sessions_chart, sessions_data
from rootforensics.charts.signins import category_of, signins_chart, signins_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    import rootforensics as rf

START = datetime(2026, 8, 3, tzinfo=UTC)


def texts(figure: Figure) -> list[str]:
    """The texts of the panel of a chart, in the order in which they were written."""
    (panel,) = figure.axes[0].child_axes
    return [text.get_text() for text in panel.texts]


def test_signins_of_the_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = signins_data(sample_case)
    categories = Counter(map(category_of, rows))
    signed_in = categories["Signed in without MFA"] + categories["Signed in with MFA"]
    assert signed_in == expected["root"]["console_sign_ins"]["success"]
    assert categories["Sign-in failed"] == expected["root"]["console_sign_ins"]["failure"]
    assert categories["Signed in without MFA"] == 1  # docs/sample-incident.md, 01:21:53
    assert sum(categories.values()) == len(rows)
    assert {"203.0.113.77", "203.0.113.91", "192.0.2.10"} <= set(texts(signins_chart(rows)))


@pytest.mark.parametrize(
    ("kind", "outcome", "mfa", "category"),
    [
        ("sign_in", "success", True, "Signed in with MFA"),
        ("sign_in", "success", False, "Signed in without MFA"),
        ("sign_in", "success", None, "Signed in, MFA not recorded"),
        ("sign_in", "failure", True, "Sign-in failed"),
        ("sign_in", None, False, "Sign-in, outcome not recorded"),
        ("cli_sign_in", "success", None, "aws login"),
        ("cli_sign_in", "failure", None, "Sign-in failed"),
        ("recovery_requested", "success", None, "Password recovery"),
        ("email_changed", "success", None, "Password or e-mail changed"),
        ("mfa_check", "success", None, "Other"),
        ("a kind to come", None, None, "Other"),
    ],
)
def test_categories_of_signins(kind: str, outcome: str | None, mfa: bool | None, category: str) -> None:
    assert category_of({"signin_kind": kind, "outcome": outcome, "mfa_used": mfa}) == category


def test_a_signin_without_a_time_is_counted_and_told() -> None:
    row = {
        "signin_kind": "sign_in",
        "outcome": "failure",
        "mfa_used": False,
        "account_id": "1",
        "sourceIPAddress": None,
        "eventName": "ConsoleLogin",
        "eventID": "e",
        "evidence_id": 1,
        "record_index": 2,
    }
    figure = signins_chart([{**row, "eventTime": START}, {**row, "eventTime": None}])
    assert any(
        "2 events" in text.get_text() and "1 event without a time" in text.get_text() for text in figure.axes[0].texts
    )
    figure = signins_chart([{**row, "eventTime": None}])
    (said,) = [text.get_text() for text in figure.axes[0].texts]
    assert said == "No sign-in of root with a time in this case; 1 event without a time not drawn"


def session(number: int, *, hours: float = 1, writes: int = 0, mfa: bool | None = True) -> dict[str, Any]:
    first = START + timedelta(hours=3 * number)
    return {
        "session_id": f"s{number}",
        "account_id": "111122223333",
        "session_kind": "console_sign_in",
        "first_time": first,
        "last_time": first + timedelta(hours=hours),
        "duration_seconds": int(hours * 3600),
        "mfa_used": mfa,
        "event_count": 5,
        "write_count": writes,
        "ip_count": 1,
        "source_ips": ["192.0.2.1"],
    }


def test_sessions_of_the_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = sessions_data(sample_case)
    planned = sum(len(sessions) for sessions in expected["root"]["sessions"].values())
    assert len(rows) == planned
    figure = sessions_chart(rows)
    (panel,) = figure.axes[0].child_axes
    assert sum(patch.get_gid() == "session" for patch in panel.patches) == planned
    assert any("203.0.113.77" in text for text in texts(figure))


def test_bars_of_sessions_are_in_proportion() -> None:
    (panel,) = sessions_chart([session(0, hours=1), session(1, hours=2)]).axes[0].child_axes
    one, two = (patch.get_width() for patch in panel.patches if patch.get_gid() == "session")
    assert two == pytest.approx(2 * one)


def test_of_many_sessions_those_with_most_changes_are_bars() -> None:
    figure = sessions_chart([session(number, writes=number == 77) for number in range(300)])
    (panel,) = figure.axes[0].child_axes
    shown = sum(patch.get_gid() == "session" for patch in panel.patches)
    assert 10 < shown < 30
    assert f"{300 - shown} more sessions" in texts(figure)
    assert "192.0.2.1 · 5 events, 1 change" in texts(figure)


@pytest.mark.heavy
def test_of_many_sessions_those_without_mfa_come_before_changes() -> None:
    figure = sessions_chart([session(n, writes=n, mfa=n not in (3, 4)) for n in range(300)])
    (panel,) = figure.axes[0].child_axes
    bars = [patch for patch in panel.patches if patch.get_gid() == "session"]
    assert sum(to_hex(bar.get_facecolor()) == COLORS["no_mfa"] for bar in bars) == 2


def test_ticks_of_sessions_without_a_bar_tell_which_had_no_mfa() -> None:
    """All have the same right to a bar: 300 without MFA, 100 with, 50 of which nothing says."""
    kinds = [False] * 300 + [True] * 100 + [None] * 50
    (panel,) = sessions_chart([session(n, mfa=mfa) for n, mfa in enumerate(kinds)]).axes[0].child_axes
    ticks = {to_hex(collection.get_colors()[0]): collection.get_zorder() for collection in panel.collections}
    assert set(ticks) == {COLORS["no_mfa"], COLORS["mfa"], COLORS["mfa_unknown"]}
    assert max(ticks, key=ticks.__getitem__) == COLORS["no_mfa"]


def test_doubt_lies_above_what_is_safe_where_ticks_fall_together() -> None:
    (panel,) = sessions_chart([session(n, mfa=(None, True)[n % 2]) for n in range(300)]).axes[0].child_axes
    ticks = {to_hex(collection.get_colors()[0]): collection.get_zorder() for collection in panel.collections}
    assert ticks[COLORS["mfa_unknown"]] > ticks[COLORS["mfa"]]


def test_a_session_opened_with_assume_root_is_none_without_mfa() -> None:
    """Its record says mfaAuthenticated false; root's MFA does not apply to it, and the verdict leaves it out."""
    opened = session(0, mfa=False) | {"session_kind": "assume_root"}
    figure = sessions_chart([opened, session(1, mfa=False)])
    (panel,) = figure.axes[0].child_axes
    bars = [to_hex(patch.get_facecolor()) for patch in panel.patches if patch.get_gid() == "session"]
    assert bars == [COLORS["mfa_beside"], COLORS["no_mfa"]]
    key = [text.get_text() for text in figure.axes[0].texts]
    assert "AssumeRoot: root’s MFA does not apply" in key  # noqa: RUF001 - typography
    many = [session(n, writes=n) for n in range(300)]
    (panel,) = sessions_chart([opened, *many]).axes[0].child_axes
    bars = [to_hex(one.get_facecolor()) for one in panel.patches if one.get_gid() == "session"]
    assert COLORS["mfa_beside"] not in bars  # it has the fewest changes


def test_a_chart_of_few_sessions_is_as_high_as_they_need() -> None:
    """A row is 30 points high; 54 are for the axis, 76 for title, key and margins."""
    heights = [sessions_chart([session(n) for n in range(count)]).get_figheight() for count in (1, 2, 40)]
    assert heights == pytest.approx([160 / 72, 190 / 72, 5.0])


def test_heatmap_of_the_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    figure = heatmap_chart(heatmap_data(sample_case))
    said = texts(figure)
    days = [said[said.index(day) + 1] for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")]
    # docs/sample-incident.md: 3 August is a Monday; the break-glass use is on Thursday, one call on Friday.
    assert days == ["1", "3", "159", "11", "1", "0"]
    assert sum(map(int, days)) == expected["root"]["activity"]


def test_heatmap_takes_hours_of_utc() -> None:
    tokyo = datetime.fromisoformat("2026-08-10T08:00:00+09:00")  # Sunday 23:00 in UTC
    rows = [{"hour_time": tokyo, "account_id": None, "event_count": 9, "activity_count": 4, "noise_count": 0}]
    assert "Sunday 23:00 4" in str(heatmap_chart(rows).get_label())


def test_heatmap_tells_what_has_no_time() -> None:
    moment = datetime(2026, 8, 10, 8, tzinfo=UTC)
    rows = [
        {"hour_time": moment, "account_id": None, "event_count": 9, "activity_count": 4, "noise_count": 0},
        {"hour_time": None, "account_id": None, "event_count": 3, "activity_count": 2, "noise_count": 0},
    ]
    label = str(heatmap_chart(rows).get_label())
    assert "4 events of root activity; 2 events without a time not drawn" in label


def test_noise_of_the_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = noise_data(sample_case)
    root = expected["root"]
    by_origin: Counter[str] = Counter()
    for row in rows:
        by_origin[row["origin"]] += row["event_count"]
    assert by_origin == {name: root["by_origin"][name] for name in ("service", "service_event", "aws_internal")}
    # docs/sample-incident.md: seven calls come from AWS itself without invokedBy, and the filter takes them for people.
    assert sum(row["cis_match_count"] for row in rows) == 7
    (panel,) = noise_chart(rows).axes[0].child_axes
    assert {patch.get_gid() for patch in panel.patches} == {"left_out_count", "cis_match_count"}


def test_bars_that_have_no_room_are_told_in_words() -> None:
    rows = [
        {
            "account_id": "1",
            "service": f"s{number}",
            "origin": "service",
            "event_count": 2,
            "cis_match_count": 1,
            "call_count": 1,
        }
        for number in range(1_000)
    ]
    (panel,) = noise_chart(rows).axes[0].child_axes
    shown = len(panel.patches) // 2
    more = 1_000 - shown
    (told,) = [text.get_text() for text in panel.texts if "more" in text.get_text()]
    assert told.startswith(f"{more:,} more: {2 * more:,} events (not matched by a standard CIS alarm: {more:,}, ")
