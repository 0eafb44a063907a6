"""The report in a real browser, where one is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = next(
    (path for path in ("/usr/bin/chromium", shutil.which("chromium")) if path and Path(path).exists()), None
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
]


@pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")
def test_chromium_opens_it_without_complaint(sample_source: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(sample_source, encoding="utf-8")
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "Root was used by people in 3 accounts" in done.stdout
    assert "<script" not in done.stdout
    assert done.stdout.count('<tr id="e-') == 322
    assert "Content Security Policy" not in done.stderr
    assert "CONSOLE" not in done.stderr
