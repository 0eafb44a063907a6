"""Read a report as a browser would: its elements, links, tables and text."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
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
    """One element of the page; ``said`` holds the texts of the whole page, of which those from begin to end are inside."""

    tag: str
    attributes: dict[str, str]
    said: list[str] = field(repr=False)
    begin: int
    end: int
    children: list[Element] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """All text inside."""
        return "".join(self.said[self.begin : self.end])

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


def annexed(page: str) -> str:
    """A page with its annex unfolded."""
    assert page.count('<details id="annex">') == 1
    return page.replace('<details id="annex">', '<details id="annex" open>')


class Page(HTMLParser):
    """A report, parsed; an element that is not closed where it should be is an error; HTML lets cells and rows be open."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self._said: list[str] = []
        self.root = self._element("", [])
        self._open = [self.root]
        self.feed(source)
        self.close()
        self.root.end = len(self._said)
        assert len(self._open) == 1, f"not closed: {self._open[-1].tag}"
        self.elements = self.root.every()
        self.ids = [element.attributes["id"] for element in self.elements if "id" in element.attributes]

    def _element(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        here = len(self._said)
        return Element(tag, {name: value or "" for name, value in attrs}, self._said, here, here)

    def _end(self) -> None:
        self._open.pop().end = len(self._said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self._open[-1].tag in _ENDED_BY.get(tag, ()):
            self._end()
        element = self._element(tag, attrs)
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(self._element(tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1].tag != tag and self._open[-1].tag in _LOOSE:
            self._end()
        assert self._open[-1].tag == tag, f"{tag} closes {self._open[-1].tag}"
        self._end()

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    def cited(self, element: Element) -> set[str]:
        """The eventIDs that are cited inside; each is shown by its beginning."""
        return {one.attributes["data-id"] for one in element.all("code") if "data-id" in one.attributes}

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
