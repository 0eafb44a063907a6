"""The questions about root: a hit, a near miss, and noise for each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import ABSENT, ACCOUNT, event, root_event
from tests.stories import part_of

if TYPE_CHECKING:
    import rootforensics as rf

SERVICE = "autoscaling.amazonaws.com"
NOISE = {"identity": {"invokedBy": SERVICE}, "sourceIPAddress": SERVICE, "userAgent": SERVICE}


def sign_in(outcome: str = "Success", mfa: str | None = "No", **fields: Any) -> dict[str, Any]:
    """A console sign-in of root."""
    usual: dict[str, Any] = {
        "identity": {"accessKeyId": ""},
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn",
        "readOnly": False,
        "responseElements": {"ConsoleLogin": outcome},
        "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/billing", "MFAUsed": mfa},
    }
    return root_event(**(usual | fields))


async def test_sign_ins_tell_outcome_mfa_and_page() -> None:
    case = await part_of(
        sign_in("Failure", errorMessage="Failed authentication", eventTime="2026-08-05T01:00:00Z"),
        sign_in("Success", "No", eventTime="2026-08-05T01:01:00Z"),
        sign_in("Success", "YES", eventTime="2026-08-05T01:02:00Z"),
        sign_in("Success", None, eventTime="2026-08-05T01:03:00Z"),
        # Nobody but a person signs in, whatever the event names as its source.
        sign_in("Success", eventTime="2026-08-05T01:04:00Z", **NOISE),
        event(
            eventSource="signin.amazonaws.com", eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Success"}
        ),
        root_event(eventName="GetLoginProfile"),
    )
    rows = case.query("root_signins").rows
    assert [(row["outcome"], row["mfa_used"]) for row in rows] == [
        ("failure", False), ("success", False), ("success", True), ("success", None), ("success", False),
    ]  # fmt: skip
    assert {row["login_to"] for row in rows} == {"https://console.aws.amazon.com/billing"}
    assert rows[0]["errorMessage"] == "Failed authentication"


async def test_sign_ins_hold_recovery_and_command_line_sign_in() -> None:
    case = await part_of(
        sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"}, eventTime="2026-08-05T01:00:00Z"),
        sign_in(eventName="CreateOAuth2Token", eventType="AwsApiCall", readOnly=True, responseElements=None, additionalEventData={"success": "true"}, eventTime="2026-08-05T02:00:00Z"),
        sign_in(eventName="CheckMfa", responseElements={"CheckMfa": "Failure"}, eventTime="2026-08-05T03:00:00Z"),
        sign_in(eventName="SomethingNew", responseElements=None, additionalEventData=None, eventTime="2026-08-05T04:00:00Z"),
    )  # fmt: skip
    told = [(row["eventName"], row["outcome"]) for row in case.query("root_signins").rows]
    assert told == [
        ("PasswordRecoveryRequested", "success"), ("CreateOAuth2Token", "success"), ("CheckMfa", "failure"),
        ("SomethingNew", None),
    ]  # fmt: skip


async def test_sign_ins_tell_what_went_before() -> None:
    failed = {"errorMessage": "Failed authentication"}
    case = await part_of(
        sign_in("Failure", **failed, eventTime="2026-08-04T20:00:00Z", sourceIPAddress="192.0.2.9"),
        sign_in("Failure", **failed, eventTime="2026-08-05T01:00:00Z"),
        sign_in("Failure", **failed, eventTime="2026-08-05T01:10:00Z", sourceIPAddress="192.0.2.2"),
        sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"}, eventTime="2026-08-05T01:20:00Z"),
        sign_in(eventName="PasswordRecoveryCompleted", responseElements={"PasswordRecoveryCompleted": "Failure"}, eventTime="2026-08-05T01:25:00Z"),
        sign_in("Success", eventTime="2026-08-05T01:30:00Z", sourceIPAddress="192.0.2.3"),
        sign_in("Failure", **failed, eventTime="2026-08-05T01:40:00Z"),
        sign_in("Success", eventTime="2026-08-05T01:50:00Z"),
        sign_in("Failure", **failed, eventTime="2026-08-05T01:45:00Z", identity={"accountId": "444455556666"}),
    )  # fmt: skip
    rows = [row for row in case.query("root_signins", account_id=ACCOUNT).rows if row["signin_kind"] == "sign_in"]
    names = ("failures_before", "failures_elsewhere", "recoveries_before", "recovery_requests_before")
    before = [tuple(row[name] for name in names) for row in rows]
    # Anyone can request a recovery, and the only completion failed.
    assert before == [(0, 0, 0, 0), (0, 0, 0, 0), (0, 1, 0, 0), (0, 2, 0, 1), (1, 1, 0, 1), (2, 1, 0, 1)]
    # Only a success makes an address or a program familiar: a failure or a recovery may be anybody's.
    assert [row["ip_seen_before"] for row in rows] == [False] * 6
    assert [row["ip_failed_before"] for row in rows] == [False, False, False, False, True, True]
    assert [row["agent_seen_before"] for row in rows] == [False, False, False, False, True, True]


async def test_failures_are_those_of_the_address_that_then_gets_in() -> None:
    intruder, owner = {"sourceIPAddress": "203.0.113.66"}, {"sourceIPAddress": "192.0.2.7"}
    guesses = [sign_in("Failure", eventTime=f"2026-08-05T10:00:0{second}Z", **intruder) for second in range(5)]
    case = await part_of(
        sign_in("Success", eventTime="2026-08-05T08:00:00Z", **owner),
        *guesses,
        sign_in("Success", eventTime="2026-08-05T10:05:00Z", **owner),
        sign_in("Success", eventTime="2026-08-05T10:06:00Z", **intruder),
        sign_in("Success", eventTime="2026-08-05T10:07:00Z", **intruder),
    )
    rows = [row for row in case.query("root_signins").rows if row["outcome"] == "success"]
    assert [
        (row["ip_seen_before"], row["ip_failed_before"], row["failures_before"], row["failures_elsewhere"])
        for row in rows
    ] == [(False, False, 0, 0), (True, False, 0, 5), (False, True, 5, 0), (True, True, 0, 0)]


async def test_changes_of_the_address_by_the_management_account_are_told_of_the_member() -> None:
    def update(name: str, minute: int, **fields: Any) -> dict[str, Any]:
        usual = {"eventSource": "account.amazonaws.com", "eventTime": f"2026-08-05T01:{minute:02}:00Z"}
        return {"eventName": name, "readOnly": False, **usual, **fields}

    member = {"requestParameters": {"accountId": "444455556666"}}
    case = await part_of(
        event(**update("StartPrimaryEmailUpdate", 1, **member)),
        event(**update("AcceptPrimaryEmailUpdate", 2, **member)),
        event(**update("AcceptPrimaryEmailUpdate", 3, **member, errorCode="ValidationException")),
        root_event(**update("StartPrimaryEmailUpdate", 4, requestParameters=None)),
        root_event(**update("AcceptPrimaryEmailUpdate", 5, requestParameters={})),
        root_event(**update("AcceptPrimaryEmailUpdate", 6, sourceIPAddress="AWS Internal")),
        event(**update("GetPrimaryEmail", 7, **member)),
    )
    rows = case.query("root_signins").rows
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/deploy"
    assert [(row["account_id"], row["signin_kind"], row["outcome"], row["actor"] == role) for row in rows] == [
        ("444455556666", "email_change_started", "success", True),
        ("444455556666", "email_changed", "success", True),
        ("444455556666", "email_changed", "failure", True),
        (ACCOUNT, "email_change_started", "success", False),
        (ACCOUNT, "email_changed", "success", False),
        (ACCOUNT, "email_changed", "success", False),  # no service does so of itself
    ]


async def test_a_removed_password_is_told_if_it_is_roots_own() -> None:
    removed = {"eventName": "DeleteLoginProfile", "readOnly": False}
    case = await part_of(
        root_event(**removed, requestParameters=None), root_event(**removed, requestParameters={"userName": "bob"})
    )
    assert [row["signin_kind"] for row in case.query("root_signins").rows] == ["password_removed"]


async def test_sign_ins_hold_the_changes_of_password_and_address_made_elsewhere() -> None:
    def at(minute: int) -> str:
        return f"2026-08-05T01:{minute:02}:00Z"

    case = await part_of(
        root_event(eventSource="iam.amazonaws.com", eventName="ChangePassword", eventTime=at(1)),
        root_event(eventSource="iam.amazonaws.com", eventName="CreateLoginProfile", requestParameters=None, eventTime=at(2)),
        root_event(eventSource="iam.amazonaws.com", eventName="CreateLoginProfile", requestParameters={"userName": "bob"}, eventTime=at(3)),
        root_event(eventSource="billingconsole.amazonaws.com", eventName="SetAccountPreferences", errorCode="AccessDenied", eventTime=at(4)),
        event(eventSource="iam.amazonaws.com", eventName="ChangePassword", eventTime=at(5)),
        sign_in(eventName="EmailUpdated", responseElements={"EmailUpdated": "Success"}, eventTime=at(6)),
    )  # fmt: skip
    assert [(row["signin_kind"], row["outcome"]) for row in case.query("root_signins").rows] == [
        ("password_changed", "success"), ("password_changed", "success"),
        ("name_email_or_password_changed", "failure"), ("email_changed", "success"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ({"MFAIdentifier": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}, "virtual device"),
        ({"MFAIdentifier": f"arn:aws:iam::{ACCOUNT}:u2f/root/key-0123"}, "security key or passkey"),
        ({"MFAIdentifier": "GAHT12345678"}, "hardware token"),
        ({"MfaType": "U2F MFA"}, "U2F MFA"),
        ({}, None),
    ],
)
async def test_the_kind_of_mfa_is_told_by_the_device(extra: dict[str, Any], kind: str | None) -> None:
    (row,) = (await part_of(sign_in(additionalEventData={"MFAUsed": "Yes"} | extra))).query("root_signins").rows
    assert (row["mfa_used"], row["mfa_kind"]) == (True, kind)


async def test_the_token_of_a_sign_in_ties_a_failure_to_the_success() -> None:
    page = "https://console.aws.amazon.com/console/home?isauthcode=true&state=hashArgsFromTB_eu-west-1_5d0c1f0e9a7b3c42&x=1"
    (row,) = (await part_of(sign_in(additionalEventData={"LoginTo": page}))).query("root_signins").rows
    assert row["login_flow"] == "hashArgsFromTB_eu-west-1_5d0c1f0e9a7b3c42"


async def test_keys_are_told_by_kind() -> None:
    at = "2026-08-05T01:00:00Z"
    session = {"attributes": {"creationDate": at, "mfaAuthenticated": "false"}}
    case = await part_of(
        sign_in(eventTime=at),
        root_event(identity={"accessKeyId": "ASIABYTIME", "sessionContext": session}),
        root_event(identity={"accessKeyId": "ASIABYTIME"}, eventType="AwsConsoleAction"),
        root_event(identity={"accessKeyId": "ASIABYMARK"}, sessionCredentialFromConsole="true"),
        root_event(identity={"accessKeyId": "ASIATEMP", "sessionContext": {"attributes": {"creationDate": "2026-08-05T01:00:01Z"}}}),
        root_event(identity={"accessKeyId": "AKIALONG"}, readOnly=False),
        root_event(identity={"accessKeyId": "AKIALONG"}, readOnly=False, errorCode="AccessDenied", sourceIPAddress="192.0.2.1"),
        root_event(identity={"accessKeyId": "ASIANOISE", "invokedBy": SERVICE}),
    )  # fmt: skip
    rows = {row["accessKeyId"]: row for row in case.query("root_api_calls").rows}
    assert {key: (row["key_kind"], row["event_count"]) for key, row in rows.items()} == {
        "": ("none", 1),
        "ASIABYTIME": ("console_session", 2),
        "ASIABYMARK": ("console_session", 1),
        "ASIATEMP": ("temporary", 1),
        "AKIALONG": ("long_term_key", 2),
    }
    long_term = rows["AKIALONG"]
    assert (long_term["write_count"], long_term["error_count"], long_term["ip_count"]) == (1, 1, 2)


async def test_a_sign_in_of_another_account_makes_no_console_session() -> None:
    at = "2026-08-05T01:00:00Z"
    case = await part_of(
        sign_in(eventTime=at, identity={"accountId": "444455556666"}),
        root_event(identity={"accessKeyId": "ASIAHERE", "sessionContext": {"attributes": {"creationDate": at}}}),
    )
    kinds = {row["accessKeyId"]: row["key_kind"] for row in case.query("root_api_calls").rows}
    assert kinds["ASIAHERE"] == "temporary"


@pytest.mark.parametrize(("name", "column"), [("root_by_ip", "sourceIPAddress"), ("root_by_user_agent", "userAgent")])
async def test_activity_is_grouped_by_where_it_came_from(name: str, column: str) -> None:
    case = await part_of(
        sign_in(**{column: "one"}),
        root_event(**{column: "one"}, readOnly=False),
        root_event(**{column: "one"}, readOnly=False, errorCode="Client.UnauthorizedOperation"),
        sign_in(outcome="Failure", **{column: "one"}),
        root_event(**{column: "two"}),
        root_event(**{column: ABSENT}),
        root_event(**NOISE),
        event(**{column: "one"}),
    )
    rows = {row[column]: row for row in case.query(name).rows}
    assert {key: row["event_count"] for key, row in rows.items()} == {"one": 4, "two": 1, None: 1}
    one = rows["one"]
    assert (one["signin_count"], one["write_count"], one["error_count"]) == (1, 2, 2)


@pytest.mark.parametrize(
    "name", ["root_by_ip", "root_by_user_agent", "root_api_calls", "root_unlisted", "noise_by_service", "indicators"]
)
async def test_the_first_event_is_never_one_without_a_time(name: str) -> None:
    same = NOISE if name == "noise_by_service" else {"sourceIPAddress": "198.51.100.7", "eventName": "GetNothing"}
    early, late = (
        {**same, "eventID": f"{letter}-1", "eventTime": f"2026-08-05T0{hour}:00:00Z"}
        for letter, hour in (("z", 1), ("y", 2))
    )
    case = await part_of(root_event(**same, eventTime=ABSENT, eventID="a-1"), root_event(**late), root_event(**early))
    found = [row for row in case.query(name).rows if row["event_count"] == 3]
    assert found
    assert {row["first_eventID"] for row in found} == {"z-1"}


async def test_errors_are_of_any_spelling_and_writes_keep_their_failures() -> None:
    records = [
        root_event(errorCode="AccessDenied", readOnly=False, eventName="A"),
        root_event(errorCode="Client.UnauthorizedOperation", readOnly=True, eventName="B"),
        root_event(errorCode="ThrottlingException", readOnly=ABSENT, eventName="C"),
        root_event(readOnly=False, eventName="D"),
        root_event(readOnly=True, eventName="E"),
        root_event(readOnly=ABSENT, eventName="CloseAccount", eventSource="billingconsole.amazonaws.com"),
        root_event(readOnly=ABSENT, eventName="AttachUserPolicy", eventVersion="1.02"),
        root_event(readOnly=ABSENT, eventName="Instruments_List", eventSource="payments.amazonaws.com"),
        root_event(readOnly=ABSENT, eventName="DownloadTaxInvoice", eventSource="taxconsole.amazonaws.com"),
        root_event(readOnly=False, errorCode="AccessDenied", **NOISE),
        event(readOnly=False, errorCode="AccessDenied"),
    ]
    case = await part_of(*records)
    assert {row["eventName"] for row in case.query("root_errors").rows} == {"A", "B", "C"}
    assert {row["eventName"]: (row["outcome"], row["errorCode"]) for row in case.query("root_writes").rows} == {
        "A": ("failure", "AccessDenied"),
        "C": ("failure", "ThrottlingException"),
        "D": ("success", None),
        "CloseAccount": ("success", None),
        "AttachUserPolicy": ("success", None),
    }
    told = {row["eventID"] for row in case.query("root_tasks").rows}
    assert told == {row["eventID"] for row in case.query("root_writes").rows}


async def test_first_and_last_use_stand_beside_what_the_logs_cover() -> None:
    case = await part_of(
        event(eventTime="2026-08-01T00:00:00Z"),
        root_event(eventTime="2026-08-02T00:00:00Z", eventName="First"),
        root_event(eventTime="2026-08-03T00:00:00Z", eventName="Last"),
        root_event(eventTime="2026-08-04T00:00:00Z", **NOISE),
        root_event(eventTime=ABSENT, eventName="Timeless"),
        event(eventTime="2026-08-05T00:00:00Z"),
    )
    (row,) = case.query("root_first_last").rows
    assert (row["first_eventName"], row["last_eventName"], row["event_count"]) == ("First", "Last", 2)
    assert row["case_first_time"] == datetime(2026, 8, 1, tzinfo=UTC)
    assert row["case_last_time"] == datetime(2026, 8, 5, tzinfo=UTC)


async def test_the_summary_adds_up() -> None:
    case = await part_of(
        root_event(readOnly=False), root_event(errorCode="X", readOnly=False), root_event(**NOISE), event()
    )
    rows = {row["origin"]: row for row in case.query("root_summary").rows}
    assert {origin: row["event_count"] for origin, row in rows.items()} == {"root_credentials": 2, "service": 1}
    mine = rows["root_credentials"]
    assert (mine["cis_match_count"], mine["write_count"], mine["error_count"], mine["ip_count"]) == (2, 1, 1, 1)
    assert rows["service"]["cis_match_count"] == 0


@pytest.mark.parametrize("name", ["root_summary", "root_by_ip", "root_by_user_agent", "root_api_calls"])
async def test_a_failed_sign_in_and_an_error_without_a_code_count_as_failed(name: str) -> None:
    failed = sign_in(outcome="Failure"), root_event(errorMessage="You shall not"), root_event(errorCode="AccessDenied")
    case = await part_of(*failed, sign_in(), root_event())
    rows = case.query(name).rows
    assert (sum(row["event_count"] for row in rows), sum(row["error_count"] for row in rows)) == (5, 3)


def test_a_scanner_that_never_got_in_counts_as_failed(sample_case: rf.Case) -> None:
    """The plan of the sample has one sign-in from this address, which fails."""
    (row,) = [row for row in sample_case.query("root_by_ip").rows if row["sourceIPAddress"] == "203.0.113.91"]
    assert (row["event_count"], row["signin_count"], row["error_count"]) == (1, 0, 1)


async def test_the_noise_ledger_counts_all_noise_by_service() -> None:
    case = await part_of(
        root_event(**NOISE),
        root_event(**NOISE),
        root_event(sourceIPAddress="AWS Internal"),
        root_event(eventType="AwsServiceEvent", sourceIPAddress=ABSENT),
        root_event(),
    )
    rows = [(row["origin"], row["service"], row["event_count"]) for row in case.query("noise_by_service").rows]
    assert rows == [
        ("aws_internal", "AWS Internal", 1), ("service", SERVICE, 2), ("service_event", "iam.amazonaws.com", 1),
    ]  # fmt: skip


async def test_the_timeline_holds_root_and_what_opened_its_sessions() -> None:
    opening = event(eventSource="sts.amazonaws.com", eventName="AssumeRoot", eventTime="2026-08-05T01:00:00Z")
    case = await part_of(
        root_event(eventTime="2026-08-05T03:00:00Z", eventName="Third", errorCode="AccessDenied"),
        opening,
        sign_in("Failure", eventTime="2026-08-05T02:00:00Z"),
        root_event(eventTime=ABSENT, eventName="Timeless"),
        root_event(eventTime="2026-08-05T02:30:00Z", eventName="Noise", **NOISE),
        event(eventName="Unrelated"),
    )
    rows = case.query("root_timeline").rows
    assert [(row["eventName"], row["origin_group"], row["outcome"]) for row in rows] == [
        ("AssumeRoot", "opening", "success"), ("ConsoleLogin", "activity", "failure"), ("Noise", "noise", "success"),
        ("Third", "activity", "failure"), ("Timeless", "activity", "success"),
    ]  # fmt: skip
    assert all(row["uri"].endswith(".json") for row in rows)
    assert [row["record_index"] for row in rows] == [1, 2, 4, 0, 3]


def test_the_sample_is_found_as_planned(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    kinds: dict[str, int] = {}
    for row in sample_case.query("root_api_calls").rows:
        kinds[row["key_kind"]] = kinds.get(row["key_kind"], 0) + row["event_count"]
    assert kinds == expected["root"]["api_calls"]
    assert len(sample_case.query("root_errors")) == expected["query"]["root_errors"]
    assert len(sample_case.query("root_writes")) == expected["query"]["root_writes"]
    found = {row["eventID"]: row for row in sample_case.query("root_timeline").rows}
    for step in expected["story"]:
        if "no root event" not in step["note"]:
            assert found[step["event_id"]]["eventName"] == step["event_name"]
            assert found[step["event_id"]]["account_id"] == step["account"]
    assert ACCOUNT in {row["account_id"] for row in found.values()}
