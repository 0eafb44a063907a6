"""The report as PDF: the page, printed by Chromium with its folds open and without a network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rootforensics.errors import ReportError

#: Environment variable that names a browser.
VARIABLE: Final = "ROOTFORENSICS_CHROMIUM"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_NO_NETWORK: Final = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking")
#: A page of hundreds of thousands of rows takes minutes to lay out.
_MILLISECONDS: Final = 1_800_000
#: Paper cannot unfold anything: with the annex every fold is printed open, without it only long texts are.
_UNFOLD: Final = """
const hasAnnex = document.querySelector('#annex[open]') !== null;
for (const fold of document.querySelectorAll(hasAnnex ? 'details' : 'details.long')) fold.open = true;
"""


def pdf_of(page: str) -> bytes:
    """Print a report.

    Paper size, page numbers and heads come from the page's style.

    Args:
        page: from ``render_report``.

    Returns:
        The PDF.

    Raises:
        ReportError: the extra ``pdf`` or a browser is missing, or the browser failed.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        hint = 'pip install "rootforensics[pdf]", or open the HTML report in a browser and print it'
        raise ReportError("a PDF needs playwright, which is not installed", hint=hint) from error
    with TemporaryDirectory(prefix="rootforensics-") as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        try:
            browser = playwright.chromium.launch(executable_path=_browser(), args=[*_NO_NETWORK, *_sandbox()])
        except Error as error:
            raise _no_browser(str(error)) from error
        try:
            sheet = browser.new_context(offline=True).new_page()
            sheet.set_default_timeout(_MILLISECONDS)
            sheet.goto(file.as_uri())
            sheet.evaluate(_UNFOLD)
            return sheet.pdf(prefer_css_page_size=True, print_background=False, tagged=True, outline=True)
        except Error as error:
            problem = f"Chromium could not print the report ({_first_line(str(error))})"
            raise ReportError(problem, hint="Write HTML or Markdown") from error
        finally:
            browser.close()


def _browser() -> str | None:
    """A Chromium of the system; None for the one that playwright installs."""
    if own := os.environ.get(VARIABLE):
        return own
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _sandbox() -> list[str]:
    """Chromium refuses to run its sandbox as root. The page runs only its own script."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _no_browser(error: str) -> ReportError:
    hint = f"Install Chromium, or run playwright install chromium, or name a browser in {VARIABLE}"
    return ReportError(f"Chromium could not be started ({_first_line(error)})", hint=hint)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].strip() if text.strip() else "no reason given"
