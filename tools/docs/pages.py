"""Write the generated pages of docs/: ``python -m tools.docs`` writes, ``--check`` says what is stale.

Of ``docs/reference/``, ``queries.md`` comes from the catalogue of questions, ``cli.md`` from the command line's own help,
``actions.md`` and the conditions in the view ``matched_actions`` from the catalogue of actions, ``findings.md`` from the
detections, ``charts.md`` from the charts, ``posture.md`` from the controls. ``ingest/sources.json`` comes from the models of AWS, the types of rows
in ``queries/rows.py``, ``shapes.py`` and ``overloads.py`` from the headers of the questions.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rootforensics.cli import cli
from rootforensics.ingest.spelling import SOURCES_FILE
from rootforensics.queries.catalogue import questions, views
from rootforensics.queries.secrets import SENSITIVE_FILE
from rootforensics.rules.actions import SERVICES_FILE, TABLE_FILE
from tools.docs.actions_page import VIEW, actions_page, view_text
from tools.docs.architecture import architecture_svg
from tools.docs.catalogue import table_text
from tools.docs.charts_page import charts_page
from tools.docs.findings_page import findings_page
from tools.docs.posture_page import posture_page
from tools.docs.related_calls import CALLS, COUNTED, calls_text, counted_text
from tools.docs.sensitive_file import sensitive_text
from tools.docs.sources_file import services_text, sources_text
from tools.docs.typed_rows import modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

    from rootforensics.queries.catalogue import Query

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
REFERENCE: Final = DOCS / "reference"
#: How the parts hang together.
PICTURE: Final = DOCS / "pictures" / "architecture.svg"
#: Help is wrapped here, whatever terminal the writer sits at.
HELP_WIDTH: Final = 100
#: The rows of the catalogue as a case holds them.
TABLE: Final = DOCS.parent / "rootforensics" / "rules" / TABLE_FILE
#: Sources that the name of a call tells.
SOURCES: Final = DOCS.parent / "rootforensics" / "ingest" / SOURCES_FILE
#: Names of members that hold secrets.
SENSITIVE: Final = DOCS.parent / "rootforensics" / "queries" / SENSITIVE_FILE
#: Sources that are of AWS.
SERVICES: Final = DOCS.parent / "rootforensics" / "rules" / SERVICES_FILE
_NOTE: Final = "<!-- Written by `make docs`; change {source} instead. -->"


def commands() -> list[tuple[str, click.Command, click.Context]]:
    """Every command in the order of the help, with the context that its own help needs."""
    top = _top()
    found = []
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        found.append((name, command, command.make_context(name, [], parent=top, resilient_parsing=True)))
    return found


def cli_page() -> str:
    """The text of docs/reference/cli.md."""
    lines = [
        _NOTE.format(source="the commands in rootforensics/cli/"),
        "# Command line",
        "",
        "Data goes to standard output, everything else to standard error.",
        "",
        "| exit status | meaning |",
        "|---|---|",
        "| 0 | done |",
        "| 1 | refused |",
        "| 2 | wrong usage |",
        "| 3 | evidence is missing or failed a check (with `--strict`), or a check such as `contained` or `custody --verify` did not pass |",
        "",
        "Options that several commands share have the same meaning on each:",
        "",
        "- `--since TIME` and `--until TIME`: at or after the first, before the second. A row counts if its moment is in that",
        "  time, or if its span overlaps it. A row without a time always counts. Sums within a row cover all logs. A query",
        "  whose rows are only such sums does not have these options.",
        "- `--account-id ID`: only this account.",
        "- `--tz ZONE`: the time zone of rows, with the UTC offset (`2026-08-05T03:12:08+02:00`). Sentences are always in UTC.",
        "  Times that you type are UTC unless they have an offset.",
        "- `--format FORM`: the output format. `-o FILE` writes to a file.",
        "",
        *_help(cli, _top()),
    ]
    for name, command, context in commands():
        lines += ["", f"## rootforensics {name}", "", *_help(command, context)]
        if name == "query":
            lines += ["", *_question_table()]
    return "\n".join(lines) + "\n"


def queries_page() -> str:
    """The text of docs/reference/queries.md."""
    lines = [
        _NOTE.format(source="the headers in rootforensics/queries/"),
        "# Questions",
        "",
        'Each question is one SQL file. `rootforensics query CASE NAME` and `case.query("name")` run it as it stands',
        "here. In the library and in SQL a name has `_` where the command has `-`.",
        "",
    ]
    lines += [
        f"- [`{question.command_name}`](#{question.command_name}): {_text(question.question)}"
        for question in questions().values()
    ]
    for query in questions().values():
        lines += ["", *_question(query)]
    lines += [
        "",
        "## Views",
        "",
        "A case file holds these views; any DuckDB client can read them.",
    ]
    for view in sorted(views().values(), key=lambda one: one.name):
        lines += ["", f"### {view.name}", "", *_about(view), "", *_folded(view.sql)]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Each generated file and the text that it must have."""
    return {
        VIEW: view_text(),
        TABLE: table_text(),
        SOURCES: sources_text(),
        SERVICES: services_text(),
        SENSITIVE: sensitive_text(),
        CALLS: calls_text(),
        COUNTED: counted_text(),
        **modules(),
        PICTURE: architecture_svg(),
        REFERENCE / "cli.md": cli_page(),
        REFERENCE / "queries.md": queries_page(),
        REFERENCE / "actions.md": actions_page(_NOTE.format(source="rootforensics/rules/catalogue/")),
        REFERENCE / "charts.md": charts_page(_NOTE.format(source="rootforensics/charts/")),
        REFERENCE / "posture.md": posture_page(_NOTE.format(source="rootforensics/posture/controls.toml")),
        REFERENCE / "findings.md": findings_page(_NOTE.format(source="rootforensics/rules/detections/")),
    }


def stale() -> list[str]:
    """The generated files whose text is not what it must be, as folder and name."""
    return [
        f"{path.parent.name}/{path.name}"
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def _top() -> click.Context:
    return cli.make_context("rootforensics", [], resilient_parsing=True, terminal_width=HELP_WIDTH)


def _help(command: click.Command, context: click.Context) -> Iterator[str]:
    yield "```text"
    yield from (line.rstrip() for line in command.get_help(context).split("\n"))
    yield "```"


def _question_table() -> Iterator[str]:
    yield "Each question of the catalogue is a command of its own; every one takes `--format` and `--output` too."
    yield ""
    rows = [
        (
            f"[`{query.command_name}`](queries.md#{query.command_name})",
            _text(query.title),
            " ".join(f"`--{parameter.name.replace('_', '-')}`" for parameter in query.parameters),
        )
        for query in questions().values()
    ]
    yield from _table(("name", "title", "parameters"), rows)


def _question(query: Query) -> Iterator[str]:
    yield f"## {query.command_name}"
    yield ""
    yield from _about(query)
    if query.parameters:
        yield ""
        yield from _table(
            ("parameter", "type", "default", "meaning"),
            [
                (
                    f"`--{parameter.name.replace('_', '-')}`",
                    parameter.type,
                    f"`{parameter.default!r}`",
                    _text(parameter.help),
                )
                for parameter in query.parameters
            ],
        )
    yield ""
    columns = [
        (f"`{column.name}`", f"{column.type} NOT NULL" if column.never_null else column.type, _text(column.note))
        for column in query.columns
    ]
    yield from _table(("column", "type", "note"), columns)
    yield ""
    yield from _folded(query.sql)


def _about(query: Query) -> Iterator[str]:
    yield f"**{_text(query.title)}.** {_text(query.question)}"
    yield ""
    yield f"- Not seen: {_text(query.misses)}"
    yield f"- Source: {_text(query.source)}"
    if query.attack:
        yield f"- ATT&CK: {', '.join(query.attack)}"


def _folded(sql: str) -> Iterator[str]:
    yield from ("<details><summary>SQL</summary>", "", "```sql", *sql.split("\n"), "```", "", "</details>")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |".replace("|  |", "| |")


def _text(text: str) -> str:
    """Text of a header as Markdown takes it literally."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m tools.docs [--check]\n")
        return 2
    if not arguments:
        VIEW.write_text(view_text(), encoding="utf-8", newline="\n")
        views.cache_clear()  # queries.md shows it
        for path, text in pages().items():
            path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if names := stale():
        sys.stderr.write(f"stale: {', '.join(names)}. Run make docs and commit the result.\n")
        return 1
    return 0
