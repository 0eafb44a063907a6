"""Who owns an account: changed by its root, by what descends from root, or by order of another account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.analysis.verdict.ownership import CONTACTS
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.analysis.verdict.logs import EVERYWHERE, tell
from tests.builders import ACCOUNT, event
from tests.stories import Names, Story

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import AccountVerdict

MEMBER, ANOTHER_MEMBER = "444455556666", "555566667777"


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("account:PutAlternateContact", {"alternateContactType": "SECURITY"}),
        ("account:PutContactInformation", {"contactInformation": {}}),
        ("organizations:LeaveOrganization", None),
    ],
)
async def test_what_came_from_root_changes_the_ownership_too(call: str, request_: Any) -> None:
    made = [did("iam:CreateUser", 1, {"userName": "eve"}), made_key("AKIAEVE", 2, "eve")]
    changed = did(call, 3, request_, who=user("eve", "AKIAEVE"))
    told = (await tell(*made, changed))[0]["ownership_changed"]
    assert (told.answer, told.event_ids) == ("yes", (changed["eventID"],))
    refused = changed | {"errorCode": "AccessDenied"}
    assert (await tell(*made, refused))[0]["ownership_changed"].answer == "no"
    of_an_admin = changed | {"userIdentity": changed["userIdentity"] | user("admin", "AKIAADMIN")}
    later = [event(eventTime=at(40), awsRegion=region) for region in SIGN_IN_REGIONS]  # the account is recorded still
    assert (await tell(*made, of_an_admin, *later))[0]["ownership_changed"].answer == "no"


async def test_what_an_identity_changed_that_root_only_opened_is_perhaps_changed() -> None:
    opened = did("iam:UpdateLoginProfile", 1, {"userName": "old"})
    changed = did("account:PutContactInformation", 3, {"contactInformation": {}}, who=user("old"))
    told = (await tell(opened, changed))[0]["ownership_changed"]
    assert (told.answer, told.event_ids) == ("unknown", (changed["eventID"],))
    assert told.missing == ("who used the identities that root changed or opened to others",)


@pytest.mark.parametrize(
    "call",
    [
        "billingconsole:SetAdditionalContacts",
        "billingconsole:SetContactAddress",
        "billingconsole:SetSecurityQuestions",
        "account:DeleteAlternateContact",
    ],
)
async def test_contacts_and_security_questions_are_part_of_the_ownership(call: str) -> None:
    changed = did(call, 3, {"x": "y"})
    answers, steps = await tell(changed)
    told = answers["ownership_changed"]
    assert (told.answer, told.event_ids, told.because) == ("yes", (changed["eventID"],), call.split(":")[1])
    (support,) = [step.what for step in steps if "AWS Support" in step.what]
    # Owners change contacts, too: alone, they are no sign of a takeover.
    assert support.startswith("Ask the owner" if call.split(":")[1] in CONTACTS else "Open a case with AWS Support")


def _told(*records: dict[str, Any]) -> Story:
    """The verdicts on accounts that have one of their own."""
    others = [one | {"recipientAccountId": account} for one in EVERYWHERE for account in (MEMBER, ANOTHER_MEMBER)]

    def ask(analysis: Any, names: Names) -> dict[str, AccountVerdict]:
        return {verdict.account_id: verdict for verdict in analysis.verdicts if verdict.account_id in names.accounts}

    return Story([*records, *EVERYWHERE, *others], ask)


async def test_what_a_management_accounts_root_orders_for_members_is_told_of_them() -> None:
    mailed = did("account:AcceptPrimaryEmailUpdate", 1, {"accountId": MEMBER}, {"status": "ACCEPTED"})
    removed = did("organizations:RemoveAccountFromOrganization", 2, {"accountId": MEMBER})
    closed = did("organizations:CloseAccount", 3, {"accountId": ANOTHER_MEMBER})
    told = await _told(mailed, removed, closed)
    assert {*told} == {ACCOUNT, MEMBER, ANOTHER_MEMBER}

    def answer(account: str) -> tuple[str, tuple[str, ...], str]:
        (one,) = [one for one in told[account].answers if one.name == "ownership_changed"]
        return one.answer, one.event_ids, one.because

    names = [record["eventName"] for record in (mailed, removed, closed)]
    ids = [record["eventID"] for record in (mailed, removed, closed)]
    assert answer(MEMBER) == ("yes", (*ids[:2],), f"{names[0]} by account {ACCOUNT}, {names[1]} by account {ACCOUNT}")
    assert answer(ANOTHER_MEMBER) == ("yes", (ids[2],), f"{names[2]} by account {ACCOUNT}")
    assert answer(ACCOUNT)[2] == ", ".join(
        f"{name} of account {account}" for name, account in zip(names, (MEMBER, MEMBER, ANOTHER_MEMBER), strict=True)
    )
    # Each step names the account concerned and cites the change that it undoes.
    wanted = [
        ("Check ro", MEMBER, ids[0]),
        ("Invite t", MEMBER, ids[1]),
        ("Open a c", MEMBER, ids[0]),
        ("Before 2", ANOTHER_MEMBER, ids[2]),
    ]
    own = [step for step in told[ACCOUNT].steps if step.account_id != ACCOUNT]
    assert [(step.what[:8], step.account_id, step.event_id) for step in own] == wanted
    assert own[0] is told[ACCOUNT].steps[0]  # no SCP can block root of a management account first
    assert all(step.account_id in step.text(ACCOUNT) for step in own)
    assert [(step.account_id, step.event_id) for step in told[MEMBER].steps] == [(MEMBER, ids[1]), (MEMBER, ids[0])]
    # Its root was not used, and yet something is wrong.
    assert not told[MEMBER].is_takeover
    assert not [step for step in told[MEMBER].steps if "no sign of a takeover" in step.why]


async def test_what_an_admin_of_a_management_account_orders_gives_the_member_no_verdict_of_its_own() -> None:
    closed = did("organizations:CloseAccount", 3, {"accountId": MEMBER}, who=user("admin"))
    assert not await _told(closed)


async def test_what_a_user_whom_root_made_orders_for_a_member_is_told_of_it() -> None:
    made = [did("iam:CreateUser", 1, {"userName": "eve"}), made_key("AKIAEVE", 2, "eve")]
    closed = did("organizations:CloseAccount", 3, {"accountId": MEMBER}, who=user("eve", "AKIAEVE"))
    told = await _told(*made, closed)
    assert {*told} == {ACCOUNT, MEMBER}
    (answer,) = [one for one in told[MEMBER].answers if one.name == "ownership_changed"]
    assert (answer.answer, answer.event_ids) == ("yes", (closed["eventID"],))


async def test_a_change_of_the_address_that_perhaps_failed_is_not_denied() -> None:
    changed = did("signin:EmailUpdated", 3)
    told = (await tell(changed))[0]["ownership_changed"]
    assert (told.answer, told.event_ids) == ("unknown", (changed["eventID"],))
    assert "the record does not say whether EmailUpdated succeeded" in told.because


async def test_an_assume_root_that_was_denied_opened_no_account() -> None:
    asked = {
        "targetPrincipal": MEMBER,
        "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"},
    }
    tried = did("sts:AssumeRoot", 3, asked, who=user("admin"))
    assert {*await _told(tried)} == {MEMBER}
    assert not await _told(tried | {"errorCode": "AccessDenied"})


@pytest.mark.parametrize(
    ("call", "asked", "answer"),
    [
        ("route53domains:TransferDomainToAnotherAwsAccount", {"domainName": "x.example", "accountId": MEMBER}, "unknown"),
        ("route53domains:UpdateDomainNameservers", {"domainName": "x.example"}, "unknown"),
        ("route53domains:UpdateDomainContact", {"domainName": "x.example"}, "unknown"),
        ("route53domains:EnableDomainTransferLock", {"domainName": "x.example"}, "no"),
        ("organizations:TerminateResponsibilityTransfer", {"id": "rt-1"}, "unknown"),
        ("organizations:InviteOrganizationToTransferResponsibility", {"type": "BILLING"}, "unknown"),
        ("route53:ChangeResourceRecordSets", {"changeBatch": {"changes": [{"resourceRecordSet": {"type": "MX"}}]}}, "unknown"),
        ("route53:ChangeResourceRecordSets", {"changeBatch": {"changes": [{"resourceRecordSet": {"type": "CNAME"}}]}}, "no"),
        ("route53:ChangeResourceRecordSets", None, "unknown"),
    ],
)  # fmt: skip
async def test_who_controls_the_domain_or_pays_may_own_the_account(call: str, asked: Any, answer: str) -> None:
    done = did(call, 3, asked)
    told = (await tell(done))[0]["ownership_changed"]
    assert (told.answer, told.event_ids) == (answer, () if answer == "no" else (done["eventID"],))
    if answer == "unknown":
        assert (
            "whether the e-mail addresses of root and its contacts use these domains, and who pays now" in told.missing
        )
        denied = (await tell(done | {"errorCode": "AccessDenied"}))[0]["ownership_changed"]
        assert denied.answer == "no"
        assert "attempted but failed" in denied.because or call.startswith("organizations:Invite")
