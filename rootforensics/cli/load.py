"""``rootforensics load``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.options import case_argument, load_options, make_filters, make_limits
from rootforensics.cli.output import talk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rootforensics.case import Case
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.inflate import Limits
    from rootforensics.ingest.load import LoadResult


@click.command("load")
@case_argument
@click.argument("sources", nargs=-1, required=True)
@load_options
def command(case: str, sources: tuple[str, ...], strict: bool, jobs: int, **options: Any) -> int:  # noqa: ANN401
    """Load CloudTrail logs from SOURCES (files, folders, globs) into CASE, which is made if it does not exist.

    What is in the case already is not loaded again; an interrupted load changes nothing and can be repeated.

    \b
    Examples:
      rootforensics load case.duckdb AWSLogs/
      rootforensics load case.duckdb 'export/**/*.json.gz' --since 2026-08-01 --until 2026-08-08
      rootforensics load case.duckdb AWSLogs/ --root-only --strict
    """
    from rootforensics import open_case

    limits = make_limits(options.pop("max_inflated_bytes"), options.pop("max_ratio"))
    with open_case(case) as opened:
        result = load_with_talk(opened, sources, make_filters(**options), limits, jobs)
    return exit_status(result, strict=strict)


def load_with_talk(
    case: Case, sources: tuple[str, ...], filters: Filters, limits: Limits, jobs: int, leave_out: Sequence[Path] = ()
) -> LoadResult:
    """Load, with problems and progress on stderr, and a line at the end that adds up."""
    from rootforensics.cli.progress import load_progress

    _keep_freed_memory()
    if not filters.is_empty:
        talk(f"filter: {filters.describe()}")
    with load_progress() as progress:
        result = case.load(
            *sources,
            filters=filters,
            limits=limits,
            jobs=jobs,
            progress=progress,
            problems=_tell_problem,
            leave_out=leave_out,
        )
    _tell_result(result)
    return result


def _keep_freed_memory() -> None:
    """Let the allocator keep the pages of buffers that come and go with each object.

    Giving them back to the system and asking for them again costs a sixth of a root-only load. Only the GNU C
    library knows these settings; elsewhere nothing happens.
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


def _tell_problem(uri: str, status: str, problem: str) -> None:
    talk(f"{status}: {uri.removeprefix('file://')}: {problem}")


def _tell_result(result: LoadResult) -> None:
    if result.not_decoded_count:
        talk(
            f"{result.not_decoded_count:,} objects never mention root: they were not looked into, and their records "
            "are not counted"
        )
    kinds = ", ".join(f"{count:,} {status}" for status, count in sorted(result.statuses.items())) or "none new"
    unchanged = f"; {result.unchanged_count:,} already in the case" if result.unchanged_count else ""
    talk(f"objects: {result.object_count:,} ({kinds}{unchanged})")
    talk(
        f"records read: {result.record_count:,}; new events: {result.new_count:,}; left out by filters: "
        f"{result.filtered_count:,}; copies set aside: {result.duplicate_count:,}"
    )


def exit_status(result: LoadResult, *, strict: bool) -> int:
    """0 if done, 1 if there was nothing to load at all, 3 if ``--strict`` met damage."""
    readable = result.object_count - result.count_of("unreadable")
    if readable <= 0:
        talk("rootforensics: nothing could be read from these sources")
        return 1
    if strict and (result.count_of("damaged") or result.count_of("unreadable")):
        talk("rootforensics: --strict: some objects are damaged or unreadable, see above")
        return 3
    return 0
