"""The directory of IAM Identity Center, as its console records it: who was let in there descends from root, or may have."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.analysis.lineage.test_beyond import BOB, EVE, center
from tests.analysis.lineage.test_blast_radius import did
from tests.analysis.verdict.logs import tell
from tests.analysis.verdict.test_federated import ASKED, actions
from tests.stories import alone

STORE: Final = {"identityStoreId": "d-906791299c"}
NAMELESS: Final = {name: value for name, value in center("").items() if name != "onBehalfOf"}


def done(name: str, asked: dict[str, Any], answer: Any = None, **fields: Any) -> dict[str, Any]:
    return did(f"sso-directory:{name}", 1, STORE | asked, answer, **fields)


MADE: Final = done(
    "CreateUser", {"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}, {"user": {"userId": EVE, "active": True}}
)
JOINED: Final = done("AddMemberToGroup", {"groupId": "g", "member": {"memberId": BOB}})
#: Calls about one user who was there, each with whether it lets somebody in.
OF_A_USER: Final = {
    "AddMemberToGroup": JOINED,
    "UpdatePassword": done("UpdatePassword", {"userId": BOB, "passwordMode": "OTP"}),
    "EnableUser": done("EnableUser", {"userId": BOB}),
    "UpdateUser": done("UpdateUser", {"userId": BOB}),
    "DeleteMfaDeviceForUser": done("DeleteMfaDeviceForUser", {"userId": BOB, "deviceId": "x"}),
    "CompleteVirtualMfaDeviceRegistration": done("CompleteVirtualMfaDeviceRegistration", {"userId": BOB}),
    "identitystore:UpdateUser": did("identitystore:UpdateUser", 1, STORE | {"userId": BOB}),
}
#: Calls after which anybody may come in.
OF_ALL: Final = {
    "CreateBearerToken": done("CreateBearerToken", {"tenantId": "t-1"}),
    "CreateProvisioningTenant": done("CreateProvisioningTenant", {}),
    "CreateExternalIdPConfigurationForDirectory": done("CreateExternalIdPConfigurationForDirectory", {}),
    "EnableExternalIdPConfigurationForDirectory": done("EnableExternalIdPConfigurationForDirectory", {}),
    "UpdateExternalIdPConfigurationForDirectory": done("UpdateExternalIdPConfigurationForDirectory", {}),
    "ImportExternalIdPCertificate": done("ImportExternalIdPCertificate", {}),
    "sso:AssociateDirectory": did("sso:AssociateDirectory", 1, {"directoryId": "d-906791299c"}),
    "sso:AssociateProfile": did("sso:AssociateProfile", 1, {"profileId": "p-1", "accessorId": "x"}),
    "sso:PutPermissionsPolicy": did("sso:PutPermissionsPolicy", 1, {"permissionSetId": "ps-1"}),
    "a user whose ID is not recorded": done("CreateUser", {}, None),
    "a password of one who is not named": done("UpdatePassword", {}),
}


async def told(*records: dict[str, Any]) -> dict[str, str]:
    answers, _ = await tell(*records)
    return {name: answers[name].answer for name in ASKED}


async def test_a_user_made_in_the_console_is_followed() -> None:
    assert await told(MADE, *actions(center(EVE))) == dict.fromkeys(ASKED, "yes")
    assert await told(MADE, *actions(center(BOB))) == dict.fromkeys(ASKED, "no")
    answers, _ = await tell(MADE)
    assert answers["persistence"].answer == "yes"
    assert f"Identity Center user {EVE}" in answers["persistence"].because
    gone = done("DeleteUser", {"userId": EVE}, who=center(BOB), eventTime="2026-08-05T10:05:00Z")
    assert (await tell(MADE, gone))[0]["persistence"].answer == "unknown"


@pytest.mark.parametrize("name", OF_A_USER)
async def test_what_a_user_did_whom_root_let_in_or_gave_rights_may_be_roots(name: str) -> None:
    assert await told(OF_A_USER[name], *actions(center(BOB))) == dict.fromkeys(ASKED, "unknown")
    assert await told(OF_A_USER[name], *actions(center(EVE))) == dict.fromkeys(ASKED, "no")
    assert await told(OF_A_USER[name], *actions(NAMELESS)) == dict.fromkeys(ASKED, "unknown")


@pytest.mark.parametrize("name", OF_ALL)
async def test_what_any_user_did_may_be_roots_after_it_let_in_whom_nobody_names(name: str) -> None:
    answers, _ = await tell(OF_ALL[name], *actions(center(BOB)))
    assert {asked: answers[asked].answer for asked in ASKED} == dict.fromkeys(ASKED, "unknown")
    call = OF_ALL[name]["eventName"]
    assert any(call in one for one in answers["logging_impaired"].missing)
    refused = OF_ALL[name] | {"errorCode": "AccessDeniedException"}
    assert await told(refused, *actions(center(BOB))) == dict.fromkeys(ASKED, "no")


@pytest.mark.parametrize("name", ["CreateBearerToken", pytest.param("AddMemberToGroup", marks=pytest.mark.heavy)])
def test_a_session_in_the_account_itself_is_enough(name: str) -> None:
    """Sessions of Identity Center may be root's in any account; here there is no other."""
    answers, _ = alone(tell((OF_ALL | OF_A_USER)[name], *actions(NAMELESS)))
    for asked in ASKED:
        assert answers[asked].answer == "unknown"
        assert answers[asked].missing[0].startswith(f"whether eve@example.com acted for root: sso-directory:{name} at ")


@pytest.mark.parametrize(
    ("records", "answer", "words"),
    [
        pytest.param([OF_A_USER["UpdatePassword"]], "yes", f"Identity Center password {BOB}", id="password"),
        pytest.param(
            [OF_ALL["EnableExternalIdPConfigurationForDirectory"]], "yes", "identity source d-906791299c", id="source"
        ),
        pytest.param([OF_ALL["CreateBearerToken"]], "yes", "provisioning token t-1", id="token"),
        pytest.param([JOINED], "unknown", f"Identity Center user {BOB}", id="member"),
        pytest.param([OF_ALL["CreateExternalIdPConfigurationForDirectory"]], "unknown", "", id="not switched on"),
    ],
)
async def test_the_way_in_is_told(records: list[dict[str, Any]], answer: str, words: str) -> None:
    answers, _ = await tell(*records)
    assert answers["persistence"].answer == answer
    assert words in answers["persistence"].because


async def test_what_was_taken_back_is_no_way_in() -> None:
    off = done("DisableExternalIdPConfigurationForDirectory", {}, who=center(EVE), eventTime="2026-08-05T10:05:00Z")
    token = done("DeleteBearerToken", {"tenantId": "t-1"}, who=center(EVE), eventTime="2026-08-05T10:05:00Z")
    told_of = [OF_ALL["EnableExternalIdPConfigurationForDirectory"], OF_ALL["CreateBearerToken"], off, token]
    assert (await tell(*told_of))[0]["persistence"].answer == "unknown"


@pytest.mark.heavy
def test_every_such_call_is_known_to_the_catalogue() -> None:
    calls = [MADE, *OF_A_USER.values(), *OF_ALL.values()]
    answers, steps = alone(tell(*calls))  # apart from sessions of Identity Center, which may be of any account
    # Of what the catalogue does not know, the cost is not known either; what the user did whom no answer names is not.
    assert answers["money_spent"].because == "the logs show no call that cost money"
    assert {call["eventID"] for call in calls} <= {step.event_id for step in steps}
