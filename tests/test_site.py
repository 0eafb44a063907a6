"""The site builds without a network, its links lead somewhere, and its pages load nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import pytest

from tests.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Builds with every way out shut.
_OFFLINE: Final = """
import socket, sys
def refuse(*_): raise OSError("the site asks a network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


class _Page(HTMLParser):
    """What a page names: anchors of its own, links that one follows, and what a browser loads by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name == "href" and value and tag == "a":
                self.links.append(value)
            elif name in ("src", "href", "srcset", "data", "poster") and value:
                self.loads.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    words = "--quiet --fail-on-warning --keep-going -c tools/site -d".split()
    made = subprocess.run(
        [sys.executable, "-c", _OFFLINE, *words, folder / "doctrees", "docs", folder / "html"],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder / "html"


def _pages(site: Path) -> Iterator[tuple[Path, _Page]]:
    for path in sorted(site.rglob("*.html")):
        yield path, _Page(path.read_text(encoding="utf-8"))


@pytest.mark.heavy
def test_each_link_within_the_site_has_a_target(site: Path) -> None:
    pages = dict(_pages(site))
    assert {path.relative_to(site).as_posix() for path in pages} >= {
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")
    }
    for path, page in pages.items():
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, f"{path.name}: {link}"


@pytest.mark.heavy
def test_pages_load_nothing_from_a_network(site: Path) -> None:
    for path, page in _pages(site):
        assert page.loads, path
        assert not [one for one in page.loads if urlsplit(one).scheme or one.startswith("//")], path
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text(encoding="utf-8")), path
