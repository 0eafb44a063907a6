"""How each table was made: the question, what it cannot see, and the SQL as it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.queries.catalogue import question
from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.queries.catalogue import Query
    from rootforensics.queries.result import Result
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """One entry for each question that the parts before asked."""
    return {
        "entries": [_entry(question(name), result) for name, result in material.asked.items()],
        "version": material.version,
    }


def _entry(query: Query, result: Result) -> dict[str, Any]:
    return {
        "name": query.name,
        "title": query.title,
        "question": query.question,
        "misses": query.misses,
        "source": query.source,
        "attack": query.attack,
        "command": query.command_name,
        "columns": query.columns,
        "parameters": result.parameters,
        "row_count": len(result),
        "sql": result.sql,
    }


PART = Part("method", "Method and queries", 90, build)
