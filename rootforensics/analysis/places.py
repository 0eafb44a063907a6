"""Accounts, Regions, calls and sessions as all of the analysis names them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.phrases import service_of, session_text, some

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.queries import rows as of


#: Stands for an account that the record does not name.
UNKNOWN: Final = "unknown"
#: Where IAM is recorded, in the commercial partition.
IAM_REGIONS: Final = ("us-east-1",)
#: Regions in which root's console sign-ins are recorded (commercial partition).
SIGN_IN_REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2")
#: Where the global services of other partitions, sign-in among them, are recorded.
_GLOBAL: Final = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1"}
#: Partitions beside the commercial one, by how the names of their Regions begin.
_PARTITIONS: Final = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "eusc": "aws-eusc",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
    "eu-isoe": "aws-iso-e",
}
#: Regions of another partition.
OTHER_PARTITION: Final = re.compile(rf"({'|'.join(_PARTITIONS)})-")


def account_of(row: of.OfAccount) -> str:
    """The account of a row, as the verdict names it."""
    return row["account_id"] or UNKNOWN


def call_of(row: of.Called) -> str:
    """A call as ``iam:CreateUser``."""
    return f"{service_of(row['eventSource'])}:{row['eventName']}"


def by_account(rows: Iterable[of.OfAccountT]) -> dict[str, list[of.OfAccountT]]:
    """The rows of each account, accounts in order."""
    found: dict[str, list[of.OfAccountT]] = {}
    for row in rows:
        found.setdefault(account_of(row), []).append(row)
    return dict(sorted(found.items()))


def sign_in_regions(region: str | None) -> tuple[str, ...]:
    """The Regions in which sign-ins of root are recorded, in the partition of a Region."""
    partition = partition_of(region)
    return (_GLOBAL[partition],) if partition in _GLOBAL else SIGN_IN_REGIONS


def partition_of(region: str | None, arn: str | None = None) -> str:
    """The partition of an event, as ARNs have it: as an ARN of its own says, else by its Region."""
    named = re.match("arn:(aws[a-z-]*):", arn or "") or OTHER_PARTITION.match(region or "")
    return _PARTITIONS.get(named[1], named[1]) if named else "aws"


def opener_of(session: of.RootSessions) -> of.Opener:
    """The event that opened a session, or its first one."""
    opener = session["opener_citation"]
    return {
        "eventID": session["opener_eventID"] if opener else session["first_eventID"],
        "citation": opener or session["first_citation"],
        "eventTime": session["opened_time"] if opener else session["first_time"],
    }


def named(sessions: Iterable[of.RootSessions]) -> str:
    """Some sessions of root, by how each began and its first event's time."""
    return some([session_text(row["session_kind"], row["first_time"]) for row in sessions])
