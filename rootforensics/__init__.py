"""Forensics for the AWS account root user: cited answers from CloudTrail logs."""

from __future__ import annotations

# Nothing is imported here that takes time: until the command line answers Ctrl-C, Python does, with a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rootforensics.analysis.analysis import AccountVerdict, Analysis, Verdicts
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.analysis.containment.step import Step
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.analysis.response.contained import Contained
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.case import Case, open_case
    from rootforensics.cases import check_bundle, merge
    from rootforensics.charts.interactive import InteractiveChart
    from rootforensics.custody.chain import ChainCheck
    from rootforensics.custody.check import EvidenceCheck, check_manifest
    from rootforensics.custody.manifest import Manifest
    from rootforensics.errors import (
        ApprovalsError,
        CaseError,
        CaseLockedError,
        ChartError,
        FilterError,
        IntegrityError,
        NotebookError,
        NoteError,
        OriginalError,
        QueryError,
        ReportError,
        RootForensicsError,
        SourceError,
        StorageError,
    )
    from rootforensics.extraction.asking import OnEngine
    from rootforensics.extraction.extracting import EngineOptions, ExtractPlan
    from rootforensics.extraction.run import ExtractResult
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.limits import Limits
    from rootforensics.ingest.merge import MergeResult
    from rootforensics.ingest.outcome import LoadResult
    from rootforensics.integrity.keys import PublicKeys
    from rootforensics.integrity.verdicts import Integrity
    from rootforensics.posture.posture import ControlAnswer, Posture, check_posture
    from rootforensics.queries.result import Result
    from rootforensics.reports.redaction.redactor import Redactor
    from rootforensics.reports.triage import Triage
    from rootforensics.sources.objects import Plan
    from rootforensics.sources.s3.connection import S3Options
    from rootforensics.telling.brief import Brief
    from rootforensics.telling.hypotheses import Hypotheses
    from rootforensics.telling.summary import Summary

__all__ = [
    "AccountVerdict",
    "Analysis",
    "Answer",
    "ApprovalsError",
    "BlastRadius",
    "Brief",
    "Case",
    "CaseError",
    "CaseLockedError",
    "ChainCheck",
    "ChartError",
    "Contained",
    "ControlAnswer",
    "EngineOptions",
    "EvidenceCheck",
    "ExtractPlan",
    "ExtractResult",
    "FilterError",
    "Filters",
    "Hypotheses",
    "Integrity",
    "IntegrityError",
    "InteractiveChart",
    "Limits",
    "LoadResult",
    "Manifest",
    "MergeResult",
    "NoteError",
    "NotebookError",
    "OnEngine",
    "OriginalError",
    "Plan",
    "Posture",
    "PublicKeys",
    "QueryError",
    "Reconciliation",
    "Redactor",
    "ReportError",
    "Result",
    "RootForensicsError",
    "S3Options",
    "SourceError",
    "Step",
    "StorageError",
    "Summary",
    "Triage",
    "Verdicts",
    "check_bundle",
    "check_manifest",
    "check_posture",
    "merge",
    "open_case",
]

__version__ = "0.1.0"

# Each name brings its module when it is first used; errors are in a module of their own.
_HOMES = {
    "AccountVerdict": "rootforensics.analysis.analysis",
    "Analysis": "rootforensics.analysis.analysis",
    "BlastRadius": "rootforensics.analysis.lineage.blast_radius",
    "Answer": "rootforensics.analysis.verdict.question",
    "Brief": "rootforensics.telling.brief",
    "Case": "rootforensics.case",
    "Contained": "rootforensics.analysis.response.contained",
    "Hypotheses": "rootforensics.telling.hypotheses",
    "ChainCheck": "rootforensics.custody.chain",
    "open_case": "rootforensics.case",
    "EngineOptions": "rootforensics.extraction.extracting",
    "ExtractPlan": "rootforensics.extraction.extracting",
    "ExtractResult": "rootforensics.extraction.run",
    "Filters": "rootforensics.ingest.filters",
    "InteractiveChart": "rootforensics.charts.interactive",
    "Integrity": "rootforensics.integrity.verdicts",
    "Limits": "rootforensics.ingest.limits",
    "LoadResult": "rootforensics.ingest.outcome",
    "Manifest": "rootforensics.custody.manifest",
    "EvidenceCheck": "rootforensics.custody.check",
    "check_bundle": "rootforensics.cases",
    "check_manifest": "rootforensics.custody.check",
    "MergeResult": "rootforensics.ingest.merge",
    "merge": "rootforensics.cases",
    "OnEngine": "rootforensics.extraction.asking",
    "Plan": "rootforensics.sources.objects",
    "ControlAnswer": "rootforensics.posture.posture",
    "Posture": "rootforensics.posture.posture",
    "check_posture": "rootforensics.posture.posture",
    "PublicKeys": "rootforensics.integrity.keys",
    "Reconciliation": "rootforensics.analysis.approvals.reconcile",
    "Redactor": "rootforensics.reports.redaction.redactor",
    "Result": "rootforensics.queries.result",
    "S3Options": "rootforensics.sources.s3.connection",
    "Step": "rootforensics.analysis.containment.step",
    "Summary": "rootforensics.telling.summary",
    "Triage": "rootforensics.reports.triage",
    "Verdicts": "rootforensics.analysis.analysis",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(_HOMES.get(name, "rootforensics.errors")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython is an extra
    """``%load_ext rootforensics``: SQL on a case as cells ``%%rootsql``, and tables that can be sorted and searched.

    Args:
        shell: of IPython.
    """
    from importlib import import_module

    import_module("rootforensics.notebooks.magic").load(shell)
