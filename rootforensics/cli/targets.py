"""Files that commands write to: never the case, never the evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from rootforensics.case import Case


def check_not_same(target: str | os.PathLike[str] | None, source: str | os.PathLike[str]) -> None:
    """Refuse to write over a file that is read.

    Args:
        target: the file to be written, or None for stdout.
        source: the file that is read.

    Raises:
        StorageError: they are the same.
    """
    if target is not None and os.path.realpath(target) == os.path.realpath(source):
        raise StorageError("this file is read; it is not written over", where=str(target), hint="Name another file")


def check_target(case: Case, target: str | os.PathLike[str] | None) -> None:
    """Refuse to write over the case or over an object of its evidence.

    Args:
        case: the case that the output comes from.
        target: the file to be written, or None for stdout.

    Raises:
        StorageError: the file is the case, its log, or evidence.
    """
    if target is None or not Path(target).exists():
        return
    from rootforensics.sources.local import FoundObject

    real = os.path.realpath(target)
    own = os.path.realpath(case.path)
    if real in (own, f"{own}.wal"):
        raise StorageError("this is the case file; it is not written over", where=str(target), hint="Name another file")
    spelled = os.path.abspath(target)  # noqa: PTH100 - as the ledger spells it, links not followed
    uris = [FoundObject(path).uri for path in (spelled, real)]
    if len(case.sql("SELECT 1 FROM evidence WHERE list_contains($uris, uri) LIMIT 1", uris=uris)):
        raise StorageError("this file is evidence; it is not written over", where=str(target), hint="Name another file")
