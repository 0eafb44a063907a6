"""What is done about entities of each kind, in the order in which to act."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.containment.step import cli
from rootforensics.analysis.lineage.effects import ROOT_NAME, UNKNOWN_OWNER, UNKNOWN_REGION
from rootforensics.analysis.places import partition_of
from rootforensics.rules.entities import KINDS
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from rootforensics.queries import rows as of

_DENY_ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
_ACCOUNT: Final = re.compile(r"[0-9]{12}")

#: Kinds of entities that are only looked at where the catalogue does not know how to undo what was done to them.
LOOKED_AT: Final = frozenset(("bucket",))
#: Kinds of entities that are ended only if root, or what descends from it, made them: of others the change is undone.
ENDED_IF_MADE: Final = frozenset(one.name for one in KINDS if one.ends_if_made)


def is_told(kind: str) -> bool:
    """Whether entities of a kind have a step of their own whenever they are there."""
    return kind not in LOOKED_AT and any(one["kind"] == kind for one in measures("kind"))


def command_of(one: of.Measure, row: of.Owned) -> str:
    """The command of a step; empty where there is none.

    Args:
        one: what is done about entities of a kind, of ``containment.toml``.
        row: the entity.
    """
    if made := _OWN.get(one["kind"]):
        return made(row)
    name, told = row["entity_name"], one.get("command", "")
    if "of_saml" in one and ":saml-provider/" in name:
        told = one["of_saml"]
    if not told or ("OWNER" in told and row["detail"] == UNKNOWN_OWNER):
        return ""
    region, _, short = name.partition("/")
    stands_for = {
        "NAME": (name,),
        "CURRENT": (row["current_name"] or name,),
        "SHORT": (short,),
        "DENY": (_DENY_ALL,),
        "OWNER": ("--user-name", row["owner"]) if row.get("owner") else (),
        "HERE": ("--region", row["awsRegion"]) if row["awsRegion"] else (),
        "THERE": () if region == UNKNOWN_REGION else ("--region", region),
    }
    return cli(*(word for part in told.split() for word in stands_for.get(part, (part,))))


def _key(row: of.Owned) -> str:
    if row["detail"] == UNKNOWN_OWNER:  # the answer names the user
        return cli("iam", "get-access-key-last-used", "--access-key-id", row["entity_name"])
    owner = ("--user-name", row["detail"].rsplit("; ")[-1]) if row["detail"] else ()  # the last name of its user
    return cli("iam", "update-access-key", *owner, "--access-key-id", row["entity_name"], "--status", "Inactive")


def _password(row: of.Owned) -> str:
    """A command that takes a user's password away; root's own goes by a session that only deletes credentials."""
    if row["entity_name"] != ROOT_NAME:
        return cli("iam", "delete-login-profile", "--user-name", row["current_name"] or row["entity_name"])
    region = row["awsRegion"] or ""
    policy = f"arn=arn:{partition_of(region, row['actor_arn'])}:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
    # It is only to be had at an endpoint of a Region.
    where = ("--region", region) if region else ()
    return cli("sts", "assume-root", "--target-principal", row["account_id"], "--task-policy-arn", policy, *where)


def _account(row: of.Owned) -> str:
    """A command for an account of which the ID is known."""
    name = row["current_name"] or row["entity_name"]
    return cli("organizations", "close-account", "--account-id", name) if _ACCOUNT.fullmatch(name) else ""


_OWN: Final = {"access key": _key, "console password": _password, "account": _account}
