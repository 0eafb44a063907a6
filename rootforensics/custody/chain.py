"""Whether a chain of custody is whole: each row as it was written, behind the one before it, and none between."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

import msgspec

from rootforensics.custody.acts import NO_EVIDENCE, Entry
from rootforensics.ingest.store import CASE_FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rootforensics.queries.rows import Custody


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What was found of a chain of custody.

    Attributes:
        entry_count: its rows.
        head: the hash of its last row; empty without a row.
        problems: what is wrong, a sentence each; none if it is whole.
        skipped: what should have been compared and could not be, a sentence each.
        not_compared: what of the case this check does not compare, a sentence each.
    """

    entry_count: int
    head: str
    problems: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """True if nothing is wrong."""
        return not self.problems

    @property
    def is_proven(self) -> bool:
        """True if nothing is wrong, and everything could be compared that should be."""
        return not self.problems and not self.skipped


def entries_of(rows: Iterable[Custody]) -> list[Entry]:
    """Rows of the question ``custody`` as they were hashed."""
    values: Iterable[dict[str, Any]] = ({**row, "acted_time": _time(row["acted_time"])} for row in rows)
    return [Entry(**value) for value in values]


def _time(value: object) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else ""  # type: ignore[attr-defined]


def chain_problems(entries: Sequence[Entry], head: str = "") -> list[str]:
    """What is wrong with a chain by itself.

    Args:
        entries: all rows, by number.
        head: the hash of a row, as it was kept elsewhere; one of the rows must have it.
    """
    if not entries:
        return ["the chain of custody has no entry"]
    found = []
    previous, evidence = None, NO_EVIDENCE
    for number, entry in enumerate(entries, 1):
        if entry.custody_id != number:
            found.append(f"entry {number} has the number {entry.custody_id}: an entry was removed, added or moved")
        if entry.sha256 != entry.hash:
            found.append(f"entry {number} was changed: its hash does not match")
        if entry.previous_sha256 != previous:
            found.append(f"entry {number} does not follow the previous one: an entry was removed, added or changed")
        if entry.evidence_sha256_before != evidence:
            found.append(f"the evidence list changed before entry {number}, and the chain does not record it")
        previous, evidence = entry.sha256, entry.evidence_sha256
    if head and head not in {entry.sha256 for entry in entries}:
        found.append(f"no entry has the hash {head}: entries were removed, or the chain was rewritten")
    return found


def case_problems(last: Entry, evidence_sha256: str, counts: Mapping[str, int]) -> list[str]:
    """What of a case is not as the last row of its chain says.

    Args:
        last: the row.
        evidence_sha256: hash of the evidence list.
        counts: rows of each table that is counted.
    """
    found = []
    if last.evidence_sha256 != evidence_sha256:
        found.append("the evidence list changed after the last entry, and the chain does not record it")
    try:
        known = json.loads(last.row_counts)
    except (ValueError, TypeError, RecursionError):
        known = None
    if known != counts:
        rows = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        found.append(f"the case has {rows}, but the last entry has other numbers; the chain does not record the change")
    return found


def info_problems(entries: Sequence[Entry], info: Iterable[tuple[str, str]]) -> list[str]:
    """Whether format, title, investigator and version of a case are those of its acts.

    Args:
        entries: a whole chain.
        info: the rows of ``case_info``.
    """
    heads = _heads(msgspec.to_builtins(entries))
    wanted = {"format": str(CASE_FORMAT), "created_by": entries[0].tool, **heads}
    stored, expected = Counter(info), Counter(wanted.items())
    names = {str(name) for name, _ in (stored - expected) + (expected - stored)}
    return [f"{name} in case_info differs from the chain of custody" for name in sorted(names)]


def _heads(acts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Title and investigator after some acts; a merged case has those of the first part that has any."""
    heads: dict[str, str] = {}
    for act in acts:
        told = json.loads(act["parameters"])
        if act["command"] == "title":
            heads |= {name: told[name] for name in ("title", "investigator") if name in told}
        elif act["command"] == "merge":
            for part in told.get("parts", []):
                heads = _heads(part["acts"]) | heads
    return heads


def written_by(entries: Sequence[Entry]) -> str:
    """Name and version of the program that last stored views and rule tables in the case."""
    return next((entry.tool for entry in reversed(entries) if entry.command in ("load", "merge", "verify")), "")


def verdict_problems(entries: Sequence[Entry], verdicts_sha256: str) -> list[str]:
    """Whether verdicts, breaks and chains are those of the last ``verify``, or empty after a change of the evidence.

    Args:
        entries: a whole chain.
        verdicts_sha256: hash of what the case holds of them.
    """
    kept = NO_EVIDENCE
    for entry in entries:
        if entry.command == "verify":
            kept = json.loads(entry.parameters).get("verdicts_sha256", NO_EVIDENCE)
        elif entry.evidence_sha256 != entry.evidence_sha256_before:
            kept = NO_EVIDENCE
    return [] if verdicts_sha256 == kept else ["the results of verify were changed or removed since the last verify"]


def posture_problems(entries: Sequence[Entry], checks: Sequence[str]) -> list[str]:
    """The checks of the posture that are not as they were stored.

    Args:
        entries: a whole chain.
        checks: the hashes of all their rows, by number.
    """
    stored = _stored(entries, "posture", "answers_sha256")
    if len(stored) != len(checks):
        return ["posture checks were added or removed, and the chain does not record it"]
    pairs = enumerate(zip(stored, checks, strict=True), 1)
    return [f"posture check {number} was changed" for number, (before, now) in pairs if before != now]


def _stored(entries: Sequence[Entry], command: str, name: str) -> list[str]:
    """The hashes of what acts of a command stored, in order; merge stores what its parts held."""
    found: list[str] = []
    for entry in entries:
        if entry.command in (command, "merge"):
            told = json.loads(entry.parameters).get(name, [])
            found += told if isinstance(told, list) else [told]
    return found


def note_problems(entries: Sequence[Entry], notes: Sequence[str]) -> list[str]:
    """The notes that are not as they were written.

    Args:
        entries: a whole chain.
        notes: the hashes of their rows, by number.
    """
    written = _stored(entries, "note", "note_sha256")
    if len(written) != len(notes):
        return ["notes were added or removed, and the chain does not record it"]
    pairs = enumerate(zip(written, notes, strict=True), 1)
    return [f"note {number} was changed" for number, (before, now) in pairs if before != now]
