"""Current protection of root: open problems, differences between AWS and the logs, and each control."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rootforensics.posture.posture import UNREAD
from rootforensics.reports.parts import Part
from rootforensics.telling.posture_now import as_of, open_now

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any] | None:
    """The controls by account; None if the case has no answers from AWS."""
    rows = material.query("posture").rows
    if not rows:
        return None
    by_id = [(account, list(own)) for account, own in groupby(rows, lambda row: row["account_id"])]
    return {
        "findings": material.query("posture_findings").rows,
        "open": open_now(material.case),
        "accounts": [(account, own, as_of(own)) for account, own in by_id],
        "unread": UNREAD,
    }


PART = Part("posture", "Current protection of the root user", 16, build)
