"""Sessions of federated users and of aws login, and what a long-term key carries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import ACCOUNT, event, root_event
from tests.queries.test_root import sign_in
from tests.queries.test_sessions import CODE, LOGIN_ARN, WITH_MFA, at, call, issue, sessions, token
from tests.stories import part_of


async def test_a_federated_session_of_root_is_one_and_of_a_user_none() -> None:
    begun = at("10:00:00")
    context = {"sessionIssuer": {"type": "Root", "accountId": ACCOUNT}, "attributes": {"creationDate": begun}}
    who = {
        "type": "FederatedUser",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/agent",
        "accessKeyId": "ASIAFED",
        "sessionContext": context,
    }
    user = who | {"sessionContext": context | {"sessionIssuer": {"type": "IAMUser"}}}
    case = await part_of(
        root_event(identity=who, eventTime=at("10:05:00")), event(identity=user), sign_in(eventTime=begun)
    )
    assert {name: row["event_count"] for name, row in sessions(case).items()} == {
        f"{ACCOUNT}/get_federation_token/{begun}/agent": 1,
        f"{ACCOUNT}/console_sign_in/{begun}": 1,
    }


async def test_credentials_of_aws_login_are_tied_to_their_token() -> None:
    begun = at("10:00:00")
    fields = {
        "eventType": "AwsApiCall",
        "readOnly": True,
        "responseElements": None,
        "additionalEventData": {"success": "true"},
    }
    token = sign_in(eventName="CreateOAuth2Token", eventTime=begun, **fields)
    context = {"signInSessionArn": LOGIN_ARN, "attributes": {"creationDate": begun}}
    case = await part_of(
        token,
        sign_in(eventName="CreateOAuth2Token", eventTime=at("11:00:00"), **fields),
        root_event(identity={"accessKeyId": "ASIACLI", "sessionContext": context}, eventTime=at("10:01:00")),
        root_event(identity={"accessKeyId": "ASIANEXT", "sessionContext": context}, eventTime=at("10:31:00")),
    )
    (one,) = sessions(case).values()
    assert (one["session_kind"], one["event_count"], one["opener_eventID"]) == ("aws_login", 3, token["eventID"])
    left = [row["session_missing"] for row in case.query("root_session_events").rows if not row["session_id"]]
    assert left == ["a sign-in whose session made no call in the case"]


@pytest.mark.parametrize("off", ["10:00:00", "10:00:01", "09:59:59"])
async def test_a_login_of_the_second_before_or_after_its_credentials_opens_their_session(off: str) -> None:
    usual = {"eventType": "AwsApiCall", "responseElements": None, "additionalEventData": {"success": "true"}}
    token = sign_in(eventName="CreateOAuth2Token", eventTime=at(off), **usual)
    later = sign_in(eventName="CreateOAuth2Token", eventTime=at("10:00:03"), **usual)
    context = {"signInSessionArn": LOGIN_ARN, "attributes": {"creationDate": at("10:00:00")}}
    calls = [call(at(f"10:0{n}:00"), f"ASIA{n}", at("10:00:00"), identity={"sessionContext": context}) for n in (1, 2)]
    case = await part_of(token, later, *calls)
    ((name, one),) = sessions(case).items()
    assert name == f"{ACCOUNT}/aws_login/2026-08-05T10:00:00Z/0f3c"
    assert (one["event_count"], one["opener_eventID"]) == (3, token["eventID"])
    unopened = [row["eventID"] for row in case.query("root_session_events").rows if row["session_id"] is None]
    assert unopened == [later["eventID"]]


async def test_a_federated_session_whose_keys_rotate_stays_one() -> None:
    def did(when: str, key: str, name: str = "agent", created: str = at("10:00:00")) -> dict[str, Any]:
        who = {"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"}
        issuer = {"sessionIssuer": {"type": "Root", "accountId": ACCOUNT}, "attributes": {"creationDate": created}}
        return root_event(eventTime=when, identity={**who, "accessKeyId": key, "sessionContext": issuer})

    opening = issue("GetFederationToken", "ASIAF1", at("10:00:00"), identity={"accessKeyId": "AKIAROOT"})
    others = [did(at("10:20:00"), "ASIAX1", "other"), did(at("10:21:00"), "ASIAX2", created=at("10:15:00"))]
    case = await part_of(opening, did(at("10:01:00"), "ASIAF1"), did(at("10:10:00"), "ASIAA0"), *others)
    found = {name: row for name, row in sessions(case).items() if "federation" in name}
    begun = f"{ACCOUNT}/get_federation_token/2026-08-05T10:00:00Z"
    assert {name: row["event_count"] for name, row in found.items()} == {
        f"{begun}/ASIAF1": 2,
        f"{begun}/other": 1,
        f"{ACCOUNT}/get_federation_token/2026-08-05T10:15:00Z/agent": 1,
    }
    one = found[f"{begun}/ASIAF1"]
    assert (one["access_keys"], one["opener_eventID"]) == (["ASIAA0", "ASIAF1"], opening["eventID"])


async def test_a_federated_session_that_enters_the_console_is_the_same_session_and_no_sign_in() -> None:
    """GetSigninToken and the sign-in after it bear the session's name and creation date; the console's keys are new."""
    begun = at("10:00:00")
    who = {
        "type": "FederatedUser",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/agent",
        "sessionContext": {"sessionIssuer": {"type": "Root"}, "attributes": {"creationDate": begun}},
    }
    opening = issue("GetFederationToken", "ASIAF1", begun, identity={"accessKeyId": "AKIAROOT"})
    token = root_event(
        eventSource="signin.amazonaws.com",
        eventName="GetSigninToken",
        eventTime=at("10:01:00"),
        responseElements={"GetSigninToken": "Success"},
        identity={**who, "accessKeyId": "ASIAF1"},
    )
    entered = sign_in(eventTime=at("10:01:05"), identity={**who, "accessKeyId": ""})
    paged = root_event(eventTime=at("10:02:00"), identity={**who, "accessKeyId": "ASIAPAGE"})
    case = await part_of(opening, token, entered, paged)
    (name,) = [name for name in sessions(case) if "federation" in name]
    assert name == f"{ACCOUNT}/get_federation_token/{begun}/ASIAF1"
    assert (sessions(case)[name]["event_count"], sessions(case)[name]["sign_in_count"]) == (3, 0)
    kinds = {row["eventName"]: row["signin_kind"] for row in case.query("root_signins").rows}
    assert kinds["ConsoleLogin"] == "federated_sign_in"
    found = {row["finding"] for row in case.findings().rows if entered["eventID"] in row["eventIDs"]}
    assert "action:signin-console-login-federated" in found
    assert not {one for one in found if "without-mfa" in one or "with-mfa" in one}


@pytest.mark.parametrize(
    ("records", "used"),
    [
        ([call(at("10:00:00"), "AKIAONE")], {"long_term_key": False}),
        (
            [token(**CODE), call(at("10:05:00"), "ASIATOKEN", identity={"sessionContext": WITH_MFA})],
            {"long_term_key": True, "get_session_token": True},
        ),
        ([token(**CODE), call(at("10:01:00"), "AKIAONE")], {"long_term_key": False}),
        ([token(requestParameters=None)], {"long_term_key": False}),
        ([token(**CODE, errorCode="AccessDenied")], {"long_term_key": False}),
    ],
)
async def test_a_long_term_key_carries_no_mfa(records: list[dict[str, Any]], used: dict[str, bool]) -> None:
    """Of its own calls only the one that names a device, and got a session for its code, was made with MFA."""
    rows = (await part_of(*records)).query("root_sessions").rows
    assert {row["session_kind"]: row["mfa_used"] for row in rows} == used
