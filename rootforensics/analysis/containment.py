"""What to undo, in the order in which to act, each step with the AWS CLI command filled in from the evidence.

The commands are printed and never run. What comes first keeps the attacker out; what comes last stops the bill.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.blast.follow import ROOT_NAME, UNKNOWN_REGION
from rootforensics.analysis.opened import was_opened
from rootforensics.analysis.owned import ownership_steps
from rootforensics.analysis.steps import Step, cli, dashed
from rootforensics.analysis.watching import watching_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.answer import Verdict
    from rootforensics.analysis.ground import Ground

    Row = dict[str, Any]

_DENY_ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


def _here(row: Row, *words: str) -> str:
    """A command in the Region of the event that shows the thing."""
    return cli(*words, *(("--region", row["awsRegion"]) if row["awsRegion"] else ()))


def _in_region(row: Row, *words: str) -> str:
    """A command on a thing whose name stands behind its Region."""
    region, _, name = row["thing_name"].partition("/")
    where = () if region == UNKNOWN_REGION else ("--region", region)
    return cli(*(name if word == "NAME" else word for word in words), *where)


def _key(row: Row) -> str:
    owner = ("--user-name", row["detail"].rsplit("; ")[-1]) if row["detail"] else ()  # the last name of its user
    return cli("iam", "update-access-key", *owner, "--access-key-id", row["thing_name"], "--status", "Inactive")


def _of_user(row: Row, *words: str) -> str:
    """A command of IAM on what belongs to a user; to root itself where none is named."""
    user = row["asked"].get("userName")
    named = ("--user-name", user) if isinstance(user, str) and user not in ("", ROOT_NAME) else ()
    return cli("iam", words[0], *named, *words[1:])


def _asked_again(row: Row, call: tuple[str, ...], *names: str) -> str:
    """A command with the values of the request that shows the thing; empty where one is missing."""
    values = [row["asked"].get(name) for name in names]
    if not all(isinstance(value, str) for value in values):
        return ""
    where = ("--region", row["awsRegion"]) if row["awsRegion"] else ()
    options = (word for name, value in zip(names, values, strict=True) for word in (f"--{dashed(name)}", value))
    return cli(*call, *options, *where)


# Kind of thing, with its states if it is due in those alone; what to do, why, command; in the order in which to act.
_BY_KIND: Final[tuple[tuple[str, str, str, Callable[[Row], str]], ...]] = (
    (
        "access key",
        "Switch the key off",
        "a way in that outlives every password",
        _key,
    ),
    (
        "session",
        "Revoke the session: it ends with its key's rights, or by itself",
        "a way in until it expires",
        lambda _: "",
    ),
    (
        "console password",
        "Take the console password away",
        "a way in",
        lambda row: cli("iam", "delete-login-profile", "--user-name", row["current_name"] or row["thing_name"]),
    ),
    (
        "user",
        "Deny the user everything, then look into it",
        "an identity of the attacker's",
        lambda row: cli(
            "iam",
            "put-user-policy",
            "--user-name",
            row["current_name"] or row["thing_name"],
            "--policy-name",
            "Quarantine",
            "--policy-document",
            _DENY_ALL,
        ),
    ),
    (
        "role",
        "Deny the role everything, its running sessions too",
        "an identity that others may take on",
        lambda row: cli(
            "iam",
            "put-role-policy",
            "--role-name",
            row["thing_name"],
            "--policy-name",
            "Quarantine",
            "--policy-document",
            _DENY_ALL,
        ),
    ),
    (
        "user/changed",
        "Look at what the user was given, and take it back",
        "it was there before, and may serve the attacker now",
        lambda row: cli("iam", "list-attached-user-policies", "--user-name", row["current_name"] or row["thing_name"]),
    ),
    (
        "role/changed",
        "Look at whom the role trusts and what it may do, and put the old policies back",
        "it was there before, and may serve the attacker now",
        lambda row: cli("iam", "get-role", "--role-name", row["thing_name"]),
    ),
    (
        "signing certificate",
        "Switch the certificate off",
        "it signs calls as a key does",
        lambda row: _of_user(
            row, "update-signing-certificate", "--certificate-id", row["thing_name"], "--status", "Inactive"
        ),
    ),
    (
        "service credential",
        "Switch the credential off",
        "a way into one service",
        lambda row: _of_user(
            row,
            "update-service-specific-credential",
            "--service-specific-credential-id",
            row["thing_name"],
            "--status",
            "Inactive",
        ),
    ),
    (
        "SSH key",
        "Switch the key off",
        "a way into CodeCommit",
        lambda row: _of_user(
            row, "update-ssh-public-key", "--ssh-public-key-id", row["thing_name"], "--status", "Inactive"
        ),
    ),
    (
        "account assignment",
        "Take the assignment of IAM Identity Center away",
        "whoever has it enters the account",
        lambda row: _asked_again(
            row,
            ("sso-admin", "delete-account-assignment"),
            "instanceArn",
            "permissionSetArn",
            "principalId",
            "principalType",
            "targetId",
            "targetType",
        ),
    ),
    (
        "identity provider",
        "Delete the identity provider",
        "strangers can sign in by it",
        lambda row: (
            cli("iam", "delete-saml-provider", "--saml-provider-arn", row["thing_name"])
            if ":saml-provider/" in row["thing_name"]
            else cli("iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn", row["thing_name"])
        ),
    ),
    (
        "trust anchor",
        "Switch the trust anchor off",
        "certificates of strangers get credentials",
        lambda row: _here(row, "rolesanywhere", "disable-trust-anchor", "--trust-anchor-id", row["thing_name"]),
    ),
    (
        "snapshot",
        "Stop sharing the snapshot",
        "its data lies open to others",
        lambda row: _here(
            row,
            "ec2",
            "reset-snapshot-attribute",
            "--snapshot-id",
            row["thing_name"],
            "--attribute",
            "createVolumePermission",
        ),
    ),
    (
        "machine image",
        "Stop sharing the image",
        "its data lies open to others",
        lambda row: _here(
            row, "ec2", "reset-image-attribute", "--image-id", row["thing_name"], "--attribute", "launchPermission"
        ),
    ),
    (
        "bucket",
        "Look at the bucket's policy and lifecycle, and put the old ones back",
        "data may lie open, or be deleted",
        lambda row: cli("s3api", "get-bucket-policy", "--bucket", row["thing_name"]),
    ),
    (
        "resource share",
        "Delete the share",
        "others reach what is shared",
        lambda row: _here(row, "ram", "delete-resource-share", "--resource-share-arn", row["thing_name"]),
    ),
    (
        "instance",
        "Keep its disks as evidence, then stop it",
        "it costs money, and may be the attacker's foothold",
        lambda row: _here(row, "ec2", "stop-instances", "--instance-ids", row["thing_name"]),
    ),
    (
        "Lambda function",
        "Let it run no more",
        "code of the attacker's",
        lambda row: _in_region(
            row,
            "lambda",
            "put-function-concurrency",
            "--function-name",
            "NAME",
            "--reserved-concurrent-executions",
            "0",
        ),
    ),
    (
        "EC2 key pair",
        "Delete the key pair",
        "a way into new instances",
        lambda row: _in_region(row, "ec2", "delete-key-pair", "--key-name", "NAME"),
    ),
    (
        "security group",
        "Look at what it lets in",
        "a door from the network",
        lambda row: _here(row, "ec2", "describe-security-groups", "--group-ids", row["thing_name"]),
    ),
    (
        "KMS key/removed",
        "Look at the key, and cancel its deletion",
        "what it encrypts would be lost",
        lambda row: _here(row, "kms", "cancel-key-deletion", "--key-id", row["thing_name"]),
    ),
    (
        # A key whose deletion was cancelled stays disabled.
        "KMS key/removed,disabled",
        "Switch the key on again",
        "nothing that it encrypts can be read meanwhile",
        lambda row: _here(row, "kms", "enable-key", "--key-id", row["thing_name"]),
    ),
    (
        "contact",
        "Put the contact back",
        "AWS's notices go to a stranger",
        lambda row: cli("account", "get-alternate-contact", "--alternate-contact-type", row["thing_name"]),
    ),
)


def containment(answers: list[Verdict], ground: Ground) -> list[Step]:
    """What to do, in order.

    Args:
        answers: the verdict.
        ground: what it stands on.
    """
    here = ground.account_id
    said = {one.name: one for one in answers}
    steps: list[Step] = []
    if said["used_by_person"].answer == "yes" and said["approved"].answer != "yes":
        steps.append(
            Step(
                "Take root back: recover its password by an e-mail address that only you hold; sign all sessions out",
                "whoever has the password is root",
                account_id=here,
                event_id=next(iter(said["used_by_person"].event_ids), None),
            )
        )
        steps.append(
            Step(
                "Replace root's MFA: remove every device that you do not hold, then bind your own",
                "the attacker's device may be bound",
                account_id=here,
                event_id=next(iter(said["mfa_removed"].event_ids), None),
            )
        )
    if said["ownership_changed"].answer == "yes" and said["approved"].answer != "yes":
        steps[:0] = ownership_steps(ground)
    asked = {row["eventID"]: _parameters(row["requestParameters"]) for row in ground.actions if row["eventID"]}
    things = [row | {"asked": asked.get(row["eventID"], {})} for row in (*ground.things, *_old_keys(ground))]
    # Of the lane of data, only what closes access is of no severity.
    closing = {row["eventID"] for row in ground.followed if row["lane"] == "data" and row["severity"] == "info"}
    for which, what, why, command in _BY_KIND:
        if which == "snapshot":  # what keeps strangers out comes before the record, what lies open after it
            steps += watching_again(ground)
        kind, _, states = which.partition("/")
        steps += [
            Step(
                f"{_told(what, row)}: {kind} {row['thing_name']}", why, command(row), row["account_id"], row["eventID"]
            )
            for row in things
            if row["thing_kind"] == kind
            and (row["state"] in states.split(",") if states else _is_due(row))
            and not (states == "changed" and was_opened(row))
            and not _only(row, closing)
        ]
    return steps


def _parameters(text: str | None) -> Row:
    """What a call asked for."""
    try:
        told = json.loads(text or "null", parse_int=str, parse_float=str)
    except (ValueError, RecursionError):  # odd beyond what Python reads; it names nothing
        return {}
    return told if isinstance(told, dict) else {}


def _old_keys(ground: Ground) -> list[Row]:
    """Keys of root's own that were there before and that it used."""
    return [row for row in ground.own_keys.values() if row["effect"] == "uses"]


def _told(what: str, row: Row) -> str:
    """What to do; the policy by which AssumeRoot works on root's own keys lets it delete them alone."""
    if row["thing_kind"] in ("access key", "signing certificate") and row["depth"] == 1 and not row["detail"]:
        return f"{what} as root; by AssumeRoot (IAMDeleteRootUserCredentials) it can only be deleted"
    return what


def _only(row: Row, event_ids: set[str | None]) -> bool:
    """True if nothing but these events reached a thing."""
    own = row.get("eventIDs") or ()  # keys that were there before have none
    return bool(own) and event_ids.issuperset(own)


def _is_due(row: Row) -> bool:
    """True for a thing that is there and on; an identity that was there before serves others, until it is opened."""
    if row["thing_kind"] in ("user", "role") and row["state"] == "changed":
        return was_opened(row)
    return row["state"] not in ("disabled", "removed", "expired")
