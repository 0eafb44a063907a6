"""The key moments of a case: the few lines of the incident timeline that tell how it went."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.cross_account import certainties
from rootforensics.phrases import at, how_often
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.timeline import incident_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.telling.standing import Standing
    from rootforensics.telling.statement import Statement

#: So many first steps of an account tell which moments are needed.
_STEPS: Final = 8


def key_moments(analysis: Analysis, told: Collection[tuple[AccountVerdict, Standing]]) -> list[Statement]:
    """Rank them: how it began, what failed checks and first steps stand on, when it was ended; then the most severe.

    Among these, accounts come first in which somebody has to act, then what is most severe.

    Args:
        analysis: of the case.
        told: the verdicts with how each account stands.

    Returns:
        all lines that tell of root, the most telling first; lines that differ in nothing but their time are one, with
        their number. The first line of a kind by one actor from one address comes before the others, which name other
        objects.
    """
    followed = {f"{evidence_id}:{index}" for evidence_id, index in certainties(analysis)}
    lines = list(_alike(line for line in incident_lines(analysis) if _tells(line, followed)))
    severities = [SEVERITIES.index(line.severity or "info") - (line.kind == "attempt") for line in lines]
    needed: set[int] = set()
    in_question = {one.account_id for one, held in told if held.is_bad}
    citing: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for place in line.citations:
            citing[place].append(number)

    def need(places: Iterable[str]) -> None:
        """The most severe of the lines that cite one of these, the first of them."""
        numbers = [number for place in places for number in citing.get(place, ())]
        if numbers:
            needed.add(max(numbers, key=lambda number: (number in needed, severities[number], -number)))

    for account, held in told:
        if held.kind not in ("opened", "unseen"):
            need(held.use.citations[:1])
            need(held.use.citations)
        for one in held.bad:
            need(one.citations)
            need(one.citations[:1])
        for step in account.steps[:_STEPS] if held.is_bad else ():
            need([step.citation])
    ends = [number for number, line in enumerate(lines) if line.kind == "ended"]
    ended = {lines[number].account_id: number for number in reversed(ends)}
    needed.update(ended.values())

    kinds = [(*_by_whom(line), line.phrase or line.text) for line in lines]
    firsts = {*dict(zip(reversed(kinds), range(len(lines) - 1, -1, -1), strict=True)).values()}

    def rank(number: int) -> tuple[bool, bool, bool, int, int]:
        is_innocent = lines[number].account_id not in in_question
        return number not in needed, is_innocent, number not in firsts, -severities[number], number

    return [lines[number] for number in sorted(range(len(lines)), key=rank)]


def _tells(line: Statement, followed: set[str]) -> bool:
    """Whether a line tells of an act of root, or of what followed; plain reads do not, nor what others switch off."""
    if line.line_type in ("finding", "note") or line.kind in ("cover", "gap"):
        return False
    if line.line_type == "coverage" and line.actor != "root" and followed.isdisjoint(line.citations[:1]):
        return False
    return line.kind != "reads" or line.severity in ("high", "critical")


def _alike(lines: Iterable[Statement]) -> Iterator[Statement]:
    """Lines that differ in nothing but their time as the first of them; a window tells of the act that opened it."""
    found: dict[tuple[object, ...], list[Statement]] = {}
    windows: set[str] = set()
    for line in lines:
        if line.kind == "window":
            windows.update(line.citations[:1])
        elif line.line_type == "root" and not windows.isdisjoint(line.citations):
            continue
        found.setdefault((*_by_whom(line), line.text), []).append(line)
    for first, *more in found.values():
        if not more:
            yield first
            continue
        text = f"{first.text}; {how_often(len(more))} more until {at(more[-1].from_time)}"
        yield replace(first, text=text)


def _by_whom(line: Statement) -> tuple[object, ...]:
    """What lines of one kind by one actor from one address in one account have in common."""
    return line.account_id, line.line_type, line.kind, line.severity, line.actor, line.source_ips
