"""The investigator's notes: kept in the case, each with its author and time; added, never changed."""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rootforensics.engines.duckdb import query_errors, storage_errors
from rootforensics.errors import FilterError, NoteError
from rootforensics.evidence.cite import BEGINS, beginning_in, place_in, several
from rootforensics.ingest.filters import parse_time

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from rootforensics.engines.writing import Record

#: What is longer belongs into a file of its own.
MAX_TEXT: Final = 20_000
_MAX_NAME: Final = 200
_DATE_BEGINS: Final = re.compile(r"\d{4}-\d\d-\d\d")
#: An eventID this near to what was typed is worth a hint.
_NEAR_EDITS: Final = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about: an event, or a time.

    Attributes:
        noted_time: UTC; None for an event without a time.
        event_id: None for a time, or an event without a usable ID.
        evidence_id: of the event; None for a time.
        record_index: of the event; None for a time.
    """

    noted_time: datetime | None
    event_id: str | None = None
    evidence_id: int | None = None
    record_index: int | None = None


def find_subject(connection: duckdb.DuckDBPyConnection, at: str | datetime) -> Subject:
    """What a note is to be about.

    Args:
        connection: a reader.
        at: an eventID, four or more characters of its beginning, ``evidence_id:record_index``, or a time (ISO 8601; UTC
            if without offset).

    Raises:
        NoteError: no event has the ID, and it is no time; or several events have it.
    """
    if isinstance(at, datetime):
        return Subject(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
    wanted = _clean("event or time", at, _MAX_NAME)
    found = _events(connection, "eventID = ?", [wanted])
    if not found and (place := place_in(wanted)):
        found = _events(connection, "evidence_id = ? AND record_index = ?", list(place))
    if not found and not _DATE_BEGINS.match(wanted) and (begun := beginning_in(wanted)):
        found = _events(connection, BEGINS, [begun])
    if len(found) > 1:
        problem, hint = several(wanted, [(one.evidence_id, one.record_index) for one in found])
        raise NoteError(problem, hint=hint)
    if found:
        return found[0]
    if _DATE_BEGINS.match(wanted):
        try:
            return Subject(parse_time(wanted))
        except FilterError as error:
            raise NoteError(error.problem, hint=error.hint) from error
    raise NoteError(f"no event {wanted!r} in the case, and it is not a time", hint=_nearest(connection, wanted))


def add_note(path: Path, subject: Subject, text: str, tag: str | None, author: str | None, record: Record) -> int:
    """Add a note to a case that nobody else has open.

    Args:
        path: the case file.
        subject: what it is about.
        text: the note.
        tag: a word to find it by.
        author: who writes; the login name if not given.
        record: adds the act to the chain of custody.

    Returns:
        The note's number.

    Raises:
        NoteError: the text is empty or too long, or holds what is no text.
    """
    from rootforensics.engines.writing import opened_writer

    with storage_errors(path), opened_writer(path, record) as opening:
        writer = opening.opened()
        writer.execute("BEGIN")
        number = _write(writer, subject, text, tag, author)
        opening.commit(f"note {number}")
        return number


def _write(
    connection: duckdb.DuckDBPyConnection, subject: Subject, text: str, tag: str | None, author: str | None
) -> int:
    values = [
        subject.noted_time,
        _clean("tag", tag, _MAX_NAME) if tag else None,
        _clean("text", text, MAX_TEXT),
        _clean("author", author or login_name(), _MAX_NAME),
        datetime.now(UTC).replace(microsecond=0),
        subject.event_id,
        subject.evidence_id,
        subject.record_index,
    ]
    added = connection.execute(
        "INSERT INTO notes SELECT coalesce((SELECT max(note_id) FROM notes), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?"
        " RETURNING note_id",
        values,
    )
    return int(added.fetchall()[0][0])


def login_name() -> str:
    """The name of the user who runs this, or its number where it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def _events(connection: duckdb.DuckDBPyConnection, condition: str, values: list[str] | list[int]) -> list[Subject]:
    with query_errors("note"):
        rows = connection.execute(
            "SELECT eventTime, eventID, evidence_id, record_index"  # noqa: S608 - conditions are ours
            f" FROM events WHERE {condition} ORDER BY evidence_id, record_index",
            values,
        ).fetchall()
    return [Subject(time.astimezone(UTC) if time else None, *rest) for time, *rest in rows]


def _nearest(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """The eventID that looks most like it, if one does."""
    with query_errors("note"):
        rows = connection.execute(
            "SELECT eventID, levenshtein(eventID, ?) AS edits FROM events"
            " WHERE length(eventID) <= ? ORDER BY edits, eventID LIMIT 1",
            [wanted, _MAX_NAME],
        ).fetchall()
    if rows and rows[0][1] <= min(_NEAR_EDITS, len(wanted) // 2):
        return f"Did you mean {rows[0][0]}?"
    return "Give an eventID, evidence_id:record_index, or a time such as 2026-08-05T14:30:00Z"


def _clean(name: str, text: str, limit: int) -> str:
    """Text that can be kept: not empty, not too long, all of it characters."""
    text = text.strip()
    if not text:
        raise NoteError(f"the {name} is empty", hint="Enter a text")
    if len(text) > limit:
        raise NoteError(f"the {name} has {len(text):,} characters", hint=f"The maximum is {limit:,}")
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise NoteError(f"the {name} contains bytes that are not text", hint="Write it as UTF-8")
    return text
