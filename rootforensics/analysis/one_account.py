"""The analysis as it speaks of one account: its story, its numbers, its approvals, and nothing of root of another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rootforensics.analysis.analysis import Analysis, Verdicts
from rootforensics.queries.asking import typed
from rootforensics.queries.catalogue import question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.analysis.coverage.coverage import Coverage
    from rootforensics.analysis.coverage.scope import Scope
    from rootforensics.analysis.lineage.accepted import Accepted
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Result


class OneAccount(Analysis):
    """What an analysis knows of one account; what is said of the evidence as a whole stays.

    Args:
        whole: the analysis of the case. Verdicts stand on it: what root of one account did may reach another.
        account_id: 12 digits.
    """

    def __init__(self, whole: Analysis, account_id: str) -> None:
        super().__init__(whole)
        self._whole = whole
        self.ran = whole.ran
        self.account_id = account_id

    @typed
    def query(self, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Ask a question of the catalogue, for this account where the question knows accounts."""
        if any(parameter.name == "account_id" for parameter in question(name).parameters):
            parameters = self._of_it(parameters)
        return self._whole.query(name, **parameters)

    def findings(self, only: str = "", **parameters: Any) -> Result[of.Findings]:  # noqa: ANN401 - values of any SQL type
        """The findings in this account. The case is asked once for the findings of all accounts."""
        parameters = self._of_it(parameters)
        key = ("findings", only, *sorted(parameters.items()))
        account_id = parameters.pop("account_id")
        return self.ran.part(
            key, lambda: self.ran.kept(self._whole.findings(only, **parameters).where(account_id=account_id))
        )

    @property
    def head(self) -> dict[str, str]:
        """Title and investigator of the case."""
        return self._whole.head

    def _of_it(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Parameters that name an account: this one, where they would be of all."""
        return parameters | {"account_id": parameters.get("account_id") or self.account_id}

    @property
    def reconciliation(self) -> Reconciliation | None:
        """What of it is of this account."""
        found = self._whole.reconciliation
        return found.of_account(self.account_id) if found else None

    @property
    def coverage(self) -> Coverage:
        """What the logs of the case can show: it tells accounts apart by itself."""
        return self._whole.coverage

    @property
    def scope(self) -> Scope:
        """What was read of this account's logs."""
        taken = self._whole.scope
        read: Mapping[str | None, frozenset[str]] = {self.account_id: taken.regions_of(self.account_id)}
        return replace(taken, filters=taken.filters_on(self.account_id), read=read)

    @property
    def radius(self) -> BlastRadius:
        """What root of this account reached, in whatever account."""
        return self._whole.radius_of(self.account_id)

    @property
    def accepted(self) -> Accepted:
        """What approvals and notes accept, of all accounts: what root of this one reached may be in another."""
        return self._whole.accepted

    @property
    def verdicts(self) -> Verdicts:
        """The verdict on this account, whether or not root was active there."""
        return Verdicts([self._whole.verdict_of(self.account_id)])

    @property
    def openers(self) -> dict[tuple[int, int], str]:
        """Who opened the ``AssumeRoot`` session of an event, by the event's place."""
        return self._whole.openers

    @property
    def opened(self) -> dict[str, list[of.RootTimeline]]:
        """The calls of AssumeRoot that opened root of this account; they stand in the log of another."""
        return {account: rows for account, rows in self._whole.opened.items() if account == self.account_id}
