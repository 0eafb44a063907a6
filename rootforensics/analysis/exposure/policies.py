"""Who gets access by the policies of buckets, secrets, roles and the like: only a statement that allows grants any.

Source: AWS IAM User Guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys".
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.analysis.exposure.conditions import comparisons, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.exposure.conditions import Object

Exposes = Literal["", "perhaps", "yes"]
Trusts = Literal["others", "account", "unknown", "services"]

#: The account of a principal or of a value of a condition: the whole of it, or the fifth part of an ARN.
_OWNER: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):.*|(\d{12})", re.DOTALL)
#: Operators that hold only for the values they name; a key that is absent does not meet them, but for IfExists.
_NAMING: Final = re.compile(r"(?:foranyvalue:)?(?:string|arn)(?:equals|like)(?:ignorecase)?")
#: Services that hand a role on to whoever holds a certificate, or the code of an activation.
_LENDING: Final = ("credentials.iot.amazonaws.com", "rolesanywhere.amazonaws.com", "ssm.amazonaws.com")
#: How texts begin that stand for AWS's services, and for what a policy denies.
_SERVICE: Final = "service "
DENIED: Final = "deny "
#: What lets somebody bring something and take nothing away.
BRINGING: Final = ("events:putevents", "s3:putobject", "sns:publish", "sqs:sendmessage")
#: What a request says of the account it comes from, and what it says of an organization, of which nobody knows whose.
_OF_ACCOUNTS: Final = (
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:principalarn",
    "aws:sourcearn",
    "kms:calleraccount",
)
_OF_ORGANIZATIONS: Final = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths")


def policy_exposes(
    written: Any,  # noqa: ANN401 - any JSON
    own_account: str | None,
    harmless: tuple[str, ...] = BRINGING,
) -> Exposes:
    """What a policy gives to strangers: nothing (empty), all that it speaks of, or perhaps that, if nobody can tell.

    Args:
        written: the policy, or the text of it.
        own_account: the account whose entity it is the policy of.
        harmless: actions in small letters, ``*`` for any letters, that may be given to anybody.
    """
    statements = statements_of(written)
    told = [statement for statement in statements if not _is_harmless(statement, harmless)]
    return most_severe(_given(one, own_account) for one in told) if statements else "perhaps"


def whom_trusts(written: Any, own_account: str | None) -> Trusts:  # noqa: ANN401 - any JSON
    """Whom a role's trust policy lets take it on, whatever it asks of them beside.

    Args:
        written: the policy, or the text of it.
        own_account: the account of the role.

    Returns:
        ``others`` for other accounts, anybody or the users of a directory; else ``unknown`` if nobody can tell, or a
        service hands it on; else ``account`` for its own; ``services`` for AWS services alone, or nobody.
    """
    statements = statements_of(written)
    let_in = most_severe(_let_in(statement, own_account) for statement in statements) if statements else "perhaps"
    whom = [one["principal"] for one in statements if isinstance(one.get("principal"), dict)]
    lent = any(name in _LENDING for one in whom for name in listed(lowered(one).get("service")))
    if let_in or lent:
        return "others" if let_in == "yes" else "unknown"
    return "account" if any(_let_in(one, None) for one in statements) else "services"


def allowed_to(written: Any, own_account: str | None) -> set[str]:  # noqa: ANN401 - any JSON
    """Whom a policy allows something, each as a text of its own, and what it denies.

    ``*`` is anybody. Another account is all in it, as its number; the own account is whom its own policies let act. An
    empty text is whoever has the policy: it names nobody.
    """
    names: set[str] = set()
    for statement in statements_of(written):
        if str(statement.get("effect")).lower() == "deny":
            names.add(f"{DENIED}{json.dumps(statement, sort_keys=True)}")
        elif "principal" not in statement and "notprincipal" not in statement:
            names.add("")
        elif own_account and _let_in(statement, own_account) == "yes" and not _given(statement, own_account):
            names.add(own_account)
        else:
            principal = statement.get("principal")
            named = lowered(principal) if isinstance(principal, dict) else {"": "*"}
            names.update(_name(kind, name, own_account) for kind, value in named.items() for name in listed(value))
    return names


def _name(kind: str, named: str, own_account: str | None) -> str:
    owner = _owner_of(named) if kind == "aws" else ""
    if kind == "service":
        return f"{_SERVICE}{named.lower()}"
    return owner if owner and (owner != own_account or named.endswith((owner, ":root"))) else named


def still_allows(old: set[str], new: set[str], own_account: str, *, is_trust: bool) -> bool:
    """Whether a policy that replaced another one still allows something to those it allowed, or denies the same.

    Args:
        old: as ``allowed_to`` gives it.
        new: likewise.
        own_account: which names nobody from elsewhere; neither do AWS's services that act for their customers alone.
        is_trust: True for the trust policy of a role, which lets in whoever its own account allows to take it on.
    """
    lending = {f"{_SERVICE}{name}" for name in _LENDING}
    denied = {name for name in old | new if name.startswith(DENIED)}
    usual = {name for name in old | new if name.startswith(_SERVICE)} - lending | denied | {own_account}
    let_in = old - (usual - {own_account} if is_trust else usual) or old & denied or old
    if let_in & new or ("*" in new and let_in - denied):
        return True
    if is_trust and own_account in new and any(_owner_of(name) == own_account for name in let_in):
        return True
    others = {name for name in new - usual if _owner_of(name) != own_account}
    return "*" in let_in and bool(others)


def denies_something(request: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a policy in a request, or in the text of one, has a Deny statement."""
    asked = unpacked(request)
    written = asked.values() if isinstance(asked, dict) else ()
    return any(str(one.get("effect")).lower() == "deny" for value in written for one in statements_of(value))


def denies_all(written: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a policy, or the text of it, denies everything under all circumstances."""
    return any(
        str(one.get("effect")).lower() == "deny"
        and "*" in listed(one.get("action"))
        and "*" in listed(one.get("resource"))
        and not one.get("condition")
        for one in statements_of(written)
    )


def statements_of(written: Any) -> list[Object]:  # noqa: ANN401 - any JSON
    """The statements of a policy, with names in small letters: IAM minds no case in them."""
    policy = unpacked(written)
    told = lowered(policy).get("statement") if isinstance(policy, dict) else None
    return [lowered(one) for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]


def lowered(held: Object) -> Object:
    """An object with its names in small letters."""
    return {name.lower(): value for name, value in held.items()}


def most_severe(told: Iterable[Exposes]) -> Exposes:
    """What several grants give together."""
    found = set(told)
    return "yes" if "yes" in found else "perhaps" if "perhaps" in found else ""


def unpacked(value: Any) -> Any:  # noqa: ANN401 - what a text of JSON may hold
    """A value, or what the text holds that it is; None for a text that cannot be read."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _let_in(statement: Object, own_account: str | None) -> Exposes:
    """Whether a statement speaks for somebody outside of the account, under whatever conditions."""
    effect = str(statement.get("effect")).lower()
    if effect == "deny":
        return ""
    let_in = "yes" if "notprincipal" in statement else _strangers(statement.get("principal"), own_account)
    return let_in if effect == "allow" or not let_in else "perhaps"


def _is_harmless(statement: Object, harmless: tuple[str, ...]) -> bool:
    """Whether a statement speaks of such actions alone."""
    named = listed(statement.get("action"))
    return bool(named) and all(any(fnmatchcase(one.lower(), like) for like in harmless) for one in named)


def _given(statement: Object, own_account: str | None) -> Exposes:
    """Whether a statement gives somebody outside of the account something."""
    let_in = _let_in(statement, own_account)
    return limited(statement.get("condition"), own_account) if let_in == "yes" else let_in


def stranger(named: str, own_account: str | None) -> Exposes:
    """Whether a principal is of another account, which its number or an ARN tells; perhaps where neither does.

    Args:
        named: an account, an ARN, or ``*``.
        own_account: the account that gives it something, if it is known.
    """
    if named == "*":
        return "yes"
    owner = _owner_of(named)
    return "perhaps" if not owner or not own_account else "" if owner == own_account else "yes"


def _owner_of(named: str) -> str:
    """The account that a principal or a value of a condition names; empty if it names none."""
    found = _OWNER.fullmatch(named)
    return (found[1] or found[2]) if found else ""


def _strangers(principal: Any, own_account: str | None) -> Exposes:  # noqa: ANN401 - any JSON
    """Whether principals are of other accounts; AWS's services are none, of an ID alone the owner is not known."""
    if not isinstance(principal, dict):
        return "yes" if principal == "*" else "perhaps"
    told: list[Exposes] = []
    for kind, named in lowered(principal).items():
        for one in listed(named):
            if kind == "service":
                told.append("")
            else:
                told.append(
                    "yes" if kind == "federated" else stranger(one if kind == "aws" or one == "*" else "", own_account)
                )
    return most_severe(told or ["perhaps"])


def limited(condition: Any, own_account: str | None) -> Exposes:  # noqa: ANN401 - any JSON
    """What is left of what is given to strangers: nothing if a condition keeps it in the account."""
    left: Exposes = "yes"
    for operator, key, values in comparisons({"condition": condition or {}}):
        if not values or not _NAMING.fullmatch(operator):
            continue
        accounts = {_owner_of(value) or ("${" if "${" in value else "") for value in values}
        if key in _OF_ACCOUNTS and accounts == {own_account}:
            return ""
        is_organized = key in _OF_ORGANIZATIONS and not any(set(one) <= {"*", "o", "-"} for one in values)
        if is_organized or (key in _OF_ACCOUNTS and accounts <= {own_account, "${"}):
            left = "perhaps"
    return left
