"""The report's page as a tree of elements, from which Markdown and Word documents are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOID: Final = frozenset({"meta", "br", "col", "link", "img", "hr", "input"})
#: Elements that end without an end tag where one of these begins.
_ENDED_BY: Final = {"td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}}
#: Elements that end without an end tag where their parent ends.
_LOOSE: Final = frozenset({"td", "th", "tr"})


@dataclass
class Element:
    """One element of the page.

    Attributes:
        tag: its name.
        attributes: by name.
        children: elements and texts, in order.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attributes.get("class", "").split()

    @property
    def elements(self) -> list[Element]:
        """The elements directly inside."""
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """All text inside."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def every(self, *tags: str) -> Iterator[Element]:
        """Every element inside with one of the tags, in order, except those inside another such element."""
        for child in self.elements:
            if child.tag in tags:
                yield child
            else:
                yield from child.every(*tags)


def tree_of(page: str) -> Element:
    """The elements of a report page, in which only cells and rows of tables may lack their end tags.

    Args:
        page: HTML from ``render_report``.

    Returns:
        An element without a tag that contains the whole page.
    """
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.open[0]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self.open[-1].tag in _ENDED_BY.get(tag, ()):
            self.open.pop()
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1].tag != tag and self.open[-1].tag in _LOOSE:
            self.open.pop()
        assert self.open[-1].tag == tag, f"{tag} closes {self.open[-1].tag}"  # noqa: S101 - the page is ours
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
