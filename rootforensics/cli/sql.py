"""``rootforensics sql``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import output_options

_DIALECTS = ("duckdb", "athena", "trino", "spark")


@click.command("sql")
@case_argument
@click.argument("words", nargs=-1, metavar="[TEXT]")
@click.option("-f", "--file", "file", type=click.Path(exists=True, dir_okay=False), help="Read the SQL from this file.")
@click.option(
    "--dialect",
    type=click.Choice(_DIALECTS),
    default="duckdb",
    show_default=True,
    help="The dialect of the SQL.",
)
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A value for $NAME; repeatable.")
@output_options
def command(
    case: str,
    words: tuple[str, ...],
    file: str | None,
    dialect: str,
    params: tuple[str, ...],
    form: str,
    output: str | None,
) -> None:
    """Run SQL of your own on CASE: TEXT, a file, or - for standard input. It can read the case and nothing else.

    Without any of these it is a prompt, with history and completion, in a terminal (needs the extra prompt).

    The tables are events, evidence, duplicates and notes; the views root_events, root_activity, root_noise,
    root_signins, evidence_problems, and cloudtrail_logs (Athena's spelling and types).

    \b
    Examples:
      rootforensics sql case.duckdb "SELECT eventName, count(*) FROM root_activity GROUP BY ALL ORDER BY 2 DESC"
      rootforensics sql case.duckdb
      rootforensics sql case.duckdb -f query.sql --dialect athena --format csv
      rootforensics sql case.duckdb 'SELECT * FROM events WHERE eventID = $id' --param id=0a1b…
    """
    if len(words) > 1:
        raise click.UsageError("The SQL is one argument: put it in quotes.")
    text = words[0] if words else None
    values = dict(_split(one) for one in params)
    if text is None and file is None and output is None and sys.stdin.isatty():
        _ask(case, dialect, values, form)
        return
    if (text is None) == (file is None):
        raise click.UsageError("Give the SQL as TEXT, with -f FILE, or as - for standard input.")
    statement = _read(Path(file).read_bytes(), file) if file else text or ""
    if statement == "-":
        # Before anything is imported: compiled code may swallow Ctrl-C, and this would wait for ever.
        statement = _read(sys.stdin.buffer.read(), "standard input")
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import check_not_same, writing_to

    if file:
        check_not_same(output, file)
    with open_case(case) as opened:
        result = opened.sql(statement, dialect, values)
        with writing_to(opened, output):
            write_result(result, form, output)
        count_rows(result)


def _ask(case: str, dialect: str, values: dict[str, str], form: str) -> None:
    from rootforensics import open_case
    from rootforensics.cli.prompt import ask_sql

    with open_case(case) as opened:
        ask_sql(opened, dialect, values, form)


def _read(text: bytes, where: str) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"The SQL in {where} is not UTF-8 (byte {error.start}).") from error


def _split(param: str) -> tuple[str, str]:
    name, equals, value = param.partition("=")
    if not equals:
        raise click.UsageError(f"--param {param!r} is not NAME=VALUE.")
    return name, value
