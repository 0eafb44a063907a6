"""Trino as the engine of an extraction, through its own client; rows come over HTTP, so nothing is written there.

Source: Trino documentation, "Python client" and "Hive connector".
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rootforensics.engines.files import write_texts
from rootforensics.extraction.engine import Answer, EngineError, Fetched, columns_of, failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from rootforensics.extraction.trail import Trail

_ROWS_AT_ONCE: Final = 5000


class Trino:
    """A Trino server.

    Args:
        server: its URL, such as ``https://trino.example.com:8443``.
        catalog: of the Hive connector.
        schema: in which a table is made, or is.
        user: who asks.
        password: of the user, over HTTPS; none if empty.
    """

    name: Final = "Trino"
    price: Final = 0.0
    left_behind: Final = ()

    def __init__(
        self, server: str, catalog: str = "hive", schema: str = "default", user: str = "", password: str = ""
    ) -> None:
        try:
            import trino
        except ImportError as error:
            hint = 'pip install "rootforensics[trino]"'
            raise EngineError("the client of Trino is not installed", hint=hint) from error
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EngineError("this is no URL of a Trino server", where=server, hint="Write it like https://host:8443")
        self._catalog, self._schema = catalog, schema
        self._columns: list[tuple[str, str]] = []
        self._scanned = 0
        self._connection = trino.dbapi.connect(
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "https" else 8080),
            http_scheme=parts.scheme,
            user=user or "rootforensics",
            auth=trino.auth.BasicAuthentication(user, password) if password else None,
            catalog=catalog,
            schema=schema,
            source="rootforensics",
            # Of most accounts, Regions and days there is no folder; S3 has none, other storage may miss them.
            session_properties={f"{catalog}.ignore_absent_partitions": "true"},
        )

    def qualified(self, table: str) -> str:
        """The name of a table of its own."""
        return f'"{self._catalog}"."{self._schema}"."{table}"'

    def definition(self, trail: Trail, table: str) -> str:
        """The statement that makes a trail a table."""
        return trail.trino(self.qualified(table))

    def removal(self, table: str) -> str:
        """The statement that drops it; the logs stay, for the table is an external one."""
        return f"DROP TABLE IF EXISTS {self.qualified(table)}"

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table; see ``Engine``."""
        return columns_of(table, self.ask)

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows; see ``Engine``."""
        for _ in self._rows(sql):
            pass

    def unload(self, sql: str, folder: Path, columns: Sequence[str]) -> Fetched:
        """Have the rows of a query in a Parquet file; see ``Engine``."""
        return Fetched(write_texts(self._rows(sql), folder, columns), self._scanned)

    def ask(self, sql: str, most_rows: int) -> Answer:
        """The rows of a query; see ``Engine``."""
        rows: list[list[Any]] = []
        asked = self._rows(sql)
        for some in asked:
            rows += some
            if len(rows) > most_rows:
                asked.close()  # which cancels it
                break
        return Answer(self._columns, rows[:most_rows], len(rows) > most_rows, self._scanned)

    @contextmanager
    def kept(self, sql: str, table: str, columns: Mapping[str, str]) -> Iterator[int]:  # noqa: ARG002 - it knows them
        """The rows of a query as a table; see ``Engine``."""
        try:
            self.run(f"CREATE TABLE {self.qualified(table)} WITH (format = 'PARQUET') AS\n{sql}")
            yield self._scanned
        finally:
            self.run(self.removal(table))

    def _rows(self, sql: str) -> Any:  # noqa: ANN401 - lists of rows of whatever a statement gives
        from requests.exceptions import RequestException
        from trino.exceptions import Error, TrinoConnectionError

        cursor = self._connection.cursor(legacy_primitive_types=True)
        ended = False
        try:
            cursor.execute(sql)
            self._columns = [(one[0], one[1]) for one in cursor.description or ()]
            while some := cursor.fetchmany(_ROWS_AT_ONCE):
                yield some
            ended = True
        except (RequestException, TrinoConnectionError) as error:
            hint = "See that --server is right, and that it can be reached from here"
            raise EngineError(f"Trino cannot be reached ({error})", hint=hint) from error
        except Error as error:
            ended = getattr(error, "error_type", None) is not None
            raise failed("Trino", str(getattr(error, "message", None) or error)) from error
        finally:
            self._scanned = int((cursor.stats or {}).get("physicalInputBytes", 0))
            if not ended:
                cursor.cancel()
