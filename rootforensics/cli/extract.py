"""``rootforensics extract``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from rootforensics.cli.engine import engine_options, make_engine, tell_plan
from rootforensics.cli.load import load_with_talk
from rootforensics.cli.options import make_filters, make_s3, place_options, s3_options
from rootforensics.cli.talk import as_typed, talk, write_out
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from rootforensics.extraction.extracting import EngineOptions
    from rootforensics.extraction.run import ExtractResult

_SCANS: Final = (
    "the scan that counts by hour reads the same data; the one for names that descend from root reads the days after"
    " its first action"
)


@click.command("extract")
@click.argument("dest", type=click.Path(file_okay=False))
@click.argument("source")
@engine_options(required=True)
@place_options
@s3_options
@click.option("--slice-days", type=click.IntRange(min=1), default=31, show_default=True, help="Days per query.")
@click.option("--keep-table", is_flag=True, help="Keep the table that the command creates.")
@click.option(
    "--no-counts", is_flag=True, help="Skip the scan that counts events by hour. Coverage gaps are then unknown."
)
@click.option("--originals", is_flag=True, help="Also fetch the log files that contain the results.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print statements, bytes and price. At most, request the columns of a table.",
)
@click.option("--print-policy", is_flag=True, help="Athena: print the minimal IAM policy for the caller.")
def command(
    dest: str,
    source: str,
    table: bool,
    slice_days: int,
    keep_table: bool,
    no_counts: bool,
    originals: bool,
    dry_run: bool,
    print_policy: bool,
    **options: Any,  # noqa: ANN401
) -> int:
    """Search the logs with Athena, Trino or Spark for root-related events, and build DEST/case.duckdb from the result.

    SOURCE is the folder AWSLogs/ of a trail, an organization's folder below it, or a table. The command makes three
    scans. If it is interrupted, run it again: finished slices are stored in DEST/slices.

    \b
    Examples:
      rootforensics extract incident/ s3://bucket/AWSLogs/ --engine athena --output s3://results/ --since 2026-08-01
      rootforensics extract incident/ security.trail --table --engine trino --server https://trino --since 2026-08-01
    """
    from rootforensics import Limits, open_case
    from rootforensics.case import CASE_FILE

    s3 = make_s3(options)
    how = make_engine(options)
    filters = make_filters(**options)
    if print_policy:
        return _print_policy(how, "" if table else source)
    with open_case(Path(dest) / CASE_FILE) as case:
        if dry_run:
            tell_plan(
                case.plan_extract(
                    source, how, filters, is_table=table, days_at_once=slice_days, counts=not no_counts, s3=s3
                )
            )
            talk(_SCANS)
            return 0
        result = case.extract(
            source, how, filters, is_table=table, days_at_once=slice_days, keep_table=keep_table,
            counts=not no_counts, originals=originals, s3=s3,
            load=lambda paths, its: load_with_talk(case, paths, its, Limits(), 0, s3), say=talk,
        )  # fmt: skip
    return _tell_result(result)


def _print_policy(how: EngineOptions, source: str) -> int:
    from rootforensics.extraction.policy import policy

    if how.engine != "athena" or not how.output:
        raise click.UsageError("--print-policy is for --engine athena with --output.")
    write_out(json.dumps(policy(source, how.output, how.database, how.workgroup), indent=2))
    return 0


def _tell_result(result: ExtractResult) -> int:
    """Print the number of records, the cost and what is missing. Return 3 if anything is."""
    price = f"; ${result.dollars:,.2f} at AWS list prices, without requests to S3" if result.dollars else ""
    read = f"the engine read {result.scanned_bytes:,} bytes, {result.new_scanned_bytes:,} in this run"
    talk(
        f"extracted: {result.record_count:,} records in {plural(result.slice_count, 'slice')}, "
        f"{result.new_slice_count:,} of them new; "
        f"{read if result.scanned_bytes else 'the engine does not report how much it read'}{price}"
    )
    for uri in result.not_loaded:
        talk(f"not read: {as_typed(uri)}: neither the engine nor this machine can read it")
    if result.original_count:
        missing = len(result.missing_originals)
        talk(f"originals: {plural(result.original_count, 'log file')}, {missing:,} missing")
    for uri in result.missing_originals:
        talk(f"original missing: {as_typed(uri)}: the case has the engine's records from it. Run the command again")
    if result.unsearched_count:
        talk(
            f"{plural(result.unsearched_count, 'file')} of the case not searched for all names that descend from root:"
            " run the same command again, or the extraction that created them"
        )
    talk(f"written to {as_typed(str(result.case_path))}")
    return 3 if result.not_loaded or result.missing_originals or result.unsearched_count else 0
