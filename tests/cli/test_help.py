"""Help: commands in groups, each with a text that no terminal of 80 columns cuts, and the words ``help COMMAND``."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from rootforensics import cli as package
from rootforensics.cli import cli

GROUPS = ["Start", "Get logs", "Investigate", "Hand over", "Prove", "Harden"]
#: Longest text of a command.
MOST = 55


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, terminal_width=80)


def _listed() -> dict[str, list[tuple[str, str]]]:
    """Name and text of each command, by group, as they are printed below the options."""
    lines = run("help").stdout.partition("\nStart:\n")
    groups: dict[str, list[tuple[str, str]]] = {}
    for line in (lines[1] + lines[2]).strip().splitlines():
        if line.endswith(":") and not line.startswith(" "):
            own = groups[line[:-1]] = []
        elif line:
            name, text = line.split(maxsplit=1)
            own.append((name, text))
    return groups


def test_the_commands_are_listed_in_groups_by_texts_that_are_not_cut() -> None:
    groups = _listed()
    assert list(groups) == GROUPS
    listed = [one for group in groups.values() for one in group]
    assert len({text for _, text in listed}) == len(listed)
    for name, text in listed:
        assert 10 < len(text) <= MOST, name
        assert not text.endswith(("...", "…", ".")), name
        assert text[0].isupper(), name


def test_every_module_of_a_command_is_listed_once_and_every_listed_command_runs() -> None:
    """A module that holds a command names it so; the file has the command's name."""
    folder = Path(package.__file__).parent
    made = [
        path.stem
        for path in folder.glob("*.py")
        if "\n@click.pass_context\ndef command(" in path.read_text() or "\ndef command(" in path.read_text()
    ]
    names = [name for group in _listed().values() for name, _ in group]
    assert sorted(name.replace("-", "_") for name in names) == sorted(made)
    context = cli.make_context("rootforensics", [], resilient_parsing=True)
    for name in names:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


@pytest.mark.parametrize("name", ["queries", "notes", "unpack", "public-keys"])
def test_old_names_are_unknown(name: str) -> None:
    done = run(name, "--help")
    assert done.exit_code == 2
    assert f"No such command {name!r}" in done.stderr


def test_help_of_a_command_is_that_of_its_option() -> None:
    assert run("help").stdout == run("--help").stdout
    assert run("help", "blast-radius").stdout == run("blast-radius", "--help").stdout
    assert run("help", "query", "root-signins").stdout == run("query", "x", "root-signins", "--help").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("querry",), "Did you mean query?"),
        (("load", "logs"), "rootforensics load has no command 'logs'"),
        (("query", "triage"), "It is a command: rootforensics triage CASE"),
    ],
)
def test_help_of_what_is_no_command_says_what_is_meant(words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(cli, ("help", *words), prog_name="rootforensics", standalone_mode=False)
    assert isinstance(done.exception, click.UsageError)
    assert said in done.exception.format_message()


def test_the_list_of_queries_needs_no_case() -> None:
    listed = run("query", "--list").stdout
    assert "root-signins" in listed
    assert run("query", "nowhere.duckdb", "--list").stdout == listed
    assert "SELECT" in run("query", "--list", "root-signins").stdout


def test_every_command_that_a_text_of_the_package_names_exists_with_its_options() -> None:
    """Handover steps, hints and findings print commands to copy; a renamed option would leave them broken."""
    package_folder = Path(package.__path__[0]).parent
    texts = [path for path in package_folder.rglob("*") if path.suffix in (".py", ".j2", ".toml", ".sql")]
    named = [
        (path.name, line.strip(), name, options)
        for path in texts
        for line in path.read_text(encoding="utf-8").splitlines()
        for name, options in re.findall(r"(?<![\w/.])rootforensics ([a-z][a-z-]+)\b([^`\"'),;]*)", line)
    ]
    context = click.Context(cli)
    commands = [(file, line, cli.get_command(context, name), options) for file, line, name, options in named]
    broken = [
        (file, line)
        for file, line, command, options in commands
        if command and command.name != "query"  # whose further options are the parameters of a question
        and not {*re.findall(r"(?<!\S)--[a-z][a-z-]*", options)}
        <= {word for option in command.params for word in (*option.opts, *option.secondary_opts, "--help")}
    ]  # fmt: skip
    assert len([command for _, _, command, _ in commands if command]) > 100
    assert broken == []
    # Sentences on the program itself.
    assert {name for _, _, name, _ in named if not cli.get_command(context, name)} <= {
        "case", "creates", "defines", "did", "import", "reads", "that", "wrote",
    }  # fmt: skip
