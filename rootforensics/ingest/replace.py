"""Put a new reading of an object in the place of an earlier one, but only if nothing is lost by it.

The events of the earlier reading are set aside under the negative of their evidence_id while the object is read.
They give way to the new reading if it is of the same bytes, or, where the object could not be read to its end before,
if it holds all of them. Otherwise they stay, and the new reading gets a row of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.dedupe import CONTENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from rootforensics.ingest.ledger import Entry, Facts, Ledger
    from rootforensics.ingest.plan import Task

_RENAME: Final = "UPDATE events SET evidence_id = ? WHERE evidence_id = ?"
_MISSING: Final = f"""
SELECT count(*) FROM (
    SELECT record_index, hash({CONTENT}) FROM events AS e WHERE evidence_id = $before
    EXCEPT SELECT record_index, hash({CONTENT}) FROM events AS e WHERE evidence_id = $now
)
"""  # noqa: S608 - names come from the schema


def same_bytes(entry: Entry, facts: Facts) -> bool:
    """True if a reading is of the bytes that were read before."""
    return entry.sha256 is not None and entry.sha256 == facts.sha256


def set_aside(connection: duckdb.DuckDBPyConnection, tasks: Sequence[Task]) -> None:
    """Keep the events of readings that tasks want to replace, of members of archives too; make room for new ones."""
    replaced = [one.evidence_id for task in tasks if task.replaces for one in task.replaces.everything()]
    if replaced:
        connection.execute(
            "UPDATE events SET evidence_id = -evidence_id WHERE evidence_id IN (SELECT unnest(?))", [replaced]
        )


class Settlement:
    """Decides, when a step has been read, which earlier rows give way."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
        self._connection = connection
        self._ledger = ledger

    def settle(self, rows: Sequence[tuple[Task, Facts]]) -> None:
        """Take out the rows of earlier readings that give way; give a new reading another ID where one stays.

        Args:
            rows: what was read, its events stored; the ledger does not hold it yet.
        """
        gone: list[int] = []
        read_again = {task.replaces.evidence_id for task, _ in rows if task.replaces}
        for task, facts in rows:
            if task.replaces:
                left = [one.evidence_id for one in task.replaces.everything() if one.evidence_id not in read_again]
                if self._gives_way(task.replaces, -task.evidence_id, task, facts):
                    gone += [task.evidence_id, *left]
                else:
                    self._keep(task, rows)
                    self._restore(left)
            self._drop_failures(task, facts)
        if gone:
            self._connection.execute("DELETE FROM events WHERE -evidence_id IN (SELECT unnest(?))", [gone])
            self._ledger.forget_rows(gone)

    def _gives_way(self, entry: Entry, held_at: int, task: Task, facts: Facts) -> bool:
        if entry.sha256 is not None:
            return same_bytes(entry, facts)
        if not entry.holds_events:
            return True
        if entry.members:  # an archive that was read in part gives way to one that was read whole
            return facts.sha256 is not None
        missing = self._connection.execute(_MISSING, {"before": held_at, "now": task.evidence_id}).fetchall()
        return not missing[0][0]

    def _restore(self, members: list[int]) -> None:
        """Members that were not read again stay as they were."""
        self._connection.execute(
            "UPDATE events SET evidence_id = -evidence_id WHERE -evidence_id IN (SELECT unnest(?))", [members]
        )

    def _forget_members(self, entry: Entry) -> None:
        """Members of an archive that could not be read to its end, and now was."""
        for member in entry.everything():
            if member is not entry:
                self._ledger.forget(member.evidence_id)

    def _keep(self, task: Task, rows: Sequence[tuple[Task, Facts]]) -> None:
        before, task.evidence_id = task.evidence_id, self._ledger.next_id()
        for _, facts in rows:
            if facts.archive_id == before:
                facts.archive_id = task.evidence_id
        self._connection.execute(_RENAME, [task.evidence_id, before])
        self._connection.execute(_RENAME, [before, -before])

    def _drop_failures(self, task: Task, facts: Facts) -> None:
        """Rows that only say that the object could not be read; the newest reading says what is to be said of it."""
        for entry in self._ledger.entries(facts.uri):
            failed = entry.sha256 is None and entry is not task.replaces
            if failed and self._gives_way(entry, entry.evidence_id, task, facts):
                self._forget_members(entry)
                self._ledger.forget(entry.evidence_id)
