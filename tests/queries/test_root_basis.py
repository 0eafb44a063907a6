"""By which field an event is root's: the type, else an ARN that only root bears, else a name that only root has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.ingest.derived import SIGN_IN_OF_ROOT
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


#: Whose event it is, and the field that makes it root's, if any does.
BASES = [
    (opened_by(type="Root", arn=ROOT_ARN), "sessionIssuer.type"),
    (opened_by(type=ABSENT, arn=ROOT_ARN), "sessionIssuer.arn"),
    (opened_by(type="", arn=f"arn:aws-us-gov:iam::{ACCOUNT}:root"), "sessionIssuer.arn"),
    (opened_by(type=ABSENT, arn=f"arn:aws:iam::{ACCOUNT}:user/root"), None),
    (opened_by(type="IAMUser", arn=ROOT_ARN), None),
    (NAMELESS | {"userName": "AWS ROOT USER"}, "userName"),
    ({"type": "IAMUser", "userName": "AWS ROOT USER"}, None),
]


#: Events of the sign-in service, whose event it is, and the field that makes it root's.
SIGN_INS = [
    *((name, NAMELESS | {"invokedBy": "AWS Internal"}, "eventName") for name in SIGN_IN_OF_ROOT),
    ("emailupdated", NAMELESS | {"type": "AWSService"}, "eventName"),
    ("EmailUpdated", {"type": "IAMUser", "userName": "bob"}, None),
    ("EmailUpdated", NAMELESS | {"arn": f"arn:aws:iam::{ACCOUNT}:user/bob"}, None),
    ("EmailUpdated", NAMELESS | {"userName": "AWS ROOT USER"}, "eventName"),
    ("PasswordRecoveryCompleted", NAMELESS | {"arn": ROOT_ARN}, "userIdentity.arn"),
]


@pytest.mark.quick(1)
@pytest.mark.parametrize("root_related", [False, True], ids=["all", "root related"])
def test_an_event_of_the_sign_in_service_that_names_nobody_is_roots(root_related: bool, tmp_path: Path) -> None:
    records = [event(identity=who, eventName=name, eventSource="signin.amazonaws.com") for name, who, _ in SIGN_INS]
    elsewhere = event(identity=NAMELESS, eventName="EmailUpdated")
    write_log(tmp_path, "logs/0.json", [*records, elsewhere])
    case = load(tmp_path, filters=rf.Filters(root_related=root_related))
    told = {row["eventID"]: row["root_basis"] for row in case.sql("SELECT eventID, root_basis FROM events").rows}
    wanted = [(record["eventID"], basis) for record, (_, _, basis) in zip(records, SIGN_INS, strict=True)]
    # These names are looked for whoever bears them.
    assert {name: told.get(name) for name, _ in wanted} == dict(wanted)
    assert told.get(elsewhere["eventID"]) is None


@pytest.mark.quick(1)
@pytest.mark.parametrize("root_related", [False, True], ids=["all", "root related"])
def test_the_field_that_makes_an_event_roots_is_said(root_related: bool, tmp_path: Path) -> None:
    records = [event(identity=identity) for identity, _ in BASES]
    for place, record in enumerate(records):
        write_log(tmp_path, f"logs/{place}.json", [record])
    case = load(tmp_path, filters=rf.Filters(root_related=root_related))
    told = case.sql("SELECT eventID, root_basis FROM root_events").rows
    bases = [(record["eventID"], basis) for record, (_, basis) in zip(records, BASES, strict=True)]
    assert sorted((row["eventID"], row["root_basis"]) for row in told) == sorted(base for base in bases if base[1])
    loaded = sorted(row["eventID"] for row in case.sql("SELECT eventID FROM events").rows)
    assert loaded == sorted(name for name, basis in bases if basis or not root_related)


@pytest.mark.heavy
@pytest.mark.parametrize("root_related", [False, True], ids=["all", "root related"])
def test_in_the_event_history_the_name_alone_tells_root(root_related: bool, tmp_path: Path) -> None:
    """A user may be called Root: of it nobody can tell, so it is neither left out nor counted as root's."""
    (tmp_path / "logs").mkdir()
    for name in ("root", "AWS ROOT USER", "Root"):
        (tmp_path / "logs" / f"{name}.csv").write_text(
            "Event name,Event time,User name,Event source,Event ID\n"
            f"DeleteTrail,2026-08-05T10:00:00Z,{name},cloudtrail.amazonaws.com,x-{name}\n"
            f"DeleteTrail,2026-08-05T10:00:00Z,FinanceRoot,cloudtrail.amazonaws.com,y-{name}\n"
        )
    case = load(tmp_path, filters=rf.Filters(root_related=root_related))
    of_root = [row["eventID"] for row in case.sql("SELECT eventID FROM root_events ORDER BY eventID").rows]
    assert of_root == ["x-AWS ROOT USER", "x-root"]
    problems = case.sql("SELECT kind, eventID FROM evidence_problems WHERE kind = 'unknown_identity'").rows
    assert problems == [{"kind": "unknown_identity", "eventID": "x-Root"}]
    loaded = {row["eventID"] for row in case.sql("SELECT eventID FROM events").rows}
    assert loaded >= {*of_root, "x-Root"}


def test_an_opening_that_names_its_account_in_the_arn_alone_is_that_accounts(tmp_path: Path) -> None:
    opening = event(
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoot",
        recipientAccountId=ABSENT,
        identity={"accountId": ABSENT},
    )
    write_log(tmp_path, "logs/0.json", [opening])
    case = load(tmp_path)
    assert [row["account_id"] for row in case.query("root_timeline").rows] == [ACCOUNT]
    assert [row["account_id"] for row in case.sql("SELECT account_id FROM matched_actions").rows] == [ACCOUNT]
