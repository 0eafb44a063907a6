"""Credentials for one service that root made for a user who was there: what the user does there may be root's doing."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import tell
from tests.analysis.verdict.test_federated import ASKED, actions
from tests.stories import part_of


def credential(service: str, name: str = "bob") -> dict[str, Any]:
    return {
        "serviceSpecificCredential": {
            "serviceSpecificCredentialId": "ACCA9", "userName": name, "serviceName": f"{service}.amazonaws.com",
            "status": "Active",
        }
    }  # fmt: skip


def asked_model(name: str = "bob", minute: int = 40, **who: Any) -> dict[str, Any]:
    """A call with a Bedrock API key: no access key is recorded."""
    by = user(name) | {"accessKeyId": None, "credentialId": "ACCA7"} | who
    return did("bedrock:InvokeModel", minute, {"modelId": "m"}, who=by, readOnly=True)


ASKED_FOR: Final = {"userName": "bob", "serviceName": "bedrock.amazonaws.com"}
MADE: Final = did("iam:CreateServiceSpecificCredential", 1, ASKED_FOR, credential("bedrock"))
OF_ONE: Final = {"userName": "bob", "serviceSpecificCredentialId": "ACCA9"}
RENAMED: Final = did("iam:UpdateUser", 20, {"userName": "bob", "newUserName": "rob"}, who=user("admin", "AKIAADMIN"))


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        pytest.param([MADE, asked_model()], "unknown", id="made"),
        pytest.param([did("iam:ResetServiceSpecificCredential", 1, OF_ONE, credential("bedrock")), asked_model()], "unknown", id="reset"),
        pytest.param([did("iam:ResetServiceSpecificCredential", 1, OF_ONE), asked_model()], "unknown", id="of a service that is not recorded"),
        pytest.param([did("iam:UpdateServiceSpecificCredential", 1, OF_ONE | {"status": "Active"}), asked_model()], "unknown", id="switched on"),
        pytest.param([MADE, RENAMED, asked_model("rob")], "unknown", id="of a user who was renamed"),
        pytest.param([did("iam:UpdateServiceSpecificCredential", 1, OF_ONE | {"status": "Inactive"}), asked_model()], "no", id="switched off"),
        pytest.param([MADE, asked_model(minute=0)], "no", id="before"),
        pytest.param([MADE, asked_model("carl")], "no", id="another user"),
        pytest.param([MADE, asked_model(accessKeyId="AKIABOBSOWN")], "no", id="by a key of the user's own"),
        pytest.param([did("iam:CreateServiceSpecificCredential", 1, {"userName": "bob"}, credential("codecommit")), asked_model()], "no", id="for another service"),
        pytest.param([MADE | {"errorCode": "AccessDenied"}, asked_model()], "no", id="refused"),
    ],
)  # fmt: skip
async def test_use_of_the_service_may_be_roots(records: list[dict[str, Any]], answer: str) -> None:
    answers, _ = await tell(*records)
    assert answers["money_spent"].answer == answer
    if answer == "unknown":
        assert answers["money_spent"].event_ids == (records[-1]["eventID"],)


async def test_it_is_a_way_into_that_service_alone() -> None:
    answers, _ = await tell(MADE, *actions(user("bob")))
    assert {name: answers[name].answer for name in ASKED} == dict.fromkeys(ASKED, "no")
    assert answers["persistence"].answer == "yes"


@pytest.mark.parametrize(
    ("call", "asked", "answer"),
    [
        ("iam:UploadSigningCertificate", {"userName": "bob", "certificateBody": "x"}, "unknown"),
        ("iam:UpdateSigningCertificate", {"userName": "bob", "certificateId": "C", "status": "Active"}, "unknown"),
        ("iam:UpdateSigningCertificate", {"userName": "bob", "certificateId": "C", "status": "Inactive"}, "no"),
        ("iam:UploadSSHPublicKey", {"userName": "bob", "sSHPublicKeyBody": "x"}, "no"),
    ],
)
async def test_a_certificate_signs_calls_to_every_service_a_key_of_ssh_does_not(
    call: str, asked: dict[str, Any], answer: str
) -> None:
    answers, _ = await tell(did(call, 1, asked), *actions(user("bob")))
    assert {name: answers[name].answer for name in ASKED} == dict.fromkeys(ASKED, answer)


async def test_what_a_key_of_ssh_pushed_may_be_roots() -> None:
    uploaded = did(
        "iam:UploadSSHPublicKey",
        1,
        {"userName": "bob"},
        {"sSHPublicKey": {"sSHPublicKeyId": "APKA1", "userName": "bob"}},
    )
    pushed = did("codecommit:GitPush", 5, {"references": []}, who=user("bob"))
    other = did("codecommit:GitPush", 6, {"references": []}, who=user("carl"))
    rows = (await part_of(uploaded, pushed, other)).query("descendant_actions").rows
    acts = [(row["eventName"], row["identity_name"], row["certainty"]) for row in rows]
    assert acts == [("GitPush", "111122223333/bob", "possible")]
