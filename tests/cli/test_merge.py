"""``rootforensics merge``: what it tells, and what its exit status says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.cli.merge import _sentences
from rootforensics.ingest.merge import MergeResult
from tests.builders import event, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.heavy
def test_it_tells_what_was_merged(tmp_path: Path) -> None:
    both = root_event()
    for number in (1, 2):
        with rf.open_case(tmp_path / f"{number}.duckdb") as case:
            case.load(write_log(tmp_path, f"logs/{number}.json", [both, event()]))
    arguments = ["merge", *(str(tmp_path / f"{name}.duckdb") for name in ("all", 1, 2)), "--format", "json"]
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert done.return_value == 0
    assert json.loads(done.stdout) == {
        "case_count": 2, "object_count": 2, "shared_count": 0, "event_count": 3, "duplicate_count": 1, "scopes": {},
        "unsearched_count": 0, "lost_verdict_count": 0,
    }  # fmt: skip
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert isinstance(done.exception, rf.CaseError)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            MergeResult(2, 30, 4, 5000, 6),
            "cases: 2; files: 30 (4 in several cases); events: 5,000; duplicates across ",
        ),
        (MergeResult(scopes={"accounts 111122223333": 1200}), "scope of 1,200 files: accounts 111122223333"),
        (MergeResult(unsearched_count=3), "3 files were not searched for all names that descend from root"),
        (MergeResult(lost_verdict_count=9), "Run verify again."),
    ],
)
def test_it_tells_what_is_to_be_done_again(result: MergeResult, said: str) -> None:
    assert said in list(_sentences(result))[-1]
