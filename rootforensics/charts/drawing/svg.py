"""A figure as SVG that can stand inside a page."""

from __future__ import annotations

import html
import re
from io import StringIO
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.plain import plain_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PROLOG: Final = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_METADATA: Final = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_STYLE: Final = re.compile(r"\s*<defs>\s*<style\b[^>]*>[^<]*</style>\s*</defs>")
_ID: Final = re.compile(r' id="([^"]*)"')
_REFERENCE: Final = re.compile(r'(?:url\(|xlink:href=")#([^")]+)[")]')
_DRAWN: Final = re.compile(r'(?<= d=")[^"]*|(?<= [xy]=")-?\d+\.\d+')
_FRACTION: Final = re.compile(r"-?\d+\.\d{3,}")
_BLANKS: Final = re.compile(r"\s+")
_INDENT: Final = re.compile(r"(?<=\n) +(?=<)")
_ROOT: Final = re.compile(r"<svg\b[^>]*?\bviewBox=\"(?P<box>[^\"]+)\"[^>]*>")


def chart_svg(figure: Figure, background: str = "", prefix: str = "") -> str:
    """Turn a figure into an SVG element for a page.

    The same figure gives the same text: no date, no random names. Letters stay text, so they can be found, read
    aloud and follow the page's font.

    Args:
        figure: its label becomes the description.
        background: a color; transparent if empty.
        prefix: before every ID in it, so that several charts of one page share none.

    Returns:
        One ``<svg>`` element without XML prolog, metadata or style sheet, to be sized by its surroundings. Its places
        are exact to a hundredth of a point.
    """
    import matplotlib as mpl

    out = StringIO()
    with plain_style(), mpl.rc_context({"svg.hashsalt": "rootforensics", "svg.fonttype": "none"}):
        figure.savefig(
            out, format="svg", transparent=not background, facecolor=background or "none", metadata={"Date": None}
        )
    body = _STYLE.sub("", _METADATA.sub("", _PROLOG.sub("", out.getvalue(), count=1), count=1), count=1)
    body = _brief(_own_ids(body, prefix))
    label = html.escape(str(figure.get_label()) or "Chart")
    return _ROOT.sub(
        lambda root: (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{root["box"]}" role="img" aria-label="{label}" '
            f'style="stroke-linejoin: round; stroke-linecap: butt"><title>{label}</title>'
        ),
        body,
        count=1,
    ).strip()


def _own_ids(body: str, prefix: str) -> str:
    """The SVG with those IDs only that something in it refers to, each with the prefix."""
    used = set(_REFERENCE.findall(body))
    body = _ID.sub(lambda found: f' id="{prefix}{found[1]}"' if found[1] in used else "", body)
    return _REFERENCE.sub(lambda found: found[0].replace(f"#{found[1]}", f"#{prefix}{found[1]}"), body)


def _brief(body: str) -> str:
    """The SVG without the digits and blanks that nobody sees; charts of thousands of marks are half of them."""
    return _DRAWN.sub(
        lambda found: _BLANKS.sub(" ", _FRACTION.sub(_hundredths, found[0])).strip(), _INDENT.sub("", body)
    )


def _hundredths(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
