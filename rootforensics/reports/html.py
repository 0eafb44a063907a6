"""The report: one self-contained HTML page, for the screen and for paper."""

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


#: The parts of a brief without the rest of the report.
_OF_BRIEF: Final = ("head", "brief")
#: The parts that a period limits. Any other part is about all logs.
_OF_PERIOD: Final = frozenset({
    "brief", "verdict", "incident", "findings", "impairment", "activity", "signins", "sessions", "approvals", "changes",
    "timeline",
})  # fmt: skip


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
        case: runs the catalogue's queries; an ``Analysis`` also has the approvals.
        summary: from ``telling.summary.summarize``; counted if not given.
        title: the case's name; the one stored in the case if not given.
        version: of this package, printed in the report.
        investigator: the report's owner; the one stored in the case if not given.
        produced_time: when the report was produced, with a time zone; now if not given.
        paper: the size for printing.
        redactor: masks values that identify the owner of the case; nothing is masked if not given.
        is_brief: write only the brief.
        annex_open: unfold the annex, so that it is also printed.

    Returns:
        One HTML page. It loads nothing and runs only its own script. Everything from the logs is text in it.
    """
    from markupsafe import Markup

    analysis = analysis_of(case)
    stored = analysis.head
    source = material.Material(
        analysis,
        summarize(analysis) if summary is None else summary,
        title or stored.get("title", "Unnamed case"),
        version,
        (produced_time or datetime.now(UTC)).astimezone(UTC),
        analysis.reconciliation,
        investigator or stored.get("investigator", ""),
        paper,
    )
    environment = _environment()
    environment.globals.update(citations=source.citations, is_alone=is_brief, shared_ids=analysis.shared_ids)
    shown = redactor.value if redactor else _as_it_is
    of_page = redactor.page_value if redactor else _as_it_is
    environment.globals["figure"] = partial(chart_figure, source, shown, is_alone=is_brief)
    # Templates escape their values, so their output is markup.
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
        of_all_logs={part.name for part, _ in written if part.name not in _OF_PERIOD} if analysis.time else (),
        script=Markup(script),  # noqa: S704 - a constant
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
    )
    return unseen_named(page)  # joined markup has not passed a template


def _light(body: str) -> str:
    """Omit optional end tags, which are 5% of a long page. Text from the logs is escaped, so it contains none."""
    for end in ("</td>", "</th>", "</tr>"):
        body = body.replace(end, "")
    return body


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - any value of a report
    return value


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined

    # Compiling the templates takes 0.2 s, so they are cached in Python's folder for compiled modules if it is writable.
    cache_folder = Path(cache_from_source(__file__)).parent
    may_cache = os.access(cache_folder, os.W_OK) and not sys.dont_write_bytecode
    environment = Environment(
        loader=PackageLoader("rootforensics.reports"),
        bytecode_cache=FileSystemBytecodeCache(str(cache_folder)) if may_cache else None,
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
