"""What identities did that do not descend from root: stories of one case, each in an account of its own."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.telling.identities import tell_identities
from tests.analysis.lineage.test_blast_radius import did, made_key
from tests.analysis.test_accounts import of
from tests.builders import ABSENT, event, write_log
from tests.conftest import SAMPLE_LOGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Record = dict[str, Any]
    Rows = list[dict[str, Any]]

HOSTILE: Final = "<img src=x>\u202e=cmd"
ROOTS: Final = {"sourceIPAddress": "203.0.113.9", "userAgent": "roots-own/1.0"}
ELSEWHERE: Final = {"sourceIPAddress": "192.0.2.77", "userAgent": "other/2.0"}


def user(name: str, number: int, key: str = "") -> Record:
    account = f"{number:012}"
    return {"type": "IAMUser", "userName": name, "accountId": account, "accessKeyId": key or f"AKIA{name.upper()}{number}",
            "arn": f"arn:aws:iam::{account}:user/{name}", "principalId": f"AIDA{name}", "sessionContext": ABSENT}  # fmt: skip


def role(name: str, number: int, session: str, key: str = "ASIAROLE") -> Record:
    account = f"{number:012}"
    issuer = {"type": "Role", "userName": name, "accountId": account, "arn": f"arn:aws:iam::{account}:role/{name}",
              "principalId": f"AROA{name}"}  # fmt: skip
    return {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}", "accountId": account,
            "accessKeyId": key, "principalId": f"AROA{name}:{session}", "sessionContext": {"sessionIssuer": issuer}}  # fmt: skip


def act(
    number: int, call: str, minute: int, who: Record, request: Any = None, response: Any = None, **fields: Any
) -> Record:
    usual: Record = {"recipientAccountId": f"{number:012}", "resources": ABSENT} | ELSEWHERE
    return did(call, minute, request, response, who=who, **usual | fields)


def roots(number: int, *records: Record) -> list[Record]:
    return [of(f"{number:012}", record) for record in records]


# 1: a user makes a user and a key and is refused the trail; he comes from where root was. What root's user did is root's.
mallory, bob = user("mallory", 1), user("bob", 1)
STORIES: Final[list[Record]] = [
    *roots(1, did("ec2:DescribeVpcs", 0, readOnly=True, **ROOTS), did("iam:CreateUser", 1, {"userName": "bob"}, **ROOTS),
           made_key("AKIABOB1", 2, "bob", **ROOTS)),
    act(1, "iam:CreateUser", 3, mallory, {"userName": "eve"}, {"user": {"userName": "eve"}}, **ROOTS),
    act(1, "iam:CreateAccessKey", 4, mallory, {"userName": "eve"}, {"accessKey": {"accessKeyId": "AKIAEVE"}}),
    act(1, "cloudtrail:DeleteTrail", 5, mallory, {"name": "t"}, errorCode="AccessDenied"),
    act(1, "ec2:DescribeVpcs", 6, mallory, readOnly=True),
    act(1, "cloudtrail:DeleteTrail", 7, bob, {"name": "t"}),
    # 2: AWS services, by every mark that they have; and nothing that the catalogue holds for high.
    act(2, "ec2:DeleteSnapshot", 1, {"type": "AWSService", "invokedBy": "dlm.amazonaws.com", "arn": ABSENT, "accountId": ABSENT}),
    act(2, "ec2:TerminateInstances", 2, role("AWSServiceRoleForAutoScaling", 2, "AutoScaling")),
    act(2, "kms:ScheduleKeyDeletion", 3, {"type": ABSENT, "arn": ABSENT, "invokedBy": "AWS Internal"}, eventType="AwsServiceEvent"),
    act(2, "ec2:CreateTags", 4, user("clerk", 2)),
    # 3: a role whose session a user opened; two people in one role of IAM Identity Center; a federated session of a user.
    act(3, "sts:AssumeRole", 1, user("opener", 3), {"roleArn": "x"}, {"credentials": {"accessKeyId": "ASIAOPENED"}}),
    act(3, "s3:DeleteBucket", 2, role("Ops", 3, "shift", "ASIAOPENED"), {"bucketName": "b"}),
    act(3, "s3:DeleteBucket", 3, role("Ops", 3, "night"), {"bucketName": "c"}),
    act(3, "iam:CreateUser", 4, role("AWSReservedSSO_Dev_1", 3, "ann@example.com"), {"userName": "a"}),
    act(3, "iam:CreateUser", 5, role("AWSReservedSSO_Dev_1", 3, "ben@example.com"), {"userName": "b"}),
    act(3, "iam:CreateRole", 6, {
        "type": "FederatedUser", "arn": "arn:aws:sts::000000000003:federated-user/guest", "accountId": "000000000003",
        "accessKeyId": "ASIAGUEST", "sessionContext": {"sessionIssuer": user("fay", 3) | {"sessionContext": ABSENT}},
    }, {"roleName": "r"}),
    # 4: others than users and roles: another account, an identity without a type, one without anything.
    act(4, "s3:PutBucketPolicy", 1, {"type": "AWSAccount", "accountId": "000000000099", "principalId": "AROAX:guest", "arn": ABSENT,
                                     "sessionContext": ABSENT}),
    act(4, "cloudtrail:StopLogging", 2, {"type": ABSENT, "arn": ABSENT, "userName": "fromatable", "principalId": ABSENT}),
    act(4, "cloudtrail:StopLogging", 3, user("nobody", 4)) | {"userIdentity": None},
    # 5: a service in a user's name; root opened to others a user who had acted before; a session as root.
    act(5, "iam:CreateRole", 1, user("deployer", 5) | {"invokedBy": "cloudformation.amazonaws.com"}, {"roleName": "r"}),
    act(5, "iam:CreateUser", 2, user("pat", 5), {"userName": "x"}),
    *roots(5, did("iam:UpdateLoginProfile", 3, {"userName": "pat"}, sourceIPAddress="10.0.0.1", userAgent="five/1")),
    act(5, "cloudtrail:StopLogging", 4, user("pat", 5), {"name": "t"}),
    act(5, "sts:AssumeRoot", 5, user("admin", 5), {"targetPrincipal": "000000000042"}, {"credentials": {"accessKeyId": "ASIAROOT"}}),
    # What the catalogue says of root's own credentials alone it does not say of others.
    act(5, "sts:GetSessionToken", 6, user("plain", 5), None, {"credentials": {"accessKeyId": "ASIAPLAIN"}}),
    # 6: who used what root used, and did nothing of the kind; a name that is an attack on whoever prints it.
    act(6, "ec2:DescribeVpcs", 1, user("same", 6), readOnly=True, sourceIPAddress="203.0.113.9"),
    act(6, "ec2:DescribeVpcs", 2, user("near", 6), readOnly=True, sourceIPAddress="203.0.113.200"),
    act(6, "ec2:DescribeVpcs", 3, user("tool", 6), readOnly=True, userAgent="roots-own/1.0"),
    act(6, "ec2:DescribeVpcs", 4, user("far", 6), readOnly=True, sourceIPAddress="203.0.11.9"),
    act(6, "cloudtrail:StopLogging", 5, user(HOSTILE, 6), {"name": "t"}),
    # 7: the console is a person's hand.
    act(7, "iam:CreateUser", 1, user("clicker", 7) | {"invokedBy": "signin.amazonaws.com"}, {"userName": "y"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    folder = tmp_path_factory.mktemp("beside")
    write_log(folder / "logs", "log.json", STORIES)
    with rf.open_case(folder / "case.duckdb") as made:
        made.load(folder / "logs")
        yield made


def rows(case: rf.Case, number: int) -> Rows:
    return case.query("identities", account_id=f"{number:012}").rows


def told(case: rf.Case, number: int, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in ("identity_kind", "identity_name", *columns)) for row in rows(case, number)]


def test_an_identity_is_one_line_with_what_it_did_and_got(case: rf.Case) -> None:
    (row,) = rows(case, 1)
    assert (row["identity_kind"], row["identity_name"], row["account_id"]) == (
        "user",
        "000000000001/mallory",
        "000000000001",
    )
    # DeleteTrail is critical; it was refused, which is one step less.
    assert (row["severity"], row["action_count"], row["success_count"], row["failed_count"]) == ("high", 3, 2, 1)
    assert row["actions"] == ["CreateAccessKey", "CreateUser", "DeleteTrail"]
    assert (f"{row['first_time']:%H:%M}", f"{row['last_time']:%H:%M}") == ("10:03", "10:05")
    assert row["source_ips"] == ["192.0.2.77", "203.0.113.9"]
    assert row["access_keys"] == ["AKIAMALLORY1"]
    assert row["made"] == ["access key AKIAEVE", "user eve"]
    assert (row["root_ips"], row["root_network_ips"], row["root_user_agents"]) == (
        ["203.0.113.9"],
        [],
        ["roots-own/1.0"],
    )
    assert row["shared_count"] == 1
    assert row["eventID"] == STORIES[3]["eventID"]


def test_aws_services_are_left_out(case: rf.Case) -> None:
    assert rows(case, 2) == []


def test_roles_have_their_sessions_and_people_of_identity_center_a_line_each(case: rf.Case) -> None:
    assert told(case, 3, "sessions", "opened_by", "actions") == [
        ("role", "000000000003/Ops", ["night", "shift"], ["arn:aws:iam::000000000003:user/opener"], ["DeleteBucket"]),
        ("role", "000000000003/AWSReservedSSO_Dev_1/ann@example.com", ["ann@example.com"], [], ["CreateUser"]),
        ("role", "000000000003/AWSReservedSSO_Dev_1/ben@example.com", ["ben@example.com"], [], ["CreateUser"]),
        ("user", "000000000003/fay", ["guest"], [], ["CreateRole"]),
    ]


def test_who_is_no_user_and_no_role_is_not_lost(case: rf.Case) -> None:
    assert sorted(told(case, 4, "action_count")) == [
        ("account", "000000000099", 1),
        ("unknown", "fromatable", 1),
        ("unknown", "not recorded", 1),
    ]


def test_what_services_did_in_a_name_counts_apart_and_what_descends_from_root_not_at_all(case: rf.Case) -> None:
    assert told(case, 5, "action_count", "by_service_count", "actions", "made") == [
        ("user", "000000000005/admin", 1, 0, ["AssumeRoot"], ["session ASIAROOT"]),
        ("user", "000000000005/pat", 1, 0, ["CreateUser"], ["user x"]),  # before root had opened him to others
        ("user", "000000000005/deployer", 0, 1, ["CreateRole"], ["role r"]),
    ]


def test_what_a_person_did_in_the_console_is_that_person_s_own(case: rf.Case) -> None:
    assert told(case, 7, "action_count", "by_service_count") == [("user", "000000000007/clicker", 1, 0)]


def test_who_used_what_root_used_stands_behind_those_who_acted(case: rf.Case) -> None:
    assert told(case, 6, "action_count", "root_ips", "root_network_ips", "root_user_agents") == [
        ("user", f"000000000006/{HOSTILE}", 1, [], [], []),
        ("user", "000000000006/near", 0, [], ["203.0.113.200"], []),
        ("user", "000000000006/same", 0, ["203.0.113.9"], [], []),
        ("user", "000000000006/tool", 0, [], [], ["roots-own/1.0"]),
    ]


def test_the_worst_stand_first_then_those_who_did_the_most_different(case: rf.Case) -> None:
    every = case.query("identities").rows
    acting = [(row["severity"], -row["name_count"], -row["action_count"]) for row in every if row["action_count"]]
    assert acting == sorted(acting)
    assert [bool(row["action_count"]) for row in every] == sorted(
        (bool(row["action_count"]) for row in every), reverse=True
    )
    assert {row["severity"] for row in every if not row["actions"]} == {None}


def test_sentences_name_the_worst_and_say_where_the_rest_is(case: rf.Case) -> None:
    said = list(tell_identities(case.analysis()))
    assert ": 1 critical or high action at 2026-08-05 10:0" in said[0].text
    assert "StopLogging" in said[0].text
    assert (said[0].level, bool(said[0].event_ids)) == ("bad", True)
    (rest,) = said[1:]
    assert rest.text == (
        "11 more identities took critical or high actions, 1 had AWS services take critical or high actions for itself, "
        "2 took none but used an address or network that a root user used: rootforensics query CASE identities"
    )


def test_sentences_agree_in_number(tmp_path: Path) -> None:
    by_service = {"invokedBy": "cloudformation.amazonaws.com"}
    refused = act(1, "cloudtrail:DeleteTrail", 1, user("eve", 1), {"name": "t"}, errorCode="AccessDenied")
    stacks = [
        act(1, "iam:CreateRole", minute, user(name, 1) | by_service, {"roleName": name})
        for minute, name in enumerate(("deployer", "builder"), 2)
    ]
    write_log(tmp_path / "logs", "log.json", [refused, *stacks])
    with rf.open_case(tmp_path / "case.duckdb") as made:
        made.load(tmp_path / "logs")
        first, rest = tell_identities(made.analysis())
    assert "1 critical or high action (which failed) at" in first.text
    assert rest.text.startswith("2 more identities had AWS services take critical or high actions for themselves: ")


@pytest.mark.heavy
def test_where_there_are_none_the_logs_loaded_and_filters_are_named(tmp_path: Path) -> None:
    clerk = act(1, "ec2:CreateTags", 1, user("clerk", 1))
    write_log(tmp_path / "logs", "log.json", [event(), clerk])
    # Users are created at several services: the record does not say at which.
    write_log(
        tmp_path / "lacking", "log.json", [clerk | {"eventName": "CreateUser", "eventSource": None, "eventID": "1-2"}]
    )
    none = "No critical or high actions by identities that do not descend from root, in "
    unknown = "It is not known whether there were critical or high actions by identities that do not descend from root: 1 record "
    for name, filters, text in (
        ("logs", None, f"{none}the logs loaded."),
        ("logs", rf.Filters(regions=("us-east-1",)), f"{none}the events that the filters selected ("),
        ("lacking", None, unknown),
    ):
        with rf.open_case(tmp_path / f"{name}{bool(filters)}.duckdb") as made:
            made.load(tmp_path / name, filters=filters)
            (only,) = tell_identities(made.analysis())
            assert only.text.startswith(text), name
            assert only.level == ("good" if text.endswith("loaded.") else "note"), name
            assert only.event_ids == (("1-2",) if name == "lacking" else ()), name


#: Calls of the sample's developers that the catalogue holds for high, whatever their requests.
DEVELOPERS: Final = ("RunInstances", "CreateFunction20150331", "DeleteVolume")


def test_the_sample_has_the_people_of_its_plan(sample_case: rf.Case) -> None:
    records: dict[str, Record] = {}
    for path in SAMPLE_LOGS.rglob("*_CloudTrail_*.json.gz"):
        with suppress(EOFError):  # one of them is cut off
            records |= {one["eventID"]: one for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]}
    counts = Counter(
        f"{record['recipientAccountId']}/{record['userIdentity']['userName']}"
        for record in records.values()
        if record["userIdentity"].get("userName") in ("dev-kim", "dev-okan") and record["eventName"] in DEVELOPERS
    )
    every = {(row["identity_name"], row["account_id"]): row for row in sample_case.query("identities").rows}
    assert {name: every[name, "777788889999"]["action_count"] for name in counts} == counts
    assert len(counts) == 2
    # The engineer of the plan enabled sessions as root from above and opened one.
    security = "AWSReservedSSO_Security_5566778899aabbcc/farid.haddad@example.com"
    planned = {"AssumeRoot", "EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions"}
    assert planned <= {*every[f"444455556666/{security}", "444455556666"]["actions"]}
    # What root made, and what that made, is no line.
    assert not [name for name, _ in every if name.endswith(("/support-sync", "/OrgAuditAccess"))]
