"""Draw the start page of the sample incident in JupyterLab for the README: ``python -m tools.lab_picture CASE OUT``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1300, 1200


def main() -> None:
    """Run all cells of the start page, and take its upper part from the brief on."""
    case, target = sys.argv[1:]
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rootforensics", "lab", case, "--no-browser", "--out", f"{folder}/lab"]
        lab = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            lines = iter(lab.stderr or ())
            address = next(match[0] for line in lines if (match := re.search(r"http://\S+", line)))
            draw(address, Path(target))
        finally:
            lab.terminate()
            lab.wait()


def draw(address: str, target: Path) -> None:
    """Take the picture when the chart is there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(address)
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        page.get_by_role("menuitem", name="Run", exact=True).click(timeout=60_000)
        page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
        page.locator(".vega-embed").first.wait_for(timeout=90_000)
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        page.get_by_role("heading", name="The brief").first.evaluate("heading => heading.scrollIntoView()")
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main()
