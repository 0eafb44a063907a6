"""Colors on a terminal: one for each severity and answer. ``--color`` and NO_COLOR say whether there are any."""

from __future__ import annotations

from typing import Final

import click

_COLORS: Final = {
    "critical": "red",
    "high": "red",
    "medium": "yellow",
    "bad": "red",
    "good": "green",
    "unknown": "yellow",
}
_BOLD: Final = frozenset(("critical", "bad"))


def styled(text: str, meaning: str) -> str:
    """A text in the color of what it means.

    Args:
        text: that is shown, blanks around it, too.
        meaning: a severity, ``bad``, ``unknown`` or ``good``; of anything else the text stays as it is.
    """
    color = _COLORS.get(meaning)
    return click.style(text, fg=color, bold=meaning in _BOLD or None) if color else text


def styled_answer(answer: str, width: int) -> str:
    """An answer of the verdict in capitals, in a column of this width; yes is the problem."""
    meaning = {"yes": "bad", "no": "good"}.get(answer, "unknown")
    return styled(answer.upper(), meaning) + " " * (width - len(answer))


def keep_color(context: click.Context, _: click.Parameter, value: str) -> None:
    """Use colors, or none, for this command and all below it; by itself the terminal decides."""
    context.color = {"always": True, "never": False}.get(value, context.color)
