"""The brief as a Word document: the text of the page, with its chart as a picture."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import ReportError
from rootforensics.reports.tree import Element, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MARGIN_CM: Final = 1.8
_PAPERS_CM: Final = {"A4": (21.0, 29.7), "letter": (21.59, 27.94)}
_BLOCKS: Final = ("h1", "h2", "h3", "p", "ul", "ol", "dl", "table", "figure")
#: Classes of elements that only the screen shows.
_SCREEN: Final = frozenset({"skip", "how", "aloud", "search", "on-paper"})
#: Characters that XML cannot contain.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def docx_of(page: str, pictures: Mapping[str, bytes], paper: str = "A4") -> bytes:
    """Write a brief as a Word document.

    Args:
        page: from ``render_report`` with ``is_brief``.
        pictures: its charts as PNG, by their names.
        paper: ``A4`` or ``letter``.

    Returns:
        The document (Office Open XML).

    Raises:
        ReportError: the extra ``docx`` is missing.
    """
    try:
        import docx
    except ImportError as error:
        hint = 'pip install "rootforensics[docx]", or write HTML, Markdown or PDF'
        raise ReportError("a Word document needs python-docx, which is not installed", hint=hint) from error
    document = docx.Document()
    _set_up(document, paper)
    for element in tree_of(page).every("header", "main"):
        for block in element.every(*_BLOCKS):
            if _SCREEN.isdisjoint(block.classes):
                _add(document, block, pictures)
    document.core_properties.title = next((one.text for one in tree_of(page).every("title")), "")
    document.core_properties.author = "rootforensics"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Any, paper: str) -> None:  # noqa: ANN401 - python-docx has no types
    from docx.shared import Cm, Pt

    section = document.sections[0]
    width, height = _PAPERS_CM[paper]
    section.page_width, section.page_height = Cm(width), Cm(height)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(_MARGIN_CM))
    style = document.styles["Normal"]
    style.font.size = Pt(9)
    style.paragraph_format.space_after = Pt(3)


def _add(document: Any, block: Element, pictures: Mapping[str, bytes]) -> None:  # noqa: ANN401 - as above
    from docx.shared import Cm

    if block.tag in ("h1", "h2", "h3"):
        document.add_heading(_text(block), level=int(block.tag[1]))
    elif block.tag == "p":
        document.add_paragraph(_text(block))
    elif block.tag in ("ul", "ol"):
        for item in block.every("li"):
            document.add_paragraph(_text(item), style="List Number" if block.tag == "ol" else "List Bullet")
    elif block.tag == "dl":
        for term, description in zip(block.every("dt"), block.every("dd"), strict=True):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{_text(term)}: ").bold = True
            paragraph.add_run(_text(description))
    elif block.tag == "table":
        _table(document, block)
    else:
        width = document.sections[0].page_width - Cm(2 * _MARGIN_CM)
        document.add_picture(BytesIO(pictures[block.attributes["data-chart"]]), width=width)


def _table(document: Any, block: Element) -> None:  # noqa: ANN401 - as above
    from docx.shared import Pt

    rows = [[_text(cell) for cell in row.every("th", "td")] for row in block.every("tr")]
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for number, texts in enumerate(rows):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = Pt(7.5)
            run.bold = number == 0


def _text(element: Element) -> str:
    """The visible text of an element."""
    return _NO_XML.sub("\ufffd", " ".join("".join(_pieces([element])).split()))


def _pieces(children: Iterable[Element | str]) -> Iterable[str]:
    for child in children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield " "
        elif child.tag == "details" and "cites" in child.classes:
            summary = Element("", {}, child.children[:1])
            yield f"({_text(summary)}: {_text(Element('', {}, child.children[1:]))})"
        elif child.tag == "span" and "service" in child.classes:
            yield f"({_text(Element('', {}, child.children))})"
        elif _SCREEN.isdisjoint(child.classes):
            yield from _pieces(child.children)
