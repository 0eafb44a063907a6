"""Options that narrow: what can mean nothing is refused, and an empty answer is not left unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import ACCOUNT, event, root_event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "444455556666"
ASKING = [
    ["query", "{case}", "root-events"],
    ["findings", "{case}"],
    ["verdict", "{case}"],
    ["blast-radius", "{case}"],
    ["timeline", "{case}"],
    ["incident", "{case}"],
    ["report", "{case}", "--out", "{case}.md"],
]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case of two accounts."""
    folder = tmp_path_factory.mktemp("options")
    records = [root_event(), event(recipientAccountId=OTHER, identity={"accountId": OTHER})]
    write_log(folder, "logs/a.json", records)
    assert run("load", folder / "case.duckdb", folder / "logs").returncode == 0
    return folder / "case.duckdb"


def test_what_is_no_account_id_is_refused(case: Path) -> None:
    for command in ASKING:
        for account in ("1", "", "1111222233334", "11112222333x", "¹11122223333"):
            done = run(*(part.format(case=case) for part in command), "--account-id", account)
            refused = (done.returncode, "An account ID has 12 digits" in done.stderr)
            assert refused == (2, True), (command, account)


@pytest.mark.quick(1)
@pytest.mark.parametrize("command", ASKING, ids=lambda command: command[0])
def test_an_account_that_is_not_in_the_case_is_said(command: list[str], case: Path) -> None:
    told = "the case has no events of account 777788889999; it has 111122223333, 444455556666"
    done = run(*(part.format(case=case) for part in command), "--account-id", "777788889999")
    assert (done.returncode, told in done.stderr) == (0, True)


@pytest.mark.parametrize(
    "command",
    [ASKING[0], *(pytest.param(command, marks=pytest.mark.heavy) for command in ASKING[-2:])],
    ids=lambda command: command[0],
)
@pytest.mark.quick(1)
def test_nothing_is_said_of_one_that_is(command: list[str], case: Path) -> None:
    for known in (ACCOUNT, OTHER):
        done = run(*(part.format(case=case) for part in command), "--account-id", known)
        assert (done.returncode, "no events of account" in done.stderr) == (0, False)


def test_an_empty_filter_is_refused_and_nothing_is_loaded(case: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.duckdb"
    for option in ("--since", "--until", "--account-id", "--account", "--region"):
        for value in ("", " "):
            done = run("load", new, case.parent / "logs", option, value)
            assert (done.returncode, new.exists()) == (2, False), (option, value)


def test_other_empty_filters_are_refused(case: Path, tmp_path: Path) -> None:
    for command in (
        ["history", tmp_path / "new.duckdb", "--since", ""],
        ["findings", case, "--only", ""],
        ["note", case, "--list", "--tag", ""],
    ):
        assert run(*command).returncode == 2, command
