"""What a case writes for people: the report, its brief, the results of a triage, and its manifest."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootforensics.custody.keeping import Keeping
from rootforensics.telling.answering import Answering

if TYPE_CHECKING:
    from os import PathLike

    from rootforensics.analysis.approval import Granted
    from rootforensics.custody.check import EvidenceCheck
    from rootforensics.custody.manifest import Manifest
    from rootforensics.reports.forms import Form, Paper
    from rootforensics.reports.redaction.redactor import Redactor
    from rootforensics.reports.triage import Triage
    from rootforensics.sources.s3.connection import S3Options


class Writing(Answering, Keeping):
    """Files from one state of the case each."""

    @property
    def _version(self) -> str:
        return self._loader().rpartition(" ")[2]

    def report(
        self,
        path: str | PathLike[str],
        form: Form | None = None,
        *,
        title: str = "",
        investigator: str = "",
        approvals: Granted | None = None,
        password_hours: float = 24.0,
        paper: Paper = "A4",
        redactor: Redactor | None = None,
        annex: bool = False,
        only_brief: bool = False,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Path:
        """Write the report, or its brief alone.

        Args:
            path: the file; an older one is replaced once the new one is complete.
            form: ``html``, ``md``, ``pdf`` or, of a brief, ``docx``; by the file's ending if not given.
            title: a name for the case; as it keeps it if not given.
            investigator: who answers for the report; as the case keeps it if not given.
            approvals: of root's use.
            password_hours: as for ``reconcile``.
            paper: ``A4`` or ``letter``, for print and PDF.
            redactor: masks what tells whose the case is, as ``redactor`` gives it; its key file is written first.
            annex: print the annex, too; the page has it in any case, folded unless this is asked for.
            only_brief: write the one or two sheets of the brief.
            account_id: only this account; empty for all.
            since: only this period, as for ``analysis``: from this moment on, UTC.
            until: before this moment.

        Returns:
            The path.

        Raises:
            ReportError: form and ending disagree, or a PDF cannot be printed.
            StorageError: the file cannot be written.

        Example:
            >>> case.report("report.html", title="Incident 2026-08").name
            'report.html'
        """
        from rootforensics.reports.figures import chart_picture
        from rootforensics.reports.forms import form_of, write_report
        from rootforensics.reports.html import render_report

        chosen = form_of(path, form, is_brief=only_brief)  # a wrong one is told before the work
        with self._reading():
            analysis = self.analysis(
                approvals, password_hours=password_hours, account_id=account_id, since=since, until=until
            )
            page = render_report(
                analysis, title=title, version=self._version, investigator=investigator, paper=paper, redactor=redactor,
                annex_open=annex, is_brief=only_brief,
            )  # fmt: skip
            pictures = {"incident": chart_picture(analysis, redactor, "incident")} if chosen == "docx" else None
        if redactor:
            redactor.save()
        written = write_report(page, path, chosen, pictures, paper)
        self.log_act("brief" if only_brief else "report", out=path, is_redacted=redactor is not None)
        return written

    def brief_text(
        self,
        form: Form,
        approvals: Granted | None = None,
        *,
        password_hours: float = 24.0,
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        redactor: Redactor | None = None,
        **head: Any,  # noqa: ANN401 - as ``report`` has them
    ) -> str:
        """The brief as a page (``html``) or as Markdown (``md``); all arguments are as ``report`` has them."""
        from rootforensics.reports.html import render_report
        from rootforensics.reports.markdown import markdown_of

        with self._reading():
            analysis = self.analysis(
                approvals, password_hours=password_hours, account_id=account_id, since=since, until=until
            )
            page = render_report(analysis, version=self._version, redactor=redactor, is_brief=True, **head)
        if redactor:
            redactor.save()
        return page if form == "html" else markdown_of(page)

    def triage(
        self,
        folder: str | PathLike[str],
        approvals: Granted | None = None,
        *,
        password_hours: float = 24.0,
        redactor: Redactor | None = None,
        **head: Any,  # noqa: ANN401 - as ``report`` has them
    ) -> Triage:
        """Write ``report.html``, ``timeline.csv`` and ``summary.json`` to a folder, and say what matters first.

        Args:
            folder: made if it is not there.
            approvals: of root's use.
            password_hours: as for ``reconcile``.
            redactor: masks what tells whose the case is.
            head: ``title``, ``investigator`` and ``paper`` of the report.

        Returns:
            What matters first, in sentences.

        Raises:
            StorageError: a file cannot be written.

        Example:
            >>> triage = case.triage("results")
        """
        from rootforensics.reports.triage import write_triage

        with self._reading():
            analysis = self.analysis(approvals, password_hours=password_hours)
            found = write_triage(analysis, folder, self._version, redactor, **head)
        self.log_act("triage", out=folder, is_redacted=redactor is not None)
        return found

    def handover(
        self,
        folder: str | PathLike[str],
        approvals: Granted | None = None,
        *,
        known_at: datetime | None = None,
        title: str = "",
        investigator: str = "",
        account_id: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        redactor: Redactor | None = None,
    ) -> tuple[Path, ...]:
        """Write the steps in order, a text for AWS Support and a sheet of facts, with what is to fill in marked.

        Args:
            folder: for ``steps.md``, ``support-case.txt`` and ``facts.md``; none of them may be there.
            approvals: of root's use.
            known_at: when the organization first knew, UTC; no log tells it.
            title: a name for the case; as it keeps it if not given.
            investigator: who answers for it; likewise.
            account_id: only root of this account.
            since: only this period, as for ``analysis``: from this moment on, UTC. The steps come from all logs.
            until: before this moment.
            redactor: masks what tells whose the case is.

        Returns:
            The files.

        Raises:
            StorageError: one of them is there already, or cannot be written.

        Example:
            >>> [path.name for path in case.handover("for-others")]
            ['steps.md', 'support-case.txt', 'facts.md']
        """
        from rootforensics.reports.handover import write_handover

        with self._reading():
            written = write_handover(
                self.analysis(approvals, account_id=account_id, since=since, until=until), folder, self._version,
                known_at=known_at, title=title, investigator=investigator, redactor=redactor,
            )  # fmt: skip
        self.log_act("handover", out=folder, is_redacted=redactor is not None)
        return written

    def manifest(self, path: str | PathLike[str], *, sign: str | PathLike[str] | None = None) -> Manifest:
        """Write what evidence the case has, what ``verify`` found of it, and the chain of custody, as one JSON file.

        The same case gives the same bytes. ``rootforensics.check_manifest`` checks them.

        Args:
            path: the file.
            sign: file of a private key, Ed25519 or RSA, without a passphrase; the signature lies beside the file, as
                ``<path>.sig``, and is one of ``ssh-keygen -Y sign -n file``.

        Returns:
            What was written.

        Raises:
            IntegrityError: the key cannot be read.
            StorageError: a file cannot be written.

        Example:
            >>> manifest = case.manifest("manifest.json")
            >>> len(manifest.sha256)
            64
        """
        from rootforensics.custody.manifest import encoded, manifest_of
        from rootforensics.custody.signing import SIGNATURE_SUFFIX
        from rootforensics.custody.signing import sign as signature_of
        from rootforensics.reports.files import replacing

        with self._reading():
            made = manifest_of(self, self._loader())
        content = encoded(made)
        files = {os.fspath(path): content}
        if sign:
            files[f"{os.fspath(path)}{SIGNATURE_SUFFIX}"] = signature_of(content, sign)
        for name, text in files.items():
            with replacing(name, "wb") as file:
                file.write(text)
        self.log_act("manifest", out=path, sha256=made.sha256, is_signed=sign is not None)
        return made

    def pack(
        self,
        path: str | PathLike[str],
        *,
        evidence: str | PathLike[str] | None = None,
        notebooks: str | PathLike[str] | None = None,
        sign: str | PathLike[str] | None = None,
        s3: S3Options | None = None,
    ) -> EvidenceCheck:
        """Write the case, its evidence, manifest and report as one zip file; the same case gives the same bytes.

        ``rootforensics.check_bundle`` checks and unpacks it.

        Args:
            path: the zip file.
            evidence: a folder in which the evidence lies now, moved or renamed as may be; None for where it was loaded
                from, S3 too.
            notebooks: the folder that ``notebook --html`` wrote; its notebooks and pages go along. None for none.
            sign: file of a private key that signs the list of hashes, as for ``manifest``.
            s3: how to connect to S3.

        Returns:
            Which evidence is in it: that of state ``same``.

        Raises:
            IntegrityError: the key cannot be read, evidence changed meanwhile, or the notebooks are of another case.
            StorageError: the file cannot be written.

        Example:
            >>> case.pack("case.zip").problems
            ()
        """
        from rootforensics.custody.bundle import gather, notebook_members, write_bundle
        from rootforensics.custody.check import checked, compare, content_problems
        from rootforensics.custody.manifest import manifest_of
        from rootforensics.custody.signing import sign as signature_of
        from rootforensics.reports.files import replacing
        from rootforensics.reports.html import render_report
        from rootforensics.sources.find import evidence_opener

        with self._reading():
            made = manifest_of(self, self._loader())
            objects = [one for one in compare(made, evidence, s3) if one.state != "extra"]
            problems = [*self.verify_custody().problems, *content_problems(made)]
            produced_time = datetime.fromisoformat(made.custody[-1].acted_time)
            page = render_report(self.analysis(), version=self._version, produced_time=produced_time)
            with evidence_opener(s3) as opened, replacing(path, "wb") as file:
                members = gather(self.path, made, page, objects, opened)
                if notebooks:
                    members |= notebook_members(Path(notebooks), made)
                sha256 = write_bundle(file, members, partial(signature_of, key=sign) if sign else None)
        self.log_act("pack", out=path, manifest_sha256=made.sha256, is_signed=sign is not None)
        return checked(made, objects, problems, sha256)
