"""Uses of root and approvals of them, so that a test shows only what matters to it.

The usual use is a console session in account 111122223333 on 5 August 2026: signed in with MFA at 10:00:00 from
192.0.2.10, a bucket policy deleted at 10:10:00. The usual approval lets it pass.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from rootforensics.analysis.approval import Approval, Approvals
from rootforensics.analysis.approvals.reconcile import Reconciliation, reconcile
from tests.builders import ACCOUNT, event, root_event
from tests.stories import Names, Story

if TYPE_CHECKING:
    from rootforensics.analysis.approvals.match_session import SessionJudgment

OFFICE = "192.0.2.10"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
BEGUN = "2026-08-05T10:00:00Z"


ANOTHER = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/another"}


def moment(text: str) -> datetime:
    """A time such as ``10:00:00`` on 5 August, or with its day: ``06 10:00:00``."""
    day, clock = text.split() if " " in text else ("05", text)
    return datetime.fromisoformat(f"2026-08-{day}T{clock}+00:00").astimezone(UTC)


def spelled(text: str) -> str:
    """The same as CloudTrail spells it."""
    return moment(text).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed_in(
    clock: str = "10:00:00", mfa: str | None = "Yes", device: str | None = DEVICE, **fields: Any
) -> dict[str, Any]:
    """Root signs in to the console."""
    usual = {
        "identity": {"accessKeyId": ""},
        "eventTime": spelled(clock),
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn",
        "readOnly": False,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": mfa} | ({"MFAIdentifier": device} if device else {}),
        "sourceIPAddress": OFFICE,
    }
    return root_event(**(usual | fields))


def called(clock: str, call: str = "s3:DeleteBucketPolicy", begun: str = BEGUN, **fields: Any) -> dict[str, Any]:
    """Root makes a call in the console session that began then."""
    service, name = call.split(":")
    identity = {
        "accessKeyId": "ASIAEXAMPLECONSOLE00",
        "sessionContext": {"attributes": {"creationDate": begun, "mfaAuthenticated": "true"}},
    } | fields.pop("identity", {})
    usual = {
        "identity": identity,
        "eventTime": spelled(clock),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "readOnly": False,
        "requestParameters": {"bucketName": "locked"} if name == "DeleteBucketPolicy" else None,
        "sourceIPAddress": OFFICE,
        "sessionCredentialFromConsole": "true",
    }
    return root_event(**(usual | fields))


def password_changed(clock: str, **fields: Any) -> dict[str, Any]:
    """Root's password is changed, in a session of its own."""
    return called(clock, "iam:ChangePassword", spelled(clock), **fields)


#: What is said where the logs hold nothing of a window and digest files nothing, either.
NOT_PROVEN = "some hours in the window have neither events nor digest files (rootforensics coverage)"


def quiet(clock: str, **fields: Any) -> dict[str, Any]:
    """Somebody else does something: the logs reach to here."""
    return event(eventTime=spelled(clock), **fields)


def covered(until: str = "07 12:00:00") -> list[dict[str, Any]]:
    """Ordinary events of two roles in the Regions where root signs in, from 1 August until then."""
    return [
        quiet(clock, awsRegion=region, identity=ANOTHER if region == "us-west-2" else {})
        for region in ("us-east-1", "us-east-2", "us-west-2")
        for clock in ("01 00:00:00", until)
    ]


def approval(**changes: Any) -> Approval:
    """The approval of the usual use; times as ``moment`` takes them, networks as text."""
    usual: dict[str, Any] = {
        "ticket": "T-1",
        "who": "maria",
        "account": ACCOUNT,
        "from_time": "10:00:00",
        "until_time": "11:00:00",
        "reason": "locked out",
        "networks": ("192.0.2.0/24",),
        "tasks": ("s3:DeleteBucketPolicy",),
        "line": 1,
    }
    values = usual | changes
    values |= {name: moment(values[name]) for name in ("from_time", "until_time")}
    values["networks"] = tuple(map(ip_network, values["networks"]))
    return Approval(**values)


def reconciled(records: list[dict[str, Any]], *approvals: Approval, **options: Any) -> Story:
    """These records, held against these approvals; ``filters`` for the load, ``hours`` for the password."""

    def ask(analysis: Any, names: Names) -> Any:
        source = Approvals("approvals.csv", "0" * 64, names.in_case(approvals))
        return _of_accounts(
            reconcile(analysis, analysis.coverage, source, options.get("hours", 24.0)), {*names.accounts, None}
        )

    return Story(records, ask, {"filters": options["filters"]} if "filters" in options else {})


def _of_accounts(found: Reconciliation, accounts: set[str | None]) -> Reconciliation:
    return replace(
        found,
        sessions=tuple(session for session in found.sessions if session.session["account_id"] in accounts),
        events=tuple(row for row in found.events if row["account_id"] in accounts),
        apart=tuple(one for one in found.apart if one.account_id in accounts),
    )


def housed(records: list[dict[str, Any]], number: int) -> tuple[str, list[dict[str, Any]]]:
    """An account, and these records as those of it, with keys of its own: so many cases make one load."""
    account = f"1111{number:08}"
    text = json.dumps(records).replace(ACCOUNT, account).replace("IAEXAMPLE", f"IAEX{number:05}")
    return account, json.loads(text)


USE = [signed_in(), called("10:10:00")]
NOISE = [
    root_event(sourceIPAddress="AWS Internal", readOnly=False, eventName="PutThing", eventTime=spelled("10:20:00")),
    event(eventTime=spelled("10:20:00"), readOnly=False, sourceIPAddress="203.0.113.5"),
]


def only(found: Reconciliation) -> SessionJudgment:
    (one,) = found.sessions
    return one


def verdicts(found: Reconciliation) -> tuple[str, ...]:
    return only(found).verdicts
