"""Charts as the bytes of files: PNG, or SVG that stands by itself."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.charts.drawing.plain import plain_style
from rootforensics.charts.drawing.svg import chart_svg
from rootforensics.errors import ChartError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Form = Literal["svg", "png"]
FORMS: Final[tuple[Form, ...]] = ("svg", "png")
_PROLOG: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def form_of(path: str | os.PathLike[str], form: Form | None = None) -> Form:
    """The form in which a chart is to be written.

    Args:
        path: the file.
        form: as it was asked for; None to go by the file's ending, SVG if it has none.

    Raises:
        ChartError: the ending says something else, or something that no chart is written as.
    """
    ending = Path(path).suffix[1:].lower()
    told = next((one for one in FORMS if one == ending), None)
    if ending and not told:
        raise ChartError(f"no chart is written as .{ending}", where=os.fspath(path), hint="End it with .svg or .png")
    if form and told and form != told:
        raise ChartError(
            f"the file's ending says {told}, the format {form}", where=os.fspath(path), hint="Change one of the two"
        )
    return form or told or "svg"


def chart_bytes(figure: Figure, form: Form) -> bytes:
    """A figure as the bytes of a file; the same figure gives the same bytes.

    Args:
        figure: with a label that describes it.
        form: ``svg`` or ``png``.
    """
    if form == "svg":
        return (_PROLOG + chart_svg(figure, background="#ffffff") + "\n").encode("utf-8")
    buffer = BytesIO()
    with plain_style():
        figure.savefig(
            buffer,
            format="png",
            facecolor="#ffffff",
            metadata={"Software": None, "Description": str(figure.get_label())},
        )
    return buffer.getvalue()
