"""A brief on two sheets of paper: how high it is, and what gives way, in which order, until it fits."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rootforensics.analysis.brief.brief import AccountBrief, Brief
    from rootforensics.analysis.incident.lines import Line
    from rootforensics.analysis.statement import Statement
    from rootforensics.reports.forms import Paper

#: Width of A4, the narrower, and heights within the margins of the page's style, in points.
_WIDTH: Final = 527.0
_HEIGHTS: Final[dict[Paper, float]] = {"A4": 766.0, "letter": 716.0}
_SHEETS: Final = 2
#: Inches of the chart with approvals and without, and the least; on paper an inch of it is so many points.
_CHART: Final = (6.2, 5.4)
_LOWEST: Final = 4.6
_POINTS: Final = 55.0
#: Lines of text are not filled to their end; the style's fonts are no wider than the one that is measured.
_FILLED: Final = 0.96
#: Room of a sentence, and of what happened in the table of moments.
_SENTENCE: Final = _WIDTH - 14
_MOMENT: Final = 374.0
_CITED: Final = "0123abcd"
_TIMES: Final = 51.0


def fitted(told: Brief, head: Iterable[str], paper: Paper) -> tuple[Brief, float]:
    """As much of a brief as two sheets hold, and the height of its chart in inches.

    What gives way, until the rest fits: the least telling key moments down to 10, all but the first sentence on
    accounts that ask for no action, what is open down to 5, approvals down to one, other accounts down to a sentence,
    the last first; then the height of the chart, other accounts, moments, what is open and steps. The first account,
    the limits and one of everything stay. Of all of it the brief keeps the count.

    Args:
        told: the brief as the case gives it.
        head: title and facts above it.
        paper: on which it is printed.
    """
    top = _head(head)
    for made, high in _smaller(told):
        if _sheets(_blocks(made, top, high), _HEIGHTS[paper]) <= _SHEETS:
            return made, high
    return made, high


def _smaller(told: Brief) -> Iterator[tuple[Brief, float]]:
    """The brief as it is, then with always less of it."""
    high = _CHART[not told.approvals]
    yield told, high
    for size, least, less in _STEPS:
        high = min(high, _LOWEST if less is _without_last else high)
        while size(told) > least:
            told = less(told)
            yield told, high


def _told(one: Brief) -> list[AccountBrief]:
    """The accounts beside the first of which more than a sentence stands."""
    return [account for account in one.accounts[1:] if len(account.sentences) > 1]


def _is_aside(account: AccountBrief) -> bool:
    return not account.standing.is_bad


def _cut_last(one: Brief, wanted: Callable[[AccountBrief], bool]) -> Brief:
    last = next(account for account in reversed(_told(one)) if wanted(account))
    return replace(one, accounts=tuple(account.cut if account is last else account for account in one.accounts))


def _without_last(one: Brief) -> Brief:
    return replace(one, accounts=one.accounts[:-1])


def _fewer_moments(one: Brief) -> Brief:
    return replace(one, ranked=one.ranked[:-1])


def _fewer_open(one: Brief) -> Brief:
    return replace(one, still_open=one.still_open[:-1])


#: How much there is, how much of it stays, and how to make it less.
_STEPS: Final[tuple[tuple[Callable[[Brief], int], int, Callable[[Brief], Brief]], ...]] = (
    (lambda one: len(one.ranked), 10, _fewer_moments),
    (lambda one: sum(map(_is_aside, _told(one))), 0, lambda one: _cut_last(one, _is_aside)),
    (lambda one: len(one.still_open), 5, _fewer_open),
    (lambda one: len(one.approvals), 1, lambda one: replace(one, approvals=one.approvals[:-1])),
    (lambda one: len(_told(one)), 0, lambda one: _cut_last(one, lambda _: True)),
    (lambda one: len(one.accounts), 1, _without_last),
    (lambda one: len(one.ranked), 1, _fewer_moments),
    (lambda one: len(one.still_open), 1, _fewer_open),
    (lambda one: len(one.steps), 1, lambda one: replace(one, steps=one.steps[:-1])),
)


def _sheets(blocks: Iterable[float], height: float) -> int:
    """On how many sheets blocks stand that cannot be parted, one below the other."""
    count, used = 1, 0.0
    for high in blocks:
        if used + high > height:
            count, used = count + 1, 0.0
        used += high
    return count


def _blocks(told: Brief, top: float, chart: float) -> Iterator[float]:
    """Heights in points, a heading with the first of what stands below it."""
    yield top
    for place, account in enumerate(told.accounts):
        yield from _listed(map(_text, account.sentences), 7 + 13.0 * _lines(account.standing.heading, 9))
        yield _TIMES if account.times else 0
        # It is higher on the wider sheet.
        yield chart * _POINTS if not place else 0
    yield 12.0 if any(account.cut_count for account in told.accounts) else 0
    yield 12.0 if told.account_count > len(told.accounts) else 0
    yield from _listed(map(_text, told.approvals), 20)
    yield 36.0
    yield from (
        3.2 + 8.5 * _lines(_row(one, told), 7.7 if one.severity == "critical" else 7, _MOMENT) for one in told.ranked
    )
    yield from _listed(map(_text, told.still_open), 20)
    yield from _listed((f"{one.what} {one.account_id}: {one.why} {_CITED}" for one in told.steps), 20)
    yield from _listed(map(_text, told.limits), 20)


def _text(said: Statement) -> str:
    """A sentence with its citation."""
    more = len(said.event_ids) - 1
    return f"{said.text} {_CITED if said.event_ids else ''}{f' + {more} more' if more > 0 else ''}"


def _row(line: Line, told: Brief) -> str:
    """What happened, as the table of moments has it."""
    aside = "" if line.account_id == told.accounts[0].account_id else f" account {line.account_id} (privileged session)"
    return f"{line.text[:180]}{aside} from {', '.join(line.source_ips[:2])}"


def _listed(texts: Iterable[str], heading: float) -> Iterator[float]:
    """A heading with the first sentence below it, and the others."""
    above = heading + 4.2
    for text in texts:
        yield above + 0.3 + 9.4 * _lines(text, 7.5, _SENTENCE)
        above = 0.0


def _head(texts: Iterable[str]) -> float:
    """The height of the title and of facts in three columns."""
    title, *facts = texts
    lines = sorted((1 + _lines(one, 7.6, _WIDTH / 3 - 10) for one in facts), reverse=True)
    return 12 + 19.2 * _lines(title, 16) + sum(2 + 9.9 * one for one in lines[::3])


@cache
def _lines(text: str, size: float, room: float = _WIDTH) -> int:
    """Lines that a text takes; a word without blanks is parted where it must be."""
    wide = sum(width_of(f"{word} ", size) for word in text.split(" "))
    return max(math.ceil(wide / (room * _FILLED)), 1)
