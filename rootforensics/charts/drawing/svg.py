"""A figure as SVG that can stand inside a page."""

from __future__ import annotations

import html
import re
from io import StringIO
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.plain import plain_style
from rootforensics.charts.drawing.tip import LABEL, MARK
from rootforensics.queries.text import unseen_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.tip import Tip

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


#: What the drawing library writes around a mark or its label that has a link.
_LINK: Final = re.compile(rf'<a (?:xlink:)?href="({MARK}|{LABEL})(\d+)"[^>]*>(.*?)</a>', re.DOTALL)


def chart_svg(
    figure: Figure, background: str = "", prefix: str = "", anchor: Callable[[str], str] | None = None
) -> str:
    """Turn a figure into an SVG element for a page.

    The same figure gives the same text: no date, no random names. Letters stay text, so they can be found, read
    aloud and follow the page's font.

    Args:
        figure: its label becomes the description.
        background: a color; transparent if empty.
        prefix: before every ID in it, so that several charts of one page share none.
        anchor: of the row of an event, by the place of its record (``evidence_id:record_index``), where the page has
            one. Without it marks tell their events when a pointer rests on them, and lead nowhere.

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
    tips: list[Tip] = getattr(figure, "tips", [])
    body = _LINK.sub(lambda found: _marked(tips[int(found[2])], found[1] == MARK, found[3], anchor), body)
    label = html.escape(str(figure.get_label()) or "Chart")
    # What is an image has nothing inside that could have the focus.
    role = "group" if anchor and tips else "img"
    whole = _ROOT.sub(
        lambda root: (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{root["box"]}" role="{role}" aria-label="{label}" '
            f'style="stroke-linejoin: round; stroke-linecap: butt"><title>{label}</title>'
        ),
        body,
        count=1,
    )
    return unseen_named(whole.strip())  # no XML holds control characters, and marks are named by what logs say


def _marked(tip: Tip, is_mark: bool, drawn: str, anchor: Callable[[str], str] | None) -> str:
    """A mark or its label with what a page needs to tell its events, to lead to the first, and to filter."""
    data = {"account": tip.account, "category": tip.category, "severity": tip.severity}
    told = "".join(f' data-{name}="{html.escape(value)}"' for name, value in data.items() if value)
    if not is_mark:
        return f'<g class="of-mark"{told}>{drawn.strip()}</g>'
    text = html.escape(tip.text)
    title = f"<title>{text}</title>{drawn.strip()}"
    if not anchor or not tip.place:
        return f'<g class="mark"{told}>{title}</g>'
    return f'<a class="mark" href="#{html.escape(anchor(tip.place))}"{told}>{title}</a>'


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
