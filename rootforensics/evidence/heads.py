"""What a case is called and who answers for it: kept in the case, and in the head of all that is written of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.engines.duckdb import storage_errors

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.engines.writing import Record


def keep_head(path: Path, title: str, investigator: str, record: Record) -> None:
    """Keep title and investigator in a case that nobody else has open; what is empty stays as it was.

    Args:
        path: the case file; something was loaded into it.
        title: a name for the case.
        investigator: who answers for its report.
        record: adds the act to the chain of custody.

    Raises:
        CaseLockedError: another process has the case open.
        StorageError: the case cannot be written.
    """
    from rootforensics.engines.writing import opened_writer

    given = [(name, text) for name, text in (("title", title), ("investigator", investigator)) if text]
    if not given:
        return
    with storage_errors(path), opened_writer(path, record) as opening:
        writer = opening.opened()
        writer.execute("BEGIN")
        for name, text in given:
            writer.execute("DELETE FROM case_info WHERE name = ?", [name])
            writer.execute("INSERT INTO case_info VALUES (?, ?)", [name, text])
        opening.commit("title and investigator")
