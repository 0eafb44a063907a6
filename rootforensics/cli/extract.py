"""``rootforensics extract``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from rootforensics.cli.load import load_with_talk
from rootforensics.cli.options import make_filters, make_s3, place_options, s3_options, with_options
from rootforensics.cli.talk import as_typed, printable, talk
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from rootforensics.extraction.extracting import EngineName, ExtractPlan
    from rootforensics.extraction.run import ExtractResult

#: A password is no argument: others on this computer can read those.
_PASSWORD: Final = "TRINO_PASSWORD"  # noqa: S105 - its name
_SCANS: Final = (
    "the scan that counts by hour reads the same; the one for the names that descend from root reads the days from"
    " its first act on"
)
_engine_options: Final = (
    click.option("--engine", type=click.Choice(("athena", "trino")), required=True, help="Which engine is asked."),
    click.option("--table", is_flag=True, help="SOURCE is a table that is there: database.table."),
    click.option(
        "--database", default="default", show_default=True, metavar="NAME", help="Of the table; in Trino its schema."
    ),
    click.option("--output", default="", metavar="S3", help="Athena: s3://bucket/prefix/ for results, then deleted."),
    click.option("--workgroup", default="", metavar="NAME", help="Athena: its workgroup; primary by default."),
    click.option("--engine-region", default="", metavar="REGION", help="Athena: its Region; the profile's by default."),
    click.option("--server", default="", metavar="URL", help="Trino: its address, such as https://host:8443."),
    click.option("--catalog", default="hive", show_default=True, metavar="NAME", help="Trino: of the Hive connector."),
    click.option("--user", default="", metavar="NAME", help=f"Trino: who asks; the password is in {_PASSWORD}."),
)  # fmt: skip


@click.command("extract")
@click.argument("dest", type=click.Path(file_okay=False))
@click.argument("source")
@(lambda command: with_options(command, _engine_options))
@place_options
@s3_options
@click.option("--slice-days", type=click.IntRange(min=1), default=31, show_default=True, help="Days of one query.")
@click.option("--keep-table", is_flag=True, help="Do not drop the table that was made.")
@click.option("--no-counts", is_flag=True, help="Spare the scan that counts by hour: no gap in the logs is known.")
@click.option("--originals", is_flag=True, help="Fetch the objects, too, in which what was found lies.")
@click.option("--dry-run", is_flag=True, help="Print the statements, the bytes and the price; ask the engine nothing.")
@click.option("--print-policy", is_flag=True, help="Athena: print the least policy that the caller needs.")
def command(
    dest: str,
    source: str,
    engine: str,
    table: bool,
    database: str,
    output: str,
    workgroup: str,
    engine_region: str,
    server: str,
    catalog: str,
    user: str,
    slice_days: int,
    keep_table: bool,
    no_counts: bool,
    originals: bool,
    dry_run: bool,
    print_policy: bool,
    **options: Any,  # noqa: ANN401
) -> int:
    """Have an engine beside the logs find what belongs to root's story, and make the case DEST/case.duckdb of it.

    SOURCE is the folder AWSLogs/ of a trail, an organization's below it, or a table. Three scans are made. Stopped
    at any moment, the same command goes on: finished slices are kept in DEST/slices.

    \b
    Examples:
      rootforensics extract incident/ s3://bucket/AWSLogs/ --engine athena --output s3://results/ --since 2026-08-01
      rootforensics extract incident/ security.trail --table --engine trino --server https://trino --since 2026-08-01
    """
    from rootforensics import EngineOptions, Limits, open_case
    from rootforensics.case import CASE_FILE

    s3 = make_s3(options)
    filters = make_filters(**options)
    how = EngineOptions(
        cast("EngineName", engine), output, database, workgroup, engine_region, server, catalog, user,
        os.environ.get(_PASSWORD, ""),
    )  # fmt: skip
    if print_policy:
        return _print_policy(engine, "" if table else source, how.output, database, workgroup)
    with open_case(Path(dest) / CASE_FILE) as case:
        if dry_run:
            return _tell_plan(
                case.plan_extract(
                    source, how, filters, is_table=table, days_at_once=slice_days, counts=not no_counts, s3=s3
                )
            )
        result = case.extract(
            source, how, filters, is_table=table, days_at_once=slice_days, keep_table=keep_table,
            counts=not no_counts, originals=originals, s3=s3,
            load=lambda paths, its: load_with_talk(case, paths, its, Limits(), 0, s3), say=talk,
        )  # fmt: skip
    return _tell_result(result)


def _print_policy(engine: str, source: str, output: str, database: str, workgroup: str) -> int:
    from rootforensics.extraction.policy import policy

    if engine != "athena" or not output:
        raise click.UsageError("--print-policy is for --engine athena with --output.")
    click.echo(json.dumps(policy(source, output, database, workgroup), indent=2))
    return 0


def _tell_plan(plan: ExtractPlan) -> int:
    for statement in filter(None, (plan.definition, *plan.statements)):
        click.echo(f"{printable_lines(statement)};\n")
    if plan.scanned_bytes is None:
        talk("what a table holds is not listed: the bytes and the price are not known")
    else:
        price = f"; ${plan.dollars:,.2f} by AWS's list, without requests to S3" if plan.dollars else ""
        talk(f"the first scan reads {plural(plan.object_count or 0, 'object')} of {plan.scanned_bytes:,} bytes{price}")
    talk(_SCANS)
    return 0


def printable_lines(text: str) -> str:
    """Text of several lines without control characters."""
    return "\n".join(map(printable, text.split("\n")))


def _tell_result(result: ExtractResult) -> int:
    """What was asked, what it cost, and what is missing: 3 if something is."""
    price = f"; ${result.dollars:,.2f} by AWS's list, without requests to S3" if result.dollars else ""
    talk(
        f"extracted: {result.record_count:,} records in {plural(result.slice_count, 'slice')}, "
        f"{result.new_slice_count:,} of them new; {result.scanned_bytes:,} bytes read by the engine, "
        f"{result.new_scanned_bytes:,} in this run{price}"
    )
    for uri in result.not_loaded:
        talk(f"not read by anybody: {as_typed(uri)}: the engine cannot read it, and it cannot be loaded from here")
    if result.original_count:
        missing = len(result.missing_originals)
        talk(f"originals: {plural(result.original_count, 'object')}, {missing:,} of them missing")
    for uri in result.missing_originals:
        talk(
            f"original missing: {as_typed(uri)}: the case has what the engine gave of it; the same command tries again"
        )
    talk(f"written to {as_typed(str(result.case_path))}")
    return 3 if result.not_loaded or result.missing_originals else 0
