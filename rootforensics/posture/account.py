"""Controls on the account and its organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.phrases import plural
from rootforensics.posture.above import is_management, member
from rootforensics.posture.calls import EMAIL_UPDATE
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from rootforensics.posture.saved import Reading

_EMAIL: Final = "account:GetPrimaryEmail"
_MAIL: Final = "sesv2:ListEmailIdentities"
_CONTACT: Final = "account:GetAlternateContact"
_FEATURES: Final = {"RootCredentialsManagement", "RootSessions"}


def security_contact(reading: Reading) -> Judged:
    """There is a security contact."""
    if reading.one(_CONTACT, "SECURITY") is None:
        return Judged("fail", "The account has no security contact, so AWS writes only to the primary e-mail address.")
    return Judged("pass", "The account has a security contact. Check that it is correct and that someone reads it.")


def other_contacts(reading: Reading) -> Judged:
    """There are contacts for billing and operations."""
    lacking = [kind.lower() for kind in ("BILLING", "OPERATIONS") if reading.one(_CONTACT, kind) is None]
    if lacking:
        return Judged("warn", f"The account has no contact for {' and '.join(lacking)}.")
    return Judged("pass", "The account has contacts for billing and operations.")


def state(reading: Reading) -> Judged:
    """The account is active."""
    listing = member(reading)
    status = (listing.State or listing.Status) if listing else ""
    status = status if status not in ("", "ACTIVE") else reading.needed("account:GetAccountInformation")
    return Judged("pass" if status == "ACTIVE" else "fail", f"The account is {status}.")


def organization(reading: Reading) -> Judged:
    """The account is in an organization with all features."""
    described = reading.one("organizations:DescribeOrganization")
    if described is None:
        return Judged("fail", "The account is not in an organization, so no policy can limit its root user.")
    if described.FeatureSet != "ALL":
        return Judged("warn", "The organization has only consolidated billing, so no policy can limit root.")
    if not reading.account_id:
        raise UnknownAnswerError("The account is in an organization. Whether it is the management account is unknown.")
    if is_management(reading):
        return Judged(
            "pass",
            "The account manages an organization with all features. No SCP limits the root user of this account.",
        )
    return Judged("pass", "The account is a member of an organization with all features.")


def central_root_access(reading: Reading) -> Judged:
    """Root credentials of members are managed centrally."""
    features = reading.one("iam:ListOrganizationsFeatures") or ()
    if lacking := _FEATURES - set(features):
        return Judged("fail", f"Central root access lacks {' and '.join(sorted(lacking))}.")
    return Judged(
        "pass", "Central root access is enabled. It does not remove root credentials that members already have."
    )


def delegated_administrators(reading: Reading) -> Judged:
    """Which accounts administer services for the organization."""
    administrators = reading.needed("organizations:ListDelegatedAdministrators")
    names = ", ".join(str(administrator.get("Id")) for administrator in administrators) or "none"
    return Judged("info", f"Delegated administrators: {names}. Check that each is expected.")


def primary_email(reading: Reading) -> Judged:
    """No change of the primary e-mail address is pending, and its mail does not depend on the account."""
    if not is_management(reading) and (member(reading) or _updates(reading)):
        update = reading.one(EMAIL_UPDATE, reading.account_id)
        if update and update.Status in ("PENDING", "ACCEPTED"):
            return Judged(
                "fail",
                f"A change of the primary e-mail address has been {update.Status} since "
                f"{update.UpdatedAt or 'an unknown time'}. Anyone who reads the new address can then recover root.",
            )
        if update and update.Status == "COMPLETED":
            change = f"the primary e-mail address, changed at {update.UpdatedAt or 'an unknown time'}"
            reading.dates.append((change, update.UpdatedAt))
    address = _address(reading)
    if not address:
        return Judged("info", "The primary e-mail address is unknown. A check with --org lists it.")
    domain = address.rpartition("@")[2].lower()
    public = [one for one in reading.needed("route53:ListHostedZones") if not one.get("Config", {}).get("PrivateZone")]
    zones = [str(one.get("Name")).rstrip(".").lower() for one in public]
    if any(f".{domain}".endswith(f".{zone}") for zone in zones):
        return Judged(
            "warn",
            "The domain of the primary e-mail address is in a hosted zone of the same account. "
            "Anyone who controls the account can redirect the recovery e-mail.",
        )
    mail_names = {
        str(identity.get("IdentityName")).lower()
        for _, identities in reading.everywhere(_MAIL)
        for identity in identities or ()
    }
    if any(name == address.lower() or f".{domain}".endswith(f".{name}") for name in mail_names):
        return Judged(
            "warn",
            "The primary e-mail address or its domain is an Amazon SES identity in the same account, which may receive "
            "the recovery e-mail.",
        )
    return Judged(
        "pass",
        "No hosted zone and no Amazon SES identity in the account has the domain of its primary e-mail address. "
        "Amazon WorkMail is not checked. Check who reads the mailbox.",
    )


def _updates(reading: Reading) -> bool:
    """Whether AWS was asked for the status of a change of this account's primary e-mail address."""
    return any(one.argument in ("", reading.account_id) for one in reading.held.of(reading.account_id, EMAIL_UPDATE))


def _address(reading: Reading) -> str:
    """The primary e-mail address, from a file or the list of the organization; empty if unknown."""
    listing = member(reading)
    if reading.held.of(reading.account_id, _EMAIL):
        return str(reading.needed(_EMAIL))
    return listing.Email if listing else ""


def primary_phone(reading: Reading) -> Judged:
    """The primary contact has a phone number, which AWS uses to recover MFA."""
    contact = reading.one("account:GetContactInformation")
    if contact is None or not contact.ContactInformation.get("PhoneNumber"):
        return Judged(
            "warn", "The account has no primary phone number, so a lost MFA device cannot be recovered by phone."
        )
    if contact.VerificationStatus.upper() not in ("", "VERIFIED", "NOT_SUPPORTED"):
        return Judged("warn", f"The primary phone number is not verified ({contact.VerificationStatus}).")
    return Judged(
        "pass", "The account has a primary phone number. Anyone who answers it can recover MFA. Check whose it is."
    )


def trusted_access(reading: Reading) -> Judged:
    """Which services of AWS may act in all accounts of the organization."""
    services = reading.needed("organizations:ListAWSServiceAccessForOrganization")
    names = ", ".join(sorted(str(service.get("ServicePrincipal")) for service in services)) or "none"
    return Judged("info", f"Services with trusted access: {names}. Check that each is expected.")


def billing_transfer(reading: Reading) -> Judged:
    """Billing responsibility is not transferred to or from this management account."""
    kinds = ("Inbound", "Outbound")
    transfers = [one for kind in kinds for one in reading.needed(f"organizations:List{kind}ResponsibilityTransfers")]
    ended = ("DECLINED", "WITHDRAWN", "EXPIRED", "CANCELED")
    current = [
        f"{transfer.get('Name') or transfer.get('Id')} ({transfer.get('Status')})"
        for transfer in transfers
        if transfer.get("Status") not in ended
    ]
    if current:
        return Judged("warn", f"Billing responsibility transfers: {', '.join(current)}. Check that each is intended.")
    return Judged("pass", "Billing responsibility is not transferred, and no transfer is requested.")


def billing_alert(reading: Reading) -> Judged:
    """A budget or cost anomaly detection notifies someone of spending."""
    rows = reading.one("budgets:DescribeBudgetNotificationsForAccount") or ()
    if budgets := [one for one in rows if one.get("Notifications")]:
        return Judged(
            "pass", f"{plural(len(budgets), 'budget')} with notifications. Check that their subscribers read them."
        )
    subscriptions = reading.one("ce:GetAnomalySubscriptions") or ()
    readers = [one for row in subscriptions for one in row.get("Subscribers", ()) if one.get("Status") != "DECLINED"]
    if readers:
        return Judged(
            "pass", f"Cost anomaly detection notifies {plural(len(readers), 'subscriber')}. Check that they read it."
        )
    return Judged("warn", "No budget and no cost anomaly subscription of the account notifies anyone.")


def incident_response(reading: Reading) -> Judged:
    """Membership in AWS Security Incident Response."""
    memberships = reading.one("security-ir:ListMemberships")
    active = [
        membership for membership in memberships or () if str(membership.get("membershipStatus")).lower() == "active"
    ]
    if active:
        return Judged("info", "The account has AWS Security Incident Response.")
    return Judged(
        "info", "The account has no membership in AWS Security Incident Response. AWS Support helps without one."
    )
