"""The report as Markdown: the page, read as text.

It is made from the finished page, so it has the same parts in the same order, and the same content. Folds are open,
and charts are described in words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeGuard

from rootforensics.queries.catalogue import questions
from rootforensics.queries.formats import harmless
from rootforensics.reports.tree import Element, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Elements that only the screen shows.
_SCREEN: Final = frozenset({"head", "script", "style", "button", "svg", "colgroup", "input", "select", "label", "nav"})
_SCREEN_CLASSES: Final = frozenset({"skip", "search", "on-screen", "on-paper"})
#: Folds within a line: long texts and further citations.
_FOLDS: Final = frozenset({"long", "cites"})
#: Elements on lines of their own.
_BLOCKS: Final = frozenset(
    {"html", "body", "header", "main", "section", "article", "div", "p", "h1", "h2", "h3", "dl", "ol", "ul", "table",
     "pre", "figure", "details"}
)  # fmt: skip
#: Characters with a meaning in Markdown anywhere in a line: marks, cell borders, HTML, entities, formulas, and
#: addresses that viewers turn into links. An underscore within a word has none.
_MARKS: Final = re.compile(
    r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])|(?<=[A-Za-z]):(?=//)|(?<=\bwww)\.", re.IGNORECASE
)
#: The end of a line within a paragraph or a cell. No text of the page contains it.
_BREAK: Final = "\0"
#: Characters with a meaning at the start of a line.
_START: Final = re.compile(r"[#+=-]|\d+(?=[.)](?:\s|$))")


def markdown_of(page: str) -> str:
    """Write a report as GitHub-flavored Markdown, with the annex only if it is unfolded in the page.

    Text from the logs stays text: its marks, HTML and links do not work. No table cell begins like a formula, because
    tables are copied into spreadsheets.

    Args:
        page: as ``render_report`` writes it.

    Returns:
        One Markdown text, its lines ended by line feeds.
    """
    tree = tree_of(page)
    if not any("open" in one.attributes for one in tree.every("details") if _is_annex(one)):
        _count_citations(tree)
    return "\n\n".join(_blocks(tree)) + "\n"


def _is_annex(element: Element) -> bool:
    return element.attributes.get("id") == "annex"


def _count_citations(element: Element) -> None:
    """Replace folded citations by their number, as on paper without the annex."""
    for child in element.elements:
        if child.tag == "details" and "cites" in child.classes:
            child.children = list(child.every("summary"))
        else:
            _count_citations(child)


def _skipped(element: Element) -> bool:
    if _is_annex(element) and "open" not in element.attributes:
        return True
    is_sign = element.attributes.get("aria-hidden") == "true"  # a word for screen readers comes next
    return is_sign or element.tag in _SCREEN or not _SCREEN_CLASSES.isdisjoint(element.classes)


def _is_block(child: Element | str) -> TypeGuard[Element]:
    return isinstance(child, Element) and child.tag in _BLOCKS and _FOLDS.isdisjoint(child.classes)


def _blocks(element: Element) -> Iterator[str]:
    """The blocks of an element; content between blocks is a paragraph."""
    loose: list[Element | str] = []
    for child in element.children:
        if _is_block(child):
            yield from _paragraph(loose)
            loose = []
            if not _skipped(child):
                yield from _block(child)
        else:
            loose.append(child)
    yield from _paragraph(loose)


def _block(element: Element) -> Iterator[str]:
    tag = element.tag
    if tag in ("h1", "h2", "h3"):
        aside = [child for child in element.elements if "service" in child.classes]
        said = _inline([child for child in element.children if child not in aside])
        yield " ".join(["#" * int(tag[1]), said, *(f"({_inline([one])})" for one in aside)])
    elif tag == "p":
        yield from _paragraph(element.children)
    elif tag == "pre":
        yield _fenced(element.text)
    elif tag in ("ol", "ul"):
        yield "\n".join(_items(element))
    elif tag == "dl":
        yield "\n".join(_terms(element))
    elif tag == "table":
        yield from _table(element)
    elif tag == "figure":
        yield from _figure(element)
    elif tag == "details":
        summary = next(element.every("summary"))
        if list(summary.every("h2")):
            yield from _blocks(summary)
        else:
            yield f"**{_inline([summary])}**"
        yield from _blocks(Element("div", {}, [child for child in element.children if child is not summary]))
    else:
        yield from _blocks(element)


def _text(children: Iterable[Element | str]) -> Iterator[str]:
    if text := _inline(children):
        yield text


def _paragraph(children: Iterable[Element | str]) -> Iterator[str]:
    yield from map(_line, _text(children))


def _line(text: str) -> str:
    """Text that begins no list, heading or rule."""
    if begun := _START.match(text):
        return f"{begun[0]}\\{text[begun.end() :]}" if begun[0].isdigit() else f"\\{text}"
    return text


def _fenced(text: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}text\n{text.strip(chr(10))}\n{fence}"


def _items(element: Element) -> Iterator[str]:
    for number, item in enumerate(element.elements, 1):
        mark = f"{number}. " if element.tag == "ol" else "- "
        level = [child for child in item.elements if "level" in child.classes]
        blocks = list(_blocks(Element("li", {}, [child for child in item.children if child not in level])))
        word = "".join(f"**{_inline(one.children)}:** " for one in level)
        yield _indented(mark + word, blocks, len(mark))


def _indented(mark: str, blocks: list[str], columns: int) -> str:
    text = "\n\n".join(blocks).replace("\n", "\n" + " " * columns)
    return mark + re.sub(r"\n +(?=\n)", "\n", text)


def _terms(element: Element) -> Iterator[str]:
    """Terms with their descriptions, one per line."""
    term = ""
    for part in element.every("dt", "dd"):
        if part.tag == "dt":
            term = _inline(part.children)
        else:
            yield f"- **{term}:** {_inline(part.children)}"


def _table(element: Element) -> Iterator[str]:
    for caption in element.every("caption"):
        query = [child for child in caption.children if isinstance(child, Element) and "how" in child.classes]
        said = _inline([child for child in caption.children if child not in query])
        yield f"**{said}** {_inline(query)}".strip()
    head = [_cells(row) for part in element.every("thead") for row in part.every("tr")]
    rows = [_cells(row) for part in element.every("tbody") for row in part.every("tr")]
    numbers = ["n" in cell.classes for part in element.every("thead") for cell in part.every("th")]
    rule = ["--:" if number else "---" for number in numbers]
    yield "\n".join("| " + " | ".join(cells) + " |" for cells in [*head, rule, *rows])


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row.every("th", "td"):
        text = _joined(_pieces(cell))
        # A spreadsheet reads the text without its marks, so the apostrophe comes before any mark.
        plain = " ".join(cell.text.split())
        cells.append(f"'{text}" if plain and harmless(plain) != plain else text)
        cells += [""] * (int(cell.attributes.get("colspan", "1")) - 1)
    return cells


def _joined(pieces: Iterable[str]) -> str:
    """Lines as one text: a line of several words that begins with a capital letter begins a sentence."""
    text = ""
    for piece in pieces:
        if not text or text.endswith((".", "?", "!", ":")) or piece.startswith("to "):
            mark = ""
        else:
            begins = piece.strip("*`'(")[:1].isupper() and (" " in piece or piece.endswith(":"))
            mark = "." if begins else ";"
        text = f"{text}{mark} {piece}"
    return text.strip()


def _pieces(cell: Element) -> Iterator[str]:
    """The lines of a cell, which a Markdown table cannot break."""
    loose: list[Element | str] = []
    for child in cell.children:
        if _is_block(child) or (isinstance(child, Element) and child.tag in ("br", "li", "dt", "dd", "summary")):
            yield from _text(loose)
            loose = []
            term = ":" if isinstance(child, Element) and child.tag in ("dt", "summary") else ""
            yield from (f"{piece}{term}" for piece in _pieces(child))
        else:
            loose.append(child)
    yield from _text(loose)


def _figure(element: Element) -> Iterator[str]:
    """A chart in words: the description that the page has for screen readers."""
    for svg in element.every("svg"):
        yield f"**Chart, in words.** {_escaped(svg.attributes['aria-label'])}"
    for caption in element.every("figcaption"):
        missing = caption.text.partition(" Not shown: ")[2]
        yield f"Not shown in the chart: {_escaped(missing)}"


def _inline(children: Iterable[Element | str]) -> str:
    text = "".join(_escaped(child) if isinstance(child, str) else _span(child) for child in children)
    return _joined(filter(None, map(_spaced, text.split(_BREAK))))


def _spaced(text: str) -> str:
    return re.sub(r" +(?=[,.;:)](?: |$))", "", " ".join(text.split()))


def _span(element: Element) -> str:
    """An element within a line, with the blanks at its ends."""
    if _skipped(element):
        return ""
    if element.tag in _SIGNS:
        return _SIGNS[element.tag](element.text)
    if "how" in element.classes:
        # Only the page has the SQL. Of the questions of the catalogue, a reader can ask the same on the command line.
        name = element.attributes["href"].removeprefix("#q-")
        return f" (query `{name.replace('_', '-')}`)" if name in questions() else ""
    if "cites" in element.classes and element.tag == "details":
        count, *rest = element.children
        return f" ({_inline([count])}{f': {_inline(rest)}' if rest else ''})"
    inner = "".join(_escaped(child) if isinstance(child, str) else _span(child) for child in element.children)
    if inner.strip() and element.tag in ("strong", "b"):
        return f"**{inner.strip()}**"
    return f"{inner} " if element.tag in _BLOCKS else inner


def _code(text: str) -> str:
    """Text as code, in which only the border of a cell has a meaning."""
    text = " ".join(text.split()).replace("|", "\\|")
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


#: Elements with their own Markdown.
_SIGNS: Final[dict[str, Callable[[str], str]]] = {"code": _code, "br": lambda _: _BREAK}


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda found: "\\" + found[0], text)
