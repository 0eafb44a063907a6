"""Acts on a case: whatever is committed to it adds a row to ``custody``, which holds the hash of the row before."""

from __future__ import annotations

import hashlib
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from duckdb import CatalogException

from rootforensics.engines.duckdb import WRITTEN
from rootforensics.evidence.notes import login_name
from rootforensics.ingest.counted import COUNTED_CALLS, COUNTED_HOURS, EXTRACTIONS
from rootforensics.ingest.store import DIGESTS, LISTED_LOGS, line_of
from rootforensics.schema import EVIDENCE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

#: The rows of the tables that a row counts; they are counted again when the chain is verified.
ROW_COUNTS: Final = " UNION ALL ".join(
    f"SELECT '{name}' AS name, count(*) AS row_count FROM {name}"  # noqa: S608 - names of our own tables
    for name in ("duplicates", "events", "evidence", "notes")
)
#: Rows of the evidence list that are hashed together: a load reads again only those of which one changed.
_BLOCK: Final = 4096
#: The hash of an evidence list without rows.
NO_EVIDENCE: Final = hashlib.sha256().hexdigest()
_LAST: Final = "SELECT coalesce(max(custody_id), 0), arg_max(sha256, custody_id) FROM custody"
# When an object was loaded, and by which version, is no part of what it is.
_LEDGER: Final = {name: kind for name, kind in EVIDENCE_COLUMNS.items() if not name.startswith("loaded_")}
#: What a load changes in a row that is there; whatever else changes is another row, with another number of the engine.
_CHANGING: Final = "status, problem, filters, event_count, duplicate_count, filtered_count, first_time, last_time"
#: A line for each object of evidence: the hash of all that the case keeps of it, in the order in which it is hashed;
#: digests, listed logs and counts of no object, which no load writes, have lines of their own.
LEDGER: Final = f"""
WITH objects AS (
    SELECT evidence_id, {line_of("evidence", _LEDGER)} AS line FROM evidence
    WHERE evidence_id BETWEEN $first AND $last
),
further AS (
    SELECT coalesce(evidence_id, 0) AS evidence_id, {line_of("digests", DIGESTS)} AS line FROM digests
    WHERE coalesce(evidence_id, 0) BETWEEN $first AND $last
    UNION ALL
    SELECT coalesce(evidence_id, 0), {line_of("listed_logs", LISTED_LOGS)} FROM listed_logs
    WHERE coalesce(evidence_id, 0) BETWEEN $first AND $last
    UNION ALL
    SELECT coalesce(evidence_id, 0), {line_of("counted_hours", COUNTED_HOURS)} FROM counted_hours
    WHERE coalesce(evidence_id, 0) BETWEEN $first AND $last
    UNION ALL
    SELECT coalesce(evidence_id, 0), {line_of("counted_calls", COUNTED_CALLS)} FROM counted_calls
    WHERE coalesce(evidence_id, 0) BETWEEN $first AND $last
    UNION ALL
    SELECT 0, {line_of("extractions", EXTRACTIONS)} FROM extractions
    WHERE 0 BETWEEN $first AND $last
)
SELECT evidence_id, sha256(concat(line, kept)) AS line
FROM objects
FULL JOIN (SELECT evidence_id, string_agg(line, '' ORDER BY line) AS kept FROM further GROUP BY 1) USING (evidence_id)
ORDER BY evidence_id, line
"""  # noqa: S608 - names of ours
_STAMPS: Final = f"""
SELECT evidence_id // {_BLOCK}, count(*), sum(stamp)
FROM (
    SELECT evidence_id, hash(rowid, {_CHANGING}) AS stamp FROM evidence WHERE evidence_id IS NOT NULL
    UNION ALL SELECT coalesce(evidence_id, 0), hash(rowid) FROM digests
    UNION ALL SELECT coalesce(evidence_id, 0), hash(rowid) FROM listed_logs
    UNION ALL SELECT coalesce(evidence_id, 0), hash(rowid) FROM counted_hours
    UNION ALL SELECT coalesce(evidence_id, 0), hash(rowid) FROM counted_calls
    UNION ALL SELECT 0, hash(rowid) FROM extractions
)
GROUP BY 1
"""  # noqa: S608
_HASHES: Final = f"""
SELECT evidence_id // {_BLOCK} AS block, sha256(string_agg(line, '' ORDER BY evidence_id, line))
FROM ({LEDGER}) WHERE evidence_id // {_BLOCK} IN (SELECT unnest($blocks))
GROUP BY block
"""  # noqa: S608
_BLOCKS_AT_ONCE: Final = 64
# A row that is only added takes a block of 256 KiB; a table that is written as a whole takes one for all.
_TOGETHER: Final = "CREATE OR REPLACE TABLE custody AS FROM custody ORDER BY custody_id"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of ``custody``, its time and JSON as text."""

    custody_id: int
    acted_time: str
    user_name: str
    host_name: str
    command: str
    tool: str
    parameters: str
    row_counts: str
    evidence_sha256_before: str
    evidence_sha256: str
    previous_sha256: str | None
    sha256: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 of all other columns, in order, as a JSON array without blanks, in UTF-8; hexadecimal."""
        *others, _ = msgspec.structs.astuple(self)
        return hashlib.sha256(msgspec.json.encode(others)).hexdigest()


class Act:
    """An act on a case; called at each commit of what it did, it adds a row to the chain, in the same transaction.

    Args:
        command: what was done.
        tool: name and version of this package.
        parameters: what it was done with; nothing secret is among them. A function gives its value at the commit, from
            the writer.
    """

    def __init__(self, command: str, tool: str, parameters: dict[str, Any]) -> None:
        self._command = command
        self._tool = tool
        self._parameters = parameters
        self._evidence = EvidenceList()
        self._committed = ""

    def __call__(self, writer: duckdb.DuckDBPyConnection) -> None:
        """Add the row; nobody else writes to the case between two commits of one writer."""
        [(number, previous)] = writer.execute(_LAST).fetchall()
        before = self._committed or self._hash_before(writer)
        self._committed = self._evidence.hash(writer)
        entry = Entry(
            custody_id=number + 1,
            acted_time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            user_name=text(login_name()),
            host_name=text(socket.gethostname()),
            command=self._command,
            tool=self._tool,
            parameters=jsontext(
                {name: one(writer) if callable(one) else one for name, one in self._parameters.items()}
            ),
            row_counts=msgspec.json.encode(dict(sorted(writer.execute(ROW_COUNTS).fetchall()))).decode(),
            evidence_sha256_before=before,
            evidence_sha256=self._committed,
            previous_sha256=previous,
        )
        values = msgspec.structs.astuple(msgspec.structs.replace(entry, sha256=entry.hash))
        writer.execute(f"INSERT INTO custody VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - marks alone
        writer.execute(_TOGETHER)

    def _hash_before(self, writer: duckdb.DuckDBPyConnection) -> str:
        """The hash of the evidence list as it was before the writer's transaction."""
        with writer.cursor() as committed:
            committed.execute(f"USE {WRITTEN}")
            try:
                return self._evidence.hash(committed)
            except CatalogException:  # the transaction makes the case
                return NO_EVIDENCE


class EvidenceList:
    """The evidence list of a case, hashed again and again while rows are added: all that the case keeps of its objects.

    It takes bounded memory, and the time of the blocks of rows that are not as they were.
    """

    def __init__(self) -> None:
        self._blocks: dict[int, tuple[object, str]] = {}

    def hash(self, connection: duckdb.DuckDBPyConnection) -> str:
        """The hash of the list as a reader or writer sees it now."""
        stamps = {block: stamp for block, *stamp in connection.execute(_STAMPS).fetchall()}
        changed = sorted(block for block, stamp in stamps.items() if self._blocks.get(block, ("", ""))[0] != stamp)
        for first in range(0, len(changed), _BLOCKS_AT_ONCE):
            some = changed[first : first + _BLOCKS_AT_ONCE]
            values = {"first": some[0] * _BLOCK, "last": (some[-1] + 1) * _BLOCK - 1, "blocks": some}
            for block, sha256 in connection.execute(_HASHES, values).fetchall():
                self._blocks[block] = stamps[block], sha256
        return _sha256("".join(self._blocks[block][1] for block in sorted(stamps)))


def list_hash(lines: Iterable[tuple[int, str]]) -> str:
    """The same of lines that are at hand, as ``LEDGER`` gives them."""
    blocks: dict[int, list[str]] = {}
    for evidence_id, line in lines:
        blocks.setdefault(evidence_id // _BLOCK, []).append(line)
    return _sha256("".join(_sha256("".join(block)) for _, block in sorted(blocks.items())))


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def jsontext(value: dict[str, Any]) -> str:
    """Parameters as JSON without blanks; what is not given is left out, and times and paths are texts."""
    given = {name: _plain(one) for name, one in value.items() if one not in (None, "", (), [], False)}
    return msgspec.json.encode(given).decode()


def _plain(value: Any) -> Any:  # noqa: ANN401 - of any parameter
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else text(str(value))


def text(value: str) -> str:
    """A text without what no UTF-8 can spell, such as odd bytes in a path."""
    return value.encode("utf-8", "backslashreplace").decode()
