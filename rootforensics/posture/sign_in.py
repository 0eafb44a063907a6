"""From where root may sign in: Sign-In's own policy of the account, and resource control policies above it.

Both are judged before a password is asked for. Source: AWS Sign-In User Guide, "Controlling console access with
resource-based policies and resource control policies" and "Condition keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import listed, lowered, statements_of
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.phrases import some
from rootforensics.posture.above import is_management, policies
from rootforensics.posture.calls import ORGANIZATION, RESOURCE_POLICIES
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError
from rootforensics.posture.statements import conditions, names_action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
_ASK: Final = "Give the networks from which you sign in with --our-networks."


@dataclass(frozen=True, slots=True)
class Limit:
    """A statement that denies root to sign in.

    Attributes:
        by: whose it is, in words.
        binds: whether it holds for the account; None if that is not known.
        spared: networks from which it denies nothing; None if it does not look at addresses.
        shut: networks from which alone it denies; None if it does not name any.
        vpcs: VPCs and endpoints of VPCs through which it denies nothing.
        doubts: what else it depends on.
    """

    by: str
    binds: bool | None
    spared: tuple[Network, ...] | None
    shut: tuple[Network, ...] | None
    vpcs: tuple[str, ...]
    doubts: tuple[str, ...]

    def lets(self, network: Network) -> bool:
        """Whether root can sign in from the whole of a network."""
        if self.spared is not None:
            return any(_within(network, one) for one in self.spared)
        return not any(network.version == one.version and network.overlaps(one) for one in self.shut or ())


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


def _judged(limits: list[Limit], ours: tuple[Network, ...]) -> Judged:
    who = ", ".join(dict.fromkeys(one.by for one in limits))
    sure = [one for one in limits if one.binds and not one.doubts]
    if whole := [one for one in sure if one.spared is None and one.shut is None and not one.vpcs]:
        own = [one for one in whole if one.by == _OWN]
        lifted = "nobody can sign in to lift it" if own else "the management account can lift it"
        return Judged("fail" if own else "warn", f"{(own or whole)[0].by} lets root sign in from nowhere: {lifted}.")
    by_address = [one for one in sure if one.spared is not None or one.shut is not None]
    if ours and (out := [one for one in by_address if not any(map(one.lets, ours))]):
        let = f"not from {_named(out[0].shut)}" if out[0].spared is None else f"from {_named(out[0].spared)} alone"
        return Judged("fail", f"{out[0].by} lets root sign in {let}: your networks are locked out.")
    if lost := [one for one in limits if one not in sure]:
        why = f"depends on {', '.join(lost[0].doubts)}" if lost[0].doubts else "may not bind the account"
        raise UnknownAnswerError(f"{lost[0].by} limits the sign-in of root, and {why}.")
    spared = [one for limit in limits for one in limit.spared or ()]
    vpcs = sorted({one for limit in limits for one in limit.vpcs})
    if not ours:
        where = " and ".join(filter(None, (_named(spared), some(vpcs)))) or "some networks"
        raise UnknownAnswerError(f"{who} limits the sign-in of root to {where}; whose these are is not known. {_ASK}")
    let_in = [one for one in spared if all(limit.lets(one) for limit in limits)]
    beside = [str(one) for one in let_in if not any(_within(one, network) for network in ours)] + vpcs
    if beside or not spared:
        return Judged("warn", f"{who} lets root sign in from {some(beside) or 'all other networks'} beside yours.")
    if shut := [one for one in ours if not all(limit.lets(one) for limit in limits)]:
        return Judged("warn", f"{who} lets root sign in from your networks alone, but not from {_named(shut)}.")
    return Judged("pass", f"{who} lets root sign in from your networks alone.")


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type] # of one version


def _named(networks: Iterable[Network] | None) -> str:
    return some(sorted({str(one) for one in networks or ()}))


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
    spared: tuple[Network, ...] | None = None
    shut: tuple[Network, ...] | None = None
    vpcs: list[str] = []
    doubts = [] if _is_of_all(statement.get("principal")) else ["Principal"]
    for operator, key, values in conditions(statement):
        networks = _networks(values)
        named = operator.removesuffix("ifexists")
        if key == "aws:sourceip" and networks is not None and named in ("ipaddress", "notipaddress"):
            spared, shut = (networks, shut) if named == "notipaddress" else (spared, networks)
            continue
        met = _is_met(reading.account_id, operator, key, values)
        if met is False:
            return None
        doubts += [key] if met is None else []
        vpcs += values if key in _OF_VPC and operator != "null" else []
    return Limit(whose, binds, spared, shut, tuple(vpcs), tuple(doubts))


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
