"""Title and investigator are said once: the case keeps them for all that is written of it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from tests.builders import root_event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


def _kept(path: Path) -> dict[str, str]:
    """Title and investigator in a case."""
    with rf.open_case(path) as case:
        return {row["name"]: row["content"] for row in case.query("case_head").rows}


@pytest.mark.heavy
def test_a_load_keeps_them(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    path, brief = tmp_path / "case.duckdb", tmp_path / "brief.md"
    assert run("load", path, tmp_path / "logs").returncode == 0
    assert _kept(path) == {}
    named = ("--title", "Incident 7", "--investigator", "M. Rossi")
    assert run("load", path, tmp_path / "logs", *named).returncode == 0
    assert run("brief", path, "--out", brief, "--title", "Incident 8").returncode == 0
    text = brief.read_text(encoding="utf-8")
    assert [one for one in ("Incident 7", "Incident 8", "M. Rossi", "Unnamed case") if one in text] == [
        "Incident 8", "M. Rossi",
    ]  # fmt: skip
    assert _kept(path) == {"title": "Incident 7", "investigator": "M. Rossi"}


@pytest.mark.heavy
def test_triage_keeps_them_and_what_is_said_last_holds(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    (tmp_path / "out").mkdir()
    path, page = tmp_path / "out" / "case.duckdb", tmp_path / "out" / "report.html"
    assert run("load", path, tmp_path / "logs", "--title", "Incident 7").returncode == 0
    for more, title in (((), "Incident 7"), (("--title", "Incident 8"), "Incident 8")):
        assert run("triage", tmp_path / "logs", "--out", tmp_path / "out", *more).returncode == 0
        assert f"<title>{title}: " in page.read_text(encoding="utf-8")
        assert _kept(path) == {"title": title}
