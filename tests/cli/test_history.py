"""``rootforensics history``: exit status, last words, and what survives a kill of its process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.cli.history import _fetch_progress
from rootforensics.sources import history
from rootforensics.sources.history import Reached
from tests.builders import ACCOUNT, root_event
from tests.cli.test_commands import run as run_command
from tests.stand_ins.clock import iso, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi, kept_ids, no_credentials
from tests.stand_ins.odd import Odd

if TYPE_CHECKING:
    from pathlib import Path

# The tests may run in a job whose SIGINT is ignored; people's terminals do not.
_MAIN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from rootforensics.cli import main; main()"
)
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
UNTIL = iso(TODAY - timedelta(days=1))
#: The days of the events below, and no others: each is a request for each Region.
WINDOW = ("--since", iso(TODAY - timedelta(days=3)), "--until", UNTIL)
NEWEST = TODAY - timedelta(days=1, hours=12)


def start(environment: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    """Start ``rootforensics history`` with the variables of a stand-in and none of this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-W", "error", "-c", _MAIN, "history", *map(str, arguments)]
    return subprocess.Popen(command, env=kept | environment, stderr=subprocess.PIPE, text=True)


def run(environment: dict[str, str], *arguments: object) -> tuple[int, list[str]]:
    """Run it to the end in this process, at no pace: the exit status and the lines on stderr."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "SPACING_SECONDS", 0.0)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        done = run_command("history", *arguments)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()


@pytest.mark.heavy
def test_the_files_lie_beside_the_case_and_are_its_evidence(tmp_path: Path) -> None:
    case = tmp_path / "case.duckdb"
    with CloudTrailApi({"us-east-1": spread(60, NEWEST), "eu-west-1": spread(1, NEWEST)}) as api:
        status, lines = run(api.environment(), case, *WINDOW)
        expected = {region: api.ids(region) for region in api.events}
    assert status == 0
    assert kept_ids(tmp_path / "case.history" / ACCOUNT) == expected
    assert lines[-1] == "complete: 2 Regions"
    with rf.open_case(case) as opened:
        rows = opened.sql("SELECT uri, container, event_count FROM evidence ORDER BY uri").rows
    kept = sorted(path.as_uri() for path in (tmp_path / "case.history").rglob("*.jsonl"))
    assert [row["uri"] for row in rows] == kept, "each file is an object of evidence"
    assert {row["container"] for row in rows} == {"LookupEvents"}
    assert sum(row["event_count"] for row in rows) == 61


@pytest.mark.heavy
def test_what_an_earlier_version_kept_is_evidence_still(tmp_path: Path) -> None:
    pages = tmp_path / "case.history" / ACCOUNT / "us-east-1" / "all-3f5c0c1e9a77"
    pages.mkdir(parents=True)
    (pages / "state.json").write_text('{"format":1,"complete":true}')
    old = [
        {"CloudTrailEvent": json.dumps(one), "EventId": one["eventID"]} for one in spread(3, NEWEST - timedelta(days=9))
    ]
    (pages / "page-000001.json").write_text(json.dumps({"Events": old}))
    with CloudTrailApi({"us-east-1": spread(2, NEWEST)}) as api:
        status, lines = run(api.environment(), tmp_path / "case.duckdb", *WINDOW[2:])
    assert status == 0, lines
    with rf.open_case(tmp_path / "case.duckdb") as opened:
        assert opened.sql("SELECT count(*) AS n FROM events").rows == [{"n": 5}]
        assert not opened.sql("SELECT 1 FROM evidence WHERE problem <> ''").rows


@pytest.mark.heavy
def test_kill_9_and_the_same_command_again_give_every_event_once(tmp_path: Path) -> None:
    arguments = (tmp_path / "case.duckdb", *WINDOW, "--pages", tmp_path / "pages")
    events = {
        "us-east-1": [*spread(60, NEWEST), *spread(180, NEWEST - timedelta(days=1))],
        "eu-west-1": spread(60, NEWEST),
    }
    with CloudTrailApi(events, hold_after={"us-east-1": 3}) as api:
        process = start(api.environment(), *arguments)
        api.holding.wait()
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert kept_ids(tmp_path / "pages")["us-east-1"] == api.ids("us-east-1")[:60]
        api.hold_after.clear()
        api.release.set()
        api.asked.clear()
        status, lines = run(api.environment(), *arguments)
        expected = {region: api.ids(region) for region in events}
    assert status == 0, lines
    assert kept_ids(tmp_path / "pages") == expected
    assert len([one for one in api.asked if one.region == "us-east-1"]) == 4, "the day that was not whole, and no other"
    assert [path.name for path in (tmp_path / "pages").iterdir()] == [ACCOUNT]


@pytest.mark.heavy
@pytest.mark.parametrize("drips", [False, True])
def test_ctrl_c_ends_it_at_once_and_says_how_to_go_on(tmp_path: Path, *, drips: bool) -> None:
    arguments = (tmp_path / "case.duckdb", *WINDOW, "--region", "us-east-1")
    events = {"us-east-1": [*spread(60, NEWEST), *spread(60, NEWEST - timedelta(days=1))]}
    with CloudTrailApi(events, hold_after={"us-east-1": 2}) as api:
        if drips:
            api.refusals = {"us-east-1": ["", "", Odd(body=b" " * 9999, drips=True)]}
        process = start(api.environment(), *arguments)
        while len(api.asked) < 3 and process.poll() is None:  # the answer to the third is never whole
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, text = process.communicate()
        assert process.returncode == 130
        assert "Run the same command again" in text.splitlines()[-1]
        assert "Traceback" not in text
        assert not (tmp_path / "case.duckdb").exists()
        assert kept_ids(tmp_path / "case.history")["us-east-1"] == api.ids("us-east-1")[:60]
        api.hold_after.clear()
        api.release.set()
        status, _ = run(api.environment(), *arguments)
        assert status == 0
        assert kept_ids(tmp_path / "case.history") == {"us-east-1": api.ids("us-east-1")}


@pytest.mark.heavy
def test_a_region_that_refuses_is_in_the_last_line(tmp_path: Path) -> None:
    events = {region: spread(1, NEWEST) for region in ("us-east-1", "eu-west-1", "me-south-1")}
    refusals = {"eu-west-1": ["AccessDeniedException!"], "me-south-1": ["UnrecognizedClientException!"]}
    with CloudTrailApi(events, refusals) as api:
        status, lines = run(api.environment(), tmp_path / "case.duckdb", *WINDOW)
        assert status == 3
        assert lines[-1].startswith("missing: 2 of 3 Regions (eu-west-1, me-south-1)")
        assert any("eu-west-1" in line and "access denied" in line for line in lines[:-1])
        api.asked.clear()
        api.refusals.clear()
        status, lines = run(api.environment(), tmp_path / "case.duckdb", *WINDOW)
        assert {one.region for one in api.asked} == {"eu-west-1", "me-south-1"}, "just those that were missing"
    assert (status, lines[-1]) == (0, "complete: 3 Regions")


@pytest.mark.heavy
def test_what_is_no_answer_is_a_day_missing(tmp_path: Path) -> None:
    case = tmp_path / "case.duckdb"
    events = {region: spread(60, NEWEST) for region in ("us-east-1", "eu-west-1")}
    with CloudTrailApi(events, {"us-east-1": ["", Odd(body=b"<html>Sign in</html>", kind="text/html")]}) as api:
        status, lines = run(api.environment(), case, *WINDOW)
        assert status == 3
        assert lines[-1].startswith("missing: 1 of 2 Regions (us-east-1). Run the same command again to fetch them")
        (told,) = [line for line in lines if "MISSING" in line]
        words = f"MISSING: 1 of 2 days ({NEWEST:%F}: the answer is no list of events"
        assert told.startswith(f"us-east-1: 1 day (1 new), 0 new events; {words}")
        assert run(api.environment(), case, *WINDOW)[0] == 0
    with rf.open_case(case) as opened:
        assert opened.sql("SELECT count(*) AS n FROM events").rows == [{"n": 120}]


def test_nothing_at_all_is_status_1_and_makes_no_case(tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}, {"us-east-1": ["AccessDeniedException!"]}) as api:
        status, lines = run(api.environment(), tmp_path / "case.duckdb")
    assert status == 1
    assert "missing: 1 of 1 Region (us-east-1)" in lines[-1]
    assert not (tmp_path / "case.duckdb").exists()


def test_on_a_terminal_a_bar_follows_the_regions_back_in_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    with _fetch_progress() as follow:
        for region, days in (("us-east-1", 1), ("eu-west-1", 1), ("us-east-1", 2)):
            follow(Reached(region, days, 90, 50 * days, TODAY - timedelta(days=days)))
    day = TODAY - timedelta(days=2)
    assert f"2 Regions, 3 of 180 days, 150 events; us-east-1 at {day:%F}" in capsys.readouterr().err


@pytest.mark.heavy
def test_the_scope_is_said(tmp_path: Path) -> None:
    old = iso(TODAY - timedelta(days=120))
    events = [root_event(eventTime=iso(NEWEST))]
    with CloudTrailApi({"us-east-1": events}) as api:
        status, lines = run(api.environment(), tmp_path / "case.duckdb", "--root-named", "--since", old)
    text = "\n".join(lines)
    assert status == 0
    assert f"account {ACCOUNT}" in text
    assert "data events, network activity events and Insights events are not in it" in text
    assert f"--since {old} is beyond the API's 90 days" in text
    assert "misses AssumeRoot calls" in text


@pytest.mark.parametrize(
    ("error", "words"),
    [("", "there are no AWS credentials"), ("ExpiredToken", "expired"), ("InvalidClientTokenId", "not accepted")],
)
def test_credentials_that_do_not_work_are_one_line(tmp_path: Path, error: str, words: str) -> None:
    with CloudTrailApi({"us-east-1": []}, caller_error=error) as api:
        environment = api.environment() if error else no_credentials()
        status, lines = run(environment, tmp_path / "case.duckdb")
    assert status == 1
    (line,) = lines
    assert line.startswith("rootforensics: ")
    assert words in line


def test_what_aws_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": []}, {"us-east-1": ["Odd\x1b[2JException!"]}) as api:
        _, lines = run(api.environment(), tmp_path / "case.duckdb")
    assert any("Odd\\x1b[2J" in line for line in lines)
    assert "\x1b" not in "\n".join(lines)


def test_a_time_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    status, lines = run(no_credentials(), tmp_path / "case.duckdb", "--since", "yesterday")
    assert status == 2
    assert "'yesterday' is not a time" in lines[-1]
