"""What was done in an approved session is asked for before it is undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.approval import Approvals
from rootforensics.analysis.containment.step import APPROVED
from tests.analysis.approvals.uses import approval, called, covered, signed_in
from tests.builders import ACCOUNT, write_log

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
LATER = "2026-08-05T20:00:00Z"


def calls(clock: str, name: str, **fields: Any) -> list[dict[str, Any]]:
    """What root does in the hour: it makes a user, gives rights, stops a trail, uses a model, makes a key pair, changes a trust."""
    key = {"identity": {"accessKeyId": f"ASIA{name.upper()}"}} | fields
    return [
        called(f"{clock}:01:00", "iam:CreateUser", requestParameters={"userName": name}, **key),
        called(f"{clock}:02:00", "iam:AttachUserPolicy", requestParameters={"userName": f"old-{name}"} | GIVEN, **key),
        called(f"{clock}:03:00", "cloudtrail:StopLogging", requestParameters={"name": f"trail-{name}"}, **key),
        called(f"{clock}:04:00", "bedrock:InvokeModel", requestParameters={"modelId": "m"}, **key),
        called(f"{clock}:05:00", "ec2:CreateKeyPair", requestParameters={"keyName": "both"}, **key),
        called(f"{clock}:06:00", "iam:UpdateAssumeRolePolicy", requestParameters={"roleName": "r"}, **key),
    ]


@pytest.mark.heavy
def test_what_was_done_in_an_approved_session_is_asked_for_first(tmp_path: Path) -> None:
    records = [signed_in(), *calls("10", "maria"), signed_in("20:00:00"), *calls("20", "eve", begun=LATER), *covered()]
    write_log(tmp_path, "logs/a.json.gz", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        analysis = case.analysis(Approvals("approvals.csv", "0" * 64, (approval(tasks=("*",)),)))
        held, told = analysis.reconciliation, analysis.verdict_of(ACCOUNT)
    assert held
    assert [session.verdicts for session in held.sessions] == [("approved",), ("outside_window",)]
    names = ("user maria", "user old-maria", "trail trail-maria", "user eve", "user old-eve", "trail trail-eve",
             "EC2 key pair both in us-east-1", "role r")  # fmt: skip
    steps = {name: step for name in names for step in told.steps if re.search(rf"{name}\b(?!-)", step.what)}
    assert steps.keys() == {*names}
    asked = {name for name, step in steps.items() if step.what.startswith(f"Ask the owner first: {APPROVED}. ")}
    assert asked == {"user maria", "user old-maria", "trail trail-maria"}
    # Of two changes of one trust, the step is for that which nobody approved.
    assert steps["role r"].event_id == records[-len(covered()) - 1]["eventID"]
    models = [step for step in told.steps if step.what.endswith("InvokeModel")]
    assert sorted("Ask the owner first" in step.what for step in models) == [False, True]
    # What takes root back comes first, and nobody is asked for it.
    assert told.steps[0].why.startswith(
        "It denies root's API calls. The actor can still sign in as root and reset its password."
    )
    first = next(number for number, step in enumerate(told.steps) if step.what.startswith("Ask the owner first"))
    assert [step.what.partition(" ")[0] for step in told.steps[:first]] == ["If", "While"]
