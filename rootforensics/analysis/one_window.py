"""The analysis of one period: what happened in it, and what already existed at its start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.analysis import Analysis, Verdicts, urgency
from rootforensics.queries.asking import typed
from rootforensics.queries.within import result_within, rows_within

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.analysis.coverage.coverage import Coverage
    from rootforensics.analysis.coverage.scope import Scope
    from rootforensics.analysis.lineage.accepted import Accepted
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.analysis.novelty import Novelty
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Result, Row

#: What a text about one period has to say of itself.
WINDOW_NOTE: Final = (
    "The answers are about this time only: what happened in it, and what already existed or was disabled at its start."
)
#: Queries whose rows are events or sessions of root. Any other query is asked of all logs.
_EVENTS: Final = frozenset({
    "entries", "events_by_hour", "listed_calls", "logging_impairment", "root_errors", "root_session_events",
    "root_sessions", "root_signins", "root_timeline", "root_writes",
})  # fmt: skip


class OneWindow(Analysis):
    """What an analysis knows of one period. What it needs all logs for comes from all logs: lineage, gaps, steps.

    Args:
        whole: the analysis of the case, or of one account.
        since: the first moment, UTC; None for the start of the logs.
        until: the first moment after it; None for the end of the logs.
    """

    def __init__(self, whole: Analysis, since: datetime | None, until: datetime | None) -> None:
        super().__init__(whole)
        self._whole = whole
        self.ran = whole.ran.of_window(since, until)
        self.account_id = whole.account_id
        self.since, self.until = since, until

    @typed
    def query(self, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Run a query of the catalog; of events and sessions of root, return those of the period."""
        result = self._whole.query(name, **parameters)
        return self._within(result, name, parameters) if name in _EVENTS else result

    def findings(self, only: str = "", **parameters: Any) -> Result[of.Findings]:  # noqa: ANN401 - values of any SQL type
        """The findings with an event in the period or around it."""
        return self._within(self._whole.findings(only, **parameters), f"findings {only}", parameters)

    def _within(self, result: Result, name: str, parameters: dict[str, Any]) -> Result:
        return self.ran.part(
            ("within", name, *sorted(parameters.items())),
            lambda: self.ran.kept(result_within(result, self.since, self.until)),
        )

    @property
    def all_time(self) -> Analysis:
        """The analysis of all logs."""
        return self._whole

    @property
    def head(self) -> dict[str, str]:
        """Title and investigator of the case."""
        return self._whole.head

    @property
    def reconciliation(self) -> Reconciliation | None:
        """Sessions and uses in the period, and approvals whose window overlaps it."""
        if (whole := self._whole.reconciliation) is None:
            return None

        def is_within(row: Row) -> bool:
            return bool(rows_within([row], self.since, self.until))

        return replace(
            whole,
            sessions=tuple(session for session in whole.sessions if is_within(session.session)),
            outcomes=tuple(
                outcome
                for outcome in whole.outcomes
                if is_within({"from_time": outcome.approval.from_time, "until_time": outcome.approval.until_time})
            ),
            events=tuple(filter(is_within, whole.events)),
            apart=tuple(one for one in whole.apart if is_within(one.row)),
        )

    @property
    def coverage(self) -> Coverage:
        """What the logs of the case can show."""
        return self._whole.coverage

    @property
    def novelty(self) -> Novelty:
        """Which entries of root are from addresses that no earlier log has."""
        return self._whole.novelty

    @property
    def scope(self) -> Scope:
        """What the case was made from."""
        return self._whole.scope

    def radius_of(self, account_id: str) -> BlastRadius:
        """What root of one account reached, by all logs."""
        return self._whole.radius_of(account_id) if account_id else self._whole.radius

    @property
    def accepted(self) -> Accepted:
        """What approvals and notes accept."""
        return self._whole.accepted

    @property
    def openers(self) -> dict[tuple[int, int], str]:
        """Who opened the ``AssumeRoot`` session of an event, by the event's place."""
        return self._whole.openers

    @property
    def opened(self) -> dict[str, list[of.RootTimeline]]:
        """Accounts in which ``AssumeRoot`` opened a session as root in the period, with the calls that did."""
        calls = {account: rows_within(rows, self.since, self.until) for account, rows in self._whole.opened.items()}
        return {account: rows for account, rows in calls.items() if rows}

    def use_by_people(self, account_id: str) -> Use | None:
        """What people did with root of an account in the period."""
        use = super().use_by_people(account_id)
        return replace(use, recorded=rows_within(use.recorded, self.since, self.until)) if use else None

    @property
    def verdicts(self) -> Verdicts:
        """The verdict of the period on each account: likely takeovers first, then by failed checks."""
        verdicts = [self.verdict_of(verdict.account_id) for verdict in self._whole.verdicts]
        return Verdicts(sorted(verdicts, key=urgency))

    def verdict_of(self, account_id: str) -> AccountVerdict:
        """The verdict of the period on one account, with the steps from all logs."""
        return self.ran.part(
            ("verdict", account_id), lambda: self._whole.verdict_within(account_id, self.since, self.until)
        )
