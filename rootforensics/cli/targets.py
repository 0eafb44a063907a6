"""Files that commands write to: never the case, never the evidence."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.case import Case


def check_not_same(target: str | os.PathLike[str] | None, source: str | os.PathLike[str] | None) -> None:
    """Refuse to write over a file that is read.

    Args:
        target: the file to be written, or None for stdout.
        source: the file that is read, or None for no file.

    Raises:
        StorageError: they are the same.
    """
    if target is not None and source is not None and os.path.realpath(target) == os.path.realpath(source):
        raise StorageError("this file is an input and is not overwritten", where=str(target), hint="Name another file")


def check_target(case: Case, target: str | os.PathLike[str] | None) -> None:
    """Refuse to write over a case, this or another, or over an object of its evidence.

    Args:
        case: the case that the output comes from.
        target: the file to be written, or None for stdout.

    Raises:
        StorageError: the file is the case, its log, a DuckDB file, or evidence, under whatever name.
    """
    if target is None or not Path(target).is_file():  # a pipe or a device may be written to
        return
    from rootforensics.engines.duckdb import is_database

    own = os.path.realpath(case.path)
    if os.path.samefile(target, own) or os.path.realpath(target) == f"{own}.wal":  # noqa: PTH121
        raise _refused("this is the case file", target)
    try:
        if is_database(Path(target)):
            raise _refused("this is a DuckDB file, perhaps another case", target)
    except OSError as error:
        raise StorageError(f"cannot read what is there ({error.strerror})", where=str(target)) from error
    if _is_evidence(case, target):
        raise _refused("this file is evidence", target)


@contextmanager
def answering(path: str, output: str | os.PathLike[str] | None) -> Iterator[tuple[Case, Callable[..., None]]]:
    """Open a case to ask it; what is shown of the answer is shown once the case is closed, so no pager keeps it.

    Args:
        path: of the case.
        output: the file to be written, or None for stdout. Once it is written, the chain of custody has a row of this
            command.

    Yields:
        The case, and what takes a function with its arguments, to be called in order after the case is closed.

    Raises:
        StorageError: as ``check_target`` does.
    """
    from rootforensics import open_case

    steps: list[Callable[[], None]] = []
    with open_case(path) as case:
        check_target(case, output)
        yield case, lambda step, *given: steps.append(partial(step, *given))
    for step in steps:
        step()
    if output is not None:
        log_written(case)


def log_written(case: Case) -> None:
    """Add the command that runs, which wrote a file, to the chain of custody, with the options that were given."""
    context = click.get_current_context()
    given = {
        name: value
        for name, value in context.params.items()
        if name != "case" and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    case.log_act(str(context.info_name), **given)


def _is_evidence(case: Case, target: str | os.PathLike[str]) -> bool:
    from rootforensics.sources.local import FoundObject, path_of_uri

    spelled = os.path.abspath(target)  # noqa: PTH100 - as the ledger spells it, links not followed
    uris = [FoundObject(path).uri for path in (spelled, os.path.realpath(target))]
    if len(case.sql("SELECT 1 FROM evidence WHERE list_contains($uris, uri) LIMIT 1", uris=uris)):
        return True
    # It may have been loaded under another name: of a link to it, or of what it is a link to.
    alike = case.sql(
        "SELECT uri FROM evidence WHERE archive_id IS NULL AND uri LIKE 'file://%' AND size_bytes = $size",
        size=Path(target).stat().st_size,
    )
    paths = (path_of_uri(row["uri"]) for row in alike.rows)
    return any(os.path.exists(path) and os.path.samefile(path, target) for path in paths)  # noqa: PTH110, PTH121


def _refused(what: str, target: str | os.PathLike[str]) -> StorageError:
    return StorageError(f"{what}; it is not written over", where=str(target), hint="Name another file")
