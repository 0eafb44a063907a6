"""The report: one HTML page that needs nothing else, for the screen and for paper."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootforensics.analysis.assess import analysis_of
from rootforensics.reports.figures import chart_figure
from rootforensics.reports.files import replacing
from rootforensics.reports.parts import material, parts
from rootforensics.reports.parts.shapes import FILTERS, harmless

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from jinja2 import Environment

    from rootforensics.analysis.reconcile import Reconciliation
    from rootforensics.analysis.statements import Statement
    from rootforensics.queries.result import Asks


def render_report(
    case: Asks,
    summary: dict[str, Any],
    story: Sequence[Statement],
    *,
    title: str = "",
    version: str = "",
    investigator: str = "",
    produced_time: datetime | None = None,
    reconciliation: Reconciliation | None = None,
) -> str:
    """Write the report as text.

    Args:
        case: answers the catalogue's questions.
        summary: as ``analysis.summary.summarize`` counts it.
        story: as ``analysis.story.tell`` tells it.
        title: the case's name.
        version: of this package, as the report is to name it.
        investigator: who answers for the report; left out if empty.
        produced_time: when the report is made, aware; now if not given.
        reconciliation: root's sessions held against a file of approvals; None if there is none.

    Returns:
        One HTML page. It loads nothing and runs one script, its own; everything from the logs in it is text.
    """
    from markupsafe import Markup

    moment = (produced_time or datetime.now(UTC)).astimezone(UTC)
    source = material.Material(
        analysis_of(case, reconciliation),
        summary,
        story,
        title or "Unnamed case",
        version,
        moment,
        reconciliation,
        investigator,
    )
    environment = _environment()
    environment.globals["has_line"] = lambda row: (row["evidence_id"], row["record_index"]) in source.lines
    environment.globals["place_of"] = source.places.get
    environment.globals["figure"] = partial(chart_figure, source)
    # A template escapes what it is given, so what it wrote is markup.
    written = [
        (part, Markup(environment.get_template(f"{part.name}.html.j2").render(values)))  # noqa: S704
        for part in parts()
        if (values := part.build(source)) is not None
    ]
    script = files(__package__).joinpath("templates", "script.js").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        title=source.title,
        parts=written,
        script=Markup(script),  # noqa: S704 - ours; nothing is put into it
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
    )


def write_report(
    case: Asks,
    path: str | os.PathLike[str],
    summary: dict[str, Any],
    story: Sequence[Statement],
    *,
    title: str = "",
    version: str = "",
    investigator: str = "",
    produced_time: datetime | None = None,
    reconciliation: Reconciliation | None = None,
) -> Path:
    """Write the report to a file; an older one is replaced once the new one is complete.

    Args:
        case: answers the catalogue's questions.
        path: the file.
        summary: as ``analysis.summary.summarize`` counts it.
        story: as ``analysis.story.tell`` tells it.
        title: the case's name.
        version: of this package, as the report is to name it.
        investigator: who answers for the report; left out if empty.
        produced_time: when the report is made, aware; now if not given.
        reconciliation: root's sessions held against a file of approvals; None if there is none.

    Returns:
        The path.

    Raises:
        StorageError: the file cannot be written.
    """
    target = Path(path)
    page = render_report(
        case,
        summary,
        story,
        title=title,
        version=version,
        investigator=investigator,
        produced_time=produced_time,
        reconciliation=reconciliation,
    )
    with replacing(target) as file:
        file.write(page)
    return target


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("rootforensics.reports"),
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
