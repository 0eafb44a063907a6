"""The head of the report: the case, the period its logs cover, and how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.one_window import WINDOW_NOTE
from rootforensics.phrases import short
from rootforensics.reports.parts import Part
from rootforensics.telling.caveats import REGIONS_NAMED

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material

#: Maximum length of an account or Region on the cover. AWS's are shorter; the coverage table has all in full.
_NAME: Final = 40


def build(material: Material) -> dict[str, Any]:
    """Name, times, accounts, Regions, version."""
    coverage = material.query("coverage").rows
    [digest] = material.query("evidence_digest").rows
    return {
        "title": material.title,
        "version": material.version,
        "period": material.case.time,
        "window_note": WINDOW_NOTE,
        "investigator": material.investigator,
        "digest": digest,
        "produced_time": material.produced_time.replace(microsecond=0),
        "events": material.summary["events"],
        "evidence": material.summary["evidence"],
        "filters": material.summary["filters"],
        "only_account": material.case.account_id,
        "accounts": [short(one, _NAME) for one in sorted({row["account_id"] or "" for row in coverage} - {""})],
        "regions": [short(region, _NAME) for region in material.case.scope.regions],
        "regions_named": REGIONS_NAMED,
    }


def facts(material: Material) -> list[str]:
    """Title and facts, about as long as on the page."""
    values = build(material)
    listed = [
        ", ".join(values["accounts"][:12]),
        ", ".join(values["regions"][:REGIONS_NAMED]),
        " / ".join(values["filters"]),
        f"{values['period']} {WINDOW_NOTE}" if values["period"] else "",
    ]
    span = "0000-00-00 00:00:00 to 0000-00-00 00:00:00"
    return [values["title"], span, span, *filter(None, (*listed, values["digest"]["sha256"], values["investigator"]))]


PART = Part("head", "", 0, build)
