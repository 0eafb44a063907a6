"""The outcome of an approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from rootforensics.analysis.approval import Approval
    from rootforensics.analysis.approvals.match_session import SessionJudgment
    from rootforensics.analysis.approvals.post_use_checks import Step

Status = Literal["used", "unused", "not_in_logs"]
STATUSES: Final[tuple[Status, ...]] = ("used", "unused", "not_in_logs")


@dataclass(frozen=True, slots=True)
class ApprovalOutcome:
    """The outcome of one approval.

    Attributes:
        approval: the approval.
        status: ``used``; ``unused``; ``not_in_logs`` if the case does not cover its account or window.
        detail: why, in words.
        sessions: the sessions assigned to it, in order of time.
        steps: the procedure after use; empty unless used.
    """

    approval: Approval
    status: Status
    detail: str
    sessions: tuple[SessionJudgment, ...] = ()
    steps: tuple[Step, ...] = ()
