"""The documentation says what is: generated pages are fresh, links lead somewhere."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import click
import pytest

from rootforensics.queries.catalogue import questions, views
from tests.pages import PAGES, ROOT, name_of, prose, read
from tools.docs import pages as docs

_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


def _anchors(path: Path) -> set[str]:
    """Anchors as GitHub makes them from headings."""
    headings = (found["text"].lower() for found in _HEADING.finditer(prose(path)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.heavy
def test_generated_pages_are_fresh() -> None:
    assert docs.stale() == [], "run `make docs` and commit the result"


@pytest.mark.heavy
def test_a_stale_page_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docs, "REFERENCE", tmp_path)
    for name, path in (("calls_text", docs.CALLS), ("sources_text", docs.SOURCES)):  # of all models of AWS
        monkeypatch.setattr(docs, name, partial(path.read_text, encoding="utf-8"))
    assert docs.main(["--check"]) == 1
    assert f"{tmp_path.name}/cli.md, {tmp_path.name}/queries.md" in capsys.readouterr().err
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    (tmp_path / "cli.md").write_text("older", encoding="utf-8")
    assert docs.main(["--check"]) == 1
    assert f"{tmp_path.name}/cli.md." in capsys.readouterr().err


def test_the_terminal_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    page = docs.cli_page()
    monkeypatch.setenv("COLUMNS", "40")
    assert docs.cli_page() == page


def test_every_command_and_option_is_documented() -> None:
    page = read(docs.REFERENCE / "cli.md")
    for name, command, _ in docs.commands():
        section = page.split(f"\n## rootforensics {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in section, (name, parameter.opts)


def test_every_question_and_view_is_documented() -> None:
    page = read(docs.REFERENCE / "queries.md")
    for query in questions().values():
        section = page.split(f"\n## {query.command_name}\n")[1].split("\n## ")[0]
        assert query.sql in section
        for column in query.columns:
            kind = f"{column.type} NOT NULL" if column.never_null else column.type
            assert f"| `{column.name}` | {kind} |" in section
    for name, view in views().items():
        assert view.sql in page.split(f"\n### {name}\n")[1]


def test_relative_links_lead_somewhere() -> None:
    broken = []
    for path in PAGES:
        for found in _LINK.finditer(prose(path)):
            target, _, anchor = found["target"].partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            file = (path.parent / target) if target else path
            if not file.exists() or (anchor and anchor not in _anchors(file)):
                broken.append(f"{name_of(path)}: {found['target']}")
    assert broken == []


def test_the_readme_is_short_and_its_pictures_come_first() -> None:
    text = prose(ROOT / "README.md")
    assert len(_LINK.sub("", text).replace("|", " ").split()) <= 700
    assert text.index("](docs/pictures/") < text.index("\n## ")
