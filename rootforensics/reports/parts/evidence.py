"""The evidence of the case: files by status, problems, coverage and hashes."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.ledger import STATUSES
from rootforensics.phrases import accounts_text
from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.material import Material

#: If there are more files, only those with a line of the timeline, a cited event or a problem are listed.
_OBJECTS_LISTED: Final = 5_000
_MEANINGS: Final = {
    "loaded": "its events are in the case",
    "empty": "contains no records",
    "duplicate": "identical to a file loaded before",
    "archive": "a zip or tar file; each member is listed as a file",
    "digest": "a digest file, which lists the hashes of log files",
    "damaged": "truncated or corrupt; complete records before the damage were kept",
    "unsupported": "not a CloudTrail log",
    "unreadable": "could not be read",
}


def build(material: Material) -> dict[str, Any]:
    """Counts, problems, coverage and the list of files."""
    counts = material.summary["evidence"]
    objects = material.query("evidence").rows
    problems = material.query("evidence_problems").rows
    listed = listed_objects(material)
    return {
        "events": material.summary["events"],
        "object_count": counts["objects"],
        "statuses": [(name, counts[name], _MEANINGS[name]) for name in STATUSES if counts.get(name)],
        "record_count": sum(row["record_count"] or 0 for row in objects),
        "rejected_count": sum(row["rejected_count"] or 0 for row in objects),
        "problems": problems,
        "integrity_findings": material.query("integrity_findings").rows,
        "is_verified": any(row["integrity_verdict"] for row in objects),
        "coverage": material.query("coverage").rows,
        "gaps": _gaps(material),
        "listed": listed,
        "folders": [(folder, list(rows)) for folder, rows in groupby(listed, _folder)],
        "unlisted_count": len(objects) - len(listed),
    }


def _gaps(material: Material) -> list[tuple[str, list[str]]]:
    """The coverage gaps of each account; accounts with the same gaps are grouped."""
    by_gaps: dict[tuple[str, ...], list[str]] = {}
    for account in sorted({row["account_id"] for row in material.query("coverage").rows if row["account_id"]}):
        if gaps := material.case.coverage.of(account).gaps(without_effect=True):
            by_gaps.setdefault(gaps, []).append(account)
    return [(accounts_text(accounts), list(gaps)) for gaps, accounts in by_gaps.items()]


def _folder(row: of.Evidence) -> str:
    """The folder of a file: its URI up to the last slash."""
    start, slash, _ = (row["uri"] or "").rpartition("/")
    return f"{start}{slash}"


def listed_objects(material: Material) -> list[of.Evidence]:
    """The files that the page lists."""
    objects = material.case.query("evidence").rows
    if len(objects) <= _OBJECTS_LISTED:
        return objects
    wanted = material.citations.objects()
    wanted |= {row["evidence_id"] for row in material.case.query("evidence_problems").rows}
    return [row for row in objects if row["evidence_id"] in wanted]


PART = Part("evidence", "Evidence", 80, build, in_annex=True)
