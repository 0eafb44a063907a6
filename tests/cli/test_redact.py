"""``--redact`` masks what commands write, and is careful with its key file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "198.51.100.23"
OUTPUTS = [
    ("report", "--out", "o/r.html"),
    ("report", "--out", "o/r.md"),
    ("timeline", "-o", "o/t.csv"),
    ("timeline", "--format", "jsonl", "-o", "o/t.jsonl"),
    ("timeline", "--format", "timesketch", "-o", "o/ts.jsonl"),
    ("indicators", "--format", "csv", "-o", "o/i.csv"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("redact")
    write_log(made / "logs", "a.json", [root_event(sourceIPAddress=ADDRESS, userAgent="x 111122223333")])
    for name in ("o", "t"):
        (made / name).mkdir()
    with rf.open_case(made / "t" / "case.duckdb") as case:  # where triage will find it
        case.load(made / "logs")
    return made


def call(folder: Path, *arguments: str) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(cli, arguments)
    if done.exception and not isinstance(done.exception, SystemExit | rf.RootForensicsError):
        raise done.exception
    return done.exit_code, f"{done.output}{done.exception or ''}"


@pytest.mark.quick(1)
@pytest.mark.parametrize(("command", "arguments"), [(output[0], output[1:]) for output in OUTPUTS])
def test_files_hold_masks(folder: Path, command: str, arguments: tuple[str, ...]) -> None:
    status, said = call(folder, command, "t/case.duckdb", "--redact", "key.json", *arguments)
    assert status == 0, said
    content = (folder / arguments[-1]).read_text(encoding="utf-8")
    assert ADDRESS not in content
    assert "111122223333" not in content
    masks = json.loads((folder / "key.json").read_text(encoding="utf-8"))["masks"]
    assert masks["ip"][ADDRESS] in content
    assert "careful" not in said


@pytest.mark.parametrize("question", ["rotate", "root-timeline"])
def test_the_answer_to_a_question_holds_masks(folder: Path, question: str) -> None:
    status, said = call(folder, "query", "t/case.duckdb", question, "--redact", "key.json", "--format", "csv")
    assert status == 0, said
    assert "account-01" in said
    assert ADDRESS not in said
    assert "111122223333" not in said


@pytest.mark.heavy
def test_a_workbook_holds_masks(folder: Path) -> None:
    from openpyxl import load_workbook

    status, said = call(
        folder, "timeline", "t/case.duckdb", "--redact", "key.json", "--format", "xlsx", "-o", "o/t.xlsx"
    )
    assert status == 0, said
    (sheet,) = load_workbook(folder / "o" / "t.xlsx").worksheets
    cells = [str(cell.value) for row in sheet for cell in row]
    assert not [cell for cell in cells if ADDRESS in cell or "111122223333" in cell]
    assert any(cell.startswith("ip-") for cell in cells)


@pytest.mark.heavy
def test_triage_masks_all_but_the_case_and_says_so(folder: Path) -> None:
    (folder / "logs" / "111122223333_CloudTrail_us-east-1_20260805T1200Z_x.json.gz").write_bytes(b"\x1f\x8b\x08")
    status, said = call(folder, "triage", "logs", "--out", "t", "--redact", "key.json", "--investigator", "m@r.example")
    assert status == 0, said
    assert "case.duckdb is not redacted" in said
    assert "careful" not in said
    assert "damaged: " in said
    assert "account-01_CloudTrail_us-east-1" in said
    assert "111122223333" not in said
    for name in ("report.html", "timeline.csv", "summary.json"):
        content = (folder / "t" / name).read_text(encoding="utf-8")
        assert ADDRESS not in content
        assert "111122223333" not in content
        assert "m@r.example" not in content
        assert "account-01" in content


@pytest.mark.heavy
def test_parquet_and_its_folders_hold_masks(folder: Path) -> None:
    status, said = call(folder, "export", "t/case.duckdb", "parquet", "--redact", "key.json")
    assert status == 0, said
    files = list((folder / "parquet").rglob("*.parquet"))
    assert "events/account=account-01/day=2026-08-05" in {path.parent.relative_to(folder / "parquet").as_posix() for path in files}  # fmt: skip
    for path in files:
        rows = json.dumps(pq.ParquetFile(path).read().to_pylist(), default=str)
        assert ADDRESS not in rows
        assert "111122223333" not in rows
    assert {path.name for path in files} >= {"evidence.parquet", "indicators.parquet", "part-0.parquet"}


@pytest.mark.heavy
def test_a_key_file_among_the_results_is_told(folder: Path) -> None:
    status, said = call(folder, "timeline", "t/case.duckdb", "--redact", "o/key.json", "-o", "o/t.csv")
    assert status == 0
    assert "careful: o/key.json undoes the masks" in said
    status, said = call(folder, "export", "t/case.duckdb", "p2", "--redact", "p2/in/key.json")
    assert "careful: p2/in/key.json undoes the masks" in said


@pytest.mark.heavy
def test_no_other_file_is_taken_for_a_key_file(folder: Path) -> None:
    for name, word in {"t/case.duckdb": "this is the case file", "logs/a.json": "this file is evidence", "o/t.csv": "is an input"}.items():  # fmt: skip
        before = (folder / name).read_bytes() if (folder / name).exists() else b""
        status, said = call(folder, "timeline", "t/case.duckdb", "--redact", name, "-o", "o/t.csv")
        assert status == 1
        assert word in said
        assert ((folder / name).read_bytes() if (folder / name).exists() else b"") == before


def test_masks_are_no_indicators_for_other_tools(folder: Path) -> None:
    status, said = call(folder, "indicators", "t/case.duckdb", "--format", "stix", "--redact", "key.json")
    assert status == 2
    assert "A redacted STIX bundle" in said
