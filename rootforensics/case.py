"""A case: one DuckDB file with the evidence, the events and the views on them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, overload

from rootforensics.custody.keeping import load_parameters, note_parameters
from rootforensics.engines.readers import Readers
from rootforensics.errors import NoteError
from rootforensics.extraction.extracting import Extracting
from rootforensics.ingest.from_sources import load_sources, plan_sources
from rootforensics.ingest.store import check_case
from rootforensics.integrity.verifying import Verifying
from rootforensics.posture.guarding import Guarding
from rootforensics.queries.asking import typed
from rootforensics.queries.catalogue import question
from rootforensics.queries.definitions import define
from rootforensics.queries.listing import Listing
from rootforensics.queries.runner import check_account, keep_views, run_question, run_sql, run_statement, stream_rows
from rootforensics.reports.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from os import PathLike

    import duckdb
    from matplotlib.figure import Figure

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.approval import Granted
    from rootforensics.charts.interactive import InteractiveChart
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.limits import Limits
    from rootforensics.ingest.outcome import LoadResult, Problems, Progress
    from rootforensics.queries import rows as of
    from rootforensics.queries.definitions import Definitions
    from rootforensics.queries.result import Result
    from rootforensics.reports.redaction.redactor import Redactor
    from rootforensics.sources.objects import Plan
    from rootforensics.sources.s3.connection import S3Options
    from rootforensics.telling.marks import Mark

#: The case in the folder that ``triage`` writes.
CASE_FILE: Final = "case.duckdb"
_OF_COMMANDS: Final = ("brief_text", "keep_extraction", "keep_head", "log_act")


class Case(Extracting, Writing, Guarding, Listing, Verifying):
    """One case file.

    Reading opens the file for reading only, so any number of readers work side by side, threads of one process too;
    ``load`` and ``note`` open it for writing as long as they run. Used as a context manager it keeps the file until the
    end; else it gives the file up when nobody has read for five seconds, so that others may write to it, and opens it
    again. One call answers from one state of the case.

    What reads raises ``CaseError`` if there is no such case, and ``ApprovalsError``, with all errors by line, if a file
    of approvals cannot be read or has errors. ``account_id`` is 12 digits, and empty for all accounts. ``approvals``
    are a file of them, CSV or YAML, as ``docs/reference/approvals.md`` tells, or what was read from one already.

    Args:
        path: the case file, or the folder that ``triage`` wrote; it need not exist before the first ``load``.

    Example:
        >>> case = open_case("incident.duckdb")  # doctest: +SKIP
        >>> case.load("logs/")  # doctest: +SKIP
        >>> case.query("root_signins").df()  # doctest: +SKIP
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        held = Path(path, CASE_FILE)
        self.path = (held if held.is_file() else Path(path)).absolute()  # a process may change its folder later
        # No method of this object's: nothing must keep the file open when a case is dropped without being closed.
        self._readers = Readers(self.path, _prepare)

    def load(
        self,
        *sources: str | PathLike[str],
        filters: Filters | None = None,
        limits: Limits | None = None,
        jobs: int = 0,
        progress: Progress | None = None,
        problems: Problems | None = None,
        leave_out: Iterable[str | PathLike[str]] = (),
        s3: S3Options | None = None,
        remarks: Callable[[str], None] | None = None,
    ) -> LoadResult:
        """Load evidence into the case; what is in it already is not loaded again.

        Files are one transaction. Objects of S3 are committed in steps, so that a load that is interrupted loses one
        step; the same call goes on.

        Args:
            sources: files, folders, globs, or addresses such as ``s3://bucket/prefix``.
            filters: what to take in; everything if not given.
            limits: bounds on what one object may inflate to.
            jobs: reading threads; 0 for as many as suit the processors.
            progress: called after each object.
            problems: called for each object with a problem.
            leave_out: files that are no evidence even if a source holds them; the case file never is.
            s3: how to connect to S3; boto3's usual search for credentials if not given.
            remarks: called with what a listing of S3 left out and why, before anything is fetched.

        Returns:
            What was loaded. Damaged objects are rows of ``evidence``, not errors.

        Raises:
            CaseLockedError: another process has the case open.
            CaseError: the file is no case.
            SourceError: no source was named; S3 cannot be reached or refuses to list; what steps committed stays.
            StorageError: the case cannot be written; the hint tells what it keeps.

        Example:
            >>> other = rf.open_case("other.duckdb")
            >>> result = other.load("sample_logs/AWSLogs/777788889999")
            >>> {row["account_id"] for row in other.query("root_signins")} <= {"777788889999"}
            True
        """
        self.close()
        act = self._act("load", **load_parameters(sources, filters, s3))
        return load_sources(
            self.path, sources, setting_up, act, leave_out=leave_out, s3=s3, remarks=remarks, filters=filters,
            limits=limits, jobs=jobs, progress=progress, problems=problems, version=loader(),
        )  # fmt: skip

    def plan(self, *sources: str | PathLike[str], filters: Filters | None = None, s3: S3Options | None = None) -> Plan:
        """What ``load`` would list with the same arguments; nothing is fetched, and the case is not touched.

        Of the filters time, accounts and Regions decide what is listed in S3.

        Args:
            sources: files, folders, globs, or addresses such as ``s3://bucket/prefix``.
            filters: what to load; everything if not given.
            s3: how to connect to S3; boto3's usual search for credentials if not given.

        Returns:
            The objects, with their sizes in bytes.

        Raises:
            SourceError: S3 cannot be reached or refuses to list.

        Example:
            >>> plan = case.plan("sample_logs")
            >>> len(plan.objects) > 0 and plan.size_bytes > 0
            True
        """
        return plan_sources(sources, filters, s3)

    @typed
    def query(self, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Ask a question of the catalogue, such as ``query("root_signins", account_id="111122223333")``.

        Args:
            name: of the question, as ``queries()`` lists them.
            parameters: values for its parameters, such as ``account_id``; those not given have their defaults.

        Returns:
            One row for each item of the answer, in the order that the question documents.

        Raises:
            QueryError: the question or a parameter is unknown.

        Example:
            >>> case.query("root_signins", account_id="111122223333")[0]["sourceIPAddress"]
            '203.0.113.91'
        """
        with self._reading() as connection:
            return run_question(connection, question(name), parameters)

    def findings(self, only: str = "", **parameters: Any) -> Result[of.Findings]:  # noqa: ANN401 - values of any SQL type
        """The findings of all detections, and the actions that are high or critical by themselves.

        Args:
            only: one detection by its name; empty for all.
            parameters: ``account_id``, ``severity`` (at least this), and any threshold or window of a detection as
                ``detection__parameter``, such as ``failed_sign_ins__threshold=10``.

        Returns:
            One row a finding, the most severe first, with the eventIDs that prove it.

        Raises:
            QueryError: the detection or a parameter is unknown, or the case was made by a version without the
                catalogue of actions.

        Example:
            >>> {row["severity"] for row in case.findings(severity="critical")}
            {'critical'}
        """
        from rootforensics.rules.findings import findings_query

        with self._reading() as connection:
            keep_views(connection)  # they stand on each other: planning them all as one takes longer
            return run_question(connection, findings_query(only), parameters)

    def sql(
        self,
        text: str,
        /,
        dialect: str = "duckdb",
        values: Mapping[str, Any] | None = None,
        tables: Mapping[str, Any] | None = None,
        **parameters: Any,  # noqa: ANN401
    ) -> Result[dict[str, Any]]:
        """Run SQL of your own; it can read the case and ``tables``, and nothing else.

        Args:
            text: one statement.
            dialect: ``duckdb``, ``athena``, ``trino`` or ``spark``.
            values: for ``$names`` in the statement.
            tables: your own tables, each with the name that the SQL uses: a pandas or Polars DataFrame, an Arrow
                table, a ``Result``, or the path of a CSV or Parquet file. All values of a CSV file are text.
            parameters: more values, as keywords.

        Returns:
            The rows of the statement, in its order.

        Raises:
            QueryError: the statement does not parse, bind or run. A table cannot be read, or its name is invalid or
                that of a table or view of the case.

        Example:
            >>> case.sql("SELECT $ip AS address", ip="203.0.113.77").rows
            [{'address': '203.0.113.77'}]
        """
        with self._reading() as connection:
            return run_sql(connection, text, dialect, {**(values or {}), **parameters}, tables)

    def _statement(self, text: str, /, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Run a SELECT that this package made just now: it sees what ``analysis`` worked out, and nobody guards it."""
        with self._reading() as connection:
            return run_statement(connection, text, parameters)

    def _state(self) -> int:
        """How often the file was found changed: what two readings gave is of one state if this did not change."""
        return self._readers.changes

    def _reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A reader; nobody can write to the file until the end of the context."""
        return self._readers.reading()

    def analysis(
        self,
        approvals: Granted | None = None,
        *,
        password_hours: float = 24.0,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Analysis:
        """All of the analysis, each part of it worked out once: for those who want several.

        With ``since`` or ``until`` the answers are about that period only: what happened in it, and what already
        existed or was disabled at its start. What is still open, steps and gaps come from all logs.

        Args:
            approvals: a file of approvals (CSV or YAML), or what was read from one; none if not given.
            password_hours: hours after the last use within which the password must be changed.
            account_id: only root of this account, 12 digits; all accounts if empty.
            since: only this time and later, UTC; from the start of the logs if not given.
            until: only before this time, UTC; to the end of the logs if not given.

        Returns:
            What answers as the case does, and remembers. Once the case has changed it gives what it remembers, and
            raises ``CaseError`` where it would have to ask the changed case.

        Raises:
            FilterError: ``since`` is not before ``until``.
            ApprovalsError: the approvals cannot be read or have errors.
            QueryError: the account ID is not 12 digits.

        Example:
            >>> analysis = case.analysis(account_id="111122223333")
            >>> [verdict.account_id for verdict in analysis.verdicts]
            ['111122223333']
        """
        from rootforensics.analysis.analysis import Analysis
        from rootforensics.analysis.one_account import OneAccount
        from rootforensics.analysis.one_window import OneWindow
        from rootforensics.ingest.filters import check_span

        check_account(account_id)
        check_span(since, until)
        with self._reading() as connection:
            keep_views(connection)
            whole = Analysis(self)
            if approvals is not None:
                whole.hold_against(approvals, password_hours)
            scoped = OneAccount(whole, account_id) if account_id else whole
            return OneWindow(scoped, since, until) if since or until else scoped

    def redactor(self, path: str | PathLike[str]) -> Redactor:
        """What masks account IDs, access keys, addresses and e-mail addresses in results of this case.

        Args:
            path: the key file, which ``save`` writes; masks that it has are used again.

        Returns:
            The redactor, for ``report``, ``triage``, ``handover`` and ``export``.

        Raises:
            ReportError: the file is no key file.
            StorageError: it cannot be read.

        Example:
            >>> case.report("masked.html", redactor=case.redactor("key.json")).name
            'masked.html'
        """
        from rootforensics.reports.redaction.redactor import Redactor

        made = Redactor(path)
        with self._reading():
            made.learn(self)
        return made

    def export(self, folder: str | PathLike[str], redactor: Redactor | None = None) -> dict[str, int]:
        """Write the case as Parquet files: events and root's views by account and day, the rest as one file each.

        The folder is new or empty; it appears when all is written, and before it the key file of a redactor.

        Args:
            folder: a new or empty folder.
            redactor: masks account IDs, access keys and addresses; nothing is masked if not given.

        Returns:
            The rows written of each table.

        Raises:
            StorageError: the folder holds something, or cannot be written.

        Example:
            >>> case.export("parquet")["events"] > 0
            True
        """
        from rootforensics.reports.exports.parquet import write_parquet_folder

        with self._reading() as connection:
            keep_views(connection)
            counts = write_parquet_folder(partial(stream_rows, connection), self, Path(folder), redactor)
        self.log_act("export", out=folder, is_redacted=redactor is not None)
        return counts

    @overload
    def chart(
        self,
        name: str,
        *,
        account_id: str = "",
        interactive: Literal[False] = False,
        **options: Any,  # noqa: ANN401
    ) -> Figure: ...
    @overload
    def chart(
        self,
        name: str,
        *,
        account_id: str = "",
        interactive: Literal[True],
        **options: Any,  # noqa: ANN401
    ) -> InteractiveChart: ...
    def chart(self, name: str, *, account_id: str = "", interactive: bool = False, **options: Any) -> Any:
        """Draw a chart.

        Args:
            name: of the chart, as ``docs/reference/charts.md`` lists them.
            account_id: only this account.
            interactive: of ``incident``: a chart for notebooks in which one zooms, and whose marks tell their events.
            options: ``since``, ``until``, ``tz``, ``title``, ``figsize``, ``dpi`` and ``ax``; of ``incident`` also
                ``approvals``, of ``sources`` ``geoip``.

        Returns:
            A matplotlib figure; an ``InteractiveChart`` if ``interactive``; the axes if ``ax`` is given.

        Raises:
            ChartError: there is no such chart, it has no interactive form, or an option is not understood.

        Example:
            >>> case.chart("activity", account_id="111122223333").savefig("activity.png")
        """
        from rootforensics.charts.catalogue import named

        chart = named(name)
        with self._reading():
            return chart.figure(self, account_id=account_id, interactive=interactive, **options)

    def raw(self, event_id: str, s3: S3Options | None = None) -> bytes:
        """The original record of an event: its exact bytes, read from the evidence again.

        The evidence's SHA-256 is compared with the ledger first.

        Args:
            event_id: the event's eventID, four or more characters of its beginning, or ``evidence_id:record_index``.
            s3: how to connect to S3, if the evidence lies there.

        Returns:
            The bytes of the record, as in the log.

        Raises:
            OriginalError: no event has the ID, several do (events in conflict), or the evidence is gone or changed.

        Example:
            >>> event = case.sign_ins()[0]["eventID"]
            >>> event.encode() in case.raw(event)
            True
        """
        from rootforensics.evidence.originals import original_of

        with self._reading() as connection:
            return original_of(connection, event_id, s3)

    def note(self, at: str | datetime, text: str, *, tag: str | None = None, author: str | None = None) -> int:
        """Keep a note of the investigator's in the case. Notes are added and never changed.

        Args:
            at: what it is about: an eventID, ``evidence_id:record_index``, or a time (UTC if without offset).
            text: the note.
            tag: a word to find it by.
            author: who writes it; the login name if not given.

        Returns:
            The note's number.

        Raises:
            NoteError: the event is not in the case, or the text is empty or too long.
            CaseLockedError: another process has the case open.

        Example:
            >>> case.note("2026-08-05T01:20Z", "The mailbox owner was on leave", tag="interview")
            1
        """
        from rootforensics.evidence.notes import add_note, find_subject

        with self._reading() as connection:
            subject = find_subject(connection, at)
        self.close()
        return add_note(self.path, subject, text, tag, author, self._act("note", **note_parameters(at, tag, author)))

    def mark(self, statement: of.Story | of.Brief, mark: Mark, text: str = "", *, author: str | None = None) -> int:
        """Mark a statement as confirmed, doubted or refuted. No answer and no count changes.

        The mark is a note with this tag on the first event that the statement cites. ``story()`` and ``brief()`` show
        it with the statement as long as its wording and its first event are the same. After that it is a note only.
        The latest mark of an author counts.

        Args:
            statement: a row of ``story()`` or ``brief()``.
            mark: ``confirmed``, ``doubted`` or ``refuted``.
            text: the reason.
            author: who marks it; the login name if not given.

        Returns:
            The note's number.

        Raises:
            NoteError: the statement cites no event, or none of this case; the mark is unknown; the text is too long.
            CaseLockedError: another process has the case open.

        Example:
            >>> case.mark(case.story()[0], "doubted", "The laptop was hers", author="maria")
            1
        """
        from rootforensics.evidence.notes import find_subject
        from rootforensics.telling.marks import mark_note

        event_id, citation, note = mark_note(statement, mark, text)
        with self._reading() as connection:
            subject = find_subject(connection, citation)
        if event_id not in (subject.event_id, citation):
            hint = "Pass a row of story() or brief() of this case"
            raise NoteError(f"the event {event_id} is not at {citation} in this case", hint=hint)
        return self.note(citation, note, tag=mark, author=author)

    def _loader(self) -> str:
        return loader()

    def _set_up(self, writer: duckdb.DuckDBPyConnection) -> None:
        setting_up()(writer)

    def close(self) -> None:
        """Let go of the file; the case can be used again afterwards.

        Example:
            >>> case.close()
        """
        self._readers.close()

    def __dir__(self) -> list[str]:
        """The names that tab completion offers, without those that only the command line calls."""
        return [name for name in super().__dir__() if name not in _OF_COMMANDS]

    def __enter__(self) -> Case:
        self._readers.stays_open = True
        return self

    def __exit__(self, *_: object) -> None:
        self._readers.stays_open = False
        self.close()

    def __repr__(self) -> str:
        return f"<Case {self.path}>"

    def _repr_html_(self) -> str:
        """What the case holds, counted; why it cannot be read, if so it is."""
        from rootforensics.telling.counts import case_html

        return case_html(self.path, self)


def _prepare(path: Path, reader: duckdb.DuckDBPyConnection) -> None:
    """Make a new connection to a case ready: what it reads besides evidence is what this package defines."""
    check_case(path, reader)
    define(reader, definitions)


def definitions() -> Definitions:
    """The views and rule tables of this version."""
    from rootforensics.rules.set_up import definitions as defined

    return defined()


def loader() -> str:
    """Name and version of this package."""
    from rootforensics import __version__

    return f"rootforensics {__version__}"


def setting_up() -> Callable[[duckdb.DuckDBPyConnection], None]:
    """What begins a transaction, and makes what a case holds."""
    from rootforensics.rules.set_up import set_up

    return partial(set_up, loader())


def open_case(path: str | PathLike[str]) -> Case:
    """Open a case file, or the one in a folder of ``triage``, or name one that the first ``load`` makes."""
    return Case(path)
