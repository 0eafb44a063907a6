"""A figure of its own: a notebook shows it once, and its marks know the events that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from rootforensics.charts.drawing.tip import Tip


class ChartFigure(Figure):
    """A figure that no window and no ``pyplot`` knows, so nothing but the cell that returns it shows it."""

    def __init__(self, *, figsize: tuple[float, float], dpi: float) -> None:
        super().__init__(figsize=figsize, dpi=dpi)
        self.tips: list[Tip] = []

    def _repr_png_(self) -> bytes:
        """The picture for a notebook, with or without ``%matplotlib inline``."""
        from rootforensics.charts.files import chart_bytes

        return chart_bytes(self, "png")
