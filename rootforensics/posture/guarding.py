"""The posture of a case: it stores the results of controls, and the answers from AWS that they are based on."""

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
#: The hash of the evidence list in the case.
_EVIDENCE: Final = "SELECT arg_max(evidence_sha256, custody_id) AS sha256 FROM custody"
_LAST: Final = "SELECT coalesce(max(check_id), 0), coalesce((SELECT max(answer_id) FROM aws_answers), 0) FROM posture"


class Guarding(CaseFile):
    """A case that stores the results of controls on the root user."""

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
        """Check the controls on the root user, replay the deployed alarm on the case, and store the results in it.

        The questions ``posture`` and ``posture_findings`` read the stored results. Each check is added to earlier ones.

        Args:
            from_folder: folder of saved answers; AWS is then not asked.
            profile: profile of the AWS configuration; empty for the default credentials.
            role_arn: a role to assume with those credentials.
            member_role: name of a role to assume in each account of the organization; empty for one account.
            save: a new folder for the answers from AWS.
            our_networks: networks from which you sign in, as CIDR; policies that limit sign-in are compared with them.
            assume_root_audit: with ``member_role``, read root's credentials in each other member in an ``AssumeRoot``
                session. This is a write: it creates root events in the member and triggers its alarm.
            progress: called with the number of finished accounts and their total.

        Returns:
            The answer to each control for each account.

        Raises:
            SourceError: the folder has no answers or mixes accounts, there are no credentials, or the accounts of the
                organization cannot be listed.
            StorageError: the folder for the answers is not empty, or cannot be written.
            CaseLockedError: another process has the case open. The answers from AWS are then in the folder ``save``.
            CaseError: there is no such case.

        Example:
            >>> posture = case.posture(from_folder="docs/examples/posture")
            >>> {answer.answer for answer in posture.answers} >= {"pass", "fail"}
            True
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
    """The hash of the check that is about to be committed, as stored in the case."""
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
    """A row for each control and account, with the positions of the answers from AWS that it is based on."""
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
            "account_id": text(answer.account_id),
            "control_id": answer.control.id,
            "title": answer.control.title,
            "severity": answer.control.severity,
            "answer": answer.answer,
            "why": text(answer.why),
            "unread": answer.unread,
            "exposure": answer.exposure,
            "remedy": answer.remedy,
            "missing": [text(what) for what in answer.missing],
            "answers": [places[id(saved)] for saved in answer.evidence],
        }
        for answer in found.answers
    ]
