"""Find where the original record of an event lies, and read it from there again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.duckdb import query_errors
from rootforensics.errors import OriginalError, RootForensicsError
from rootforensics.evidence.cite import BEGINS, beginning_in, beginning_of, place_in, several

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from rootforensics.sources.s3.connection import S3Options


def original_of(connection: duckdb.DuckDBPyConnection, event_id: str, s3: S3Options | None) -> bytes:
    """The exact bytes of an event's record, after its evidence's SHA-256 was compared with the ledger.

    Args:
        connection: a reader of the case.
        event_id: the event's eventID, four or more characters of its beginning, ``evidence_id:record_index``, or both,
            as results cite it.
        s3: how to connect to S3, if the evidence lies there.

    Raises:
        OriginalError: no event has the ID, several do, or the evidence is gone or changed.
    """
    rows = _places(connection, "events", "eventID = ?", [event_id])
    if not rows and (place := place_in(event_id)):
        held = (
            "(SELECT evidence_id, record_index, eventID FROM events"
            " UNION ALL SELECT evidence_id, record_index, NULL FROM duplicates)"
        )
        rows = _places(connection, held, "evidence_id = ? AND record_index = ?", list(place))
    if not rows and (begun := beginning_in(event_id)):
        rows = _places(connection, "events", BEGINS, [begun])
    if not rows:
        raise OriginalError(f"no event {event_id!r} in the case")
    if len(rows) > 1:
        problem, hint = several(event_id, [row[:2] for row in rows])
        raise OriginalError(problem, hint=hint)
    return _read(connection, *rows[0], s3)


#: Columns of records that were read again, and what they hold.
COLUMNS: Final = {
    "eventID": "VARCHAR; as the event was named",
    "size_bytes": "BIGINT; of the record",
    "problem": "VARCHAR; why it cannot be read; empty if it was",
    "record": "VARCHAR; the text, in which bytes that are no UTF-8 are escaped",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS)


def read_again(raw: Callable[[str], bytes], event_id: str) -> dict[str, Any]:
    """A record as a row of a table; of one that cannot be read the row says why.

    Args:
        raw: gives the bytes of an event's record.
        event_id: as ``raw`` takes it.
    """
    record, problem = b"", ""
    try:
        record = raw(event_id)
    except RootForensicsError as error:
        problem = str(error)
    text = record.decode("utf-8", errors="backslashreplace")
    return {"eventID": event_id, "size_bytes": len(record), "problem": problem, "record": text}


def _places(
    connection: duckdb.DuckDBPyConnection, held: str, condition: str, values: list[Any]
) -> list[tuple[int, int, str | None, str | None]]:
    with query_errors("raw"):
        found = connection.execute(
            "SELECT evidence_id, record_index, eventID, sha256"  # noqa: S608
            f" FROM {held} JOIN evidence USING (evidence_id)"
            f" WHERE {condition} ORDER BY 1, 2",
            values,
        )
        return found.fetchall()


def _read(
    connection: duckdb.DuckDBPyConnection,
    evidence_id: int,
    record_index: int,
    event_id: str | None,
    sha256: str | None,
    s3: S3Options | None,
) -> bytes:
    """Read the record from its evidence, or, if that is gone, from another object with the same bytes."""
    from rootforensics.ingest.original import read_original

    borne = event_id if beginning_of(event_id) else None  # of other IDs nobody knows how the record spells them
    try:
        return read_original(*_way_to(connection, evidence_id), sha256, record_index, borne, s3)
    except OriginalError:
        others = connection.execute(
            "SELECT evidence_id FROM evidence WHERE sha256 = ? AND evidence_id <> ? ORDER BY evidence_id",
            [sha256, evidence_id],
        )
        for (other,) in others.fetchall():
            with suppress(OriginalError):
                return read_original(*_way_to(connection, other), sha256, record_index, borne, s3)
        raise


def _way_to(connection: duckdb.DuckDBPyConnection, evidence_id: int) -> tuple[list[str], str | None]:
    """The URIs from the outermost archive to an object, and the version of the outermost."""
    uris: list[str] = []
    wanted: int | None = evidence_id
    version = None
    while wanted is not None:
        uri, version, wanted = connection.execute(
            "SELECT uri, version_id, archive_id FROM evidence WHERE evidence_id = ?", [wanted]
        ).fetchall()[0]
        uris.insert(0, uri)
    return uris, version
