from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import root_event, write_log
from tools.golden import compare, store

if TYPE_CHECKING:
    Row = dict[str, Any]


def golden(folder: Path, *rows: Row) -> Path:
    (folder / "sample").mkdir(parents=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "sample" / "findings.jsonl").write_text(text, encoding="utf-8")
    return folder


FIRST = {"name": "root_used", "eventIDs": ["a", "b"]}
SECOND = {"name": "trail_stopped", "eventIDs": ["c"]}


def test_what_is_the_same_has_no_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(golden(tmp_path / "a", FIRST, SECOND), golden(tmp_path / "b", FIRST, SECOND)) == 0
    assert capsys.readouterr().out == "0 differences\n"


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ((FIRST | {"eventIDs": ["a", "x"]}, SECOND), 'row 1, eventIDs 2: "b" -> "x"'),
        ((FIRST, {"name": "trail_stopped"}), 'row 2, eventIDs: ["c"] -> "(absent)"'),
        (
            (FIRST, {"eventIDs": ["c"], "name": "trail_stopped"}),
            'row 2, (order): ["name", "eventIDs"] -> ["eventIDs", "name"]',
        ),
        ((SECOND,), f"row 1: only before: {json.dumps(FIRST)}"),
        ((FIRST, SECOND, FIRST), f"row 3: only after: {json.dumps(FIRST)}"),
    ],
)
def test_a_difference_is_named_by_set_file_row_and_column(
    after: tuple[Row, ...], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(golden(tmp_path / "a", FIRST, SECOND), golden(tmp_path / "b", *after)) == 1
    assert capsys.readouterr().out == f"sample/findings, {line}\n1 differences\n"


def test_a_file_that_only_one_has_is_a_difference(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert compare(golden(tmp_path / "a", FIRST, SECOND), tmp_path / "b") == 2


@pytest.mark.heavy
def test_the_same_logs_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    made = []
    for name in ("one", "another"):
        write_log(tmp_path / name / "logs", "log.json", [root_event(eventID="e", requestID="r")])
        store(tmp_path / name / "out", {"logs": tmp_path / name / "logs"})
        out = tmp_path / name / "out"
        made.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*.jsonl")})
    assert made[0] == made[1]
    assert any(made[0].values())
