"""The incident chart: every event of root's once, findings, windows, approvals, the response."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from matplotlib.figure import Figure

import rootforensics as rf
from rootforensics.charts.drawing.labels import width_of
from rootforensics.charts.drawing.strips import Span, draw_line
from rootforensics.charts.incident import incident_chart, incident_data
from rootforensics.charts.incident_rows import ROWS
from rootforensics.rules.actions import CATEGORIES
from tests.builders import root_event
from tests.conftest import ROOT
from tests.stories import told_of

APPROVALS = ROOT / "docs" / "examples" / "approvals.yaml"
START = datetime(2026, 8, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows(sample_path: Any) -> list[dict[str, Any]]:
    with rf.open_case(sample_path) as case:
        return incident_data(case, approvals=APPROVALS)


def test_every_category_of_the_catalogue_has_a_row() -> None:
    assert sorted(name for names in ROWS.values() for name in names) == sorted(CATEGORIES)


@pytest.mark.heavy
def test_every_event_of_root_is_one_row(rows: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    events = [row for row in rows if row["kind"] == "event"]
    calls = sum(row["event_name"] == "AssumeRoot" for row in expected["story"])
    openings = [row for row in rows if row["kind"] == "opening"]
    assert (len(events), len(openings)) == (expected["root"]["activity"], calls)
    categories = Counter(row["category"] for row in (*events, *openings))
    assert set(categories) <= set(ROWS)
    cited = {one for row in events for one in row["eventIDs"]}
    own = {step["event_id"] for step in expected["story"] if step["event_name"] in ("CreateUser", "StopLogging")}
    assert own <= cited


def test_story_in_rows(rows: list[dict[str, Any]]) -> None:
    """docs/sample-incident.md tells these; which row each belongs to is the catalogue's word."""
    found = {(row["category"], row["label"]) for row in rows if row["kind"] == "event"}
    assert {
        ("Sign-ins", "ConsoleLogin"),
        ("Account recovery", "PasswordRecoveryCompleted"),
        ("Credentials", "DeactivateMFADevice"),
        ("Persistence", "CreateUser"),
        ("Defense evasion", "StopLogging"),
        ("Impact", "RunInstances"),
    } <= found


def test_the_trail_did_not_watch_until_its_owners_started_it(rows: list[dict[str, Any]]) -> None:
    windows = [row for row in rows if row["kind"] == "window" and "trail prod-trail" in row["text"]]
    ((window),) = windows
    assert (window["from_time"], window["until_time"]) == (
        datetime(2026, 8, 5, 4, 58, 30, tzinfo=UTC),
        datetime(2026, 8, 5, 8, 5, 12, tzinfo=UTC),
    )
    responses = {row["label"] for row in rows if row["kind"] == "response"}
    assert {"trail enabled again", "access key disabled", "20 instances removed"} <= responses


def test_approvals_are_rows_only_if_given(rows: list[dict[str, Any]], sample_case: rf.Case) -> None:
    assert [row["text"] for row in rows if row["kind"] == "approval"] == ["BG-2026-029", "BG-2026-031"]
    other = incident_data(sample_case, account_id="111122223333", approvals=APPROVALS)
    assert not [row for row in other if row["kind"] == "approval"]
    assert {row["account_id"] for row in other} == {"111122223333"}


def test_a_band_lies_behind_the_rows_of_its_account_alone(rows: list[dict[str, Any]]) -> None:
    (panel,) = incident_chart(rows).axes[0].child_axes
    said = {text.get_text(): text.get_position()[1] for text in panel.texts}
    bands = [patch for patch in panel.patches if patch.get_gid() == "approval"]
    # The window of 5 August was never used; it lies between a call of the 4th and the use of the 6th.
    assert len(bands) == 2
    for band in bands:
        low, high = band.get_y(), band.get_y() + band.get_height()
        assert low < said["444455556666"] < high
        assert not low < said["777788889999"] < high


def test_grave_actions_are_named(rows: list[dict[str, Any]]) -> None:
    (panel,) = incident_chart(rows).axes[0].child_axes
    said = [text.get_text() for text in panel.texts]
    assert {"StopLogging", "CreateUser", "DeactivateMFADevice", "PasswordRecoveryCompleted"} <= set(said)
    assert "Root's password recovered, then a sign-in" in said


def test_findings_are_counted_as_everywhere_else(rows: list[dict[str, Any]], sample_case: rf.Case) -> None:
    """Those of sequences stand above the rows, those of single actions are points; both are findings."""
    found = [row["finding"].startswith("action:") for row in sample_case.findings().rows]
    events = sum(row["origin_group"] == "activity" for row in sample_case.query("root_session_events").rows)
    (told,) = [text.get_text() for text in incident_chart(rows).axes[0].texts if "findings" in text.get_text()]
    assert told.startswith(
        f"{events} root events and 1 AssumeRoot call, {len(found)} findings "
        f"({found.count(False)} sequences, {found.count(True)} single actions), 3 accounts"
    )
    assert told.endswith("UTC")
    assert "…" not in told


@pytest.mark.heavy
async def test_one_grave_action_is_a_finding() -> None:
    call = root_event(eventName="CreateUser", eventSource="iam.amazonaws.com", readOnly=False)
    rows = await told_of(lambda analysis: incident_data(analysis, analysis.account_id), call)
    (told,) = [text.get_text() for text in incident_chart(rows).axes[0].texts if "root event" in text.get_text()]
    assert told.startswith("1 root event, 1 finding (1 single action), account 111122223333")


def labels_of(rows: list[dict[str, Any]]) -> list[str]:
    (panel,) = incident_chart(rows).axes[0].child_axes
    return [text.get_text() for text in panel.texts]


def test_what_came_first_is_named_though_it_stands_at_the_edge() -> None:
    """Twenty points of a row leave less room between two than the name is wide, but above and below them is room."""
    many = [event(number * 2400) for number in range(20)]
    assert labels_of(many).count("DeleteBucket") == 1


def test_what_came_of_it_does_not_take_the_names_of_what_root_did() -> None:
    came = [
        event(n, kind="follow-on", category="Follow-on activity", severity="high", label=f"user number {n}")
        for n in range(900)
    ]
    assert "DeleteBucket" in labels_of([*came, event(450)])


def event(number: int, **fields: Any) -> dict[str, Any]:
    usual = {
        "from_time": START + timedelta(seconds=number),
        "until_time": None,
        "account_id": "111122223333",
        "category": "Impact",
        "kind": "event",
        "severity": "critical",
        "result": "succeeded",
        "label": "DeleteBucket",
        "text": "",
        "eventIDs": [],
        "citations": [],
        "standing": "",
        "mfa": "",
    }
    return usual | fields


def test_points_at_one_place_are_one_and_the_most_severe_shows() -> None:
    many = [event(number, severity="critical" if number == 500 else "info") for number in range(1_000)]
    many = [row | {"from_time": START} for row in many] + [event(3_600, severity="low")]
    (panel,) = incident_chart(many).axes[0].child_axes
    assert sum(len(collection.get_offsets()) for collection in panel.collections) == 2
    colors = sorted(tuple(one.get_facecolor()[0][:3]) for one in panel.collections)
    assert colors[0] == pytest.approx((0x7A / 255, 0x12 / 255, 0x12 / 255))


def test_events_without_a_time_are_counted_and_told() -> None:
    figure = incident_chart([event(0), event(1, from_time=None)])
    assert any("1 event without a time not drawn" in text.get_text() for text in figure.axes[0].texts)


def drawn_line(spans: list[Span], name: str = "") -> list[tuple[float, float, str]]:
    """The names of a line of 600 points, with where they begin and end."""
    axes = Figure().subplots()
    draw_line(axes, spans, 0, (0, 600), name)
    return [
        (text.get_position()[0], text.get_position()[0] + width_of(text.get_text(), 8), text.get_text())
        for text in axes.texts
    ]


@pytest.mark.parametrize(("left", "right"), [(0, 480), (120, 600), (0, 300), (0, 600), (20, 590), (300, 300)])
def test_a_name_does_not_run_across_a_mark(left: float, right: float) -> None:
    """It stands whole beside its span, or in the middle of a span that leaves no room beside it."""
    name = "Instances in a Region that was empty"
    ((begin, end, said),) = drawn_line([Span(left, right, "high")], name)
    assert said == name
    assert 0 <= begin <= end <= 600
    assert begin >= right or end <= left or left < begin < end < right


def test_what_is_of_one_kind_has_one_name() -> None:
    spans = [Span(60.0 * number, 60.0 * number + 5, "high") for number in range(9)]
    ((begin, end, _),) = drawn_line(spans, "A")
    assert all(end <= span.left or span.right <= begin for span in spans)


def test_names_of_one_line_do_not_overlap() -> None:
    spans = [
        Span(7.0 * number % 500, 7.0 * number % 500 + 40, "approved", bar=True, name=f"T-{number}")
        for number in range(80)
    ]
    boxes = sorted(drawn_line(spans))
    assert boxes
    assert all(one[1] <= two[0] for one, two in pairwise(boxes))


def finding(text: str, severity: str, hour: int) -> dict[str, Any]:
    moment = START + timedelta(hours=hour)
    return event(0, from_time=moment, category="", kind="finding", text=text, severity=severity, label=text)


def test_sequences_of_one_kind_are_one_line() -> None:
    rows = [finding("Common", "critical", hour) for hour in range(100)]
    rows += [finding("Rare", "high", 50), finding("Rarest", "medium", 51)]
    rows += [row | {"kind": "event", "category": "Impact", "severity": "info"} for row in rows]
    assert {"Common ×100", "Rare", "Rarest"} <= set(labels_of(rows))  # noqa: RUF001 - as charts write it


def test_each_account_has_a_group_and_what_is_known_of_its_use(rows: list[dict[str, Any]]) -> None:
    """docs/sample-incident.md: a takeover, an approved use with break glass, and a session of AssumeRoot."""
    (panel,) = incident_chart(rows).axes[0].child_axes
    said = {text.get_text(): text.get_position()[1] for text in panel.texts}
    assert "Account 111122223333: likely takeover" in said
    assert {"444455556666", "approved use", "777788889999", "privileged session"} <= set(said)
    categories = ("Sign-ins", "Persistence", "Response")
    assert said["Account 111122223333: likely takeover"] > max(said[category] for category in categories)
    assert min(said[category] for category in categories) > max(said["444455556666"], said["777788889999"])


def test_a_proper_use_does_not_look_like_a_takeover() -> None:
    def looks(standing: str) -> set[tuple[Any, ...]]:
        rows = [event(0, standing=standing), event(60, standing=standing, severity="high")]
        (panel,) = incident_chart(rows).axes[0].child_axes
        return {
            (tuple(collection.get_facecolor()[0][:3]), collection.get_paths()[0].vertices.shape)
            for collection in panel.collections
        }

    taken, approved, privileged = map(looks, ("takeover", "approved_use", "privileged_session"))
    assert taken & approved == taken & privileged == approved & privileged == set()


def test_mfa_of_a_sign_in_is_told_by_shape() -> None:
    rows = [event(60 * n, category="Sign-ins", mfa=mfa) for n, mfa in enumerate(("with", "without", "not recorded"))]
    (panel,) = incident_chart(rows).axes[0].child_axes
    shapes = {collection.get_paths()[0].vertices.tobytes() for collection in panel.collections}
    assert len(shapes) == 3
    assert {"DeleteBucket with MFA", "DeleteBucket without MFA", "DeleteBucket MFA not recorded"} <= set(
        labels_of(rows)
    )


def test_a_night_has_the_room_beside_a_year_of_quiet_uses() -> None:
    """Thirty uses, twelve days apart, and 150 events within four hours between two of them."""
    quiet = [event(0, from_time=START + timedelta(days=12 * number), severity="info") for number in range(30)]
    night = START + timedelta(days=200)
    busy = [event(0, from_time=night + timedelta(seconds=96 * number)) for number in range(150)]
    (panel,) = incident_chart([*quiet, *busy]).axes[0].child_axes
    places = sorted(float(x) for collection in panel.collections for x, _ in collection.get_offsets())
    critical = [one for one in panel.collections if one.get_facecolor()[0][0] == pytest.approx(0x7A / 255)]
    wide = [float(x) for one in critical for x, _ in one.get_offsets()]
    assert max(wide) - min(wide) > 0.6 * (places[-1] - places[0])


def test_accounts_that_have_no_room_are_counted() -> None:
    many = [event(60 * number, account_id=f"{number:012}", standing="use") for number in range(90)]
    said = labels_of(many)
    (told,) = [text for text in said if "more accounts" in text]
    shown = sum((text.isdecimal() and len(text) == 12) or text.startswith("Account ") for text in said)
    assert told.startswith(f"{90 - shown} more accounts, {90 - shown} events: ")


def window_row(hours: float) -> dict[str, Any]:
    """A time without a watch, of so many hours from the start."""
    return action("trail t", 0, kind="window", until_time=START + timedelta(hours=hours))


def action(label: str, minutes: float, **more: Any) -> dict[str, Any]:
    """A critical action in the row in which times without a watch are."""
    return {
        "from_time": START + timedelta(minutes=minutes),
        "until_time": None,
        "account_id": "111122223333",
        "category": "Defense evasion",
        "kind": "event",
        "severity": "critical",
        "result": "succeeded",
        "label": label,
        "text": label,
        "eventIDs": [],
        "citations": [],
        "standing": "",
        "mfa": "",
        **more,
    }


def names_on_stripes(figure: Figure, names: set[str]) -> list[tuple[str, Any]]:
    """Names of which the letters touch a time without a watch, and what is painted behind them."""
    figure.canvas.draw()
    (panel,) = figure.axes[0].child_axes
    bands = [patch.get_window_extent() for patch in panel.patches if patch.get_gid() == "window"]
    assert bands
    texts = [text for text in panel.texts if text.get_text() in names]
    assert {text.get_text() for text in texts} == names
    found = []
    for text in texts:
        box = text.get_window_extent()
        if any(
            box.x0 < band.x1 and band.x0 < box.x1 and box.y0 < band.y1 - 2 and band.y0 + 2 < box.y1 for band in bands
        ):
            found.append((text.get_text(), text.get_bbox_patch()))
    return found


def test_names_keep_off_the_stripes(rows: list[dict[str, Any]]) -> None:
    sample = incident_chart(rows)
    assert names_on_stripes(sample, {"DeleteFlowLogs", "StopLogging", "DeleteDetector"}) == []
    small = incident_chart([window_row(3), action("StopLogging", 0), action("DeleteTrail", 60), action("GetUser", 180)])
    assert names_on_stripes(small, {"StopLogging", "DeleteTrail", "GetUser"}) == []


def test_a_name_that_has_no_room_beside_the_stripes_covers_them() -> None:
    """In low rows there is no room above or below a point."""
    figure = Figure(figsize=(10, 4))
    actions = [
        action("StopLogging", 0),
        *(action(f"Delete{minute}", minute) for minute in (60, 120)),
        action("GetUser", 180),
        *(action("", 0, category=category, severity="info") for category in ROWS),
    ]
    incident_chart([window_row(3), *actions], figure.add_axes((0, 0, 1, 1)))
    found = names_on_stripes(figure, {"Delete60", "Delete120", "StopLogging", "GetUser"})
    assert found
    assert {behind.get_alpha() for _, behind in found} == {1}
    assert {behind.get_facecolor()[:3] for _, behind in found} == {(1, 1, 1)}
