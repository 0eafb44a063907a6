"""An account that an organization's trail ceased to record: what is done there from then on, nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from rootforensics.analysis.places import SIGN_IN_REGIONS
from tests.analysis.lineage.test_blast_radius import at, did, user
from tests.builders import ACCOUNT, event, root_event
from tests.stories import Names, Story, alone

#: All accounts with logs of an organization are taken for those of one.
pytestmark = pytest.mark.keeps_to_itself

MEMBER, ORG = "444455556666", "o-abc1234567"
ASKED = ("password_changed", "mfa_removed", "money_spent")


def quiet(account: str, when: str, *, regions: tuple[str, ...] = SIGN_IN_REGIONS) -> list[dict[str, Any]]:
    """Reads of two roles in an account."""
    names = ("deploy", "another")
    return [
        event(
            identity={"arn": f"arn:aws:sts::{account}:assumed-role/Deploy/{name}", "accountId": account},
            awsRegion=region, eventTime=when, recipientAccountId=account,
        )
        for region in regions for name in names
    ]  # fmt: skip


def verdicts(logs: dict[str, list[dict[str, Any]]]) -> Story:
    """The answers on each account, of logs below ``AWSLogs/``."""

    def ask(analysis: Any, names: Names) -> Any:
        told = [verdict for verdict in analysis.verdicts if verdict.account_id in names.accounts]
        return {one.account_id: {answer.name: answer for answer in one.answers} for one in told}

    files = {
        f"AWSLogs/{folder}/CloudTrail/{folder.replace('/', '-')}.json.gz": records for folder, records in logs.items()
    }
    return Story([], ask, files=files)


def by_root_of(account: str, call: str, minute: int, request: Any = None) -> dict[str, Any]:
    identity = {
        "accountId": account,
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accessKeyId": "ASIAROOT",
    }
    usual = did(call, minute, request)
    return root_event(
        identity=identity, recipientAccountId=account,
        **{name: usual[name] for name in ("eventSource", "eventName", "eventTime", "requestParameters", "readOnly")},
    )  # fmt: skip


LEFT = by_root_of(MEMBER, "organizations:LeaveOrganization", 5)


async def test_an_account_that_left_is_not_known_from_then_on() -> None:
    told = (await verdicts({
        f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), *quiet(ACCOUNT, at(59))], f"{ORG}/{MEMBER}": [*quiet(MEMBER, at(0)), LEFT],
    }))[MEMBER]  # fmt: skip
    assert {told[name].answer for name in ASKED} == {"unknown"}
    assert told["money_spent"].missing[0] == (
        f"events in account {MEMBER} from 2026-08-05 10:05:00 on: it had left its organization, so the organization's trail"
        " no longer records it"
    )
    assert (told["logging_impaired"].answer, told["logging_impaired"].event_ids) == ("yes", (LEFT["eventID"],))
    assert told["ownership_changed"].answer == "yes"


async def test_what_was_on_its_way_when_the_account_left_does_not_go_on() -> None:
    told = (await verdicts({
        f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), *quiet(ACCOUNT, at(59))],
        f"{ORG}/{MEMBER}": [*quiet(MEMBER, at(0)), LEFT, *quiet(MEMBER, at(15))],
    }))[MEMBER]  # fmt: skip
    assert {told[name].answer for name in ASKED} == {"unknown"}
    assert all("05:00 on: it had left its organization" in told[name].missing[0] for name in ASKED)


async def test_an_account_that_left_and_came_back_is_not_known_for_the_time_between() -> None:
    admin = user("admin", account=MEMBER)
    back = did("organizations:AcceptHandshake", 30, who=admin, recipientAccountId=MEMBER)
    told = (await verdicts({
        f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), *quiet(ACCOUNT, at(59))],
        f"{ORG}/{MEMBER}": [*quiet(MEMBER, at(0)), LEFT, back, *quiet(MEMBER, at(59))],
    }))[MEMBER]  # fmt: skip
    assert {told[name].answer for name in ASKED} == {"unknown"}
    assert "from 2026-08-05 10:05:00 to 2026-08-05 10:30:00" in told["money_spent"].missing[0]


@pytest.mark.parametrize("folder", [f"{ORG}/{MEMBER}", MEMBER])
async def test_an_account_of_which_logs_go_on_is_known(folder: str) -> None:
    told = (await verdicts({f"{ORG}/{MEMBER}": [*quiet(MEMBER, at(0)), LEFT], folder + "/": [
        *quiet(MEMBER, at(0)), LEFT, *quiet(MEMBER, at(30)),
    ]}))[MEMBER]  # fmt: skip
    assert {told[name].answer for name in ASKED} == {"no"}


async def test_root_of_the_management_account_takes_a_member_out() -> None:
    removed = by_root_of(ACCOUNT, "organizations:RemoveAccountFromOrganization", 5, {"accountId": MEMBER})
    told = await verdicts({
        f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), removed, *quiet(ACCOUNT, at(59))], f"{ORG}/{MEMBER}": quiet(MEMBER, at(1)),
    })  # fmt: skip
    assert {told[MEMBER][name].answer for name in ASKED} == {"unknown"}
    assert all("05:00 on: it had left its organization" in told[MEMBER][name].missing[0] for name in ASKED)
    assert {told[ACCOUNT][name].answer for name in ASKED} == {"no"}
    for account in (ACCOUNT, MEMBER):
        answer = told[account]["logging_impaired"]
        assert (answer.answer, answer.event_ids) == ("yes", (removed["eventID"],))


@pytest.mark.parametrize(
    ("call", "asked", "answer"),
    [
        ("organizations:DisableAWSServiceAccess", {"servicePrincipal": "cloudtrail.amazonaws.com"}, "yes"),
        ("organizations:DisableAWSServiceAccess", {"servicePrincipal": "config.amazonaws.com"}, "unknown"),
        ("organizations:DisableAWSServiceAccess", {"servicePrincipal": "ram.amazonaws.com"}, "no"),
        (
            "organizations:DeregisterDelegatedAdministrator",
            {"accountId": MEMBER, "servicePrincipal": "securityhub.amazonaws.com"},
            "unknown",
        ),
        ("organizations:DeleteOrganization", {}, "unknown"),
        # The organization's trail records an account wherever it stands, and a closed one too.
        ("organizations:MoveAccount", {"accountId": MEMBER}, "unknown"),
        ("organizations:CloseAccount", {"accountId": MEMBER}, "no"),
        # A policy may have kept others from switching off what records, or have switched it on.
        ("organizations:DetachPolicy", {"policyId": "p-1", "targetId": MEMBER}, "unknown"),
    ],
)
async def test_a_service_that_loses_its_members_watches_them_no_more(call: str, asked: Any, answer: str) -> None:
    made = by_root_of(ACCOUNT, call, 5, asked)
    told = (await verdicts({f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), made, *quiet(ACCOUNT, at(59))]}))[ACCOUNT]
    assert told["logging_impaired"].answer == answer
    assert told["money_spent"].answer == "no"


@pytest.mark.heavy
def test_the_members_are_not_known_where_their_logs_end_with_the_trust() -> None:
    """All accounts with logs of an organization are taken for those of one, so that it has a case of its own."""
    asked = {"servicePrincipal": "cloudtrail.amazonaws.com"}
    ended = by_root_of(ACCOUNT, "organizations:DisableAWSServiceAccess", 5, asked)
    told = alone(verdicts({
        f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), ended, *quiet(ACCOUNT, at(59))],
        f"{ORG}/{MEMBER}": [by_root_of(MEMBER, "s3:ListBuckets", 2), *quiet(MEMBER, at(1))],
    }))  # fmt: skip
    assert (told[ACCOUNT]["money_spent"].answer, told[MEMBER]["money_spent"].answer) == ("no", "unknown")


async def test_who_dissolves_the_organization_changes_the_ownership() -> None:
    made = by_root_of(ACCOUNT, "organizations:DeleteOrganization", 5)
    told = (await verdicts({f"{ORG}/{ACCOUNT}": [*quiet(ACCOUNT, at(0)), made]}))[ACCOUNT]["ownership_changed"]
    assert (told.answer, told.event_ids) == ("yes", (made["eventID"],))
