"""Charts as the bytes of files: PNG, or SVG that stands by itself."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.charts.svg import chart_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Form = Literal["svg", "png"]
#: Of a PNG: a chart of ten inches is 1,200 pixels wide, which fills a report and keeps the file small.
_DPI: Final = 120
_PROLOG: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def chart_bytes(figure: Figure, form: Form) -> bytes:
    """A figure as the bytes of a file; the same figure gives the same bytes.

    Args:
        figure: with a label that describes it.
        form: ``svg`` or ``png``.
    """
    if form == "svg":
        return (_PROLOG + chart_svg(figure, background="#ffffff") + "\n").encode("utf-8")
    buffer = BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=_DPI,
        facecolor="#ffffff",
        metadata={"Software": None, "Description": str(figure.get_label())},
    )
    return buffer.getvalue()
