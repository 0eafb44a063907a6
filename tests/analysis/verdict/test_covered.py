"""Coverage and verdict never contradict each other: whole, verified logs in all Regions, and what is missing of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.one_account import OneAccount
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.analysis.response.contained import contained
from tests.analysis.verdict.logs import tell
from tests.analysis.verdict.test_pauses import OTHER, at, logs, steady
from tests.builders import event, root_event, write_log
from tests.integrity.bucket import Chain, key, write, write_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from tests.integrity.bucket import Stored

#: AWS Account Management User Guide: Regions that are enabled by default. They are 17.
ALWAYS_ON = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
IN_IAM, IN_SIGN_IN = ("mfa_removed",), ("password_changed", "ownership_changed")
ANYWHERE = ("used_by_person", "logging_impaired", "money_spent")
NO = (*IN_IAM, *IN_SIGN_IN, *ANYWHERE)
HOURS = 5


def calls(account: str, region: str) -> dict[int, list[dict[str, Any]]]:
    """Two calls in each hour, by two identities that are not root."""
    own = {"recipientAccountId": account, "awsRegion": region}
    identity = {"arn": f"arn:aws:sts::{account}:assumed-role/Ops/another"}
    times = [f"2026-08-04T{8 + number:02}:45:00Z" for number in range(HOURS)]
    return {
        number: [event(eventTime=time, **own), event(identity=identity, eventTime=time, **own)]
        for number, time in enumerate(times)
    }


def chain(account: str, region: str, *more: dict[str, Any]) -> Chain:
    """Five hours of a Region with a log and a digest file each; the second has some more calls."""
    made = calls(account, region)
    made[1] += more
    return Chain(HOURS, account=account, region=region, calls=made)


#: What is taken from whole logs, by account; nothing from the first.
WHOLE, HOUR, OTHERS_HOUR, REGION, TAIL, SWITCHED_ON, THREE_HOURS, QUIET, PARTLY = ACCOUNTS = tuple(
    f"55556666777{number}" for number in range(9)
)


def idle(_number: int, fields: dict[str, Any]) -> None:
    fields["logFiles"] = []


def stored(account: str) -> Iterator[Stored]:
    enabled = event(
        eventTime="2026-08-04T09:46:00Z",
        eventSource="account.amazonaws.com",
        eventName="EnableRegion",
        requestParameters={"RegionName": "af-south-1"},
        recipientAccountId=account,
        readOnly=False,
    )
    more = [enabled] if account == SWITCHED_ON else []
    made = {region: chain(account, region, *(more if region == "us-east-1" else [])) for region in ALWAYS_ON}
    for region, own in made.items():
        if account == REGION and region == "eu-west-3":
            continue
        if account in (QUIET, PARTLY) and region in ("us-east-2", "us-west-2"):
            digests = Chain(HOURS, account=account, region=region, edit=idle).digests
            yield from digests[: 2 if account == PARTLY and region == "us-west-2" else HOURS]
            continue
        for number, (log, digest) in enumerate(zip(own.logs, own.digests, strict=True)):
            lost = (
                (account == HOUR and region == "us-east-1" and number == 2)
                or (account == THREE_HOURS and region == "us-east-1" and 0 < number < 4)
                or (account == OTHERS_HOUR and region == "eu-west-3" and number == 2)
            )
            if not lost and not (account == TAIL and region == "us-west-2" and number > 1):
                yield from (log, digest)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    folder = tmp_path_factory.mktemp("covered")
    for account in ACCOUNTS:
        write(folder / "logs", stored(account))
    keys = write_keys(folder / "keys.json", [key()])
    with rf.open_case(folder / "case.duckdb") as opened:
        opened.load(folder / "logs")
        opened.verify(keys)
        yield opened


@pytest.fixture(scope="module")
def analysis(case: rf.Case) -> Analysis:
    return case.analysis()


def answers_of(analysis: Analysis, account: str) -> dict[str, Any]:
    return {answer.name: answer for answer in analysis.verdict_of(account).answers}


@pytest.mark.heavy
def test_whole_and_verified_logs_of_all_regions_show_that_nothing_was_done(analysis: Analysis) -> None:
    for account in (WHOLE, QUIET):
        answers = answers_of(analysis, account)
        assert {name: answers[name].answer for name in NO} == dict.fromkeys(NO, "no")
    assert {name: answers_of(analysis, WHOLE)[name].missing for name in NO} == dict.fromkeys(NO, ())
    # Digest files begin in the middle of an hour: of its first part none says that it was quiet.
    missing = {text for name in NO for text in answers_of(analysis, QUIET)[name].missing}
    assert all("digest files of us-east-2, us-west-2 in 1 of 5 hours" in text for text in missing)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("account", "unknown"),
    [
        (HOUR, NO),
        (THREE_HOURS, NO),
        (OTHERS_HOUR, ANYWHERE),
        (REGION, ANYWHERE),
        (TAIL, (*IN_SIGN_IN, *ANYWHERE)),
        (PARTLY, (*IN_SIGN_IN, *ANYWHERE)),
        (SWITCHED_ON, ANYWHERE),
    ],
)
@pytest.mark.quick(2)
def test_what_is_missing_of_whole_logs_is_denied_nowhere_where_it_would_be(
    analysis: Analysis, account: str, unknown: tuple[str, ...]
) -> None:
    answers = answers_of(analysis, account)
    assert {name for name in NO if answers[name].answer == "unknown"} == {*unknown}
    assert all(answers[name].missing for name in unknown)


@pytest.mark.heavy
def test_no_answer_is_no_where_coverage_says_that_hours_are_missing(analysis: Analysis, case: rf.Case) -> None:
    """Of each account and question, against the rows of the command ``coverage``."""
    where = dict.fromkeys(IN_IAM, ("us-east-1",)) | dict.fromkeys(IN_SIGN_IN, SIGN_IN_REGIONS)
    for account in ACCOUNTS:
        rows = case.query("coverage_by_hour", account_id=account).rows
        lacking = {row["region"] for row in rows if row["state"] in ("unknown", "incomplete")}
        for name in NO:
            is_lacking = not lacking.isdisjoint(where.get(name, lacking))
            told = answers_of(analysis, account)[name]
            assert (told.answer == "unknown") == is_lacking, (account, name, lacking, told)


@pytest.mark.heavy
@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.quick(2)
def test_containment_holds_only_in_hours_of_which_coverage_says_that_all_is_proven(
    analysis: Analysis, case: rf.Case, account: str
) -> None:
    """Each hour by itself, and three together: against the rows of the command ``coverage``, of 17 Regions and more."""
    rows = case.query("coverage_by_hour", account_id=account).rows
    proven = {(row["region"], row["hour_time"]) for row in rows if row["proven_by"] == "digests"}
    regions = {*ALWAYS_ON, *(row["region"] for row in rows)}
    hours = [datetime(2026, 8, 4, hour, tzinfo=UTC) for hour in range(9, 13)]
    is_proven = [all((region, hour) in proven for region in regions) for hour in hours[:3]]
    answers = [
        contained(OneAccount(analysis, account), since, until).answer
        for since, until in [*pairwise(hours), (hours[0], hours[3])]
    ]
    assert all(is_proven) == (account in (WHOLE, QUIET))
    assert not any(answer == "closed" and not proof for answer, proof in zip(answers, is_proven, strict=False))
    assert {*answers} == ({"closed"} if account in (WHOLE, QUIET) else {"unknown"})


@pytest.mark.parametrize("days", [1, 5])
async def test_three_hours_that_are_gone_from_a_busy_region_leave_unknown_what_is_recorded_there(days: int) -> None:
    records = logs(lambda region, hour: region == "us-east-1" and 10 <= hour < 13, days=days)
    used = root_event(
        eventTime=at(16), awsRegion="us-east-2", eventSource="ec2.amazonaws.com", eventName="DescribeVpcs"
    )
    answers, _ = await tell(*records, used, whole=False)
    assert {answers[name].answer for name in NO if name != "used_by_person"} == {"unknown"}
    told = f"logs from us-east-1 in 3 of {24 * days} hours (2026-08-03 10:00 to 2026-08-03 13:00)"
    assert all(answers[name].missing[0].startswith(told) for name in NO if name != "used_by_person")


async def test_nights_are_quiet_by_themselves_and_named_beside_a_no() -> None:
    def night(region: str, hour: int) -> bool:
        return region == "us-east-1" and hour % 24 < 5

    answers, _ = await tell(*logs(night), whole=False)
    assert {answers[name].answer for name in NO} == {"no"}
    assert [one.partition(" (")[0] for one in answers["mfa_removed"].missing] == [
        "digest files of us-east-1 in 25 of 120 hours"
    ]


async def test_a_region_that_was_switched_on_and_is_not_here_leaves_unknown_what_may_be_recorded_there() -> None:
    enabled = event(
        identity=OTHER,
        eventTime=at(20),
        eventSource="account.amazonaws.com",
        eventName="EnableRegion",
        requestParameters={"RegionName": "af-south-1"},
        readOnly=False,
    )
    answers, _ = await tell(*logs(), enabled, whole=False)
    assert {name: answers[name].answer for name in NO} == dict.fromkeys(NO, "no") | dict.fromkeys(ANYWHERE, "unknown")
    assert all("logs from af-south-1, where more events may be recorded" in answers[name].missing for name in ANYWHERE)
    answers, _ = await tell(*logs(), enabled, *steady("af-south-1", range(20, 120)), whole=False)
    assert {answers[name].answer for name in NO} == {"no"}


@pytest.mark.heavy
def test_each_verdict_says_from_when_to_when_and_in_which_regions_there_are_logs(tmp_path: Path) -> None:
    """Also of a member whose logs begin in the middle of those of others."""
    late = "777700001111"
    joined = [one | {"recipientAccountId": late} for one in steady("eu-west-1", range(50, 60))]
    write_log(tmp_path, "logs/log.json", [*logs(), *joined])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        told = {account: case.analysis().verdict_of(account) for account in ("111122223333", late)}
    assert told[late].covers == "2026-08-05 02:00 to 2026-08-05 12:00 UTC, eu-west-1"
    assert told["111122223333"].covers == "2026-08-03 00:00 to 2026-08-08 00:00 UTC, us-east-1, us-east-2, us-west-2"
    assert told[late].hours["events"] == 10


@pytest.mark.heavy
def test_an_account_of_the_organization_without_logs_is_named(tmp_path: Path) -> None:
    moved = event(
        eventSource="organizations.amazonaws.com",
        eventName="MoveAccount",
        eventTime=at(20),
        requestParameters={"accountId": "777700001111"},
        readOnly=False,
    )
    write_log(tmp_path, "logs/log.json", [*logs(), moved])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        (told,) = case.verdict()
    assert (told.account_id, told.use.answer) == ("", "unknown")
    assert "logs from 777700001111 of the organization: the case has none" in told.use.missing


@pytest.mark.heavy
def test_hours_of_the_whole_event_history_are_quiet_if_they_have_no_event(tmp_path: Path) -> None:
    """A few events in a day, of which files of ``history`` say that they are all of three Regions."""
    few = [one for region in SIGN_IN_REGIONS for one in steady(region, (1, 2, 20, 21))]
    write_log(tmp_path, "logs/log.json", few)
    for region in SIGN_IN_REGIONS:
        name = f"111122223333/{region}/all/20260803T000000Z-20260804T000000Z-asked-20260804T030000Z.jsonl"
        (tmp_path / "fetched" / name).parent.mkdir(parents=True)
        (tmp_path / "fetched" / name).write_text("")
    states, missing = [], []
    for folders in (["logs"], ["logs", "fetched"]):
        with rf.open_case(tmp_path / f"{len(folders)}.duckdb") as case:
            for folder in folders:
                case.load(tmp_path / folder)
            rows = case.query("coverage_spans").rows
            answers = answers_of(case.analysis(), "111122223333")
            states.append({row["state"] for row in rows})
            missing.append({answers[name].missing for name in (*IN_IAM, *IN_SIGN_IN)})
            assert {answers[name].answer for name in NO} == {"no"}
    assert states == [{"events", "unproven"}, {"events", "quiet"}]
    assert missing[1] == {()}
    assert all("digest files of us-east-1" in told[0] for told in missing[0])
