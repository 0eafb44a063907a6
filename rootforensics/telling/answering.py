"""What is asked of a case as a whole: each answer is of one state of the case, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.queries.asking import CaseFile
from rootforensics.queries.runner import check_account

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis, Verdicts
    from rootforensics.analysis.approval import Granted
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.analysis.response.contained import Contained
    from rootforensics.analysis.root_timeline import Only
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Result
    from rootforensics.telling.brief import Brief
    from rootforensics.telling.hypotheses import Hypotheses
    from rootforensics.telling.summary import Summary


class Answering(CaseFile):
    """Answers, worked out anew each time; ``analysis`` remembers. The parameters are those of ``analysis``."""

    if TYPE_CHECKING:

        def analysis(
            self,
            approvals: Granted | None = None,
            *,
            password_hours: float = 24.0,
            account_id: str = "",
            since: datetime | None = None,
            until: datetime | None = None,
        ) -> Analysis:
            """All of the analysis."""

    def story(self, approvals: Granted | None = None, *, account_id: str = "") -> Result[of.Story]:
        """Root's story in sentences, each with the events that prove it: the answers first, details behind them.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.

        Returns:
            One row for each sentence, with the eventIDs and citations that prove it.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> len(case.story(account_id="111122223333")[0]["eventIDs"]) > 0
            True
        """
        from rootforensics.telling.story import story

        with self._reading():
            return story(self.analysis(approvals, account_id=account_id))

    def brief(
        self,
        approvals: Granted | None = None,
        *,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Brief:
        """The case on one or two pages: what happened in each account, key moments, what is open, what comes first.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.
            since: only this time and later, UTC; from the start of the logs if not given.
            until: only before this time, UTC; to the end of the logs if not given.

        Returns:
            The brief, which is a table of its sentences; ``accounts`` and ``steps`` are its parts.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            FilterError: ``since`` is not before ``until``.
            CaseError: there is no such case.

        Example:
            >>> case.brief(account_id="111122223333").account_count
            1
        """
        from rootforensics.telling.brief import brief

        with self._reading():
            return brief(self.analysis(approvals, account_id=account_id, since=since, until=until))

    def summary(self, approvals: Granted | None = None, *, account_id: str = "") -> Summary:
        """The case in numbers, as ``summary.json`` holds them and ``docs/reference/summary.md`` tells.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.

        Returns:
            A dict that is also a table.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> "root" in case.summary()
            True
        """
        from rootforensics.telling.summary import summarize

        with self._reading():
            return summarize(self.analysis(approvals, account_id=account_id))

    def verdict(
        self,
        approvals: Granted | None = None,
        *,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Verdicts:
        """The questions of a root incident, each answered with its evidence, and containment and recovery, in order.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.
            since: only this time and later, UTC; from the start of the logs if not given.
            until: only before this time, UTC; to the end of the logs if not given.

        Returns:
            A list with one ``AccountVerdict`` for each account, likely takeovers first; one for the
            whole case, with an empty ``account_id``, if root was active in none.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            FilterError: ``since`` is not before ``until``.
            CaseError: there is no such case.

        Example:
            >>> [one.account_id for one in case.verdict(account_id="111122223333")]
            ['111122223333']
        """
        from rootforensics.analysis.analysis import Verdicts
        from rootforensics.telling.checks import worded

        with self._reading():
            analysis = self.analysis(approvals, account_id=account_id, since=since, until=until)
            return Verdicts(worded(analysis, verdict) for verdict in analysis.verdicts)

    def containment(self, approvals: Granted | None = None, *, account_id: str = "") -> Result[of.Containment]:
        """Containment and recovery in the order in which to act, with commands for the AWS CLI; of all accounts.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.

        Returns:
            One row for each step: ``what`` to do, ``why``, the ``identity`` that its commands run as, and the
            ``command``.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> case.containment(account_id="111122223333").columns[:4]
            ['account_id', 'what', 'why', 'identity']
        """
        return self.verdict(approvals, account_id=account_id).steps()

    def contained(
        self,
        since: datetime,
        until: datetime | None = None,
        approvals: Granted | None = None,
        *,
        account_id: str = "",
    ) -> Contained:
        """Whether containment holds: whether root or what descends from it was used since a moment, or can still act.

        Args:
            since: when containment was done, UTC.
            until: until when logs must be whole, UTC; two hours before the end of all logs if not given.
            approvals: of root's use; what they cover is accepted.
            account_id: only root of this account and what descends from it.

        Returns:
            A row for each of them: ``used``; ``still open`` where the logs do not show its end;
            ``unknown`` where the logs of the time are not whole; ``accepted`` or ``closed``.

        Raises:
            FilterError: nothing can lie between the two times.
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> from datetime import datetime, UTC
            >>> contained = case.contained(datetime(2026, 8, 5, 8, 30, tzinfo=UTC))
            >>> "still open" in contained.result()["answer"]
            True
        """
        from rootforensics.analysis.response.contained import contained

        with self._reading():
            return contained(self.analysis(approvals, account_id=account_id), since, until)

    def hypotheses(
        self,
        approvals: Granted | None = None,
        *,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Hypotheses:
        """Hypotheses on how root access was gained, with the evidence for and against each; none is ever excluded.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.
            since: only this time and later, UTC; from the start of the logs if not given.
            until: only before this time, UTC; to the end of the logs if not given.

        Returns:
            One row for each hypothesis and account, with ``speaks_for`` and ``speaks_against``.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            FilterError: ``since`` is not before ``until``.
            CaseError: there is no such case.

        Example:
            >>> len(case.hypotheses(account_id="111122223333").result())
            10
        """
        from rootforensics.telling.hypotheses import hypotheses

        with self._reading():
            return hypotheses(self.analysis(approvals, account_id=account_id, since=since, until=until))

    def blast_radius(self, approvals: Granted | None = None, *, account_id: str = "") -> BlastRadius:
        """What root made and changed, what that did in turn, and what of it is still there, accepted or not.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            account_id: only root of this account, 12 digits; all accounts if empty.

        Returns:
            One row for each entity, with its state and the events that prove it.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> "AKIA7P5O2MSTTEXAMPLE" in case.blast_radius(account_id="111122223333").result()["entity_name"]
            True
        """
        with self._reading():
            return self.analysis(approvals).radius_of(account_id)

    def indicators(self, *, account_id: str = "") -> Result[of.Indicators]:
        """What to search for in other logs: the question ``indicators``, and what root made, left open and nobody used.

        Args:
            account_id: only root of this account, 12 digits; all accounts if empty.

        Returns:
            The columns of the question; ``used_by`` is ``made, not seen used`` in the rows that are added behind it.

        Raises:
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> "203.0.113.77" in case.indicators().where(kind="ipv4")["value"]
            True
        """
        from rootforensics.analysis.lineage.indicators import indicators

        with self._reading():
            return indicators(self.analysis(), account_id)

    def sign_ins(self, *, account_id: str = "") -> Result[of.RootSignins]:
        """Root's sign-ins, attempts and password recoveries: the question ``root_signins``.

        Args:
            account_id: only root of this account, 12 digits; all accounts if empty.

        Returns:
            One row for each sign-in, attempt or recovery, by time.

        Raises:
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> {row["account_id"] for row in case.sign_ins(account_id="111122223333")}
            {'111122223333'}
        """
        return self.query("root_signins", account_id=account_id)

    def incident_timeline(
        self,
        approvals: Granted | None = None,
        *,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Result[of.IncidentTimeline]:
        """One story from all that the case holds: root's events, findings, follow-on activity, windows, notes.

        Args:
            approvals: of root's use.
            account_id: only this account, and what its root reached elsewhere.
            since: only what is at or after this time, UTC, and windows that reach into it.
            until: only what is before this time, likewise.

        Returns:
            Lines in order of time; ``telling.statement.LINE_COLUMNS`` tells the columns. Windows of approvals and what
            they say of each session stand among the rest.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            FilterError: ``since`` is not before ``until``.
            CaseError: there is no such case.

        Example:
            >>> times = [time for time in case.incident_timeline(account_id="111122223333")["from_time"] if time]
            >>> times == sorted(times)
            True
        """
        from rootforensics.telling.timeline import incident_timeline

        check_account(account_id)
        with self._reading():
            return incident_timeline(self.analysis(approvals, since=since, until=until), account_id)

    def timeline(
        self,
        *,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        only: Only = "",
        columns: tuple[str, ...] = (),
        show_secrets: bool = False,
    ) -> Result:
        """Root's timeline, every event attributed to root in order of time, or a part of it.

        Args:
            account_id: only this account.
            since: only events at or after this time. An event without a time always stays.
            until: only events before this time.
            only: ``activity`` (what people did), ``noise`` (service activity as root) or ``findings`` (what a
                finding cites); all, and what other services of AWS found, if empty.
            columns: these columns only, in this order; all if empty.
            show_secrets: show user data and passwords in ``requestParameters``, not only their length and hash.

        Returns:
            The rows of ``root_timeline`` with a column ``findings``: names of those that cite the event.

        Raises:
            QueryError: a column is unknown or named twice.
            FilterError: nothing can lie between the two times.

        Example:
            >>> case.timeline(only="activity", columns=("eventTime", "eventName")).columns
            ['eventTime', 'eventName']
        """
        from rootforensics.analysis.root_timeline import select_timeline

        with self._reading():
            return select_timeline(
                self, account_id=account_id, since=since, until=until, only=only, columns=columns,
                show_secrets=show_secrets,
            )  # fmt: skip

    def reconcile(self, approvals: Granted, *, password_hours: float = 24.0, account_id: str = "") -> Reconciliation:
        """Hold root's sessions against the approvals of its use.

        Args:
            approvals: of root's use.
            password_hours: in what time after a use root's password has to be changed.
            account_id: only what is of this account, or of none that the records name.

        Returns:
            A judgment of each session, what became of each approval, and the procedure after each use.

        Raises:
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.
            CaseError: there is no such case.

        Example:
            >>> answers = case.reconcile("docs/examples/approvals.yaml").result()
            >>> answers.where(ticket="BG-2026-031", about="session")["verdict"]
            ['approved']
        """
        from rootforensics.analysis.approvals.reconcile import reconcile

        check_account(account_id)
        with self._reading():
            analysis = self.analysis()
            return reconcile(analysis, analysis.coverage, approvals, password_hours).of_account(account_id)

    def originals(self, places: Iterable[str]) -> Result[of.Originals]:
        """Read original records from their files again, as ``raw`` does; of one that cannot be read it is told why.

        Args:
            places: eventIDs or places, as ``raw`` takes them.

        Returns:
            One row for each event: its record as text.

        Example:
            >>> event = case.sign_ins()[0]["eventID"]
            >>> case.originals([event])["eventID"] == [event]
            True
        """
        from rootforensics.evidence.originals import COLUMNS, read_again
        from rootforensics.queries.result import result_of

        rows = [read_again(self.raw, place) for place in places]
        return result_of("originals", rows, COLUMNS)
