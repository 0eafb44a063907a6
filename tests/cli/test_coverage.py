"""``rootforensics coverage``: lines of signs for people, hours for programs."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from tests.cli.test_terminal import TAKEN, on_terminal
from tests.conftest import SAMPLE_LOGS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.heavy
def test_each_region_is_a_line_of_signs_as_wide_as_the_terminal(sample_path: Path, subtests: pytest.Subtests) -> None:
    for width in (80, 140):
        with subtests.test(width=width):
            lines = [re.sub(r"\x1b\[\d*m", "", line) for line in on_terminal(width, "coverage", str(sample_path))]
            assert max(map(len, lines)) <= width
            signs = [line.split() for line in lines if re.fullmatch(r"  \S+ +[#.!?~+-]+", line)]
            # A trail was off in eu-central-1. One log of us-east-1 was deleted; a second trail has its events.
            assert [name for name, _ in signs[:4]] == ["us-east-1", "us-east-2", "us-west-2", "eu-central-1"]
            assert set(signs[0][1]) == {"#"}
            assert set("?.#~") <= set(signs[3][1])
            assert len({len(line) for _, line in signs[:4]}) == 1
            assert "The digest files were not verified" in " ".join(lines)
            assert "StopLogging in us-east-1 of 111122223333, by root [7c4b15a7]" in " ".join(" ".join(lines).split())
            # A trail with digest files of eu-central-1 records all Regions, of which most have none here.
            absent = "no logs from ap-northeast-1, ap-northeast-2, ap-northeast-3, ap-south-1,"
            assert absent in " ".join(" ".join(lines).split())


@pytest.mark.heavy
def test_other_formats_have_a_row_an_hour(sample_path: Path, sample_case: rf.Case) -> None:
    result = CliRunner().invoke(cli, ["coverage", str(sample_path), "--account-id", TAKEN, "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["state"] for row in rows] == [
        row["state"] for row in sample_case.query("coverage_by_hour", account_id=TAKEN).rows
    ]
    assert {row["account_id"] for row in rows} == {TAKEN}
    assert rows[0]["hour_time"] == "2026-08-03T00:00:00Z"


@pytest.mark.heavy
def test_a_case_without_events_says_so(tmp_path: Path) -> None:
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(SAMPLE_LOGS / "EXPECTED.toml")
    result = CliRunner().invoke(cli, ["coverage", str(tmp_path / "case.duckdb")])
    assert result.exit_code == 0
    assert "The case has no event, log or digest file" in result.stdout
