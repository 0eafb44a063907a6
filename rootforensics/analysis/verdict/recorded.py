"""What AWS answered about root and the logs do not hold: no answer of the verdict may be a no beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Findings on root's credentials, which nobody else changes; and all that say that root was used.
MADE: Final = ("password_changed", "key_changed", "mfa_enabled", "certificate_changed")
USES: Final = ("password_used", "key_used", "root_used", *MADE)
#: What would tell of them.
EVENTS: Final = "the events that AWS recorded, or logs of that time"


def unheld(case: Asks) -> list[of.PostureFindings]:
    """Rows of ``posture_findings`` that the logs do not hold; none where AWS was not asked."""
    rows = case.query("posture_findings").rows if case.query("posture").rows else []
    return [row for row in rows if row["standing"] != "confirmed"]


def is_sure(row: of.PostureFindings) -> bool:
    """Whether the logs cover its time and do not hold it."""
    return row["standing"] == "contradiction"


def is_use(row: of.PostureFindings) -> bool:
    """Whether AWS recorded a use of root."""
    return row["finding"] in USES


def is_made(row: of.PostureFindings) -> bool:
    """Whether AWS has a credential of root's that was made or changed in covered logs, which do not hold it."""
    return is_sure(row) and row["finding"] in MADE


def is_open(row: of.Posture) -> bool:
    """Whether a control found what anybody may come back by: it fails, and nothing is more severe."""
    return bool(row["exposure"]) and row["severity"] == "critical"


def told_of(rows: Sequence[of.PostureFindings], account_id: str) -> str:
    """What AWS recorded, in words, with its answers; of accounts but the one that is spoken of with their number."""
    return some([of_account(row, row["why"].partition("; ")[0], account_id) for row in rows], by="; ")


def of_account(row: of.PostureFindings | of.Posture, why: str, account_id: str) -> str:
    """What AWS answered of an account, with the answers; which account, if it is not the one that is spoken of."""
    where = "" if row["account_id"] == account_id else f"account {row['account_id']}: "
    return f"{where}{why[0].lower()}{why[1:].rstrip('.')} ({', '.join(row['answers'])})"
