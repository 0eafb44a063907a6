"""The YAML form of approvals: a list of mappings, read as nodes, so that every value keeps its text and position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.approval import FIELDS, Cell, Entry, Text
from rootforensics.analysis.approvals.fields import unknown_column

if TYPE_CHECKING:
    import yaml

#: A list of approvals, an approval, a list in it.
_MAX_DEPTH: Final = 3
_EXPECTED: Final = "expected a list of approvals, each beginning with '- ticket: …'"


def read_yaml(text: str) -> Text:
    """Read the form, without checking the values."""
    import yaml

    parsed = Text()
    try:
        if _is_plain(text, parsed):
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            if root is not None:
                _read_list(root, parsed)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 0)
        parsed.wrong(line, column, f"this is not valid YAML ({error.problem or error.context})")
    except yaml.YAMLError as error:  # a character that YAML does not allow, by its position
        line = text.count("\n", 0, getattr(error, "position", None) or 0) + 1
        parsed.wrong(line, 0, f"this is not valid YAML ({str(error).splitlines()[0]})")
    return parsed


def _is_plain(text: str, parsed: Text) -> bool:
    """Whether the text has no anchors (a few bytes can expand to gigabytes), no deep nesting and only one document."""
    import yaml

    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            parsed.wrong(line, column, "anchors and aliases (&, *) are not supported; write the value in quotes")
            return False
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > _MAX_DEPTH:
            parsed.wrong(line, column, f"nested too deeply; {_EXPECTED}")
            return False
        if documents > 1:
            parsed.wrong(line, column, "a second document begins here; expected one list in one document")
            return False
    return True


def _read_list(root: yaml.Node, parsed: Text) -> None:
    import yaml

    if isinstance(root, yaml.ScalarNode) and _kind(root) == "null":
        return
    if not isinstance(root, yaml.SequenceNode):
        parsed.wrong(*_place(root), f"{_named(root)}; {_EXPECTED}")
        return
    for node in root.value:
        if isinstance(node, yaml.MappingNode):
            parsed.entries.append(_entry(node, parsed))
        else:
            parsed.wrong(*_place(node), f"{_named(node)}; {_EXPECTED}")


def _entry(node: yaml.MappingNode, parsed: Text) -> Entry:
    import yaml

    line, column = _place(node)
    cells: dict[str, Cell] = {}
    for key, value in node.value:
        name = key.value.strip().casefold() if isinstance(key, yaml.ScalarNode) else ""
        if name not in FIELDS:
            parsed.wrong(*_place(key), unknown_column(name))
        elif name in cells:
            parsed.wrong(*_place(key), f"{name} appears twice in this approval")
        elif isinstance(value, yaml.MappingNode):
            parsed.wrong(*_place(value), f"{name}: {_named(value)}; expected text or a list")
            cells[name] = Cell("", *_place(value), kind="wrong")
        else:
            cells[name] = _cell(value)
    if missing := [name for name in FIELDS if name not in cells]:
        parsed.wrong(line, column, f"this approval lacks {', '.join(missing)}")
    return Entry(line, cells)


def _cell(node: yaml.Node) -> Cell:
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return Cell("", *_place(node), items=tuple(map(_cell, node.value)), kind="list")
    text = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
    return Cell("" if _kind(node) == "null" else text, *_place(node), kind=_kind(node))


def _kind(node: yaml.Node) -> str:
    return str(node.tag).rsplit(":", 1)[-1]


def _named(node: yaml.Node) -> str:
    words = {"map": "a mapping", "seq": "a list"}
    return f"this is {words.get(_kind(node), 'a single value')}"


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
