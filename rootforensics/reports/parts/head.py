"""What the report is about: the case, the time its logs cover, how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.analysis.limits import REGIONS_NAMED
from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """Name, times, accounts, Regions, version."""
    coverage = material.rows("coverage")
    [digest] = material.rows("evidence_digest")
    return {
        "title": material.title,
        "version": material.version,
        "investigator": material.investigator,
        "digest": digest,
        "produced_time": material.produced_time.replace(microsecond=0),
        "events": material.summary["events"],
        "evidence": material.summary["evidence"],
        "filters": material.summary["filters"],
        "accounts": sorted({row["account_id"] for row in coverage if row["account_id"]}),
        "regions": material.case.scope.regions,
        "regions_named": REGIONS_NAMED,
    }


PART = Part("head", "", 0, build)
