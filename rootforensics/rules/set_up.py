"""Make what a case holds: tables, the catalogue of actions, views, findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.ingest.store import create_tables, empty_verdicts
from rootforensics.queries.runner import install_views
from rootforensics.rules.actions import install_actions
from rootforensics.rules.findings import install_findings

if TYPE_CHECKING:
    import duckdb


def set_up(loader: str, writer: duckdb.DuckDBPyConnection) -> None:
    """Begin a transaction, and make what a case holds where it is missing or another version's.

    Args:
        loader: name and version of this package.
        writer: a connection for writing.
    """
    writer.execute("BEGIN")
    create_tables(writer, loader)
    empty_verdicts(writer)
    install_actions(writer)  # a view stands on its table
    install_views(writer)
    install_findings(writer)
