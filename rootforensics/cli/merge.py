"""``rootforensics merge``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import format_option
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.merge import MergeResult


@click.command("merge")
@click.argument("dest", metavar="DEST", type=CaseFile(is_made=True))
@click.argument("cases", metavar="CASE...", nargs=-1, required=True, type=CaseFile())
@format_option("text", "json", default="text")
def command(dest: str, cases: tuple[str, ...], form: str) -> int:
    """Merge several CASEs, loaded by different processes or machines, into one case, DEST.

    DEST contains exactly the rows that a single load of all sources would give, without duplicates across cases. Its
    chain of custody includes those of the cases. Notes and posture answers are copied; results of verify are not. An
    interrupted merge leaves no file. The exit status is 3 if files were not searched for all names that descend from
    root.

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
        for sentence in _sentences(result):
            write_sentence("", sentence)
    return 3 if result.unsearched_count else 0


def _sentences(result: MergeResult) -> Iterator[str]:
    yield (
        f"cases: {result.case_count:,}; files: {result.object_count:,} ({result.shared_count:,} in several cases); "
        f"events: {result.event_count:,}; duplicates across cases: {result.duplicate_count:,}"
    )
    for scope, count in result.scopes.items():
        yield f"scope of {plural(count, 'file')}: {scope}"
    if result.unsearched_count:
        yield (
            f"{plural(result.unsearched_count, 'file was', 'files were')} not searched for all names that descend from "
            "root, because some names are in other cases. Load all sources into the new case with --root-related."
        )
    if result.lost_verdict_count:
        yield "Results of verify were not copied, because they apply to the evidence of one case. Run verify again."
