"""How each table was made: the queries that ran, what they do not cover, and their SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.queries.result import Result
    from rootforensics.reports.parts.material import Made, Material


def build(material: Material) -> dict[str, Any]:
    """One entry for each query that ran, and for each table made from several.

    The analysis recorded the queries when they ran.
    """
    head = material.query("custody_head").rows
    ran = [_entry(runs) for runs in _by_text(material.case.ran.results)]
    return {
        "entries": [one for one in ran if one["title"]],
        "of_analysis": [one for one in ran if not one["title"]],
        "made": [_made(name, one) for name, one in material.made.items()],
        "version": material.version,
        "custody": head,
    }


def _by_text(results: Iterable[Result]) -> list[list[Result]]:
    """The results of each query, which may have run with several parameters."""
    by_text: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        same = by_text.setdefault((result.name, result.sql), [])
        if all(result.parameters != other.parameters for other in same):
            same.append(result)
    return list(by_text.values())


def _runs(runs: list[Result]) -> dict[str, Any]:
    return {
        "anchor": _anchor(runs[0]),
        "digest": runs[0].digest,
        "sql": runs[0].sql.strip("\n"),
        "runs": [{"parameters": run.parameters, "row_count": len(run)} for run in runs],
    }


def _anchor(result: Result) -> str:
    return f"q-{result.name}"


def _entry(runs: list[Result]) -> dict[str, Any]:
    fields = ("title", "question", "misses", "source", "attack", "command_name")
    return _runs(runs) | {name: getattr(runs[0].query, name) for name in fields}


def _made(name: str, one: Made) -> dict[str, Any]:
    uses = {_anchor(result): result.name.replace("_", "-") for result in one.uses}
    return {
        "name": name,
        "title": one.title,
        "question": one.question,
        "misses": one.misses,
        "command": one.command,
        "uses": sorted(uses.items()),
        "row_count": one.row_count,
    }


PART = Part("method", "Method and queries", 90, build, in_annex=True)
