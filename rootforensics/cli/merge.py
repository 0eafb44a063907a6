"""``rootforensics merge``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import format_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.merge import MergeResult


@click.command("merge")
@click.argument("dest", metavar="DEST", type=CaseFile(is_made=True))
@click.argument("cases", metavar="CASE...", nargs=-1, required=True, type=CaseFile())
@format_option("text", "json", default="text")
def command(dest: str, cases: tuple[str, ...], form: str) -> int:
    """Make one case, DEST, of several CASEs that were loaded by other processes or machines.

    DEST holds what one load of all their sources gives, row for row; copies across cases are set aside. Its chain of
    custody holds those of the cases. Notes and answers of posture come along; verdicts of verify do not. Stopped, it
    leaves nothing. The exit status is 3 if objects were not searched for all names of what descends from root.

    \b
    Examples:
      rootforensics merge case.duckdb part-1.duckdb part-2.duckdb
      rootforensics merge case.duckdb parts/*.duckdb --format json
    """
    from dataclasses import asdict

    from rootforensics import merge
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.talk import escaped, write_out

    result = merge(dest, cases)
    if form == "json":
        write_out(escaped(json.dumps(asdict(result), ensure_ascii=False, indent=2)))
    else:
        for sentence in _told(result):
            write_sentence("", sentence)
    return 3 if result.unsearched_count else 0


def _told(result: MergeResult) -> Iterator[str]:
    yield (
        f"cases: {result.case_count:,}; objects: {result.object_count:,}; held by several cases: "
        f"{result.shared_count:,}; events: {result.event_count:,}; copies across cases set aside: "
        f"{result.duplicate_count:,}"
    )
    for scope, count in result.scopes.items():
        yield f"scope of {count:,} objects: {scope}"
    if result.unsearched_count:
        yield (
            f"{result.unsearched_count:,} objects were not searched for all names of what descends from root, for some "
            "stand in other cases: load all sources into the new case with --root-related"
        )
    if result.lost_verdict_count:
        yield "the verdicts of verify are not carried, as they hold for the evidence of one case: run verify again"
