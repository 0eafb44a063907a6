"""Approvals and notes as people and scripts use them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.analysis.approvals.uses import called, covered, signed_in
from tests.builders import root_event, write_log
from tests.cli.test_commands import run

APPROVAL = (
    "ticket,who,account,from,until,reason,networks,tasks\n"
    "=T-1,maria,111122223333,2026-08-05T10:00:00Z,2026-08-05T11:00:00Z,<b>locked</b> out,192.0.2.0/24,s3:DeleteBucketPolicy\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of an approved use and of an unapproved one, the approvals beside them, and a case."""
    made = tmp_path_factory.mktemp("approvals")
    records = [
        signed_in(),
        called("10:10:00"),
        root_event(eventTime="2026-08-20T00:00:00Z", eventID="stray"),
        *covered(),
    ]
    write_log(made, "logs/a.json.gz", records)
    (made / "logs" / "approvals.csv").write_text(APPROVAL, encoding="utf-8")
    (made / "out").mkdir()  # where triage will find the case, and go on with it
    assert run("load", made / "out" / "case.duckdb", made / "logs" / "a.json.gz").returncode == 0
    return made


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    """What the command tells as JSON."""
    told = run(
        "approvals", folder / "out" / "case.duckdb", folder / "logs" / "approvals.csv", "--format", "json"
    ).stdout
    read: list[dict[str, str]] = json.loads(told)
    return read


def test_each_session_approval_and_step_of_the_procedure_is_a_row(rows: list[dict[str, str]]) -> None:
    assert [(row["about"], row["verdict"]) for row in rows] == [
        ("session", "approved"),
        ("session", "unapproved"),
        ("approval", "used"),
        ("procedure", "no"),
        ("procedure", "yes"),
        ("procedure", "no"),
        ("procedure", "yes"),
    ]


def test_csv_holds_the_same(folder: Path, rows: list[dict[str, str]]) -> None:
    done = run("approvals", folder / "out" / "case.duckdb", folder / "logs" / "approvals.csv", "--format", "csv")
    read = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["verdict"] for row in read] == [row["verdict"] for row in rows]
    assert read[0]["ticket"] == "'=T-1"


def test_the_table_knows_the_hours_that_were_given(folder: Path) -> None:
    done = run("approvals", folder / "out" / "case.duckdb", folder / "logs" / "approvals.csv", "--password-hours", "1")
    assert "not within 1 hour after" in done.stdout


def test_parquet_holds_the_same(folder: Path, rows: list[dict[str, str]]) -> None:
    target = folder / "x.parquet"
    approvals = folder / "logs" / "approvals.csv"
    done = run("approvals", folder / "out" / "case.duckdb", approvals, "--format", "parquet", "-o", target)
    assert done.returncode == 0
    assert pq.read_table(target).column("verdict").to_pylist() == [row["verdict"] for row in rows]


@pytest.mark.heavy
@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_the_template_can_be_used_as_it_is(form: str, folder: Path) -> None:
    done = run("approvals", "--template", form)
    assert (done.returncode, done.stdout[:2]) == (0, "# ")
    (folder / f"t.{form}").write_text(done.stdout, encoding="utf-8")
    used = run("approvals", folder / "out" / "case.duckdb", folder / f"t.{form}", "--format", "jsonl")
    rows = [json.loads(line) for line in used.stdout.splitlines()]
    assert [row["ticket"] for row in rows if row["about"] == "approval"] == ["EXAMPLE-1"]


def test_errors_are_told_by_line_and_end_with_1(folder: Path) -> None:
    wrong = folder / "wrong.csv"
    wrong.write_text(APPROVAL.replace("111122223333", "1\x1b[31m").replace("11:00:00Z", "11:00:00"), encoding="utf-8")
    for arguments in (
        ("approvals", folder / "out" / "case.duckdb", wrong),
        ("report", folder / "out" / "case.duckdb", "--out", folder / "no.html", "--approvals", wrong),
        ("triage", folder / "logs", "--out", folder / "no", "--approvals", wrong),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"{wrong}:2:3: account: " in done.stderr
        assert f"{wrong}:2:5: until: '2026-08-05T11:00:00' has no time zone" in done.stderr
        assert "\x1b" not in done.stderr
        assert "Traceback" not in done.stderr
    assert not (folder / "no.html").exists()
    assert not (folder / "no").exists()


def test_the_approvals_are_not_written_over(folder: Path) -> None:
    approvals = folder / "logs" / "approvals.csv"
    for arguments in (
        ("approvals", folder / "out" / "case.duckdb", approvals, "-o", approvals),
        ("report", folder / "out" / "case.duckdb", "--out", approvals, "--approvals", approvals),
    ):
        done = run(*arguments)
        assert (done.returncode, "not overwritten" in done.stderr) == (1, True)
    assert approvals.read_text(encoding="utf-8") == APPROVAL


@pytest.mark.heavy
def test_triage_takes_approvals_and_does_not_load_them(folder: Path) -> None:
    out = folder / "out"
    done = run("triage", folder / "logs", "--out", out, "--approvals", folder / "logs" / "approvals.csv")
    assert done.returncode == 0
    assert "! No approval covers 1 root session in account 111122223333" in done.stdout
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["evidence"]["objects"] == 1
    assert (summary["approvals"]["sessions"]["approved"], summary["approvals"]["sessions"]["unapproved"]) == (1, 1)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="approvals"' in page
    assert "&lt;b&gt;locked&lt;/b&gt; out" in page


@pytest.mark.heavy
def test_without_approvals_nothing_is_said_of_them(folder: Path) -> None:
    done = run("triage", folder / "logs" / "a.json.gz", "--out", folder / "out")
    assert done.returncode == 0
    assert "approv" not in done.stdout
    assert "approvals" not in json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    assert 'id="approvals"' not in (folder / "out" / "report.html").read_text(encoding="utf-8")


def test_notes_are_written_and_listed(folder: Path) -> None:
    case = folder / "out" / "case.duckdb"
    done = run("note", case, "stray", "=1+1 \x1b[31m", "--tag", "odd", "--author", "maria")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "note 1 written\n")
    assert run("note", case, "2026-08-05T12:00:00Z", "paged").returncode == 0
    rows = list(csv.DictReader(io.StringIO(run("note", case, "--list", "--tag", "odd", "--format", "csv").stdout)))
    assert [(row["text"], row["author"], row["eventID"]) for row in rows] == [("'=1+1 \\u001b[31m", "maria", "stray")]
    assert "\x1b" not in run("note", case, "--list").stdout
    assert len(run("note", case, "--list", "--format", "jsonl").stdout.splitlines()) == 2
    refused = run("note", case, "strays", "x")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no event 'strays' in the case, and it is not a time. Did you mean stray?" in refused.stderr
