"""The brief: a few sentences on root of each account, the key moments, what is still open, and the first steps.

It is for people who read nothing else: which account was taken over, since when and how, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.containment.step import most_urgent
from rootforensics.analysis.coverage.hours import incomplete_hours
from rootforensics.analysis.one_window import WINDOW_NOTE
from rootforensics.phrases import and_more, at, plural, sortable
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.caveats import tell_limits
from rootforensics.telling.key_moments import key_moments
from rootforensics.telling.marks import Marks, moment_texts
from rootforensics.telling.opening import opening
from rootforensics.telling.section import Section, sections_as_html, step_line
from rootforensics.telling.standing import shows_nothing, standing
from rootforensics.telling.statement import Statement
from rootforensics.telling.still_open import still_open
from rootforensics.telling.times import times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.containment.step import Step
    from rootforensics.queries import rows as of
    from rootforensics.telling.section import Command
    from rootforensics.telling.standing import Standing

#: The highest number of accounts, key moments, open resources, steps and sentences on approvals.
_ACCOUNTS: Final = 6
_MOMENTS: Final = 18
_OPEN: Final = 8
_STEPS: Final = 6
_APPROVALS: Final = 3
_MEANING: Final = "A failed check does not prove a takeover. The logs do not show who used root."


@dataclass(frozen=True, slots=True)
class AccountBrief:
    """What happened to root of one account.

    Attributes:
        account_id: 12 digits, ``unknown``, or empty where root was active in no account.
        standing: likely takeover, approved use, failed attempts, …
        sentences: in this order: who and when, how they got in, what they did, what is still open, what is not known.
        times: from the first suspicious event to the alarm and to containment; of a use to answer for.
        cut_count: sentences and times that had no room.
    """

    account_id: str
    standing: Standing
    sentences: tuple[Statement, ...]
    times: tuple[Statement, ...]
    cut_count: int = 0

    @property
    def cut(self) -> AccountBrief:
        """The same with its first sentence only."""
        more = len(self.sentences[1:]) + len(self.times)
        return replace(self, sentences=self.sentences[:1], times=(), cut_count=self.cut_count + more)


#: Columns of the brief as a table, and what they hold.
COLUMNS: Final = {
    "section": "VARCHAR; the heading under which it stands",
    "level": "VARCHAR; bad asks for action, note for attention, good for none",
    "text": "VARCHAR; the sentence",
    "command": "VARCHAR; of a step, for the AWS CLI; NULL where there is none",
    "eventIDs": "VARCHAR[]; of the events that prove it",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
    "mark": "VARCHAR; confirmed, doubted or refuted, by whom and when (Case.mark); NULL for none",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS) - {"command", "mark"}


@dataclass(frozen=True, slots=True, repr=False)
class Brief(Tabular):
    """The brief of a case; as a table a row for each sentence.

    Attributes:
        accounts: the one with the most failed checks first.
        account_count: of all accounts with root activity, an attempt, or a session opened by AssumeRoot.
        ranked: key moments of all accounts, the most important first.
        moment_count: of all lines of the incident timeline about root, those of one kind counted once.
        still_open: what is open at the end of the logs, persistence first, then what is most severe.
        open_count: of all that is open.
        steps: the first steps of containment.
        step_count: of all steps.
        approvals: the first sentences on approvals.
        approval_count: of all sentences on approvals.
        limits: what was loaded, and what the logs cannot show.
        last_time: of the last event in the case, UTC; None where there is none.
        time: the period that the brief covers, in words; empty for all time.
        step_marks: what investigators think of each of the first steps, in words; empty for none.
    """

    accounts: tuple[AccountBrief, ...]
    account_count: int
    ranked: tuple[Statement, ...]
    moment_count: int
    still_open: tuple[Statement, ...]
    open_count: int
    steps: tuple[Step, ...]
    step_count: int
    approvals: tuple[Statement, ...]
    approval_count: int
    limits: tuple[Statement, ...]
    last_time: datetime | None = None
    time: str = ""
    step_marks: tuple[str, ...] = ()

    @property
    def moments(self) -> tuple[Statement, ...]:
        """The key moments in order of time."""
        return tuple(sorted(self.ranked, key=lambda line: sortable(line.from_time)))

    @property
    def step_lines(self) -> list[Command]:
        """The first steps as sentences, each with its mark."""
        account_id = self.accounts[0].account_id if self.accounts else ""
        marks = chain(self.step_marks, repeat(""))
        return [replace(step_line(step, account_id), mark=mark) for step, mark in zip(self.steps, marks, strict=False)]

    @property
    def main(self) -> str:
        """The account of every line that names no other account."""
        account = self.accounts[0].account_id if self.accounts else ""
        return f"account {account} unless stated" if account else "the accounts that each line names"

    def result(self) -> Result[of.Brief]:
        """The sentences as a table."""
        rows = [
            {**statement.as_row(), "section": part.heading, "command": getattr(statement, "command", None) or None}
            for part in self.sections()
            for statement in part.statements
        ]
        return result_of("brief", ({name: row[name] for name in COLUMNS} for row in rows), COLUMNS)

    def sections(self) -> list[Section]:
        """The same as sentences under headings, for a terminal or a text."""
        more_approvals = _more(self.approval_count, self.approvals, "approvals CASE FILE")
        more_steps = _more(self.step_count, self.steps, "verdict CASE")
        more_open = _more(self.open_count, self.still_open, "blast-radius CASE --open")
        logs = "all logs" if self.time else "the logs"
        is_open = f"Still open at the end of {logs} ({at(self.last_time)}): {self.open_count:,} ({self.main})"
        of_all = ", from all logs" if self.time else ""
        sections: list[tuple[str, Iterable[Statement]]] = [
            (f"Only {self.time}", (Statement(WINDOW_NOTE),) if self.time else ()),
            *((account.standing.heading, (*account.sentences, *account.times)) for account in self.accounts),
            ("Approvals", (*self.approvals, *more_approvals)),
            (
                f"Timeline, {len(self.ranked):,} of {plural(self.moment_count, 'key moment')} ({self.main})",
                map(self._moment, self.moments),
            ),
            (is_open, (*self.still_open, *more_open)),
            (
                f"First steps{of_all} ({self.main}; read each command first)",
                (*self.step_lines, *more_steps),
            ),
            (f"Scope and limits{of_all}", self.limits),
        ]
        parts = (Section(heading, tuple(statements), rows=0) for heading, statements in sections)
        return [part for part in parts if part.statements]

    def marked(self, marks: Marks) -> Brief:
        """The same with marks on its statements."""

        def with_marks(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
            return tuple(replace(statement, mark=marks.of(statement)) for statement in statements)

        return replace(
            self,
            accounts=tuple(
                replace(account, sentences=with_marks(account.sentences), times=with_marks(account.times))
                for account in self.accounts
            ),
            ranked=tuple(replace(line, mark=marks.of(replace(line, text=line.sentence))) for line in self.ranked),
            still_open=with_marks(self.still_open),
            approvals=with_marks(self.approvals),
            limits=with_marks(self.limits),
            step_marks=tuple(map(marks.of, self.step_lines)),
        )

    def _moment(self, line: Statement) -> Statement:
        """A line of the timeline; the account is named where it is not the first."""
        other = not self.accounts or line.account_id != self.accounts[0].account_id
        text = moment_texts(line.sentence, line.account_id)[other]
        return Statement(text, line.level, line.event_ids[:1], line.citations[:1], mark=line.mark)

    def _repr_html_(self) -> str:
        """The brief as a notebook shows it."""
        return sections_as_html(self.sections())


def brief(analysis: Analysis) -> Brief:
    """Summarize a case in one or two pages.

    Args:
        analysis: of the case, with its approvals.
    """
    limits = tuple(tell_limits(analysis.all_time, analysis.scope))
    if any(row["origin_group"] == "activity" for row in analysis.query("root_timeline").rows):
        limits = (Statement(_MEANING, stands_in="evidence"), *limits)
    for verdict in analysis.verdicts[:1]:
        if incomplete := incomplete_hours(verdict.hours):
            hours = f"{incomplete:,} of {sum(verdict.hours.values()):,} hours, counted per Region"
            text = f"Logs of account {verdict.account_id or 'unknown'} are missing or incomplete for {hours}."
            limits = (*limits, Statement(text, "bad", stands_in="coverage"))
    approvals = tuple(approval_statements(analysis.reconciliation))
    if shows_nothing(analysis):
        nothing = Brief((), 0, (), 0, (), 0, (), 0, approvals[:_APPROVALS], len(approvals), limits, time=analysis.time)
        return nothing.marked(Marks(analysis))
    accounts = [(verdict, standing(analysis, verdict)) for verdict in analysis.verdicts]
    is_open = still_open(analysis, accounts)
    steps = tuple(most_urgent(step for verdict, _ in accounts for step in verdict.steps))
    moments = key_moments(analysis, accounts)
    whole = Brief(
        tuple(_account(analysis, *pair) for pair in accounts[:_ACCOUNTS]),
        len(accounts),
        tuple(moments[:_MOMENTS]),
        len(moments),
        tuple(is_open[:_OPEN]),
        len(is_open),
        steps[:_STEPS],
        len(steps),
        approvals[:_APPROVALS],
        len(approvals),
        limits,
        max((row["last_time"] for row in analysis.coverage.times if row["last_time"]), default=None),
        analysis.time,
    )
    return whole.marked(Marks(analysis))


def _account(analysis: Analysis, verdict: AccountVerdict, result: Standing) -> AccountBrief:
    # How long it took is a fact of the whole incident.
    times = tuple(times_of(analysis, verdict.account_id)) if result.is_bad and not analysis.time else ()
    sentences = tuple(opening(analysis, verdict, result))
    # Each of these is there once: the time of a request, the sentence on follow-on activity.
    timed = {citation for line in times for citation in line.citations}
    followed = {citation for line in sentences if line.kind == "followed" for citation in line.citations[-1:]}
    sentences = tuple(line for line in sentences if line.kind != "request" or not timed.issuperset(line.citations))
    times = tuple(line for line in times if followed.isdisjoint(line.citations))
    return AccountBrief(verdict.account_id, result, sentences, times)


def _more(count: int, shown: Sequence[object], command: str) -> list[Statement]:
    more = count - len(shown)
    return [Statement(f"{and_more(more)}: rootforensics {command}")] if more else []
