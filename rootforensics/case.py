"""A case: one DuckDB file with the evidence, the events and the views on them."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.readers import Readers
from rootforensics.engines.writing import blank_case, opened_writer
from rootforensics.errors import CaseError, QueryError, SourceError
from rootforensics.queries.catalogue import question
from rootforensics.queries.runner import install_views, keep_views, run_question, run_sql, run_statement, stream_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from types import TracebackType

    import duckdb
    import pyarrow as pa

    from rootforensics.analysis.approvals import Approvals
    from rootforensics.analysis.assess import AccountVerdict, Analysis
    from rootforensics.analysis.blast.radius import BlastRadius
    from rootforensics.analysis.reconcile import Reconciliation
    from rootforensics.analysis.selected import Only
    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.limits import Limits
    from rootforensics.ingest.outcome import LoadResult, Problems, Progress
    from rootforensics.queries.result import Result
    from rootforensics.reports.forms import Form, Paper
    from rootforensics.reports.redact import Redactor
    from rootforensics.sources.find import Plan
    from rootforensics.sources.objects import SourceObject
    from rootforensics.sources.s3.connection import S3Options
    from rootforensics.sources.wanted import Wanted


class Case:
    """One case file.

    Reading opens the file for reading only, so any number of readers work side by side, threads of one process too;
    ``load`` opens it for writing as long as it runs. Use it as a context manager, or call ``close``.

    Args:
        path: the case file; it need not exist before the first ``load``.

    Example:
        >>> case = open_case("incident.duckdb")  # doctest: +SKIP
        >>> case.load("logs/")  # doctest: +SKIP
        >>> case.query("root_signins").df()  # doctest: +SKIP
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()  # a process may change its folder later
        # No method of this object's: nothing must keep the file open when a case is dropped without being closed.
        self._readers = Readers(self.path, _prepare)

    def load(
        self,
        *sources: str | os.PathLike[str],
        filters: Filters | None = None,
        limits: Limits | None = None,
        jobs: int = 0,
        progress: Progress | None = None,
        problems: Problems | None = None,
        leave_out: Iterable[str | os.PathLike[str]] = (),
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
            StorageError: the case cannot be written; it is as it was.
        """
        from rootforensics.sources.s3.address import is_address

        if not sources:
            raise SourceError("no source was named", hint="Name files, folders, globs or addresses such as s3://bucket")
        self.close()
        in_steps = any(is_address(os.fspath(source)) for source in sources)
        # The first load of a process sets its case up while it imports what it needs; later ones copy a blank case.
        blank = _blank_case() if "rootforensics.ingest.load" in sys.modules else b""
        with storage_errors(self.path), opened_writer(self.path, in_steps=in_steps, blank=blank) as opening:
            # What the thread needs is imported before: an import that Ctrl-C ends may leave it waiting.
            import rootforensics.ingest.store
            import rootforensics.rules.findings  # noqa: F401

            opening.begin(_set_up)
            # The engine opens the file and sets the case up while these are imported.
            from rootforensics.ingest.filters import Filters
            from rootforensics.ingest.limits import Limits
            from rootforensics.ingest.load import load_objects
            from rootforensics.ingest.outcome import LoadOptions
            from rootforensics.sources.find import find

            options = LoadOptions(filters or Filters(), limits or Limits(), jobs, progress, problems, _loader())
            own = {str(self.path.resolve()), f"{self.path.resolve()}.wal", *map(os.path.realpath, leave_out)}
            if in_steps:  # listing may take long: say first that the case is locked, if it is
                opening.opened()
            with find(sources, _wanted(options.filters), s3) as plan:
                real_folder = cache(os.path.realpath)
                objects = [one for one in plan.objects if one.remote or _real_path(one, real_folder) not in own]
                if remarks:
                    for remark in plan.remarks:
                        remarks(remark)
                options = replace(options, listed=frozenset(plan.listed))
                result = load_objects(opening.ready(), objects, options, _set_up)
                result.unlisted_count = plan.filtered_count
                return result

    def plan(
        self, *sources: str | os.PathLike[str], filters: Filters | None = None, s3: S3Options | None = None
    ) -> Plan:
        """What ``load`` would list with the same arguments; nothing is fetched, and the case is not touched.

        Args:
            sources: as for ``load``.
            filters: as for ``load``; time, accounts and Regions decide what is listed in S3.
            s3: how to connect to S3.

        Raises:
            SourceError: S3 cannot be reached or refuses to list.
        """
        from rootforensics.ingest.filters import Filters
        from rootforensics.sources.find import find

        with find(sources, _wanted(filters or Filters()), s3) as plan:
            return plan

    def query(self, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Ask a question of the catalogue.

        Args:
            name: such as ``root_signins``.
            parameters: such as ``account_id="111122223333"``.

        Raises:
            QueryError: the question or a parameter is unknown.
            CaseError: there is no such case.
        """
        return run_question(self._readers.connection(), question(name), parameters)

    def findings(self, only: str = "", **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """What calls for an answer: the findings of all detections, and actions that are grave by themselves.

        Args:
            only: one detection by its name; empty for all.
            parameters: ``account_id``, ``severity`` (at least this), and any threshold or window of a detection as
                ``detection__parameter``, such as ``failed_sign_ins__threshold=10``.

        Returns:
            One row a finding, the gravest first, with the eventIDs that prove it.

        Raises:
            QueryError: the detection or a parameter is unknown, or the case was made by a version without the
                catalogue of actions.
            CaseError: there is no such case.
        """
        from rootforensics.rules.findings import findings_query

        connection = self._readers.connection()
        keep_views(connection)  # they stand on each other: planning them all as one takes longer
        return run_question(connection, findings_query(only), parameters)

    def indicators(self, account_id: str = "") -> Result:
        """What to search for in other logs: the question ``indicators``, and what root made, left open and nobody used.

        Args:
            account_id: only what was recorded in this account (12 digits); empty for all.

        Returns:
            The columns of the question; ``used_by`` is ``made, not seen used`` in the rows that are added behind it.

        Raises:
            CaseError: there is no such case.
        """
        from rootforensics.analysis.indicators import indicators

        keep_views(self._readers.connection())
        return indicators(self, account_id)

    def sql(
        self,
        text: str,
        /,
        dialect: str = "duckdb",
        values: Mapping[str, Any] | None = None,
        **parameters: Any,  # noqa: ANN401 - values of any SQL type
    ) -> Result:
        """Run SQL of your own; it can read the case and nothing else.

        Args:
            text: one statement.
            dialect: ``duckdb``, ``athena``, ``trino`` or ``spark``.
            values: for ``$names`` in the statement.
            parameters: more of them, as keywords.

        Raises:
            QueryError: the statement does not parse, bind or run.
        """
        return run_sql(self._readers.connection(), text, dialect, {**(values or {}), **parameters})

    def statement(self, text: str, /, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Run a statement of this package's own: it sees what ``analysis`` worked out, and nobody guards it.

        Args:
            text: a SELECT in DuckDB's SQL.
            parameters: for ``$names`` in it.

        Raises:
            QueryError: the statement does not bind or run.
        """
        return run_statement(self._readers.connection(), text, parameters)

    def blast_radius(self, account_id: str = "") -> BlastRadius:
        """What root made and changed, what that did in turn, and what of it is still there.

        Args:
            account_id: only root of this account; empty for all.
        """
        from rootforensics.analysis.blast.radius import blast_radius

        keep_views(self._readers.connection())
        return blast_radius(self, account_id)

    def analysis(
        self,
        approvals: str | os.PathLike[str] | Approvals | None = None,
        *,
        password_hours: float = 24.0,
        account_id: str = "",
    ) -> Analysis:
        """All of the analysis, each part of it worked out once: for those who want several.

        Args:
            approvals: approvals of root's use, or a file of them.
            password_hours: as for ``reconcile``.
            account_id: only what it says of this account (12 digits), for the story and the numbers; empty for all.

        Returns:
            What answers as the case does, and remembers; it holds as long as the case stays open.

        Raises:
            ApprovalsError: the file of approvals cannot be read or has errors.
            CaseError: there is no such case.
        """
        from rootforensics.analysis.assess import Analysis
        from rootforensics.analysis.one_account import OneAccount

        keep_views(self._readers.connection())
        whole = Analysis(self)
        if approvals is not None:
            whole.hold_against(approvals, password_hours)
        return OneAccount(whole, account_id) if account_id else whole

    def verdict(self, approvals: str | os.PathLike[str] | None = None, *, account_id: str = "") -> list[AccountVerdict]:
        """The questions of a root incident, each answered with its evidence, and what to undo, in order.

        Args:
            approvals: a file of approvals of root's use; without it whether it was approved stays unknown.
            account_id: only root of this account; empty for each account in which root was active.

        Returns:
            One for each account, the one with the most to answer for first; one for the whole case, with an empty
            ``account_id``, if root was active in none.

        Raises:
            ApprovalsError: the file of approvals cannot be read or has errors.
        """
        analysis = self.analysis(approvals)
        return [analysis.verdict_of(account_id)] if account_id else analysis.verdicts

    def incident_timeline(self, approvals: str | os.PathLike[str] | None = None, *, account_id: str = "") -> Result:
        """One story from all that the case holds: root's events, findings, what came of them, windows, notes.

        Args:
            approvals: a file of approvals of root's use; its windows and what they say of each session stand among
                the rest.
            account_id: only this account; empty for all.

        Returns:
            Lines in order of time; ``analysis.incident.lines.COLUMNS`` tells the columns.

        Raises:
            ApprovalsError: the file of approvals cannot be read or has errors.
        """
        from rootforensics.analysis.incident.merge import incident_timeline

        return incident_timeline(self.analysis(approvals), account_id)

    def timeline(
        self,
        *,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        only: Only = "",
        columns: tuple[str, ...] = (),
    ) -> Result:
        """Root's timeline, every event in root's name in order of time, or a part of it.

        Args:
            account_id: only this account; empty for all.
            since: only events at or after this time. An event without a time always stays.
            until: only events before this time.
            only: ``activity`` (what people did), ``noise`` (what AWS did in root's name) or ``findings`` (what a
                finding cites); all if empty.
            columns: these columns only, in this order; all if empty.

        Returns:
            The rows of ``root_timeline`` with a column ``findings``: names of those that cite the event.

        Raises:
            CaseError: there is no such case.
            QueryError: a column is unknown or named twice.
            FilterError: nothing can lie between the two times.
        """
        from rootforensics.analysis.selected import select_timeline

        return select_timeline(self, account_id=account_id, since=since, until=until, only=only, columns=columns)

    def report(
        self,
        path: str | os.PathLike[str],
        form: Form | None = None,
        *,
        title: str = "",
        investigator: str = "",
        approvals: str | os.PathLike[str] | Approvals | None = None,
        password_hours: float = 24.0,
        paper: Paper = "A4",
        redactor: Redactor | None = None,
    ) -> Path:
        """Write the report.

        Args:
            path: the file; an older one is replaced once the new one is complete.
            form: ``html``, ``md`` or ``pdf``; by the file's ending if not given.
            title: a name for the case.
            investigator: who answers for the report.
            approvals: approvals of root's use, or a file of them.
            password_hours: as for ``reconcile``.
            paper: ``A4`` or ``letter``, for print and PDF.
            redactor: masks what tells whose the case is, as ``redactor`` gives it; its key file is written first.

        Returns:
            The path.

        Raises:
            ApprovalsError: the file of approvals cannot be read or has errors.
            CaseError: there is no such case.
            ReportError: form and ending disagree, or a PDF cannot be printed.
            StorageError: the file cannot be written.
        """
        from rootforensics import __version__
        from rootforensics.reports.forms import form_of, write_report
        from rootforensics.reports.html import render_report

        chosen = form_of(path, form)  # a wrong one is told before the work
        analysis = self.analysis(approvals, password_hours=password_hours)
        page = render_report(
            analysis, title=title, version=__version__, investigator=investigator, paper=paper, redactor=redactor
        )
        if redactor:
            redactor.save()
        return write_report(page, path, chosen)

    def redactor(self, path: str | os.PathLike[str]) -> Redactor:
        """What masks account IDs, access keys, addresses and e-mail addresses in results of this case.

        Args:
            path: the key file, which ``save`` writes; masks that it has are used again.

        Raises:
            ReportError: the file is no key file.
            StorageError: it cannot be read.
        """
        from rootforensics.reports.redact import Redactor

        made = Redactor(path)
        made.learn(self)
        return made

    def export(self, folder: str | os.PathLike[str], redactor: Redactor | None = None) -> dict[str, int]:
        """Write the case as Parquet files: events and root's views by account and day, the rest as one file each.

        Args:
            folder: new or empty; it appears when all is written.
            redactor: masks what tells whose the case is; its key file is written first.

        Returns:
            The rows written of each table.

        Raises:
            CaseError: there is no such case.
            StorageError: the folder holds something, or cannot be written.
        """
        from rootforensics.reports.exports.parquet import write_parquet_folder

        connection = self._readers.connection()
        keep_views(connection)

        def whole(name: str) -> pa.Table:
            if name == "duplicates":
                return self.sql("FROM duplicates").arrow()
            if name == "indicators":
                return self.indicators().arrow()
            return (self.findings() if name == "findings" else self.query(name)).arrow()

        return write_parquet_folder(partial(stream_rows, connection), whole, Path(folder), redactor)

    def raw(self, event_id: str, s3: S3Options | None = None) -> bytes:
        """The original record of an event: its exact bytes, read from the evidence again.

        The evidence's SHA-256 is compared with the ledger first.

        Args:
            event_id: the event's eventID, or ``evidence_id:record_index`` for an event without one.
            s3: how to connect to S3, if the evidence lies there.

        Raises:
            OriginalError: no event has the ID, several do (events in conflict), or the evidence is gone or changed.
        """
        from rootforensics.evidence.originals import original_of

        return original_of(self._readers.connection(), event_id, s3)

    def reconcile(
        self, approvals: str | os.PathLike[str] | Approvals, *, password_hours: float = 24.0
    ) -> Reconciliation:
        """Hold root's sessions against the approvals of its use.

        Args:
            approvals: a file of approvals, CSV or YAML; see ``docs/approvals.md``. What was read already is taken too.
            password_hours: in what time after a use root's password has to be changed.

        Returns:
            A judgement of each session, what became of each approval, and the procedure after each use.

        Raises:
            ApprovalsError: the file cannot be read or has errors; all of them are told, by line.
            CaseError: there is no such case.
        """
        from rootforensics.analysis.reconcile import reconcile

        return reconcile(self, approvals, password_hours)

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
            CaseError: there is no such case.
        """
        from rootforensics.engines.duckdb import open_writer
        from rootforensics.evidence.notes import find_subject, write_note
        from rootforensics.ingest.steps import transaction
        from rootforensics.ingest.store import create_tables

        subject = find_subject(self._readers.connection(), at)
        self.close()
        with storage_errors(self.path), closing(open_writer(self.path)) as writer, transaction(writer):
            create_tables(writer, _loader())  # an older case has no table for notes
            return write_note(writer, subject, text, tag, author)

    def notes(self, tag: str = "") -> Result:
        """The notes of the case, in the order of the times that they are about.

        Args:
            tag: only notes with this tag; all if empty.

        Raises:
            CaseError: there is no such case.
        """
        return self.query("notes", tag=tag)

    def close(self) -> None:
        """Let go of the file; the case can be used again afterwards."""
        self._readers.close()

    def __enter__(self) -> Case:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Case {self.path}>"

    def _repr_html_(self) -> str:
        """What the case holds, counted; why it cannot be read, if so it is."""
        from rootforensics.analysis.counts import count_case, counts_html

        try:
            return counts_html(self.path, count_case(self))
        except (CaseError, QueryError) as error:
            return counts_html(self.path, [("cannot be read", str(error))])


def _loader() -> str:
    from rootforensics import __version__

    return f"rootforensics {__version__}"


def _set_up(writer: duckdb.DuckDBPyConnection) -> None:
    """Begin a transaction, and make what a case holds where it is missing or another version's."""
    from rootforensics.ingest.store import create_tables
    from rootforensics.rules.actions import install_actions
    from rootforensics.rules.findings import install_findings

    writer.execute("BEGIN")
    create_tables(writer, _loader())
    install_actions(writer)  # a view stands on its table
    install_views(writer)
    install_findings(writer)


@cache
def _blank_case() -> bytes:
    return blank_case(_set_up)


def _prepare(path: Path, reader: duckdb.DuckDBPyConnection) -> None:
    """See that a reader has a case before it that this version reads, and give it what an older one lacks."""
    from rootforensics.ingest.store import NOTES, refuse_other_format

    tables = {row[0] for row in reader.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if tables and not {"events", "evidence", "case_info"} <= tables:
        raise CaseError("this DuckDB file is no case", where=str(path), hint="rootforensics load makes one")
    refuse_other_format(reader, str(path))
    if "notes" not in tables:  # a case from before there were notes has none
        reader.execute(NOTES.format(kind="TEMP"))


def _wanted(filters: Filters) -> Wanted:
    """The part of the filters that a listing can honour."""
    from rootforensics.sources.wanted import Wanted

    return Wanted(filters.since, filters.until, filters.accounts, filters.regions)


def _real_path(found: SourceObject, real_folder: Callable[[str], str]) -> str:
    """Where a file lies when all links are followed; of files in one folder the folder's are followed once."""
    from rootforensics.sources.local import local_path

    folder, name = os.path.split(local_path(found))
    path = os.path.join(real_folder(folder), name)  # noqa: PTH118 - a path may be no text
    return os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114 - as above


def open_case(path: str | os.PathLike[str]) -> Case:
    """Open a case file, or name one that the first ``load`` makes.

    Args:
        path: the case file.
    """
    return Case(path)
