"""Everything that the library shows of a case, by name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.alarm.replay import replay
from rootforensics.analysis.alarm.sentences import tell_replay
from rootforensics.analysis.alarm.settings import AlarmSettings
from rootforensics.analysis.alarm.tables import COLUMNS as ALARM_TABLES
from rootforensics.analysis.alarm.tables import table
from rootforensics.analysis.approval import Approval, Approvals
from rootforensics.analysis.lineage.indicators import indicators
from rootforensics.analysis.response.contained import contained
from rootforensics.analysis.root_timeline import select_timeline
from rootforensics.charts.catalogue import charts
from rootforensics.queries.catalogue import analysis_questions, questions
from rootforensics.reports.exports.stix import stix_bundle
from rootforensics.reports.exports.timesketch import write_timesketch
from rootforensics.reports.exports.workbook import write_workbook
from rootforensics.reports.handover import write_handover
from rootforensics.reports.html import render_report
from rootforensics.reports.markdown import markdown_of
from rootforensics.reports.runbook import Known, lacking, runbook
from rootforensics.reports.triage import write_triage
from rootforensics.rules.patterns.parse import CIS_ROOT, parse
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.brief import brief
from rootforensics.telling.hypotheses import hypotheses
from rootforensics.telling.identities import tell_identities
from rootforensics.telling.story import story
from rootforensics.telling.timeline import incident_timeline
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import rootforensics as rf
    from rootforensics.analysis.alarm.replay import Replay
    from rootforensics.analysis.analysis import Analysis

    Row = dict[str, Any]

#: When the owner's people had answered.
SINCE: Final = datetime(2026, 8, 5, 11, 45, tzinfo=UTC)
APPROVED: Final = Approvals("approvals.yaml", "0" * 64, (Approval(
    "T-1", "the owner", ACCOUNT, SINCE.replace(hour=9), SINCE.replace(hour=10, minute=5), "a task",
    networks=(), tasks=(), line=1,
),))  # fmt: skip


def questions_of(case: rf.Case, analysis: Analysis) -> dict[str, Callable[[], list[Row]]]:
    """What gives rows with columns of which some are never NULL, by the name of its rows."""
    replayed = replay(case, AlarmSettings(parse(CIS_ROOT)))
    return {
        **{name: partial(_rows_of, analysis, name) for name in (*questions(), *analysis_questions())},
        "findings": lambda: analysis.findings(severity="info").rows,
        "verdict": lambda: analysis.verdicts.result().rows,
        "containment": lambda: analysis.verdicts.steps().rows,
        "blast_radius": lambda: analysis.radius.result().rows,
        "incident_timeline": lambda: incident_timeline(analysis, analysis.account_id).rows,
        "story": lambda: story(analysis).rows,
        "brief": lambda: brief(analysis).result().rows,
        "hypotheses": lambda: hypotheses(analysis).result().rows,
        "contained": lambda: contained(analysis, SINCE).result().rows,
        "approvals": lambda: case.reconcile(APPROVED).result().rows,
        **{f"alarm_{name}": partial(_alarm_rows, replayed, name) for name in ALARM_TABLES},
    }


def _rows_of(analysis: Analysis, name: str) -> list[Row]:
    return analysis.query(name).rows


def _alarm_rows(replayed: Replay, name: str) -> list[Row]:
    return table(replayed, name).rows


def pages_of(case: rf.Case, analysis: Analysis, folder: Path) -> dict[str, Callable[[], object]]:
    """What shows the same to people or to other programs, by its name; files are written to a folder."""
    approved = case.analysis(APPROVED)
    redactor = case.redactor(folder / "key.json")
    shown: dict[str, Callable[[], object]] = {
        # Report, summary and root's timeline, each once.
        "triage": lambda: write_triage(analysis, folder / "triage", "1", annex_open=True),
        "brief": lambda: markdown_of(render_report(analysis, version="1", is_brief=True)),
        "brief, with approvals": lambda: brief(approved).result().rows,
        "approvals": lambda: approval_statements(approved.reconciliation),
        "edges": lambda: (analysis.radius.edges, analysis.radius.still_open),
        "coverage": lambda: [analysis.coverage.of(verdict.account_id).gaps() for verdict in analysis.verdicts],
        "scope": lambda: analysis.scope,
        "identities": lambda: tell_identities(analysis),
        "handover": lambda: write_handover(analysis, folder / "handover", "1", known_at=SINCE),
        "runbook": lambda: lacking(runbook(_known(case), "1"), _known(case).accounts),
        "alarm": lambda: tell_replay(case, replay(case, AlarmSettings(parse(CIS_ROOT)))),
        "indicators": lambda: stix_bundle(indicators(analysis, analysis.account_id).rows, "case", SINCE),
        "timeline": lambda: _timelines(analysis),
        "redaction": lambda: [redactor.result(analysis.query(name)) for name in questions()],
        "brief, redacted": lambda: render_report(analysis, version="1", redactor=redactor, is_brief=True),
        "parquet": lambda: case.export(folder / "parquet"),
        "manifest": lambda: case.manifest(folder / "manifest.json"),
        "custody": case.verify_custody,
        "case in a notebook": case._repr_html_,
        "incident, interactive": lambda: charts()["incident"].figure(analysis, interactive=True)._repr_mimebundle_(),
    }
    for name, chart in charts().items():
        shown[f"chart {name}"] = partial(chart.figure, analysis, account_id=analysis.account_id)
    return shown


def _known(case: rf.Case) -> Known:
    return Known(tuple(dict(row) for row in case.query("posture").rows))


def _timelines(analysis: Analysis) -> object:
    told = select_timeline(analysis)
    text, sheet = io.StringIO(), io.BytesIO()
    write_workbook("timeline", told.columns, told.rows, sheet)
    return write_timesketch(told.rows, text)
