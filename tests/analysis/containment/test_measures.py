"""Each row of ``containment.toml`` has an event after which it is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.containment.step import worded
from rootforensics.rules.entities import entity_rules
from rootforensics.rules.undo import measures
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.analysis.verdict.logs import beside_root, tell
from tests.builders import ACCOUNT, event, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.rules.entities import EntityRule

OTHER = "999988887777"
STRANGER = {"AWS": "arn:aws:iam::999900001111:root"}
#: Actions with a deadline.
LOST_SOON = {
    "s3-put-bucket-lifecycle": did(
        "s3:PutBucketLifecycle",
        1,
        {"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Expiration": {"Days": 1}}}},
    ),
    "logs-put-retention-policy": did("logs:PutRetentionPolicy", 1, {"logGroupName": "trail", "retentionInDays": 1}),
    "route53domains-transfer-domain-to-another-aws-account": did(
        "route53domains:TransferDomainToAnotherAwsAccount", 1, {"domainName": "example.com", "accountId": OTHER}
    ),
    "secretsmanager-delete-secret": did("secretsmanager:DeleteSecret", 1, {"secretId": "s", "recoveryWindowInDays": 7}),
    "kms-schedule-key-deletion": did("kms:ScheduleKeyDeletion", 1, {"keyId": "k", "pendingWindowInDays": 7}),
}
#: What takes more than a name.
BY_HAND = [
    did("account:StartPrimaryEmailUpdate", 3, {"accountId": ACCOUNT}),  # after the changes that ``made`` completes
    did("account:PutContactInformation", 1, {}),
    did("organizations:CloseAccount", 1, {"accountId": ACCOUNT}),
    did("organizations:AcceptHandshake", 1, {"handshakeId": "h-1"}),
    did("organizations:DeleteOrganization", 1),
    did("organizations:LeaveOrganization", 1),
    did(
        "iam:DeactivateMFADevice",
        1,
        {"userName": ACCOUNT, "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"},
    ),
    did("cloudtrail:StopLogging", 1, {"name": "t"}),
    did("secretsmanager:GetSecretValue", 1, {"secretId": "db"}),
    did("ssm:GetParameter", 1, {"name": "/db", "withDecryption": True}),
    did("sts:GetSessionToken", 1, None, {"credentials": {"accessKeyId": "ASIAEVE"}}),
    did(
        "iam:CreateRole",
        1,
        {
            "roleName": "r",
            "assumeRolePolicyDocument": {
                "Statement": [{"Effect": "Allow", "Principal": STRANGER, "Action": "sts:AssumeRole"}]
            },
        },
        {"role": {"roleName": "r"}},
    ),
    did(
        "ec2:ModifySnapshotAttribute",
        1,
        {
            "snapshotId": "snap-1",
            "attributeType": "CREATE_VOLUME_PERMISSION",
            "createVolumePermission": {"add": {"items": [{"group": "all"}]}},
        },
    ),
    did(
        "ec2:ModifyImageAttribute",
        1,
        {
            "imageId": "ami-1",
            "attributeType": "launchPermission",
            "launchPermission": {"add": {"items": [{"group": "all"}]}},
        },
    ),
]


def made(rule: EntityRule, number: int) -> dict[str, Any]:
    """An event of root's that a rule reads, about an entity of its own."""
    parts: dict[str, Any] = {}
    named = f"x{number}" if rule.kind != "account" else "999900002222"
    paths = {rule.name[0]: named, **({rule.only[0]: rule.only[1]} if rule.only else {})}
    paths |= {path: "value" for path in (*rule.among[:1], rule.present, *rule.owner[:1]) if path and path not in paths}
    for path, value in paths.items():
        *folders, last = path.split(".")
        at = parts
        for name in folders:
            bare = name.removesuffix("[*]")
            below = at.setdefault(bare, [{}] if bare != name else {})
            at = below[0] if isinstance(below, list) else below
        at[last.removesuffix("[*]")] = [value] if last.endswith("[*]") else value
    if rule.renames.startswith("responseElements"):
        parts["responseElements"] = {"createAccountStatus": {"accountId": "999900002222"}}
    return did(rule.call, 2, parts.get("requestParameters"), parts.get("responseElements"))


@pytest.mark.heavy
def test_each_row_has_an_event_after_which_it_is_printed(tmp_path: Path) -> None:
    kinds = {measure["kind"] for measure in measures("step") if "kind" in measure}
    rules = [entity_rule for entity_rule in entity_rules() if entity_rule.kind in kinds]
    signed_in = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn"}
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(
            write_log(
                tmp_path,
                "log.json",
                [
                    root_event(
                        **signed_in, additionalEventData={"MFAUsed": "No"}, responseElements={"ConsoleLogin": "Success"}
                    ),
                    *LOST_SOON.values(),
                    *BY_HAND,
                    *(made(rule, number) for number, rule in enumerate(rules)),
                ],
            )
        )
        steps = case.analysis().verdict_of(ACCOUNT).steps
    words = {
        worded(what, ACCOUNT)["what"]: _printed(
            row.get("kind", ""), what, row.get("what_of_root", what), row.get("what_of_unknown", what)
        )
        for row in measures("step")
        if (what := row.get("what"))
    }
    lacking = {what for what, pattern in words.items() if not any(pattern.match(step.what) for step in steps)}
    # It asks the owner, and for MFA, where nothing points to a takeover; what posture found open needs its answers. Keys
    # of a management account's root come first, and this account is not known to be one.
    assert {what.partition(" by telephone")[0] for what in lacking} == {
        "Ask the owner of the account",
        "Fix what the last posture check found open",
        "Register an MFA device for root",
        "Deactivate the access keys of root, then revoke its aws login sessions",
    }
    due = {step.event_id: step.deadline for step in steps if step.deadline}
    assert {name: due.get(record["eventID"]) for name, record in LOST_SOON.items()} == {
        "s3-put-bucket-lifecycle": "hours",
        "logs-put-retention-policy": "hours",
        "route53domains-transfer-domain-to-another-aws-account": "hours",
        "secretsmanager-delete-secret": "days",
        "kms-schedule-key-deletion": "days",
    }
    assert LOST_SOON.keys() == {action for row in measures("step") for action in row.get("actions", ())}


def _printed(kind: str, *words: str) -> re.Pattern[str]:
    """How a row is printed, up to the first value that is filled in other than the name of its entity."""
    name = {"": "", "contact": "NAME of account NAME"}.get(kind, "NAME")
    texts = [
        re.split("SESSIONS|RECEIVER|NAMES|the deletion date|[.] ", worded(word, ACCOUNT, kind, name)["what"])[0]
        for word in words
    ]
    # The type of a contact is printed in small letters.
    return re.compile("|".join(re.sub("NAME|name", ".+", re.escape(text)) for text in texts))


@pytest.mark.parametrize(
    ("call", "asked", "answer", "until", "what"),
    [
        ("kms:ScheduleKeyDeletion", {"keyId": "k"}, None, 5, "Before 2026-09-04 10:01 UTC, cancel the deletion: KMS key k in us-east-1"),
        ("kms:ScheduleKeyDeletion", {"keyId": "k", "pendingWindowInDays": 7}, None, 5,
         "Before 2026-08-12 10:01 UTC, cancel the deletion: KMS key k in us-east-1"),
        # As the KMS developer guide has it.
        ("kms:ScheduleKeyDeletion", {"keyId": "k"}, {"deletionDate": "Aug 25, 2026 18:58:30 PM"}, 5,
         "Before 2026-08-25 18:58 UTC, cancel the deletion: KMS key k in us-east-1"),
        ("secretsmanager:DeleteSecret", {"secretId": "s"}, {"deletionDate": "Aug 13, 2026, 4:21:45 PM"}, 5,
         "Before 2026-08-13 16:21 UTC, restore secret s in us-east-1"),
        ("secretsmanager:DeleteSecret", {"secretId": "s", "recoveryWindowInDays": 7}, None, 11,
         "Before 2026-08-12 10:01 UTC, restore secret s in us-east-1"),
        ("secretsmanager:DeleteSecret", {"secretId": "s", "recoveryWindowInDays": 7}, None, 20,
         "Before 2026-08-12 10:01 UTC (the logs go beyond this time), restore secret s in us-east-1"),
        ("account:CloseAccount", {"accountId": ACCOUNT}, None, 5,
         "Before 2026-11-03 10:01 UTC, ask AWS Support to reopen the account: it was closed"),
    ],
)  # fmt: skip
async def test_a_step_names_the_date_of_the_deletion(
    call: str, asked: dict[str, Any], answer: dict[str, Any] | None, until: int, what: str
) -> None:
    deleted = did(call, 1, asked, answer)
    last = event(eventTime=f"2026-08-{until:02}T23:00:00Z", awsRegion="eu-west-3")
    _, steps = await tell(deleted, last)
    (step,) = [step for step in steps if step.event_id == deleted["eventID"] and "Before" in step.what]
    assert step.what.endswith(what)
    # What is due within two days of the logs' end is among the steps that come before all others.
    assert step.deadline == ("" if call == "account:CloseAccount" else "hours" if until >= 11 else "days")


@pytest.mark.parametrize("end", [None, "secretsmanager:RestoreSecret"])
async def test_a_secret_is_restored_within_its_waiting_time(end: str | None) -> None:
    asked = {"secretId": "s", "recoveryWindowInDays": 7}
    deleted = did("secretsmanager:DeleteSecret", 1, asked)
    ended = [did(end, 2, {"secretId": "s"}, who=user("admin", "AKIAADMIN"))] if end else []
    _, steps = await tell(deleted, *ended)
    own = [(step.command, step.deadline) for step in beside_root(steps) if step.event_id == deleted["eventID"]]
    command = "aws secretsmanager restore-secret --secret-id s --region us-east-1"
    assert own == ([] if end else [(command, "days")])


async def test_a_secret_that_was_deleted_at_once_is_not_restored() -> None:
    _, steps = await tell(did("secretsmanager:DeleteSecret", 1, {"secretId": "s", "forceDeleteWithoutRecovery": True}))
    assert not [step for step in steps if "restore" in step.command]


@pytest.mark.parametrize("end", [None, "account:AcceptPrimaryEmailUpdate"])
async def test_a_change_of_the_address_that_was_begun_has_a_step_in_the_account_that_began_it(end: str | None) -> None:
    asked = {"accountId": OTHER}
    begun = did("account:StartPrimaryEmailUpdate", 1, asked)
    answers, steps = await tell(begun, *([did(end, 2, asked)] if end else []), account_id=ACCOUNT)
    assert answers["ownership_changed"].answer == ("yes" if end else "unknown")
    own = [step for step in beside_root(steps) if step.event_id == begun["eventID"]]
    assert [step.account_id for step in own] == ([] if end else [OTHER])


@pytest.mark.heavy
def test_what_a_note_says_was_dealt_with_has_no_step(tmp_path: Path) -> None:
    request = {"userName": "eve"}
    made = [did("iam:CreateUser", 1, request), made_key("AKIAEVE", 2, "eve")]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", made))
        before = {step.event_id for step in case.analysis().verdict_of(ACCOUNT).steps if step.command}
        case.note(made[1]["eventID"], "switched off by hand", tag="contained", author="maria")
        after = {step.event_id for step in case.analysis().verdict_of(ACCOUNT).steps if step.command}
    assert before - after == {made[1]["eventID"]}
    assert made[0]["eventID"] in after


def test_each_reason_is_a_full_sentence() -> None:
    rows = (*measures("step"), *measures("never"))
    reasons = [row["why"] for row in rows if "why" in row and "checked" not in row]
    assert [why for why in reasons if not why[0].isupper() or why[-1] != "."] == []
    assert [row["what"] for row in rows if row.get("what", "").endswith(".")] == []


async def test_deadlines_are_in_order_of_their_dates() -> None:
    """The most severe call is not the first that takes effect."""
    days = {"first": 30, "second": 7, "third": 10}
    calls = [
        did("kms:ScheduleKeyDeletion", minute, {"keyId": key, "pendingWindowInDays": window})
        for minute, (key, window) in enumerate(days.items(), 1)
    ]
    _, steps = await tell(*calls)
    dates = [step.what.rpartition(". ")[2].split(",")[0] for step in steps if "cancel the deletion" in step.what]
    assert [date[:17] for date in dates] == ["Before 2026-08-12", "Before 2026-08-15", "Before 2026-09-04"]
