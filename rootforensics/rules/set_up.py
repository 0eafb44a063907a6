"""Make what a case holds: tables, the catalogue of actions, views, findings."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from rootforensics.ingest.store import create_tables
from rootforensics.queries.catalogue import views
from rootforensics.queries.definitions import Definition, Definitions
from rootforensics.rules.actions import rule_tables
from rootforensics.rules.findings import findings_view

if TYPE_CHECKING:
    import duckdb


@cache
def definitions() -> Definitions:
    """The views and rule tables of this version."""
    listed = [Definition(name, partial(str, view.sql)) for name, view in views().items()]
    return Definitions([*rule_tables(), *listed, Definition("findings", findings_view)])


def set_up(loader: str, writer: duckdb.DuckDBPyConnection) -> None:
    """Begin a transaction, and make what a case holds where it is missing or not this version's.

    Args:
        loader: name and version of this package.
        writer: a connection for writing.
    """
    writer.execute("BEGIN")
    create_tables(writer, loader)
    definitions().install(writer)
