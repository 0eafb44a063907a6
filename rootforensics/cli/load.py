"""``rootforensics load``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import (
    check_sources,
    load_options,
    make_filters,
    make_limits,
    make_s3,
    name_options,
    preserve_option,
    s3_options,
    versions_option,
)
from rootforensics.cli.stdin import STDIN, kept_sources
from rootforensics.cli.talk import as_typed, talk, write_out
from rootforensics.errors import CaseError
from rootforensics.phrases import plural, some
from rootforensics.sources.names import LOG_NAME

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from rootforensics.case import Case
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.limits import Limits
    from rootforensics.ingest.outcome import LoadResult
    from rootforensics.sources.objects import Plan
    from rootforensics.sources.s3.connection import S3Options


#: For ``--dry-run``, which reads no file. A load recognizes archives by their content.
_ARCHIVE_NAMES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst")


@click.command("load")
@click.argument("case", type=CaseFile(is_made=True))
@click.argument("sources", nargs=-1, required=True)
@load_options
@s3_options
@preserve_option
@versions_option
@name_options
@click.option("--dry-run", is_flag=True, help="List what would be loaded, and load nothing.")
def command(
    case: str,
    sources: tuple[str, ...],
    strict: bool,
    jobs: int,
    dry_run: bool,
    title: str,
    investigator: str,
    **options: Any,  # noqa: ANN401
) -> int:
    """Load CloudTrail logs from SOURCES into CASE. The case is created if it does not exist.

    SOURCES are files, folders, globs and S3 addresses, or - for standard input, which is stored next to CASE. Files
    that are already in the case are skipped. An interrupted load of local files changes nothing. An interrupted load
    from S3 keeps its finished steps: run the same command again to continue.

    \b
    Examples:
      rootforensics load case.duckdb AWSLogs/
      rootforensics load case.duckdb 'export/**/*.json.gz' --since 2026-08-01 --until 2026-08-08
      rootforensics load case.duckdb AWSLogs/ --root-related --strict
      rootforensics load case.duckdb s3://bucket/AWSLogs/ --since 2026-08-01 --dry-run
    """
    from rootforensics import open_case

    limits = make_limits(options)
    s3 = make_s3(options)
    filters = make_filters(**options)
    check_sources(sources)
    if dry_run and STDIN in sources:
        raise click.UsageError("--dry-run cannot list standard input: omit -.")
    sources = kept_sources(sources, Path(case).absolute().parent)
    with open_case(case) as opened:
        if dry_run:
            return _tell_plan(opened.plan(*sources, filters=filters, s3=s3))
        result = load_with_talk(opened, sources, filters, limits, jobs, s3)
        if is_filtered_out(result) and (contents := contents_by_name(opened)):
            talk(contents)
    opened.keep_head(title, investigator)
    return exit_status(result, strict=strict)


def load_with_talk(
    case: Case,
    sources: tuple[str, ...],
    filters: Filters,
    limits: Limits,
    jobs: int,
    s3: S3Options | None = None,
    leave_out: Sequence[str | os.PathLike[str]] = (),
    say: Callable[[str], None] = talk,
) -> LoadResult:
    """Load files with progress on stderr. ``say`` writes the problems and the totals."""
    from rootforensics.cli.progress import load_progress

    _keep_freed_memory()
    if not filters.is_empty:
        say(f"filter: {filters.describe()}")
    had_verdicts = False
    with suppress(CaseError):  # the load raises it again
        had_verdicts = case.path.exists() and len(case.query("log_integrity")) > 0
    with load_progress() as progress:
        result = case.load(
            *sources,
            filters=filters,
            limits=limits,
            jobs=jobs,
            progress=progress,
            problems=lambda *problem: say(_problem(*problem)),
            leave_out=leave_out,
            s3=s3,
            remarks=say,
        )
    if filters.extraction_id or filters.left_out_of:  # the extraction reports them at its end
        result.unsearched_count = 0
    _tell_result(result, say)
    if had_verdicts and not len(case.query("log_integrity")):
        say("earlier results of verify were removed, because the evidence changed: run verify again")
    return result


def _keep_freed_memory() -> None:
    """Let the allocator keep freed pages for the buffers of the next file.

    Returning them to the system and requesting them again takes a sixth of a load with ``--root-related``. Only the
    GNU C library has these settings; elsewhere this does nothing.
    """
    import ctypes

    m_trim_threshold, m_top_pad, m_mmap_threshold = -1, -2, -3
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(m_trim_threshold, 1024**3)
    mallopt(m_mmap_threshold, 1024**3)
    mallopt(m_top_pad, 64 * 1024**2)


def _problem(uri: str, status: str, problem: str) -> str:
    return f"{status}: {as_typed(uri)}: {problem}"


def _tell_plan(plan: Plan) -> int:
    """Print what would be loaded. Return 3 if an S3 address cannot be listed."""
    for remark in plan.remarks:
        talk(remark)
    for source in plan.objects:
        if not source.readable:
            talk(_problem(source.uri, "unreadable", source.problem))
    days = sorted(plan.days)
    totals = {
        "files": f"{sum(source.readable for source in plan.objects):,}",
        "bytes": f"{plan.size_bytes:,}",
        "accounts": ", ".join(sorted(plan.accounts)),
        "Regions": ", ".join(sorted(plan.regions)),
        "days": f"{len(days):,} ({days[0]} to {days[-1]})" if days else "",
        "list requests": f"{plan.request_count:,}",
    }
    if archives := sum(source.uri.lower().endswith(_ARCHIVE_NAMES) for source in plan.objects):
        talk(f"{plural(archives, 'file has', 'files have')} the name of an archive; the contents are not counted here")
    for name, value in totals.items():
        write_out(f"{name}: {value or '-'}")
    return 3 if any(source.remote and not source.readable for source in plan.objects) else 0


def _tell_result(result: LoadResult, say: Callable[[str], None]) -> None:
    kinds = ", ".join(f"{count:,} {status}" for status, count in sorted(result.statuses.items())) or "none new"
    unchanged = f"; {result.unchanged_count:,} already in the case" if result.unchanged_count else ""
    members = f", {result.member_count:,} more in archives" if result.member_count else ""
    say(f"files: {result.object_count:,}{members} ({kinds}{unchanged})")
    say(
        f"records read: {result.record_count:,}; new events: {result.new_count:,}; filtered: "
        f"{result.filtered_count:,}; duplicates: {result.duplicate_count:,}"
    )
    if result.respelled_count:
        records = plural(result.respelled_count, "record spells", "records spell")
        say(f"{records} a service or event name differently from AWS; AWS's spelling is used")
    if result.unsearched_count:
        say(
            f"{plural(result.unsearched_count, 'file was', 'files were')} not searched for all names that descend from "
            "root: load again with --root-related"
        )
    if result.missing_count:
        objects = plural(result.missing_count, "object")
        say(f"missing: {objects} could not be fetched; run the same command again to retry only those")


def is_filtered_out(result: LoadResult) -> bool:
    """True if there were logs, and the filters excluded all of their events."""
    if result.new_count or result.duplicate_count or result.unchanged_count or result.count_of("unreadable"):
        return False
    return bool(result.filtered_count or (result.unlisted_count and not result.log_count))


def contents_by_name(case: Case) -> str:
    """The accounts, Regions and days in the names of the log files of a case; empty if no name has them."""
    names = [LOG_NAME.search(row["uri"]) for row in case.query("evidence").rows]
    logs = [name for name in names if name]
    if not logs:
        return ""
    accounts, regions = (some(sorted({log[part] for log in logs}), 10) for part in ("account", "region"))
    days = sorted(f"{log['time'][:4]}-{log['time'][4:6]}-{log['time'][6:8]}" for log in logs)
    return f"the file names show logs from accounts {accounts}; Regions {regions}; {days[0]} to {days[-1]}"


def exit_status(result: LoadResult, *, strict: bool) -> int:
    """The status of a load, in the order of ``docs/reference/loading.md``.

    Returns:
        0 if done, or if the filters exclude everything; 1 if there was nothing to load; 3 if S3 objects are missing,
        files were not searched for all names that descend from root, or ``--strict`` met damage.
    """
    if is_filtered_out(result):
        talk("nothing was loaded: the filters exclude every record in the sources")
    elif not result.log_count:
        talk("rootforensics: nothing could be read from these sources")
        return 1
    if strict and (result.count_of("damaged") or result.count_of("unreadable")):
        talk("rootforensics: --strict: some files are damaged or unreadable, see above")
        return 3
    return 3 if result.missing_count or result.unsearched_count else 0
