"""A case of three small logs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import rootforensics as rf
from tests.builders import event, root_event, write_log

#: Names of the logs, as they lie below ``logs``.
LOGS = ("a.json.gz", "b/b.json.gz", "b/c.json.gz")


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three logs that hold other events each, and a case of them."""
    folder = tmp_path_factory.mktemp("custody")
    for number, name in enumerate(LOGS):
        write_log(folder, f"logs/{name}", [root_event(eventID=f"root-{number}"), event(eventID=f"other-{number}")])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
    return folder


@pytest.fixture
def case(loaded: Path, tmp_path: Path) -> rf.Case:
    """A copy of the case; nobody has the file open, and its evidence is nobody's to write to."""
    return rf.open_case(shutil.copy(loaded / "case.duckdb", tmp_path))
