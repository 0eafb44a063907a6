"""The report: one HTML page that needs nothing else, for the screen and for paper."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.analysis import analysis_of
from rootforensics.queries.text import unseen_named
from rootforensics.reports.figures import chart_figure
from rootforensics.reports.parts import material, parts
from rootforensics.reports.parts.shapes import FILTERS, harmless
from rootforensics.telling.summary import summarize

if TYPE_CHECKING:
    from jinja2 import Environment

    from rootforensics.queries.asking import Asks
    from rootforensics.reports.forms import Paper
    from rootforensics.reports.redaction.redactor import Redactor


#: The parts of a brief that stands alone.
_OF_BRIEF: Final = ("head", "brief")


def render_report(
    case: Asks,
    summary: dict[str, Any] | None = None,
    *,
    title: str = "",
    version: str = "",
    investigator: str = "",
    produced_time: datetime | None = None,
    paper: Paper = "A4",
    redactor: Redactor | None = None,
    is_brief: bool = False,
    annex_open: bool = False,
) -> str:
    """Write the report as a page.

    Args:
        case: answers the catalogue's questions; an ``Analysis`` brings what it knows of approvals.
        summary: as ``telling.summary.summarize`` counts it; counted if not given.
        title: the case's name; as the case keeps it if not given.
        version: of this package, as the report is to name it.
        investigator: who answers for the report; as the case keeps it if not given.
        produced_time: when the report is made, aware; now if not given.
        paper: on which it is printed.
        redactor: masks what tells whose the case is; nothing is masked if not given.
        is_brief: write the brief alone, without what it links to.
        annex_open: unfold the annex, so that it is printed, too.

    Returns:
        One HTML page. It loads nothing and runs one script, its own; everything from the logs in it is text.
    """
    from markupsafe import Markup

    analysis = analysis_of(case)
    found = analysis.reconciliation
    kept = analysis.head
    source = material.Material(
        analysis,
        summarize(analysis) if summary is None else summary,
        title or kept.get("title", "Unnamed case"),
        version,
        (produced_time or datetime.now(UTC)).astimezone(UTC),
        found,
        investigator or kept.get("investigator", ""),
        paper,
    )
    environment = _environment()
    environment.globals.update(citations=source.citations, is_alone=is_brief, shared_ids=analysis.shared_ids)
    shown = redactor.value if redactor else _as_it_is
    of_page = redactor.page_value if redactor else _as_it_is
    environment.globals["figure"] = partial(chart_figure, source, shown, is_alone=is_brief)
    # A template escapes what it is given, so what it wrote is markup.
    written = [
        (part, Markup(_light(environment.get_template(f"{part.name}.html.j2").render(of_page(values)))))  # noqa: S704
        for part in parts()
        if not is_brief or part.name in _OF_BRIEF
        if (values := part.build(source)) is not None
    ]
    script = files(__package__).joinpath("templates", "script.js").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2").render(
        title=shown(source.title),
        paper=paper,
        is_alone=is_brief,
        annex_open=annex_open,
        parts=written,
        script=Markup(script),  # noqa: S704 - ours; nothing is put into it
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
    )
    return unseen_named(page)  # markup that was joined has not passed a template by itself


def _light(body: str) -> str:
    """A part without the end tags that HTML lets one leave out, which of thousands of lines are a twentieth.

    Text of the logs is escaped, so none of it is an end tag.
    """
    for end in ("</td>", "</th>", "</tr>"):
        body = body.replace(end, "")
    return body


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - whatever a report is made from
    return value


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined

    # Compiling them takes a fifth of a second, so they lie compiled where Python keeps its modules compiled, if it may.
    kept = Path(cache_from_source(__file__)).parent
    may_keep = os.access(kept, os.W_OK) and not sys.dont_write_bytecode
    environment = Environment(
        loader=PackageLoader("rootforensics.reports"),
        bytecode_cache=FileSystemBytecodeCache(str(kept)) if may_keep else None,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters.update(FILTERS)
    environment.globals["limit"] = material.ROWS_LISTED
    environment.globals["account_limit"] = material.ACCOUNTS_LISTED
    return environment
