"""Changes of root's own credentials, and the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.builders import ACCOUNT, event, root_event
from tests.queries.test_root import NOISE, sign_in
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import rootforensics as rf

    CaseOf = Callable[..., rf.Case]

DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
KEY = "AKIAEXAMPLEOWNKEY000"


def iam(name: str, second: int, **fields: Any) -> dict[str, Any]:
    return root_event(eventName=name, readOnly=False, eventTime=f"2026-08-05T10:00:{second:02}Z", **fields)


async def test_roots_own_credentials_are_told_from_those_of_users() -> None:
    made = {"accessKey": {"accessKeyId": KEY}}
    bobs = {"accessKey": {"accessKeyId": "AKIAEXAMPLEBOBSKEY00"}}
    case = await part_of(
        iam("CreateAccessKey", 1, requestParameters=None, responseElements=made),
        iam("CreateAccessKey", 2, requestParameters={"userName": "bob"}, responseElements=bobs),
        iam("UpdateAccessKey", 3, requestParameters={"accessKeyId": KEY, "status": "Inactive"}),
        iam("UpdateAccessKey", 4, requestParameters={"accessKeyId": KEY, "status": "Active"}),
        iam("DeleteAccessKey", 5, requestParameters={"accessKeyId": KEY}),
        iam("EnableMFADevice", 6, requestParameters={"userName": "AWS ROOT USER", "serialNumber": DEVICE}),
        iam("EnableMFADevice", 7, requestParameters={"userName": "bob", "serialNumber": f"{DEVICE}-bob"}),
        iam("DeactivateMFADevice", 8, requestParameters={"serialNumber": DEVICE}, errorCode="AccessDenied"),
        iam("DeleteVirtualMFADevice", 9, requestParameters={"serialNumber": DEVICE}),
        iam("DeleteVirtualMFADevice", 10, requestParameters={"serialNumber": f"{DEVICE}-bob"}),
        iam("ChangePassword", 11),
        iam("DeleteLoginProfile", 12, requestParameters=None),
        iam("DeleteLoginProfile", 13, requestParameters={"userName": "bob"}),
        iam("CreateAccessKey", 14, requestParameters=None, responseElements=made, **NOISE),
        event(eventName="CreateAccessKey", eventSource="iam.amazonaws.com", requestParameters=None),
        root_event(
            eventSource="billingconsole.amazonaws.com",
            eventName="SetAccountPreferences",
            eventTime="2026-08-05T10:00:15Z",
        ),
        sign_in("Success", "No", eventTime="2026-08-05T10:00:16Z"),
    )
    rows = case.query("root_credential_changes").rows
    assert [(row["eventTime"].second, row["credential_kind"], row["change"], row["outcome"]) for row in rows] == [
        (1, "access_key", "added", "success"),
        (3, "access_key", "deactivated", "success"),
        (4, "access_key", "activated", "success"),
        (5, "access_key", "removed", "success"),
        (6, "mfa_device", "added", "success"),
        (8, "mfa_device", "removed", "failure"),
        (9, "mfa_device", "removed", "success"),
        (11, "password", "changed", "success"),
        (12, "password", "removed", "success"),
        (14, "access_key", "added", "success"),
        (15, "password", "perhaps_changed", "success"),
    ]
    assert rows[-2]["origin"] == "service"
    assert [row["credential"] for row in rows][:7] == [KEY] * 4 + [DEVICE] * 3


async def test_roots_device_is_known_by_its_name_and_a_namesakes_is_perhaps_roots() -> None:
    """A user may be called root, or as the account's alias, and root's own device as anybody likes."""
    alias = {"identity": {"userName": "acme"}}
    case = await part_of(
        iam("EnableMFADevice", 1, requestParameters={"userName": "acme", "serialNumber": DEVICE}, **alias),
        iam("DeactivateMFADevice", 2, requestParameters={"userName": "acme", "serialNumber": DEVICE}),
        iam("DeactivateMFADevice", 3, requestParameters={"userName": "root", "serialNumber": "GAHT1"}),
        iam("DeactivateMFADevice", 4, requestParameters={"userName": "acme", "serialNumber": "GAHT2"}, **alias),
        iam("DeactivateMFADevice", 5, requestParameters={"userName": "acme", "serialNumber": "GAHT3"}),
        iam("DeactivateMFADevice", 6, requestParameters={"userName": "root", "serialNumber": f"{DEVICE}-bob"}),
        iam("DeactivateMFADevice", 7, requestParameters={"userName": "AWS ROOT USER", "serialNumber": "GAHT4"}),
        iam("DeactivateMFADevice", 8, requestParameters={"userName": "root", "serialNumber": "GAHT5"}),
        sign_in("Success", "Yes", additionalEventData={"MFAUsed": "Yes", "MFAIdentifier": "GAHT5"}),
    )
    rows = case.query("root_credential_changes").rows
    assert [(row["eventTime"].second, row["change"], row["credential"]) for row in rows] == [
        (1, "added", DEVICE),
        (2, "removed", DEVICE),
        (3, "perhaps_removed", "GAHT1"),
        (4, "perhaps_removed", "GAHT2"),
        (6, "perhaps_removed", f"{DEVICE}-bob"),
        (7, "removed", "GAHT4"),
        (8, "removed", "GAHT5"),
    ]


PHONE = f"arn:aws:iam::{ACCOUNT}:mfa/phone"


async def test_what_a_service_did_in_roots_name_changed_roots_credentials() -> None:
    refused = NOISE | {"errorCode": "AccessDenied"}
    billing = {"eventSource": "billingconsole.amazonaws.com"} | NOISE
    case = await part_of(
        iam("CreateLoginProfile", 1, requestParameters=None, **NOISE),
        iam("ChangePassword", 2, requestParameters=None, **NOISE),
        iam("DeactivateMFADevice", 3, requestParameters={"serialNumber": PHONE}, **NOISE),
        iam("SetAccountPreferences", 4, requestParameters=None, **billing),
        # Refused, or another's.
        iam("DeactivateMFADevice", 5, requestParameters={"serialNumber": PHONE}, **refused),
        iam("CreateLoginProfile", 6, requestParameters={"userName": "bob"}, **NOISE),
        iam("DeactivateMFADevice", 7, requestParameters={"userName": "bob", "serialNumber": f"{PHONE}-bob"}, **NOISE),
    )
    rows = case.query("root_credential_changes").rows
    assert [(row["eventTime"].second, row["credential_kind"], row["change"], row["origin"]) for row in rows] == [
        (1, "password", "changed", "service"),
        (2, "password", "changed", "service"),
        (3, "mfa_device", "removed", "service"),
        (4, "password", "perhaps_changed", "service"),
    ]


def test_the_notes_are_in_the_order_of_what_they_are_about(case_of: CaseOf) -> None:
    early = root_event(eventTime="2026-08-05T09:00:00Z", eventID="early")
    case = case_of(early, root_event(eventTime="soon", eventID="untimed"))
    for at, tag in (("untimed", "b"), ("2026-08-05T10:00:00Z", "a"), ("early", "a")):
        case.note(at, f"about {at}", tag=tag, author="maria")
    rows = case.query("notes").rows
    assert [(row["note_id"], row["text"], row["eventName"], row["account_id"]) for row in rows] == [
        (3, "about early", "ListUsers", ACCOUNT),
        (2, "about 2026-08-05T10:00:00Z", None, None),
        (1, "about untimed", "ListUsers", ACCOUNT),
    ]
    assert [row["note_id"] for row in case.query("notes", tag="b").rows] == [1]
