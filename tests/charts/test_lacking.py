"""Rows that lack a time, an account, a name or a key: every chart takes them, and says how many it cannot place."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.charts.catalogue import charts
from rootforensics.charts.incident_rows import ROWS
from tests.builders import root_event
from tests.charts.test_catalogue import words
from tests.stories import told_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    Row = dict[str, Any]

START = datetime(2026, 8, 5, tzinfo=UTC)
ACCOUNTS = ("111122223333", "444455556666", None)
COUNTS = ("change_count", "read_count", "failed_count", "unknown_count")


def moment(dice: random.Random) -> datetime | None:
    return dice.choice((None, START + timedelta(minutes=dice.randrange(9_000)), START))


def any_incident(dice: random.Random) -> Row:
    kind = dice.choice(("event", "opening", "finding", "action", "window", "follow-on", "response", "approval"))
    return {
        "from_time": moment(dice),
        "until_time": moment(dice),
        "account_id": dice.choice(ACCOUNTS),
        "category": "" if kind in ("finding", "action", "approval") else dice.choice(list(ROWS)),
        "kind": kind,
        "severity": dice.choice(("info", "low", "medium", "high", "critical")),
        "result": dice.choice(("succeeded", "attempted", "unknown")),
        "label": dice.choice((None, "", "StopLogging")),
        "text": dice.choice(("", "A trail was stopped")),
        **dice.choice(({"eventIDs": [], "citations": []}, {"eventIDs": ["e"], "citations": ["1:2"]})),
        "standing": dice.choice(("takeover", "approved_use", "privileged_session", "unseen", "")),
        "mfa": dice.choice(("", "with", "without", "not recorded")),
    }


def any_hour(dice: random.Random) -> Row:
    activity, noise = dice.randrange(3), dice.randrange(3)
    counts = {"event_count": activity + noise + 1, "activity_count": activity, "noise_count": noise}
    return {"hour_time": moment(dice), "account_id": dice.choice(ACCOUNTS), **counts}


def any_signin(dice: random.Random) -> Row:
    return {
        "eventTime": moment(dice),
        "account_id": dice.choice(ACCOUNTS),
        "signin_kind": dice.choice((None, "sign_in", "cli_sign_in", "recovery_requested", "other")),
        "outcome": dice.choice((None, "success", "failure")),
        "mfa_used": dice.choice((None, True, False)),
        "sourceIPAddress": dice.choice((None, "", "203.0.113.77")),
        "eventName": dice.choice((None, "ConsoleLogin")),
        "eventID": dice.choice((None, "e")),
        "evidence_id": 1,
        "record_index": 2,
    }


def any_session(dice: random.Random) -> Row:
    first = moment(dice)
    last = dice.choice((None, first, first + timedelta(hours=1))) if first else None
    return {
        "session_id": f"s{dice.randrange(10**9)}",
        "account_id": dice.choice(ACCOUNTS),
        "session_kind": dice.choice((None, "console_sign_in", "assume_root", "unknown")),
        "first_time": first,
        "last_time": last,
        "duration_seconds": (last - first).total_seconds() if first and last else None,
        "mfa_used": dice.choice((None, True, False)),
        "source_ips": dice.choice((None, [], [None], ["203.0.113.77", "203.0.113.78", "203.0.113.79"])),
        "ip_count": dice.choice((None, 0, 3)),
        "event_count": dice.choice((0, 7)),
        "write_count": dice.choice((None, 0, 2)),
    }


def any_entity(dice: random.Random) -> Row:
    names = [f"user u{number} (111122223333)" for number in range(3)]
    return {
        "first_time": moment(dice),
        "account_id": dice.choice(ACCOUNTS),
        "entity_kind": dice.choice(("user", "access key", "role")),
        "entity_name": dice.choice(("", "u0", "u1", "u2")),
        "depth": dice.choice((1, 2)),
        "actor": dice.choice((None, "root user (111122223333)", *names)),
        "certainty": dice.choice(("certain", "possible")),
        "state": dice.choice(("active", "removed", "unknown", "changed")),
        "effect": dice.choice(("creates", "changes")),
        "trusts": dice.choice((None, "others", "services")),
        "ended_by": dice.choice((None, "arn:aws:iam::111122223333:user/b")),
        "ended_time": moment(dice),
        "use_count": dice.choice((None, 0, 4)),
        "root_accounts": dice.choice((None, [], ["111122223333"])),
        "still_open": True,
    }


def any_action(column: str, *values: str | None) -> Callable[[random.Random], Row]:
    def made(dice: random.Random) -> Row:
        counts = {name: dice.randrange(3) for name in COUNTS}
        more = {"network": "not recorded", "kind": "", "country": None}
        return {
            "account_id": dice.choice(ACCOUNTS),
            column: dice.choice(values),
            "event_count": sum(counts.values()),
            **counts,
            **more,
        }

    return made


def any_noise(dice: random.Random) -> Row:
    count = dice.randrange(1, 5)
    return {
        "account_id": dice.choice(ACCOUNTS),
        "service": dice.choice((None, "", "config.amazonaws.com")),
        "origin": dice.choice((None, "service", "aws_internal")),
        "event_count": count,
        "cis_match_count": dice.randrange(count + 1),
        "call_count": 1,
    }


def any_span(dice: random.Random) -> Row:
    begin, hours = START + timedelta(hours=dice.randrange(150)), dice.randrange(1, 40)
    return {
        "account_id": dice.choice(ACCOUNTS[:2]),
        "region": dice.choice(("us-east-1", "eu-central-1", "us-west-2", f"made-up-{dice.randrange(99)}")),
        "state": dice.choice(("events", "quiet", "empty_log", "incomplete", "unknown")),
        "from_time": begin,
        "until_time": begin + timedelta(hours=hours),
        "hour_count": hours,
        "event_count": dice.randrange(3),
    }


def any_control(dice: random.Random) -> Row:
    return {
        "account_id": dice.choice((*ACCOUNTS[:2], "", f"{dice.randrange(10**12):012}")),
        "control_id": f"control-{dice.randrange(60)}",
        "title": "A trail records all Regions",
        "severity": dice.choice(("low", "medium", "high", "critical")),
        "answer": dice.choice(("fail", "unknown", "warn", "info", "pass", "not_applicable")),
        "checked_time": moment(dice),
    }


ANY: dict[str, Callable[[random.Random], Row]] = {
    "incident": any_incident,
    "activity": any_hour,
    "heatmap": any_hour,
    "signins": any_signin,
    "sessions": any_session,
    "blast": any_entity,
    "sources": any_action("sourceIPAddress", None, "", "203.0.113.77"),
    "services": any_action("eventSource", None, "", "iam.amazonaws.com"),
    "noise": any_noise,
    "coverage": any_span,
    "posture": any_control,
}
#: Of the kinds of incident rows, those that are counted together as events, and by which word others are.
EVENTS = ("event", "opening", "follow-on", "response")
OTHERS = {"finding": "sequence", "window": "coverage gap", "approval": "approval"}


def several(number: int, one: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {one}s"


def told_without_time(name: str, rows: list[Row]) -> list[str]:
    """What a chart must say of rows without a time, counted by hand."""
    if name == "incident":
        kinds = [row["kind"] for row in rows if row["from_time"] is None]
        found = [several(count, "event")] if (count := sum(kind in EVENTS for kind in kinds)) else []
        return found + [several(count, word) for kind, word in OTHERS.items() if (count := kinds.count(kind))]
    counted = {"activity": ("hour_time", "event_count"), "heatmap": ("hour_time", "activity_count")}
    if name in counted:
        time, count = counted[name]
        number = sum(row[count] for row in rows if row[time] is None)
        return [several(number, "event")] if number else []
    word = {"signins": ("eventTime", "event"), "sessions": ("first_time", "session")}.get(name)
    number = sum(row[word[0]] is None for row in rows) if word else 0
    return [several(number, word[1])] if word and number else []


def said(figure: Figure) -> str:
    titles = [axes.get_title(loc=side) for axes in figure.axes for side in ("left", "right")]
    return "\n".join([*titles, *(text.get_text() for axes in figure.axes for text in axes.texts)])


def test_every_chart_has_rows_that_lack_something() -> None:
    assert set(ANY) == set(charts())


SEEDS = [*range(6), *(pytest.param(seed, marks=pytest.mark.heavy) for seed in range(6, 12))]


@pytest.mark.quick(24)
@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_a_row_lacks_it_is_drawn_or_counted(name: str, seed: int) -> None:
    dice = random.Random(f"{name} {seed}")
    rows = [ANY[name](dice) for _ in range(dice.choice((1, 2, 5, 40)))]
    figure = charts()[name].draw(rows)
    text = said(figure)
    for words_of_it in told_without_time(name, rows):
        assert words_of_it in text, (words_of_it, text)
        assert "without a time" in text
    if seed < 4:
        assert "None" not in " ".join(words(figure))


@pytest.mark.parametrize("name", ANY)
def test_rows_that_all_lack_a_time(name: str) -> None:
    dice = random.Random(name)
    rows = [ANY[name](dice) for _ in range(6)]
    for row in rows:
        row |= {key: None for key in row if key.endswith("_time") or key == "eventTime"}
    text = said(charts()[name].draw(rows))
    for words_of_it in told_without_time(name, rows):
        assert words_of_it in text


@pytest.mark.parametrize("time", [None, *(pytest.param(one, marks=pytest.mark.heavy) for one in ("garbage", ""))])
async def test_a_trail_that_was_stopped_nobody_knows_when(time: str | None) -> None:
    stop = root_event(eventName="StopLogging", eventSource="cloudtrail.amazonaws.com", readOnly=False, eventTime=time)
    stop["requestParameters"] = {"name": "t"}
    if time is None:
        del stop["eventTime"]

    def rows_of(analysis: Any) -> dict[str, list[Row]]:
        return {name: chart.data(analysis, analysis.account_id) for name, chart in charts().items()}

    rows = await told_of(rows_of, root_event(eventID="other"), stop)
    figures = {name: charts()[name].draw(found) for name, found in rows.items()}
    assert "1 event and 1 coverage gap without a time not drawn" in said(figures["incident"])
    assert "1 event without a time" in said(figures["activity"])
