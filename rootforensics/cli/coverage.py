"""``rootforensics coverage``."""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, output_options, scope_options
from rootforensics.cli.talk import talk, tell_absence, write_out
from rootforensics.cli.view import View, asked_view

if TYPE_CHECKING:
    from rootforensics import Case
    from rootforensics.analysis.coverage.hours import Region

_HOUR: Final = timedelta(hours=1)
#: Characters per line if the output is not a terminal.
_WIDTH: Final = 72
_CALLS: Final = 10


@click.command("coverage")
@case_argument
@scope_options
@output_options
def command(case: str, account_id: str, since: str | None, until: str | None, form: str, output: str | None) -> None:
    """Show for which hours, accounts and Regions CASE has logs, to tell "no root events" from "no logs".

    The output has one character for every few hours, and a legend. An hour has events, is proven quiet, has a log
    without events, or lacks logs. Below, it lists the calls that created, changed, started, stopped or deleted a trail.
    The verdict uses the same hours. Other formats than table, a file, --since and --until give one row per hour.

    \b
    Examples:
      rootforensics coverage case.duckdb
      rootforensics coverage case.duckdb --account-id 111122223333 --format jsonl
    """
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        if form == "table" and not output and asked_view() == View() and wanted.is_empty:
            _print(opened, account_id)
        else:
            result = opened.query("coverage_by_hour", account_id=account_id)
            result = result_within(result, wanted.since, wanted.until)
            later(write_result, result, form, output)
            later(count_rows, result)
        tell_absence(opened, account_id, later=later)


def _print(case: Case, account_id: str) -> None:
    from rootforensics.analysis.coverage.hours import MIXED, SIGNS, STATES, regions_of
    from rootforensics.cli.paragraphs import write_heading, write_sentence

    by_account = regions_of(case.query("coverage_spans", account_id=account_id).rows)
    if not by_account:
        write_heading("The case has no event, log or digest file with an account and a Region.")
        return
    for account, regions in by_account.items():
        _print_account(account, regions)
    write_heading("Legend. A character for several hours shows the first state of this list that one of them has")
    legend = [(sign, STATES[state]) for state, sign in SIGNS.items()]
    legend.insert(1, (MIXED, "some hours have events, others have no log"))  # an incomplete hour goes first
    for sign, meaning in legend:
        write_sentence(f"{sign} ", meaning)
    has_digests = any(row["status"] == "digest" for row in case.query("status_counts").rows)
    if has_digests and not case.query("log_integrity").rows:
        write_sentence("", "The digest files were not verified after the last load. Run rootforensics verify.")
    _print_calls(case, account_id)


def _print_account(account: str, regions: list[Region]) -> None:
    from rootforensics.analysis.coverage.hours import STATES
    from rootforensics.analysis.places import SIGN_IN_REGIONS
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.phrases import plural, some

    begin = min(region.spans[0]["from_time"] for region in regions)
    end = max(region.spans[-1]["until_time"] for region in regions)
    hours = (end - begin) // _HOUR
    absent = [region.name for region in regions if region.is_missing and region.name not in SIGN_IN_REGIONS]
    regions = [region for region in regions if region.name not in absent]
    wide = max(len(region.name) for region in regions) + 2
    room = max(shutil.get_terminal_size().columns - wide - 2, 20) if sys.stdout.isatty() else _WIDTH
    each = -(-hours // room)
    count = -(-hours // each)
    span = f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    write_heading(f"Account {account}, {span}, {plural(each, 'hour')} per character")
    for region in regions:
        write_out(f"  {region.name:<{wide}}{region.signs(begin, each, count)}")
    for region in regions:
        counts = region.hours
        states = ", ".join(
            f"{state.replace('_', ' ')} {counts[state]:,}" for state in reversed(STATES) if counts[state]
        )
        write_sentence("- ", f"{region.name}: {plural(counts.total(), 'hour')}: {states}")
    if absent:
        why = "Logs are expected there: digest files show a trail for all Regions, or a call enabled the Region."
        write_sentence("? ", f"no logs from {some(absent, len(absent))}. {why}")


def _print_calls(case: Case, account_id: str) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.evidence.cite import place_text

    rows = [row for row in case.query("trail_calls").rows if account_id in ("", row["account_id"])]
    if rows:
        write_heading("Calls that created, changed, started, stopped or deleted a trail")
    for row in rows[:_CALLS]:
        when = f"{row['eventTime']:%Y-%m-%d %H:%M:%S}" if row["eventTime"] else "at an unknown time"
        failed = ", which failed" if row["outcome"] == "failure" else ""
        failed += ", in a log that no digest proves" if row["is_unproven"] else ""
        actor = (row["actor"] or "an unknown identity").rpartition(":")[2]
        text = f"{when}: {row['eventName']} in {row['awsRegion']} of {row['account_id']}{failed}, by {actor}"
        write_sentence("- ", text, f"[{row['eventID'] or place_text(row)}]")
    if len(rows) > _CALLS:
        talk(f"and {len(rows) - _CALLS:,} more calls: rootforensics query CASE logging-impairment")
