"""What a case has to do with the posture: it keeps the answers, and those of AWS on which they stand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.custody.acts import text
from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.writing import insert_rows
from rootforensics.evidence.notes import login_name
from rootforensics.ingest.store import checks_of, create_tables
from rootforensics.posture.calls import CALLER
from rootforensics.posture.folder import root_row, without_secrets
from rootforensics.posture.saved import moment_of
from rootforensics.queries.asking import CaseFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    import duckdb

    from rootforensics.posture.posture import Posture
    from rootforensics.posture.saved import Saved

_REPORT: Final = "iam:GetCredentialReport"
#: The hash of the evidence list as the case holds it.
_EVIDENCE: Final = "SELECT arg_max(evidence_sha256, custody_id) AS sha256 FROM custody"
_LAST: Final = "SELECT coalesce(max(check_id), 0), coalesce((SELECT max(answer_id) FROM aws_answers), 0) FROM posture"


class Guarding(CaseFile):
    """A case that keeps what guards the root user."""

    def posture(
        self,
        *,
        from_folder: str | PathLike[str] | None = None,
        profile: str = "",
        role_arn: str = "",
        member_role: str = "",
        save: str | PathLike[str] | None = None,
        our_networks: tuple[str, ...] = (),
        assume_root_audit: bool = False,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> Posture:
        """What guards the root user now, with the deployed alarm replayed on the case; the case keeps the answers.

        The questions ``posture`` and ``posture_findings`` read what is kept. Each check is added to those before it.

        Args:
            from_folder: of saved answers; AWS is then not asked.
            profile: of the AWS configuration; the usual search for credentials if empty.
            role_arn: a role to take on with those credentials.
            member_role: the name of a role to take on in each account of the organization; empty for one account.
            save: a new folder into which the answers of AWS are written.
            our_networks: those from which you sign in, as CIDR; a policy that limits sign-in is held against them.
            assume_root_audit: with ``member_role``, look at root's credentials in each other member in a session of
                ``AssumeRoot``: a write, which the logs hold as acts of root in the member, and its alarm tells of.
            progress: told how many accounts are done, and of how many.

        Raises:
            SourceError: the folder holds no answers or mixes accounts, there are no credentials, or the accounts of the
                organization cannot be listed.
            StorageError: the folder for the answers is not empty, or cannot be written.
            CaseLockedError: another process has the case open; what AWS answered is then in the folder of ``save``.
            CaseError: there is no such case.
        """
        from rootforensics.posture.posture import check_posture

        [judged_by] = [
            row["sha256"] for row in self._statement(_EVIDENCE).rows
        ]  # it is a case, and there, before AWS is asked
        asked = {"profile": profile, "role_arn": role_arn, "member_role": member_role, "save": save}
        given = {"from": from_folder, **asked, "our_networks": ",".join(our_networks)}
        found = check_posture(
            self, from_folder=from_folder, profile=profile, role_arn=role_arn, member_role=member_role, save=save,
            our_networks=our_networks, assume_root_audit=assume_root_audit, progress=progress,
        )  # fmt: skip
        self._keep_posture(found, judged_by, given | ({"assume_root_audit": True} if assume_root_audit else {}))
        return found

    def _keep_posture(self, found: Posture, judged_by: str, given: dict[str, Any]) -> None:
        from rootforensics.engines.writing import opened_writer

        saved, answered = [_saved_row(one) for one in found.saved], _control_rows(found, judged_by)
        act = self._act("posture", **given, answers_sha256=_last_check)
        self.close()
        with storage_errors(self.path), opened_writer(self.path, act) as opening:
            writer = opening.opened()
            writer.execute("BEGIN")
            create_tables(writer, self._loader())
            [(number, before)] = writer.execute(_LAST).fetchall()
            for place, row in enumerate(saved, before + 1):
                row |= {"check_id": number + 1, "answer_id": place}
            for row in answered:
                row |= {"check_id": number + 1, "answers": [f"answer:{before + 1 + one}" for one in row["answers"]]}
            insert_rows(writer, "aws_answers", saved)
            insert_rows(writer, "posture", answered)
            opening.commit(f"check {number + 1} of the posture")


def _last_check(writer: duckdb.DuckDBPyConnection) -> str:
    """The hash of the check that is about to be committed, as the case holds it."""
    *_, (_, sha256, *_) = writer.execute(checks_of()).fetchall()
    return str(sha256)


def _saved_row(one: Saved) -> dict[str, Any]:
    report = str(one.body.get("Content", "")) if one.call == _REPORT else ""
    row = root_row(report) if report else {}
    told = ("call", "account_id", "region", "argument", "file", "code", "message")
    return {
        **{name: text(getattr(one, name)) for name in told},
        "asked_time": moment_of(one.time),
        "body": json.dumps(without_secrets(one.body)),
        "root_row": json.dumps(row) if row else None,
    }


def _control_rows(found: Posture, judged_by: str) -> list[dict[str, Any]]:
    """A row for each control and account; of the answers that it stands on, the place in those of AWS."""
    places = {id(one): place for place, one in enumerate(found.saved)}
    callers = [who for one in found.saved if one.call == CALLER and (who := one.told())]
    same = {
        "checked_time": datetime.now(UTC).replace(microsecond=0),
        "checked_by": text(login_name()),
        "caller": text(callers[0]) if callers else None,
        "judged_by": judged_by,
    }
    return [
        {
            **same,
            "account_id": text(one.account_id),
            "control_id": one.control.id,
            "title": one.control.title,
            "severity": one.control.severity,
            "answer": one.answer,
            "why": text(one.why),
            "unread": one.unread,
            "exposure": one.exposure,
            "remedy": one.remedy,
            "missing": [text(what) for what in one.missing],
            "answers": [places[id(saved)] for saved in one.evidence],
        }
        for one in found.answers
    ]
