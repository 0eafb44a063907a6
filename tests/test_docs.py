"""The documentation says what is: generated pages are fresh, links lead somewhere, commands parse."""

from __future__ import annotations

import itertools
import re
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from rootforensics.queries.catalogue import questions, views
from tools.docs import pages as docs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = docs.DOCS.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *docs.DOCS.rglob("*.md")])
_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _prose(text: str) -> str:
    return _FENCE.sub("", text)


def _anchors(path: Path) -> set[str]:
    """Anchors as GitHub makes them from headings."""
    headings = (found["text"].lower() for found in _HEADING.finditer(_prose(_read(path))))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def _command_lines(path: Path) -> Iterator[str]:
    """Each ``rootforensics`` command of a page's shell blocks, continued lines joined."""
    for fence in _FENCE.finditer(_read(path)):
        if fence["kind"] not in ("bash", "console", "sh"):
            continue
        held = ""
        for line in fence["body"].replace("\\\n", " ").split("\n"):
            held = f"{held}\n{line}" if held else line.removeprefix("$ ").strip().removeprefix(".venv/bin/")
            if not held.startswith("rootforensics"):
                held = ""
            elif _is_whole(held):
                yield held
                held = ""
        assert not held, f"{path.name}: {held} does not end"


def _is_whole(line: str) -> bool:
    try:
        shlex.split(line, comments=True)
    except ValueError:  # a quotation goes on in the next line
        return False
    return True


def _words(line: str) -> list[str]:
    """The arguments up to a pipe or a redirection."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>&;")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word[0] in "|>&;":
            break
        words.append(word)
    return words[1:]


def _parse(words: list[str]) -> None:
    """Parse a command to its end without running it."""
    if not words or words[0].startswith("-"):
        cli.make_context("rootforensics", words, resilient_parsing=True)
        return
    top = cli.make_context("rootforensics", words)
    _, command, rest = cli.resolve_command(top, words)
    assert command is not None
    context = command.make_context(words[0], list(rest), parent=top)
    if isinstance(command, click.Group):  # query CASE NAME --PARAM VALUE
        _, question, options = command.resolve_command(context, list(rest[1:]))
        assert question is not None
        question.make_context(rest[1], options, parent=context)


COMMAND_LINES = [(path.name, line) for path in PAGES for line in _command_lines(path)]


@pytest.mark.heavy
def test_generated_pages_are_fresh() -> None:
    assert docs.stale() == [], "run `make docs` and commit the result"


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
    page = _read(docs.REFERENCE / "cli.md")
    for name, command, _ in docs.commands():
        section = page.split(f"\n## rootforensics {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in section, (name, parameter.opts)


def test_every_question_and_view_is_documented() -> None:
    page = _read(docs.REFERENCE / "queries.md")
    for query in questions().values():
        section = page.split(f"\n## {query.command_name}\n")[1].split("\n## ")[0]
        assert query.sql in section
        for column in query.columns:
            assert f"| `{column.name}` | {column.type} |" in section
    for name, view in views().items():
        assert view.sql in page.split(f"\n### {name}\n")[1]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(path: Path) -> None:
    for found in _LINK.finditer(_prose(_read(path))):
        target, _, anchor = found["target"].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (path.parent / target) if target else path
        assert file.exists(), f"{path.name}: {found['target']}"
        if anchor:
            assert anchor in _anchors(file), f"{path.name}: {found['target']}"


def test_there_are_commands_to_check() -> None:
    assert {name for name, _ in COMMAND_LINES} >= {"README.md", "loading.md", "sql.md"}


@pytest.mark.parametrize(("page", "line"), COMMAND_LINES)
def test_command_lines_parse(page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = _words(line)
    for flag, name in itertools.pairwise(words):
        if flag in ("-f", "--file"):  # a file that the page's reader has
            Path(name).write_text("SELECT 1", encoding="utf-8")
    try:
        _parse(words)
    except click.exceptions.Exit:  # --help
        pass
    except click.UsageError as error:
        pytest.fail(f"{page}: {line}: {error.format_message()}")


def test_a_wrong_command_line_would_be_told() -> None:
    for line in (
        "rootforensics lod case.duckdb logs/",
        "rootforensics load case.duckdb logs/ --rot-only",
        "rootforensics query case.duckdb root-signin",
        "rootforensics query case.duckdb root-signins --account 1",
        "rootforensics sql",
    ):
        with pytest.raises(click.UsageError):
            _parse(_words(line))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What triage prints on the sample, with eventIDs as short as a terminal shows them."""
    folder = tmp_path_factory.mktemp("triage") / "incident"
    told = CliRunner().invoke(cli, ["triage", str(ROOT / "sample_logs"), "--out", str(folder)]).output
    return re.sub(r"([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"\1", told).splitlines()


@pytest.mark.heavy
def test_the_readme_shows_what_triage_prints(printed: list[str]) -> None:
    """Lines of the README are broken as on a terminal, and ``…`` stands for some; each must be printed, in this order."""
    shown = next(
        found["body"] for found in _FENCE.finditer(_read(ROOT / "README.md")) if "Root in 7,295" in found["body"]
    )
    place = 0
    for line in re.sub(r"\n {2,3}(?!aws )(?=\S)", " ", shown).splitlines():
        pieces = [piece for piece in line.split("…") if piece]
        if pieces:
            fits = (at for at in range(place, len(printed)) if all(piece in printed[at] for piece in pieces))
            place = next(fits, -1)
            assert place >= 0, f"not printed, or not in this order: {line}"
