"""What guards root now: what is open, where AWS and the logs contradict each other, and each control."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rootforensics.posture.posture import UNREAD
from rootforensics.reports.parts import Part
from rootforensics.telling.posture_now import as_of, open_now

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any] | None:
    """The controls account by account; nothing if the case holds no posture."""
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


PART = Part("posture", "What guards the root user now", 16, build)
