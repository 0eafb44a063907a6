"""What all charts share: colours and what they mean, title, key, and places measured in points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.charts.labels import FONT, cut, harmless, width_of, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Row = dict[str, Any]

#: Every colour means one thing in all charts. Those that stand beside each other differ in lightness too, so that they
#: hold in grey print and for the colour-blind.
COLOURS: Final = {
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
    "untold": "#dfe3e8",
    # how grave it is
    "critical": "#7a1212",
    "high": "#c8551b",
    "medium": "#e8a33d",
    "low": "#f3dc9c",
    "info": "#dbe0e5",
    # with or without MFA
    "mfa": "#4fb3a5",
    "no_mfa": "#a3195b",
    "mfa_unknown": "#b9c2cb",
    "mfa_beside": "#5b6f99",
    # what is left of a thing
    "active": "#5b2a86",
    "changed": "#a98cc8",
    "ended": "#ffffff",
    # people and guards
    "approved": "#d9eadf",
    "response": "#2e7d4f",
}
#: Size of a chart that gets no axes: that of a notebook and of the report, in inches.
SIZE: Final = (10.0, 5.0)
#: Marks of what was tried without success.
TRIED: Final = "/////"
_MARGIN: Final = 16.0
_HEAD: Final = 30.0
_FOOT: Final = 8.0
#: No figure is lower than this, in inches: title, lines below it and one row or word.
_LOWEST: Final = 1.6
_LINE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of a key.

    Attributes:
        label: what it means.
        colour: a name of ``COLOURS``.
        hatch: stripes over it.
        marker: of a point; a patch of colour if empty.
        edge: a name of ``COLOURS`` for its outline.
    """

    label: str
    colour: str
    hatch: str = ""
    marker: str = ""
    edge: str = ""

    @property
    def face(self) -> dict[str, Any]:
        """How it is filled and outlined, as matplotlib takes it."""
        edge = COLOURS[self.edge or ("muted" if self.hatch else self.colour)]
        return {"facecolor": COLOURS[self.colour], "edgecolor": edge, "hatch": self.hatch or None, "linewidth": 0.5}


class Sheet:
    """The place where one chart is drawn: a title, lines below it, and panels measured in points.

    Args:
        ax: where to draw; a figure of its own if None.
        title: what the chart shows.
        inches: height of a figure of its own.

    Raises:
        TypeError: the axes belong to no figure.
    """

    def __init__(self, ax: Axes | None, title: str, inches: float = SIZE[1]) -> None:
        from matplotlib.figure import Figure

        if ax is None:
            figure = Figure(figsize=(SIZE[0], inches))
            side, foot, head = _MARGIN / 72 / SIZE[0], _FOOT / 72 / inches, _HEAD / 72 / inches
            ax = figure.add_axes((side, foot, 1 - 2 * side, 1 - head - foot), label="chart")
        found = ax.get_figure(root=True)
        if not isinstance(found, Figure):
            raise TypeError("ax belongs to no figure")
        self.figure: Figure = found
        self.ax: Axes = ax
        ax.set_axis_off()
        wide, high = ax.get_window_extent().size
        self.width: float = wide / self.figure.dpi * 72
        self.height: float = high / self.figure.dpi * 72
        self._used = 0.0
        room = self.width
        ax.set_title(
            cut(title, room, 12, bold=True),
            loc="left",
            fontsize=12,
            color=COLOURS["ink"],
            weight="bold",
            parse_math=False,
            family=FONT,
        )

    def tell(self, text: str) -> None:
        """A line below what is there: what the chart counts, or leaves out."""
        self._used += _LINE
        self._write(0, cut(text, self.width, 8.5), fontsize=8.5, color=COLOURS["muted"])

    def key(self, marks: Iterable[Mark]) -> None:
        """A key; it takes as many lines as it needs."""
        left, self._used = 0.0, self._used + _LINE
        for mark in marks:
            label = cut(mark.label, self.width - 20, 8)
            wide = width_of(label) + 32
            if left and left + wide - 16 > self.width:
                left, self._used = 0.0, self._used + _LINE
            self._swatch(left, mark)
            self._write(left + 15, label, color=COLOURS["ink"])
            left += wide

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
        """The figure, with a description in words."""
        self.figure.set_label(harmless(words, 4_000))
        return self.figure

    def nothing(self, text: str, untimed: str = "") -> Figure:
        """The figure of a chart that has nothing to show, and what it cannot place in time."""
        text += f"; {untimed}" if untimed else ""
        write(
            self.ax,
            0.5,
            0.5,
            text,
            ha="center",
            fontsize=10,
            color=COLOURS["muted"],
            transform=self.ax.transAxes,
        )
        return self.finish(f"{self.ax.get_title(loc='left')}: {text[:1].lower()}{text[1:]}.")

    def _write(self, left: float, text: str, **look: Any) -> None:  # noqa: ANN401 - as matplotlib's
        at = 1 - (self._used - _LINE / 2) / self.height
        write(self.ax, left / self.width, at, text, transform=self.ax.transAxes, **look)

    def _swatch(self, left: float, mark: Mark) -> None:
        from matplotlib.patches import Rectangle

        middle = 1 - (self._used - _LINE / 2) / self.height
        if mark.marker:
            self.ax.plot(
                [(left + 6) / self.width],
                [middle],
                marker=mark.marker,
                markersize=6.5,
                markeredgewidth=0.6,
                markerfacecolor=COLOURS[mark.colour],
                markeredgecolor=COLOURS[mark.edge or "ink"],
                transform=self.ax.transAxes,
                clip_on=False,
            )
            return
        corner = (left / self.width, middle - 4 / self.height)
        self.ax.add_patch(
            Rectangle(corner, 11 / self.width, 8 / self.height, transform=self.ax.transAxes, clip_on=False, **mark.face)
        )


def inches_for(points: float) -> float:
    """The height of a figure in which so many points stand below the title: up to that of other charts."""
    return min(max((points + _HEAD + _FOOT) / 72, _LOWEST), SIZE[1])


def room_below_title(inches: float = SIZE[1]) -> float:
    """The points that stand below the title of a figure of this height."""
    return inches * 72 - _HEAD - _FOOT


def plural(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}"


def undrawn(*counted: tuple[int, str]) -> str:
    """What has no place in time, each as a number and its noun, in words; empty if there is nothing."""
    parts = [plural(number, one) for number, one in counted if number]
    told = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    return f"{told} without a time not drawn" if told else ""


def accounts_in(rows: Sequence[Row]) -> str:
    """The account of the rows, or how many there are."""
    found = {row["account_id"] for row in rows if row["account_id"]}
    return f"account {next(iter(found))}" if len(found) == 1 else plural(len(found), "account")
