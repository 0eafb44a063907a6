"""Sessions held against approvals: each verdict with what brings it about, what is near it, and noise beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.approvals.uses import (
    NOISE,
    NOT_PROVEN,
    OFFICE,
    USE,
    approval,
    called,
    covered,
    only,
    reconciled,
    signed_in,
    spelled,
    verdicts,
)
from tests.builders import ABSENT, ACCOUNT, event, root_event

if TYPE_CHECKING:
    pass


async def test_the_usual_use_is_approved_whatever_services_do_beside_it() -> None:
    found = await reconciled([*USE, *NOISE, called("10:11:00", "iam:ListUsers", readOnly=True)], approval())
    assert (verdicts(found), only(found).ticket, only(found).cited) == (("approved",), "T-1", ())


@pytest.mark.parametrize(
    ("window", "before", "after"),
    [
        (("10:00:00", "10:10:00"), 0, 0),
        (("10:00:01", "10:10:00"), 1, 0),
        (("10:00:00", "10:09:59"), 0, 1),
        (("10:05:00", "10:08:00"), 300, 120),
        (("09:00:00", "09:59:00"), 0, 660),
        (("10:30:00", "11:00:00"), 1_800, 0),
        (("04 08:00:00", "04 10:00:00"), 0, 87_000),
    ],
)
async def test_what_lies_outside_the_window_is_measured(window: tuple[str, str], before: int, after: int) -> None:
    found = only(await reconciled(USE, approval(from_time=window[0], until_time=window[1])))
    assert (found.before_seconds, found.after_seconds) == (before, after)
    assert found.verdicts == (("outside_window",) if before or after else ("approved",))
    assert found.ticket == "T-1"


async def test_minutes_are_told_and_the_events_outside_cited() -> None:
    found = only(await reconciled(USE, approval(from_time="10:05:00", until_time="10:08:30")))
    assert found.detail == "began 5 minutes before the window; ended 1.5 minutes after the window"
    assert [row["eventName"] for row in found.cited] == ["ConsoleLogin", "DeleteBucketPolicy"]


async def test_a_session_more_than_a_day_away_is_unapproved_and_names_the_nearest() -> None:
    early = approval(from_time="04 08:00:00", until_time="04 09:59:59")
    far = approval(ticket="T-0", from_time="01 08:00:00", until_time="01 09:00:00")
    found = only(await reconciled(USE, early, far))
    assert (found.verdicts, found.ticket) == (("unapproved",), None)
    assert found.detail == "1,440 minutes (24.0 hours) after the window of the nearest approval, T-1"


async def test_a_near_window_with_something_else_against_it_is_none() -> None:
    near = approval(from_time="09:00:00", until_time="09:59:00", tasks=())
    found = only(await reconciled(USE, near))
    assert (found.verdicts, found.ticket) == (("unapproved",), None)
    assert "also changes that none of its tasks covers" in found.detail


async def test_a_session_begins_when_it_was_opened_even_if_that_is_not_in_the_logs() -> None:
    found = only(await reconciled([called("10:10:00")], approval(from_time="10:01:00")))
    assert (found.verdicts, found.before_seconds) == (("outside_window",), 60)


async def test_a_long_term_key_begins_with_its_first_call() -> None:
    made = called(
        "04 00:00:00",
        "iam:CreateAccessKey",
        spelled("04 00:00:00"),
        responseElements={"accessKey": {"accessKeyId": "AKIAEXAMPLEROOTKEY00"}},
    )
    used = root_event(eventTime=spelled("10:10:00"), sourceIPAddress=OFFICE)
    found = await reconciled([made, used], approval())
    assert [(session.session["session_kind"], session.verdicts) for session in found.sessions] == [
        ("console_sign_in", ("unapproved",)),
        ("long_term_key", ("approved",)),
    ]


@pytest.mark.parametrize(
    ("source", "networks", "expected"),
    [
        ("192.0.2.255", ("192.0.2.0/24",), "approved"),
        ("192.0.3.0", ("192.0.2.0/24",), "unexpected_network"),
        ("192.0.3.0", (), "approved"),
        ("2001:db8::9", ("192.0.2.0/24", "2001:db8::/64"), "approved"),
        ("2001:db8:1::9", ("192.0.2.0/24", "2001:db8::/64"), "unexpected_network"),
        ("cloudformation.amazonaws.com", ("192.0.2.0/24",), "approved"),
        ("somewhere", ("192.0.2.0/24",), "unexpected_network"),
    ],
)
async def test_each_event_has_to_come_from_an_expected_network(
    source: str, networks: tuple[str, ...], expected: str
) -> None:
    identity = {"invokedBy": "signin.amazonaws.com"}  # people's, whatever the source is
    records = [signed_in(sourceIPAddress="192.0.2.1"), called("10:10:00", sourceIPAddress=source, identity=identity)]
    found = only(await reconciled(records, approval(networks=(*networks, "192.0.2.1") if networks else ())))
    assert found.verdicts == (expected,)
    if expected == "unexpected_network":
        assert found.detail == f"1 event from {source}"
        assert [row["sourceIPAddress"] for row in found.cited] == [source]
    if source.endswith(".com"):
        assert "1 event without a recorded network" in found.detail


@pytest.mark.parametrize(
    ("call", "fields", "expected"),
    [
        ("s3:PutBucketPolicy", {}, "unexpected_tasks"),
        ("s3:PutBucketPolicy", {"errorCode": "AccessDenied"}, "unexpected_tasks"),
        ("s3:GetBucketPolicy", {"readOnly": True}, "approved"),
        ("s3:GetBucketPolicy", {"readOnly": True, "errorCode": "AccessDenied"}, "approved"),
        ("s3:GetBucketPolicy", {"readOnly": ABSENT}, "approved"),
        ("s3:PutBucketPolicy", {"readOnly": ABSENT}, "unexpected_tasks"),
        ("s3:DeleteBucketPolicy", {"errorCode": "AccessDenied"}, "approved"),
        ("iam:ChangePassword", {}, "approved"),
    ],
)
async def test_changes_done_or_tried_have_to_be_tasks(call: str, fields: dict[str, Any], expected: str) -> None:
    found = only(await reconciled([*USE, called("10:12:00", call, **fields)], approval()))
    assert found.verdicts == (expected,)
    if expected == "unexpected_tasks":
        assert found.detail == "changes that no task covers: s3:PutBucketPolicy"
        assert [row["eventTime"].minute for row in found.cited] == [12]


async def test_the_change_of_the_password_is_told() -> None:
    found = only(await reconciled([*USE, called("10:12:00", "iam:ChangePassword")], approval()))
    assert found.detail.endswith("root's password was changed in it, as the procedure requires")


async def test_no_task_lets_nothing_but_reads_pass() -> None:
    assert verdicts(await reconciled(USE, approval(tasks=()))) == ("unexpected_tasks",)


async def test_reasons_hold_together() -> None:
    records = [*USE, called("11:30:00", "iam:CreateUser", sourceIPAddress="203.0.113.5")]
    found = only(await reconciled(records, approval()))
    assert found.verdicts == ("outside_window", "unexpected_network", "unexpected_tasks")
    assert found.detail == (
        "ended 30 minutes after the window; 1 event from 203.0.113.5; changes that no task covers: iam:CreateUser"
    )
    assert len(found.cited) == 1


@pytest.mark.parametrize(
    ("approvals", "ticket", "tied"),
    [
        # The window that it meets comes before the one that it misses, though that one has fewer reasons against it.
        ([approval(ticket="B", tasks=(), networks=("203.0.113.0/24",)), approval(ticket="A", from_time="10:20:00")], "B", ()),
        # Fewer reasons.
        ([approval(ticket="A", tasks=()), approval(ticket="B")], "B", ()),
        # Less time outside.
        ([approval(ticket="A", from_time="10:02:00"), approval(ticket="B", from_time="10:01:00")], "B", ()),
        # Fewer events from elsewhere.
        ([approval(ticket="A", networks=("203.0.113.0/24",)), approval(ticket="B", networks=("192.0.2.11",), tasks=("s3:*",))], "A", ("B",)),
        # Equal: the earlier window, then the ticket.
        ([approval(ticket="B", from_time="09:00:00"), approval(ticket="A")], "B", ("A",)),
        ([approval(ticket="B"), approval(ticket="A"), approval(ticket="C", tasks=())], "A", ("B",)),
        # Another account's is none.
        ([approval(ticket="A", account="999988887777"), approval(ticket="B", tasks=())], "B", ()),
    ],
)  # fmt: skip
async def test_the_best_fit_wins_and_ties_are_told(approvals: list[Any], ticket: str, tied: tuple[str, ...]) -> None:
    for order in (approvals, approvals[::-1]):
        found = only(await reconciled(USE, *order))
        assert (found.ticket, found.tied) == (ticket, tied)
        if tied:
            assert f"{', '.join(tied)} would also fit" in found.detail


def opened(opener: str, **fields: Any) -> list[dict[str, Any]]:
    """A session of AssumeRoot and the call that opened it."""
    key = "ASIAEXAMPLEASSUMED00"
    issue = event(
        eventTime=spelled("10:00:00"),
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoot",
        readOnly=False,
        identity={"arn": opener, "accountId": "444455556666"},
        requestParameters={"targetPrincipal": ACCOUNT, "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}},
        responseElements={"credentials": {"accessKeyId": key}},
        recipientAccountId="444455556666",
    )  # fmt: skip
    context = {"attributes": {"creationDate": spelled("10:00:00"), "mfaAuthenticated": "false"}, "assumedRoot": "true"}
    used = root_event(
        eventTime=spelled("10:01:00"),
        eventSource="s3.amazonaws.com",
        eventName="DeleteBucketPolicy",
        requestParameters={"bucketName": "locked"},
        readOnly=False,
        sourceIPAddress=OFFICE,
        identity={"accessKeyId": key, "sessionContext": context},
        **fields,
    )
    return [issue, used]


OPENER = "arn:aws:sts::444455556666:assumed-role/SecurityOps/maria@example.com"


@pytest.mark.parametrize(
    "who", [OPENER, "maria@example.com", "MARIA@example.com", "assumed-role/SecurityOps/maria@example.com"]
)
async def test_a_session_of_assume_root_is_that_of_who_opened_it(who: str) -> None:
    assert verdicts(await reconciled(opened(OPENER), approval(who=who))) == ("approved",)


@pytest.mark.parametrize("who", ["maria", "SecurityOps", "example.com", "*"])
async def test_a_session_of_assume_root_by_somebody_else_is_unapproved(who: str) -> None:
    found = only(await reconciled(opened(OPENER), approval(who=who)))
    assert found.verdicts == ("unapproved",)
    assert found.detail == f"opened by {OPENER}, who is in no approval for the account (T-1)"


async def test_a_session_of_assume_root_with_an_unknown_opener_says_so() -> None:
    found = only(await reconciled(opened(OPENER)[1:], approval(who="somebody")))
    assert found.verdicts == ("approved",)
    assert "the case does not show who opened it" in found.detail


async def test_a_session_without_a_time_is_unapproved() -> None:
    found = only(await reconciled([root_event(eventTime="soon", sourceIPAddress=OFFICE)], approval()))
    assert (found.verdicts, found.ticket) == (("unapproved",), None)
    assert "none of its events has a time" in found.detail


async def test_an_event_without_a_time_within_a_session_is_told() -> None:
    records = [root_event(eventTime=when, sourceIPAddress=OFFICE) for when in (spelled("10:10:00"), "soon")]
    found = only(await reconciled(records, approval()))
    assert found.detail.endswith("1 event without a time could not be compared with the window")


async def test_an_approval_beside_the_one_that_fits_best_does_not_say_that_root_was_not_used() -> None:
    early = approval(ticket="T-0", from_time="09:00:00", until_time="10:05:00")
    found = await reconciled([*covered(), signed_in(), called("10:10:00")], early, approval())
    assert [(outcome.status, outcome.detail) for outcome in found.outcomes] == [
        ("unused", f"1 root session in the window, assigned to T-1; {NOT_PROVEN}"),
        ("used", "1 session"),
    ]


async def test_a_case_without_root_and_a_file_without_a_match() -> None:
    found = await reconciled(covered(), approval())
    assert (found.sessions, found.loose) == ((), ())
    assert [(outcome.status, outcome.detail) for outcome in found.outcomes] == [
        ("unused", f"the logs show no root session in the window; {NOT_PROVEN}")
    ]
