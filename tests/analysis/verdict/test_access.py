"""Who used root, how it was entered, and what persistence is left."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.analysis.verdict.logs import beside_root, tell
from tests.builders import ACCOUNT, event, event_id, root_event
from tests.queries.test_root import sign_in

if TYPE_CHECKING:
    pass


async def test_attempts_are_not_actions() -> None:
    refused = {"errorCode": "AccessDenied"}
    answers, steps = await tell(
        did("iam:DeactivateMFADevice", 1, {"userName": "AWS ROOT USER"}, **refused),
        did("ec2:RunInstances", 2, {"instanceType": "p4d.24xlarge"}, **refused),
        did("cloudtrail:StopLogging", 3, {"name": "main"}, **refused),
        made_key("AKIANEW", 4, None, **refused),
    )
    assert {answers[name].answer for name in ("mfa_removed", "money_spent", "logging_impaired")} == {"no"}
    # Nobody makes a call as root without credentials of root's.
    assert answers["used_by_person"].answer == "yes"
    assert "4 events by a person or program using the root user" in answers["used_by_person"].because
    assert "all of them denied or failed" in answers["used_by_person"].because
    assert [step.what.partition(":")[0] for step in steps] == [
        "Ask the owner of the account by telephone, on a number that you know from elsewhere, whether these were theirs"
    ]


async def test_a_session_by_assume_root_needs_no_password_of_roots_to_be_taken_back() -> None:
    context = {
        "assumedRoot": "true",
        "attributes": {"creationDate": "2026-08-05T10:00:00Z", "mfaAuthenticated": "false"},
    }
    who = root_event()["userIdentity"] | {"accessKeyId": "ASIAPRIVILEGED000001", "sessionContext": context}
    answers, steps = await tell(did("iam:DeactivateMFADevice", 1, {"userName": "AWS ROOT USER"}, userIdentity=who))
    assert answers["mfa_removed"].answer == "yes"
    (step,) = steps
    assert step.what.startswith(
        "Ask the owner of the account by telephone, on a number that you know from elsewhere, whether these were theirs: the session at 2026-08-05 10:01:00, from "
    )


async def test_a_key_of_roots_that_was_made_and_switched_off_is_there() -> None:
    switched_off = did("iam:UpdateAccessKey", 2, {"accessKeyId": "AKIAOWN", "status": "Inactive"})
    told = (await tell(made_key("AKIAOWN", 1, None), switched_off))[0]["access_keys"]
    assert (told.answer, "AKIAOWN" in told.because) == ("yes", True)


@pytest.mark.parametrize(
    ("mfa", "answer", "missing"),
    [
        ("true", "no", ()),
        ("false", "unknown", ("whether the identity provider of the caller of AssumeRoot required MFA: its record shows none",)),
        (None, "unknown", ("whether the caller of AssumeRoot used MFA",)),
    ],
)  # fmt: skip
async def test_the_mfa_of_the_caller_counts_for_a_session_by_assume_root(
    mfa: str | None, answer: str, missing: tuple[str, ...]
) -> None:
    opened = event(
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoot",
        eventTime="2026-08-05T10:00:00Z",
        identity={"sessionContext": {"attributes": {"mfaAuthenticated": mfa}}},
        requestParameters={"targetPrincipal": ACCOUNT},
        responseElements={"credentials": {"accessKeyId": "ASIAPRIVILEGED000001"}},
    )
    used = root_event(identity={"accessKeyId": "ASIAPRIVILEGED000001"}, eventTime="2026-08-05T10:01:00Z")
    told = (await tell(opened, used))[0]["used_without_mfa"]
    assert (told.answer, told.missing) == (answer, missing)
    assert told.event_ids == (opened["eventID"],)


async def test_a_use_of_a_long_term_key_is_one_without_mfa() -> None:
    used = root_event(identity={"accessKeyId": "AKIAROOTLONGTERM0000"})
    told = (await tell(used))[0]["used_without_mfa"]
    assert (told.answer, told.event_ids, told.missing) == ("yes", (used["eventID"],), ())
    assert told.because.endswith("; a call signed with a long-term access key carries no MFA")


DEVICES = f"arn:aws:iam::{ACCOUNT}:"


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        ({"serialNumber": f"{DEVICES}u2f/root-account/key-ABC"}, "DeactivateMFADevice"),
        ({"serialNumber": f"{DEVICES}mfa/MyPhone"}, "DeactivateMFADevice"),
        ({"userName": None, "serialNumber": "GAHT12345678"}, "DeactivateMFADevice"),
        ({"userName": "AWS ROOT USER", "serialNumber": "GAHT12345678"}, "DeactivateMFADevice"),
        ({"serialNumber": f"{DEVICES}mfa/root-account-mfa-device"}, "DeleteVirtualMFADevice"),
    ],
)
async def test_whatever_device_is_taken_from_root_is_its_mfa(request_: dict[str, Any], call: str) -> None:
    removed = did(f"iam:{call}", 1, request_)
    answers, _ = await tell(removed)
    assert (answers["mfa_removed"].answer, answers["mfa_removed"].event_ids) == ("yes", (removed["eventID"],))


async def test_a_device_of_a_users_is_not_roots() -> None:
    answers, _ = await tell(
        did("iam:DeactivateMFADevice", 1, {"userName": "alice", "serialNumber": f"{DEVICES}mfa/alice"}),
        did("iam:DeleteVirtualMFADevice", 2, {"serialNumber": f"{DEVICES}mfa/alice"}),
    )
    assert answers["mfa_removed"].answer == "no"


async def test_who_was_kept_out_did_not_use_root() -> None:
    answers, steps = await tell(sign_in(outcome="Failure"), sign_in(outcome="Failure"))
    assert answers["used_by_person"].answer == "no"
    assert "2 attempts to sign in failed" in answers["used_by_person"].because
    assert (answers["used_without_mfa"].answer, answers["used_without_mfa"].missing) == (
        "unknown",
        ("a root session",),
    )
    assert steps == []


ASKED = {
    "eventName": "PasswordRecoveryRequested",
    "responseElements": {"PasswordRecoveryRequested": "Success"},
}


async def test_who_asks_for_a_recovery_has_not_used_root() -> None:
    answers, _ = await tell(sign_in(**ASKED))
    assert answers["used_by_person"].answer == "no"
    assert "requested 1 time, which anyone can do" in answers["used_by_person"].because
    call = did("ec2:DescribeInstances", 1, readOnly=True)
    answers, _ = await tell(sign_in(**ASKED), call)
    assert (answers["used_by_person"].answer, answers["used_by_person"].event_ids) == ("yes", (call["eventID"],))


async def test_a_sign_in_that_does_not_say_how_it_went_proves_no_use() -> None:
    silent = sign_in(responseElements=None)
    answers, _ = await tell(silent)
    assert (answers["used_by_person"].answer, answers["used_by_person"].event_ids) == ("unknown", (silent["eventID"],))
    answers, _ = await tell(silent, did("ec2:DescribeInstances", 1, readOnly=True))
    assert answers["used_by_person"].answer == "yes"


async def test_a_change_of_address_that_was_begun_is_no_change() -> None:
    begun = did("account:StartPrimaryEmailUpdate", 1, {"primaryEmail": "x@example.com"})
    answers, _ = await tell(begun)
    assert (answers["ownership_changed"].answer, answers["ownership_changed"].event_ids) == (
        "unknown",
        (begun["eventID"],),
    )
    answers, _ = await tell(begun, did("account:AcceptPrimaryEmailUpdate", 2, {"primaryEmail": "x@example.com"}))
    assert answers["ownership_changed"].answer == "yes"


def trusting(principal: Any, minute: int = 1, **statement: Any) -> dict[str, Any]:
    """Root has a role that was there before trust somebody."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | statement]}
    return did("iam:UpdateAssumeRolePolicy", minute, {"roleName": "ops", "policyDocument": json.dumps(trust)})


#: The record holds the new trust policy only: what is to take its place, the responder must find out.
PUT_BACK = "aws iam update-assume-role-policy --role-name ops --policy-document file://CORRECTED-POLICY.json"


@pytest.mark.parametrize(
    "record",
    [
        trusting({"AWS": "arn:aws:iam::999988887777:root"}),
        trusting({"AWS": "*"}),
        trusting("*"),
        trusting({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "999988887777"]}),
        trusting({"AWS": "*"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        trusting({"Federated": "accounts.example.com"}),
        did("iam:UpdateLoginProfile", 1, {"userName": "old"}),
        did("iam:UpdateSAMLProvider", 1, {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}),
    ],
)
async def test_what_was_there_and_root_opened_is_a_way_in(record: dict[str, Any]) -> None:
    answers, steps = await tell(record)
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("yes", (record["eventID"],))
    undoing = [
        step for step in beside_root(steps) if step.command or step.what.startswith("Upload the correct metadata")
    ]
    assert [step.event_id for step in undoing] == [record["eventID"]]


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (trusting({"Service": "ec2.amazonaws.com"}), PUT_BACK),
        # Whom a role trusts, the principals say; an account in a condition comes in by none of these.
        (
            trusting(
                {"Service": "config.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}
            ),
            PUT_BACK,
        ),
        (
            trusting(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition={"StringEquals": {"sts:ExternalId": "999988887777"}}
            ),
            PUT_BACK,
        ),
        (
            trusting(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Resource="*", Condition={"ArnLike": {"aws:SourceArn": "*"}}
            ),
            PUT_BACK,
        ),
        (trusting({"AWS": "arn:aws:iam::999988887777:root"}, Effect="Deny"), PUT_BACK),
        (trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}), PUT_BACK),
        (
            did(
                "iam:AttachUserPolicy",
                1,
                {"userName": "old", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            "aws iam detach-user-policy --user-name old --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        ),
    ],
)
async def test_what_was_there_and_root_changed_may_be_a_way_in_and_the_change_alone_is_undone(
    record: dict[str, Any], command: str
) -> None:
    answers, steps = await tell(record)
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("unknown", (record["eventID"],))
    undone = [(step.command, step.event_id) for step in beside_root(steps) if step.command]
    assert undone == [(command, record["eventID"])]
    assert command != PUT_BACK or [step for step in steps if "Check whom role ops trusts now" in step.what]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"statement": {"effect": "Allow", "principal": {"aws": "999988887777"}}}', "yes"),
        ('{"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}}]}', "yes"),
        ('{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:ro', "unknown"),  # cut off
        ('{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Cond', "unknown"),
        ('{"Statement": [{"Effect": "Allow", "Principal": {"AWS": 1e999}}]}', "unknown"),
        ("{" * 5000, "unknown"),
    ],
)
async def test_a_trust_is_read_however_odd_its_text_is(text: str, answer: str) -> None:
    answers, _ = await tell(did("iam:UpdateAssumeRolePolicy", 1, {"roleName": "ops", "policyDocument": text}))
    assert answers["persistence"].answer == answer


@pytest.mark.parametrize(("mfa", "answer"), [("Yes", "no"), ("No", "yes"), (None, "unknown")])
async def test_mfa_is_judged_by_the_sign_in(mfa: str | None, answer: str) -> None:
    answers, _ = await tell(sign_in(mfa=mfa, eventTime=at(1)))
    assert answers["used_without_mfa"].answer == answer


async def test_an_asked_recovery_alone_is_unknown() -> None:
    asked = sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"})
    answers, _ = await tell(asked)
    assert (answers["password_changed"].answer, answers["password_changed"].event_ids) == (
        "unknown",
        (asked["eventID"],),
    )


async def test_a_change_that_does_not_say_of_what_is_neither_shown_nor_denied() -> None:
    either = did("billingconsole:SetAccountPreferences", 1)
    answers, _ = await tell(either)
    for name in ("password_changed", "ownership_changed"):
        assert (answers[name].answer, answers[name].event_ids) == ("unknown", (either["eventID"],))
        assert "does not say which" in answers[name].because
    changed = did("account:AcceptPrimaryEmailUpdate", 2, {"primaryEmail": "x@example.com"})
    answers, _ = await tell(either, changed)
    assert (answers["ownership_changed"].answer, answers["password_changed"].answer) == ("yes", "unknown")


async def test_a_renamed_user_and_its_own_key_are_called_by_their_names() -> None:
    key = {"accessKey": {"accessKeyId": "AKIAX", "userName": "y"}}
    _, steps = await tell(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:UpdateUser", 2, {"userName": "x", "newUserName": "y"}),
        did("iam:CreateAccessKey", 3, None, key, who=user("y")),
    )
    named = [
        words[words.index("--user-name") + 1] for step in beside_root(steps) if (words := shlex.split(step.command))
    ]
    assert named == ["y", "y"]


async def test_what_may_be_gone_is_no_proof_of_a_way_in() -> None:
    answers, _ = await tell(did("iam:CreateUser", 1, {"userName": "x"}), did("iam:DeleteUser", 1, {"userName": "x"}))
    assert answers["persistence"].answer == "unknown"
    assert "user x" in answers["persistence"].because


async def test_what_a_renamed_user_got_before_is_taken_by_its_present_name() -> None:
    _, steps = await tell(
        made_key("AKIAX", 1, "bad"),
        did("iam:CreateLoginProfile", 1, {"userName": "bad"}),
        did("iam:UpdateUser", 2, {"userName": "bad", "newUserName": "good"}, who=user("admin")),
    )
    assert [step.command for step in beside_root(steps) if step.command] == [
        "aws iam update-access-key --user-name good --access-key-id AKIAX --status Inactive",
        "aws iam delete-login-profile --user-name good",
    ]


def with_own_key(minute: int) -> dict[str, Any]:
    """A call of root's with a key that was there before."""
    return did("sts:GetCallerIdentity", minute) | {
        "userIdentity": root_event(identity={"accessKeyId": "AKIAOWN"})["userIdentity"]
    }


async def test_a_key_of_roots_that_was_there_before_and_was_used_is_a_way_in() -> None:
    used = with_own_key(1)
    answers, steps = await tell(used)
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("yes", (used["eventID"],))
    (step,) = [step for step in steps if "AKIAOWN" in step.what]
    assert "Deactivate access key AKIAOWN, for example in CloudShell, unless it is already deleted" in step.what
    assert step.command == "aws iam update-access-key --access-key-id AKIAOWN --status Inactive"


async def test_a_key_of_roots_that_was_used_and_deleted_is_said_to_be() -> None:
    answers, steps = await tell(with_own_key(1), did("iam:DeleteAccessKey", 2, {"accessKeyId": "AKIAOWN"}))
    assert (answers["access_keys"].answer, answers["persistence"].answer) == ("yes", "unknown")
    assert "AKIAOWN was used, since deleted" in answers["access_keys"].because
    assert not [step for step in steps if "AKIAOWN" in step.what]


async def test_a_key_that_root_made_and_the_record_does_not_name_is_there() -> None:
    made = did("iam:CreateAccessKey", 1)
    answers, _ = await tell(made)
    for name in ("access_keys", "persistence"):
        assert (answers[name].answer, answers[name].event_ids) == ("yes", (made["eventID"],))
        assert "one with an ID that is not recorded" in answers[name].because


async def test_the_key_of_a_user_needs_no_root() -> None:
    _, steps = await tell(made_key("AKIAUSER", 1, "bob"))
    (step,) = [step for step in steps if "AKIAUSER" in step.what]
    assert "root" not in step.what


@pytest.mark.parametrize(
    ("event_name", "question"),
    [
        ("EmailUpdated", "ownership_changed"),
        ("PasswordUpdated", "password_changed"),
        ("PasswordRecoveryCompleted", "password_changed"),
    ],
)
async def test_a_change_that_does_not_say_how_it_went_is_not_denied(event_name: str, question: str) -> None:
    changed = did(f"signin:{event_name}", 3)
    told = (await tell(changed))[0][question]
    assert (told.answer, told.event_ids) == ("unknown", (changed["eventID"],))
    assert event_name in told.because
    told = (await tell(changed, changed | {"eventID": event_id(), "responseElements": {event_name: "Success"}}))[0][
        question
    ]
    assert told.answer == "yes"
    assert (await tell(changed | {"responseElements": {event_name: "Failure"}}))[0][question].answer == "no"


def _console(name: str, minute: int, outcome: str | None, **fields: Any) -> dict[str, Any]:
    return did(f"signin:{name}", minute, None, {name: outcome} if outcome else None, **fields)


@pytest.mark.parametrize(
    ("outcome", "source", "answer"),
    [
        ("Failure", "198.51.100.7", "no"),
        ("Success", "198.51.100.7", "yes"),
        (None, "198.51.100.7", "unknown"),
        ("Failure", "192.0.2.1", "unknown"),  # somebody else's
    ],
)
async def test_a_second_factor_that_was_accepted_is_no_use_until_the_sign_in_succeeds(
    outcome: str | None, source: str, answer: str
) -> None:
    checked, signed = _console("CheckMfa", 3, "Success"), _console("ConsoleLogin", 3, outcome, sourceIPAddress=source)
    for records in ((checked, signed), (signed, checked)):
        told = (await tell(*records))[0]["used_by_person"]
        assert told.answer == answer
        assert ("1 attempt to sign in failed" in told.because) is (answer == "no")
    assert (await tell(checked))[0]["used_by_person"].answer == "unknown"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"userName": "acme-corp", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}, "yes"),
        ({"userName": "root", "serialNumber": "GAHT12345678"}, "unknown"),
        ({"userName": "bob", "serialNumber": "GAHT12345678"}, "no"),
    ],
)
async def test_a_device_of_roots_is_known_by_its_serial_or_perhaps_by_the_name(
    request_: dict[str, str], answer: str
) -> None:
    taken = did("iam:DeactivateMFADevice", 3, request_)
    told = (await tell(taken))[0]["mfa_removed"]
    assert (told.answer, told.event_ids) == (answer, () if answer == "no" else (taken["eventID"],))


async def test_a_password_that_was_removed_was_changed() -> None:
    removed = did("iam:DeleteLoginProfile", 1)
    told = (await tell(removed))[0]["password_changed"]
    assert (told.answer, told.because, told.event_ids) == ("yes", "DeleteLoginProfile", (removed["eventID"],))
    for other in (did("iam:DeleteLoginProfile", 1, {"userName": "bob"}), removed | {"errorCode": "NoSuchEntity"}):
        assert (await tell(other))[0]["password_changed"].answer == "no"


async def test_what_the_console_calls_root_is_no_user() -> None:
    name = "AWS ROOT USER"
    key = {"accessKeyId": "AKIAOWN", "userName": name}
    made = did("iam:CreateAccessKey", 1, {"userName": name}, {"accessKey": key})
    answers, steps = await tell(made, did("iam:CreateLoginProfile", 2, {"userName": name}))
    assert (answers["access_keys"].answer, answers["access_keys"].event_ids) == ("yes", (made["eventID"],))
    assert answers["password_changed"].answer == "yes"
    commands = [step.command for step in beside_root(steps) if step.command]
    assert [command.split()[1:3] for command in commands] == [["sts", "assume-root"], ["iam", "update-access-key"]]
    assert commands[1] == "aws iam update-access-key --access-key-id AKIAOWN --status Inactive"
    assert not [one for one in commands if "--user-name" in one]


@pytest.mark.parametrize("request_", [None, {}, {"serialNumber": ""}])
async def test_a_deleted_device_that_the_record_does_not_name_may_be_roots(request_: dict[str, Any] | None) -> None:
    deleted = did("iam:DeleteVirtualMFADevice", 1, request_)
    told = (await tell(deleted))[0]["mfa_removed"]
    assert (told.answer, told.event_ids) == ("unknown", (deleted["eventID"],))
    of_user = did("iam:DeleteVirtualMFADevice", 1, {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"})
    assert (await tell(of_user))[0]["mfa_removed"].answer == "no"


async def test_a_passkey_that_was_bound_to_root_is_open() -> None:
    passkey = f"arn:aws:iam::{ACCOUNT}:u2f/root-account/key-ABC"
    bound = did("iam:EnableMFADevice", 1, {"serialNumber": passkey})
    told = (await tell(bound))[0]["persistence"]
    assert (told.answer, told.event_ids) == ("unknown", (bound["eventID"],))
    assert "so that its holder can pass root's MFA: MFA device" in told.because
    taken = did("iam:DeactivateMFADevice", 2, {"serialNumber": passkey})
    assert (await tell(bound, taken))[0]["persistence"].event_ids == ()


@pytest.mark.parametrize(
    ("call", "questions"),
    [
        ("signin:SomethingNew", {"password_changed", "mfa_removed", "ownership_changed"}),
        ("account:PutSomethingNew", {"password_changed", "mfa_removed", "ownership_changed"}),
        ("billingconsole:SetSomethingNew", {"password_changed", "mfa_removed", "ownership_changed"}),
        ("signin:UserAuthentication", set()),
        ("signin:AccountNameUpdated", set()),
        ("account:PutAccountName", set()),
    ],
)
async def test_what_nobody_documents_at_roots_sign_in_may_have_changed_it(call: str, questions: set[str]) -> None:
    done = did(call, 3)
    answers, _ = await tell(done)
    asked = [answers[name] for name in ("password_changed", "mfa_removed", "ownership_changed")]
    assert {one.name for one in asked if one.answer == "unknown" and one.event_ids == (done["eventID"],)} == questions
    assert {one.name for one in asked if one.answer == "no"} == {one.name for one in asked} - questions
