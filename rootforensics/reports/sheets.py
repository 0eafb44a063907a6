"""A brief on two sheets of paper: how high it is, and what gives way, in which order, until it fits."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.reports.forms import Paper
    from rootforensics.telling.brief import Brief
    from rootforensics.telling.statement import Statement

#: Width of A4, the narrower, and heights within the margins of the page's style, in points.
_WIDTH: Final = 527.0
_HEIGHTS: Final[dict[Paper, float]] = {"A4": 766.0, "letter": 716.0}
_SHEETS: Final = 2
#: Inches of the chart with approvals and without, and the least; on paper an inch of it is so many points.
_CHART: Final = (6.2, 5.4)
_LOWEST: Final = 4.6
_POINTS: Final = 55.0
#: What gives way, in this order, and how much of it stays; "whole": accounts of which more than a sentence is told.
_GIVES_WAY: Final = (
    *(("ranked", 10), ("whole", 1), ("still_open", 5), ("approvals", 1)),
    *(("accounts", 1), ("ranked", 1), ("still_open", 1), ("steps", 1)),
)
#: Lines of text are not filled to their end; the style's fonts are no wider than the one that is measured.
_FILLED: Final = 0.96
#: Room of a sentence, and of what happened in the table of moments.
_SENTENCE: Final = _WIDTH - 14
_MOMENT: Final = 374.0
_CITED: Final = "0123abcd"
_TIMES: Final = 51.0


def fitted(told: Brief, head: Iterable[str], paper: Paper) -> tuple[Brief, float]:
    """As much of a brief as two sheets hold, and the height of its chart in inches.

    What gives way, until the rest fits: the least telling key moments down to 10, other accounts than the first down
    to a sentence, what is open down to 5, approvals down to one; then the height of the chart, other accounts,
    moments, what is open and steps down to one. The first account and the limits stay, and the count of everything.

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
    kept = {name: len(getattr(told, name, told.accounts)) for name, _ in _GIVES_WAY}
    for name, least in _GIVES_WAY:
        high = _LOWEST if name == "accounts" else high
        while kept[name] > least:
            kept[name] -= 1
            accounts = told.accounts[: kept["whole"]] + tuple(one.cut for one in told.accounts[kept["whole"] :])
            parts = {part: getattr(told, part)[: kept[part]] for part in kept if part not in ("whole", "accounts")}
            yield replace(told, accounts=accounts[: kept["accounts"]], **parts), high


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


def _row(line: Statement, told: Brief) -> str:
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


@lru_cache(maxsize=2_000)
def _lines(text: str, size: float, room: float = _WIDTH) -> int:
    """Lines that a text takes; a word without blanks is parted where it must be."""
    wide = sum(width_of(f"{word} ", size) for word in text.split(" "))
    return max(math.ceil(wide / (room * _FILLED)), 1)
