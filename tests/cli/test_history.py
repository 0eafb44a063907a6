"""``rootforensics history``: exit status, last words, and what survives a kill of its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.cli.history import _fetch_progress
from rootforensics.sources import history_pace
from rootforensics.sources.history_region import Reached
from tests.builders import ACCOUNT, root_event
from tests.cli.test_commands import run as run_command
from tests.stand_ins.clock import iso, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi, kept_ids, no_credentials

if TYPE_CHECKING:
    from pathlib import Path

# The tests may run in a job whose SIGINT is ignored; people's terminals do not.
_MAIN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from rootforensics.cli import main; main()"
)
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
UNTIL = iso(TODAY - timedelta(days=1))
NEWEST = TODAY - timedelta(days=2)


def start(environment: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    """Start ``rootforensics history`` with the variables of a stand-in and none of this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-W", "error", "-c", _MAIN, "history", *map(str, arguments)]
    return subprocess.Popen(command, env=kept | environment, stderr=subprocess.PIPE, text=True)


def run(environment: dict[str, str], *arguments: object) -> tuple[int, list[str]]:
    """Run it to the end in this process, at no pace: the exit status and the lines on stderr."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_pace, "SPACING_SECONDS", 0.01)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        done = run_command("history", *arguments)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()


@pytest.mark.heavy
def test_the_pages_lie_beside_the_case_and_are_its_evidence(tmp_path: Path) -> None:
    case = tmp_path / "case.duckdb"
    with CloudTrailApi({"us-east-1": spread(60, NEWEST), "eu-west-1": spread(1, NEWEST)}) as api:
        status, lines = run(api.environment(), case, "--until", UNTIL)
        expected = {region: api.ids(region) for region in api.events}
    assert status == 0
    assert kept_ids(tmp_path / "case.history" / ACCOUNT) == expected
    assert lines[-1] == "0 of 2 Regions are missing: all is fetched"
    with rf.open_case(case) as opened:
        uris = [row["uri"] for row in opened.sql("SELECT uri FROM evidence ORDER BY uri").rows]
    pages = sorted(path.as_uri() for path in (tmp_path / "case.history").rglob("page-*.json"))
    assert uris == pages, "each page is an object of evidence; the state is none"


@pytest.mark.heavy
def test_kill_9_and_the_same_command_again_give_every_event_once(tmp_path: Path) -> None:
    arguments = (tmp_path / "case.duckdb", "--until", UNTIL, "--pages", tmp_path / "pages")
    events = {"us-east-1": spread(180, NEWEST), "eu-west-1": spread(60, NEWEST)}
    with CloudTrailApi(events, hold_after={"us-east-1": 2}) as api:
        process = start(api.environment(), *arguments)
        api.holding.wait()
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        held = [one.page for one in api.asked if one.region == "us-east-1"][-1]
        api.hold_after.clear()
        api.release.set()
        status, lines = run(api.environment(), *arguments)
        expected = {region: api.ids(region) for region in events}
    assert status == 0, lines
    assert kept_ids(tmp_path / "pages") == expected
    twice = [page for page, count in api.answered_pages().items() if count > 1]
    assert [page for page in twice if page[0] == "us-east-1"] == [held], "the page in flight, and no other"
    assert len([page for page in twice if page[0] == "eu-west-1"]) <= 1
    assert max(api.answered_pages().values()) == 2


@pytest.mark.heavy
def test_ctrl_c_says_how_to_go_on_and_asks_for_no_page_twice(tmp_path: Path) -> None:
    arguments = (tmp_path / "case.duckdb", "--until", UNTIL, "--region", "us-east-1")
    with CloudTrailApi({"us-east-1": spread(250, NEWEST)}, hold_after={"us-east-1": 1}) as api:
        process = start(api.environment(), *arguments)
        api.holding.wait()
        process.send_signal(signal.SIGINT)
        api.release.set()
        _, text = process.communicate()
        assert process.returncode == 130
        assert "The same command goes on from there" in text.splitlines()[-1]
        assert "Traceback" not in text
        assert not (tmp_path / "case.duckdb").exists()
        assert 100 <= len(kept_ids(tmp_path / "case.history")["us-east-1"]) < 250, (
            "the page in flight is kept, then it ends"
        )
        status, _ = run(api.environment(), *arguments)
        assert status == 0
        assert kept_ids(tmp_path / "case.history") == {"us-east-1": api.ids("us-east-1")}
    assert set(api.answered_pages().values()) == {1}


def test_a_region_that_refuses_is_in_the_last_line(tmp_path: Path) -> None:
    events = {region: spread(1, NEWEST) for region in ("us-east-1", "eu-west-1", "me-south-1")}
    refusals = {"eu-west-1": ["AccessDeniedException!"], "me-south-1": ["UnrecognizedClientException!"]}
    with CloudTrailApi(events, refusals) as api:
        status, lines = run(api.environment(), tmp_path / "case.duckdb", "--until", UNTIL)
        assert status == 3
        assert lines[-1].startswith("2 of 3 Regions are missing (eu-west-1, me-south-1)")
        assert any("eu-west-1" in line and "access denied" in line for line in lines[:-1])
        api.asked.clear()
        api.refusals.clear()
        status, lines = run(api.environment(), tmp_path / "case.duckdb", "--until", UNTIL)
        assert {one.region for one in api.asked} == {"eu-west-1", "me-south-1"}, "just those that were missing"
    assert (status, lines[-1]) == (0, "0 of 3 Regions are missing: all is fetched")


def test_a_damaged_state_is_one_region_missing_and_no_traceback(tmp_path: Path) -> None:
    case, pages = tmp_path / "case.duckdb", tmp_path / "case.history"
    events = {region: spread(60, NEWEST) for region in ("us-east-1", "eu-west-1")}
    with CloudTrailApi(events) as api:
        run(api.environment(), case, "--region", "us-east-1")
        (state,) = pages.rglob("state.json")
        state.write_bytes(state.read_bytes()[:-40])
        status, lines = run(api.environment(), case)
    assert status == 3
    assert lines[-1].startswith("1 of 2 Regions are missing (us-east-1)")
    (told,) = [line for line in lines if "MISSING" in line]
    assert told.startswith("us-east-1: 2 pages")
    assert "the state of the query is damaged" in told
    assert "Move its folder away" in told
    with rf.open_case(case) as opened:
        assert opened.sql("SELECT count(*) AS n FROM events").rows == [{"n": 120}]


def test_nothing_at_all_is_status_1_and_makes_no_case(tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}, {"us-east-1": ["AccessDeniedException!"]}) as api:
        status, lines = run(api.environment(), tmp_path / "case.duckdb")
    assert status == 1
    assert "1 of 1 Regions are missing (us-east-1)" in lines[-1]
    assert not (tmp_path / "case.duckdb").exists()


def test_on_a_terminal_a_bar_follows_the_regions_back_in_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    with _fetch_progress() as follow:
        for region, pages in (("us-east-1", 1), ("eu-west-1", 1), ("us-east-1", 2)):
            follow(Reached(region, pages, 50 * pages, TODAY - timedelta(days=9), TODAY, TODAY - timedelta(days=pages)))
    assert (
        f"2 Regions, 3 pages, 150 events; us-east-1 at {TODAY - timedelta(days=2):%Y-%m-%d}" in capsys.readouterr().err
    )


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
    assert "'yesterday' is no time" in lines[-1]
