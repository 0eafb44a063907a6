"""Who acted in a root event: each origin with a hit, a near miss, and the noise beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.ingest.filters import Filters
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]

ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
SERVICE = "elasticloadbalancing.amazonaws.com"
FEDERATED = {
    "type": "FederatedUser",
    "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/night",
    "sessionContext": {"sessionIssuer": {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}},
}


def signed_in(outcome: str) -> dict[str, Any]:
    answer = {"ConsoleLogin": outcome}
    return {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": answer}


def assume_root(key: str, **fields: Any) -> dict[str, Any]:
    """An AssumeRoot call that issued this key."""
    return event(
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoot",
        responseElements={"credentials": {"accessKeyId": key}},
        **fields,
    )


#: Each partition, and the domain of its services.
PARTITIONS = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-eusc": "amazonaws.eu",
}


def in_partition(partition: str, **fields: Any) -> dict[str, Any]:
    """An event of root of an account in this partition."""
    identity = {"arn": f"arn:{partition}:iam::{ACCOUNT}:root"} | fields.pop("identity", {})
    return root_event(identity=identity, **fields)


ORIGINS: list[tuple[str, dict[str, Any]]] = [
    *(
        (origin, in_partition(partition, **fields))
        for partition, domain in PARTITIONS.items()
        for origin, fields in (
            ("root_credentials", {}),
            ("root_credentials", {"identity": {"invokedBy": f"{domain}.example.org"}}),
            ("root_credentials", {"identity": {"invokedBy": f"signin.{domain}.example.org"}}),
            ("root_credentials", {"sourceIPAddress": f"ec2-203-0-113-5.eu-west-1.compute.{domain}"}),
            ("console", {"identity": {"invokedBy": f"signin.{domain}"}}),
            ("console", {"identity": {"invokedBy": f"eu-west-1.signin.{domain}"}}),
            ("service", {"identity": {"invokedBy": f"autoscaling.{domain}"}}),
            ("service", {"identity": {"invokedBy": f"notsignin.{domain}"}}),
            ("aws_internal", {"sourceIPAddress": f"config.{domain}"}),
            ("service_event", {"eventType": "AwsServiceEvent", "identity": {"invokedBy": f"signin.{domain}"}}),
        )
    ),
    ("root_credentials", root_event()),
    ("root_credentials", root_event(sourceIPAddress="2001:db8::5")),
    ("root_credentials", root_event(sourceIPAddress="100.127.8.67")),
    ("root_credentials", root_event(sourceIPAddress=ABSENT)),
    ("root_credentials", root_event(sourceIPAddress="amazonaws.com.example.org")),
    ("root_credentials", root_event(identity={"invokedBy": ""})),
    # What names no service is no reason to take an event for noise.
    *(("root_credentials", root_event(identity={"invokedBy": odd})) for odd in (5, False, True, "5", "false", "me")),
    ("root_credentials", root_event(identity={"invokedBy": "evil.example.org"})),
    ("root_credentials", root_event(identity={"invokedBy": "x.amazonaws.com.example.org"})),
    ("root_credentials", root_event(sourceIPAddress="ec2-203-0-113-5.compute-1.amazonaws.com")),
    ("root_credentials", root_event(sourceIPAddress="ec2-203-0-113-5.eu-west-1.compute.amazonaws.com")),
    ("root_credentials", root_event(sourceIPAddress="EC2-203-0-113-5.cn-north-1.compute.amazonaws.com.cn")),
    ("console", root_event(identity={"invokedBy": "signin.amazonaws.com"})),
    ("console", root_event(identity={"invokedBy": "Signin.AmazonAWS.com"})),
    ("console", root_event(identity={"invokedBy": "us-east-2.signin.amazonaws.com"})),
    ("federated_session", event(identity=FEDERATED)),
    *(
        ("privileged_session", root_event(identity={"sessionContext": {"assumedRoot": spelled}}))
        for spelled in ("true", "True", "TRUE", True)
    ),
    ("root_credentials", root_event(identity={"sessionContext": {"assumedRoot": "False"}})),
    ("service", root_event(identity={"invokedBy": SERVICE}, sourceIPAddress=SERVICE)),
    ("service", root_event(identity={"invokedBy": "AWS Internal"}, sourceIPAddress="198.51.100.1")),
    ("service", root_event(identity={"invokedBy": "AutoScaling.amazonaws.com"}, sourceIPAddress="198.51.100.1")),
    ("service_event", root_event(eventType="AwsServiceEvent")),
    ("service_event", root_event(eventType="awsserviceevent", sourceIPAddress="198.51.100.1")),
    ("aws_internal", root_event(sourceIPAddress="AWS Internal")),
    ("aws_internal", root_event(sourceIPAddress="AWS Internal/#")),
    ("aws_internal", root_event(sourceIPAddress="AWS Internal", sessionCredentialFromConsole="false")),
    ("root_credentials", root_event(sourceIPAddress="AWS Internal", sessionCredentialFromConsole="true")),
    ("service", root_event(identity={"invokedBy": SERVICE}, sessionCredentialFromConsole="true")),
    ("root_credentials", root_event(sourceIPAddress="AWS Internal", **signed_in("Success"))),
    ("root_credentials", root_event(sourceIPAddress="AWS Internal", **signed_in("Failure"))),
    ("root_credentials", root_event(identity={"invokedBy": "AWS Internal"}, **signed_in("Success"))),
    ("root_credentials", root_event(eventType="AwsServiceEvent", **signed_in("Success"))),
    ("aws_internal", root_event(sourceIPAddress=SERVICE)),
    ("aws_internal", root_event(sourceIPAddress="config.amazonaws.com.cn")),
    ("aws_internal", root_event(sourceIPAddress="ec2-instance-connect.amazonaws.com")),
    ("aws_internal", root_event(sourceIPAddress="ec2-frontend-api.amazonaws.com")),
]


def test_the_origin_of_a_root_event(case_of: CaseOf, subtests: pytest.Subtests) -> None:
    case = case_of(*(record for _, record in ORIGINS))
    events, noise, activity = (
        {row["eventID"]: row for row in case.query(name).rows}
        for name in ("root_events", "root_noise", "root_activity")
    )
    assert len(events) == len(ORIGINS) == len(noise) + len(activity)
    for origin, record in ORIGINS:
        with subtests.test(origin=origin, identity=record["userIdentity"], source=record.get("sourceIPAddress")):
            is_noise = origin in ("service", "service_event", "aws_internal")
            row = events[record["eventID"]]
            assert (row["origin"], row["origin_group"]) == (origin, "noise" if is_noise else "activity")
            assert record["eventID"] in (noise if is_noise else activity)


@pytest.mark.parametrize(
    "record",
    [
        event(),
        event(
            identity={"type": "IAMUser", "userName": "FinanceRoot", "arn": f"arn:aws:iam::{ACCOUNT}:user/FinanceRoot"}
        ),
        event(identity={"type": "AssumedRole", "principalId": "AROA:root"}),
        event(identity={"type": "FederatedUser", "sessionContext": {"sessionIssuer": {"type": "IAMUser"}}}),
        event(identity={"type": "Rooted"}),
        *(
            event(userIdentity={"arn": arn, "accountId": ACCOUNT})
            for arn in (
                f"arn:aws:iam::{ACCOUNT}:user/root",
                f"arn:aws:iam::{ACCOUNT}:role/:root",
                "arn:aws:iam::1:root",
                f"arn:aws:sts::{ACCOUNT}:root",
            )
        ),
        event(identity={"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:root"}),
        event(userIdentity={"userName": "root", "accountId": ACCOUNT}),
        event(userIdentity={"accountId": ACCOUNT, "invokedBy": "AWS Internal"}, eventType="AwsServiceEvent"),
        event(userIdentity="Root"),
        event(userIdentity=None),
    ],
)
async def test_a_name_makes_no_root(record: dict[str, Any]) -> None:
    case = await part_of(record)
    assert len(case.query("root_events")) == 0
    assert case.sql("SELECT 1 FROM api_calls WHERE root_basis <> ''").rows == []


#: What makes an event root's, and the field that says so.
BASES: list[tuple[str, dict[str, Any]]] = [
    ("userIdentity.type", {"type": "Root"}),
    ("userIdentity.type", {"type": "root"}),
    ("userIdentity.type", {"type": "ROOT"}),
    ("sessionIssuer.type", {"type": "FederatedUser", "sessionContext": {"sessionIssuer": {"type": "root"}}}),
    # The type was left out, the ARN tells what it was.
    ("sessionIssuer.type", FEDERATED | {"type": None}),
    ("sessionIssuer.arn", FEDERATED | {"type": "", "sessionContext": {"sessionIssuer": {"arn": ROOT_ARN}}}),
    *(
        ("userIdentity.arn", {"arn": f"arn:{partition}:iam::{ACCOUNT}:root"} | rest)
        for partition in ("aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc")
        for rest in ({}, {"type": ""}, {"type": None})
    ),
]


def listed(identity: dict[str, Any]) -> dict[str, Any]:
    """Somebody lists the users."""
    who = identity | {"accountId": ACCOUNT}
    return event(userIdentity=who, eventSource="iam.amazonaws.com", eventName="ListUsers")


def others() -> list[dict[str, Any]]:
    """Events of others than root."""
    return [event(), event(identity={"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/root"})]


@pytest.mark.parametrize(("basis", "identity"), BASES)
async def test_what_makes_an_event_roots_holds_in_every_view(basis: str, identity: dict[str, Any]) -> None:
    case = await part_of(record := listed(identity), *others())
    told = case.sql("SELECT eventID, root_basis FROM root_events").rows
    assert told == [{"eventID": record["eventID"], "root_basis": basis}]
    assert sum(row["root_count"] for row in case.query("coverage").rows) == 1


@pytest.mark.heavy
@pytest.mark.parametrize("mixed", [False, True], ids=["alone", "mixed"])
def test_what_makes_an_event_roots_holds_in_a_load_of_roots_events(mixed: bool, tmp_path: Path) -> None:
    records = [listed(identity) for _, identity in BASES]
    for place, record in enumerate(records):
        write_log(tmp_path / "logs", f"{place}.json.gz", [*(others() if mixed else []), record])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=Filters(root_related=True))
        told = case.sql("SELECT eventID, root_basis FROM root_events").rows
    bases = [(record["eventID"], basis) for record, (basis, _) in zip(records, BASES, strict=True)]
    assert sorted((row["eventID"], row["root_basis"]) for row in told) == sorted(bases)


async def test_an_opening_by_root_is_told_once_however_root_is_known() -> None:
    identity = {"arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    case = await part_of(assume_root("ASIAISSUED", userIdentity=identity))
    assert [row["origin_group"] for row in case.query("root_timeline").rows] == ["activity"]
    assert [row["line_kind"] for row in case.query("root_timeline_folded").rows] != ["opening"]
    assert case.sql("SELECT origin_group FROM followed_actions").rows == [{"origin_group": "activity"}]


async def test_an_invoker_in_a_list_of_one_is_read() -> None:
    case = await part_of(root_event(identity={"invokedBy": ["signin.amazonaws.com"]}))
    (row,) = case.sql("SELECT userIdentity.invokedBy AS invoker, cis_match, record_problem FROM root_events").rows
    assert (row["invoker"], row["cis_match"]) == ("signin.amazonaws.com", False)
    assert "as another tool spelled it" in row["record_problem"]


@pytest.mark.parametrize("odd", [5, False, ["signin.amazonaws.com", "ec2.amazonaws.com"], {}])
async def test_an_invoker_that_is_no_text_is_said(odd: object) -> None:
    case = await part_of(root_event(identity={"invokedBy": odd}))
    (row,) = case.sql("SELECT cis_match, record_problem FROM root_events").rows
    assert row["cis_match"] is False
    assert "userIdentity.invokedBy" in row["record_problem"]


async def test_an_assume_root_key_ties_the_member_events_to_the_session() -> None:
    case = await part_of(
        assume_root("ASIAISSUED"),
        root_event(identity={"accessKeyId": "ASIAISSUED"}, recipientAccountId="777788889999"),
        root_event(identity={"accessKeyId": "ASIAOTHER"}, recipientAccountId="777788889999"),
    )
    origins = {row["accessKeyId"]: row["origin"] for row in case.query("root_events").rows}
    assert origins == {"ASIAISSUED": "privileged_session", "ASIAOTHER": "root_credentials"}


async def test_a_session_that_root_opened_for_itself_is_roots_own() -> None:
    """GetSessionToken gives root a key as AssumeRoot gives another one; what is done with it, root's owner did."""
    opened = root_event(
        eventSource="sts.amazonaws.com",
        eventName="GetSessionToken",
        responseElements={"credentials": {"accessKeyId": "ASIAOWN"}},
    )
    case = await part_of(opened, used := root_event(identity={"accessKeyId": "ASIAOWN"}))
    origins = {row["eventID"]: row["origin"] for row in case.query("root_events").rows}
    assert origins[used["eventID"]] == "root_credentials"


async def test_a_denied_assume_root_ties_nothing() -> None:
    denied = event(eventSource="sts.amazonaws.com", eventName="AssumeRoot", errorCode="AccessDenied")
    case = await part_of(denied, root_event(identity={"accessKeyId": ABSENT}))
    assert [row["origin"] for row in case.query("root_events").rows] == ["root_credentials"]


@pytest.mark.parametrize(
    ("matches", "record"),
    [
        (True, root_event()),
        (True, root_event(sourceIPAddress="AWS Internal")),
        (False, root_event(eventType=ABSENT)),  # != needs a field to be there
        (False, root_event(identity={"invokedBy": "signin.amazonaws.com"})),
        (False, root_event(identity={"invokedBy": ""})),
        (False, root_event(eventType="AwsServiceEvent")),
        (False, root_event(identity={"type": "root"})),  # = is case-sensitive
        (False, event(identity=FEDERATED)),
    ],
)
async def test_cis_match_says_what_the_alarm_filter_would(matches: bool, record: dict[str, Any]) -> None:
    (row,) = (await part_of(record)).query("root_events").rows
    assert row["cis_match"] is matches


def test_activity_and_noise_are_all_of_root(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    root = expected["root"]
    assert len(sample_case.query("root_events")) == root["total"] == root["activity"] + root["noise"]
    assert len(sample_case.query("root_activity")) == root["activity"]
    assert len(sample_case.query("root_noise")) == root["noise"]
    for account, counts in root["by_account"].items():
        assert len(sample_case.query("root_activity", account_id=account)) == counts["activity"]
        assert len(sample_case.query("root_noise", account_id=account)) == counts["noise"]
