"""The analysis of a case, each part of it worked out once: the ground of story, summary, report and timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.answer import WHOLE_RECORDS, counted
from rootforensics.analysis.blast.radius import BlastRadius, blast_radius
from rootforensics.analysis.containment import containment
from rootforensics.analysis.gathered import grounds, opened_accounts, root_accounts
from rootforensics.analysis.scope import Scope, scope
from rootforensics.analysis.verdict import approved_verdict, verdicts
from rootforensics.evidence.cite import SHARED, place_text
from rootforensics.queries.result import Result

if TYPE_CHECKING:
    from rootforensics.analysis.answer import Verdict
    from rootforensics.analysis.ground import Ground
    from rootforensics.analysis.reconcile import Reconciliation
    from rootforensics.analysis.steps import Step
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: Questions that a call answers whether or not it succeeded.
_TOLD_BY_A_TRY: Final = ("used_by_person", "with_mfa", "access_keys", "approved")
#: Of some events, those of which no record says how they went, and those whose source only the name of the call tells.
_UNTOLD: Final = """
    SELECT evidence_id, record_index, outcome IS NULL AS is_untold, inferred IS NOT NULL AS is_inferred
    FROM events
    WHERE list_contains($places, concat(evidence_id, ':', record_index))
"""


@dataclass(frozen=True, slots=True)
class AccountVerdict:
    """The verdict on root of one account.

    Attributes:
        account_id: 12 digits, ``unknown``, or empty where root was active in no account: then it is said of all.
        answers: to each question.
        steps: what to undo, in the order in which to act.
    """

    account_id: str
    answers: tuple[Verdict, ...]
    steps: tuple[Step, ...]

    @property
    def alarming_count(self) -> int:
        """How many answers are the bad one."""
        return sum(one.alarming for one in self.answers)

    def as_dict(self) -> dict[str, Any]:
        """The verdict as values for JSON, times aside."""
        return {
            "account_id": self.account_id,
            "verdict": [one.as_row() for one in self.answers],
            "containment": [step.as_row() for step in self.steps],
        }


class _Kept(Result):
    """A result whose rows are made once; those who share it do not change them."""

    def __init__(self, result: Result) -> None:
        super().__init__(
            result.arrow(), name=result.name, sql=result.sql, parameters=result.parameters, query=result.query
        )

    @cached_property
    def rows(self) -> list[Row]:
        """The rows as dicts."""
        return super().rows


class Analysis:
    """A case that remembers what it answered.

    Args:
        case: to ask.
        reconciliation: root's sessions held against a file of approvals; None if there is none.
    """

    #: The account that it speaks of; empty for all.
    account_id = ""

    def __init__(self, case: Asks, reconciliation: Reconciliation | None = None) -> None:
        self._case = case
        self._kept: dict[tuple[Any, ...], Result] = {}
        self.reconciliation = reconciliation

    def query(self, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Ask a question of the catalogue; the same one is asked of the case once."""
        key = ("query", name, *sorted(parameters.items()))
        if key not in self._kept:
            self._kept[key] = _Kept(self._case.query(name, **parameters))
        return self._kept[key]

    def statement(self, text: str, /, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Run a statement of this package's own; the same is run once."""
        key = ("statement", text, *sorted(parameters.items()))
        if key not in self._kept:
            self._kept[key] = _Kept(self._case.statement(text, **parameters))
        return self._kept[key]

    def findings(self, only: str = "", **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """What calls for an answer; the same is asked of the case once."""
        key = ("findings", only, *sorted(parameters.items()))
        if key not in self._kept:
            self._kept[key] = _Kept(self._case.findings(only, **parameters))
        return self._kept[key]

    @cached_property
    def shared_ids(self) -> frozenset[str]:
        """The eventIDs that several events have."""
        return frozenset(row["eventID"] for row in self.statement(SHARED).rows)

    @cached_property
    def scope(self) -> Scope:
        """What the case was made from."""
        return scope(self)

    @cached_property
    def radius(self) -> BlastRadius:
        """What root of all accounts reached."""
        return blast_radius(self)

    def radius_of(self, account_id: str) -> BlastRadius:
        """What root of one account reached."""
        return blast_radius(self, account_id)

    @cached_property
    def opened(self) -> dict[str, list[Row]]:
        """Accounts in which ``AssumeRoot`` opened a session as root, with the calls that did."""
        return opened_accounts(self)

    @cached_property
    def verdicts(self) -> list[AccountVerdict]:
        """The verdict on each account in which root was active, the one with the most to answer for first."""
        found = [self._judge(one) for one in grounds(self, self.radius, self.scope, root_accounts(self) or [""])]
        return sorted(found, key=lambda one: (-one.alarming_count, one.account_id))

    def verdict_of(self, account_id: str) -> AccountVerdict:
        """The verdict on one account, whether or not root was active there."""
        (ground,) = grounds(self, self.radius, self.scope, [account_id])
        return self._judge(ground)

    def _judge(self, ground: Ground) -> AccountVerdict:
        answers = [self._as_recorded(one) for one in verdicts(ground, self._approved(ground.account_id))]
        return AccountVerdict(ground.account_id, tuple(answers), tuple(containment(answers, ground)))

    def _as_recorded(self, one: Verdict) -> Verdict:
        """An answer that stands on nothing but calls that no record calls done is none; what was inferred is said."""
        if not one.event_ids or not self._some_are_untold:
            return one
        rows = self._case.statement(_UNTOLD, places=list(one.places)).rows
        untold = {place_text(row) for row in rows if row["is_untold"]}
        if inferred := sum(row["is_inferred"] for row in rows):
            whose = counted(inferred, "event", "events")
            one = replace(one, because=f"{one.because} (the service of {whose} is inferred from the name of the call)")
        if one.answer != "yes" or one.name in _TOLD_BY_A_TRY or not untold.issuperset(one.places):
            return one
        because = f"whether it succeeded the record does not say: {one.because}"
        return replace(one, answer="unknown", because=because, missing=(WHOLE_RECORDS, *one.missing))

    @cached_property
    def _some_are_untold(self) -> bool:
        """True if the case holds events that do not say how they went or which service was called."""
        return bool(self.statement("SELECT 1 FROM events WHERE outcome IS NULL OR inferred <> '' LIMIT 1").rows)

    def _approved(self, account_id: str) -> Verdict | None:
        if self.reconciliation is None:
            return None
        judged = [one for one in self.reconciliation.sessions if account_id in ("", one.session["account_id"])]
        apart = [one for one in self.reconciliation.apart if account_id in ("", one.account_id)]
        return approved_verdict({one.session["session_id"]: one for one in judged}, apart)


def analysis_of(case: Asks, reconciliation: Reconciliation | None = None) -> Analysis:
    """The analysis of a case; what is one already is taken as it is."""
    return case if isinstance(case, Analysis) else Analysis(case, reconciliation)
