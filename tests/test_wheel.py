"""What is installed without a clone: the package as a wheel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLE_LOGS

#: Modules of Python that Windows does not have.
UNIX = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
IMPORT_ALL = f"""
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({UNIX!r}))
import rootforensics
for one in pkgutil.walk_packages(rootforensics.__path__, "rootforensics."):
    if not one.name.endswith("__main__"):
        importlib.import_module(one.name)
print(len(sys.modules))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_notebooks_come_with_it(wheel: Path) -> None:
    held = {Path(one).name for one in zipfile.ZipFile(wheel).namelist() if one.endswith(".ipynb")}
    assert held == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert held


@pytest.mark.heavy
def test_the_demo_needs_no_clone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "elsewhere").mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "rootforensics", "demo", "out"],
        cwd=tmp_path / "elsewhere",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    out = tmp_path / "elsewhere" / "out"
    unpacked = out / "sample_logs"
    wanted = {path.relative_to(SAMPLE_LOGS): path.read_bytes() for path in SAMPLE_LOGS.rglob("*") if path.is_file()}
    assert {path.relative_to(unpacked): path.read_bytes() for path in unpacked.rglob("*") if path.is_file()} == wanted
    root = json.loads((out / "summary.json").read_text())["root"]
    assert (root["total"], root["activity"], root["noise"]) == (321, 175, 146)  # as sample_logs/EXPECTED.toml has it
    assert "321 of 7,295 events were made as root" in ran.stdout
    assert "\n  rootforensics query out/case.duckdb root-signins\n" in ran.stderr
    assert "\n  rootforensics verify out/case.duckdb --public-keys out/public-keys.json\n" in ran.stderr
    last = ["approvals out/case.duckdb out/approvals.yaml", "posture out/case.duckdb --from out/posture"]
    assert ran.stderr.endswith("".join(f"  rootforensics {one}\n" for one in last))
    answers = ROOT / "docs" / "examples" / "posture" / "saved.jsonl"
    assert (out / "posture" / answers.name).read_bytes() == answers.read_bytes()
    assert (out / "approvals.yaml").read_bytes() == (ROOT / "docs" / "examples" / "approvals.yaml").read_bytes()
    assert "missing: 1 log; modified: 1 log" in ran.stderr


@pytest.mark.heavy
def test_every_module_imports_without_what_windows_lacks() -> None:
    ran = subprocess.run([sys.executable, "-W", "error", "-c", IMPORT_ALL], capture_output=True, text=True, check=True)
    assert int(ran.stdout) > 300
