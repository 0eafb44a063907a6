"""Decide which objects a load has to read: those that are new, changed, or wanted with wider filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootforensics.ingest.read import hash_pieces

if TYPE_CHECKING:
    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.ledger import Entry, Ledger
    from rootforensics.ingest.limits import Limits
    from rootforensics.sources.objects import SourceObject


@dataclass(slots=True)
class Task:
    """An object to be read, and what the ledger already says of it.

    Attributes:
        found: the object.
        filters: a record is taken in if any of them lets it pass.
        limits: bounds on what it may inflate to.
        replaces: the row that this reading takes the place of, if nothing is lost by that.
        changed_from: the row of what lay at the same place before, and was read.
        evidence_id: given when its records are stored.
        archive: the task of the archive in which it lies.
        archive_store: the bytes of that archive.
    """

    found: SourceObject
    filters: tuple[Filters, ...]
    limits: Limits
    replaces: Entry | None = None
    changed_from: Entry | None = None
    evidence_id: int = 0
    archive: Task | None = None
    archive_store: Store | None = None


def plan_object(found: SourceObject, ledger: Ledger, filters: Filters, limits: Limits) -> Task | Entry:
    """What to do with an object: a task, or its row if the case already holds all that this load would bring."""
    known = ledger.entries(found.uri)
    if not known:
        return Task(found, (filters,), limits)
    same = _read_before(found, known)
    if same is None:
        failed = known[-1] if known[-1].sha256 is None else None  # it could not be read the last time
        before = next((entry for entry in reversed(known) if entry.sha256), None)
        return Task(found, (filters,), limits, replaces=failed, changed_from=before)
    if same.sha256 is None or same.covers(filters, limits):
        return same
    wider = tuple(dict.fromkeys((*same.filters, filters)))
    for entry in same.everything():
        limits = limits.at_least(entry.inflation)
    return Task(found, wider, limits, replaces=same)


def _read_before(found: SourceObject, known: list[Entry]) -> Entry | None:
    """The row of an object that was read to its end and has the same ETag, or bytes where S3 tells no ETag.

    A file that cannot be read now has the row of one that could not then.
    """
    if found.etag:
        return next((entry for entry in reversed(known) if entry.sha256 and entry.etag == found.etag), None)
    sha256 = _try_hash(found)
    if found.remote and sha256 is None:  # whatever was in the way may be gone
        return None
    return next((entry for entry in reversed(known) if entry.sha256 == sha256), None)


def _try_hash(found: SourceObject) -> str | None:
    try:
        return hash_pieces(found.pieces()) if found.readable else None
    except OSError:
        return None
    finally:
        found.release()
