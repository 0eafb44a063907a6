"""From what sources name to a loaded case."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.writing import blank_case, opened_writer
from rootforensics.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    import duckdb

    from rootforensics.engines.writing import Record
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.outcome import LoadResult
    from rootforensics.sources.objects import Plan, SourceObject
    from rootforensics.sources.s3.connection import S3Options
    from rootforensics.sources.wanted import Wanted

    #: Imports what it takes to set a case up, and gives what does so.
    SettingUp = Callable[[], Callable[[duckdb.DuckDBPyConnection], None]]


def load_sources(
    path: Path,
    sources: tuple[str | os.PathLike[str], ...],
    setting_up: SettingUp,
    record: Record,
    *,
    leave_out: Iterable[str | os.PathLike[str]],
    s3: S3Options | None,
    remarks: Callable[[str], None] | None,
    **options: Any,  # noqa: ANN401 - as LoadOptions has them
) -> LoadResult:
    """Load what the sources name into a case file, as ``Case.load`` tells it.

    Args:
        path: the case file.
        sources: files, folders, globs, or addresses.
        setting_up: begins a transaction, and makes what a case holds where it is missing or another version's.
        record: adds the act to the chain of custody, with each commit.
        leave_out: files that are no evidence.
        s3: how to connect.
        remarks: called with what a listing left out.
        options: of ``LoadOptions``; of what is None, the usual.
    """
    from rootforensics.sources.s3.address import is_address

    if not sources:
        raise SourceError("no source was named", hint="Name files, folders, globs or S3 addresses such as s3://bucket")
    in_steps = any(is_address(os.fspath(source)) for source in sources)
    with storage_errors(path), opened_writer(path, record, blank_case_of(setting_up)) as opening:
        # What the thread needs is imported before: an import that Ctrl-C ends may leave it waiting.
        set_up = setting_up()
        opening.begin(set_up)
        # The engine opens the file and sets the case up while these are imported.
        from rootforensics.ingest.load import load_objects
        from rootforensics.ingest.outcome import LoadOptions
        from rootforensics.sources.find import find

        how = LoadOptions(**{name: value for name, value in options.items() if value is not None})
        own = {str(path.resolve()), f"{path.resolve()}.wal", *map(os.path.realpath, leave_out)}
        if in_steps:  # listing may take long: say first that the case is locked, if it is
            opening.opened()
        with find(sources, _wanted(how.filters), s3) as plan:
            real_folder = cache(os.path.realpath)
            objects = [one for one in plan.objects if one.remote or _real_path(one, real_folder) not in own]
            if remarks:
                for remark in plan.remarks:
                    remarks(remark)
            result = load_objects(opening, objects, replace(how, listed=frozenset(plan.listed)), set_up)
            result.unlisted_count = plan.filtered_count
            return result


def blank_case_of(setting_up: SettingUp) -> bytes:
    """What a new case begins as: a blank case, but not in the first load of a process.

    That one sets its case up while it imports what it needs.
    """
    return _blank_case(setting_up) if "rootforensics.ingest.load" in sys.modules else b""


@cache
def _blank_case(setting_up: SettingUp) -> bytes:
    return blank_case(setting_up())


def plan_sources(sources: tuple[str | os.PathLike[str], ...], filters: Filters | None, s3: S3Options | None) -> Plan:
    """What ``load_sources`` would list with the same arguments; nothing is fetched."""
    from rootforensics.ingest.filters import Filters
    from rootforensics.sources.find import find

    with find(sources, _wanted(filters or Filters()), s3) as plan:
        return plan


def _wanted(filters: Filters) -> Wanted:
    """The part of the filters that a listing can honour."""
    from rootforensics.sources.wanted import Wanted

    return Wanted(filters.since, filters.until, filters.accounts, filters.regions)


def _real_path(found: SourceObject, real_folder: Callable[[str], str]) -> str:
    """Where a file lies when all links are followed; of files in one folder the folder's are followed once."""
    from rootforensics.sources.local import local_path

    folder, name = os.path.split(local_path(found))
    path = os.path.join(real_folder(folder), name)  # noqa: PTH118 - a path may be no text
    return os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114 - as above
