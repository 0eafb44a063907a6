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

if TYPE_CHECKING:
    import duckdb

#: The rows of the tables that a row counts; they are counted again when the chain is verified.
ROW_COUNTS: Final = " UNION ALL ".join(
    f"SELECT '{name}' AS name, count(*) AS row_count FROM {name}"  # noqa: S608 - names of our own tables
    for name in ("duplicates", "events", "evidence", "notes")
)
#: The hash of an evidence list without rows.
NO_EVIDENCE: Final = hashlib.sha256().hexdigest()
_LAST: Final = "SELECT coalesce(max(custody_id), 0), arg_max(sha256, custody_id) FROM custody"
# The lines of the evidence list, some at a time: that of a large bucket is larger than the engine's memory.
_LIST: Final = "SELECT concat(coalesce(sha256, 'none'), '  ', uri, chr(10)) FROM evidence ORDER BY uri, evidence_id"
_AT_ONCE: Final = 10_000
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


def keep_act(command: str, tool: str, parameters: dict[str, Any], writer: duckdb.DuckDBPyConnection) -> None:
    """Add an act to the chain, in the transaction that commits what it did.

    Args:
        command: what was done.
        tool: name and version of this package.
        parameters: what it was done with; nothing secret is among them.
        writer: of the case.
    """
    [(number, previous)] = writer.execute(_LAST).fetchall()
    entry = Entry(
        custody_id=number + 1,
        acted_time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        user_name=text(login_name()),
        host_name=text(socket.gethostname()),
        command=command,
        tool=tool,
        parameters=jsontext(parameters),
        row_counts=msgspec.json.encode(dict(sorted(writer.execute(ROW_COUNTS).fetchall()))).decode(),
        evidence_sha256_before=_committed_hash(writer),
        evidence_sha256=evidence_hash(writer),
        previous_sha256=previous,
    )
    values = msgspec.structs.astuple(msgspec.structs.replace(entry, sha256=entry.hash))
    writer.execute(f"INSERT INTO custody VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - marks alone
    writer.execute(_TOGETHER)


def _committed_hash(writer: duckdb.DuckDBPyConnection) -> str:
    """The hash of the evidence list as it was before the writer's transaction."""
    with writer.cursor() as committed:
        committed.execute(f"USE {WRITTEN}")
        try:
            return evidence_hash(committed)
        except CatalogException:  # the transaction makes the case
            return NO_EVIDENCE


def evidence_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """The hash of the evidence list, as the question ``evidence_digest`` tells it, in bounded memory."""
    digest = hashlib.sha256()
    listed = connection.execute(_LIST)
    while lines := listed.fetchmany(_AT_ONCE):
        digest.update("".join(line for (line,) in lines).encode())
    return digest.hexdigest()


def jsontext(value: dict[str, Any]) -> str:
    """Parameters as JSON without blanks; what is not given is left out, and times and paths are texts."""
    given = {name: _plain(one) for name, one in value.items() if one not in (None, "", (), [], False)}
    return msgspec.json.encode(given).decode()


def _plain(value: Any) -> Any:  # noqa: ANN401 - of any parameter
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else text(str(value))


def text(value: str) -> str:
    """A text without what no UTF-8 can spell, such as odd bytes in a path."""
    return value.encode("utf-8", "backslashreplace").decode()
