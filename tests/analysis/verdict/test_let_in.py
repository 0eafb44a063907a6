"""Whom root let in: a user who was there before and to whom root gave credentials or rights is followed as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import EVERYWHERE
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
DENY_ALL: Final = "arn:aws:iam::aws:policy/AWSDenyAll"
DENIES: Final = '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"s3:*"}]}'
BOB: Final = {"userName": "bob"}
#: What root did by account, and what is to be done about it: the change is undone, nothing that was there is ended.
LETS_IN: Final[dict[str, tuple[tuple[str, dict[str, Any]], str]]] = {
    "100000000001": (
        ("AttachUserPolicy", BOB | {"policyArn": ADMIN}),
        f"aws iam detach-user-policy --user-name bob --policy-arn {ADMIN}",
    ),
    "100000000002": (
        ("UpdateLoginProfile", BOB),
        "aws iam update-login-profile --user-name bob --password NEW-PASSWORD --password-reset-required",
    ),
    "100000000003": (
        ("AddUserToGroup", BOB | {"groupName": "Admins"}),
        "aws iam remove-user-from-group --user-name bob --group-name Admins",
    ),
    "100000000004": (
        ("PutUserPolicy", BOB | {"policyName": "all", "policyDocument": '{"Statement":[{"Effect":"Allow"}]}'}),
        "aws iam delete-user-policy --user-name bob --policy-name all",
    ),
    "100000000005": (
        ("AttachGroupPolicy", {"groupName": "Devs", "policyArn": ADMIN}),
        f"aws iam detach-group-policy --group-name Devs --policy-arn {ADMIN}",
    ),
    "100000000006": (
        ("SetDefaultPolicyVersion", {"policyArn": "arn:aws:iam::100000000006:policy/dev", "versionId": "v1"}),
        "",
    ),
    # What the policy says that was taken away is not in the logs, or it denied.
    "100000000007": (("DetachUserPolicy", BOB | {"policyArn": "arn:aws:iam::100000000007:policy/dev"}),
        "aws iam attach-user-policy --user-name bob --policy-arn arn:aws:iam::100000000007:policy/dev"),
    "100000000008": (("DetachUserPolicy", BOB | {"policyArn": DENY_ALL}),
        f"aws iam attach-user-policy --user-name bob --policy-arn {DENY_ALL}"),
    "100000000009": (("DetachGroupPolicy", {"groupName": "Devs", "policyArn": DENY_ALL}), ""),
    "100000000010": (
        ("PutUserPolicy", BOB | {"policyName": "n", "policyDocument": r'{"Statement":{"Effect":"\u0041llow","Sid":"Deny"}}'}),
        "aws iam delete-user-policy --user-name bob --policy-name n",
    ),
    # It may stand where bob was denied everything.
    "100000000020": (
        ("PutUserPolicy", BOB | {"policyName": "Q", "policyDocument": '{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}'}),
        "",
    ),
    "100000000021": (
        ("PutUserPolicy", BOB | {"policyName": "Q", "policyDocument":
            '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'}),
        "",
    ),
}  # fmt: skip
#: What root did that lets nobody in, or after bob had done it.
LETS_NOBODY_IN: Final[dict[str, tuple[str, dict[str, Any], int]]] = {
    "100000000011": ("AttachUserPolicy", BOB | {"policyArn": DENY_ALL}, 10),
    "100000000012": (
        "PutUserPolicy",
        BOB
        | {
            "policyName": "Quarantine",
            "policyDocument": '{"Statement":{"effect":"Deny","action":["*"],"resource":"*"}}',
        },
        10,
    ),
    "100000000015": ("PutUserPolicy", BOB | {"policyName": "Q", "policyDocument": DENIES}, 10),
    "100000000016": ("DetachUserPolicy", BOB | {"policyArn": ADMIN}, 10),
    "100000000017": ("AttachGroupPolicy", {"groupName": "Devs", "policyArn": DENY_ALL}, 10),
    "100000000018": ("DetachGroupPolicy", {"groupName": "Devs", "policyArn": ADMIN}, 10),
    "100000000019": ("PutGroupPolicy", {"groupName": "Devs", "policyName": "Q", "policyDocument": DENIES}, 10),
    "100000000013": ("AttachUserPolicy", {"userName": "carl", "policyArn": ADMIN}, 10),
    "100000000014": ("AttachUserPolicy", BOB | {"policyArn": ADMIN}, 50),
}


def _bob(account: str) -> list[tuple[str, dict[str, Any]]]:
    """What bob does: he shares a snapshot, stops the trail, starts an instance, makes a user and a key for it."""
    stranger = {"add": {"items": [{"userId": "444455556666"}]}}
    who = user("bob", f"AKIABOB{account}", account)
    key = {"accessKey": {"accessKeyId": f"AKIAEVE{account}"}}
    actions = [
        did("ec2:ModifySnapshotAttribute", 20, {"snapshotId": "snap-1", "createVolumePermission": stranger}, who=who),
        did("cloudtrail:StopLogging", 21, {"name": "main"}, who=who),
        did("ec2:RunInstances", 22, {"instanceType": "m7i.large"}, who=who),
        did("iam:CreateUser", 23, {"userName": "eve"}, {"user": {"userName": "eve"}}, who=who),
        did("iam:CreateAccessKey", 24, {"userName": "eve"}, key, who=who),
    ]
    names = ("share", "stop", "start", "user", "key")
    return [(name, action | {"eventID": f"{name} {account}"}) for name, action in zip(names, actions, strict=True)]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    """An account for each way; bob has long been in the group, and has the policy."""
    folder = tmp_path_factory.mktemp("let-in")
    records: list[dict[str, Any]] = []
    calls = {account: (*call, 10) for account, (call, _) in LETS_IN.items()} | LETS_NOBODY_IN
    for account, (name, asked, minute) in calls.items():
        admin, root = user("admin", "AKIAADMIN", account), root_event()["userIdentity"]
        by_root = root | {"accountId": account, "arn": f"arn:aws:iam::{account}:root", "accessKeyId": f"ASIA{account}"}
        own = [
            did("iam:AddUserToGroup", 1, BOB | {"groupName": "Devs"}, who=admin),
            did("iam:AttachUserPolicy", 1, BOB | {"policyArn": f"arn:aws:iam::{account}:policy/dev"}, who=admin),
            did(f"iam:{name}", minute, asked, userIdentity=by_root, eventID=f"let in {account}"),
            *(action for _, action in _bob(account)),
            *EVERYWHERE,
        ]
        records += [one | {"recipientAccountId": account} for one in own]
    for place, record in enumerate(records):
        record["eventID"] = (
            record["eventID"] if record["eventID"].endswith(record["recipientAccountId"]) else f"e{place}"
        )
    write_log(folder / "logs", "log.json", records)
    with rf.open_case(folder / "case.duckdb") as opened:
        opened.load(folder / "logs")
        yield opened


@pytest.mark.heavy
def test_what_he_did_and_made_is_in_the_blast_radius_as_possible(case: rf.Case) -> None:
    rows = case.blast_radius().rows
    for account in LETS_IN:
        made = {row["entity_name"]: row for row in rows if row["account_id"] == account}
        for name in ("eve", f"AKIAEVE{account}", "snap-1", "us-east-1/main"):
            assert (made[name]["certainty"], made[name]["actor"]) == ("possible", f"user bob ({account})"), account
    assert not {"eve", "snap-1"} & {row["entity_name"] for row in rows if row["account_id"] in LETS_NOBODY_IN}


def test_it_is_a_finding_that_says_that_it_is_possible(case: rf.Case) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for row in case.findings().rows:
        for event_id in row["eventIDs"]:
            found.setdefault(event_id, set()).add((row["certainty"], row["explanation"].partition(". ")[0]))
    for account in LETS_IN:
        for name in ("share", "stop", "user", "key"):
            assert found[f"{name} {account}"] == {("possible", "Possibly by root's doing")}, (name, account)
    assert not [one for one in found for account in LETS_NOBODY_IN if one.endswith(account) and "let in" not in one]


@pytest.mark.heavy
def test_answers_are_neither_yes_nor_no_and_cite_what_he_did(case: rf.Case) -> None:
    verdicts = {one.account_id: {each.name: each for each in one.answers} for one in case.verdict()}
    wanted = {"logging_impaired": "stop", "data_exposed": "share", "money_spent": "start", "persistence": "user"}
    for account in LETS_IN:
        for question, name in wanted.items():
            told = verdicts[account][question]
            if LETS_IN[account][0][0] == "UpdateLoginProfile" and question == "persistence":  # that is root's own
                assert (told.answer, told.event_ids) == ("yes", (f"let in {account}",))
                continue
            assert (told.answer, f"{name} {account}" in told.event_ids) == ("unknown", True), (account, question)
            assert "who used the identities that root changed or opened to others" in told.missing, (account, question)
    for account in LETS_NOBODY_IN:
        assert "user bob" not in verdicts[account]["persistence"].because or account == "100000000014", account
        for question in wanted:
            told = verdicts[account][question]
            assert not [one for one in told.event_ids if "let in" not in one], (account, question)


@pytest.mark.heavy
def test_containment_undoes_the_change_and_ends_nothing_that_was_there(case: rf.Case) -> None:
    steps = {one.account_id: one.steps for one in case.verdict()}
    for account, (_, command) in LETS_IN.items():
        commands = {step.command: step for step in steps[account]}
        assert not command or command in commands, account
        assert not [one for one in commands if "bob" in one and ("Quarantine" in one or " delete-login" in one)], (
            account
        )
        key = f"aws iam update-access-key --user-name eve --access-key-id AKIAEVE{account} --status Inactive"
        assert commands[key].what.startswith("Ask the owner first: this may not descend from root. "), account


@pytest.mark.heavy
def test_what_the_owner_took_away_or_denied_is_not_given_back_unasked(case: rf.Case) -> None:
    steps = {one.account_id: one.steps for one in case.verdict()}
    about = {
        account: [step for step in steps[account] if "bob" in step.what] for account in (*LETS_IN, *LETS_NOBODY_IN)
    }
    for account in ("100000000011", "100000000012", "100000000015", "100000000017", "100000000019"):
        assert about[account] == [], account
    unknown, taken = about["100000000007"], about["100000000016"]
    assert [one.what.partition(". ")[0] for one in unknown] == [
        "Ask the owner first: the content of the policy is not known"
    ]
    assert [one.what.partition(". ")[0] for one in taken] == [
        "Ask the owner first: the change only removed permissions"
    ]
    assert about["100000000001"][0].what.startswith(
        "Ask the owner first: there is no sign that root of this account was taken over. "
    )
