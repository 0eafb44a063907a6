"""Cases of a few events that other tools are to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.case import Case
from tests.builders import ABSENT, ACCOUNT, event, record, records_text, root_event

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What somebody may write where it is shown.
NASTY = '=HYPERLINK("https://192.0.2.1","x") <script>alert(\'1\')</script> \\ \' \x07'


@pytest.fixture(scope="session")
def events() -> list[dict[str, Any]]:
    """Root's events: plain, nasty, very long, in its name, without a time, of another account; and one of a role."""
    noise = root_event(eventTime="2026-08-05T11:00:00Z", sourceIPAddress="cloudtrail.amazonaws.com")
    noise["userIdentity"]["invokedBy"] = "cloudtrail.amazonaws.com"
    return [
        root_event(eventName="StopLogging", eventSource="cloudtrail.amazonaws.com", eventTime="2026-08-05T10:00:00Z"),
        root_event(userAgent=NASTY, eventTime="2026-08-05T23:59:59Z", sourceIPAddress="2001:db8::7"),
        root_event(requestParameters={"policy": "é" * 40_000}, eventTime="2026-08-06T00:00:00Z"),
        noise,
        root_event(eventTime=ABSENT, eventName="GetCallerIdentity", eventSource="sts.amazonaws.com"),
        root_event(
            recipientAccountId="012345678901",
            userIdentity={"type": "Root", "accountId": "012345678901", "arn": "arn:aws:iam::012345678901:root"},
            eventTime="2026-08-07T00:00:00.5Z",
        ),
        event(eventTime="2026-08-05T10:30:00Z", recipientAccountId=ACCOUNT),
    ]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory, events: list[dict[str, Any]]) -> Iterator[Case]:
    """A case with these events, open for reading."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "a.json").write_bytes(records_text([record(one) for one in events]))
    with Case(folder / "case.duckdb") as case:
        case.load(folder / "a.json")
        yield case
