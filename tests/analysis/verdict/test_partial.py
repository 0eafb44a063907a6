"""A case of what is related to root answers as the full one does, or says that it cannot know."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import Analysis
from tests.builders import event, records_file, root_event, write_log
from tests.ingest.checks import check_counts

SAMPLE_LOGS = Path(__file__).parents[3] / "sample_logs"

PARTIAL = rf.Filters(root_related=True)
UNKNOWN = "the events that the load filtered out (only what is related to root)"


def _at(account: str, clock: str, record: dict[str, Any]) -> dict[str, Any]:
    """A record of an account at a time of 5 August 2026."""
    text = json.dumps(record | {"eventTime": f"2026-08-05T{clock}Z"})
    return json.loads(text.replace("111122223333", account))


def _root(name: str, asked: dict[str, Any], answered: dict[str, Any] | None = None) -> dict[str, Any]:
    source, call = name.split(":")
    return root_event(
        eventSource=f"{source}.amazonaws.com", eventName=call, requestParameters=asked, responseElements=answered,
        readOnly=False,
    )  # fmt: skip


def _user(
    user: str, name: str, asked: dict[str, Any] | None = None, answered: dict[str, Any] | None = None, key: str = ""
) -> dict[str, Any]:
    source, call = name.split(":")
    arn = f"arn:aws:iam::111122223333:user/{user}"
    return event(
        userIdentity={
            "type": "IAMUser", "principalId": f"AIDA{user.upper():X<17}", "arn": arn, "accountId": "111122223333",
            "accessKeyId": key or f"AKIA{user.upper():K<16}", "userName": user,
        },
        eventSource=f"{source}.amazonaws.com", eventName=call, requestParameters=asked or {}, responseElements=answered,
        readOnly=call.startswith("Describe"),
    )  # fmt: skip


def _session(key: str, name: str, asked: dict[str, Any], answered: dict[str, Any] | None = None) -> dict[str, Any]:
    one = _user("x", name, asked, answered)
    return one | {
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROADEPLOYXXXXXXXXXXX:job",
            "arn": "arn:aws:sts::111122223333:assumed-role/Deploy/job", "accountId": "111122223333", "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "arn": "arn:aws:iam::111122223333:role/Deploy", "accountId": "111122223333",
                    "userName": "Deploy",
                }
            },
        }
    }  # fmt: skip


def _made(count: int) -> dict[str, Any]:
    items = [{"instanceId": f"i-{number:017x}"} for number in range(count)]
    return {"instancesSet": {"items": items}}


#: Account and what happened in it. The names of the accounts' logs are in this order.
STORIES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    # Instances of root's, all terminated by a responder.
    "111111111111": [
        ("01:00:00", _root("ec2:RunInstances", {"instanceType": "p5.48xlarge"}, _made(20))),
        ("02:00:00", _user("amy", "ec2:TerminateInstances", _made(20), _made(20))),
    ],
    # A user of root's who was there in an earlier file, his session by a role, and what that one did.
    "222222222222": [
        ("03:00:00", _root("iam:CreateUser", {"userName": "eve"}, {"user": {"userName": "eve"}})),
        (
            "03:01:00",
            _root(
                "iam:CreateAccessKey", {"userName": "eve"}, {"accessKey": {"userName": "eve", "accessKeyId": "AKIAEVE1"}}
            ),
        ),
        ("03:02:00", _user("eve", "ec2:DescribeInstances", key="AKIAEVE1")),
        (
            "03:03:00",
            _user(
                "eve", "sts:AssumeRole", {"roleArn": "arn:aws:iam::111122223333:role/Deploy"},
                {"credentials": {"accessKeyId": "ASIAJOB1"}}, key="AKIAEVE1",
            ),
        ),
        ("03:04:00", _session("ASIAJOB1", "s3:PutBucketPolicy", {"bucketName": "b", "bucketPolicy": {}})),
        ("03:05:00", _session("ASIAJOB1", "ec2:RunInstances", {"instanceType": "p5.48xlarge"}, _made(2))),
        ("03:06:00", _session("ASIAOTHER", "s3:PutBucketPolicy", {"bucketName": "other"})),
        ("04:00:00", _user("amy", "iam:DeleteUser", {"userName": "eve"})),
    ],
    # A trail that root stopped, and somebody switched on again.
    "333333333333": [
        ("05:00:00", _root("cloudtrail:StopLogging", {"name": "main"})),
        ("05:30:00", _user("amy", "cloudtrail:StartLogging", {"name": "main"})),
    ],
    # Nothing but a sign-in that failed; the account goes on for hours.
    "444444444444": [
        ("06:00:00", root_event(
            eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn",
            requestParameters=None, responseElements={"ConsoleLogin": "Failure"}, errorMessage="Failed authentication",
        )),
    ],
}  # fmt: skip


Analyzes = tuple[Analysis, Analysis]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Analyzes:
    """The stories loaded whole and in part; what is asked of each is worked out once."""
    folder = tmp_path_factory.mktemp("partial")
    for account, story in STORIES.items():
        noise = [(f"{hour:02}:30:00", _user("bob", "ec2:DescribeInstances")) for hour in range(24)]
        records = [_at(account, clock, one) for clock, one in (*story, *noise)]
        for place, region in enumerate(("us-east-1", "us-east-2", "us-west-2")):
            name = f"{account}_CloudTrail_{region}_20260806T0000Z_0123456789abcdef.json.gz"
            held = records if not place else [record | {"awsRegion": region} for record in records[-24:]]
            write_log(folder / "logs", name, held)
    full, partial = _loaded(folder, folder / "logs")
    return full.analysis(), partial.analysis()


def _loaded(folder: Path, logs: Path) -> tuple[rf.Case, rf.Case]:
    full, partial = rf.open_case(folder / "full.duckdb"), rf.open_case(folder / "partial.duckdb")
    full.load(logs)
    partial.load(logs, filters=PARTIAL)
    return full, partial


def _compare(full: Analysis, partial: Analysis) -> None:
    """Every answer and step is the same; only a no may be unknown, if it says why."""
    whole, part = ([verdict.as_dict() for verdict in case.verdicts] for case in (full, partial))
    assert [one["account_id"] for one in whole] == [one["account_id"] for one in part]
    for one, other in zip(whole, part, strict=True):
        assert other["containment"] == one["containment"], one["account_id"]
        for wanted, got in zip(one["verdict"], other["verdict"], strict=True):
            where = (one["account_id"], wanted["name"])
            assert got["because"] == wanted["because"], where
            assert got["eventIDs"] == wanted["eventIDs"], where
            assert {*got["missing"]} - {*wanted["missing"]} <= {UNKNOWN}, where
            if got["answer"] != wanted["answer"]:
                assert (wanted["answer"], got["answer"]) == ("no", "unknown"), where
                assert UNKNOWN in got["missing"], where


@pytest.mark.heavy
def test_the_stories_are_answered_alike(cases: Analyzes) -> None:
    _compare(*cases)


@pytest.mark.heavy
def test_what_others_ended_is_not_to_be_stopped(cases: Analyzes) -> None:
    for case in cases:
        told = {verdict.account_id: verdict.as_dict()["containment"] for verdict in case.verdicts}
        assert not [step for step in told["111111111111"] if "instance" in step["what"]]


@pytest.mark.heavy
def test_everything_that_descends_from_root_is_there_and_no_noise(cases: Analyzes) -> None:
    full, partial = cases
    asked = "SELECT eventID FROM descendant_events UNION ALL SELECT eventID FROM root_events ORDER BY eventID"
    assert partial._statement(asked).rows == full._statement(asked).rows
    assert len(full._statement("SELECT eventID FROM descendant_events").rows) == 4
    assert not partial._statement("SELECT eventID FROM events WHERE userIdentity.userName = 'bob'").rows


@pytest.mark.heavy
def test_the_rest_is_still_added_afterwards(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for account, story in STORIES.items():
        write_log(logs, f"{account}.json", [_at(account, clock, one) for clock, one in story])
    full, partial = _loaded(tmp_path, logs)
    again = partial.load(logs, filters=PARTIAL)
    assert (again.unchanged_count, again.new_count) == (len(STORIES), 0)
    partial.load(logs)
    asked = "SELECT eventID, evidence_id, record_index FROM events ORDER BY ALL"
    assert partial.sql(asked).rows == full.sql(asked).rows
    counts = "SELECT uri, record_count, event_count, filtered_count FROM evidence ORDER BY ALL"
    assert partial.sql(counts).rows == full.sql(counts).rows


@pytest.mark.heavy
def test_names_that_come_to_be_known_later_are_followed_in_what_was_loaded_before(tmp_path: Path) -> None:
    made, acted = STORIES["222222222222"][:2], STORIES["222222222222"][2:]
    first = write_log(tmp_path, "acted.json", [_at("222222222222", clock, one) for clock, one in acted])
    second = write_log(tmp_path, "made.json", [_at("222222222222", clock, one) for clock, one in made])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        assert case.load(first, filters=PARTIAL).unsearched_count == 0
        assert case.load(second, filters=PARTIAL).unsearched_count == 1
        left_out = "SELECT eventName FROM descendant_events WHERE eventName = 'DescribeInstances'"
        assert len(case.sql(left_out).rows) == 0
        assert case.load(first, second, filters=PARTIAL).unsearched_count == 0
        assert len(case.sql(left_out).rows) == 1
        assert len(case.sql("SELECT eventID FROM descendant_events").rows) == 4


@pytest.mark.heavy
def test_members_of_archives_are_searched_again(tmp_path: Path) -> None:
    made, acted = STORIES["222222222222"][:2], STORIES["222222222222"][2:]
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        for name, story in (("a/acted.json", acted), ("b/made.json", made)):
            archive.writestr(name, records_file([_at("222222222222", clock, one) for clock, one in story]))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs.zip", filters=PARTIAL)
        assert len(case.sql("SELECT eventID FROM descendant_events").rows) == 4
        check_counts(case, filtered=True)


@pytest.mark.heavy
def test_the_sample_is_answered_alike(tmp_path: Path) -> None:
    full, partial = _loaded(tmp_path, SAMPLE_LOGS)
    _compare(full.analysis(), partial.analysis())
