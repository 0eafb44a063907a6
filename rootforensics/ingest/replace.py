"""Put a new reading of an object in the place of an earlier one, but only if nothing is lost by it.

The events of the earlier reading are set aside under the negative of their evidence_id while the object is read.
They give way to the new reading if it is of the same bytes, or, where the object could not be read to its end before,
if it holds all of them. Otherwise they stay, and the new reading gets a row of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.dedupe import DIGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from rootforensics.ingest.ledger import Entry, Facts, Ledger
    from rootforensics.ingest.plan import Task

_MISSING: Final = f"""
SELECT count(*) FROM (
    SELECT record_index, {DIGEST} FROM events AS e WHERE evidence_id = $before
    EXCEPT SELECT record_index, {DIGEST} FROM events AS e WHERE evidence_id = $now
)
"""  # noqa: S608 - names come from the schema


def same_bytes(entry: Entry, facts: Facts) -> bool:
    """True if a reading is of the bytes that were read before."""
    return entry.sha256 is not None and entry.sha256 == facts.sha256


def tell_change(task: Task, facts: Facts) -> None:
    """Say in an object's problems that other bytes lay there before."""
    before = task.changed_from
    if task.replaces and task.replaces.sha256 and not same_bytes(task.replaces, facts):
        before = task.replaces
    if not before:
        return
    if task.archive and facts.sha256 == before.sha256:
        return
    if facts.sha256 and facts.sha256 == before.sha256:
        facts.problems.append(
            f"its ETag changed since it was loaded as evidence {before.evidence_id}; its bytes did not"
        )
        return
    change = "changed since it was loaded" if facts.sha256 else "it was loaded before,"
    facts.problems.append(f"{change} as evidence {before.evidence_id}")


def set_aside(connection: duckdb.DuckDBPyConnection, tasks: Sequence[Task]) -> bool:
    """Keep the events of the readings that tasks want to replace, and make room for the new ones; True if there are."""
    replaced = [one.evidence_id for task in tasks if task.replaces for one in task.replaces.everything()]
    if replaced:
        connection.execute(
            "UPDATE events SET evidence_id = -evidence_id WHERE evidence_id IN (SELECT unnest(?))", [replaced]
        )
    return bool(replaced)


def _failed_members(entry: Entry, read_again: set[int]) -> list[int]:
    """The members that could not be read once and are not found any more."""
    left = (member for member in entry.members if member.evidence_id not in read_again)
    return [one.evidence_id for one in left if one.sha256 is None and not one.holds_events and not one.members]


class Settlement:
    """Decides, when a step has been read, which earlier rows give way."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
        self._connection = connection
        self._ledger = ledger

    def settle(self, rows: Sequence[tuple[Task, Facts]], *, aside: bool) -> None:
        """Take out the rows of earlier readings that give way; give a new reading another ID where one stays.

        Args:
            rows: what was read, its events stored; the ledger does not hold it yet. Members of an archive come
                before it.
            aside: events were set aside, for these readings or for others that are still to come.
        """
        gone = self._give_way(rows)
        if gone:
            self._connection.execute("DELETE FROM events WHERE -evidence_id IN (SELECT unnest(?))", [gone])
            self._ledger.forget_rows(gone)
        if aside:
            self._connection.execute("UPDATE events SET evidence_id = -evidence_id WHERE evidence_id < 0")

    def _give_way(self, rows: Sequence[tuple[Task, Facts]]) -> list[int]:
        """The rows that give way; where one stays, the new reading is renumbered, and its members if it has some."""
        gone: list[int] = []
        beside: dict[int, Task] = {}
        read_again = {task.replaces.evidence_id for task, _ in rows if task.replaces}
        for task, facts in reversed(rows):
            before, inside = task.replaces, task.archive is not None and task.archive.evidence_id in beside
            stays = before is not None and not self._is_covered(before, -before.evidence_id, task, facts)
            if before and not stays and not inside:
                gone += [before.evidence_id, *_failed_members(before, read_again)]
            if not task.archive:
                self._drop_failures(task, facts)
            if stays or inside:
                beside[task.evidence_id] = task
        for _, task in sorted(beside.items()):  # an archive comes before its members
            old, task.evidence_id = task.evidence_id, self._ledger.next_id()
            text = "UPDATE events SET evidence_id = ? WHERE evidence_id = ?"
            self._connection.execute(text, [task.evidence_id, old])
        for task, facts in rows:
            if task.archive:
                facts.archive_id = task.archive.evidence_id
        return gone

    def _is_covered(self, entry: Entry, held_at: int, task: Task, facts: Facts) -> bool:
        """True if the new reading holds all that an earlier one brought."""
        if entry.sha256 is not None:
            return same_bytes(entry, facts)
        if not entry.event_count:
            return True
        missing = self._connection.execute(_MISSING, {"before": held_at, "now": task.evidence_id}).fetchall()
        return not missing[0][0]

    def _drop_failures(self, task: Task, facts: Facts) -> None:
        """Rows that only say that the object could not be read; the newest reading says what is to be said of it."""
        for entry in self._ledger.entries(facts.uri):
            if entry.sha256 is not None or entry is task.replaces:
                continue
            if any(member.event_count for member in entry.members):
                continue
            if self._is_covered(entry, entry.evidence_id, task, facts):
                for one in entry.everything():
                    self._ledger.forget(one.evidence_id)
