"""What can be asked of a case: its questions, its tables and views, and the columns of each."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import QueryError
from rootforensics.queries.asking import CaseFile
from rootforensics.queries.catalogue import analysis_questions, note_of, questions, views
from rootforensics.queries.definitions import defined, provide_all
from rootforensics.queries.result import Result, result_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import duckdb

    from rootforensics.queries import rows as of

_QUESTION: Final = dict.fromkeys(("name", "title", "question", "misses"), "VARCHAR") | {
    "parameters": "VARCHAR[]",
    "columns": "VARCHAR[]",
}
_TABLE: Final = dict.fromkeys(("name", "kind", "holds"), "VARCHAR") | {"columns": "VARCHAR[]"}
_COLUMN: Final = dict.fromkeys(("column", "type", "holds"), "VARCHAR") | {"given_by": "VARCHAR[]"}
#: What each table holds; views of the catalogue tell it themselves.
_HOLDS: Final = {
    "evidence": "Files that were given to the case, and what happened to each",
    "events": "Events, each once",
    "duplicates": "Duplicates that were removed from events",
    "findings": "Findings that need investigation",
    "digests": "Digest files: their texts, S3 metadata, account and time",
    "listed_logs": "Logs that digest files list",
    "counted_hours": "Events by hour in files loaded only as far as they relate to root",
    "counted_calls": "Calls by service in the same files",
    "extractions": "Extractions by an engine, and whether everything left behind was counted",
    "integrity": "Verdicts of `verify` on digest files and logs",
    "chain_breaks": "Breaks in chains of digest files",
    "digest_chains": "Chains of digest files",
    "posture": "Answers to the controls on root, by check",
    "aws_answers": "Answers from AWS that `posture` is based on",
    "notes": "The investigator's notes",
    "custody": "Actions on the case, each with the hash of the previous one",
    "actions": "The catalogue of actions",
    "control_calls": "Calls that restore or change detective controls",
    "named_calls": "Calls after which an identity may act",
    "known_services": "Event sources that AWS's models or the catalogue contain",
    "case_info": "Facts about the file",
}
# The package's own views and tables are temporary ones, and come before what the case has under the same names.
_HELD: Final = """
WITH names AS (
    SELECT database_name, table_name, 'table' AS kind FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT database_name, view_name, 'view' FROM duckdb_views() WHERE NOT internal
)
SELECT n.table_name AS name,
    CASE WHEN list_contains($views, n.table_name) THEN 'view' ELSE n.kind END AS kind,
    list(c.column_name ORDER BY c.column_index) AS columns, list(c.data_type ORDER BY c.column_index) AS types
FROM names AS n INNER JOIN duckdb_columns() AS c USING (database_name, table_name)
WHERE database_name = 'temp' OR n.table_name NOT IN (SELECT table_name FROM names WHERE database_name = 'temp')
GROUP BY ALL
ORDER BY ALL
"""


class Listing(CaseFile):
    """What a case can be asked by name."""

    if TYPE_CHECKING:

        def _reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
            """As ``Case`` has it."""

    def queries(self) -> Result[dict[str, Any]]:
        """The questions of the catalogue: what each answers and cannot see, its parameters and its columns.

        Returns:
            One row for each question, by name.

        Example:
            >>> "root_signins" in case.queries()["name"]
            True
        """
        rows = [
            {
                "name": question.name,
                "title": question.title,
                "question": question.question,
                "misses": question.misses,
                "parameters": [parameter.name for parameter in question.parameters],
                "columns": [column.name for column in question.columns],
            }
            for question in questions().values()
        ]
        return result_of("queries", rows, _QUESTION)

    def _relations(self) -> list[dict[str, Any]]:
        with self._reading() as connection:
            provide_all(connection)
            own = [name for name, one in defined(connection).items() if not one.columns]
            return self._statement(_HELD, views=own).rows

    def tables(self) -> Result[dict[str, Any]]:
        """The tables and views of the case, for SQL of your own: what each holds, and its columns.

        Returns:
            One row for each table or view, by name.

        Example:
            >>> case.tables().where(name="root_activity")["kind"]
            ['view']
        """
        rows = [
            {
                "name": row["name"],
                "kind": row["kind"],
                "holds": views()[row["name"]].title if row["name"] in views() else _HOLDS.get(row["name"], ""),
                "columns": row["columns"],
            }
            for row in self._relations()
        ]
        return result_of("tables", rows, _TABLE)

    def describe(self, name: str) -> Result[dict[str, Any]]:
        """The columns of a question, a table or a view: their SQL types, and what they hold where it needs saying.

        Of a name that a question shares with a table or view, ``given_by`` tells which of the two has the column.

        Args:
            name: of a question, table or view.

        Returns:
            One row for each column, in order.

        Raises:
            QueryError: there is none of this name.

        Example:
            >>> "eventTime" in case.describe("events")["column"]
            True
        """
        asked = (questions() | analysis_questions()).get(name.replace("-", "_"))
        told = {one.name: (one.type, one.note, ["query"]) for one in asked.columns} if asked else {}
        held = {row["name"]: row for row in self._relations()}
        if not told and name not in held:
            close = difflib.get_close_matches(name, [*questions(), *held], 1)
            hint = f"Did you mean {close[0]}?" if close else "queries() and tables() list them"
            raise QueryError(f"unknown query, table or view {name!r}", hint=hint)
        if row := held.get(name):
            for column, kind in zip(row["columns"], row["types"], strict=True):
                _, note, given_by = told.get(column, ("", note_of(column), []))
                told[column] = (kind, note, [*given_by, row["kind"]])
        rows = [dict(zip(_COLUMN, (column, *of_it), strict=True)) for column, of_it in told.items()]
        return result_of(name, rows, _COLUMN)

    def notes(self, tag: str = "") -> Result[of.Notes]:
        """The notes of the case, or those with a tag, in the order of the times that they are about.

        Args:
            tag: only notes with this tag; all if empty.

        Returns:
            One row for each note.

        Raises:
            CaseError: there is no such case.

        Example:
            >>> len(case.notes("interview"))
            0
        """
        return self.query("notes", tag=tag)
