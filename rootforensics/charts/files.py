"""Charts as files: PNG, or SVG that stands by itself."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.charts.svg import chart_svg
from rootforensics.errors import StorageError

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

Form = Literal["svg", "png"]
#: Of a PNG: a chart of ten inches is 1,500 pixels wide.
_DPI: Final = 150
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


def write_chart(figure: Figure, path: str | os.PathLike[str], form: Form | None = None) -> None:
    """Write a figure to a file.

    Args:
        figure: to write.
        path: the file; its folder is made if it does not exist.
        form: ``svg`` or ``png``; as the file's name ends if not given, else SVG.

    Raises:
        StorageError: the file cannot be written.
    """
    target = Path(path)
    data = chart_bytes(figure, form or ("png" if target.suffix.lower() == ".png" else "svg"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    except OSError as error:
        raise StorageError(f"cannot write ({error.strerror})", where=str(target)) from error
