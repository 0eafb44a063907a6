"""What the framing of an object showed, in words and in counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.limits import Inflation, broken_others

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.ingest.limits import Limits

#: Said of the fields that a table lacks.
NO_COLUMN: Final = "no column holds"
_LONGEST_PATH: Final = 200
_MOST_CONTAINERS: Final = 16
_LONGEST_NAME: Final = 60


def short(text: str) -> str:
    """A name out of the evidence, cut where it is very long."""
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


@dataclass(slots=True)
class Framing:
    """What the framing of one object showed.

    Attributes:
        kind: ``Records``, ``array``, ``ndjson``, ``single``, ``concatenated``, ``csv``, ``lines``, ``parquet``; empty
            for none.
        damage: what is broken, in words; empty if nothing is.
        looks_like: for a text that is no JSON, what it begins with.
        hint: what kind of file that is and what to do with it, where that is known.
        containers: what was wrapped around the events, each once, in the order of the text.
        outer: what all of that lies in, or empty.
        path: where the object lies as a file with just these bytes, or empty.
        limits: bounds on what it may inflate to, or None.
        inflation: what it has inflated to so far; what lies compressed in its strings is added.
        unpacked_bytes: what lay compressed in the strings of the value that is being opened.
        stopped: a limit ended the reading inside the text; what follows is not read.
        refusal: why none of it is read although its kind is known; empty if it is read.
        escaped: what the text is if no event is found in it: its quotes are escaped; empty if they are not.
        notes: what is odd but loses nothing, each once.
        is_guess: other lines stand before what was taken for JSON or a table.
        header: the names of columns that an answer of a query had last.
        is_marked: a line of such a text holds a field that only CloudTrail has.
        zip_place: where a member of a zip begins in the text, or None.
    """

    kind: str = ""
    damage: str = ""
    looks_like: str = ""
    hint: str = ""
    containers: dict[str, None] = field(default_factory=dict)
    outer: str = ""
    path: str = ""
    limits: Limits | None = None
    inflation: Inflation = field(default_factory=Inflation)
    unpacked_bytes: int = 0
    stopped: bool = False
    refusal: str = ""
    escaped: str = ""
    notes: dict[str, None] = field(default_factory=dict)
    is_guess: bool = False
    is_marked: bool = False
    zip_place: int | None = None
    header: tuple[str, ...] = ()
    _lacking: dict[str, frozenset[str]] = field(default_factory=dict)
    _labels: set[str] = field(default_factory=set)

    @property
    def container(self) -> str:
        """What was wrapped around the events, in words; empty for nothing."""
        return ", ".join(f"{self.outer} > {name}" if self.outer else name for name in self.containers) or self.outer

    def is_spent(self) -> bool:
        """True once more values that are no event were read than the limits allow; that is told as damage."""
        words = broken_others(self.inflation, self.limits) if self.limits else ""
        self.damage = words or self.damage
        return words != ""

    @property
    def remarks(self) -> list[str]:
        """All that is odd but loses nothing, in words."""
        told = [f"{why} {', '.join(sorted(paths))}; these are NULL" for why, paths in self._lacking.items() if paths]
        if any(paths >= {"userIdentity.type", "userIdentity.arn"} for paths in self._lacking.values()):
            told.append("without userIdentity.type or userIdentity.arn nobody can tell which of its events are root's")
        return [*self.notes, *told]

    @property
    def lacking(self) -> list[str]:
        """The fields that no column of a table held, in order."""
        return sorted(self._lacking.get(NO_COLUMN, ()))

    def name_container(self, path: Sequence[str]) -> None:
        """Remember the containers, one in another, in which events lay; layers of the same kind count as one.

        Names of keys are anybody's: where there are many, or they are long, only the innermost container is named.
        """
        names = [name for name, _ in groupby(path)]
        whole = " > ".join(names)
        if len(whole) > _LONGEST_PATH:
            whole = f"{names[0]} > … > {names[-1]}"
        if whole in self.containers or len(self.containers) < _MOST_CONTAINERS:
            self.containers.setdefault(whole)
        else:
            self.containers.setdefault(names[-1])

    def name_of_keys(self, keys: Sequence[str]) -> str:
        """What an object of unknown shape is called by the keys that lead to its events."""
        label = f"object with {short('.'.join(keys))}"
        if label not in self._labels and len(self._labels) >= _MOST_CONTAINERS:
            return "object with other keys"
        self._labels.add(label)
        return label

    def note_lacking(self, why: str, paths: frozenset[str]) -> None:
        """Remember fields that events lack for a reason; those that no event with that reason had are told."""
        self._lacking[why] = self._lacking.get(why, paths) & paths
