"""Which entries are unusual, and when missing MFA amounts to a takeover."""

from __future__ import annotations

from typing import Any

import pytest

from rootforensics.telling.standing import standing
from rootforensics.telling.times import times_of
from tests.analysis.verdict.logs import EVERYWHERE
from tests.builders import ABSENT, ACCOUNT, event, root_event
from tests.stories import Names, Story

HOME, AWAY = "198.51.100.7", "203.0.113.99"


def at_page(time: str, name: str = "ConsoleLogin", outcome: str = "Success", source: str = HOME) -> dict[str, Any]:
    data = {"LoginTo": "https://console.aws.amazon.com/", "MobileVersion": "No", "MFAUsed": "No"}
    return root_event(
        eventSource="signin.amazonaws.com", eventName=name, eventType="AwsConsoleSignIn", eventTime=time,
        identity={"accessKeyId": ABSENT}, additionalEventData=data, readOnly=False, sourceIPAddress=source,
        responseElements={name: outcome},
    )  # fmt: skip


def by_user(time: str, source: str = HOME, **fields: Any) -> dict[str, Any]:
    return event(eventTime=time, sourceIPAddress=source, **fields)


def kind_of(*records: dict[str, Any]) -> Story:
    def ask(analysis: Any, names: Names) -> str:
        return standing(analysis, analysis.verdict_of(names.in_case(ACCOUNT))).kind

    return Story([*EVERYWHERE, *records], ask)


ENTRY = at_page("2026-08-05T10:00:00Z")
#: The owner's user works from the same address on the day before.
KNOWN = by_user("2026-08-04T09:00:00Z")


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        pytest.param([KNOWN], "without_mfa", id="an address that is known"),
        pytest.param([], "takeover", id="a new address"),
        pytest.param([by_user("2026-08-05T09:00:00Z")], "takeover", id="known for an hour: perhaps the actor's"),
        pytest.param([by_user("2026-08-04T09:00:00Z", AWAY)], "takeover", id="another address is known"),
        pytest.param([by_user("2026-08-04T09:00:00Z", errorCode="AccessDenied")], "takeover", id="nobody was let in"),
        pytest.param(
            [at_page("2026-08-04T09:00:00Z", "PasswordRecoveryRequested")], "takeover", id="a request of anybody's"
        ),
        pytest.param(
            [KNOWN, at_page("2026-08-05T08:00:00Z", outcome="Failure", source=AWAY)], "takeover", id="after a failure"
        ),
        pytest.param(
            [KNOWN, at_page("2026-08-03T08:00:00Z", outcome="Failure", source=AWAY)], "without_mfa", id="a day later"
        ),
        pytest.param(
            [KNOWN, at_page("2026-08-05T08:00:00Z", "PasswordRecoveryRequested")], "takeover", id="after a request"
        ),
    ],
)
async def test_missing_mfa_alone_is_no_takeover(before: list[dict[str, Any]], kind: str) -> None:
    assert await kind_of(*before, ENTRY) == kind


async def test_the_owner_is_asked_first_and_not_by_mail() -> None:
    def ask(analysis: Any, names: Names) -> list[str]:
        return [step.what for step in analysis.verdict_of(names.in_case(ACCOUNT)).steps]

    first, *others = await Story([*EVERYWHERE, KNOWN, ENTRY], ask)
    assert first.startswith("Ask the owner of the account by telephone, on a number")
    assert others == ["Register an MFA device for root"]
    denied, *_ = await Story([*EVERYWHERE, ENTRY], ask)
    assert denied.startswith("If the account is a member of an organization, block root now")


async def test_the_clock_starts_with_the_first_problematic_act() -> None:
    """The owner signed in without MFA, too, on the day before, from an address that is known."""
    owner = at_page("2026-08-04T12:00:00Z")
    known = by_user("2026-08-03T09:00:00Z")

    def ask(analysis: Any, names: Names) -> list[str]:
        return [line.text for line in times_of(analysis, names.in_case(ACCOUNT))]

    told = await Story([*EVERYWHERE, known, owner, at_page("2026-08-05T10:00:00Z", source=AWAY)], ask)
    assert told[:2] == [
        "First use of root in these logs: 2026-08-04 12:00:00",
        "First suspicious event that succeeded: 2026-08-05 10:00:00 (signed in to the console without MFA, from 203.0.113.99; would have triggered a CIS root-usage alarm)",
    ]
    alone = await Story([*EVERYWHERE, known, owner], ask)
    assert alone[0].startswith(
        "First suspicious event that succeeded: 2026-08-04 12:00:00 (signed in to the console without MFA"
    )


@pytest.mark.parametrize(
    ("first", "remark"),
    [
        pytest.param("2026-08-05T08:00:00Z", " (first seen in these logs)", id="logs begin two hours before"),
        pytest.param("2026-08-04T10:00:00Z", " (new address)", id="logs begin a day before"),
    ],
)
async def test_an_address_is_new_if_logs_cover_the_day_before(first: str, remark: str) -> None:
    def ask(analysis: Any, names: Names) -> tuple[str, str]:
        account = names.in_case(ACCOUNT)
        (row,) = analysis.query("root_signins", account_id=account).rows
        remark = analysis.novelty.remark(account, row["sourceIPAddress"], row["eventTime"])
        return remark, standing(analysis, analysis.verdict_of(account)).kind

    # Whether or not the logs show that the address is new, the verdict takes it for new.
    assert await Story([by_user(first, AWAY), at_page("2026-08-05T10:00:00Z")], ask) == (remark, "takeover")
