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


#: For ``--dry-run``, which reads nothing; a load tells archives by their content.
_ARCHIVE_NAMES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst")


@click.command("load")
@click.argument("case", type=CaseFile(is_made=True))
@click.argument("sources", nargs=-1, required=True)
@load_options
@s3_options
@preserve_option
@versions_option
@name_options
@click.option("--dry-run", is_flag=True, help="List the sources and say what would be loaded; load nothing.")
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
    """Load CloudTrail logs from SOURCES into CASE, which is made if it does not exist.

    SOURCES are files, folders, globs and addresses in S3, or - for standard input, which is kept next to CASE. What is
    in the case already is not loaded again. A load of files that is interrupted changes nothing, one from S3 keeps its
    finished steps; the same command goes on.

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
        raise click.UsageError("--dry-run reads nothing, and standard input has no list: leave - out.")
    sources = kept_sources(sources, Path(case).absolute().parent)
    with open_case(case) as opened:
        if dry_run:
            return _tell_plan(opened.plan(*sources, filters=filters, s3=s3))
        result = load_with_talk(opened, sources, filters, limits, jobs, s3)
        if is_filtered_out(result) and (held := held_in(opened)):
            talk(held)
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
    """Load, with progress on stderr, and problems and a line that adds up wherever they are said."""
    from rootforensics.cli.progress import load_progress

    _keep_freed_memory()
    if not filters.is_empty:
        say(f"filter: {filters.describe()}")
    had_verdicts = False
    with suppress(CaseError):  # the load tells it
        had_verdicts = case.path.exists() and len(case.query("log_integrity")) > 0
    with load_progress() as progress:
        result = case.load(
            *sources,
            filters=filters,
            limits=limits,
            jobs=jobs,
            progress=progress,
            problems=lambda *told: say(_problem(*told)),
            leave_out=leave_out,
            s3=s3,
            remarks=say,
        )
    if filters.extraction_id or filters.left_out_of:  # the extraction tells it at its end
        result.unsearched_count = 0
    _tell_result(result, say)
    if had_verdicts:
        say("the verdicts of verify were removed, as they hold for the evidence before this load: run verify again")
    return result


def _keep_freed_memory() -> None:
    """Let the allocator keep the pages of buffers that come and go with each object.

    Giving them back to the system and asking for them again costs a sixth of a load with ``--root-related``. Only
    the GNU C library knows these settings; elsewhere nothing happens.
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
    """What would be loaded; 3 if a place in S3 cannot be listed."""
    for remark in plan.remarks:
        talk(remark)
    for found in plan.objects:
        if not found.readable:
            talk(_problem(found.uri, "unreadable", found.problem))
    days = sorted(plan.days)
    told = {
        "objects": f"{sum(found.readable for found in plan.objects):,}",
        "bytes": f"{plan.size_bytes:,}",
        "accounts": ", ".join(sorted(plan.accounts)),
        "Regions": ", ".join(sorted(plan.regions)),
        "days": f"{len(days):,} ({days[0]} to {days[-1]})" if days else "",
        "list requests": f"{plan.request_count:,}",
    }
    packed = sum(found.uri.lower().endswith(_ARCHIVE_NAMES) for found in plan.objects)
    if packed:
        talk(f"{packed:,} of the objects are archives by their names: what lies in them is not counted here")
    for name, value in told.items():
        write_out(f"{name}: {value or '-'}")
    return 3 if any(found.remote and not found.readable for found in plan.objects) else 0


def _tell_result(result: LoadResult, say: Callable[[str], None]) -> None:
    kinds = ", ".join(f"{count:,} {status}" for status, count in sorted(result.statuses.items())) or "none new"
    unchanged = f"; {result.unchanged_count:,} already in the case" if result.unchanged_count else ""
    members = f"; members of archives: {result.member_count:,}" if result.member_count else ""
    say(f"objects: {result.object_count:,}{members} ({kinds}{unchanged})")
    say(
        f"records read: {result.record_count:,}; new events: {result.new_count:,}; left out by filters: "
        f"{result.filtered_count:,}; copies set aside: {result.duplicate_count:,}"
    )
    if result.respelled_count:
        records = plural(result.respelled_count, "record")
        say(f"spelling: service or name differ from AWS's spelling in {records}; AWS's is used")
    if result.unsearched_count:
        say(
            f"{result.unsearched_count:,} objects were not searched for all names of what descends from root: load "
            "them again with --root-related"
        )
    if result.missing_count:
        objects = "object" if result.missing_count == 1 else "objects"
        say(
            f"missing: {result.missing_count:,} {objects} could not be fetched; the same command tries just those again"
        )


def is_filtered_out(result: LoadResult) -> bool:
    """Whether there were logs, and the filters left nothing of them."""
    if result.new_count or result.duplicate_count or result.unchanged_count or result.count_of("unreadable"):
        return False
    return bool(result.filtered_count or (result.unlisted_count and not result.log_count))


def held_in(case: Case) -> str:
    """Whose logs the objects of a case are, by their names; empty where no name tells it."""
    names = [LOG_NAME.search(row["uri"]) for row in case.query("evidence").rows]
    found = [name for name in names if name]
    if not found:
        return ""
    accounts, regions = (some(sorted({one[part] for one in found}), 10) for part in ("account", "region"))
    days = sorted(f"{one['time'][:4]}-{one['time'][4:6]}-{one['time'][6:8]}" for one in found)
    return f"by their names the logs are of accounts {accounts}; Regions {regions}; {days[0]} to {days[-1]}"


def exit_status(result: LoadResult, *, strict: bool) -> int:
    """The status of a load, in the order of ``docs/reference/loading.md``.

    Returns:
        0 if done, or if the filters leave nothing; 1 if there was nothing to load at all; 3 if objects of S3 are
        missing, objects were not searched for all names of what descends from root, or ``--strict`` met damage.
    """
    if is_filtered_out(result):
        talk("nothing was loaded: the filters leave out all that the sources hold")
    elif not result.log_count:
        talk("rootforensics: nothing could be read from these sources")
        return 1
    if strict and (result.count_of("damaged") or result.count_of("unreadable")):
        talk("rootforensics: --strict: some objects are damaged or unreadable, see above")
        return 3
    return 3 if result.missing_count or result.unsearched_count else 0
