"""Text in charts: what somebody wrote is drawn as it stands, fits its place, and is never taken for a formula."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.text import Text

#: The font that comes with matplotlib, so that a chart looks the same everywhere.
FONT: Final = "DejaVu Sans"
#: What cannot be drawn or would change what stands beside it: marks that pile up on other letters.
_MARKS: Final = ("Mn", "Me")
#: No label is longer; measuring a text of megabytes takes its time.
_LONGEST: Final = 240
_ELLIPSIS: Final = "…"
#: Drawn in pixels, letters take up to so much more room than their outlines.
_HINTED: Final = 1.03
#: A line that may reach the edge of its axes keeps so much of it free: digits can take still more.
_FREE: Final = 0.04


def harmless(text: object, longest: int = _LONGEST) -> str:
    """A text as it can be drawn: what does not show, or has no letter in the font, stands as its escape.

    Args:
        text: of a log, so anything.
        longest: what has more characters is cut in the middle.
    """
    told = str(text)
    if len(told) <= longest and told.isascii() and told.isprintable():
        return told
    shown = "".join(
        char if _shows(char) else char.encode("unicode_escape").decode("ascii") for char in _middle_out(told, longest)
    )
    return _middle_out(shown, longest)


def _middle_out(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[: longest // 2] + _ELLIPSIS + text[len(text) - (longest - 1 - longest // 2) :]


def width_of(text: object, size: float = 8, *, bold: bool = False) -> float:
    """Width of a text in points, as it will be drawn."""
    return _measure(harmless(text), bold) * size / 100 * _HINTED


def cut(text: object, room: float, size: float = 8, *, bold: bool = False) -> str:
    """A harmless text that fits, cut in the middle if it must be: names often differ at their end.

    Args:
        text: of a log.
        room: in points.
        size: of the letters, in points.
        bold: how it will be drawn.
    """
    whole, room = harmless(text), max(room, 0.0)
    wide = width_of(whole, size, bold=bold)
    if wide <= room:
        return whole
    low, high = 0, len(whole) - 1
    kept = int(len(whole) * room / wide)  # if all letters were as wide as each other
    step = 2
    while low < high:  # the most letters that fit
        kept = min(max(kept, low + 1), high)
        if width_of(_shortened(whole, kept), size, bold=bold) <= room:
            low, kept = kept, kept + step
        else:
            high, kept = kept - 1, kept - step
        step *= 2
    return _shortened(whole, low)


def lines_of(text: object, room: float, size: float = 8, most: int = 3) -> list[str]:
    """A harmless text in lines that fit, parted between words; what is too long is cut in the middle.

    Args:
        text: of a log, or our own.
        room: width, in points.
        size: of the letters, in points.
        most: lines at the most.
    """
    room *= 1 - _FREE
    lines = [""]
    for word in harmless(text).split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if width_of(longer, size) <= room or not lines[-1] or len(lines) == most:
            lines[-1] = longer
        else:
            lines.append(word)
    return [cut(line, room, size) for line in lines]


def write(ax: Axes, x: float, y: float, text: object, **look: Any) -> Text:  # noqa: ANN401 - as matplotlib's
    """Write a text into a chart; dollars and backslashes stay what they are.

    Args:
        ax: where.
        x: in the units of the axes.
        y: in the units of the axes.
        text: of a log, or our own.
        look: as for ``Axes.text``.
    """
    given = {"fontsize": 8, "va": "center", "ha": "left", "family": FONT, **look}
    return ax.text(x, y, harmless(text), parse_math=False, usetex=False, **given)


class Places:
    """Which boxes are taken, so that labels keep clear of each other."""

    def __init__(self, taken: Iterable[tuple[float, float, float, float]] = ()) -> None:
        self._taken = list(taken)

    def take(self, left: float, bottom: float, right: float, top: float) -> bool:
        """Take a box if it is free; False if it is not."""
        for one in self._taken:
            if left < one[2] and one[0] < right and bottom < one[3] and one[1] < top:
                return False
        self._taken.append((left, bottom, right, top))
        return True


def _shortened(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    return text[:head] + _ELLIPSIS + (text[len(text) - (kept - head) :] if kept > head else "")


@lru_cache(maxsize=4096)
def _shows(char: str) -> bool:
    return char.isprintable() and unicodedata.category(char) not in _MARKS and ord(char) in _letters()


@cache
def _letters() -> frozenset[int]:
    """The code points that the font can draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family=FONT))).get_charmap())


@lru_cache(maxsize=8192)
def _measure(text: str, bold: bool) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=100)
    width: float = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return width
