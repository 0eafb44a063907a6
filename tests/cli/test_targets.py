"""Nothing is written over the case or the evidence, and the results are no evidence of the next run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import event, root_event, write_log
from tests.cli.test_commands import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log, a case and a link to the case, none of which may change."""
    made = tmp_path_factory.mktemp("targets")
    write_log(made, "logs/a.json", [event(), root_event()])
    assert run("load", made / "case.duckdb", made / "logs").returncode == 0
    (made / "link.duckdb").symlink_to(made / "case.duckdb")
    return made


@pytest.mark.quick(6)
@pytest.mark.parametrize("target", ["case.duckdb", "link.duckdb", "logs/a.json"])
@pytest.mark.parametrize(
    "command",
    [
        ["sql", "{case}", "SELECT 1", "-o", "{target}"],
        ["query", "{case}", "root-events", "--format", "parquet", "-o", "{target}"],
        ["timeline", "{case}", "-o", "{target}"],
        ["evidence", "{case}", "-o", "{target}"],
        ["report", "{case}", "--out", "{target}"],
    ],
    ids=lambda command: command[0],
)
def test_the_case_and_the_evidence_are_never_written_over(command: list[str], target: str, folder: Path) -> None:
    before = (folder / target).read_bytes()
    done = run(*(part.format(case=folder / "case.duckdb", target=folder / target) for part in command))
    assert (done.returncode, "not written over" in done.stderr) == (1, True)
    assert (folder / target).read_bytes() == before


@pytest.mark.parametrize("out", ["logs", "logs/out", "logs/../logs/deep/out"])
def test_results_do_not_come_to_lie_in_the_evidence(tmp_path: Path, out: str) -> None:
    write_log(tmp_path, "logs/a.json", [event(), root_event()])
    done = run("triage", tmp_path / "logs", "--out", tmp_path / out)
    assert (done.returncode, "which is evidence; name a folder outside it" in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.rglob("*")] == ["logs", "a.json"]


@pytest.mark.heavy
def test_results_are_no_evidence(tmp_path: Path) -> None:
    signed_in = root_event(
        eventName="ConsoleLogin",
        eventSource="signin.amazonaws.com",
        responseElements={"ConsoleLogin": "Success"},
        identity={"accessKeyId": ""},
    )
    write_log(tmp_path, "logs/a.json", [event(), signed_in])
    out = tmp_path / "out"
    assert run("triage", tmp_path / "logs", "--out", out, "--redact", out / "key.json").returncode == 0
    listed = json.loads((out / "summary.json").read_text(encoding="utf-8"))["sign_ins"]["listed"]
    assert [one["eventName"] for one in listed] == ["ConsoleLogin"]
    for command in (
        ["brief", "--out", "brief.html"],
        ["brief", "--out", "brief.md"],
        ["query", "root-signins", "--format", "json", "-o", "signins.json"],
        ["incident", "-o", "incident.csv"],
    ):
        name, *rest, target = command
        assert run(name, out / "case.duckdb", *rest, out / target).returncode == 0
    assert "is the folder of a case" in run("load", tmp_path / "again.duckdb", out).stderr
    (out / "case.duckdb").rename(out / "kept.duckdb")
    run("load", tmp_path / "again.duckdb", out)
    told = run(
        "evidence", tmp_path / "again.duckdb", "--format", "jsonl", "--columns", "uri,status,event_count,problem"
    )
    rows = {Path(row.pop("uri")).name: row for row in map(json.loads, told.stdout.splitlines())}
    assert set(rows) == {path.name for path in out.iterdir()}
    assert {(row["status"], row["event_count"]) for row in rows.values()} == {("unsupported", 0)}
    assert rows["summary.json"]["problem"].startswith("a summary that rootforensics wrote")
    assert rows["key.json"]["problem"].endswith("a key of redaction, which holds no events")


def test_an_empty_path_is_told(tmp_path: Path) -> None:
    done = run("load", tmp_path / "case.duckdb", "")
    assert (done.returncode, "the path is empty" in done.stderr) == (2, True)


@pytest.mark.heavy
def test_two_first_loads_at_once_leave_one_whole_case(tmp_path: Path) -> None:
    import subprocess
    import sys

    for number in range(40):
        write_log(tmp_path, f"logs/{number}.json.gz", [event() for _ in range(100)])
    command = [sys.executable, "-m", "rootforensics", "load", tmp_path / "case.duckdb", tmp_path / "logs"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for one in both:
        one.communicate(timeout=120)
    assert 0 in [one.returncode for one in both]
    counted = run("sql", tmp_path / "case.duckdb", "SELECT count(*) AS n FROM events", "--format", "csv")
    assert counted.stdout.split() == ["n", "4000"]


@pytest.mark.heavy
def test_no_database_and_no_evidence_is_written_over_under_any_name(folder: Path) -> None:
    write_log(folder, "more/b.json", [event()])
    (folder / "more" / "link.json").symlink_to(folder / "logs" / "a.json")
    assert run("load", folder / "other.duckdb", folder / "more").returncode == 0
    (folder / "hard.json").hardlink_to(folder / "logs" / "a.json")
    (folder / "hard.duckdb").hardlink_to(folder / "case.duckdb")
    for case, target in (
        ("case.duckdb", "other.duckdb"),
        ("case.duckdb", "hard.duckdb"),
        ("case.duckdb", "hard.json"),
        ("other.duckdb", "logs/a.json"),
    ):
        before = (folder / target).read_bytes()
        for command in (["report", "--out"], ["timeline", "-o"], ["sql", "SELECT 1", "-o"], ["alarm", "-o"]):
            name, *rest = command
            done = run(name, folder / case, *rest, folder / target)
            assert (done.returncode, "not written over" in done.stderr) == (1, True), (command, target, done.stderr)
            assert (folder / target).read_bytes() == before
    (folder / "fine.csv").write_text("older", encoding="utf-8")
    assert run("timeline", folder / "case.duckdb", "-o", folder / "fine.csv").returncode == 0


def test_the_sql_that_is_read_is_not_written_over(folder: Path) -> None:
    (folder / "query.sql").write_text("SELECT 1", encoding="utf-8")
    done = run("sql", folder / "case.duckdb", "-f", folder / "query.sql", "-o", folder / "query.sql")
    assert (done.returncode, "not overwritten" in done.stderr) == (1, True)
