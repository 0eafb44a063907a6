"""What an event touched, by the names that its record gives."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from rootforensics.analysis.lineage.effects import ROOT_NAME
from rootforensics.phrases import short
from rootforensics.rules.wording import is_kind, kind_of_object

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
#: Kinds that are named by their account.
_OF_ACCOUNT: Final = ("coverage gap", "root e-mail address", "root password", "root user")
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


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

    Root, its e-mail address and its password are named by their account, because the record of a change need not
    contain them. So are a coverage gap and the membership in an organization.
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
    return kind, f"of account {shown}" if kind in _OF_ACCOUNT else shown


def _decoded(text: str | None) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
