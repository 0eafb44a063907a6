"""The key moments of a case: the few lines of the incident timeline that tell how it went."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.incident.timeline import incident_lines
from rootforensics.analysis.lineage.cross_account import certainties
from rootforensics.phrases import at, how_often
from rootforensics.rules.actions import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.incident.lines import Line
    from rootforensics.analysis.narrative.standing import Standing

#: Ranks above those of severities.
_NEEDED: Final = len(SEVERITIES)


def key_moments(analysis: Analysis, told: Iterable[tuple[AccountVerdict, Standing]]) -> list[Line]:
    """Rank them: how it began, what each bad answer stands on, what is most severe, and when it was first ended.

    Args:
        analysis: of the case.
        told: the verdicts with how each account stands.

    Returns:
        all lines that tell of root, the most telling first; lines of one kind in an account are one, with their number.
    """
    followed = {f"{evidence_id}:{index}" for evidence_id, index in certainties(analysis)}
    lines = list(_alike(line for line in incident_lines(analysis) if _tells(line, followed)))
    ranks = [SEVERITIES.index(line.severity or "info") - (line.kind == "attempt") for line in lines]
    citing: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for place in line.citations:
            citing[place].append(number)

    def need(places: Iterable[str]) -> None:
        """The most severe of the lines that cite one of these, the first of them."""
        numbers = [number for place in places for number in citing.get(place, ())]
        if numbers:
            ranks[max(numbers, key=lambda number: (ranks[number], -number))] = _NEEDED

    for _, held in told:
        if held.kind not in ("opened", "unseen"):
            need(held.use.proofs[:1])
            need(held.use.proofs)
        for one in held.bad:
            need(one.citations)
            need(one.citations[:1])
    ends = [number for number, line in enumerate(lines) if line.kind == "ended"]
    for account in {lines[number].account_id for number in ends}:
        ranks[next(number for number in ends if lines[number].account_id == account)] = _NEEDED
    return [lines[number] for number in sorted(range(len(lines)), key=lambda number: (-ranks[number], number))]


def _tells(line: Line, followed: set[str]) -> bool:
    """Whether a line tells of an act of root, or of what followed; plain reads do not, nor what others switch off."""
    if line.line_type in ("finding", "note") or line.kind in ("cover", "gap"):
        return False
    if line.line_type == "coverage" and line.actor != "root" and followed.isdisjoint(line.citations[:1]):
        return False
    return line.kind != "reads" or line.severity in ("high", "critical")


def _alike(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines of one kind in an account as the first of them; a window tells of the act that opened it."""
    found: dict[tuple[object, ...], list[Line]] = {}
    windows: set[str] = set()
    for line in lines:
        if line.kind == "window":
            windows.update(line.citations[:1])
        elif line.line_type == "root" and not windows.isdisjoint(line.citations):
            continue
        found.setdefault((line.account_id, line.line_type, line.kind, line.text.partition("(")[0]), []).append(line)
    for first, *more in found.values():
        if not more:
            yield first
            continue
        text = f"{first.text}; {how_often(len(more))} more until {at(more[-1].from_time)}"
        yield replace(first, text=text)
