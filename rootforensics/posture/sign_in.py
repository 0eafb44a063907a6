"""From where root may sign in: Sign-In's own policy of the account, and resource control policies above it.

Both are judged before a password is asked for. Source: AWS Sign-In User Guide, "Controlling console access with
resource-based policies and resource control policies" and "Condition keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from ipaddress import collapse_addresses, ip_network
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import listed, lowered, statements_of
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.phrases import at, plural, some
from rootforensics.posture.above import is_management, policies
from rootforensics.posture.calls import ORGANIZATION, RESOURCE_POLICIES
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError
from rootforensics.posture.statements import conditions, names_action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.posture import shapes as of
    from rootforensics.posture.saved import Network, Reading

_AUTHENTICATE: Final = "signin:Authenticate"
_AFTER: Final = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
_CONFIGURED: Final = "signin:GetConsoleAuthorizationConfiguration"
#: Keys that a request has only if it comes through an endpoint of a VPC.
_OF_VPC: Final = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
#: Keys that nobody has before he has signed in.
_LATER: Final = ("aws:principalarn", "aws:principalaccount", "aws:principalorgid")
#: Whether a service of AWS asks, which does not sign in.
_SERVICES: Final = ("aws:principalisawsservice", "aws:viaawsservice")
_ANY_VPC: Final = "any endpoint of a VPC"
_ASK: Final = "Give the networks from which you sign in with --our-networks."


@dataclass(frozen=True, slots=True)
class Limit:
    """A statement that denies root to sign in.

    Attributes:
        by: whose it is, in words.
        binds: whether it holds for the account; None if that is not known.
        spared: networks from which it denies nothing.
        vpcs: VPCs and endpoints of VPCs through which it denies nothing.
        doubts: what else it depends on.
    """

    by: str
    binds: bool | None
    spared: tuple[Network, ...]
    vpcs: tuple[str, ...]
    doubts: tuple[str, ...]


def sign_in_network(reading: Reading) -> Judged:
    """Root can sign in from our networks, and from no other."""
    if reading.sign_in_regions != SIGN_IN_REGIONS:
        return Judged("not_applicable", "AWS has policies for sign-in in the commercial partition alone.")
    if not _is_on(reading):
        return Judged(
            "info", "Console authorization is off, so no policy limits the networks from which root can sign in."
        )
    told = list(_statements(reading))
    limits = [one for whose, binds, statement in told if (one := _limit(reading, whose, binds, statement))]
    if not limits:
        names = any(_denies(one, _AFTER) for _, _, one in told)
        after = " A policy limits what comes after the password, and not the sign-in." if names else ""
        return Judged("warn", f"Policies limit sign-in, and exempt the root user, or do not concern it.{after}")
    return _judged(limits, reading.ours)


def sessions(reading: Reading) -> Judged:
    """Root has no session on a command line."""
    if reading.sign_in_regions != SIGN_IN_REGIONS:
        return Judged("not_applicable", "AWS lists sessions of sign-in in the commercial partition alone.")
    found: list[of.Session] = reading.one("signin:ListSessions")
    begun = [at(datetime.fromtimestamp(one.issuedAt, UTC)) for one in found if _is_active(one)]
    if begun:
        told = f"{plural(len(begun), 'session')} of root by aws login, active, begun at {some(sorted(begun))}."
        return Judged("fail", told)
    # Whether a Region lists sessions of others is not documented.
    return Judged("info", "AWS lists no active session of root by aws login; of browsers it lists none.")


def _is_active(one: of.Session) -> bool:
    return one.principalArn.endswith(":root") and one.status != "REVOKED"


def _judged(limits: list[Limit], ours: tuple[Network, ...]) -> Judged:
    who = ", ".join(dict.fromkeys(one.by for one in limits))
    sure = [one for one in limits if one.binds and not one.doubts]
    left = _left(sure)
    vpcs = sorted({one for limit in sure for one in limit.vpcs}) if all(limit.vpcs for limit in sure) else []
    if not left and not vpcs:
        is_own = not _left(one for one in sure if one.by == _OWN)
        lifted = "nobody can sign in to lift it" if is_own else "the management account can lift it"
        return Judged("fail" if is_own else "warn", f"{who} lets root sign in from nowhere: {lifted}.")
    if ours and _without(ours, left) == _without(ours, ()):
        return Judged("fail", f"{who} lets root sign in only from {_where(left, vpcs)}: your networks are locked out.")
    if lost := [one for one in limits if one not in sure]:
        why = f"depends on {', '.join(lost[0].doubts)}" if lost[0].doubts else "may not bind the account"
        raise UnknownAnswerError(f"{lost[0].by} limits the sign-in of root, and {why}.")
    if not ours:
        where = _where(left, vpcs)
        raise UnknownAnswerError(f"{who} limits the sign-in of root to {where}; whose these are is not known. {_ASK}")
    if beside := _where([one for one in left if _without((one,), ours)], vpcs):
        return Judged("warn", f"{who} lets root sign in from {beside} beside yours.")
    if shut := _without(ours, left):
        return Judged("warn", f"{who} lets root sign in from your networks alone, but not from {_where(shut, ())}.")
    return Judged("pass", f"{who} lets root sign in from your networks alone.")


def _left(limits: Iterable[Limit]) -> list[Network]:
    """The networks from which no statement denies."""
    return _without(_ALL, [one for limit in limits for one in _without(_ALL, limit.spared)])


def _without(networks: Iterable[Network], taken: Iterable[Network]) -> list[Network]:
    """What is left of networks, as few as can be."""
    left = list(networks)
    for other in taken:
        left = [part for one in left for part in _cut(one, other)]
    return [one for version in (4, 6) for one in collapse_addresses(part for part in left if part.version == version)]  # type: ignore[type-var] # of one version


def _cut(one: Network, other: Network) -> Iterable[Network]:
    if one.version != other.version or not one.overlaps(other):
        return (one,)
    return one.address_exclude(other) if other.prefixlen > one.prefixlen else ()  # type: ignore[arg-type] # of one version


def _where(networks: list[Network], vpcs: Iterable[str]) -> str:
    """Networks, by those that are not among them if these are fewer, and VPCs."""
    others = _without(_ALL, networks)
    is_most = len(others) < len(networks)
    named = some([str(one) for one in (others if is_most else networks)])
    return " and ".join(filter(None, (f"all networks but {named}" if is_most else named, some([*vpcs]))))


_ALL: Final[tuple[Network, ...]] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_OWN: Final = "The sign-in policy of the account"


def _is_on(reading: Reading) -> bool:
    """Whether Sign-In judges policies at all: switched on for the account, or for its organization.

    Raises:
        UnknownAnswerError: neither is known to be on, and one of them could not be read.
    """
    targets = [reading.account_id]
    organization = reading.one(ORGANIZATION)
    targets += [organization.Id] if organization else []
    found = [reading.let(_CONFIGURED, one).maybe(_CONFIGURED, one) for one in targets]
    lacking = len(reading.missing)
    if True not in found and lacking:
        raise UnknownAnswerError
    return True in found


def _statements(reading: Reading) -> Iterator[tuple[str, bool | None, dict[str, Any]]]:
    """Statements with whose they are, and whether they hold for the account."""
    for one in statements_of(reading.one("signin:GetResourcePolicy") or {}):
        yield _OWN, True, one
    if not is_management(reading):  # which resource control policies never bind
        for policy in policies(reading, RESOURCE_POLICIES):
            for one in statements_of(policy.content) if policy.binds is not False else ():
                yield f"The resource control policy {policy.name}", policy.binds, one


def _denies(statement: dict[str, Any], actions: Iterable[str]) -> bool:
    return str(statement.get("effect")).lower() == "deny" and any(names_action(statement, one) for one in actions)


def _limit(reading: Reading, whose: str, binds: bool | None, statement: dict[str, Any]) -> Limit | None:
    """How a statement limits the sign-in of root over the internet; None if it does not."""
    if not _denies(statement, (_AUTHENTICATE,)):
        return None
    spared: list[Network] = []
    vpcs: list[str] = []
    doubts = [] if _is_of_all(statement.get("principal")) else ["Principal"]
    doubts += [] if "*" in listed(statement.get("resource")) else ["Resource"]
    for operator, key, values in conditions(statement):
        networks = _networks(values)
        named = operator.removesuffix("ifexists")
        if key == "aws:sourceip" and networks is not None and named in ("ipaddress", "notipaddress"):
            spared += networks if named == "notipaddress" else _without(_ALL, networks)
            vpcs += [_ANY_VPC] if operator == "ipaddress" else []  # through which a request has no such address
            continue
        met = _is_met(reading.account_id, operator, key, values)
        if met is False:
            return None
        doubts += [key] if met is None else []
        vpcs += ([_ANY_VPC] if operator == "null" else values) if key in _OF_VPC else []
    return Limit(whose, binds, tuple(spared), tuple(vpcs), tuple(doubts))


def _is_met(account_id: str, operator: str, key: str, values: list[str]) -> bool | None:
    """Whether a condition holds for root that comes over the internet; None if nobody can tell."""
    is_not = "not" in operator
    if key in (*_OF_VPC, *_LATER):  # which the request lacks
        return values == ["true"] if operator == "null" else is_not or operator.endswith("ifexists")
    if key in _SERVICES and operator.startswith("bool"):
        return [one.lower() for one in values] == ["false"]
    told = {"signin:principalarn": f"arn:aws:iam::{account_id}:root", "aws:resourceaccount": account_id}.get(key)
    if told is None or not operator.startswith(("arn", "string")):
        return None
    is_literal = operator.startswith(("stringequals", "stringnotequals"))
    return (told in values if is_literal else any(fnmatchcase(told, one) for one in values)) != is_not


def _networks(values: list[str]) -> tuple[Network, ...] | None:
    try:
        return tuple(ip_network(one, strict=False) for one in values)
    except ValueError:
        return None


def _is_of_all(principal: object) -> bool:
    return "*" in listed(lowered(principal).get("aws") if isinstance(principal, dict) else principal)
