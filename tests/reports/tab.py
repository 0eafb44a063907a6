"""A report in a tab of a real browser, where one is installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    (path for path in ("/usr/bin/chromium", shutil.which("chromium")) if path and Path(path).exists()), None
)

#: What is waited for comes at once, but on a machine that is ten times slower.
expect.set_options(timeout=60_000)


def opened(browser: Browser, path: Path, fragment: str = "", **context: Any) -> tuple[Page, list[str], list[str]]:
    """The report in a tab of its own, what the console said, and what was asked for."""
    page = browser.new_context(**context).new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri() + fragment)
    return page, said, asked
