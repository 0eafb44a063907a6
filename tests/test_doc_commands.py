"""Each command in the documentation is run on the sample, and prints what the page shows; those that need AWS are parsed."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.errors import RootForensicsError
from tests.pages import PAGES, ROOT, Command, commands, name_of

COMMANDS: Final = [command for path in PAGES for command in commands(path)]
#: A case of the reader's, wherever a page has it.
CASES: Final = ("case.duckdb", "incident/case.duckdb")
#: Folders and files of the reader's, and what stands for them.
HELD: Final = {"sample_logs": "sample_logs", "AWSLogs": "sample_logs/AWSLogs", "export": "sample_logs/AWSLogs/777788889999", "docs": "docs"}  # fmt: skip


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


def _is_run(words: list[str]) -> bool:
    """Not what needs AWS; nor notebooks and PDF, which Jupyter and a browser make and which have tests of their own."""
    needs_aws = words[0] in ("history", "extract", "posture") or any(
        word.startswith("s3://") or word == "--fetch-keys" for word in words
    )
    return not (needs_aws or words[0] in ("lab", "notebook") or any(word.endswith(".pdf") for word in words))


def _refusal(command: Command, folder: Path) -> str:
    """Why the command is wrong, if it is; files that the page's reader has are made in the working folder."""
    for flag, name in pairwise(command.words):
        if flag in ("-f", "--file"):
            (folder / name).write_text("SELECT 1", encoding="utf-8")
    for case in (folder / word for word in command.words if word.endswith(".duckdb")):
        case.parent.mkdir(exist_ok=True)
        case.touch()
    try:
        _parse(command.words)
    except click.exceptions.Exit:  # --help
        pass
    except click.UsageError as error:
        return error.format_message()
    return ""


def test_commands_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {}
    for number, command in enumerate(COMMANDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        if told := _refusal(command, folder):
            wrong[name_of(command.page), command.line] = told
    assert wrong == {}


def test_a_wrong_command_line_would_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in (
        "rootforensics lod case.duckdb logs/",
        "rootforensics load case.duckdb logs/ --rot-only",
        "rootforensics query case.duckdb root-signin",
        "rootforensics query case.duckdb root-signins --account 1",
        "rootforensics sql",
    ):
        assert _refusal(Command(ROOT, line), tmp_path), line


def test_every_page_for_people_at_work_has_commands() -> None:
    told = {name_of(command.page) for command in COMMANDS}
    assert told >= {"README.md", "docs/tutorial.md", "docs/reference/sql.md"}
    assert told >= {name_of(path) for path in PAGES if path.parent.name == "how-to"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the reader of a page has it: logs, a case of the sample, approvals, a query."""
    folder = tmp_path_factory.mktemp("desk")
    for name, source in HELD.items():
        (folder / name).symlink_to(ROOT / source)
    with rf.open_case(folder / "loaded.duckdb") as case:
        case.load(folder / "sample_logs")
    for name in ("approvals.yaml", "public-keys.json"):
        shutil.copy(ROOT / "docs/examples" / name, folder)
    (folder / "query.sql").write_text("SELECT count(*) FROM root_activity", encoding="utf-8")
    (folder / "event_history.json").write_text('{"Records": []}', encoding="utf-8")
    for name in ("keys", "incident"):
        (folder / name).mkdir()
    return folder


def _told(output: str) -> list[str]:
    """Printed lines as pages show them: an eventID by its beginning, one blank for any number."""
    short = re.sub(r"\b([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", r"\1", output)
    return [" ".join(line.split()) for line in short.splitlines()]


def _missing(shown: tuple[str, ...], printed: list[str]) -> list[str]:
    """The first line that was not printed, or not after those before it. ``…`` stands for any text."""
    place = 0
    for line in shown:
        pattern = ".*".join(re.escape(" ".join(piece.split())) for piece in line.split("…")).replace(r".*", ".*")
        fits = (at for at in range(place, len(printed)) if re.fullmatch(pattern, printed[at]))
        place = next(fits, -1) + 1
        if not place:
            return [line]
    return []


#: The pages of which every run of the heavy ring runs all commands.
FIRST_READ: Final = (
    "README.md",
    "docs/tutorial.md",
    "docs/how-to/logging-stopped.md",
    "docs/how-to/root-access-key.md",
)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name_of(path), marks=() if name_of(path) in FIRST_READ else pytest.mark.deep)
        for path in PAGES
        if any(_is_run(command.words) for command in commands(path))
    ],
)
def test_commands_run_and_print_what_the_page_shows(path: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("HOME", str(desk))
    for case in CASES:  # one page leaves nothing to the next
        shutil.copy("loaded.duckdb", case)
    shutil.rmtree("parquet", ignore_errors=True)
    for one in commands(path):
        if not _is_run(one.words):
            assert not one.shown, f"{one.line}: what it prints is not known"
            continue
        words = [str(Path(word).expanduser()) if word.startswith("~/") else word for word in one.words]
        ran = CliRunner().invoke(cli, words)
        refused = ran.exception if isinstance(ran.exception, RootForensicsError) else None
        status = 3 if words[0] == "contained" else 0  # containment does not hold in the sample
        assert ran.exit_code == status, f"{one.line}: {refused or ran.output}"
        assert not _missing(one.shown, _told(ran.output)), f"{one.line}\n{ran.output}"


def test_what_is_not_printed_is_told() -> None:
    printed = _told("a  b\nNO   it was 3a2e6324-2b14-460a-9801-9b63f0ffdb7d\n")
    assert _missing(("a b", "NO it was 3a2e6324"), printed) == []
    assert _missing(("NO … 3a2e6324",), printed) == []
    assert _missing(("NO it was", "a b"), printed) == ["NO it was"]
    assert _missing(("NO …", "a b"), printed) == ["a b"]
