"""Sequences of two events within a time: a detection names the two, the rest of its SQL is the same for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_UNITS: Final = {"hours": "HOUR", "minutes": "MINUTE"}
_PAIRS: Final = """,
pairs AS (
    SELECT
        earlier.account_id, concat({each}.evidence_id, ':', {each}.record_index) AS thread,
        earlier.result = 'attempted' OR later.result = 'attempted' AS attempted,
        earlier.eventTime AS earlier_time, earlier.eventID AS earlier_id, earlier.evidence_id AS earlier_evidence,
        earlier.record_index AS earlier_index,
        later.eventTime, later.eventID, later.evidence_id, later.record_index
    FROM earlier INNER JOIN later ON earlier.account_id = later.account_id{same}
        AND later.eventTime >= earlier.eventTime{before}
        AND later.eventTime <= earlier.eventTime + {window}
)
SELECT
    account_id, thread, attempted, earlier_time AS eventTime, earlier_id AS eventID, earlier_evidence AS evidence_id,
    earlier_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index
FROM pairs"""


@dataclass(frozen=True, slots=True)
class Sequence:
    """How the events ``earlier`` and ``later`` of a detection belong together; they are of one account.

    Attributes:
        each: of which of the two each gives a finding, with all others that belong to it.
        within: the unit of the parameter ``window_hours`` or ``window_minutes``.
        same: what else must hold of the two, as SQL.
        either_first: ``later`` may come before the other, by no more than the same time.
    """

    each: Literal["earlier", "later"]
    within: Literal["hours", "minutes"]
    same: str = ""
    either_first: bool = False

    def sql(self, events: str) -> str:
        """The statement of a detection.

        Args:
            events: a WITH that gives ``earlier`` and ``later``.
        """
        window = f"$window_{self.within} * INTERVAL '1' {_UNITS[self.within]}"
        same = f"\n        AND {self.same}" if self.same else ""
        before = f" - {window}" if self.either_first else ""
        return events + _PAIRS.format(each=self.each, same=same, before=before, window=window)
