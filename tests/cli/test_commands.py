"""The commands as people and scripts use them: real arguments, real files."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from rootforensics import cli
from tests.builders import event, root_event, write_log

SAMPLE_LOGS = Path(__file__).resolve().parents[2] / "sample_logs"


def run(*arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``rootforensics`` in this process, from its start to where it would end the process.

    What only a process of its own can show (signals, closed streams, locks, ``-m``) has tests of its own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rootforensics", *map(str, arguments)])
        patch.setattr(sys.modules["__main__"], "__package__", None, raising=False)  # by which click names the program
        patch.setattr(os, "_exit", sys.exit)
        patch.setattr(cli, "guard_streams", lambda: None)  # it looks at descriptors, which are pytest's here
        with CliRunner().isolation(stdin) as (out, told, _), pytest.raises(SystemExit) as ended:
            cli.main()
    texts = (stream.getvalue().decode().replace("\r\n", "\n") for stream in (out, told))
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), *texts)


@pytest.fixture(scope="module")
def triage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The main job on the sample incident."""
    folder = tmp_path_factory.mktemp("triage") / "out"
    return folder, run("triage", SAMPLE_LOGS, "--out", folder)


def test_triage_writes_its_four_files_and_tells_the_story(
    triage: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = triage
    assert done.returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "case.duckdb",
        "report.html",
        "summary.json",
        "timeline.csv",
    ]
    assert "signed in to the console without MFA, from 203.0.113.77" in done.stdout
    assert "Traceback" not in done.stderr


def test_triage_talks_on_stderr_and_names_each_damaged_object(
    triage: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, done = triage
    assert "cut off before its end" in done.stderr
    assert "EXPECTED.toml" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout


def test_the_summary_is_what_the_plan_says(
    triage: tuple[Path, subprocess.CompletedProcess[str]], expected: dict[str, Any]
) -> None:
    folder, _ = triage
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    for part in ("evidence", "events"):
        assert {name: summary[part][name] for name in expected[part]} == expected[part]
    root = expected["root"]
    for name in ("total", "activity", "noise", "cis_match", "by_origin", "accounts"):
        assert summary["root"][name] == root[name]
    assert summary["root"]["console_sign_ins"] == {**root["console_sign_ins"], "unknown": 0}
    assert summary["filters"] == []


@pytest.mark.heavy
def test_the_timeline_file_is_whole_and_harmless(
    triage: tuple[Path, subprocess.CompletedProcess[str]], expected: dict[str, Any]
) -> None:
    folder, _ = triage
    with (folder / "timeline.csv").open(encoding="utf-8", newline="") as file:
        assert file.read().replace("\r\n", "\n") == run("timeline", folder / "case.duckdb").stdout
        file.seek(0)
        rows = list(csv.DictReader(file))
    assert sum(row["origin_group"] == "activity" for row in rows) == expected["root"]["activity"]
    assert sum(row["origin_group"] == "noise" for row in rows) == expected["root"]["noise"]
    assert all(row["eventTime"].endswith("Z") and row["uri"] and row["record_index"] for row in rows)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert any(cell.startswith("'=HYPERLINK(") for row in rows for cell in row.values())


@pytest.mark.heavy
def test_triage_again_adds_nothing(
    triage: tuple[Path, subprocess.CompletedProcess[str]], expected: dict[str, Any]
) -> None:
    folder, first = triage
    again = run("triage", SAMPLE_LOGS, "--out", folder)
    assert again.returncode == 0
    assert again.stdout == first.stdout
    assert f"{expected['evidence']['objects']:,} already in the case" in again.stderr


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case."""
    folder = tmp_path_factory.mktemp("cli")
    records = [
        root_event(eventTime="2026-08-05T01:00:00Z", userAgent="\x1b[31mred\x07 [bold]x[/bold] <b>", eventID="first"),
        root_event(eventTime="2026-08-05T02:00:00Z", userAgent="=1+1", eventID="second"),
        event(eventTime="2026-08-06T00:00:00Z", eventName="Größe", eventID="third"),
    ]
    write_log(folder, "logs/a.json.gz", records)
    assert run("load", folder / "case.duckdb", folder / "logs").returncode == 0
    return folder / "case.duckdb"


def test_csv_is_harmless_and_names_its_columns(case: Path) -> None:
    done = run("query", case, "root-events", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["eventID"] for row in rows] == ["first", "second"]
    assert [row["userAgent"] for row in rows] == [r"\u001b[31mred\u0007 [bold]x[/bold] <b>", "'=1+1"]
    assert rows[0]["eventTime"] == "2026-08-05T01:00:00Z"


def test_json_lines_keep_values_as_they_are(case: Path) -> None:
    done = run("query", case, "root_events", "--format", "jsonl")
    assert [json.loads(line)["userAgent"] for line in done.stdout.splitlines()][1] == "=1+1"
    whole = json.loads(run("query", case, "root-events", "--format", "json").stdout)
    assert [row["eventID"] for row in whole] == ["first", "second"]


def test_a_table_obeys_no_control_characters_and_cuts_nothing(case: Path) -> None:
    done = run("query", case, "root-events")
    assert "\x1b" not in done.stdout
    assert "\\x1b[31mred\\x07 [bold]x[/bold] <b>" in done.stdout
    assert done.stdout.splitlines()[0].split()[:3] == ["eventTime", "account_id", "awsRegion"]


def test_parquet_goes_to_a_file_or_a_pipe(case: Path, tmp_path: Path) -> None:
    assert run("query", case, "root-events", "--format", "parquet", "-o", tmp_path / "x.parquet").returncode == 0
    assert pq.read_table(tmp_path / "x.parquet").column("eventID").to_pylist() == ["first", "second"]


def test_sql_comes_as_text_from_a_file_or_from_standard_input(case: Path, tmp_path: Path) -> None:
    statement = "SELECT eventName FROM events WHERE eventID = 'third'"
    (tmp_path / "q.sql").write_text(statement, encoding="utf-8")
    outputs = [
        run("sql", case, statement, "--format", "csv").stdout,
        run("sql", case, "-f", tmp_path / "q.sql", "--format", "csv").stdout,
        run("sql", case, "-", "--format", "csv", stdin=statement).stdout,
        run("sql", case, "SELECT eventName FROM events WHERE eventID = $id", "--param", "id=third", "--format", "csv").stdout,
        run("sql", case, "SELECT eventname AS \"eventName\" FROM default.cloudtrail_logs WHERE eventid = 'third'", "--dialect", "athena", "--format", "csv").stdout,
    ]  # fmt: skip
    assert [output.splitlines() for output in outputs] == [["eventName", "Größe"]] * 5


def test_parameters_of_a_query_are_options(case: Path) -> None:
    done = run("query", case, "root-events", "--account-id", "999999999999", "--format", "jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    assert "--account-id" in run("query", case, "root-events", "--help").stdout


def test_raw_prints_the_bytes_of_the_record(case: Path) -> None:
    done = run("raw", case, "third")
    assert json.loads(done.stdout)["eventName"] == "Größe"
    assert run("raw", case, "nowhere").returncode == 1


@pytest.mark.heavy
def test_the_timeline_command_writes_both_formats(case: Path, tmp_path: Path) -> None:
    assert run("timeline", case).stdout.splitlines()[0].startswith("eventTime,account_id")
    assert run("timeline", case, "--format", "jsonl", "-o", tmp_path / "t.jsonl").returncode == 0
    lines = (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["eventID"] for line in lines] == ["first", "second"]


@pytest.mark.heavy
def test_the_report_command_writes_one_page(case: Path, tmp_path: Path) -> None:
    assert run("report", case, "--out", tmp_path / "r.html", "--title", "<Case 7>").returncode == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "&lt;Case 7&gt;" in page
    assert "<Case 7>" not in page


@pytest.mark.heavy
def test_triage_counts_one_event_as_one(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/one.json", [root_event()])
    assert (
        run("triage", tmp_path / "logs", "--out", tmp_path / "out")
        .stdout.rstrip()
        .splitlines()[-1]
        .startswith("1 of 1 event was made as root: ")
    )


@pytest.mark.heavy
def test_the_report_command_goes_by_the_ending_or_the_format(case: Path, tmp_path: Path) -> None:
    """The file is named by the option of the report or by those of other commands."""
    assert run("report", case, "-o", tmp_path / "r.md", "--investigator", "M. Rossi").returncode == 0
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert text.startswith("AWS root user report\n\n# Unnamed case\n")
    assert "- **Investigator:** M. Rossi" in text
    refused = run("report", case, "--output", tmp_path / "r2.md", "--format", "html")
    assert refused.returncode == 1
    assert "the file extension means md, but the format is html" in refused.stderr
    assert not (tmp_path / "r2.md").exists()


def test_evidence_and_its_problems_are_shown(case: Path) -> None:
    rows = [json.loads(line) for line in run("evidence", case, "--format", "jsonl").stdout.splitlines()]
    assert [(row["status"], row["event_count"]) for row in rows] == [("loaded", 3)]
    assert run("evidence", case, "--problems", "--format", "jsonl").stdout == ""


def test_the_catalogue_is_listed_and_told() -> None:
    listed = run("query", "--list").stdout
    assert "root-signins" in listed
    told = run("query", "--list", "root-signins").stdout
    assert "Not seen:" in told
    assert "SELECT" in told


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_exist(shell: str) -> None:
    assert "_ROOTFORENSICS_COMPLETE" in run("completion", shell).stdout


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["query", "{case}", "root-signin"], 2, "Did you mean root-signins"),
        (["query", "{case}", "root-signins", "--acount", "1"], 2, "No such option"),
        (["sql", "{case}"], 2, "Give the SQL"),
        (["sql", "{case}", "SELECT 1", "--param", "x"], 2, "NAME=VALUE"),
        (["sql", "{case}", "SELECT nothere"], 1, "nothere"),
        (["sql", "{case}", "DROP TABLE events"], 1, "only reads"),
        (["query", "missing.duckdb", "root-signins"], 2, "the case file does not exist: missing.duckdb."),
        (["load", "{case}", "x", "--since", "yesterday"], 2, "is not a time"),
        (["load", "{case}", "x", "--since", "2026-08-02", "--until", "2026-08-01"], 2, "is not before"),
        (["timeline", "{case}", "--since", "yesterday"], 2, "is not a time"),
        (["timeline", "{case}", "--since", "2026-08-02", "--until", "2026-08-01"], 2, "is not before"),
        (["timeline", "{case}", "--since", "2026-08-02", "--until", "2026-08-02"], 2, "No event can lie between"),
        (["brief", "{case}", "--since", "2026-08-02", "--until", "2026-08-01"], 2, "is not before"),
        (
            ["contained", "{case}", "--contained-at", "2026-08-02", "--until", "2026-08-01"],
            2,
            "--contained-at 2026-08-02",
        ),
        (["timeline", "{case}", "--tz", "Berlin"], 2, "Did you mean Europe/Berlin?"),
        (["hypotheses", "{case}", "--account-id", "999999999999"], 3, "; it has 111122223333"),
        (["load", "{case}", "x", "--account", "12"], 2, "is not an account ID"),
        (["load", "{case}", "x", "--region", "Virginia"], 2, "is not a Region"),
        (["load", "{case}"], 2, "Missing argument"),
        (["load", "{case}", "no/such/folder"], 2, "no such file or folder"),
        (["load", "no/such/folder/case.duckdb", str(SAMPLE_LOGS)], 1, "folder for the case does not exist"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_refusals_are_one_line_with_the_next_step(arguments: list[str], status: int, words: str, case: Path) -> None:
    done = run(*(argument.replace("{case}", str(case)) for argument in arguments))
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_strict_exits_with_3_on_damage_and_still_loads(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/good.json", [event()])
    (tmp_path / "logs/bad.json").write_bytes(b'{"Records":[{"eventVersion":')
    done = run("load", tmp_path / "case.duckdb", tmp_path / "logs", "--strict")
    assert done.returncode == 3
    assert "bad.json" in done.stderr
    again = run("load", tmp_path / "case.duckdb", tmp_path / "logs", "--strict")
    assert (again.returncode, "bad.json" in again.stderr) == (3, True)
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs").returncode == 0
    assert run(
        "sql", tmp_path / "case.duckdb", "SELECT count(*) AS n FROM events", "--format", "csv"
    ).stdout.split() == ["n", "1"]


def test_the_filter_is_said_and_what_it_leaves_out_is_counted(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [event(eventTime=f"2026-08-0{day}T00:00:00Z") for day in range(1, 6)])
    done = run(
        "load", tmp_path / "case.duckdb", tmp_path / "logs", "--since", "2026-08-02", "--until", "2026-08-04T00:00:00Z"
    )
    assert "from 2026-08-02T00:00:00Z; before 2026-08-04T00:00:00Z" in done.stderr
    assert "new events: 2; filtered: 3" in done.stderr


def test_limits_can_be_set(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json.gz", [event() for _ in range(200)])
    done = run("load", tmp_path / "case.duckdb", tmp_path / "logs", "--max-inflated-bytes", "1000")
    assert "raise --max-inflated-bytes" in done.stderr


def test_help_stays_light() -> None:
    heavy = "duckdb pyarrow pandas numpy matplotlib boto3 sqlglot jinja2 msgspec rich".split()
    code = (
        "import sys; import rootforensics; from rootforensics.cli import cli;"
        "cli.main(['--help'], standalone_mode=False);"
        f"sys.exit(' '.join(name for name in {heavy!r} if name in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _tables(path: Path) -> dict[str, list[Any]]:
    """All rows of a case, by table, as the file has them."""
    with duckdb.connect(str(path), read_only=True) as reader:
        names = [name for (name,) in reader.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: reader.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


@pytest.mark.heavy
def test_loading_what_is_there_adds_a_row_of_custody_and_nothing_else(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [event(), root_event()])
    path = tmp_path / "case.duckdb"
    assert run("load", path, tmp_path / "logs").returncode == 0
    before = _tables(path)
    assert run("load", path, tmp_path / "logs").returncode == 0
    after = _tables(path)
    assert after.pop("custody")[0] == before.pop("custody")[0]
    assert {"events", "evidence", "duplicates", "case_info", "actions"} < after.keys()
    assert after == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith("case")] == ["case.duckdb"]
