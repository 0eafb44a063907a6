"""Draw the top of the sample incident's brief for the README: ``python -m tools.report_picture CASE OUT``."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

import rootforensics as rf
from rootforensics.reports.html import render_report

ROOT = Path(__file__).resolve().parent.parent
#: In the picture's own pixels; a README shows it at about two thirds.
WIDTH, HEIGHT = 1180, 1180


def main() -> None:
    """Load the page at a fixed time, so that the picture changes with the report only."""
    case_path, target = map(Path, sys.argv[1:])
    with rf.open_case(case_path) as case:
        page = render_report(
            case.analysis(ROOT / "docs" / "examples" / "approvals.yaml"),
            title="Sample incident",
            version=rf.__version__,
            investigator="Farid Haddad",
            is_brief=True,
            produced_time=datetime(2026, 8, 10, 9, 0, tzinfo=UTC),
        )
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder) / "report.html"
        place.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        sheet = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        sheet.goto(place.as_uri())
        sheet.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main()
