"""What to undo, in the order in which to act, each step with the AWS CLI command filled in from the evidence.

The commands are printed and never run. What comes first keeps the attacker out; what comes last stops the bill.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.blast.follow import UNKNOWN_REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.ground import Ground
    from rootforensics.analysis.verdict import Verdict

    Row = dict[str, Any]

_DENY_ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


@dataclass(frozen=True, slots=True)
class Step:
    """One step of containment.

    Attributes:
        what: what to do, in words.
        why: what it ends.
        command: for the AWS CLI, quoted for a POSIX shell; empty where there is none.
        account_id: where.
        event_id: the event that makes it needed.
    """

    what: str
    why: str
    command: str = ""
    account_id: str = ""
    event_id: str | None = None

    def as_row(self) -> Row:
        """The step as a row of a table."""
        return {
            "what": self.what,
            "why": self.why,
            "command": self.command,
            "account_id": self.account_id,
            "eventID": self.event_id,
        }


#: The AWS CLI puts the content of a file or page in the place of such a value.
_FETCHED: Final = re.compile(r"(file|fileb|https?)://")


def _cli(*words: str) -> str:
    """A command; empty where a name would not be taken as it is."""
    if any(map(_FETCHED.match, words)):
        return ""
    start = next((place for place, word in enumerate(words) if word.startswith("--")), len(words))
    told = list(words[:start])
    for option, value in zip(words[start::2], words[start + 1 :: 2], strict=True):
        # Apart from its option a value that begins like one would be taken for one.
        told += [f"{option}={value}"] if value.startswith("-") else [option, value]
    return " ".join(["aws", *map(shlex.quote, told)])


def _here(row: Row, *words: str) -> str:
    """A command in the Region of the event that shows the thing."""
    return _cli(*words, *(("--region", row["awsRegion"]) if row["awsRegion"] else ()))


def _in_region(row: Row, *words: str) -> str:
    """A command on a thing whose name stands behind its Region."""
    region, _, name = row["thing_name"].partition("/")
    where = () if region == UNKNOWN_REGION else ("--region", region)
    return _cli(*(name if word == "NAME" else word for word in words), *where)


def _key(row: Row) -> str:
    owner = ("--user-name", row["detail"].rsplit("; ")[-1]) if row["detail"] else ()  # the last name of its user
    return _cli("iam", "update-access-key", *owner, "--access-key-id", row["thing_name"], "--status", "Inactive")


# Kind of thing, what to do, why, command; in the order in which to act.
_BY_KIND: Final[tuple[tuple[str, str, str, Callable[[Row], str]], ...]] = (
    (
        "access key",
        "Switch the key off (one of root's own: as root, or by AssumeRoot)",
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
        lambda row: _cli("iam", "delete-login-profile", "--user-name", row["thing_name"]),
    ),
    (
        "user",
        "Deny the user everything, then look into it",
        "an identity of the attacker's",
        lambda row: _cli(
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
        lambda row: _cli(
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
        "identity provider",
        "Delete the identity provider",
        "strangers can sign in by it",
        lambda row: (
            _cli("iam", "delete-saml-provider", "--saml-provider-arn", row["thing_name"])
            if ":saml-provider/" in row["thing_name"]
            else _cli("iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn", row["thing_name"])
        ),
    ),
    (
        "trust anchor",
        "Switch the trust anchor off",
        "certificates of strangers get credentials",
        lambda row: _here(row, "rolesanywhere", "disable-trust-anchor", "--trust-anchor-id", row["thing_name"]),
    ),
    (
        "trail",
        "Start the trail again",
        "nothing is recorded meanwhile",
        lambda row: _here(row, "cloudtrail", "start-logging", "--name", row["thing_name"]),
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
        lambda row: _cli("s3api", "get-bucket-policy", "--bucket", row["thing_name"]),
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
        "KMS key",
        "Look at the key, and cancel its deletion",
        "what it encrypts would be lost",
        lambda row: _here(row, "kms", "cancel-key-deletion", "--key-id", row["thing_name"]),
    ),
    (
        "contact",
        "Put the contact back",
        "AWS's notices go to a stranger",
        lambda row: _cli("account", "get-alternate-contact", "--alternate-contact-type", row["thing_name"]),
    ),
)
#: Kinds that are switched off by the attacker: the step is to switch them on again.
_TO_RESTORE: Final = {"trail", "KMS key"}


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
        if said["ownership_changed"].answer == "yes":
            first = said["ownership_changed"].event_ids[:1]
            steps.insert(
                0,
                Step(
                    "Call AWS Support: the account's e-mail address or contacts were changed",
                    "recovery would reach the attacker",
                    account_id=here,
                    event_id=next(iter(first), None),
                ),
            )
        steps.append(
            Step(
                "Replace root's MFA: remove every device that you do not hold, then bind your own",
                "the attacker's device may be bound",
                account_id=here,
                event_id=next(iter(said["mfa_removed"].event_ids), None),
            )
        )
    # Of the lane of data, only what closes access is of no severity.
    closing = {row["eventID"] for row in ground.followed if row["lane"] == "data" and row["severity"] == "info"}
    for kind, what, why, command in _BY_KIND:
        steps += [
            Step(f"{what}: {kind} {row['thing_name']}", why, command(row), row["account_id"], row["eventID"])
            for row in ground.things
            if row["thing_kind"] == kind and _is_due(row) and not _only(row, closing)
        ]
    return steps


def _only(row: Row, event_ids: set[str | None]) -> bool:
    """True if nothing but these events reached a thing."""
    return bool(row["eventIDs"]) and event_ids.issuperset(row["eventIDs"])


def _is_due(row: Row) -> bool:
    """True for a thing that is there and on, or off where it should be on."""
    if row["thing_kind"] in _TO_RESTORE:
        return bool(row["state"] in ("disabled", "removed"))
    return bool(row["state"] not in ("disabled", "removed", "expired"))
