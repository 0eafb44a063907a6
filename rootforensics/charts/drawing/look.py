"""What all charts share: colors and what they mean, title, key, and places measured in points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.charts.drawing.labels import FONT, cut, harmless, lines_of, width_of, write
from rootforensics.charts.drawing.tip import LABEL, MARK, Tip
from rootforensics.errors import ChartError
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import View
    from rootforensics.queries.result import Row

#: Every color means the same in all charts. Those that stand beside each other differ in lightness too, so that they
#: hold in gray print and for the color-blind.
COLORS: Final = {
    "ink": "#1c2126",
    "muted": "#57606a",
    "rule": "#d3d9df",
    "pale": "#eef1f4",
    # who acted
    "activity": "#b3261e",
    "noise": "#8793a0",
    "mistaken": "#3f4852",
    "volume": "#c3ccd5",
    # what was done
    "change": "#1f4e79",
    "read": "#a9cbe8",
    "unknown": "#d9dee4",
    # how severe it is
    "critical": "#7a1212",
    "high": "#b5430f",
    "medium": "#d18a1f",
    "low": "#e9c46a",
    "info": "#e6ebf0",
    # with or without MFA
    "mfa": "#4fb3a5",
    "no_mfa": "#a3195b",
    "mfa_unknown": "#b9c2cb",
    "mfa_beside": "#5b6f99",
    # what is left of an entity
    "active": "#3d1a61",
    "changed": "#a98cc8",
    "ended": "#ffffff",
    # people and guards
    "approved": "#d9eadf",
    "response": "#2e7d4f",
}
#: Size of a chart that gets no axes: that of a notebook and of the report, in inches.
SIZE: Final = (10.0, 5.0)
#: No chart makes itself higher, in inches: a page shows it whole.
TALLEST: Final = 11.0
_MARGIN: Final = 16.0
_HEAD: Final = 30.0
#: What of it lies within the axes, and how far below their upper edge the title stands.
_TITLE: Final = 20.0
_BASELINE: Final = 14.0
_FOOT: Final = 8.0
#: No figure is lower than this, in inches: title, lines below it and one row or word.
_LOWEST: Final = 1.6
_LINE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of a key.

    Attributes:
        label: what it means.
        color: a name of ``COLORS``.
        hatch: stripes over it.
        marker: of a point; a patch of color if empty.
        edge: a name of ``COLORS`` for its outline.
    """

    label: str
    color: str
    hatch: str = ""
    marker: str = ""
    edge: str = ""

    @property
    def face(self) -> dict[str, Any]:
        """How it is filled and outlined, as matplotlib takes it."""
        edge = COLORS[self.edge or ("muted" if self.hatch else self.color)]
        return {"facecolor": COLORS[self.color], "edgecolor": edge, "hatch": self.hatch or None, "linewidth": 0.5}


#: What is known of the MFA of a sign-in, by shape too.
MFA_SHAPES: Final = {"with": "o", "without": "^", "not recorded": "s"}


def mfa_words(mfa: str) -> str:
    """A word of ``MFA_SHAPES`` as a key has it."""
    return f"MFA {mfa}" if mfa == "not recorded" else f"{mfa} MFA"


def mfa_mark(mfa: str, color: str = "ended", of: str = "") -> Mark:
    """The entry of a key for what is with or without MFA, or does not tell."""
    return Mark(of + mfa_words(mfa), color, marker=MFA_SHAPES[mfa])


class Sheet:
    """The place where one chart is drawn: a title, lines below it, and panels measured in points.

    All of it lies within the axes. Axes that are too small for a chart get its title and the size that it needs.

    Args:
        view: what the chart was asked to look like.
        title: what the chart shows, if no other title was asked for.
        inches: height of a figure of its own, if no size was asked for.

    Raises:
        ChartError: nothing fits the size that was asked for.
        TypeError: the axes belong to no figure.
    """

    def __init__(self, view: View, title: str, inches: float = SIZE[1]) -> None:
        from matplotlib.figure import Figure

        from rootforensics.charts.drawing.figure import ChartFigure

        self.view = view
        self.title: str = view.title or title
        ax = view.ax
        if ax is None:
            size = view.figsize or (SIZE[0], inches)
            own = ChartFigure(figsize=size, dpi=view.dpi)
            side, foot, head = _MARGIN / 72 / size[0], _FOOT / 72 / size[1], (_HEAD - _TITLE) / 72 / size[1]
            if 2 * side >= 1 or head + foot >= 1:
                raise ChartError("too small for any chart", where=_inches(size[0] * 72, size[1] * 72))
            ax = own.add_axes((side, foot, 1 - 2 * side, 1 - head - foot), label="chart")
            self.tips: list[Tip] | None = own.tips
        else:
            self.tips = None
        found = ax.get_figure(root=True)
        if not isinstance(found, Figure):
            raise TypeError("ax belongs to no figure")
        self.figure: Figure = found
        self.ax: Axes = ax
        ax.set_axis_off()
        engine = found.get_layout_engine()
        if engine is not None and view.ax is not None:
            engine.execute(found)  # or it would give the axes their size only when all is drawn
        wide, high = ax.get_window_extent().size
        self.width: float = wide / self.figure.dpi * 72
        self.height: float = high / self.figure.dpi * 72
        self._used = _TITLE
        if view.ax is not None:
            self._paint()
        self._entitle()

    @property
    def is_own(self) -> bool:
        """Whether it has the size that it asked for: then there is room for all that it counted on."""
        return self.view.ax is None and self.view.figsize is None

    def link(self, tip: Tip) -> tuple[str, str]:
        """The links of a mark and of its label; empty in axes of the user's, which tell nothing of their marks."""
        if self.tips is None:
            return "", ""
        self.tips.append(tip)
        number = len(self.tips) - 1
        return f"{MARK}{number}", f"{LABEL}{number}"

    def start(self, told: Iterable[str], marks: Iterable[Mark], least: tuple[float, float]) -> bool:
        """Write lines and key below the title, if there is room for the chart below them.

        Args:
            told: what the chart counts, or leaves out; a line each, or more if it is long.
            marks: of the key.
            least: width and height that the chart needs below all that, in points.

        Returns:
            False if there is none in axes of the user's; then it says which size is needed, and nothing more is to be
            drawn.

        Raises:
            ChartError: the size that was asked for is too small.
        """
        told, marks = [*told, *filter(None, [self.view.told])], list(marks)
        wide, high = least
        if not self.is_own and (self.width < wide - 0.5 or self.height < self._height(told, marks, self.width) + high):
            high += self._height(told, marks, max(wide, 20.0))
            if self.view.ax is None:
                needed = _inches(wide + 2 * _MARGIN, high + _HEAD - _TITLE + _FOOT)
                raise ChartError(f"too small for these rows: at least {needed}", where="figsize")
            self._say(f"Too small: at least {_inches(wide, high)}", 8.5)
            return False
        for line in self._lines(told, self.width):
            self._used += _LINE
            self._write(0, line, fontsize=8.5, color=COLORS["muted"])
        for left, row, mark, label in _key(marks, self.width):
            self._swatch(left, self._used + _LINE * (row + 0.5), mark)
            self._write(left + 15, label, row, color=COLORS["ink"])
        self._used = self._height(told, marks, self.width)
        return True

    def below(self, told: Sequence[str], marks: Sequence[Mark]) -> float:
        """What these lines and this key would leave below them, in points."""
        return self.height - self._height(told, marks, self.width)

    def panel(self, left: float = 0, right: float = 0, bottom: float = 0, top: float = 6) -> Axes:
        """Axes below the lines, with these margins in points; they are drawn in points, too."""
        wide, high = self.width - left - right, self.height - self._used - bottom - top
        wide, high = max(wide, 20.0), max(high, 20.0)
        inset = self.ax.inset_axes((left / self.width, bottom / self.height, wide / self.width, high / self.height))
        inset.set_xlim(0, wide)
        inset.set_ylim(0, high)
        inset.set_axis_off()
        return inset

    def finish(self, words: str) -> Figure:
        """The figure, with a description in words; several charts of one figure are described one after another."""
        words += f" {self.view.told}." if self.view.told and self.view.told[1:] not in words else ""
        said, told = harmless(words, 4_000), str(self.figure.get_label())
        if said not in told:
            self.figure.set_label(f"{told} {said}" if told else said)
        return self.figure

    def nothing(self, text: str, untimed: str = "") -> Figure:
        """The figure of a chart that has nothing to show.

        Args:
            text: what there is none of.
            untimed: what has no place in time.
        """
        text += f" in account {self.view.account_id} of this case" if self.view.account_id else " in this case"
        text += f" ({self.view.told[:1].lower()}{self.view.told[1:]})" if self.view.told else ""
        text += f"; {untimed}" if untimed else ""
        self._say(text, 10)
        return self.finish(f"{self.title}: {text[:1].lower()}{text[1:]}.")

    def _paint(self) -> None:
        """White below a chart in axes of the user's: all colors are chosen for it."""
        from matplotlib.patches import Rectangle

        white = Rectangle((0, 0), 1, 1, transform=self.ax.transAxes, facecolor="#ffffff", edgecolor="none", zorder=-9)
        self.ax.add_artist(white)

    def _entitle(self) -> None:
        size = next((size for size in (12, 11, 10) if width_of(self.title, size, bold=True) <= self.width), 10)
        self.ax.set_title(
            cut(self.title, self.width, size, bold=True),
            loc="left",
            y=1 - _BASELINE / self.height,
            pad=0,
            fontsize=size,
            color=COLORS["ink"],
            weight="bold",
            parse_math=False,
            family=FONT,
        )

    def _lines(self, told: Sequence[str], width: float) -> list[str]:
        return [line for text in told for line in lines_of(text, width, 8.5)]

    def _height(self, told: Sequence[str], marks: Sequence[Mark], width: float) -> float:
        """Of title, lines and key, in points."""
        rows = 1 + max((row for _, row, _, _ in _key(marks, width)), default=-1)
        return _TITLE + _LINE * (len(self._lines(told, width)) + rows)

    def _say(self, text: str, size: float) -> None:
        """A sentence in the middle of what is left of the axes."""
        room = max(int((self.height - _TITLE) // _LINE), 1)
        lines = lines_of(text, self.width, size, room)
        for place, line in enumerate(lines):
            y = (self.height - _TITLE + _LINE * (len(lines) - 1)) / 2 - _LINE * place
            look = {"ha": "center", "fontsize": size, "color": COLORS["muted"]}
            write(self.ax, 0.5, y / self.height, line, transform=self.ax.transAxes, **look)

    def _write(self, left: float, text: str, row: float = -1, **look: Any) -> None:  # noqa: ANN401 - as matplotlib's
        """Write into the line that was taken last, or into a row of the key below it."""
        at = 1 - (self._used + _LINE * (row + 0.5)) / self.height
        write(self.ax, left / self.width, at, text, transform=self.ax.transAxes, **look)

    def _swatch(self, left: float, below: float, mark: Mark) -> None:
        from matplotlib.patches import Rectangle

        middle = 1 - below / self.height
        if mark.marker:
            self.ax.plot(
                [(left + 6) / self.width],
                [middle],
                marker=mark.marker,
                markersize=6.5,
                markeredgewidth=0.6,
                markerfacecolor=COLORS[mark.color],
                markeredgecolor=COLORS[mark.edge or "ink"],
                transform=self.ax.transAxes,
                clip_on=False,
            )
            return
        corner = (left / self.width, middle - 4 / self.height)
        self.ax.add_artist(
            Rectangle(corner, 11 / self.width, 8 / self.height, transform=self.ax.transAxes, clip_on=False, **mark.face)
        )


def _key(marks: Iterable[Mark], width: float) -> list[tuple[float, int, Mark, str]]:
    """Where each entry of a key begins, in points, in which row, and its label; as many rows as it needs."""
    found, left, row = [], 0.0, 0
    for mark in marks:
        label = cut(mark.label, width - 20, 8)
        wide = width_of(label) + 32
        if left and left + wide - 16 > width:
            left, row = 0.0, row + 1
        found.append((left, row, mark, label))
        left += wide
    return found


def _inches(wide: float, high: float) -> str:
    """A size as it is told, rounded up to a tenth of an inch."""
    return " × ".join(f"{math.ceil(points / 7.2) / 10}" for points in (wide, high)) + " inches"  # noqa: RUF001 - typography


def inches_for(points: float, most: float = SIZE[1]) -> float:
    """The height of a figure in which so many points stand below the title, up to the most."""
    return min(max((points + _HEAD + _FOOT) / 72, _LOWEST), most)


def room_below_title(inches: float = SIZE[1]) -> float:
    """The points that stand below the title of a figure of this height."""
    return inches * 72 - _HEAD - _FOOT


def undrawn(*counted: tuple[int, str]) -> str:
    """What has no place in time, each as a number and its noun, in words; empty if there is nothing."""
    parts = [plural(number, one) for number, one in counted if number]
    told = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    return f"{told} without a time not drawn" if told else ""


def accounts_in(rows: Sequence[Row]) -> str:
    """The account of the rows, or how many there are."""
    found = {row["account_id"] for row in rows if row["account_id"]}
    return f"account {next(iter(found))}" if len(found) == 1 else plural(len(found), "account")
