"""``rootforensics sql``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from rootforensics.cli.arguments import case_or_trail_argument
from rootforensics.cli.engine import answer, asking_options
from rootforensics.cli.options import output_options
from rootforensics.cli.talk import tell_part

_DIALECTS = ("duckdb", "athena", "trino", "spark")


@click.command("sql")
@case_or_trail_argument
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
@asking_options
def command(
    case: str,
    words: tuple[str, ...],
    file: str | None,
    dialect: str,
    params: tuple[str, ...],
    form: str,
    output: str | None,
    **asking: Any,  # noqa: ANN401
) -> int:
    """Run your own SQL on CASE: TEXT, a file, or - for standard input. It can read only the case.

    Without any of these, a terminal gets an interactive prompt with history and completion (needs the extra prompt).

    The tables are events, evidence, duplicates and notes; the views root_events, root_activity, root_noise,
    root_signins, evidence_problems, and cloudtrail_logs (Athena's spelling and types).

    With --engine the first argument is a trail, or a table with --table. Athena or Trino runs the SQL in its own
    dialect on records (object, place, record, account, region, day) and events (each field as a column).

    \b
    Examples:
      rootforensics sql case.duckdb "SELECT eventName, count(*) FROM root_activity GROUP BY ALL ORDER BY 2 DESC"
      rootforensics sql case.duckdb
      rootforensics sql case.duckdb -f query.sql --dialect athena --format csv
      rootforensics sql case.duckdb 'SELECT * FROM events WHERE eventID = $id' --param id=0a1b…
      rootforensics sql s3://bucket/AWSLogs/ "SELECT eventname, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"
        --engine athena --results s3://results/ --since 2026-08-01
    """
    if len(words) > 1:
        raise click.UsageError("The SQL is one argument: put it in quotes.")
    text = words[0] if words else None
    values = dict(_split(param) for param in params)
    on_engine = bool(asking["engine_name"])
    context = click.get_current_context()
    given = [one for one in asking if context.get_parameter_source(one) is not ParameterSource.DEFAULT]
    if given and not on_engine:  # such as --since, which would have no effect
        raise click.UsageError("Options about days, accounts, Regions, S3 and an engine need --engine.")
    if not on_engine and text is None and file is None and output is None and sys.stdin.isatty():
        _ask(case, dialect, values, form)
        return 0
    if (text is None) == (file is None):
        raise click.UsageError("Give the SQL as TEXT, with -f FILE, or as - for standard input.")
    statement = _read(Path(file).read_bytes(), file) if file else text or ""
    if statement == "-":
        # Read before any import: compiled code may ignore Ctrl-C, and this would wait forever.
        statement = _read(sys.stdin.buffer.read(), "standard input")
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering, check_not_same

    check_not_same(output, file)
    if on_engine:
        if params or dialect not in ("duckdb", asking["engine_name"]):
            raise click.UsageError("An engine takes its own dialect and no --param.")
        return answer(case, {**asking, "form": form, "output": output}, statement)
    with answering(case, output) as (opened, later):
        result = opened.sql(statement, dialect, values)
        later(write_result, result, form, output)
        tell_part(opened, later)
        later(count_rows, result)
    return 0


def _ask(case: str, dialect: str, values: dict[str, str], form: str) -> None:
    from rootforensics import open_case
    from rootforensics.cli.prompt import ask_sql

    # The case is closed while the user reads the rows, and opened again for the next query.
    opened = open_case(case)
    try:
        ask_sql(opened, dialect, values, form)
    finally:
        opened.close()


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
