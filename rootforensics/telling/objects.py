"""What an event touched and who gained from it, by the names that its record gives."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.phrases import short, some
from rootforensics.rules.wording import is_kind, kind_of_object

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where a request names what is only read or used, by the noun of the act: such objects are no entities that are
#: followed. The first name that is there counts.
_NAMED_AT: Final[dict[str, tuple[str, ...]]] = {
    "access key": ("accessKeyId",),
    "bucket": ("bucketName", "bucket"),
    "database": ("dBInstanceIdentifier", "dBClusterIdentifier"),
    "function": ("functionName",),
    "key": ("keyId",),
    "model": ("modelId",),
    "object": ("key",),
    "parameter": ("name", "names"),
    "Region": ("regionName", "RegionName"),
    "repository": ("repositoryName",),
    "role": ("roleName", "roleArn"),
    "secret": ("secretId", "SecretId"),
    "snapshot": ("snapshotId", "dBSnapshotIdentifier"),
    "table": ("tableName",),
    "trail": ("name",),
    "user": ("userName",),
}
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
#: Everybody, as requests name them.
_EVERYBODY: Final = re.compile(r"0\.0\.0\.0/0|::/0|.*/(AllUsers|AuthenticatedUsers)")
#: Keys under which a star or ``all`` means everybody.
_WHO: Final = ("principal", "aws", "group", "attributevalue", "valuestoadd", "principals")
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
    named = next((asked[path] for path in paths if isinstance(asked, dict) and asked.get(path)), ())
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    return tuple((noun, short(name)) for name in names if isinstance(name, str))


def receiver_of(request: str | None, account_id: str | None) -> str:
    """Whom a request lets in, as ``account 999988887777`` or ``everybody``; empty if it names nobody.

    Args:
        request: ``requestParameters``, as JSON; statements of policies that deny count for nothing.
        account_id: the account itself, which is no receiver.
    """
    accounts: dict[str, None] = {}
    is_open = False
    for key, text in _texts(_decoded(request)):
        is_open |= bool(_EVERYBODY.fullmatch(text)) or (key in _WHO and text.lower() in ("*", "all"))
        accounts.update(dict.fromkeys(one for one in _ACCOUNT.findall(text) if one != account_id))
    named = [f"account {account}" for account in accounts]
    return " and ".join(filter(None, (some(named, _NAMED), "everybody" if is_open else "")))


def _decoded(text: str | None) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Every text in a request with the key it stands under, in small letters; policies that are texts are read, too."""
    if isinstance(value, dict):
        names = {str(name).lower(): name for name in value}
        if "effect" in names and str(value[names["effect"]]).lower() == "deny":
            return
        for name, part in value.items():
            yield from _texts(part, str(name).lower())
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, key)
    elif isinstance(value, str):
        inner = _decoded(value) if value.lstrip().startswith(("{", "[")) else None
        if isinstance(inner, dict | list):
            yield from _texts(inner, key)
        else:
            yield key, value
