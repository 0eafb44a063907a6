"""Title and investigator are said once: the case keeps them for all that is written of it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builders import root_event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


def _head(folder: Path, *more: str) -> list[str]:
    """Title and investigator of the brief of a case in this folder."""
    assert run("brief", folder / "case.duckdb", "--out", folder / "brief.md", *more).returncode == 0
    text = (folder / "brief.md").read_text(encoding="utf-8")
    return [one for one in ("Incident 7", "Incident 8", "M. Rossi", "Unnamed case") if one in text]


def test_a_load_keeps_them(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    load = ("load", tmp_path / "case.duckdb", tmp_path / "logs")
    assert run(*load).returncode == 0
    assert _head(tmp_path) == ["Unnamed case"]
    assert run(*load, "--title", "Incident 7", "--investigator", "M. Rossi").returncode == 0
    assert _head(tmp_path) == ["Incident 7", "M. Rossi"]
    assert _head(tmp_path, "--title", "Incident 8") == ["Incident 8", "M. Rossi"]
    assert _head(tmp_path) == ["Incident 7", "M. Rossi"]


def test_triage_keeps_them_and_what_is_said_last_holds(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    triage = ("triage", tmp_path / "logs", "--out", tmp_path / "out")
    assert run(*triage, "--title", "Incident 7").returncode == 0
    for more, title in (((), "Incident 7"), (("--title", "Incident 8"), "Incident 8")):
        assert run(*triage, *more).returncode == 0
        assert f"<title>{title}: " in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
