"""From where root may sign in: Sign-In's own policy of the account, and resource control policies above it.

Both are judged before a password is asked for. Source: AWS Sign-In User Guide, "Controlling console access with
resource-based policies and resource control policies" and "Condition keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import collapse_addresses, ip_network
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.exposure.conditions import comparisons, holds, listed
from rootforensics.analysis.exposure.policies import lowered
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.phrases import at, plural, some
from rootforensics.posture.above import is_management, policies
from rootforensics.posture.calls import ORGANIZATION, RESOURCE_POLICIES
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError
from rootforensics.posture.statements import statements_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.exposure.conditions import Comparison, Request
    from rootforensics.posture import shapes as of
    from rootforensics.posture.saved import Network, Reading
    from rootforensics.posture.statements import PolicyStatement

_AUTHENTICATE: Final = "signin:Authenticate"
_AFTER: Final = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
_CONFIGURED: Final = "signin:GetConsoleAuthorizationConfiguration"
#: Keys that a request has only if it comes through an endpoint of a VPC.
_OF_VPC: Final = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
#: Keys that a request has only after sign-in.
_LATER: Final = ("aws:principalarn", "aws:principalaccount", "aws:principalorgid")
#: Whether a service of AWS asks, which does not sign in.
_SERVICES: Final = ("aws:principalisawsservice", "aws:viaawsservice")
_ANY_VPC: Final = "any VPC endpoint"
_ASK: Final = "Name yours with --our-networks."


@dataclass(frozen=True, slots=True)
class Limit:
    """A statement that denies root to sign in.

    Attributes:
        by: whose it is, in words.
        binds: whether it applies to the account; None if that is unknown.
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
    """Root can sign in only from our networks."""
    if reading.sign_in_regions != SIGN_IN_REGIONS:
        return Judged("not_applicable", "AWS offers sign-in policies only in the commercial partition.")
    if not _is_on(reading):
        return Judged("info", "Console authorization is disabled, so no policy limits where root can sign in from.")
    denials = list(_denials(reading))
    limits = [
        limit for denial in denials if denial.names(_AUTHENTICATE) and (limit := _limit(_request(reading), denial))
    ]
    if not limits:
        is_after = any(one.names(action) for one in denials for action in _AFTER)
        after = " A policy limits the steps after the password, but not the sign-in itself." if is_after else ""
        return Judged(
            "warn",
            f"No policy limits where root can sign in from. Any policy exempts root or does not apply to it.{after}",
        )
    return _judged(limits, reading.ours)


def sessions(reading: Reading) -> Judged:
    """Root has no command-line session."""
    if reading.sign_in_regions != SIGN_IN_REGIONS:
        return Judged("not_applicable", "AWS lists sign-in sessions only in the commercial partition.")
    listed: list[of.Session] = reading.one("signin:ListSessions")
    times = [at(datetime.fromtimestamp(one.issuedAt, UTC)) for one in listed if _is_active(one)]
    if times:
        text = f"{plural(len(times), 'active root session')} from aws login, started at {some(sorted(times))}."
        return Judged("fail", text)
    # Whether a Region lists sessions of others is not documented.
    return Judged("info", "AWS lists no active root session from aws login. It does not list browser sessions.")


def _is_active(one: of.Session) -> bool:
    return one.principalArn.endswith(":root") and one.status != "REVOKED"


def _judged(limits: list[Limit], ours: tuple[Network, ...]) -> Judged:
    names = ", ".join(dict.fromkeys(one.by for one in limits))
    sure = [one for one in limits if one.binds and not one.doubts]
    allowed = _left(sure)
    vpcs = sorted({vpc for limit in sure for vpc in limit.vpcs}) if all(limit.vpcs for limit in sure) else []
    if not allowed and not vpcs:
        is_own = not _left(one for one in sure if one.by == _OWN)
        lifted = "no one can sign in to remove it" if is_own else "the management account can remove it"
        return Judged("fail" if is_own else "warn", f"{names} allows root to sign in from no network. Now {lifted}.")
    if ours and _without(ours, allowed) == _without(ours, ()):
        return Judged(
            "fail", f"{names} allows root to sign in only from {_where(allowed, vpcs)}. Your networks are locked out."
        )
    if lost := [one for one in limits if one not in sure]:
        why = f"depends on {', '.join(lost[0].doubts)}" if lost[0].doubts else "may not apply to the account"
        raise UnknownAnswerError(f"{lost[0].by} limits root sign-in, but {why}.")
    if not ours:
        where = _where(allowed, vpcs)
        raise UnknownAnswerError(
            f"{names} limits root sign-in to {where}. Whether these are your networks is unknown. {_ASK}"
        )
    if others := _where([one for one in allowed if _without((one,), ours)], vpcs):
        return Judged("warn", f"{names} allows root to sign in from your networks and also from {others}.")
    if shut := _without(ours, allowed):
        return Judged(
            "warn", f"{names} allows root to sign in only from your networks, but not from {_where(shut, ())}."
        )
    return Judged("pass", f"{names} allows root to sign in only from your networks.")


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
    return " and ".join(filter(None, (f"all networks except {named}" if is_most else named, some([*vpcs]))))


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
    settings = [reading.let(_CONFIGURED, target).maybe(_CONFIGURED, target) for target in targets]
    missing_count = len(reading.missing)
    if True not in settings and missing_count:
        raise UnknownAnswerError
    return True in settings


def _denials(reading: Reading) -> Iterator[PolicyStatement]:
    """The Deny statements of policies that apply or may apply to the account."""
    own = reading.one("signin:GetResourcePolicy")
    yield from statements_with("Deny", _OWN, own or {"Statement": []}, binds=True)
    if not is_management(reading):  # which resource control policies never bind
        for policy in policies(reading, RESOURCE_POLICIES):
            if policy.binds is not False:
                named = f"The resource control policy {policy.name}"
                yield from statements_with("Deny", named, policy.content, binds=policy.binds)


def _request(reading: Reading) -> Request:
    """What is known of a sign-in of root over the internet."""
    return {
        **dict.fromkeys((*_OF_VPC, *_LATER), (None,)),
        **dict.fromkeys(_SERVICES, ("false", None)),
        "signin:principalarn": (f"arn:aws:iam::{reading.account_id}:root",),
        "aws:resourceaccount": (reading.account_id,),
    }


def _limit(request: Request, denial: PolicyStatement) -> Limit | None:
    """How a statement limits the sign-in of root over the internet; None if it does not."""
    spared: list[Network] = []
    vpcs: list[str] = []
    doubts = [] if _is_of_all(denial.statement.get("principal")) else ["Principal"]
    doubts += [] if "*" in listed(denial.statement.get("resource")) else ["Resource"]
    for comparison in comparisons(denial.statement):
        is_other = "not" in comparison.operator
        if networks := _networks(comparison):
            spared += networks if is_other else _without(_ALL, networks)
            vpcs += (
                [_ANY_VPC] if comparison.operator == "ipaddress" else []
            )  # through which a request has no such address
            continue
        met = holds(comparison, request)
        if met is False:
            return None
        doubts += [comparison.key] if met is None else []
        if comparison.key in _OF_VPC:
            vpcs += comparison.values if is_other else [_ANY_VPC]
    return Limit(denial.policy, denial.binds, tuple(spared), tuple(vpcs), tuple(doubts))


def _networks(one: Comparison) -> tuple[Network, ...]:
    """The networks of a comparison; none if it is of something else."""
    if one.key != "aws:sourceip" or "ipaddress" not in one.operator or ":" in one.operator:
        return ()
    try:
        return tuple(ip_network(value, strict=False) for value in one.values)
    except ValueError:
        return ()


def _is_of_all(principal: object) -> bool:
    return "*" in listed(lowered(principal).get("aws") if isinstance(principal, dict) else principal)
