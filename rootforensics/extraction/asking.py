"""SQL of one's own, and the plain questions of the catalogue, on an engine beside the logs; nothing of a case."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rootforensics.errors import QueryError
from rootforensics.extraction.carrying import carried, events, with_relations
from rootforensics.extraction.engine import Answer, DamagedObjectError
from rootforensics.extraction.extracting import EXAMPLE, open_engine, plan_of, quoted, table_for
from rootforensics.extraction.run import MOST_LEFT_OUT, scan_of, wanted_days
from rootforensics.extraction.statements import root_condition, within
from rootforensics.queries.catalogue import question
from rootforensics.queries.result import Result, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from rootforensics.extraction.engine import Engine
    from rootforensics.extraction.extracting import EngineOptions, ExtractPlan
    from rootforensics.ingest.filters import Filters
    from rootforensics.queries.catalogue import Query
    from rootforensics.sources.s3.connection import S3Options

_Found = TypeVar("_Found")
MOST_ROWS: Final = 100_000
_RELATION: Final = re.compile(r"\b(records|events)\b", re.IGNORECASE)
_KINDS: Final = {
    **dict.fromkeys(("bigint", "integer", "smallint", "tinyint", "INTEGER", "BIGINT"), "BIGINT"),
    **dict.fromkeys(("double", "real", "float"), "DOUBLE"),
    **dict.fromkeys(("boolean", "BOOLEAN"), "BOOLEAN"),
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
}
#: Of the records that may concern root.
_KEPT: Final = {"record": "string", "place": "bigint"} | dict.fromkeys(("object", "account", "region", "day"), "string")
_HOME: Final = "Extract and ask at home: rootforensics extract, then query"
#: What might have another answer at home: spelled otherwise than CloudTrail or a copy spells it, or corrected later.
_CHECK: Final = (
    "SELECT count(*), count_if(is_odd OR is_respelled), count_if(addendum_reason = 'UPDATED_DATA'"
    " AND (root_basis IS NOT NULL OR action = 'AssumeRoot')),"
    " (SELECT count(*) - count(DISTINCT json_format(json_parse(record))) FROM records) FROM events"
)


@dataclass(slots=True)
class OnEngine:
    """A trail in the hands of an engine.

    Attributes:
        source: as for ``Case.extract``.
        engine: which, and how to reach it.
        filters: time, of which the begin is needed, accounts and Regions.
        is_table: as for ``Case.extract``.
        most_rows: of an answer; what is beyond is not fetched.
        s3: how to connect to AWS.
        say: told of each thing that the user must know, a line without a full stop.
        now: the present.
        is_whole: False after an answer that is cut, or lacks objects that the engine cannot read.
    """

    source: str
    engine: EngineOptions
    filters: Filters
    is_table: bool = False
    most_rows: int = MOST_ROWS
    s3: S3Options | None = None
    say: Callable[[str], None] = lambda text: None  # noqa: ARG005 - says nothing
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_whole: bool = True

    def sql(self, text: str) -> Result[dict[str, Any]]:
        """Run a query over ``records`` and ``events``, in which each copy of a record is a row.

        Args:
            text: a query in the engine's own SQL, which is passed on as it is.

        Raises:
            QueryError: it reads neither.
            SourceError: the trail or the engine cannot be reached, or the query failed.
            KeyboardInterrupt: stopped; the query is canceled.
        """
        _check_relation(text)
        with self._table() as (engine, table):
            answer = self._read(lambda without: engine.ask(self._own(text, table, without), self.most_rows))
            self._tell(engine, answer.scanned_bytes)
        names: dict[str, str] = {}
        for place, (name, kind) in enumerate(answer.columns):
            names[f"{name}_{place}" if name in names else name] = kind
        return self._result(answer, names, self._own(text, table, ()))

    def query(self, name: str, **parameters: Any) -> Result[Any]:  # noqa: ANN401 - of any type that a question takes
        """Run a question of the catalogue that is known to be the same there.

        Of each event ``object`` is told, in which its record lies, and ``record_index``, its place there from 0.

        Raises:
            QueryError: it is not known to be the same, for any records or for these.
            SourceError: the trail or the engine cannot be reached, or the query failed.
            KeyboardInterrupt: stopped; the query is canceled.
        """
        asked = question(name, listed=True)
        carried(name, parameters, EXAMPLE)  # before anything is asked
        ours = f"rootforensics_{uuid.uuid4().hex[:12]}"
        with self._table() as (engine, table), ExitStack() as at_end:
            scanned = self._read(lambda out: at_end.enter_context(engine.kept(self._of_root(table, out), ours, _KEPT)))
            kept = engine.qualified(ours)
            count, odd, corrected, respelled = map(int, engine.ask(_check(kept), 1).rows[0])
            self.say(f"records that may concern root: {count:,}")
            if odd or corrected or respelled:
                raise QueryError(
                    f"not known to be the same on an engine: {odd:,} records are spelled otherwise"
                    f" than by CloudTrail, {corrected:,} correct others, {respelled:,} are copies in another spelling",
                    where=asked.command_name,
                    hint=_HOME,
                )
            statement = carried(name, parameters, kept)
            answer = engine.ask(statement, self.most_rows)
            self._tell(engine, scanned)
        kinds = {column.name: column.type for column in asked.columns} | {"evidence_id": "VARCHAR"}
        names = {"object" if one.name == "evidence_id" else one.name: kinds[one.name] for one in asked.columns}
        return self._result(answer, names, statement, asked)

    def plan(self, text: str = "", name: str = "", **parameters: Any) -> ExtractPlan:  # noqa: ANN401 - as for query
        """What ``sql`` or ``query`` would ask; nothing is asked of the engine.

        Raises:
            QueryError: as for these.
            SourceError: S3 cannot be reached or refuses to list.
        """
        with open_engine(self.engine, self.s3) as (engine, connection):
            table = quoted(self.source) if self.is_table else engine.qualified(EXAMPLE)
            asked: tuple[str, ...]
            if name:
                kept = engine.qualified(f"{EXAMPLE}_root")
                asked = (self._of_root(table, ()), _check(kept), carried(name, parameters, kept))
            else:
                _check_relation(text)
                asked = (self._own(text, table, ()),)
            days = self._days
            return plan_of(
                engine, connection, self.source, self.filters, days, asked, self.s3, is_table=self.is_table
            )  # fmt: skip

    @property
    def _days(self) -> tuple[str, str]:
        return wanted_days(self.filters, self.now)

    @contextmanager
    def _table(self) -> Iterator[tuple[Engine, str]]:
        with (
            open_engine(self.engine, self.s3) as (engine, connection),
            table_for(
                engine, connection, self.source, self.filters, self._days, self.say, is_table=self.is_table
            ) as table,
        ):
            yield engine, table

    def _records(self, table: str, condition: str, without: Collection[str]) -> str:
        return scan_of(table, condition, self.filters, self._days).records(without)

    def _own(self, text: str, table: str, without: Collection[str]) -> str:
        records = f"records AS (\n{self._records(table, within(self.filters), without)}\n)"
        with_events = any(match[0].lower() == "events" for match in _RELATION.finditer(text))
        return with_relations((records, *(events() if with_events else ())), text)

    def _of_root(self, table: str, without: Collection[str]) -> str:
        """The records that may concern root, each once."""
        records = self._records(table, f"{within(self.filters)} AND {root_condition()}", without)
        columns = ", ".join(f"min({one}) AS {one}" for one in list(_KEPT)[2:])
        return f"SELECT record, min_by(place, object) AS place, {columns}\nFROM (\n{records}\n) GROUP BY record"

    def _read(self, run: Callable[[list[str]], _Found]) -> _Found:
        """What a pass over the trail gives, without objects at which the engine ends."""
        left_out: list[str] = []
        while True:
            try:
                return run(left_out)
            except DamagedObjectError as error:
                if error.uri in left_out or len(left_out) == MOST_LEFT_OUT:
                    raise
                self.say(f"{error}; it is asked again without it, and the answer lacks what lies there")
                left_out.append(error.uri)
                self.is_whole = False

    def _tell(self, engine: Engine, scanned: int) -> None:
        first, last = self._days
        only = "".join(f"; only {', '.join(some)}" for some in (self.filters.accounts, self.filters.regions) if some)
        cost = f", ${scanned / 1e12 * engine.price:,.2f} by AWS's list" if engine.price else ""
        when = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        self.say(
            f"asked of {engine.name}, {when}: {self.source}, {first} to {last}{only}; {scanned:,} bytes read{cost}"
        )
        self.say("no case stands behind this answer: gaps in the logs are not known, and nothing of it is kept")

    def _result(self, answer: Answer, names: dict[str, str], statement: str, asked: Query | None = None) -> Result[Any]:
        if answer.is_cut:
            self.is_whole = False
            self.say(f"there are more rows: the first {self.most_rows:,} are here")
        kinds = {name: _KINDS.get(kind, "VARCHAR") for name, kind in names.items()}
        rows = (
            {name: _value(value, kind) for value, (name, kind) in zip(row, kinds.items(), strict=True)}
            for row in answer.rows
        )
        name = asked.name if asked else "sql"
        return Result(table_of(rows, kinds), name=name, sql=statement, parameters={}, query=asked)


def _check_relation(text: str) -> None:
    if not _RELATION.search(text):
        hint = "records has object, place, record, account, region and day; events the fields of a record as columns"
        raise QueryError("it reads neither records nor events", where="sql", hint=hint)


def _check(kept: str) -> str:
    return with_relations((f"records AS (SELECT * FROM {kept})", *events()), _CHECK)  # noqa: S608 - a name of ours


def _value(value: Any, kind: str) -> Any:  # noqa: ANN401 - of any type that an engine has
    """A value as a column of that type takes it; engines write times like ``2026-08-05 01:34:26.000 UTC``."""
    if value is None:
        return None
    if kind == "BIGINT":
        return int(value)
    if kind == "DOUBLE":
        return float(value)
    if kind == "BOOLEAN":
        return value in (True, "true")
    if kind != "VARCHAR":
        return datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
