"""Controls on the account and its organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.phrases import plural, some
from rootforensics.posture.calls import MEMBERS
from rootforensics.posture.denials import denials_of
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.exposure.policies import Exposes
    from rootforensics.posture import shapes as of
    from rootforensics.posture.denials import Denial
    from rootforensics.posture.saved import Reading

_CONTACT: Final = "account:GetAlternateContact"
_FEATURES: Final = {"RootCredentialsManagement", "RootSessions"}


def security_contact(reading: Reading) -> Judged:
    """There is a security contact."""
    if reading.one(_CONTACT, "SECURITY") is None:
        return Judged("fail", "The account has no security contact: AWS writes to the primary e-mail address alone.")
    return Judged("pass", "The account has a security contact. Check that it is read, and is still yours.")


def other_contacts(reading: Reading) -> Judged:
    """There are contacts for billing and operations."""
    lacking = [kind.lower() for kind in ("BILLING", "OPERATIONS") if reading.one(_CONTACT, kind) is None]
    if lacking:
        return Judged("warn", f"The account has no contact for {' and '.join(lacking)}.")
    return Judged("pass", "The account has contacts for billing and operations.")


def state(reading: Reading) -> Judged:
    """The account is active."""
    listed_as = (member.State or member.Status) if (member := _member(reading)) else ""
    found = listed_as if listed_as not in ("", "ACTIVE") else reading.needed("account:GetAccountInformation")
    return Judged("pass" if found == "ACTIVE" else "fail", f"The account is {found}.")


def organization(reading: Reading) -> Judged:
    """The account is in an organization with all features."""
    found = reading.one("organizations:DescribeOrganization")
    if found is None:
        return Judged("fail", "The account is in no organization, so no policy can limit its root user.")
    if found.FeatureSet != "ALL":
        return Judged("warn", "The organization has no features but consolidated billing, so no policy can limit root.")
    if not reading.account_id:
        raise UnknownAnswerError(
            "The account is in an organization; whether it is the management account is not known."
        )
    role = "the management account; no policy limits its root user" if _is_management(reading) else "a member account"
    return Judged("pass", f"The account is in an organization with all features, as {role}.")


def central_root_access(reading: Reading) -> Judged:
    """Root credentials of members are managed centrally."""
    found = reading.one("iam:ListOrganizationsFeatures") or ()
    if lacking := _FEATURES - set(found):
        return Judged("fail", f"Central root access lacks {' and '.join(sorted(lacking))}.")
    return Judged("pass", "Central root access is on. That removes no credentials: members may still have theirs.")


def delegated_administrators(reading: Reading) -> Judged:
    """Which accounts administer services for the organization."""
    found = reading.needed("organizations:ListDelegatedAdministrators")
    named = ", ".join(str(one.get("Id")) for one in found) or "none"
    return Judged("info", f"Delegated administrators: {named}. Check that each is expected.")


def recovery_from_above(reading: Reading) -> Judged:
    """A service control policy that denies root spares sessions of AssumeRoot."""
    denying = [one for one in _denials(reading) if one.binds is not False and one.tasks]
    told = [(one, _denies(reading, one, assumed=True)) for one in denying]
    locking = [one for one, how in told if how == "yes"]
    if sure := [one for one in locking if one.binds or _is_management(reading)]:
        tasks = some(list(dict.fromkeys(task for one in sure for task in one.tasks)), 3)
        return Judged(
            "fail",
            f"{', '.join(sorted({one.policy for one in sure}))} denies root {tasks} and does not spare AssumeRoot. "
            "Where it is attached, the management account cannot do that for root.",
        )
    if locking:
        raise UnknownAnswerError(f"Whether {locking[0].policy}, which does not spare AssumeRoot, binds is not known.")
    if limited := [one for one, how in told if how]:
        return Judged("warn", f"{_limits(limited)}: whether it hinders AssumeRoot depends on the request.")
    sparing = {one.policy for one in denying if _denies(reading, one)}
    if not sparing:
        return Judged("not_applicable", "No service control policy here denies root what AssumeRoot is for.")
    return Judged("pass", f"{plural(len(sparing), 'service control policy')} for root, and AssumeRoot is spared.")


def root_denied(reading: Reading) -> Judged:
    """A service control policy binds the root user of the account."""
    if _is_management(reading):
        return Judged("info", "No service control policy binds the management account, its root user included.")
    told = [(one, _denies(reading, one)) for one in _denials(reading) if one.binds is not False]
    whole = [(one, how) for one, how in told if how and one.is_of_all]
    if bound := [one.policy for one, how in whole if how == "yes" and one.binds]:
        return Judged("pass", f"{', '.join(bound)} denies the root user of the account all that policies can.")
    if lost := [one.policy for one, _ in whole if one.binds is None]:
        raise UnknownAnswerError(f"Whether {lost[0]} binds the account is not known.")
    if limited := [one for one, _ in whole]:
        return Judged("warn", f"{_limits(limited)}: it does not deny root all actions.")
    return Judged("warn", "No service control policy that denies root all actions binds the account.")


def _denials(reading: Reading) -> Iterator[Denial]:
    """What policies deny; those of the management account's own list bind where they are attached at all."""
    path = set("/".join(member.Paths).split("/")) - {""} if (member := _member(reading)) else set()
    for one in reading.needed("organizations:ListPolicies"):
        policy = str(one.get("Id"))
        told = reading.needed("organizations:DescribePolicy", policy)
        targets = reading.maybe("organizations:ListTargetsForPolicy", policy)
        at = {str(target.get("TargetId")) for target in targets or ()}
        is_sure = targets is not None and (not at or bool(path) or _is_management(reading))
        is_above = any(target.startswith("r-") for target in at) or (_is_management(reading) and bool(at))
        binds = True if is_above or at & {*path, reading.account_id} else False if is_sure else None
        yield from denials_of(str(told.PolicySummary.get("Name")), told.Content, binds=binds)


def _denies(reading: Reading, one: Denial, *, assumed: bool = False) -> Exposes:
    """Whether a statement denies; in the management account, to the root user of whichever member."""
    asks = one.denies_any if _is_management(reading) else one.denies
    return asks(reading.account_id, assumed=assumed)


def _limits(denials: Iterable[Denial]) -> str:
    """What the denials depend on."""
    return "; ".join(sorted({f"{one.policy} depends on {', '.join(one.limits)}" for one in denials}))


def _is_management(reading: Reading) -> bool:
    return reading.held.master(reading.account_id) == reading.account_id


def _member(reading: Reading) -> of.Member | None:
    """How the organization lists the account."""
    listed_there = reading.maybe(MEMBERS) if reading.held.of(reading.account_id, MEMBERS) else ()
    return next((one for one in listed_there or () if one.Id == reading.account_id), None)


def primary_email(reading: Reading) -> Judged:
    """Recovery by the primary e-mail address does not depend on the account itself."""
    member = _member(reading)
    if member is None or not member.Email:
        return Judged("info", "Where the primary e-mail address is read is not known: --org lists it.")
    domain = member.Email.rpartition("@")[2].lower()
    public = [one for one in reading.needed("route53:ListHostedZones") if not one.get("Config", {}).get("PrivateZone")]
    zones = [str(one.get("Name")).rstrip(".").lower() for one in public]
    if any(f".{domain}".endswith(f".{zone}") for zone in zones):
        return Judged(
            "warn",
            "The domain of the primary e-mail address lies in a hosted zone of the same account. "
            "Whoever holds the account can lead the mail that recovers it elsewhere.",
        )
    return Judged(
        "pass",
        "No hosted zone of the account holds the domain of its primary e-mail address. "
        "Check who reads that mailbox, and whose the phone number is.",
    )


def trusted_access(reading: Reading) -> Judged:
    """Which services of AWS may act in all accounts of the organization."""
    found = reading.needed("organizations:ListAWSServiceAccessForOrganization")
    named = ", ".join(sorted(str(one.get("ServicePrincipal")) for one in found)) or "none"
    return Judged("info", f"Services with trusted access: {named}. Check that each is expected.")


def billing_transfer(reading: Reading) -> Judged:
    """No other management account holds the bill, or has this one hold its."""
    kinds = ("Inbound", "Outbound")
    told = [one for kind in kinds for one in reading.needed(f"organizations:List{kind}ResponsibilityTransfers")]
    ended = ("DECLINED", "WITHDRAWN", "EXPIRED", "CANCELED")
    standing = [
        f"{one.get('Name') or one.get('Id')} ({one.get('Status')})" for one in told if one.get("Status") not in ended
    ]
    if standing:
        return Judged(
            "warn", f"Transfers of the responsibility for billing: {', '.join(standing)}. Check that they are meant."
        )
    return Judged("pass", "Responsibility for billing is not transferred, and nobody asks for it.")


def billing_alert(reading: Reading) -> Judged:
    """A budget, or the detection of unusual cost, tells somebody of spending."""
    rows = reading.one("budgets:DescribeBudgetNotificationsForAccount") or ()
    if found := [one for one in rows if one.get("Notifications")]:
        return Judged(
            "pass", f"{plural(len(found), 'budget')} with notifications. Check that its subscribers read them."
        )
    subscriptions = reading.one("ce:GetAnomalySubscriptions") or ()
    readers = [one for row in subscriptions for one in row.get("Subscribers", ()) if one.get("Status") != "DECLINED"]
    if readers:
        return Judged(
            "pass", f"Cost anomaly detection tells {plural(len(readers), 'subscriber')}. Check that they read it."
        )
    return Judged("warn", "No budget and no cost anomaly subscription of the account tells anybody.")


def incident_response(reading: Reading) -> Judged:
    """Membership in AWS Security Incident Response."""
    found = reading.one("security-ir:ListMemberships")
    active = [one for one in found or () if str(one.get("membershipStatus")).lower() == "active"]
    if active:
        return Judged("info", "The account has AWS Security Incident Response.")
    return Judged(
        "info", "The account has no membership in AWS Security Incident Response. AWS Support answers without one."
    )
