"""Labelled attack techniques of others: each by root, by a user whom root made and by one to whom root gave rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from tests.builders import root_event, write_log
from tests.conftest import CORPUS

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGS: Final = CORPUS / "detonations" / "detonation-logs"
pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="the corpus is not beside this checkout")

#: Who did it, with the call by which root let a user in; long before.
LET_IN: Final[dict[str, tuple[str, dict[str, str]] | None]] = {
    "root": None,
    "made": ("CreateUser", {"userName": "u"}),
    "changed": ("AttachUserPolicy", {"userName": "u", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
}
#: Every call but AssumeRole was refused: attempts, which stand in the timeline and are no finding by themselves.
REFUSED: Final = {"credential-access.ec2-get-password-data", "discovery.ec2-download-user-data"}


def _identity(account: str, by_root: bool) -> dict[str, str]:
    own = {"accountId": account, "accessKeyId": f"AKIA{account}{'ROOT' if by_root else 'USER'}"}
    if by_root:
        return root_event()["userIdentity"] | own | {"arn": f"arn:aws:iam::{account}:root"}
    return own | {"type": "IAMUser", "userName": "u", "arn": f"arn:aws:iam::{account}:user/u"}


def _records(technique: str, log: list[dict[str, Any]], account: str, how: str) -> Iterator[dict[str, Any]]:
    if call := LET_IN[how]:
        name, asked = call
        yield root_event(
            eventTime="2020-01-01T00:00:00Z", eventName=name, requestParameters=asked, recipientAccountId=account,
            userIdentity=_identity(account, by_root=True), readOnly=False,
        )  # fmt: skip
    for place, record in enumerate(log):
        yield record | {
            "userIdentity": _identity(account, by_root=how == "root"),
            "recipientAccountId": account,
            "eventID": f"{technique}/{how}/{place}",
        }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[set[str], rf.Case]]:
    """The techniques, and one case with an account for each technique and each of those who used it."""
    folder = tmp_path_factory.mktemp("detonations")
    records: list[dict[str, Any]] = []
    logs = {path.stem.removeprefix("aws."): path for path in sorted(LOGS.glob("*.json"))}
    for number, (technique, path) in enumerate(logs.items()):
        for kind, how in enumerate(LET_IN):
            account = f"{100_000_000_000 + 10 * number + kind}"
            records += _records(technique, json.loads(path.read_text(encoding="utf-8")), account, how)
    write_log(folder / "logs", "log.json", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        yield {*logs}, case


def _known(rows: list[dict[str, Any]], name: str) -> dict[str, set[str]]:
    """By who did it, the techniques of which rows cite an event."""
    found: dict[str, set[str]] = {how: set() for how in LET_IN}
    for row in rows:
        for event_id in row["eventIDs"] if name == "eventIDs" else [row[name]]:
            if event_id.count("/") == 2:
                technique, how, _ = event_id.split("/")
                found[how].add(technique)
    return found


def test_each_technique_is_known_whoever_used_it(told: tuple[set[str], rf.Case]) -> None:
    techniques, case = told
    assert len(techniques) == 35
    known = _known(case.sql("SELECT eventID FROM followed_actions").rows, "eventID")
    assert {how: techniques - held for how, held in known.items()} == {how: set() for how in LET_IN}


def test_each_technique_that_worked_is_a_finding_and_says_how_sure_that_is(told: tuple[set[str], rf.Case]) -> None:
    techniques, case = told
    rows = [row for row in case.findings().rows if not row["finding"].startswith("action:iam-attach-user")]
    assert {how: techniques - held for how, held in _known(rows, "eventIDs").items()} == dict.fromkeys(LET_IN, REFUSED)
    for row in rows:
        (how,) = {one.split("/")[1] for one in row["eventIDs"] if "/" in one} or {"root"}
        assert (row["certainty"], how) in (("possible", "changed"), ("certain", "root"), ("certain", "made")), row
        assert row["explanation"].startswith("Possibly by root's doing. ") == (how == "changed"), row
