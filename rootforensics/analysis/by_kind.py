"""What is done about things of each kind, in the order in which to act."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.blast.follow import ROOT_NAME, UNKNOWN_OWNER, UNKNOWN_REGION
from rootforensics.analysis.steps import cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.queries.result import Row


_DENY_ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'

_ACCOUNT: Final = re.compile(r"[0-9]{12}")


def _here(row: Row, *words: str) -> str:
    """A command in the Region of the event that shows the thing."""
    return cli(*words, *(("--region", row["awsRegion"]) if row["awsRegion"] else ()))


def _in_region(row: Row, *words: str) -> str:
    """A command on a thing whose name stands behind its Region."""
    region, _, name = row["thing_name"].partition("/")
    where = () if region == UNKNOWN_REGION else ("--region", region)
    return cli(*(name if word == "NAME" else word for word in words), *where)


def _key(row: Row) -> str:
    if row["detail"] == UNKNOWN_OWNER:  # the answer names the user
        return cli("iam", "get-access-key-last-used", "--access-key-id", row["thing_name"])
    owner = ("--user-name", row["detail"].rsplit("; ")[-1]) if row["detail"] else ()  # the last name of its user
    return cli("iam", "update-access-key", *owner, "--access-key-id", row["thing_name"], "--status", "Inactive")


def _password(row: Row) -> str:
    """A command that takes a user's password away; root's own goes by a session that only deletes credentials."""
    if row["thing_name"] != ROOT_NAME:
        return cli("iam", "delete-login-profile", "--user-name", row["current_name"] or row["thing_name"])
    region = row["awsRegion"] or ""
    partition = next((one for one in ("aws-us-gov", "aws-cn") if region.startswith(one.removeprefix("aws-"))), "aws")
    policy = f"arn=arn:{partition}:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
    # It is only to be had at an endpoint of a Region.
    return _here(row, "sts", "assume-root", "--target-principal", row["account_id"], "--task-policy-arn", policy)


def _of_user(row: Row, *words: str) -> str:
    """A command of IAM on what belongs to a user; to root itself where none is named."""
    if row["detail"] == UNKNOWN_OWNER:
        return ""
    named = ("--user-name", row["owner"]) if row["owner"] else ()
    return cli("iam", words[0], *named, *words[1:])


def _closed(account: str) -> str:
    """A command for an account of which the ID is known."""
    return cli("organizations", "close-account", "--account-id", account) if _ACCOUNT.fullmatch(account) else ""


# Kind of thing, with its states if it is due in those alone; what to do, why, command; in the order in which to act.
BY_KIND: Final[tuple[tuple[str, str, str, Callable[[Row], str]], ...]] = (
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
        _password,
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
        "role/active,unknown",
        "Look at whom the role trusts before you take it away: a service may need it, the record's delivery among them",
        "a means in the hands of whoever sets that service going",
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
        "identity provider/changed",
        "Look at whom the provider vouches for now, and put the old metadata, keys and clients back",
        "it was there before: others sign in by it, and strangers may now",
        lambda row: (
            cli("iam", "get-saml-provider", "--saml-provider-arn", row["thing_name"])
            if ":saml-provider/" in row["thing_name"]
            else cli("iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", row["thing_name"])
        ),
    ),
    (
        "trust anchor",
        "Switch the trust anchor off",
        "certificates of strangers get credentials",
        lambda row: _here(row, "rolesanywhere", "disable-trust-anchor", "--trust-anchor-id", row["thing_name"]),
    ),
    (
        "account",
        "Look into the account, then close it",
        "abuse runs there outside the usual view, on the same bill",
        lambda row: _closed(row["current_name"] or row["thing_name"]),
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
        "instance/changed",
        "Look at the instance's attributes, and put the old ones back",
        "it was there before, and may cost more or serve the attacker now",
        lambda row: _here(row, "ec2", "describe-instances", "--instance-ids", row["thing_name"]),
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
        "Lambda function/changed",
        "Look at the function's code, configuration and policy, and put the old ones back",
        "it was there before, and may serve the attacker now",
        lambda row: _in_region(row, "lambda", "get-function", "--function-name", "NAME"),
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

#: Kinds of things that are only looked at where the catalogue does not know how to undo what was done to them.
LOOKED_AT: Final = frozenset(("bucket",))
#: Kinds of things that are ended only if root, or what came from it, made them: of others the change is undone.
ENDED_IF_MADE: Final = frozenset(
    ("console password", "identity provider", "instance", "Lambda function", "role", "user")
)
#: Kinds of things that have a step of their own whenever they are there.
TOLD_KINDS: Final = frozenset(kind for kind, *_ in BY_KIND if "/" not in kind) - LOOKED_AT
