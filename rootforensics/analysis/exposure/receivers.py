"""Who gained access from a call, by the names in its request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import DENIED, allowed_to, policy_exposes, unpacked
from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def receiver_of(request: str | None, account_id: str | None) -> str:
    """Who gets access, as ``account 999988887777`` or ``everyone``; empty if the request names nobody from elsewhere.

    Args:
        request: ``requestParameters``, as JSON.
        account_id: the account itself, which is no receiver.
    """
    return " and ".join(some(names, _NAMED) for names in receivers_of(request, account_id))


def receivers_of(request: str | None, account_id: str | None) -> list[list[str]]:
    """Who gets access: accounts, networks, everyone under conditions, each a group; arguments as ``receiver_of``."""
    texts = list(_receivers(unpacked(request), account_id))
    accounts = dict.fromkeys(one for text in texts for one in _ACCOUNT.findall(text) if one != account_id)
    groups = [[f"account {account}" for account in accounts]]
    if any(map(_EVERYBODY.fullmatch, texts)):
        groups.append([_PUBLIC])
    else:
        networks = dict.fromkeys(text for text in texts if _NETWORK.fullmatch(text))
        groups += [[*networks], [_LIMITED] * (_LIMITED in texts)]
    return [*filter(None, groups)]


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
        inner = unpacked(value) if value.lstrip().startswith(("{", "[")) else None
        if isinstance(inner, dict | list):
            yield from _receivers(inner, account_id, is_who=is_who)
        elif is_who:
            yield value
