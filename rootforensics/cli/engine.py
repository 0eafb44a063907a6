"""What commands share that ask an engine beside the logs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, cast

import click

from rootforensics.cli.arguments import ENGINE
from rootforensics.cli.options import make_filters, make_s3, place_options, s3_options, with_options
from rootforensics.cli.talk import printable, talk, write_out
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.cli.options import Command
    from rootforensics.extraction.extracting import EngineName, EngineOptions, ExtractPlan

#: A password is no argument: others on this computer can read those.
_PASSWORD: Final = "TRINO_PASSWORD"  # noqa: S105 - its name
#: Option, what stands for its value, default, help.
_REACHED: Final = (
    ("database", "NAME", "default", "Database of the table; in Trino its schema."),
    ("output", "S3", "", "Athena: s3://bucket/prefix/ for results, which are then deleted."),
    ("workgroup", "NAME", "", "Athena: its workgroup; primary by default."),
    ("region", "REGION", "", "Athena: its Region; the profile's by default."),
    ("server", "URL", "", "Trino: https://host:8443. Spark: sc://host:15002, local[4]."),
    ("catalog", "NAME", "hive", "Trino: catalog of the Hive connector."),
    ("user", "NAME", "", f"Trino: user name; the password is in {_PASSWORD}."),
)


def engine_options(*, required: bool = False, place: str = "--output") -> Callable[[Command], Command]:
    """Which engine, and how to reach it; the names begin with ``engine_``.

    Args:
        required: the command is about an engine.
        place: the option for Athena's results.
    """
    kinds = click.Choice(("athena", "trino", *(("spark",) if required else ())))
    spelled = {"output": place, "region": "--engine-region"}
    options = (
        click.option(ENGINE, "engine_name", type=kinds, required=required, help="Engine that runs the search."),
        click.option("--table", is_flag=True, help="The first argument is an existing table: database.table."),
        *(
            click.option(
                spelled.get(name, f"--{name}"), f"engine_{name}", default=default, show_default=bool(default),
                metavar=metavar, help=text,
            )
            for name, metavar, default, text in _REACHED
        ),
    )  # fmt: skip
    return lambda command: with_options(command, options)


def make_engine(options: dict[str, Any]) -> EngineOptions:
    """Take the options of ``engine_options`` out of a command's options."""
    from rootforensics import EngineOptions

    given = {name[7:]: options.pop(name) for name in list(options) if name.startswith("engine_")}
    name = cast("EngineName", given.pop("name"))
    return EngineOptions(name, **given, password=os.environ.get(_PASSWORD, ""))


def asking_options(command: Command) -> Command:
    """What SQL and questions take that are asked of an engine."""
    options = (
        engine_options(place="--results"),
        place_options,
        s3_options,
        click.option(
            "--most-rows",
            type=click.IntRange(min=1),
            default=100_000,
            show_default=True,
            help="Fetch at most this many rows.",
        ),
        click.option("--dry-run", is_flag=True, help="Print the statements, the bytes and the price; run nothing."),
    )
    return with_options(command, options)


def answer(source: str, options: dict[str, Any], text: str = "", query: str = "") -> int:
    """Put SQL or a question to an engine and write what it answers: 3 if rows are missing.

    Args:
        source: a trail, or a table.
        options: those of ``asking_options`` and ``output_options``; the rest are parameters of the question.
        text: SQL of the engine, if it is no question.
        query: the name of the question.

    Raises:
        click.UsageError: an option cannot be understood.
    """
    from rootforensics import OnEngine
    from rootforensics.cli.output import count_rows, write_result

    s3, engine = make_s3(options), make_engine(options)
    filters = make_filters(**{name: options.pop(name, ()) for name in ("since", "until", "accounts", "regions")})
    form, output, dry_run = (options.pop(name) for name in ("form", "output", "dry_run"))
    table, most = options.pop("table"), options.pop("most_rows")
    trail = OnEngine(source, engine, filters, is_table=table, most_rows=most, s3=s3, say=talk)
    parameters = {name: value for name, value in options.items() if value is not None}
    if dry_run:
        tell_plan(trail.plan(text, query, **parameters))
        if text:
            talk("it is read once for each time that the statement names records or events")
        return 0
    result = trail.query(query, **parameters) if query else trail.sql(text)
    write_result(result, form, output)
    count_rows(result)
    return 0 if trail.is_whole else 3


def tell_plan(plan: ExtractPlan) -> None:
    """What would be asked, and what one scan of it reads and costs."""
    for statement in filter(None, (plan.definition, *plan.statements)):
        lines = "\n".join(map(printable, statement.split("\n")))
        write_out(f"{lines};\n")
    if plan.scanned_bytes is None:
        talk("what a table holds is not listed: the bytes and the price are not known")
        return
    price = f"; ${plan.dollars:,.2f} by AWS's list, without requests to S3" if plan.dollars else ""
    talk(f"the first scan reads {plural(plan.object_count or 0, 'object')} of {plan.scanned_bytes:,} bytes{price}")
