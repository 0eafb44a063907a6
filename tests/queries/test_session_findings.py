"""Which findings fall in which session."""

from __future__ import annotations

from typing import Any

from tests.rules.finding_cases import LINUX, WINDOWS, at, called, made_key, sign_in, with_key
from tests.stories import part_of


async def test_each_session_has_its_findings() -> None:
    context: dict[str, Any] = {"attributes": {"creationDate": at("01:00")}}
    key = made_key("01:05")
    key["userIdentity"] |= {"accessKeyId": "ASIA1", "sessionContext": context}
    login = sign_in("01:00", userAgent=WINDOWS, mfa="Yes")
    case = await part_of(login, key, called("01:06", "198.51.100.7", "01:00", LINUX), with_key("09:00", "203.0.113.9"))
    rows = {row["session_kind"]: row for row in case.query("session_findings").rows}
    console, used = rows["console_sign_in"], rows["long_term_key"]
    assert (console["finding_count"], console["worst"]) == (4, "critical")
    assert console["findings"] == [
        "action:iam-create-access-key-for-root", "root_key_moved", "action:signin-console-login-with-mfa",
        "session_agent_changed",
    ]  # fmt: skip
    assert (used["findings"], used["finding_count"]) == (["root_key_moved"], 1)
    assert len(console["eventIDs"]) == 3
    low = case.query("session_findings", severity="critical").rows
    assert [row["finding_count"] for row in low] == [2, 1]
    assert case.query("session_findings", account_id="444455556666").rows == []
