"""What was left out is said, and nothing is claimed of what was not read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.analysis.coverage.scope import Scope, scope
from rootforensics.analysis.one_account import OneAccount
from rootforensics.cli import cli
from rootforensics.ingest.filters import parse_time
from rootforensics.reports.html import render_report
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.analysis.test_accounts import OTHER
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.stories import Names, Story

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "us-east-1": "111122223333_CloudTrail_us-east-1_20260805T0105Z_0123456789abcdef.json.gz",
    "us-east-2": "111122223333_CloudTrail_us-east-2_20260805T0105Z_0123456789abcdef.json.gz",
    "us-west-2": "111122223333_CloudTrail_us-west-2_20260805T0105Z_0123456789abcdef.json.gz",
}


@dataclass(frozen=True)
class Told:
    """What is told of a case: the sentences of the story with their levels, the summary and the scope."""

    story: list[tuple[str, str]]
    summary: dict[str, Any]
    scope: Scope
    page: str = ""


def loaded(folder: Path, *, page: bool = False, **filters: Any) -> Told:
    """What is told of three Regions' logs, root on 2 August in one of them."""
    write_log(folder, f"logs/{NAMES['us-east-1']}", [root_event(eventTime="2026-08-02T00:00:00Z")])
    for region in ("us-east-2", "us-west-2"):
        write_log(folder, f"logs/{NAMES[region]}", [event(awsRegion=region, eventTime="2026-08-04T00:00:00Z")])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs", filters=rf.Filters(**filters))
        analysis = case.analysis()
        story = [(statement.text, statement.level) for statement in tell(analysis)]
        return Told(story, summarize(analysis), analysis.scope, render_report(analysis) if page else "")


@pytest.fixture(scope="module")
def since_august_3(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return loaded(tmp_path_factory.mktemp("since"), page=True, since=parse_time("2026-08-03"))


def test_a_filter_that_left_root_out_is_no_proof_of_its_absence(since_august_3: Told) -> None:
    told, summary = since_august_3.story, since_august_3.summary
    assert told[0] == ("The case shows no use of root by a person, but the load left out parts.", "note")
    assert any("1 record " in text and "from 2026-08-03T00:00:00Z" in text for text, _ in told)
    assert not [text for text, _ in told if text.startswith("There are no logs from")]
    assert summary["filters"] == ["from 2026-08-03T00:00:00Z"]


@pytest.mark.heavy
def test_regions_that_were_read_without_finding_root_are_not_missing(tmp_path: Path) -> None:
    found = loaded(tmp_path, root_related=True)
    told, summary = found.story, found.summary
    assert found.scope.regions == ("us-east-1", "us-east-2", "us-west-2")
    assert not [text for text, _ in told if text.startswith("There are no logs from")]
    assert any("The load filtered out 2 records" in text for text, _ in told)
    assert summary["events"]["left_out"] == 2


@pytest.mark.heavy
def test_of_which_regions_left_out_records_were_is_not_known_where_no_name_tells_it(tmp_path: Path) -> None:
    """The files of one Region, and so they are said to be; of records that a filter left out nobody can tell."""
    for name, left_out in (("a", True), ("b", False)):
        records = [
            root_event(awsRegion="us-east-1"),
            *([event(awsRegion="us-west-2", eventTime="2026-08-01T00:00:00Z")] if left_out else []),
        ]
        write_log(tmp_path, f"{name}/whatever.json", records)
        with rf.open_case(tmp_path / f"{name}.duckdb") as case:
            case.load(tmp_path / name, filters=rf.Filters(since=datetime(2026, 8, 2, tzinfo=UTC)))
            analysis = case.analysis()
            told = [one.text for one in tell(analysis)]
            verdict = analysis.verdict_of(ACCOUNT)
        missing = [text for answer in verdict.answers for text in answer.missing]
        unsure = "a filter excluded records from files without a Region in their names"
        assert (
            any(text.startswith("It is not known whether there are logs from us-east-2, us-west-2") for text in told)
            == left_out
        )
        assert any(text.startswith("There are no logs from us-east-2, us-west-2") for text in told) != left_out
        assert any(unsure in text for text in missing) == left_out
        assert (
            any("us-east-1 only" in text or "where root sign-ins may be recorded" in text for text in missing)
            != left_out
        )


@pytest.mark.heavy
def test_an_account_that_a_filter_left_out_was_not_read(tmp_path: Path) -> None:
    """Neither its Regions nor what is missing of it are of the case, and the cover has the Regions of the sentences."""
    for account, region in ((ACCOUNT, "us-east-1"), (OTHER, "us-west-2"), (OTHER, "eu-central-1")):
        name = NAMES["us-east-1"].replace(ACCOUNT, account).replace("us-east-1", region)
        write_log(tmp_path, f"logs/{name}", [event(recipientAccountId=account, awsRegion=region)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(accounts=(ACCOUNT,)))
        analysis = case.analysis()
        taken, told, page = analysis.scope, [one.text for one in tell(analysis)], render_report(analysis)
    assert taken.read == {ACCOUNT: {"us-east-1"}}
    assert "There are no logs from us-east-2, us-west-2, so root sign-ins there may be missing." in told
    assert not [text for text in told if OTHER in text or "eu-central-1" in text]
    assert '<dt>Region in the logs</dt><dd><span class="whole">us-east-1</span></dd>' in page


def test_the_cover_has_the_regions_whose_logs_were_read(since_august_3: Told) -> None:
    (regions,) = re.findall("<dt>Regions in the logs</dt><dd>(.*?)</dd>", since_august_3.page)
    assert re.findall(r"us-\w+-\d", regions) == ["us-east-1", "us-east-2", "us-west-2"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Region names: one of 10,000 letters, and more than AWS has; and root of an account in the log of another."""
    folder = tmp_path_factory.mktemp("odd")
    names = ["a" * 10_000, *(f"us-east-{number}" for number in range(100, 170))]
    stranger = root_event(
        identity={"accountId": "999988887777"}, recipientAccountId="111122223333", awsRegion="us-east-100"
    )
    write_log(folder, "logs/a.json", [*(event(awsRegion=name) for name in names), stranger])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        analysis = case.analysis()
        story = [(statement.text, statement.level) for statement in tell(analysis)]
        return Told(story, summarize(analysis), analysis.scope, render_report(analysis))


@pytest.mark.heavy
def test_regions_without_end_neither_fill_the_cover_nor_a_sentence(odd: Told) -> None:
    (reach,) = [text for text, _ in odd.story if text.startswith("The logs in this case are ")]
    assert reach.endswith("us-east-158 and 11 more. They do not show other times or Regions.")
    assert len(reach) < 1_500
    (cover,) = re.findall("<dt>Regions in the logs</dt><dd>(.*?)</dd>", odd.page)
    assert f">{'a' * 39}…<" in cover
    assert "a" * 40 not in cover
    assert "us-east-159" not in cover
    assert 'and 11 more, listed under <a href="#coverage">coverage</a>' in cover


def test_a_digest_is_no_log_of_its_region(tmp_path: Path) -> None:
    write_log(tmp_path, f"logs/{NAMES['us-east-1']}", [root_event()])
    digest = NAMES["us-west-2"].replace("CloudTrail_us", "CloudTrail-Digest_us").removesuffix(".gz")
    (tmp_path / "logs" / digest).write_text('{"digestEndTime":"x","logFiles":[]}', encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert [row["status"] for row in case.query("evidence").rows] == ["digest", "loaded"]
        assert scope(case).regions == ("us-east-1",)


@pytest.mark.heavy
def test_a_whole_load_has_nothing_left_out(odd: Told) -> None:
    found = odd
    assert found.scope.is_whole
    assert found.summary["filters"] == []
    assert not [text for text, _ in found.story if "Left out" in text]


@pytest.mark.heavy
def test_a_filter_that_left_nothing_out_is_said_all_the_same(tmp_path: Path) -> None:
    write_log(tmp_path, f"logs/{NAMES['us-east-1']}", [event(eventTime="2026-08-04T00:00:00Z")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(since=parse_time("2026-08-03")))
        analysis = case.analysis()
        told = tell(analysis)
        assert (scope(case).lost_something, scope(case).is_whole) == (False, False)
    assert (told[0].level, "contains only what was asked for" in told[0].text) == ("note", True)
    assert any("filter: from 2026-08-03T00:00:00Z" in statement.text for statement in told)


def test_the_root_of_another_account_is_told_as_that_account(odd: Told) -> None:
    assert any(text.startswith("Account 999988887777: likely takeover") for text, _ in odd.story)
    assert odd.summary["root"]["accounts"] == ["999988887777"]


@pytest.mark.heavy
async def test_a_request_that_python_cannot_read_does_not_stop_the_story() -> None:
    key = json.dumps(root_event(eventName="CreateAccessKey", readOnly=False, requestParameters={"a": 0}))
    text = '{"Records":[' + key.replace('{"a": 0}', '{"a": ' + "9" * 5000 + "}") + "]}"

    def ask(analysis: Any, names: Names) -> list[str]:
        return [statement.text for statement in tell(OneAccount(analysis, *names.accounts))]

    assert any("created an access key for root itself" in one for one in await Story([], ask, files={"a.json": text}))


@pytest.mark.heavy
def test_what_was_not_searched_for_names_that_came_later_is_said_wherever_something_is_missing(tmp_path: Path) -> None:
    """A user acts in a log that was read before the one in which root made it: in one case, and in two that are merged."""
    made = root_event(
        eventName="CreateUser", requestParameters={"userName": "helper"}, eventTime="2026-08-04T00:00:00Z",
        responseElements={"user": {"userName": "helper", "arn": f"arn:aws:iam::{ACCOUNT}:user/helper"}},
    )  # fmt: skip
    who = {"type": "IAMUser", "userName": "helper", "arn": f"arn:aws:iam::{ACCOUNT}:user/helper"}
    first = str(write_log(tmp_path, "made.json", [made]))
    second = str(write_log(tmp_path, "acts.json", [event(identity=who), event()]))

    def run(*arguments: str) -> int:
        return CliRunner().invoke(cli, arguments, standalone_mode=False).return_value

    def of(name: str) -> tuple[tuple[str, ...], str, set[str]]:
        with rf.open_case(tmp_path / name) as case:
            [exposed] = [row for row in case.verdict().result().rows if row["name"] == "data_exposed"]
            hours = case.query("coverage_by_hour").rows
            return scope(case).filters, exposed["missing"][0], {row["state"] for row in hours}

    one, part, merged = (str(tmp_path / name) for name in ("one.duckdb", "part.duckdb", "merged.duckdb"))
    plain, lacking = "only what is related to root", "not searched for all names that descend from root"
    assert run("load", one, second, "--root-related") == 0
    assert run("load", part, first, "--root-related") == 0
    assert run("merge", merged, one, part) == 3
    assert run("load", one, first) == 3
    for name in ("one.duckdb", "merged.duckdb"):
        filters, missing, states = of(name)
        assert "incomplete" in states
        assert lacking in filters[-1]
        assert f"{plain}; {lacking}" in missing
    assert run("load", one, first, second, "--root-related") == 0
    filters, missing, states = of("one.duckdb")
    assert "incomplete" not in states
    assert filters == (plain,)
    assert "filters" not in missing  # all else was counted
