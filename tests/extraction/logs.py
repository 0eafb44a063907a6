"""The logs of a small story: root makes a user with a key in August 2026, who acts; and what has nothing to do with it."""

from __future__ import annotations

from typing import Any, Final

from tests.builders import ACCOUNT, event, gz, records_file, root_event

#: Of a trail in the layout of CloudTrail: account, Region, day.
_KEY: Final = (
    "{root}/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{flat}T1005Z_{number:016}.json.gz"
)
EVE_KEY: Final = "AKIAEXAMPLEEVESKEY00"
EVE: Final = {
    "type": "IAMUser", "userName": "eve", "accessKeyId": EVE_KEY, "principalId": "AIDAEXAMPLEEVE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/eve", "sessionContext": None,
}  # fmt: skip


def key_of(day: str, number: int = 0, region: str = "us-east-1", account: str = ACCOUNT, root: str = "AWSLogs") -> str:
    """The key of a log.

    Args:
        day: ``YYYY/MM/DD``.
        number: tells it from others of the day.
        region: whose it is.
        account: likewise.
        root: the folder of the accounts.
    """
    flat = day.replace("/", "")
    return _KEY.format(root=root, account=account, region=region, day=day, flat=flat, number=number)


def log_of(*events: dict[str, Any]) -> bytes:
    """A log file."""
    return gz(records_file(list(events)))


def _at(day: str, **fields: Any) -> dict[str, Any]:
    return {"eventTime": f"{day.replace('/', '-')}T10:00:00Z"} | fields


def story() -> dict[str, bytes]:
    """Objects by key. Of eight events five belong to root's story: its three calls, StopLogging, and eve's read."""
    first, second = "2026/08/05", "2026/08/12"
    made = {"user": {"userName": "eve", "arn": f"arn:aws:iam::{ACCOUNT}:user/eve"}}
    key = {"accessKey": {"userName": "eve", "accessKeyId": EVE_KEY, "status": "Active"}}
    request = {"userName": "eve"}
    of_root = _at(first, readOnly=False)
    return {
        key_of(first): log_of(
            root_event(eventName="CreateUser", requestParameters=request, responseElements=made, **of_root),
            root_event(eventName="CreateAccessKey", requestParameters=request, responseElements=key, **of_root),
            event(**_at(first)),
        ),
        key_of(first, 1, "eu-west-1"): log_of(event(awsRegion="eu-west-1", **_at(first))),
        key_of(second): log_of(
            event(identity=EVE, eventSource="s3.amazonaws.com", eventName="ListBuckets", **_at(second)),
            event(eventSource="cloudtrail.amazonaws.com", eventName="StopLogging", **_at(second, readOnly=False)),
            event(**_at(second)),
        ),
        key_of("2026/08/18"): log_of(root_event(**_at("2026/08/18"))),
    }
