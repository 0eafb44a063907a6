"""Read a report as a browser would: its elements, links, tables and text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

VOID = {"meta", "br", "col", "link", "img", "hr", "input"}
#: What ends without an end tag where one of these begins.
_ENDED_BY = {"td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}}
#: What ends without an end tag where an element around it ends.
_LOOSE = frozenset({"td", "th", "tr"})


@dataclass
class Element:
    """One element of the page, with all text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Every element inside with the tag and the attributes."""
        found = []
        for child in self.children:
            if child.tag == tag and wanted.items() <= child.attributes.items():
                found.append(child)
            found += child.all(tag, **wanted)
        return found

    def every(self) -> list[Element]:
        """Every element inside."""
        return [inner for child in self.children for inner in [child, *child.every()]]


class Page(HTMLParser):
    """A report, parsed; an element that is not closed where it should be is an error; HTML lets cells and rows be open."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(source)
        self.close()
        assert len(self._open) == 1, f"not closed: {self._open[-1].tag}"
        self.elements = self.root.every()
        self.ids = [one.attributes["id"] for one in self.elements if "id" in one.attributes]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self._open[-1].tag in _ENDED_BY.get(tag, ()):
            self._open.pop()
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1].tag != tag and self._open[-1].tag in _LOOSE:
            self._open.pop()
        assert self._open[-1].tag == tag, f"{tag} closes {self._open[-1].tag}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def part(self, name: str) -> Element:
        """The section with this anchor."""
        (found,) = self.root.all("section", id=name)
        return found

    def table(self, caption: str) -> list[list[str]]:
        """Body rows of the table whose caption begins so, as text of cells."""
        (found,) = [
            table
            for table in self.root.all("table")
            if any(" ".join(one.text.split()).startswith(caption) for one in table.all("caption"))
        ]
        return [
            [" ".join(cell.text.split()) for cell in row.children]
            for body in found.all("tbody")
            for row in body.all("tr")
        ]

    def links(self) -> list[str]:
        """Where the page's links lead."""
        return [one.attributes["href"] for one in self.root.all("a")]


def words(element: Element) -> str:
    """An element's text with single blanks."""
    return " ".join(element.text.split())


def texts_of(document: PdfDocument) -> list[str]:
    """The text of each sheet of a PDF."""
    return [sheet.get_textpage().get_text_range() for sheet in document]
