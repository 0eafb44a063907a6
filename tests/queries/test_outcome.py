"""One outcome for all questions: what failed is never done, what is not said is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import root_event

if TYPE_CHECKING:
    from collections.abc import Callable

    import rootforensics as rf


def sign_in(name: str, response: Any = None, extra: Any = None, **fields: Any) -> dict[str, Any]:
    """An event of the sign-in service."""
    return root_event(
        eventSource="signin.amazonaws.com", eventName=name, responseElements=response, additionalEventData=extra,
        readOnly=False, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (sign_in("ConsoleLogin", {"ConsoleLogin": "Success"}), "success"),
        (sign_in("ConsoleLogin", {"ConsoleLogin": "Failure"}), "failure"),
        (sign_in("ConsoleLogin", {"ConsoleLogin": "failure"}, errorMessage="Failed authentication"), "failure"),
        (sign_in("ConsoleLogin"), None),
        (sign_in("ConsoleLogin", errorMessage="Failed authentication"), "failure"),
        (sign_in("CreateOAuth2Token", extra={"success": False}), "failure"),
        (sign_in("CreateOAuth2Token", extra={"success": "false"}), "failure"),
        (sign_in("CreateOAuth2Token", extra={"success": "true"}), "success"),
        (sign_in("PasswordRecoveryCompleted", errorMessage="expired"), "failure"),
        (root_event(eventName="CreateUser", readOnly=False), "success"),
        (root_event(eventName="CreateUser", readOnly=False, errorCode=""), "success"),
        (root_event(eventName="CreateUser", readOnly=False, errorCode="AccessDenied"), "failure"),
    ],
)
def test_the_outcome_is_the_same_wherever_it_stands(
    record: dict[str, Any], outcome: str | None, case_of: Callable[..., rf.Case]
) -> None:
    case = case_of(record)
    (row,) = case.query("root_timeline").rows
    (total,) = case.query("root_summary").rows
    assert row["outcome"] == outcome
    assert total["write_count"] == (outcome == "success")
    for signed_in in case.query("root_signins").rows:
        assert signed_in["outcome"] == outcome
    assert len(case.query("root_errors")) == (record.get("errorCode") == "AccessDenied")
