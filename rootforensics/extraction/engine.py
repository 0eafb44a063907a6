"""What an extraction asks of an engine, and what an engine says when it fails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from rootforensics.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rootforensics.extraction.trail import Trail

#: How engines write where an object lies; a full stop or a colon behind it is not of its name.
_PLACE: Final = re.compile(r"(?:s3[an]?|local|file|hdfs):/{1,3}[^\s,;'\"()\[\]]*[^\s,;:.'\"()\[\]]")
_ENDS: Final = (".json.gz", ".json", ".gz")
_MOST_COLUMNS: Final = 1000


class EngineError(SourceError):
    """A query failed, was canceled, or could not be asked."""


class DamagedObjectError(EngineError):
    """A query ended at an object that the engine cannot read.

    Args:
        uri: of the object, as the engine has it.
        said: what the engine says.
    """

    def __init__(self, uri: str, said: str) -> None:
        super().__init__(f"the engine cannot read it ({said})", where=uri)
        self.uri = uri


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a query brought.

    Attributes:
        row_count: rows in its files.
        scanned_bytes: that the engine read for it, as it says.
    """

    row_count: int
    scanned_bytes: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query.

    Attributes:
        columns: their names, and their types as the engine has them.
        rows: values as the engine writes them, texts or what JSON knows.
        is_cut: there are more rows.
        scanned_bytes: that the engine read for it, as it says.
    """

    columns: list[tuple[str, str]]
    rows: list[list[Any]]
    is_cut: bool
    scanned_bytes: int


class Engine(Protocol):
    """An engine that runs SQL of Trino over the objects of a trail."""

    @property
    def name(self) -> str:
        """As people call it."""

    @property
    def price(self) -> float:
        """US dollars for each terabyte (10^12 bytes) that it reads, by AWS's list; 0 for what costs nothing more."""

    @property
    def left_behind(self) -> Sequence[str]:
        """What could not be deleted there so far, in words."""

    def qualified(self, table: str) -> str:
        """The name of a table of its own, with catalog and schema, as its SQL has it."""

    def definition(self, trail: Trail, table: str) -> str:
        """The statement that makes a trail a table."""

    def removal(self, table: str) -> str:
        """The statement that drops it, if it is there; the logs stay."""

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table, in small letters, each with its type in Trino's words; none if it is not there.

        Raises:
            EngineError: it does not tell them.
        """

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows.

        Raises:
            EngineError: it failed.
            KeyboardInterrupt: stopped; the query is canceled.
        """

    def unload(self, sql: str, folder: Path, columns: Sequence[str]) -> Fetched:
        """Have the rows of a query in Parquet files.

        Args:
            sql: a SELECT.
            folder: an empty one, for the files.
            columns: of the SELECT, all of them texts.

        Raises:
            DamagedObjectError: it ended at an object.
            EngineError: it failed otherwise.
            KeyboardInterrupt: stopped; the query is canceled.
        """

    def ask(self, sql: str, most_rows: int) -> Answer:
        """The rows of a query in its order, not more than so many.

        Raises:
            DamagedObjectError: it ended at an object.
            EngineError: it failed otherwise.
            KeyboardInterrupt: stopped; the query is canceled.
        """

    def kept(self, sql: str, table: str, columns: Mapping[str, str]) -> AbstractContextManager[int]:
        """The rows of a query as a table of its own, dropped at the end with all of it; gives the bytes read.

        Args:
            sql: a SELECT.
            table: its name, without catalog and schema.
            columns: of the SELECT in order, each with its type in Hive's words.
        """


def columns_of(table: str, ask: Callable[[str, int], Answer]) -> dict[str, str]:
    """What ``Engine.columns`` gives, as engines tell it that have an information schema."""
    *catalog, schema, name = (part.strip('"') for part in table.split("."))
    of_all = ".".join((*(f'"{one}"' for one in catalog), "information_schema.columns"))
    where = f"table_schema = '{schema.lower()}' AND table_name = '{name.lower()}'"
    told = ask(f"SELECT column_name, data_type FROM {of_all} WHERE {where}", _MOST_COLUMNS)  # noqa: S608
    return {str(row[0]).lower(): str(row[1]) for row in told.rows}


def failed(name: str, said: str) -> EngineError:
    """The error behind what an engine says of a failed query."""
    said = " ".join(said.split())
    if place := next((match[0] for match in _PLACE.finditer(said) if match[0].endswith(_ENDS)), None):
        return DamagedObjectError(place, said[:240])
    return EngineError(f"{name} ended the query: {said[:600]}")
