"""``rootforensics triage``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.load import contents_by_name, exit_status, is_filtered_out, load_with_talk
from rootforensics.cli.options import (
    approvals_options,
    check_outside,
    check_sources,
    head_options,
    load_options,
    make_filters,
    make_limits,
    make_s3,
    preserve_option,
    s3_options,
    versions_option,
)
from rootforensics.cli.paragraphs import write_sections, write_sentence
from rootforensics.cli.progress import Stages
from rootforensics.cli.redact import open_redactor, redact_option
from rootforensics.cli.stdin import KEPT, kept_sources
from rootforensics.cli.talk import talk
from rootforensics.cli.targets import check_not_same, check_target
from rootforensics.phrases import plural, was_or_were

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.case import Case
    from rootforensics.ingest.outcome import LoadResult
    from rootforensics.reports.forms import Paper
    from rootforensics.telling.section import Section


@click.command("triage")
@click.argument("sources", nargs=-1, required=True)
@click.option("--out", "out", required=True, type=click.Path(file_okay=False), help="Folder for the results.")
@load_options
@s3_options
@preserve_option
@versions_option
@head_options
@approvals_options
@redact_option
@click.option(
    "--public-keys",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Verify the logs by their digest files and these public keys (saved by verify --fetch-keys).",
)
def command(
    sources: tuple[str, ...],
    out: str,
    strict: bool,
    jobs: int,
    approvals: str | None,
    password_hours: float,
    title: str,
    investigator: str,
    paper: Paper,
    redact: str | None,
    public_keys: str | None,
    **options: Any,  # noqa: ANN401
) -> int:
    """Load SOURCES, analyze them, write the results to a folder and print what matters first.

    The folder gets case.duckdb, report.html, timeline.csv and summary.json. A second run adds only new logs. The title
    of the case is the name of the folder, unless you set --title. For Markdown or PDF use rootforensics report. With -
    as a source, logs are read from standard input and stored in the folder.

    \b
    Examples:
      rootforensics triage AWSLogs/ --out incident/
      aws s3 cp s3://bucket/log.json.gz - | rootforensics triage - --out incident/
      rootforensics triage trail1/ trail2/ --out incident/ --since 2026-08-01T00:00:00Z
      rootforensics triage s3://bucket/AWSLogs/ --out incident/ --since 2026-08-01 --root-related
      rootforensics triage AWSLogs/ --out incident/ --approvals approvals.yaml
      rootforensics triage AWSLogs/ --out incident/ --redact ~/keys/incident.json
      rootforensics triage AWSLogs/ --out incident/ --public-keys public-keys.json
    """
    from rootforensics import __version__, open_case
    from rootforensics.analysis.approvals.read import read_approvals
    from rootforensics.integrity.keys import read_keys
    from rootforensics.reports.files import make_folder
    from rootforensics.reports.triage import RESULTS, write_triage

    limits = make_limits(options)
    s3 = make_s3(options)
    filters = make_filters(**options)
    check_sources(sources)
    check_outside(out, sources, (approvals, public_keys, redact))
    folder = Path(out)
    is_new = not (folder / "case.duckdb").is_file()
    for name in RESULTS:
        check_not_same(folder / name, approvals)
    # An error in these files must not wait for hours of loading.
    granted = read_approvals(approvals) if approvals else None
    keys = read_keys(public_keys) if public_keys else None
    make_folder(folder)
    sources = kept_sources(sources, folder)
    with open_case(folder / "case.duckdb") as case:
        said: list[str] = []  # what is said of files names accounts: until these are known it is not masked
        say = said.append if redact else talk
        stages = Stages()
        own = [one for one in (approvals, public_keys) if one]
        with stages.stage("loading", is_told=False):
            result = load_with_talk(case, sources, filters, limits, jobs, s3, own, say)
        if is_new and (is_filtered_out(result) or not result.log_count):
            return _without_logs(case, result, is_told=not redact)
        if keys:
            with stages.stage("verifying the logs"):
                verified = case.verify(keys)
            talk(f"{verified.summary or 'no digest files and no logs'} (named by rootforensics verify CASE)")
        is_titled = title or "title" in {row["name"] for row in case.query("case_head").rows}
        case.keep_head(title if is_titled else folder.resolve().name, investigator)
        redactor = open_redactor(case, redact, *(folder / name for name in RESULTS), folder=folder)
        if redactor:
            for line in said:
                talk(redactor.text(line))
        with stages.stage("finding root and what followed from it"):
            analysis = case.analysis(granted, password_hours=password_hours)
        for name in RESULTS:
            check_target(case, folder / name)
        found = write_triage(analysis, folder, __version__, redactor, stages.stage, paper=paper)
        case.log_act("triage", out=out, approvals=approvals, is_redacted=bool(redactor))
        stages.tell()
        print_triage(found.summary, found.sections, analysis.shared_ids)  # behind all files: a reader may hang up
    talk(f"written to {folder}: case.duckdb, report.html, timeline.csv, summary.json")
    talk(f"Open {folder / 'report.html'}, or run: rootforensics brief {folder / 'case.duckdb'}")
    if redactor:
        talk(f"case.duckdb is not redacted; keep it, like {redactor.path}, to yourself")
    return exit_status(result, strict=strict)


def _without_logs(case: Case, result: LoadResult, *, is_told: bool) -> int:
    """Take a case back that holds nothing, for all its answers would be no; say whose logs there are if that may be."""
    contents = contents_by_name(case) if is_told and is_filtered_out(result) else ""
    status = exit_status(result, strict=False)
    case.close()
    case.path.unlink()
    for kept in case.path.parent.glob(f"{KEPT}*"):
        kept.unlink()
    with suppress(OSError):  # what else lies in the folder stays
        case.path.parent.rmdir()
    talk(f"{contents}; nothing was written" if contents else "nothing was written")
    return status or 2


def print_triage(summary: dict[str, Any], sections: list[Section], shared: Collection[str] = ()) -> None:
    """The case on one screen, on stdout; an eventID of several events is printed with the place of its record."""
    root, events = summary["root"], summary["events"]
    write_sections(sections, shared)
    write_sentence(
        "",
        f"{root['total']:,} of {plural(events['calls'], 'event')} {was_or_were(events['calls'])} made as root: "
        f"{root['activity']:,} by people, "
        f"{root['noise']:,} by AWS services. Times are in UTC; eventIDs in brackets.",
    )
