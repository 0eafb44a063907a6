"""The procedure after a use: each answer with what brings it about, and unknown where the logs cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.ingest.filters import parse_time
from tests.analysis.approvals.test_reconcile import OPENER, opened
from tests.analysis.approvals.uses import (
    DEVICE,
    OFFICE,
    approval,
    called,
    covered,
    housed,
    password_changed,
    quiet,
    reconciled,
    signed_in,
    spelled,
)
from tests.builders import ACCOUNT, root_event

if TYPE_CHECKING:
    from rootforensics.analysis.approvals.post_use_checks import Step

USE = [signed_in(), called("10:10:00")]
KEY = "AKIAEXAMPLEOWNKEY000"
OTHER = f"arn:aws:iam::{ACCOUNT}:u2f/root-account/yubi-0123456789"


async def steps(*records: dict[str, Any], cover: list[dict[str, Any]] | None = None, **options: Any) -> dict[str, Step]:
    """The steps after the usual use and these records, by name."""
    logs = covered() if cover is None else cover
    given = options.pop("approval", approval())
    found = await reconciled([*USE, *records, *logs], given, **options)
    return {step.name: step for step in found.outcomes[0].steps}


async def each(
    cases: list[list[dict[str, Any]]], covers: list[list[dict[str, Any]]] | None = None, **options: Any
) -> list[dict[str, Step]]:
    """The steps after the usual use and the records of each case: all in one load, a case an account."""
    logs = covers or [covered() for _ in cases]
    homes = [housed([*USE, *records, *logs[number]], number) for number, records in enumerate(cases)]
    approvals = [approval(account=account, ticket=f"T-{account}") for account, _ in homes]
    found = await reconciled([record for _, records in homes for record in records], *approvals, **options)
    assert [one.approval.account for one in found.outcomes] == [account for account, _ in homes]
    return [{step.name: step for step in outcome.steps} for outcome in found.outcomes]


def device(clock: str, name: str, serial: str = DEVICE, **fields: Any) -> dict[str, Any]:
    request = {"userName": "AWS ROOT USER", "serialNumber": serial}
    return called(clock, f"iam:{name}", **({"requestParameters": request} | fields))


def key(clock: str, name: str, **request: Any) -> dict[str, Any]:
    made = {"accessKey": {"accessKeyId": KEY}} if name == "CreateAccessKey" else None
    return called(clock, f"iam:{name}", requestParameters=request or None, responseElements=made)


def answers(found: dict[str, Step]) -> dict[str, str]:
    return {name: step.answer for name, step in found.items()}


async def test_a_use_by_the_book() -> None:
    found = await steps(password_changed("11:00:00"))
    assert answers(found) == dict.fromkeys(found, "yes")
    assert "ChangePassword at 2026-08-05 11:00:00 from 192.0.2.10, 50 minutes after" in found["password_changed"].detail


async def test_a_device_that_was_perhaps_roots_leaves_the_step_unknown() -> None:
    request = {"userName": "root", "serialNumber": "GAHT12345678"}
    found = (await steps(called("10:15:00", "iam:DeactivateMFADevice", requestParameters=request)))["mfa_there"]
    assert (found.answer, "removed root's device or a user's" in found.detail) == ("unknown", True)


PASSWORDS: list[tuple[Any, str]] = [
    (password_changed("10:10:00"), "yes"),
    (password_changed("06 10:10:00"), "yes"),
    (password_changed("06 10:10:01"), "no"),
    (password_changed("10:09:59"), "no"),
    (password_changed("09:00:00"), "no"),
    (password_changed("11:00:00", errorCode="AccessDenied"), "no"),
    (password_changed("11:00:00", recipientAccountId="999988887777", identity={"accountId": "999988887777"}), "no"),
    (called("11:00:00", "billingconsole:SetAccountPreferences", spelled("11:00:00")), "unknown"),
    (called("11:00:00", "iam:CreateLoginProfile", requestParameters={"userName": "bob"}), "no"),
    (called("11:00:00", "iam:DeleteLoginProfile", spelled("11:00:00"), requestParameters=None), "yes"),
    (signed_in("11:00:00", eventName="PasswordRecoveryCompleted", responseElements={"PasswordRecoveryCompleted": "Success"}), "yes"),
    (signed_in("11:00:00", eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"}), "no"),
    (signed_in("11:00:00", eventName="PasswordUpdated", responseElements={"PasswordUpdated": "Success"}), "yes"),
    (signed_in("11:00:00", eventName="PasswordUpdated", responseElements={"PasswordUpdated": "Failure"}), "no"),
]  # fmt: skip


async def test_the_password_has_to_be_changed_in_time_and_after_the_last_event() -> None:
    found = await each([[record] for record, _ in PASSWORDS])
    for steps_after, (record, answer) in zip(found, PASSWORDS, strict=True):
        assert steps_after["password_changed"].answer == answer, record


async def test_the_change_of_the_password_within_the_session_is_not_held_against_itself() -> None:
    change = called("10:20:00", "iam:ChangePassword")
    cases = [[change], [change, called("10:21:00", "iam:ListUsers", readOnly=True)]]
    last, before = (found["password_changed"] for found in await each(cases))
    assert (last.answer, before.answer) == ("yes", "no")
    assert "but root was used until 2026-08-05 10:21:00" in before.detail


async def test_a_password_that_a_stranger_changed_is_not_changed_by_the_procedure() -> None:
    calls = ("PasswordRecoveryCompleted", "PasswordUpdated")
    away = [
        signed_in("14:00:00", eventName=call, responseElements={call: "Success"}, sourceIPAddress="203.0.113.66")
        for call in calls
    ]
    cases = [[password_changed("10:30:00"), away[0]], [password_changed("10:30:00"), away[1]], *([one] for one in away)]
    for found, call in zip(await each(cases), calls * 2, strict=True):
        step = found["password_changed"]
        assert (step.answer, [row["eventName"] for row in step.cited]) == ("unknown", [call])
        assert "from 203.0.113.66, outside the approved networks" in step.detail


@pytest.mark.parametrize("call", ["PasswordRecoveryCompleted", "PasswordUpdated"])
async def test_nobody_is_a_stranger_to_an_approval_without_networks(call: str) -> None:
    away = signed_in("14:00:00", eventName=call, responseElements={call: "Success"}, sourceIPAddress="203.0.113.66")
    assert (await steps(away, approval=approval(networks=())))["password_changed"].answer == "yes"


async def test_that_no_change_came_in_time_cites_the_end_of_the_use() -> None:
    none, late = (found["password_changed"] for found in await each([[], [password_changed("06 10:10:01")]]))
    assert (none.answer, [row["eventName"] for row in none.cited]) == ("no", ["DeleteBucketPolicy"])
    assert [row["eventName"] for row in late.cited] == ["DeleteBucketPolicy", "ChangePassword"]


@pytest.mark.parametrize(("hours", "answer"), [(24.0, "no"), (48.0, "yes")])
async def test_the_time_for_the_password_can_be_set(hours: float, answer: str) -> None:
    found = await steps(password_changed("06 20:00:00"), hours=hours)
    assert found["password_changed"].answer == answer


COVERS = pytest.mark.parametrize(
    "cover",
    [
        covered("06 10:09:59"),
        [quiet("01 00:00:00"), quiet("07 12:00:00")],
        [],
    ],
    ids=["ends too early", "one Region alone", "nothing more"],
)


@COVERS
async def test_no_change_is_unknown_where_the_logs_could_not_show_one(cover: list[dict[str, Any]]) -> None:
    found = (await steps(cover=cover))["password_changed"]
    assert found.answer == "unknown"
    assert (
        f"all logs from account {ACCOUNT} in us-east-1, us-east-2, us-west-2 until 2026-08-06 10:10:00" in found.needed
    )


@COVERS
async def test_a_change_is_seen_however_far_the_logs_reach(cover: list[dict[str, Any]]) -> None:
    assert (await steps(password_changed("11:00:00"), cover=cover))["password_changed"].answer == "yes"


DEVICES: list[tuple[Any, str]] = [
    ([device("10:20:00", "DeactivateMFADevice")], "no"),
    ([device("10:20:00", "DeactivateMFADevice", requestParameters={"serialNumber": DEVICE})], "no"),
    ([called("10:20:00", "iam:DeleteVirtualMFADevice", requestParameters={"serialNumber": DEVICE})], "no"),
    ([device("10:20:00", "DeactivateMFADevice", errorCode="AccessDenied")], "yes"),
    ([device("10:20:00", "DeactivateMFADevice"), device("10:30:00", "EnableMFADevice", OTHER)], "yes"),
    ([device("10:20:00", "EnableMFADevice", OTHER), device("10:30:00", "DeactivateMFADevice")], "yes"),
    ([device("10:20:00", "DeactivateMFADevice", requestParameters={"userName": "bob", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"})], "yes"),
    ([called("10:20:00", "iam:DeleteVirtualMFADevice", requestParameters={"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"})], "yes"),
    ([device("10:20:00", "DeactivateMFADevice"), device("10:21:00", "EnableMFADevice", requestParameters={"userName": "bob", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"})], "no"),
    ([signed_in("06 10:00:00", mfa="No", device=None)], "no"),
    ([signed_in("04 10:00:00", mfa="No", device=None)], "yes"),
]  # fmt: skip


async def test_mfa_is_there_unless_it_was_taken_away_and_none_bound_after() -> None:
    found = await each([records for records, _ in DEVICES])
    for steps_after, (records, answer) in zip(found, DEVICES, strict=True):
        assert steps_after["mfa_there"].answer == answer, records
        assert answer != "no" or steps_after["mfa_there"].cited, records


async def test_a_device_that_took_the_place_of_another_is_told() -> None:
    found = await steps(device("10:20:00", "EnableMFADevice", OTHER), device("10:30:00", "DeactivateMFADevice"))
    assert OTHER in found["mfa_there"].detail
    assert "check that the remaining device is yours" in found["mfa_there"].detail


async def test_mfa_that_no_log_shows_is_unknown() -> None:
    records = [root_event(eventTime=spelled("10:10:00"), sourceIPAddress=OFFICE), *covered()]
    (outcome,) = (await reconciled(records, approval())).outcomes
    step = outcome.steps[1]
    assert (step.answer, step.detail) == ("unknown", "the logs show no MFA device of root")
    assert "AccountMFAEnabled" in step.needed


KEYS: list[tuple[Any, str]] = [
    ([key("10:20:00", "CreateAccessKey")], "no"),
    ([key("10:20:00", "CreateAccessKey", userName="bob")], "yes"),
    ([key("10:20:00", "CreateAccessKey"), key("10:30:00", "DeleteAccessKey", accessKeyId=KEY)], "yes"),
    ([key("10:20:00", "CreateAccessKey"), key("10:30:00", "DeleteAccessKey", accessKeyId="AKIAEXAMPLEANOTHER00")], "no"),
    ([key("10:20:00", "CreateAccessKey"), key("10:30:00", "UpdateAccessKey", accessKeyId=KEY, status="Inactive")], "inactive"),
    ([key("10:20:00", "CreateAccessKey"), key("10:30:00", "UpdateAccessKey", accessKeyId=KEY, status="Inactive"), key("10:31:00", "UpdateAccessKey", accessKeyId=KEY, status="Active")], "no"),
    ([key("03 10:20:00", "CreateAccessKey")], "no"),
    ([root_event(eventTime=spelled("03 10:00:00"))], "no"),
    ([root_event(eventTime=spelled("03 10:00:00")), key("10:30:00", "DeleteAccessKey", accessKeyId="AKIAEXAMPLEROOTKEY00")], "yes"),
    ([root_event(eventTime=spelled("03 10:00:00")), key("10:30:00", "UpdateAccessKey", accessKeyId="AKIAEXAMPLEROOTKEY00", status="Inactive")], "inactive"),
]  # fmt: skip


async def test_no_key_of_root_may_be_left() -> None:
    found = await each([records for records, _ in KEYS])
    for steps_after, (records, answer) in zip(found, KEYS, strict=True):
        assert steps_after["no_access_key"].answer == answer, records
        assert bool(steps_after["no_access_key"].cited) == (answer != "yes"), records


async def test_other_changes_are_cited() -> None:
    found = (await steps(called("10:20:00", "iam:CreateUser")))["no_other_change"]
    assert (found.answer, [row["eventName"] for row in found.cited]) == ("no", ["CreateUser"])


async def test_absence_is_unknown_where_the_logs_end_before_the_window() -> None:
    found = await steps(cover=covered("10:30:00"))
    assert answers(found) == dict.fromkeys(found, "unknown")
    for step in found.values():
        assert "missing: logs after 2026-08-05 10:30:00" in step.detail
        assert step.needed


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "filters",
    [rf.Filters(root_named=True), rf.Filters(regions=("us-east-1",))],
    ids=["root named", "Region"],
)
async def test_absence_is_unknown_where_filters_left_something_out(filters: rf.Filters) -> None:
    found = await steps(filters=filters)
    assert answers(found) == dict.fromkeys(found, "unknown")
    assert "the events that the load filtered out" in found["no_access_key"].detail


@pytest.mark.quick(1)
@pytest.mark.parametrize("related", [False, True])
async def test_a_filter_that_lets_in_all_of_the_time_leaves_out_nothing_of_it(*, related: bool) -> None:
    found = await steps(filters=rf.Filters(since=parse_time("2026-08-05"), root_related=related))
    assert answers(found) == {
        "password_changed": "no", "mfa_there": "yes", "no_access_key": "yes", "no_other_change": "yes",
    }  # fmt: skip
    assert "an unused key from before 2026-08-05 10:00:00 would not appear" in found["no_access_key"].detail


@pytest.mark.parametrize(("account", "answer"), [("999988887777", "yes"), (ACCOUNT, "unknown")])
async def test_absence_is_unknown_where_a_log_is_damaged_but_not_another_accounts(account: str, answer: str) -> None:
    story = reconciled([*USE, *covered()], approval())
    story.files[f"{account}_CloudTrail_us-east-1_20260805T1105Z_0123456789abcdef.json"] = (
        b'{"Records":[{"eventVersion":'
    )
    (outcome,) = (await story).outcomes
    (step,) = (one for one in outcome.steps if one.name == "no_access_key")
    assert step.answer == answer


async def test_what_is_seen_is_seen_whatever_else_is_missing() -> None:
    records = [
        key("10:20:00", "CreateAccessKey"),
        device("10:21:00", "DeactivateMFADevice"),
        password_changed("11:00:00"),
    ]
    found = await steps(*records, cover=[])
    assert answers(found) == {
        "password_changed": "yes",
        "mfa_there": "no",
        "no_access_key": "no",
        "no_other_change": "no",
    }


async def test_assume_root_needs_no_password_and_no_mfa() -> None:
    (outcome,) = (await reconciled([*opened(OPENER), *covered()], approval(who=OPENER))).outcomes
    assert [step.answer for step in outcome.steps] == ["not_needed", "not_needed", "yes", "yes"]


async def test_the_last_of_several_sessions_counts() -> None:
    second = [signed_in("10:30:00"), called("10:40:00", begun=spelled("10:30:00"))]
    assert (await steps(*second, password_changed("10:35:00")))["password_changed"].answer == "no"
