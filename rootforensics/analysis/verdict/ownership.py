"""Changes of who owns an account: its address, contacts and organization, by its root or by another account's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.cross_account import certainties, places_of_root
from rootforensics.analysis.lineage.service_activity import by_services
from rootforensics.analysis.places import SIGN_IN_REGIONS, account_of
from rootforensics.analysis.remarks import remarked, remarks_on
from rootforensics.analysis.verdict.access import EITHER, either_changed, undocumented
from rootforensics.analysis.verdict.question import (
    WHOLE_RECORDS,
    Question,
    Reply,
    failed,
    matching,
    unknown_of,
    yes_or_absent,
)
from rootforensics.evidence.cite import place_of
from rootforensics.phrases import how_often
from rootforensics.rules.by_name import may_change_owner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.lineage.cross_account import Across
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: A code must confirm this change of the e-mail address.
_BEGINS: Final = "StartPrimaryEmailUpdate"
#: Calls that change the ownership.
CHANGES: Final = (
    *("AcceptPrimaryEmailUpdate", "CloseAccount", "DeleteAlternateContact", "PutAlternateContact"),
    *("PutContactInformation", "SetAdditionalContacts", "SetContactAddress", "SetSecurityQuestions", "AcceptHandshake"),
    *("DeleteOrganization", "LeaveOrganization", "RemoveAccountFromOrganization"),
    "UpdateAccountEmailAddress",
)
#: Of these, the calls that change contacts only, which owners do, too.
CONTACTS: Final = (
    *("DeleteAlternateContact", "PutAlternateContact", "PutContactInformation"),
    *("SetAdditionalContacts", "SetContactAddress"),
)
#: What would tell whether a change of a domain or of who pays changed the ownership.
_WHOSE_DOMAIN: Final = "whether the e-mail addresses of root and its contacts use these domains, and who pays now"


def changes_of_ownership(case: Asks) -> list[of.OwnershipChanges]:
    """The calls that changed the ownership of any account, in order of time.

    Args:
        case: to ask.

    Returns:
        rows whose ``came_by`` is ``root`` for a person with root, or a service in its name that ``by_service`` tells,
        ``certain`` or ``possible`` for what descends from root,
        None for anybody else.
    """
    rows = case.query("ownership_changes", calls=(*CHANGES, _BEGINS)).rows
    if not rows:
        return []
    # No service does so of itself: who holds root's credentials had it done.
    served = {place_of(row): remarks_on(row)["by_service"] for row in by_services(case)}
    by_root, came = places_of_root(case) | served.keys(), certainties(case)
    told = [remarked(row, came_by="root" if (one := place_of(row)) in by_root else came.get(one)) for row in rows]
    return [remarked(row, by_service=served[place_of(row)]) if place_of(row) in served else row for row in told]


def accounts_taken(case: Asks) -> set[str]:
    """The accounts whose ownership root of any account changed, or what certainly came from it."""
    changes = (row for row in changes_of_ownership(case) if row["eventName"] != _BEGINS)
    return {account_of(row) for row in changes if remarks_on(row)["came_by"] in ("root", "certain")}


def owned_by_account(rows: Iterable[of.OwnershipChanges], across: Across) -> dict[str, list[of.OwnershipChanges]]:
    """The changes that each account has to tell: those that concern it, and those that its root ordered elsewhere.

    Args:
        rows: as ``changes_of_ownership`` gives them.
        across: which events descend from root of another account than the one in which they stand.
    """
    found: dict[str, dict[tuple[int, int], of.OwnershipChanges]] = {}
    for account, own in across.by_account(rows).items():
        for row in own:
            tellers = {account, row["ordered_in"] or account} if remarks_on(row)["came_by"] else {account}
            for one in tellers:
                found.setdefault(one, {})[place_of(row)] = row
    return {account: [*own.values()] for account, own in found.items()}


def certain_changes(evidence: Evidence) -> list[of.RootSignins | of.OwnershipChanges]:
    """What was changed, of this account or by its root of another one; not what the account's own people did."""
    ordered = [
        row
        for row in evidence.owned
        if row["eventName"] != _BEGINS
        and (
            remarks_on(row)["came_by"] in ("root", "certain")
            or (row["ordered_in"] != row["account_id"] and evidence.account_id in ("", account_of(row)))
        )
    ]
    told = {*map(place_of, ordered)}
    signed = [row for row in evidence.sign_ins if row["signin_kind"] == "email_changed" and row["outcome"] == "success"]
    return [*(row for row in signed if place_of(row) not in told), *ordered]


def _begun(evidence: Evidence) -> list[of.OwnershipChanges]:
    """Changes of an e-mail address that were begun, of this account or by its root; not what was completed since."""
    ended = [row for row in certain_changes(evidence) if "Email" in (row["eventName"] or "")]
    return [
        row
        for row in evidence.owned
        if row["eventName"] == _BEGINS
        and not any(
            account_of(one) == account_of(row)
            and one["eventTime"]
            and row["eventTime"]
            and one["eventTime"] >= row["eventTime"]
            for one in ended
        )
    ]


def _whose(row: of.RootSignins | of.OwnershipChanges, account_id: str) -> str:
    """The account concerned, or the one that ordered it, where it is not the one that is spoken of."""
    by_service = remarks_on(row).get("by_service", "")
    if account_id and account_of(row) != account_id:
        return f" of account {account_of(row)}{by_service}"
    ordered_in = row.get("ordered_in")
    return f" by account {ordered_in}" if ordered_in and account_id and ordered_in != account_id else by_service


@Question(
    text="Was the account's ownership changed (e-mail address, contacts, organization)?",
    controls=("security-contact", "organization"),
    about="change of ownership",
    short="ownership changed",
    support="help reverse the changes of ownership that are listed below, and say what each value was changed to",
    doubted_by=("contact_changed",),
    tried=lambda evidence: [
        *failed(evidence.followed, eventName=CHANGES),
        *matching(evidence, _may_change_owner).tried,
    ],
    calls=lambda evidence: [*certain_changes(evidence), *_begun(evidence)],
    by_whom=_whose,
)
def ownership_changed(evidence: Evidence) -> Reply:
    """Was the account's address, contact or organization changed, by root, its descendants, or another account."""
    changed = certain_changes(evidence)
    begun = _begun(evidence)
    unknown = [row for row in evidence.sign_ins if row["signin_kind"] == "email_changed" and not row["outcome"]]
    perhaps = [
        row
        for row in evidence.owned
        if remarks_on(row)["came_by"] == "possible" and row not in changed and row["eventName"] != _BEGINS
    ]
    if not changed and (either := either_changed(evidence)):
        now = ("the account's current name and e-mail address",)
        return Reply("unknown", EITHER, [*either, *begun, *perhaps], now)
    if unknown and not changed:
        return Reply("unknown", unknown_of(unknown), [*unknown, *begun, *perhaps], (WHOLE_RECORDS, *_gaps(evidence)))
    if perhaps and not changed:
        because = f"possibly by follow-on activity of root: {_told(perhaps, evidence)}"
        missing = (*evidence.who_acted, *_gaps(evidence))
        return Reply("unknown", because, [*perhaps, *begun], missing)
    if begun and not changed:
        whose = _whose(begun[0], evidence.account_id)
        because = (
            f"a change of the e-mail address{whose} was started {how_often(len(begun))}; the logs show no completion"
        )
        return Reply("unknown", because, begun, ("the account's current e-mail address",))
    related = matching(evidence, _may_change_owner, lambda _: False)
    if not changed and (told := related.reply("", settles=_WHOSE_DOMAIN, gaps=_gaps(evidence))).rows:
        return told
    if not changed and (doubt := undocumented(evidence)):
        return doubt
    absent = "the logs show no such change"
    return yes_or_absent(changed, _told(changed, evidence), absent, _gaps(evidence), evidence.unproved(SIGN_IN_REGIONS))


def _may_change_owner(row: of.Call | of.ServiceActions) -> bool:
    return may_change_owner(row["eventSource"], row["eventName"]) or bool(remarks_on(row).get("moves_mail"))


def _gaps(evidence: Evidence) -> tuple[str, ...]:
    return (*evidence.gaps(SIGN_IN_REGIONS, sign_ins=True), *evidence.set_going)


def _told(rows: Iterable[of.RootSignins | of.OwnershipChanges], evidence: Evidence) -> str:
    return ", ".join(dict.fromkeys(f"{row['eventName']}{_whose(row, evidence.account_id)}" for row in rows))
