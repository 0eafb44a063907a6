"""What a case has to do with custody."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rootforensics.custody.chain import (
    ChainCheck,
    case_problems,
    chain_problems,
    entries_of,
    note_problems,
    posture_problems,
    verdict_problems,
)
from rootforensics.engines.duckdb import storage_errors
from rootforensics.errors import CaseError, StorageError
from rootforensics.ingest.store import NOTES, checks_of, line_of
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


#: The hash of each note with its author, its time and what it is about, by number.
NOTE_HASHES: Final = f"SELECT {line_of('notes', NOTES)} AS sha256 FROM notes ORDER BY note_id, text"  # noqa: S608 - ours
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
            _log.warning("the chain of custody lacks this %s: %s", command, error.problem)

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
        """The chain of custody: one row an act on the case, in order."""
        return self.query("custody")

    def verify_custody(self, head: str = "") -> ChainCheck:
        """Check the chain of custody, and that the case is as its last row says.

        Args:
            head: hash of a row, as a report or a manifest has it: a chain that was cut off or written anew lacks it.
        """
        from rootforensics.custody.acts import ROW_COUNTS, EvidenceList
        from rootforensics.integrity.verdicts import verdicts_hash

        with self._reading() as connection:
            entries = entries_of(self.custody().rows)
            evidence, verdicts = EvidenceList().hash(connection), verdicts_hash(connection)
            notes = [row["sha256"] for row in self._statement(NOTE_HASHES).rows]
            checks = [row["sha256"] for row in self._statement(checks_of()).rows]
            counts = {row["name"]: row["row_count"] for row in self._statement(ROW_COUNTS).rows}
        problems = chain_problems(entries, head)
        if entries:
            problems += case_problems(entries[-1], evidence, counts)
        if not problems:
            problems += verdict_problems(entries, verdicts)
            problems += [*note_problems(entries, notes), *posture_problems(entries, checks)]
        return ChainCheck(len(entries), entries[-1].sha256 if entries else "", tuple(problems))


def load_parameters(
    sources: Iterable[str | PathLike[str]], filters: Filters | None, s3: S3Options | None
) -> dict[str, Any]:
    """What the chain of custody tells of a load: sources, filters, and how S3 was reached, without secrets."""
    of_s3 = {name: getattr(s3, name) for name in _OF_S3} if s3 else {}
    return {"sources": [os.fspath(one) for one in sources], **(asdict(filters) if filters else {}), **of_s3}


def note_parameters(at: str | datetime, tag: str | None, author: str | None) -> dict[str, Any]:
    """What the chain of custody tells of a note: what it is about, and the hash of its row."""
    return {"at": at, "tag": tag, "author": author, "note_sha256": lambda writer: note_hashes(writer)[-1]}


def note_hashes(writer: duckdb.DuckDBPyConnection) -> list[str]:
    """The hash of each note, by number."""
    return [sha256 for (sha256,) in writer.execute(NOTE_HASHES).fetchall()]
