"""``rootforensics extract``: what it prints before anything is asked, and what it says at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.cli.extract import _tell_result
from rootforensics.extraction.run import ExtractResult
from tests.cli.test_commands import run
from tests.extraction.conftest import serving
from tests.extraction.logs import story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stand_ins.athena import AthenaApi

ENGINE = ("--engine", "athena", "--output", "s3://logs/results/")
SPAN = ("--since", "2026-08-01", "--until", "2026-08-20")


@pytest.fixture
def api() -> Iterator[AthenaApi]:
    with serving() as serve:
        yield serve(story())


def test_a_dry_run_prints_what_would_be_asked_and_asks_nothing(tmp_path: Path, api: AthenaApi) -> None:
    dest = tmp_path / "out"
    told = run("extract", dest, "s3://logs/AWSLogs/", *ENGINE, *SPAN, "--slice-days", "10", "--dry-run")
    out, err = told.stdout, told.stderr
    assert told.returncode == 0
    assert out.startswith("CREATE EXTERNAL TABLE `default`.`rootforensics_example` (records array<string>)")
    assert out.count('SELECT "$path" AS object, r AS eventjson') == 3  # until two days after --until, for late delivery
    size = sum(len(body) for body in api.objects.values())
    assert f"the first scan reads 4 objects of {size:,} bytes; $0.00 by AWS's list, without requests to S3" in err
    assert api.statements == []
    assert not dest.exists()


def test_the_policy_is_printed_as_json(tmp_path: Path) -> None:
    printed = run("extract", tmp_path, "s3://logs/AWSLogs/", *ENGINE, "--workgroup", "audit", "--print-policy")
    told = json.loads(printed.stdout)
    assert printed.returncode == 0
    assert told["Statement"][0]["Resource"] == "arn:aws:athena:*:*:workgroup/audit"
    assert run("extract", tmp_path, "s3://logs/AWSLogs/", "--engine", "trino", "--print-policy").returncode == 2


@pytest.mark.heavy
def test_the_end_says_what_was_read_and_where_the_case_is(tmp_path: Path, api: AthenaApi) -> None:
    told = run("extract", tmp_path / "out", "s3://logs/AWSLogs/", *ENGINE, *SPAN)
    assert told.returncode == 0
    size = sum(len(body) for body in api.objects.values())
    said = told.stderr
    assert "accounts: 1; Regions: 2; 2026/08/01 to 2026/08/21" in said
    assert f"extracted: 5 records in 3 slices, 3 of them new; the engine read {3 * size:,} bytes" in said
    assert "case.duckdb" in said.splitlines()[-1]
    with rf.open_case(tmp_path / "out") as case:
        assert len(case.query("root_events")) == 3


def test_a_missing_original_is_reported_and_is_no_success(capfd: pytest.CaptureFixture[str]) -> None:
    result = ExtractResult(Path("case.duckdb"), original_count=2, missing_originals=["s3://logs/gone.json.gz"])
    assert _tell_result(result) == 3
    said = capfd.readouterr().err
    assert "originals: 2 log files, 1 missing" in said
    assert "original missing: s3://logs/gone.json.gz: the case has the engine's records from it" in said


def test_an_error_is_one_line(tmp_path: Path, api: AthenaApi) -> None:
    told = run("extract", tmp_path, "s3://logs/AWSLogs/", *ENGINE)
    assert told.returncode == 1
    assert api.statements == []
    assert told.stderr.splitlines() == [
        "rootforensics: an extraction needs to know from when on. Take --since, like --since 2026-08-01"
    ]
