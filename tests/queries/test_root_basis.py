"""By which field an event is root's: the type, else an ARN that only root bears, else a name that only root has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from tests.builders import ABSENT, ACCOUNT, event, write_log
from tests.ingest.checks import load

if TYPE_CHECKING:
    from pathlib import Path

ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
NAMELESS = {"type": ABSENT, "arn": ABSENT, "principalId": ABSENT, "sessionContext": ABSENT}


def opened_by(**issuer: object) -> dict[str, object]:
    return {
        "type": "FederatedUser",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/fed",
        "sessionContext": {"sessionIssuer": issuer},
    }


@pytest.mark.parametrize("root_related", [False, True], ids=["all", "root related"])
@pytest.mark.parametrize(
    ("identity", "basis"),
    [
        (opened_by(type="Root", arn=ROOT_ARN), "sessionIssuer.type"),
        (opened_by(type=ABSENT, arn=ROOT_ARN), "sessionIssuer.arn"),
        (opened_by(type="", arn=f"arn:aws-us-gov:iam::{ACCOUNT}:root"), "sessionIssuer.arn"),
        (opened_by(type=ABSENT, arn=f"arn:aws:iam::{ACCOUNT}:user/root"), None),
        (opened_by(type="IAMUser", arn=ROOT_ARN), None),
        (NAMELESS | {"userName": "AWS ROOT USER"}, "userName"),
        ({"type": "IAMUser", "userName": "AWS ROOT USER"}, None),
    ],
)
def test_the_field_that_makes_an_event_roots_is_said(
    identity: dict[str, object], basis: str | None, root_related: bool, tmp_path: Path
) -> None:
    write_log(tmp_path, "logs/log.json", [event(identity=identity)])
    case = load(tmp_path, filters=rf.Filters(root_related=root_related))
    assert [row["root_basis"] for row in case.sql("SELECT root_basis FROM root_events").rows] == [basis] * bool(basis)
    assert len(case.sql("SELECT eventID FROM events").rows) == (bool(basis) or not root_related)


@pytest.mark.parametrize("root_related", [False, True], ids=["all", "root related"])
@pytest.mark.parametrize(("name", "kind"), [("root", ""), ("AWS ROOT USER", ""), ("Root", "unknown_identity")])
def test_in_the_event_history_the_name_alone_tells_root(
    name: str, kind: str, root_related: bool, tmp_path: Path
) -> None:
    """A user may be called Root: of it nobody can tell, so it is neither left out nor counted as root's."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text(
        "Event name,Event time,User name,Event source,Event ID\n"
        f"DeleteTrail,2026-08-05T10:00:00Z,{name},cloudtrail.amazonaws.com,x-1\n"
        "DeleteTrail,2026-08-05T10:00:00Z,FinanceRoot,cloudtrail.amazonaws.com,x-2\n"
    )
    case = load(tmp_path, filters=rf.Filters(root_related=root_related))
    assert [row["eventID"] for row in case.sql("SELECT eventID FROM root_events").rows] == ([] if kind else ["x-1"])
    problems = case.sql("SELECT kind, eventID FROM evidence_problems WHERE kind = 'unknown_identity'").rows
    assert problems == ([{"kind": kind, "eventID": "x-1"}] if kind else [])
    assert {row["eventID"] for row in case.sql("SELECT eventID FROM events").rows} >= {"x-1"}
