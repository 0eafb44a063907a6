"""How each table was made: the question, what it cannot see, and the SQL as it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.queries.result import Result
    from rootforensics.reports.parts.material import Made, Material


def build(material: Material) -> dict[str, Any]:
    """One entry for each question that the parts before asked, and for each table that is made from several."""
    return {
        "entries": [_entry(name, result) for name, result in material.asked.items()],
        "linked": {*material.asked, *material.made},
        "made": [_made(name, one) for name, one in material.made.items()],
        "version": material.version,
    }


def _entry(name: str, result: Result) -> dict[str, Any]:
    query = result.query
    assert query is not None  # noqa: S101 - parts show questions of the catalogue
    return {
        "name": name,
        "title": query.title,
        "question": query.question,
        "misses": query.misses,
        "source": query.source,
        "attack": query.attack,
        "command": query.command_name,
        "parameters": result.parameters,
        "row_count": len(result),
        "sql": result.sql,
    }


def _made(name: str, one: Made) -> dict[str, Any]:
    return {
        "name": name,
        "title": one.title,
        "question": one.question,
        "misses": one.misses,
        "command": one.command,
        "uses": one.uses,
        "row_count": one.row_count,
    }


PART = Part("method", "Method and queries", 90, build)
