"""What an event touched and who gained from it, by the names that its record gives."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import DENIED, allowed_to, policy_exposes
from rootforensics.analysis.lineage.effects import ROOT_NAME
from rootforensics.phrases import short, some
from rootforensics.rules.wording import is_kind, kind_of_object

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where a request names its object, by the noun of the act. The first name that is there counts.
_NAMED_AT: Final[dict[str, tuple[str, ...]]] = {
    "access key": ("accessKeyId",),
    "account": ("accountId", "target.id", "targetPrincipal"),
    "alarm": ("alarmNames", "alarmName"),
    "bucket": ("bucketName", "bucket"),
    "console password": ("userName",),
    "database": ("dBInstanceIdentifier", "dBClusterIdentifier"),
    "detector": ("detectorId",),
    "event rule": ("name", "rule"),
    "function": ("functionName",),
    "key": ("keyId",),
    "log group": ("logGroupName",),
    "machine image": ("imageId",),
    "metric filter": ("filterName",),
    "model": ("modelId",),
    "object": ("key",),
    "parameter": ("name", "names"),
    "Region": ("regionName", "RegionName"),
    "repository": ("repositoryName",),
    "role": ("roleName", "roleArn"),
    "secret": ("secretId", "SecretId"),
    "security group": ("groupId", "groupName"),
    "snapshot": ("snapshotId", "dBSnapshotIdentifier", "dBClusterSnapshotIdentifier"),
    "table": ("tableName",),
    "trail": ("name",),
    "user": ("userName",),
}
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_NETWORK: Final = re.compile(r"[0-9.]+/\d+|[0-9A-Fa-f:]+/\d+")
_EVERYBODY: Final = re.compile(
    r"\*|(?i:all)|0\.0\.0\.0/0|::/0|.*/(AllUsers|AuthenticatedUsers)|public-read(-write)?|authenticated-read"
)
#: Keys of requests, in small letters, under which stands who gains. Of a policy only its principals gain.
_WHO: Final = frozenset({
    "accountids", "accountidstoadd", "acl", "awsaccountid", "awsaccountids", "cannedacl", "cidrip", "cidripv6",
    "grantee", "granteeprincipal", "group", "principal", "principals", "targetaccount", "userid", "userids",
    "valuestoadd", "x-amz-acl",
})  # fmt: skip
_PUBLIC: Final = "everyone"
#: Receiver of a policy that allows everyone something under conditions.
_LIMITED: Final = "everyone who meets its conditions"
_NAMED: Final = 3


def object_of(act: str, request: str | None) -> tuple[tuple[str, str], ...]:
    """What a request names of the kind that an act speaks of: kind and name of each.

    Args:
        act: of the catalogue.
        request: ``requestParameters``, as JSON.
    """
    noun = kind_of_object(act)
    paths = next((paths for kind, paths in _NAMED_AT.items() if is_kind(noun, kind)), ())
    asked = _decoded(request)
    named = next(filter(None, (_value_at(asked, path) for path in paths)), ())
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    names = [name for name in names if isinstance(name, str)]
    if is_kind(noun, "object") and (bucket := _value_at(asked, "bucketName")):
        names = [f"{bucket}/{name}" for name in names]  # a key is unique in its bucket only
    if is_kind(noun, "account"):
        names = [match[0] if (match := _ACCOUNT.search(name)) else name for name in names]
    return tuple(object_named(noun, name) for name in names)


def _value_at(asked: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    for key in path.split("."):
        asked = asked.get(key) if isinstance(asked, dict) else None
    return asked


def object_named(kind: str, name: str) -> tuple[str, str]:
    """Kind and name as sentences have them: an ARN by its last part, a console password by its user.

    Root's e-mail address and password are named by their account, because the record of a change need not contain
    them. So is the membership in an organization.
    """
    if name.startswith("arn:"):
        path = name.rpartition(":")[2]
        name = path if path.startswith("/") else path.rpartition("/")[2]  # a log group's name begins with a slash
    shown = short(name)
    if kind == "console password":
        return kind, "of root" if name == ROOT_NAME else f"of user {shown}"
    if kind == "organization" and _ACCOUNT.fullmatch(name):
        return "organization membership", f"of account {shown}"
    if kind == "account" and name.startswith("car-"):
        return "account request", shown
    return kind, f"of account {shown}" if kind in ("root e-mail address", "root password") else shown


def receiver_of(request: str | None, account_id: str | None) -> str:
    """Who gets access, as ``account 999988887777`` or ``everyone``; empty if the request names nobody from elsewhere.

    Args:
        request: ``requestParameters``, as JSON.
        account_id: the account itself, which is no receiver.
    """
    return " and ".join(some(names, _NAMED) for names in receivers_of(request, account_id))


def receivers_of(request: str | None, account_id: str | None) -> list[list[str]]:
    """Who gets access: accounts, networks, everyone under conditions, each a group; arguments as ``receiver_of``."""
    texts = list(_receivers(_decoded(request), account_id))
    accounts = dict.fromkeys(one for text in texts for one in _ACCOUNT.findall(text) if one != account_id)
    groups = [[f"account {account}" for account in accounts]]
    if any(map(_EVERYBODY.fullmatch, texts)):
        groups.append([_PUBLIC])
    else:
        networks = dict.fromkeys(text for text in texts if _NETWORK.fullmatch(text))
        groups += [[*networks], [_LIMITED] * (_LIMITED in texts)]
    return [*filter(None, groups)]


def _decoded(text: str | None) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _receivers(value: Any, account_id: str | None, *, is_who: bool = False) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """The texts of a request that say who gains; policies that are texts are read, too."""
    if isinstance(value, dict):
        if "statement" in {str(key).lower() for key in value}:
            names = {name for name in allowed_to(value, account_id) if not name.startswith(DENIED)}
            is_limited = "*" in names and policy_exposes(value, account_id, ()) != "yes"
            yield from (names - {"*"}) | {_LIMITED} if is_limited else names
            return
        for key, part in value.items():
            if str(key).lower() != "remove":
                yield from _receivers(part, account_id, is_who=is_who or str(key).lower() in _WHO)
    elif isinstance(value, list):
        for part in value:
            yield from _receivers(part, account_id, is_who=is_who)
    elif isinstance(value, str):
        inner = _decoded(value) if value.lstrip().startswith(("{", "[")) else None
        if isinstance(inner, dict | list):
            yield from _receivers(inner, account_id, is_who=is_who)
        elif is_who:
            yield value
