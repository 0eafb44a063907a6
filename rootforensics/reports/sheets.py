"""A brief on two sheets of paper: its height, and what is cut, in which order, until it fits."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rootforensics.reports.forms import Paper
    from rootforensics.telling.brief import Brief
    from rootforensics.telling.statement import Statement

#: Width of A4, the narrower size, and heights within the margins of the page's style, in points.
_WIDTH: Final = 527.0
_HEIGHTS: Final[dict[Paper, float]] = {"A4": 766.0, "letter": 716.0}
_SHEETS: Final = 2
#: Height of the chart in inches with and without approvals, its minimum, and the points of such an inch on paper.
_CHART: Final = (6.2, 5.4)
_LOWEST: Final = 4.6
_POINTS: Final = 55.0
#: What is cut, in this order, and how much of it remains; "whole": accounts with more than one sentence.
_CUTS: Final = (
    *(("ranked", 10), ("whole", 1), ("still_open", 5), ("approvals", 1)),
    *(("accounts", 1), ("ranked", 1), ("still_open", 1), ("steps", 1)),
)
#: Share of a line that text fills; the style's fonts are no wider than the measured one.
_FILLED: Final = 0.96
#: Widths of a sentence, and of an entry in the timeline.
_SENTENCE: Final = _WIDTH - 14
_MOMENT: Final = 374.0
_CITED: Final = "0123abcd"
#: Width of a time, of which two are side by side, in points.
_TIME: Final = _WIDTH / 2 - 14


def fitted(whole: Brief, head: Iterable[str], paper: Paper) -> tuple[Brief, float]:
    """The part of a brief that fits on two sheets, and the height of its chart in inches.

    Cut first: the least important timeline entries down to 10, accounts other than the first down to one sentence, open
    items down to 5, approvals down to one. Then: the height of the chart; other accounts, timeline entries, open items
    and steps down to one. The first account, the limits and all counts remain.

    Args:
        whole: the brief of the case.
        head: title and facts above it.
        paper: the size for printing.
    """
    top = _head(head)
    for made, high in _smaller(whole):
        if _sheets(_blocks(made, top, high), _HEIGHTS[paper]) <= _SHEETS:
            return made, high
    return made, high


def _smaller(whole: Brief) -> Iterator[tuple[Brief, float]]:
    """The whole brief, then ever shorter versions."""
    high = _CHART[not whole.approvals]
    yield whole, high
    kept = {name: len(getattr(whole, name, whole.accounts)) for name, _ in _CUTS}
    for name, least in _CUTS:
        high = _LOWEST if name == "accounts" else high
        while kept[name] > least:
            kept[name] -= 1
            accounts = whole.accounts[: kept["whole"]] + tuple(
                account.cut for account in whole.accounts[kept["whole"] :]
            )
            parts = {part: getattr(whole, part)[: kept[part]] for part in kept if part not in ("whole", "accounts")}
            yield replace(whole, accounts=accounts[: kept["accounts"]], **parts), high


def _sheets(blocks: Iterable[float], height: float) -> int:
    """The number of sheets for blocks that cannot be split."""
    count, used = 1, 0.0
    for high in blocks:
        if used + high > height:
            count, used = count + 1, 0.0
        used += high
    return count


def _blocks(shown: Brief, top: float, chart: float) -> Iterator[float]:
    """Heights in points, each heading with the first item below it."""
    yield top
    for place, account in enumerate(shown.accounts):
        yield from _listed(map(_text, account.sentences), 7 + 13.0 * _lines(account.standing.heading, 9))
        yield _times(account.times)
        # The chart is higher on the wider sheet.
        yield chart * _POINTS if not place else 0
    yield 12.0 if any(account.cut_count for account in shown.accounts) else 0
    yield 12.0 if shown.account_count > len(shown.accounts) else 0
    yield from _listed(map(_text, shown.approvals), 20)
    yield 36.0
    yield from (
        3.2 + 8.5 * _lines(_row(one, shown), 7.7 if one.severity == "critical" else 7, _MOMENT) for one in shown.ranked
    )
    yield from _listed(map(_text, shown.still_open), 20)
    steps = zip(shown.steps, shown.step_lines, strict=True)
    yield from _listed(
        (
            f"{step.what}{step.as_whom} (account {step.account_id}). {step.why} {line.mark} {_CITED}"
            for step, line in steps
        ),
        20,
    )
    yield from _listed(map(_text, shown.limits), 20)


def _text(statement: Statement) -> str:
    """A sentence with its citation."""
    more = len(statement.event_ids) - 1
    return f"{statement.marked_text} {_CITED if statement.event_ids else ''}{f' + {more} more' if more > 0 else ''}"


def _row(line: Statement, brief: Brief) -> str:
    """A line of the timeline, as the table shows it."""
    aside = (
        "" if line.account_id == brief.accounts[0].account_id else f" account {line.account_id} (privileged session)"
    )
    return f"{line.text[:180]}{aside} from {', '.join(line.source_ips[:2])} {line.mark}"


def _listed(texts: Iterable[str], heading: float) -> Iterator[float]:
    """A heading with the first sentence below it, and the others."""
    above = heading + 4.2
    for text in texts:
        yield above + 0.3 + 9.4 * _lines(text, 7.5, _SENTENCE)
        above = 0.0


def _times(times: Sequence[Statement]) -> float:
    """The height of the times of an account. Each has a label above it, and two stand side by side."""
    lines = [1 + _lines(_text(time).partition(": ")[2], 7.6, _TIME) for time in times]
    return 13 + 9.5 * sum(max(lines[start : start + 2]) for start in range(0, len(lines), 2)) if lines else 0.0


def _head(texts: Iterable[str]) -> float:
    """The height of the title and of facts in three columns."""
    title, *facts = texts
    lines = sorted((1 + _lines(fact, 7.6, _WIDTH / 3 - 10) for fact in facts), reverse=True)
    return 12 + 19.2 * _lines(title, 16) + sum(2 + 9.9 * line for line in lines[::3])


@lru_cache(maxsize=2_000)
def _lines(text: str, size: float, room: float = _WIDTH) -> int:
    """The number of lines of a text; a word that is too long is broken."""
    wide = sum(width_of(f"{word} ", size) for word in text.split(" "))
    return max(math.ceil(wide / (room * _FILLED)), 1)
