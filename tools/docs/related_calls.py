"""The calls that belong to root's story whoever made them, taken from what reads them.

A view, a question or a detection that reads events of anybody names the calls that it looks for; the catalogue says
which calls change a detective control, and ``entities.toml`` by which calls others end, rename or replace what root made.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

import rootforensics
from rootforensics.analysis.verdict.ownership import CHANGES
from rootforensics.ingest.derived import SIGN_IN_OF_ROOT
from rootforensics.ingest.related import CALLS_FILE, COUNTED_FILE
from rootforensics.queries.catalogue import analysis_questions, questions, views
from rootforensics.rules.actions import control_calls
from rootforensics.rules.entities import entity_rules
from rootforensics.rules.findings import detections
from tools.docs.catalogue import actions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE: Final = Path(rootforensics.__file__).parent
CALLS: Final = PACKAGE / "ingest" / CALLS_FILE
COUNTED: Final = PACKAGE / "ingest" / COUNTED_FILE
#: Calls on single objects and mails, and of models: where a trail records them, most of its records may be of these.
_FREQUENT: Final = re.compile(
    "(CopyObject|GetObject|PutObjectAcl|UpdateObjectEncryption|Send[A-Za-z]*Email|Converse|InvokeModel).*"
)
#: Tables of the events of anybody; all other views hold those of root, of what descends from it, or no events.
_OF_ANYBODY: Final = frozenset(("events", "api_calls"))
_STATEMENT: Final = re.compile(r"\s*(--.*\n\s*)*(WITH|SELECT)\b")
#: The columns that have the name of a call.
_NAME: Final = re.compile('"(eventName|action)"')
_SOURCE: Final = re.compile(r"[a-z0-9-]+\.amazonaws\.com")
_CALL: Final = re.compile(r"(?:[a-z0-9.-]+:)?([A-Z][A-Za-z0-9]+)")


def counted_text() -> str:
    """The text of the list of calls that are counted by name: of those that are critical or high what is used all day."""
    return _lines(name for name in _severe() - _told() if _FREQUENT.fullmatch(name))


@cache
def calls_text() -> str:
    """The text of the list that a load reads: one eventName a line."""
    return _lines(_told() | {name for name in _severe() if not _FREQUENT.fullmatch(name)})


def _lines(names: Iterable[str]) -> str:
    return "".join(f"{name}\n" for name in sorted(names))


def _severe() -> set[str]:
    """Calls that the catalogue has for critical or high, whoever makes them: ``identities`` tells who did."""
    return {
        action.eventName
        for action in actions().values()
        if action.severity in ("critical", "high") and not action.of_root
    }


@cache
def _told() -> frozenset[str]:
    told = {rule.event[1] for rule in entity_rules() if rule.tells_the_state}
    told |= {action.eventName for action in actions().values() if action.control} | {*CHANGES}
    told |= {control_call["call_name"] for control_call in control_calls()}
    told |= {*SIGN_IN_OF_ROOT}
    return frozenset(told.union(*(names_in(sql) for _, sql in statements())))


def statements() -> Iterator[tuple[str, str]]:
    """Every statement of the package that reads a case, with where it stands."""
    for kind in (views(), questions(), analysis_questions(), detections()):
        for name, one in kind.items():
            yield name, one.sql
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _STATEMENT.match(node.value):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.value


def names_in(sql: str) -> set[str]:
    """The eventNames that a statement looks for, if it reads events of anybody."""
    found: set[str] = set()
    for node in _read_of_anybody(sql):
        if "COMPARE" in str(node.get("type")) and _NAME.search(json.dumps(node)):
            found |= set(_texts(node))
        for row in node.get("values") or ():
            listed = list(_texts(row))
            found |= {after for before, after in pairwise(listed) if _SOURCE.fullmatch(before)}
    return {match[1] for one in found if (match := _CALL.fullmatch(one))}


def asks_for_names(sql: str) -> bool:
    """Whether a statement that reads events of anybody takes eventNames as a parameter: its list does not hold them."""
    subqueries = (node for node in _read_of_anybody(sql) if node.get("type") == "SUBQUERY")
    return any(
        _NAME.search(json.dumps(node.get("child")))
        and any(one.get("type") == "VALUE_PARAMETER" for one in _nodes(node))
        for node in subqueries
    )


def _read_of_anybody(sql: str) -> list[dict[str, Any]]:
    """Every object of a parsed statement; none if it reads no events of anybody, or is a part of a statement."""
    ((text,),) = duckdb.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    nodes = list(_nodes(json.loads(text)))
    return nodes if any(node.get("table_name") in _OF_ANYBODY for node in nodes) else []


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a parsed statement."""
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(part)


def _texts(tree: Any) -> Iterator[str]:
    """The texts that stand in a part of a parsed statement, in order."""
    for node in _nodes(tree):
        literal = node.get("literal") or {}
        if literal.get("kind") == "STRING":
            yield literal["text"]
