"""OCSF of Security Lake: back to CloudTrail's fields by the published mappings, and honest about the rest."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import root_event
from tests.ingest.checks import Files, evidence, rows
from tests.ingest.containers.stored_files import PACKINGS, parquet
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

ARN = "arn:aws:iam::111122223333:root"
#: A sign-in of root as the mapping of version 1.1.0 writes it.
SIGN_IN: dict[str, Any] = {
    "activity_id": 1,
    "activity_name": "Logon",
    "actor": {
        "user": {"account": {"uid": "111122223333"}, "type": "Root", "uid": ARN, "uid_alt": "111122223333", "name": ""}
    },
    "api": {
        "operation": "ConsoleLogin",
        "request": {"uid": "''"},
        "response": {"data": '{"ConsoleLogin":"Success"}'},
        "service": {"name": "signin.amazonaws.com"},
    },
    "category_uid": 3,
    "class_name": "Authentication",
    "class_uid": 3002,
    "cloud": {"provider": "AWS", "region": "us-east-1"},
    "dst_endpoint": {"svc_name": "https://console.aws.amazon.com/console/home"},
    "http_request": {"user_agent": "Mozilla/5.0"},
    "is_mfa": True,
    "metadata": {
        "event_code": "AwsConsoleSignIn",
        "product": {"feature": {"name": "Management"}, "name": "CloudTrail", "vendor_name": "AWS", "version": "1.08"},
        "profiles": ["cloud", "datetime"],
        "uid": "x-1",
        "version": "1.1.0",
    },
    "observables": [{"name": "src_endpoint.ip", "type_id": 2, "value": "203.0.113.9"}],
    "severity_id": 1,
    "src_endpoint": {"ip": "203.0.113.9"},
    "status": "Success",
    "time": 1785924000000,
    "time_dt": "2026-08-05T06:00:00.000-04:00",
    "unmapped": {
        "additionalEventData.MobileVersion": "No",
        "recipientAccountId": "111122223333",
        "readOnly": "false",
        "managementEvent": "true",
    },
    "user": {"uid": ARN},
}
#: A call in a session that root opened for a federated user.
CALL: dict[str, Any] = {
    "actor": {
        "invoked_by": "ecs.amazonaws.com",
        "session": {"created_time_dt": "2026-08-05T05:00:00.000-04:00", "is_mfa": False, "issuer": ARN},
        "user": {
            "account": {"uid": "111122223333"},
            "credential_uid": "ASIAEXAMPLEKEY000000",
            "type": "FederatedUser",
            "uid": "arn:aws:sts::111122223333:federated-user/x",
            "uid_alt": "111122223333:x",
        },
    },
    "api": {
        "operation": "RunInstances",
        "request": {"data": '{"count":1.50,"note":null}', "uid": "r-1"},
        "response": {"data": "", "error": "Client.UnauthorizedOperation", "message": "no"},
        "service": {"name": "ec2.amazonaws.com"},
        "version": "2016-11-15",
    },
    "class_name": "API Activity",
    "class_uid": 6003,
    "cloud": {"account": {"uid": "444455556666"}, "provider": "AWS", "region": "us-east-2"},
    "metadata": {
        "event_code": "AwsApiCall",
        "product": {"feature": {"name": "Management"}, "name": "CloudTrail", "version": "1.11"},
        "uid": "x-2",
        "version": "1.5.0",
    },
    "resources": [{"uid": "arn:aws:ec2:::i", "type": "AWS::EC2::Instance", "owner": {"account": {"uid": "4"}}}],
    "src_endpoint": {"domain": "ecs.amazonaws.com", "uid": "vpce-1"},
    "time": 1785924000500,
    "unmapped": {
        "userIdentity.sessionContext.sessionIssuer.type": "Root",
        "userIdentity.sessionContext.sessionIssuer.accountId": "111122223333",
        "tlsDetails": '{"tlsVersion":"TLSv1.3"}',
        "sharedEventID": "",
        "strange": "kept",
    },
    "enrichments": [{"name": "geo", "value": "XX"}],
}
#: A call of a user as the mapping of 1.0.0-rc.2 writes it.
EARLY: dict[str, Any] = {
    "actor": {
        "idp": {},
        "session": {"mfa": True, "created_time": 1785920400000},
        "user": {
            "account_uid": "111122223333", "credential_uid": "AKIAEXAMPLEKEY000000",
            "name": "anaya", "type": "IAMUser", "uid": "AIDAEXAMPLEUSER00000",
            "uuid": "arn:aws:iam::111122223333:user/anaya",
        },
    },
    "api": {"operation": "ListUsers", "request": {"uid": "r-2"}, "response": {}, "service": {"name": "iam.amazonaws.com"}},
    "class_name": "API Activity",
    "class_uid": 3005,
    "cloud": {"provider": "AWS", "region": "us-east-1"},
    "metadata": {"product": {"name": "CloudTrail", "version": "1.05"}, "uid": "x-3", "version": "1.0.0-rc.2"},
    "src_endpoint": {"ip": "198.51.100.7"},
    "time": 1785924000000,
    "unmapped": {"eventType": "AwsApiCall", "recipientAccountId": "111122223333"},
}  # fmt: skip
FLOW: dict[str, Any] = {
    "class_name": "Network Activity",
    "class_uid": 4001,
    "metadata": {"product": {"name": "Amazon VPC"}},
    "time": 1785924000000,
}
TEXT = (
    "SELECT eventVersion, userIdentity.type AS kind, userIdentity.arn AS arn, userIdentity.principalId AS principal,"
    " userIdentity.accountId AS account, userIdentity.userName AS name, userIdentity.accessKeyId AS key,"
    " userIdentity.invokedBy AS by, userIdentity.sessionContext.attributes.creationDate AS created,"
    " userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa,"
    " userIdentity.sessionContext.sessionIssuer.type AS issuer, strftime(eventTime, '%H:%M:%S.%g') AS clock, eventSource,"
    " eventName, awsRegion, sourceIPAddress, userAgent, errorCode, errorMessage, requestParameters::VARCHAR AS asked,"
    " responseElements::VARCHAR AS answered, additionalEventData::VARCHAR AS more, requestID, readOnly, eventType,"
    " apiVersion, managementEvent, recipientAccountId, vpcEndpointId, eventCategory, tlsDetails.tlsVersion AS tls,"
    " resources[1].ARN AS thing, otherFields::VARCHAR AS other FROM events WHERE eventID = $id"
)
NONE = dict.fromkeys(
    "eventVersion kind arn principal account name key by created mfa issuer clock eventSource eventName awsRegion"
    " sourceIPAddress userAgent errorCode errorMessage asked answered more requestID readOnly eventType apiVersion"
    " managementEvent recipientAccountId vpcEndpointId eventCategory tls thing other".split()
)
SIGN_IN_EVENT = NONE | {
    "eventVersion": "1.08",
    "kind": "Root",
    "arn": ARN,
    "principal": "111122223333",
    "account": "111122223333",
    "clock": "10:00:00.000",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "203.0.113.9",
    "userAgent": "Mozilla/5.0",
    "answered": '{"ConsoleLogin":"Success"}',
    "more": '{"MobileVersion":"No","MFAUsed":"Yes","LoginTo":"https://console.aws.amazon.com/console/home"}',
    "readOnly": False,
    "eventType": "AwsConsoleSignIn",
    "managementEvent": True,
    "recipientAccountId": "111122223333",
    "eventCategory": "Management",
}
CALL_EVENT = NONE | {
    "eventVersion": "1.11",
    "kind": "FederatedUser",
    "arn": "arn:aws:sts::111122223333:federated-user/x",
    "principal": "111122223333:x",
    "account": "111122223333",
    "key": "ASIAEXAMPLEKEY000000",
    "by": "ecs.amazonaws.com",
    "created": "2026-08-05T09:00:00Z",
    "mfa": "false",
    "issuer": "Root",
    "clock": "10:00:00.500",
    "eventSource": "ec2.amazonaws.com",
    "eventName": "RunInstances",
    "awsRegion": "us-east-2",
    "sourceIPAddress": "ecs.amazonaws.com",
    "errorCode": "Client.UnauthorizedOperation",
    "errorMessage": "no",
    "asked": '{"count":1.5,"note":null}',
    "requestID": "r-1",
    "eventType": "AwsApiCall",
    "apiVersion": "2016-11-15",
    "recipientAccountId": "444455556666",
    "vpcEndpointId": "vpce-1",
    "eventCategory": "Management",
    "tls": "TLSv1.3",
    "thing": "arn:aws:ec2:::i",
    "other": '{"ocsf":{"enrichments":[{"name":"geo","value":"XX"}]},"unmapped":{"strange":"kept"}}',
}
EARLY_EVENT = NONE | {
    "eventVersion": "1.05",
    "kind": "IAMUser",
    "arn": "arn:aws:iam::111122223333:user/anaya",
    "principal": "AIDAEXAMPLEUSER00000",
    "account": "111122223333",
    "name": "anaya",
    "key": "AKIAEXAMPLEKEY000000",
    "created": "2026-08-05T09:00:00Z",
    "mfa": "true",
    "clock": "10:00:00.000",
    "eventSource": "iam.amazonaws.com",
    "eventName": "ListUsers",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "198.51.100.7",
    "requestID": "r-2",
    "eventType": "AwsApiCall",
    "recipientAccountId": "111122223333",
}


def write(tmp_path: Path, data: bytes, name: str = "a") -> None:
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


GIVEN_BACK = {"1.1.0": (SIGN_IN, SIGN_IN_EVENT), "1.5.0": (CALL, CALL_EVENT), "1.0.0-rc.2": (EARLY, EARLY_EVENT)}


def own(record: dict[str, Any], uid: str) -> dict[str, Any]:
    """A record with an ID of its own."""
    return record | {"metadata": record["metadata"] | {"uid": uid}}


def test_a_record_gives_back_its_event(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{version}, {packing}": (version, packing) for version in GIVEN_BACK for packing in PACKINGS}
    records = {key: own(GIVEN_BACK[version][0], key) for key, (version, _) in asked.items()}
    files = Files(tmp_path, {key: PACKINGS[packing](lines(records[key])) for key, (_, packing) in asked.items()}, "a")
    for key, (version, _) in asked.items():
        with subtests.test(key):
            assert rows(files.case, TEXT, id=key) == [GIVEN_BACK[version][1]]
            row = files.row(key)
            assert (row["status"], row["container"]) == ("loaded", "OCSF")
            assert "OCSF as it is here does not give back" in row["problem"]
            assert json.loads(files.case.raw(key)) == records[key]


async def test_root_is_told_by_the_identity(tmp_path: Path) -> None:
    write(tmp_path, lines(SIGN_IN, CALL, EARLY))
    text = "SELECT eventID, origin, root_basis, outcome FROM root_events ORDER BY eventID"
    expected = [
        {"eventID": "x-1", "origin": "root_credentials", "root_basis": "userIdentity.type", "outcome": "success"},
        {"eventID": "x-2", "origin": "federated_session", "root_basis": "sessionIssuer.type", "outcome": "failure"},
    ]
    assert rows(await load_beside(tmp_path), text) == expected
    assert rows(await load_beside(tmp_path, filters=Filters(root_related=True)), text) == expected


async def test_what_no_record_gives_back_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, lines(SIGN_IN, CALL))
    assert evidence(await load_beside(tmp_path))["a"]["problem"] is None  # what one of them lacks the other has
    write(tmp_path, lines(EARLY), "b")
    told = evidence(await load_beside(tmp_path))["b"]["problem"]
    assert told == (
        "OCSF as it is here does not give back additionalEventData, eventCategory, managementEvent, readOnly,"
        " requestParameters, responseElements, tlsDetails, userAgent, userIdentity.sessionContext.sessionIssuer.type; these are NULL"
    )


@pytest.mark.parametrize("shape", ["text", "object"])
async def test_raw_data_is_the_event(shape: str, tmp_path: Path) -> None:
    one = root_event()
    record = SIGN_IN | {"raw_data": json.dumps(one) if shape == "text" else one}
    write(tmp_path, lines(record))
    case = await load_beside(tmp_path)
    assert rows(case, "SELECT eventID, eventName FROM root_events") == [
        {"eventID": one["eventID"], "eventName": one["eventName"]}
    ]
    row = evidence(case)["a"]
    assert (row["container"], row["problem"]) == ("OCSF raw_data", None)
    assert json.loads(case.raw(one["eventID"])) == one


async def test_raw_data_that_is_cut_off_does_not_lose_the_event(tmp_path: Path) -> None:
    cut = '{"eventVersion":"1.08","eventNa'
    write(tmp_path, lines(SIGN_IN | {"raw_data": cut}))
    (row,) = rows(await load_beside(tmp_path), TEXT, id="x-1")
    assert json.loads(row["other"])["ocsf"]["raw_data"] == cut
    assert row | {"other": SIGN_IN_EVENT["other"]} == SIGN_IN_EVENT


async def test_records_of_other_products_are_named(tmp_path: Path) -> None:
    write(tmp_path, lines(FLOW))
    write(tmp_path, lines(FLOW, EARLY), "b")
    found = evidence(await load_beside(tmp_path))
    assert found["a"]["status"] == "unsupported"
    assert "an OCSF record of Amazon VPC, class Network Activity" in found["a"]["problem"]
    assert (found["b"]["status"], found["b"]["event_count"], found["b"]["rejected_count"]) == ("loaded", 1, 1)
    assert "an OCSF record of Amazon VPC, class Network Activity" in found["b"]["problem"]


@pytest.mark.parametrize("packing", PACKINGS)
async def test_parquet_of_security_lake(packing: str, tmp_path: Path) -> None:
    """Nested columns, NULL where a record has nothing, and a map of what was not mapped."""
    records = [copy.deepcopy(one) for one in (SIGN_IN, CALL)]
    for record in records:
        record["unmapped"] = list(record["unmapped"].items())
        record.pop("observables", None)
        record["enrichments"] = record.get("enrichments")
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {
        name: pa.array([record.get(name) for record in records], pa.map_(pa.string(), pa.string()))
        if name == "unmapped"
        else pa.array([record.get(name) for record in records])
        for name in names
    }
    write(tmp_path, PACKINGS[packing](parquet(tmp_path / "made" / "a", columns, compression="zstd")))
    case = await load_beside(tmp_path)
    row = evidence(case)["a"]
    assert (row["status"], row["framing"], row["container"]) == ("loaded", "parquet", "Parquet > OCSF")
    assert rows(case, TEXT, id="x-1") == [SIGN_IN_EVENT]
    assert rows(case, TEXT, id="x-2") == [CALL_EVENT]
    assert json.loads(case.raw("x-2"))["api"]["operation"] == "RunInstances"


async def test_parquet_of_another_source_of_security_lake(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", {name: [value] for name, value in FLOW.items()})
    row = evidence(await load_beside(tmp_path))["a"]
    assert row["status"] == "unsupported"
    assert row["problem"] == (
        "Parquet, but without CloudTrail events: an OCSF record of Amazon VPC, class Network Activity"
    )


CHANGES: list[dict[str, Any]] = [
    {"actor": "x"},
    {"actor": {"user": ["x"]}},
    {"time": "soon"},
    {"time": 10**30},
    {"time": True},
    {"resources": ["x"]},
    {"resources": {"a": 1}},
    {"unmapped": "text"},
    {"unmapped": '{"recipientAccountId": "1"}'},
    {"unmapped": {"userIdentity": "x", "resources": "[", "requestParameters.a.b": {"c": [1]}, "": 1}},
    {"api": {"operation": {"a": 1}, "service": {"name": "x.amazonaws.com"}, "request": {"data": "no json"}}},
    {"status": 7, "is_mfa": "perhaps"},
]


def test_odd_records_are_events_all_the_same(tmp_path: Path) -> None:
    made = {str(change): lines(own(SIGN_IN, str(place)) | change) for place, change in enumerate(CHANGES)}
    files = Files(tmp_path, made, "a")
    found = {key: (files.row(key)["status"], files.row(key)["event_count"]) for key in made}
    assert found == dict.fromkeys(made, ("loaded", 1))


async def test_identities_of_the_identity_center(tmp_path: Path) -> None:
    user = {"type": "IdentityCenterUser", "credential_uid": "c-1", "uid_alt": "u-1", "name": "test"}
    record = SIGN_IN | {"actor": {"user": user, "idp": {"uid": "arn:store"}}}
    write(tmp_path, lines(record))
    assert rows(
        await load_beside(tmp_path),
        "SELECT userIdentity.credentialId AS credential, userIdentity.onBehalfOf.userId AS somebody,"
        " userIdentity.onBehalfOf.identityStoreArn AS store, userIdentity.accessKeyId AS key,"
        " userIdentity.principalId AS principal FROM events",
    ) == [{"credential": "c-1", "somebody": "u-1", "store": "arn:store", "key": None, "principal": None}]


def test_raw_data_that_is_something_else_is_kept_beside_the_event(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        repr(raw): raw for raw in ({"foo": 1}, '{"foo": 1}', '{"class_uid": 3002}', "text", [1, 2])
    }
    files = Files(tmp_path, {key: lines(own(SIGN_IN, key) | {"raw_data": raw}) for key, raw in given.items()})
    found = {
        key: [(row["eventName"], json.loads(row["otherFields"])["ocsf"]["raw_data"]) for row in files.root_events(key)]
        for key in given
    }
    assert found == {key: [("ConsoleLogin", raw)] for key, raw in given.items()}


STATUSES: list[tuple[dict[str, Any], str]] = [
    ({"status": "Failure"}, "failure"),
    ({"status": "Success"}, "success"),
    ({"status": None, "status_id": 2}, "failure"),
    ({"status": None, "status_id": 1}, "success"),
]


def test_the_outcome_of_any_sign_in_call_comes_back(tmp_path: Path) -> None:
    made, wanted = {}, {}
    for name in ("PasswordRecoveryCompleted", "CheckMfa", "ConsoleLogin"):
        for status, outcome in STATUSES:
            key = f"{name}, {status}"
            answered = {"operation": name, "response": {"data": None, "error": None, "message": None}}
            made[key] = lines(own(SIGN_IN, key) | {"api": SIGN_IN["api"] | answered} | status)
            wanted[key] = [(outcome, {name: outcome.title()})]
    files = Files(tmp_path, made)
    for key, told in wanted.items():
        assert [(row["outcome"], json.loads(row["responseElements"])) for row in files.root_events(key)] == told, key
