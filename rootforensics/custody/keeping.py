"""What a case has to do with custody."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rootforensics.custody.acts import ROW_COUNTS
from rootforensics.custody.chain import ChainCheck, entries_of
from rootforensics.engines.duckdb import storage_errors
from rootforensics.errors import CaseEditedError, CaseError, CaseFormatError, StorageError
from rootforensics.ingest.store import NOTE_HASHES, table_problems
from rootforensics.phrases import plural
from rootforensics.queries.asking import CaseFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from os import PathLike

    import duckdb

    from rootforensics.engines.readers import Readers
    from rootforensics.engines.writing import Record
    from rootforensics.ingest.filters import Filters
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Result
    from rootforensics.sources.s3.connection import S3Options

_log: Final = logging.getLogger("rootforensics")


#: Of how to connect to S3, what is no secret.
_OF_S3: Final = ("profile", "role_arn", "preserve", "versions")


class Keeping(CaseFile):
    """A case that keeps a chain of custody."""

    if TYPE_CHECKING:
        _readers: Readers

        def _reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
            """As ``Case`` has it."""

    def _act(self, command: str, **parameters: Any) -> Record:  # noqa: ANN401 - of any act
        """What adds an act to the chain, in the transaction of whatever it writes."""
        from rootforensics.custody.acts import Act

        return Act(command, self._loader(), parameters)

    def log_act(self, command: str, /, **parameters: Any) -> None:  # noqa: ANN401 - of any act
        """Add an act that read the case, such as an export, to the chain of custody, once its work is done.

        If the case is read-only, or in use, the act cannot be recorded: a warning of the logger ``rootforensics`` says
        so, which goes to stderr unless it was set up otherwise, and the work stands.

        Args:
            command: what was done.
            parameters: what it was done with, without secrets.
        """
        from rootforensics.engines.writing import opened_writer

        act = self._act(command, **parameters)
        try:
            with (
                self._readers.given_up() as look,
                storage_errors(self.path),
                opened_writer(self.path, act, is_patient=False) as opening,
            ):
                writer = opening.opened()
                look()
                writer.execute("BEGIN")
                opening.commit("a row of custody")
        except (CaseError, StorageError) as error:
            _log.warning("could not record this %s in the chain of custody: %s", command, error.problem)

    def keep_head(self, title: str, investigator: str) -> None:
        """Keep a title, and who answers for the report, in the case; what is empty stays as it was.

        Raises:
            CaseLockedError: another process has the case open.
            StorageError: the case cannot be written.
        """
        from rootforensics.evidence.heads import keep_head

        self._readers.close()
        keep_head(self.path, title, investigator, self._act("title", title=title, investigator=investigator))

    def custody(self) -> Result[of.Custody]:
        """The chain of custody: one row for each action on the case, in order.

        Returns:
            One row for each action: when, who, which command, and the hash of the row before.

        Raises:
            CaseError: there is no such case.

        Example:
            >>> case.custody()[0]["command"]
            'load'
        """
        return self.query("custody")

    def verify_custody(self, head: str = "", *, with_evidence: bool = False, s3: S3Options | None = None) -> ChainCheck:
        """Check the chain of custody, and that the case matches its last entry and the definitions of this version.

        Args:
            head: hash of a row, as a report or a manifest has it: a chain that was truncated or rewritten lacks it.
            with_evidence: read the evidence again where it was loaded from, and compare each event with its record.
            s3: how to connect to S3, if evidence is read there.

        Returns:
            The problems, and what was not compared; no problem if the case is intact.

        Raises:
            StorageError: with the evidence, if there is no room for a second case of it among the temporary files.

        Example:
            >>> case.verify_custody().problems
            ()
        """
        from rootforensics.custody.comparing import compare_case

        try:
            with self._reading() as connection:
                if lacking := table_problems(connection):
                    return ChainCheck(0, "", tuple(lacking))
                entries = entries_of(self.custody().rows)
                problems, skipped = compare_case(connection, entries, self._loader(), head)
                counts = {row["name"]: row["row_count"] for row in self._statement(ROW_COUNTS).rows}
        except CaseEditedError as error:
            return ChainCheck(0, "", (error.problem,))
        except CaseFormatError as error:
            return ChainCheck(0, "", (), (f"not compared: written by {error.written_by}: {error.problem}",))
        not_compared = ["when each file was loaded, and by which version"]
        if with_evidence:
            from rootforensics.custody.check import content_problems
            from rootforensics.custody.manifest import manifest_of
            from rootforensics.custody.rereading import compare_events

            with self._reading():
                manifest = manifest_of(self, self._loader())
            if content_problems(manifest):
                skipped.append(
                    "not compared: events with their evidence, because the chain does not confirm where it is stored"
                )
            else:
                self.close()
                compared = compare_events(self.path, manifest, self._set_up, s3)
                problems, skipped = [*problems, *compared.problems], [*skipped, *compared.skipped]
                not_compared += compared.not_compared
        else:
            rows = " and ".join(plural(counts[name], name[:-1]) for name in ("events", "duplicates"))
            not_compared.insert(0, f"{rows} with their evidence (custody CASE --verify --with-evidence does this)")
        last = entries[-1].sha256 if entries else ""
        return ChainCheck(len(entries), last, tuple(problems), tuple(skipped), tuple(not_compared))


def load_parameters(
    sources: Iterable[str | PathLike[str]], filters: Filters | None, s3: S3Options | None
) -> dict[str, Any]:
    """What the chain of custody tells of a load: sources, filters, and how S3 was reached, without secrets."""
    of_s3 = {name: getattr(s3, name) for name in _OF_S3} if s3 else {}
    return {"sources": [os.fspath(source) for source in sources], **(asdict(filters) if filters else {}), **of_s3}


def note_parameters(at: str | datetime, tag: str | None, author: str | None) -> dict[str, Any]:
    """What the chain of custody tells of a note: what it is about, and the hash of its row."""
    return {"at": at, "tag": tag, "author": author, "note_sha256": lambda writer: note_hashes(writer)[-1]}


def note_hashes(writer: duckdb.DuckDBPyConnection) -> list[str]:
    """The hash of each note, by number."""
    return [sha256 for (sha256,) in writer.execute(NOTE_HASHES).fetchall()]
