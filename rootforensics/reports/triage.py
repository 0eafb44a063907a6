"""Triage: the files that an incident begins with, and what matters first."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.root_timeline import select_timeline
from rootforensics.queries.formats import visible, write_csv
from rootforensics.reports.files import make_folder, replacing
from rootforensics.reports.forms import write_report
from rootforensics.reports.html import render_report
from rootforensics.telling.section import sections_as_html
from rootforensics.telling.summary import summarize
from rootforensics.telling.triage import triage_sections

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from os import PathLike
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.reports.redaction.redactor import Redactor
    from rootforensics.telling.section import Section

#: The files that are written.
RESULTS: Final = ("summary.json", "timeline.csv", "report.html")


@dataclass(frozen=True, slots=True)
class Triage:
    """What a triage found.

    Attributes:
        summary: the case in numbers, as ``summary.json`` holds it.
        sections: what matters first, in sentences.
        files: that were written.
    """

    summary: dict[str, Any]
    sections: list[Section]
    files: tuple[Path, ...]

    def _repr_html_(self) -> str:
        """What matters first, as a notebook shows it."""
        return sections_as_html(self.sections)


def write_triage(
    analysis: Analysis,
    folder: str | PathLike[str],
    version: str,
    redactor: Redactor | None = None,
    stage: Callable[[str], AbstractContextManager[object]] = nullcontext,
    **head: Any,  # noqa: ANN401 - as ``render_report`` has them
) -> Triage:
    """Write the results of a case to a folder.

    Args:
        analysis: of the case.
        folder: made if it is not there; older results in it are replaced once the new ones are complete.
        version: of this package, as the results name it.
        redactor: masks what tells whose the case is; its key file is written before what needs it.
        stage: is around each step, named, for those who show progress.
        head: of the report, as ``render_report`` has it; the title that the case keeps, or the folder's name, if none
            is given.
    """
    folder = make_folder(folder)
    head.setdefault("title", analysis.head.get("title", folder.resolve().name))
    found = analysis.reconciliation
    with stage("answering"):
        summary: dict[str, Any] = summarize(analysis)
        if found:
            summary["approvals"] = found.as_dict()
        timeline, sections, told = select_timeline(analysis), triage_sections(analysis), summary
    if redactor:
        timeline, told, sections = redactor.result(timeline), redactor.value(summary), redactor.value(sections)
        redactor.save()
    text = visible(json.dumps({"tool": f"rootforensics {version}", **told}, indent=2, ensure_ascii=False))
    with replacing(folder / "summary.json") as file:
        file.write(text + "\n")
    with replacing(folder / "timeline.csv") as file:
        write_csv(timeline.columns, timeline.rows, file)
    with stage("drawing the report"):
        page = render_report(analysis, summary, version=version, redactor=redactor, **head)
    if redactor:
        redactor.save()
    write_report(page, folder / "report.html")
    return Triage(told, sections, tuple(folder / name for name in RESULTS))
