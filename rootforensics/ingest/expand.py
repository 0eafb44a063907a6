"""Take an archive apart: the tasks to read its members, and what is to be said of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.errors import cause_of
from rootforensics.ingest.archives.members import Member, depth_of, list_members
from rootforensics.ingest.archives.store import Budget
from rootforensics.ingest.plan import Task
from rootforensics.sources.local import describe_os_error
from rootforensics.sources.names import SIDECAR_SUFFIX, UNFINISHED, UNFINISHED_SUFFIX, begins_like_sidecar, metadata_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.ledger import Facts

#: Archives in archives are taken apart to this depth; a file can be made that contains itself.
MAX_DEPTH: Final = 8
_LARGEST_SIDECAR: Final = 1024 * 1024


def _sidecar(member: Member) -> bytes:
    """What ``--preserve`` wrote beside an object before the folder was packed, which is no evidence; else nothing."""
    is_named = member.readable and member.entry.name.endswith(SIDECAR_SUFFIX.encode())
    if not is_named or (member.entry.size_bytes or 0) >= _LARGEST_SIDECAR:
        return b""
    content = b"".join(member.pieces())
    return content if begins_like_sidecar(content) else b""


class Expansion:
    """The members of one archive: draw ``tasks``, ``note`` each that was read, then ``finish``.

    Args:
        task: that of the archive.
        facts: of the archive; they are completed here.
        archive: its bytes.
    """

    def __init__(self, task: Task, facts: Facts, archive: Store) -> None:
        self._task = task
        self._facts = facts
        self._archive = archive
        self._known = {entry.uri: entry for entry in (task.replaces.members if task.replaces else ())}
        self._before = {entry.uri: entry for entry in (task.changed_from.members if task.changed_from else ())}
        self._damages: list[str] = []
        self._metadata: dict[bytes, dict[str, str]] = {}
        self._digests: list[tuple[bytes, Facts]] = []
        self._size_bytes = 0
        outer = task.found.archive.budget if isinstance(task.found, Member) else None
        archive.budget = Budget(facts.size_bytes or 0, task.limits, outer)
        facts.member_count = 0

    def tasks(self) -> Iterator[Task]:
        """Yield a task for each member, as far as the limits allow."""
        if depth_of(self._task.found) >= MAX_DEPTH:
            self._damages.append(f"an archive in {MAX_DEPTH} others; its members were not read")
            return
        listing, members = list_members(self._archive)
        try:
            for member in members:
                if sidecar := _sidecar(member):
                    self._metadata[member.entry.name.removesuffix(SIDECAR_SUFFIX.encode())] = metadata_in(sidecar)
                    continue
                if member.entry.name.endswith(UNFINISHED_SUFFIX.encode()):
                    member.entry.problem = member.entry.problem or UNFINISHED
                if self._archive.budget.exhausted():
                    rest = 1 + sum(1 for _ in members)
                    around = "" if self._archive.budget.stopped else ", because an archive around it broke a limit"
                    self._damages.append(f"{rest:,} of its members were not read{around}")
                    break
                if member.entry.compressed:
                    self._archive.budget.take_member(member.entry.stored_bytes, member.entry.size_bytes or 0)
                uri = member.uri
                yield Task(
                    member,
                    self._task.filters,
                    self._task.limits,
                    self._known.get(uri),
                    self._before.get(uri),
                    archive=self._task,
                    archive_store=self._archive,
                )
        except OSError as error:
            self._damages.append(f"reading stopped: {describe_os_error(error)}")
        except Exception as error:  # noqa: BLE001 - whatever is odd in one archive, the others of the load are read
            self._damages.append(f"its members could not be listed any further ({cause_of(error)})")
        self._damages += listing.damages
        self._facts.problems += listing.remarks

    def note(self, facts: Facts) -> None:
        """Count a member that was read."""
        self._facts.member_count = (self._facts.member_count or 0) + 1
        if isinstance(facts.found, Member) and facts.found.cut:
            facts.size_bytes = facts.found.size_bytes
            facts.sha256 = None  # the hash of a part would pass for that of the member
        if isinstance(facts.found, Member) and facts.digest is not None:
            self._digests.append((facts.found.entry.name, facts))
        self._size_bytes += facts.size_bytes or 0
        if isinstance(facts.found, Member) and facts.framing != "zip":
            # What came out beyond the size that was counted before it was read; a zip has counted its own members.
            counted = facts.found.entry.size_bytes or 0
            self._archive.budget.take_text(max(0, (facts.inflated_bytes or 0) - counted))

    def finish(self) -> None:
        """Complete the facts of the archive."""
        facts, budget = self._facts, self._archive.budget
        for name, digest in self._digests:  # a sidecar may lie before its object or behind it
            digest.s3_metadata = self._metadata.get(name) or None
        if self._archive.kind == "zip":
            facts.inflated_bytes = self._size_bytes
        if budget.stopped:
            self._damages.insert(0, budget.broken())
            facts.inflated_bytes = max(facts.inflated_bytes or 0, budget.inflated_bytes)
        if self._damages:
            facts.status = "damaged"
            facts.problems[:0] = self._damages
