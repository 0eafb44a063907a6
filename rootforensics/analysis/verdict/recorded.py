"""What AWS answered about root and the logs do not hold: no answer of the verdict may be a no beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Findings that say that root was used; nobody else changes its credentials.
USES: Final = (
    *("password_used", "key_used", "root_used"),
    *("password_changed", "key_changed", "mfa_enabled", "certificate_changed"),
)
#: What would tell of them.
EVENTS: Final = "the events of what AWS recorded, or logs that cover its time"


def unheld(case: Asks) -> list[of.PostureFindings]:
    """Rows of ``posture_findings`` that the logs do not hold; none where AWS was not asked."""
    rows = case.query("posture_findings").rows if case.query("posture").rows else []
    return [row for row in rows if row["standing"] != "confirmed"]


def is_sure(row: of.PostureFindings) -> bool:
    """Whether the logs cover its time and do not hold it."""
    return row["standing"] == "contradiction"


def is_use(row: of.PostureFindings) -> bool:
    """Whether AWS recorded a use of root that the logs cover and do not hold."""
    return is_sure(row) and row["finding"] in USES


def told_of(rows: Sequence[of.PostureFindings], account_id: str) -> str:
    """What AWS recorded, in words, with its answers; of accounts but the one that is spoken of with their number."""
    return some([of_account(row, row["why"].partition("; ")[0], account_id) for row in rows], by="; ")


def of_account(row: of.PostureFindings | of.Posture, why: str, account_id: str) -> str:
    """What AWS answered of an account, with the answers; which account, if it is not the one that is spoken of."""
    where = "" if row["account_id"] == account_id else f"account {row['account_id']}: "
    return f"{where}{why[0].lower()}{why[1:].rstrip('.')} ({', '.join(row['answers'])})"
