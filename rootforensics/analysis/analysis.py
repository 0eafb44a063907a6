"""The analysis of a case, each part of it worked out once: story, summary, report and timeline stand on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from rootforensics.analysis.approvals.answer import unapproved_use
from rootforensics.analysis.approvals.reconcile import Reconciliation, reconcile
from rootforensics.analysis.cache import Ran
from rootforensics.analysis.containment.plan import containment
from rootforensics.analysis.containment.step import COLUMNS as STEP_COLUMNS
from rootforensics.analysis.coverage.coverage import Coverage
from rootforensics.analysis.coverage.hours import hours_in_words
from rootforensics.analysis.coverage.scope import Scope, scope
from rootforensics.analysis.lineage.accepted import Accepted
from rootforensics.analysis.lineage.blast_radius import BlastRadius, blast_radius
from rootforensics.analysis.lineage.cross_account import openers
from rootforensics.analysis.novelty import Novelty
from rootforensics.analysis.places import by_account
from rootforensics.analysis.verdict.attempts import UNSEEN, use_of
from rootforensics.analysis.verdict.evidence_by_account import evidence_of, opened_accounts, root_accounts
from rootforensics.analysis.verdict.question import COLUMNS, WHOLE_RECORDS
from rootforensics.analysis.verdict.questions import answers, likely_takeover
from rootforensics.analysis.verdict.recorded import is_use, unheld
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import plural
from rootforensics.queries.asking import typed
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.queries.within import rows_within, time_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rootforensics.analysis.approval import Granted
    from rootforensics.analysis.containment.step import Step
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer, Reply
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks


@dataclass(frozen=True, slots=True, repr=False)
class AccountVerdict(Tabular):
    """The verdict on root of one account.

    Attributes:
        account_id: 12 digits, ``unknown``, or empty where root was active in no account: then it is said of all.
        covers: from when to when, and in which Regions, the case has logs of the account; empty if it has none.
        hours: how many hours of these Regions have which state, as ``coverage_spans`` names them.
        absent: Regions of which the case should have logs and has none.
        since: the first moment of the time that the answers are about, UTC; None for all time before.
        until: the first moment after it; None for all time after. The steps are always those of all time.
        answers: to each question.
        steps: containment and recovery, in the order in which to act.
        is_takeover: whether an unauthorized party probably used root, by the failed checks; approvals aside.
    """

    account_id: str
    answers: tuple[Answer, ...]
    steps: tuple[Step, ...]
    is_takeover: bool
    covers: str = ""
    hours: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def time(self) -> str:
        """The time that the answers are about, in words; empty for all time."""
        return time_text(self.since, self.until)

    @property
    def hours_text(self) -> str:
        """How many of these Regions' hours are known, as a sentence; empty if the case has no logs of the account."""
        return hours_in_words(self.hours, self.absent)

    @property
    def rows(self) -> list[of.Verdict]:
        """A row for each answer."""
        return [cast("of.Verdict", {"account_id": self.account_id, **answer.as_row()}) for answer in self.answers]

    def result(self) -> Result[of.Verdict]:
        """The answers as a table."""
        return Verdicts([self]).result()

    @property
    def use(self) -> Answer:
        """Whether a person used root."""
        return next(answer for answer in self.answers if answer.asked.tells_use)

    @property
    def approval(self) -> Answer:
        """Whether root was used without approval."""
        return next(answer for answer in self.answers if answer.asked.by_approvals)

    @property
    def failed(self) -> tuple[Answer, ...]:
        """The failed checks."""
        return tuple(answer for answer in self.answers if answer.is_failed)

    @property
    def counts(self) -> str:
        """Whether use is unknown, and how many of the checks that were asked failed or are inconclusive, in words."""
        results = (answer.answer for answer in self.answers if not answer.asked.tells_use)
        checks = Counter(result for result in results if result != "not asked")
        failed, unknown = checks["yes"], checks["unknown"]
        words = [f"{self.use.asked.about} unknown"] if self.use.answer == "unknown" else []
        words += [f"{failed:,} of {checks.total():,} checks failed" if failed else "no check failed"]
        words += (
            [f"{unknown:,} inconclusive" if failed else f"{plural(unknown, 'check')} inconclusive"] if unknown else []
        )
        return ", ".join(words)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What several answers lack, in words, so that it can be printed once."""
        counts = Counter(text for answer in self.answers for text in answer.missing)
        return tuple(text for text, count in counts.items() if count > 1)

    def missing(self, answer: Answer) -> list[str]:
        """What one of the answers lacks: its own in words, then the numbers of ``gaps``."""
        gaps = self.gaps
        shared = [f"gap {gaps.index(text) + 1}" for text in answer.missing if text in gaps]
        return [*(text for text in answer.missing if text not in gaps), *[", ".join(shared)] * bool(shared)]

    def as_dict(self) -> dict[str, Any]:
        """The verdict as values for JSON, times aside."""
        return {
            "account_id": self.account_id,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "covers": self.covers,
            "hours": dict(self.hours),
            "absent": list(self.absent),
            "verdict": [answer.as_row() for answer in self.answers],
            "containment": [step.as_row() for step in self.steps],
        }


class Verdicts(Tabular, list[AccountVerdict]):
    """The verdict on each account, likely takeovers first, then by failed checks; as a table a row for each answer."""

    def result(self) -> Result[of.Verdict]:
        """The answers of all accounts as a table."""
        return result_of("verdict", (row for one in self for row in one.rows), COLUMNS)

    def steps(self) -> Result[of.Containment]:
        """Containment and recovery of all accounts as a table: of each account in the order in which to act."""
        return result_of("containment", (step.as_row() for one in self for step in one.steps), STEP_COLUMNS)


def urgency(verdict: AccountVerdict) -> tuple[bool, int, str]:
    """The order of verdicts: likely takeovers first, then by failed checks."""
    return not verdict.is_takeover, -[answer.answer for answer in verdict.answers].count("yes"), verdict.account_id


class Analysis(Tabular):
    """A case that remembers what it answered, and what each part of the analysis stands on.

    Args:
        case: to ask.
        reconciliation: root's sessions held against a file of approvals; None if there is none.

    Attributes:
        ran: every result that anything worked out here stands on.
    """

    #: The account that it speaks of; empty for all.
    account_id = ""
    #: The period that it covers, UTC; None for all time before or after.
    since: datetime | None = None
    until: datetime | None = None

    def __init__(self, case: Asks, reconciliation: Reconciliation | None = None) -> None:
        self._case = case
        self.ran = Ran(case._state)  # noqa: SLF001 - nobody else needs it
        self._held: Callable[[], Reconciliation | None] = lambda: reconciliation

    @typed
    def query(self, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Ask a question of the catalogue; the same one is asked of the case once."""
        # What is empty is asked of all, as is what is not named.
        key = ("query", name, *sorted(item for item in parameters.items() if item[1] != ""))
        return self.ran.result(key, lambda: self._case.query(name, **parameters))

    def _statement(self, text: str, /, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Run a statement that this package made just now; the same is run once."""
        key = ("statement", text, *sorted(parameters.items()))
        return self.ran.result(key, lambda: self._case._statement(text, **parameters))  # noqa: SLF001 - as above

    def findings(self, only: str = "", **parameters: Any) -> Result[of.Findings]:  # noqa: ANN401 - values of any SQL type
        """The findings; the case is asked for the same ones once."""
        key = ("findings", only, *sorted(parameters.items()))
        return self.ran.result(key, lambda: self._case.findings(only, **parameters))

    __repr__ = object.__repr__  # who looks at it in a debugger wants nothing worked out

    def result(self) -> Result[of.Verdict]:
        """The verdict, as what a notebook shows of the analysis."""
        return self.verdicts.result()

    def _state(self) -> int:
        """In which state the case was that answered last."""
        return self._case._state()  # noqa: SLF001 - as above

    @property
    def time(self) -> str:
        """The period that it covers, in words; empty for all time."""
        return time_text(self.since, self.until)

    @property
    def all_time(self) -> Analysis:
        """The analysis of all logs."""
        return self

    @property
    def head(self) -> dict[str, str]:
        """``title`` and ``investigator`` as the case keeps them, if it does."""
        return {row["name"]: row["content"] for row in self.query("case_head").rows}

    @property
    def shared_ids(self) -> frozenset[str]:
        """The eventIDs that several events have."""
        return self.ran.part(
            ("shared_ids",), lambda: frozenset(row["eventID"] for row in self.query("shared_event_ids").rows)
        )

    @property
    def reconciliation(self) -> Reconciliation | None:
        """Root's sessions held against approvals; None if there are none."""
        return self._held()

    def hold_against(self, approvals: Granted, password_hours: float) -> None:
        """Hold root's sessions against approvals, as ``reconcile`` does, for all that is worked out from now on."""
        self._held = lambda: self.ran.part(
            ("reconciliation",), lambda: reconcile(self, self.coverage, approvals, password_hours)
        )
        self._held()  # what is wrong with the approvals is told at once

    @property
    def coverage(self) -> Coverage:
        """What the logs can show."""
        return self.ran.part(("coverage",), lambda: Coverage(self))

    @property
    def novelty(self) -> Novelty:
        """Which entries of root are from new addresses, or after trouble with the password."""
        return self.ran.part(("novelty",), lambda: Novelty(self))

    @property
    def scope(self) -> Scope:
        """What the case was made from."""
        return self.ran.part(("scope",), lambda: scope(self))

    @property
    def radius(self) -> BlastRadius:
        """What root of all accounts reached."""
        return self.radius_of("")

    def radius_of(self, account_id: str) -> BlastRadius:
        """What root of one account reached; of all accounts if empty."""
        return self.ran.part(("radius", account_id), lambda: blast_radius(self, account_id, self.accepted))

    @property
    def accepted(self) -> Accepted:
        """What approvals and notes accept, of all accounts."""
        return self.ran.part(
            ("accepted",), lambda: Accepted(self, self.reconciliation.approved_by if self.reconciliation else {})
        )

    @property
    def opened(self) -> dict[str, list[of.RootTimeline]]:
        """Accounts in which ``AssumeRoot`` opened a session as root, with the calls that did."""
        return self.ran.part(("opened",), lambda: opened_accounts(self))

    @property
    def openers(self) -> dict[tuple[int, int], str]:
        """Who opened the ``AssumeRoot`` session of an event, by the event's place, if it was no one from root."""
        return self.ran.part(("openers",), lambda: openers(self))

    def use_by_people(self, account_id: str) -> Use | None:
        """What people did with root of an account, of all if empty; None where no event of root is theirs.

        A use that AWS recorded and the logs do not hold is one, whether or not the logs cover its time.
        """

        def told() -> dict[str, Use]:
            rows = [row for row in self.query("root_timeline").rows if row["origin_group"] == "activity"]
            uses = {account: use_of(own) for account, own in ({"": rows} | by_account(rows)).items() if own}
            recorded = [*filter(is_use, unheld(self))]
            for account, own in ({"": recorded} | by_account(recorded)).items() if recorded else ():
                uses[account] = replace(uses.get(account, UNSEEN), recorded=own)
            return uses

        return self.ran.part(("uses", self.account_id), told).get(account_id)

    @property
    def verdicts(self) -> Verdicts:
        """The verdict on each account in which root was active: likely takeovers first, then by failed checks."""

        def judged() -> Verdicts:
            every = [self.verdict_of(account) for account in root_accounts(self) or [""]]
            return Verdicts(sorted(every, key=urgency))

        return self.ran.part(("verdicts",), judged)

    @property
    def unlogged(self) -> list[str]:
        """Accounts that are spoken of and of which the case holds no event; the empty one if it holds none at all."""
        return [verdict.account_id for verdict in self.verdicts if not self.coverage.of(verdict.account_id).is_held]

    def verdict_of(self, account_id: str) -> AccountVerdict:
        """The verdict on one account, whether or not root was active there."""
        return self.ran.part(("verdict", account_id), lambda: self._judge(account_id))

    def verdict_within(
        self, account_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> AccountVerdict:
        """The verdict on what happened to root of one account in a time, with the steps of all time.

        Args:
            account_id: 12 digits, ``unknown``, or empty for all accounts.
            since: the first moment of the time, UTC; None for the begin of the logs.
            until: the first moment after it; None for the end of the logs.
        """
        whole = self.verdict_of(account_id)
        if since is None and until is None:
            return whole
        evidence = self._evidence_of(account_id).within(since, until)
        told = [self._as_recorded(answer) for answer in answers(evidence, self._approved(account_id, since, until))]
        # A sentence that speaks of the logs, or counts events, speaks of this time alone.
        told = [replace(one, because=f"for this time: {one.because}") for one in told]
        is_takeover = likely_takeover(told, evidence)
        return replace(whole, answers=tuple(told), is_takeover=is_takeover, since=since, until=until)

    def _evidence_of(self, account_id: str) -> Evidence:
        parts = self.ran.part(("evidence",), lambda: evidence_of(self, self.radius, self.coverage, self.novelty))
        return parts(account_id)

    def _judge(self, account_id: str) -> AccountVerdict:
        evidence = self._evidence_of(account_id)
        told = [self._as_recorded(answer) for answer in answers(evidence, self._approved(account_id))]
        approved = self.reconciliation.approved_places if self.reconciliation else frozenset()
        is_takeover, covered = likely_takeover(told, evidence), self.coverage.of(account_id)
        steps = containment(told, evidence, approved, self.accepted.noted, is_takeover=is_takeover)
        return AccountVerdict(
            account_id, tuple(told), tuple(steps), is_takeover, covered.window, covered.hours, covered.absent
        )

    def _as_recorded(self, one: Answer) -> Answer:
        """An answer that stands on nothing but calls that no record calls done is none; what was inferred is said."""
        if not one.event_ids or not self._some_are_unknown:
            return one
        rows = self.query("unrecorded_outcomes", citations=tuple(one.citations)).rows
        unknown = {place_text(row) for row in rows if row["is_unknown"]}
        if inferred := sum(row["is_inferred"] for row in rows):
            whose = plural(inferred, "event")
            inferred_of = f"the service of {whose} is inferred, because the record does not name it"
            one = replace(one, remarks=(*one.remarks, inferred_of))
        if one.answer != "yes" or one.asked.shown_by_a_try or not unknown.issuperset(one.citations):
            return one
        because = f"the records do not say whether this succeeded: {one.because}"
        return replace(one, answer="unknown", because=because, missing=(WHOLE_RECORDS, *one.missing))

    @property
    def _some_are_unknown(self) -> bool:
        """True if the case holds events that do not say how they went or which service was called."""
        return bool(len(self.query("doubtful_event")))

    def _approved(self, account_id: str, since: datetime | None = None, until: datetime | None = None) -> Reply | None:
        if (found := self.reconciliation) is None:
            return None
        of_account = (session for session in found.sessions if account_id in ("", session.session["account_id"]))
        judged = [one for one in of_account if rows_within([one.session], since, until)]
        beside = (one for one in found.apart if account_id in ("", one.account_id))
        apart = [one for one in beside if rows_within([one.row], since, until)]
        return unapproved_use({one.session["session_id"]: one for one in judged}, apart)


def analysis_of(case: Asks, reconciliation: Reconciliation | None = None) -> Analysis:
    """The analysis of a case; what is one already is taken as it is."""
    return case if isinstance(case, Analysis) else Analysis(case, reconciliation)
