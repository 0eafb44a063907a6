"""Triage as a method of a case: the files of the command, for whoever works in Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path

    import rootforensics as rf


@pytest.mark.heavy
def test_it_writes_what_the_command_writes(sample_case: rf.Case, sample_path: Path, tmp_path: Path) -> None:
    found = sample_case.triage(tmp_path / "new" / "out", title="Night")
    assert sorted(path.name for path in found.files) == ["report.html", "summary.json", "timeline.csv"]
    written = json.loads((tmp_path / "new" / "out" / "summary.json").read_text(encoding="utf-8"))
    assert written.pop("tool").startswith("rootforensics ")
    assert written == json.loads(json.dumps(found.summary))
    assert "<h1>Night</h1>" in (tmp_path / "new" / "out" / "report.html").read_text(encoding="utf-8")
    assert "likely takeover" in found._repr_html_()
    told = run("timeline", sample_path, "--format", "csv").stdout
    assert (tmp_path / "new" / "out" / "timeline.csv").read_text(encoding="utf-8").split() == told.split()
