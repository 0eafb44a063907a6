"""The key moments of a case: the lines of the incident timeline in the order of their weight."""

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
    from rootforensics.telling.statement import Level, Statement

#: The moments that so many first containment steps of an account cite are needed.
_STEPS: Final = 6


def key_moments(analysis: Analysis, accounts: Collection[tuple[AccountVerdict, Standing]]) -> list[Statement]:
    """Rank the lines: first use, events that failed checks and first steps cite, containment; then by severity.

    Accounts that need action come first.

    Args:
        analysis: of the case.
        accounts: the verdicts, each with the standing of its account.

    Returns:
        all lines about root; ``bad`` are those that a failed check cites, and the critical ones. Lines that differ only
        in their time are one, with their number. The first line of a kind by one actor from one address comes before
        the others, which name other objects.
    """
    followed = {f"{evidence_id}:{index}" for evidence_id, index in certainties(analysis)}
    lines = list(_alike(line for line in incident_lines(analysis) if _is_about_root(line, followed)))
    severities = [SEVERITIES.index(line.severity or "info") - (line.kind == "attempt") for line in lines]
    needed: set[int] = set()
    in_question = {verdict.account_id for verdict, standing in accounts if standing.is_bad}
    citing: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for place in line.citations:
            citing[place].append(number)

    def need(places: Iterable[str]) -> None:
        """The most severe of the lines that cite one of these, the first of them."""
        numbers = [number for place in places for number in citing.get(place, ())]
        if numbers:
            needed.add(max(numbers, key=lambda number: (number in needed, severities[number], -number)))

    for verdict, standing in accounts:
        if standing.kind not in ("opened", "unseen"):
            need(standing.use.citations[:1])
            need(standing.use.citations)
        for check in standing.bad:
            need(check.citations)
            need(check.citations[:1])
        for step in verdict.steps[:_STEPS] if standing.is_bad else ():
            # A step may be about a call that was denied, which is no key moment.
            if any(lines[number].kind != "attempt" for number in citing.get(step.citation, ())):
                need([step.citation])
    ends = [number for number, line in enumerate(lines) if line.kind == "ended"]
    ended = {lines[number].account_id: number for number in reversed(ends)}
    needed.update(ended.values())

    kinds = [(*_by_whom(line), line.phrase or line.text) for line in lines]
    firsts = {*dict(zip(reversed(kinds), range(len(lines) - 1, -1, -1), strict=True)).values()}

    def rank(number: int) -> tuple[bool, bool, bool, int, int]:
        is_innocent = lines[number].account_id not in in_question
        return number not in needed, is_innocent, number not in firsts, -severities[number], number

    failing = {place for _, standing in accounts for check in standing.bad for place in check.citations}

    def level(line: Statement) -> Level:
        return "bad" if line.severity == "critical" or not failing.isdisjoint(line.citations) else "note"

    ranked = (lines[number] for number in sorted(range(len(lines)), key=rank))
    return [replace(line, level=level(line)) for line in ranked]


def _is_about_root(line: Statement, followed: set[str]) -> bool:
    """Whether a line is about root or follow-on activity. Reads of low severity and impairments by others are not."""
    if line.line_type in ("finding", "note") or line.kind in ("cover", "gap"):
        return False
    if line.line_type == "coverage" and line.actor != "root" and followed.isdisjoint(line.citations[:1]):
        return False
    return line.kind != "reads" or line.severity in ("high", "critical")


def _alike(lines: Iterable[Statement]) -> Iterator[Statement]:
    """The first of the lines that differ only in their time. A window stands for the act that opened it."""
    groups: dict[tuple[object, ...], list[Statement]] = {}
    windows: set[str] = set()
    for line in lines:
        if line.kind == "window":
            windows.update(line.citations[:1])
        elif line.line_type == "root" and not windows.isdisjoint(line.citations):
            continue
        groups.setdefault((*_by_whom(line), line.text), []).append(line)
    for first, *more in groups.values():
        if not more:
            yield first
            continue
        text = f"{first.text}; {how_often(len(more))} more until {at(more[-1].from_time)}"
        yield replace(first, text=text)


def _by_whom(line: Statement) -> tuple[object, ...]:
    """What lines of one kind by one actor from one address in one account have in common."""
    return line.account_id, line.line_type, line.kind, line.severity, line.actor, line.source_ips
