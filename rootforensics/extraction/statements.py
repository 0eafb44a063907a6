"""The SQL of an extraction, as Athena and Trino both take it; Spark has it carried.

What is looked for stands in ``ingest``, where ``load --root-related`` reads it: the engine's conditions take all that
such a load takes and some more, and the load of what came decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.errors import SourceError
from rootforensics.extraction.counting import FIELDS, counting
from rootforensics.ingest.counted import COUNTED, TIME
from rootforensics.ingest.related import NAME, OF_NAMES, calls_pattern, patterns
from rootforensics.ingest.root_marks import MARKS_PATTERN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rootforensics.ingest.filters import Filters

#: Athena takes statements of 262,144 bytes; what is not names takes a small part of that.
_MOST_BYTES_OF_NAMES: Final = 180_000
_DAY: Final = "%Y/%m/%d"
_DELIVERY: Final = timedelta(days=2)
_EMAILS: Final = "PrimaryEmailUpdate"
#: A name that is a word between signs that no name of IAM has.
_PLAIN: Final = re.compile(f"[{OF_NAMES}]+")
#: Engines count no further than 1,000 in a pattern.
_LONG: Final = 100
#: The column of the table in which the records of an object lie, each as text.
RECORDS: Final = "records"
#: The object that a row lies in.
OBJECT: Final = '"$path"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Collection[str]) -> str:
    """Texts in SQL, for ``IN``."""
    return ", ".join(map(literal, sorted(texts)))


def first_condition() -> str:
    """Marks of root, calls that are read whoever made them, and records whose name is not spelled as AWS spells it."""
    found = " OR ".join(f"regexp_like(r, {literal(one)})" for one in (MARKS_PATTERN, calls_pattern()))
    return f"({found} OR strpos(r, {literal(NAME.decode())}) = 0)"


def root_condition() -> str:
    """Marks of root, the changes of its e-mail address by others, and records whose name is spelled otherwise."""
    found = " OR ".join(f"regexp_like(r, {literal(one)})" for one in (MARKS_PATTERN, f"(?i){_EMAILS}"))
    return f"({found} OR strpos(r, {literal(NAME.decode())}) = 0)"


def within(filters: Filters) -> str:
    """The time and the Regions of some filters; what none is told of, or is spelled otherwise, the load decides."""
    time, region = (f"json_extract_scalar(r, '$.{name}')" for name in ("eventTime", "awsRegion"))
    edges = [
        f"{time} {how} '{edge:%Y-%m-%dT%H:%M:%SZ}'"
        for how, edge in ((">=", filters.since), ("<", filters.until))
        if edge
    ]
    parts = [f"coalesce({one} OR NOT regexp_like({time}, '{TIME}'), true)" for one in edges]
    parts += [f"coalesce(nullif({region}, '') IN ({listed(filters.regions)}), true)"] if filters.regions else []
    return f"({' AND '.join(parts) or 'true'})"


def second_conditions(names: Sequence[str]) -> Iterator[str]:
    """Some names, and nothing that the first condition took; each short enough for one statement."""
    for some in _in_parts(names):
        yield f"NOT {first_condition()} AND ({' OR '.join(_holds(some))})"


def _holds(names: list[str]) -> Iterator[str]:
    """That a record holds one of some names: a pattern of many names costs engines each of them at each place."""
    if plain := [name for name in names if _PLAIN.fullmatch(name)]:
        words = f"regexp_extract_all(r, '([{OF_NAMES}]{{{min(*map(len, plain), _LONG)},}})')"
        yield f"arrays_overlap({words}, split({literal(' '.join(plain))}, ' '))"
    yield from (
        f"regexp_like(r, {literal(one)})" for one in patterns([one for one in names if not _PLAIN.fullmatch(one)])
    )


def _in_parts(names: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for name in sorted(names):
        one = len(literal(re.escape(name)).encode())
        if part and size + one > _MOST_BYTES_OF_NAMES:
            yield part
            part, size = [], 0
        part.append(name)
        size += one
    if part:
        yield part


def delivered_between(first_day: str, last_day: str) -> str:
    """The condition on the partition of a day, if there is one that is spelled so: all others are read."""
    is_day = "regexp_like(delivered, '^[0-9]{4}/[0-9]{2}/[0-9]{2}$')"
    return f"(NOT {is_day} OR delivered BETWEEN {literal(first_day)} AND {literal(last_day)})"


def _later(day: str) -> str:
    """The day up to which events of a day are delivered."""
    return f"{datetime.strptime(day, _DAY).replace(tzinfo=UTC) + _DELIVERY:{_DAY}}"


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over some days of a trail.

    Attributes:
        table: as the engine has it, or a SELECT of records in brackets (``extraction/columns.py``).
        condition: on a record ``r``.
        first_day: of the folders, ``YYYY/MM/DD``.
        last_day: likewise.
        accounts: whose folders are read; all of the table's if empty.
        regions: likewise.
        counts: count the records by hour, account and Region.
    """

    table: str
    condition: str
    first_day: str
    last_day: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    counts: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Of its rows, all of them texts."""
        if self.counts:
            return COUNTED
        return ("object", "eventjson", "lacking") if self._is_rebuilt else ("object", "eventjson")

    @property
    def _is_rebuilt(self) -> bool:
        return self.table.startswith("(")

    @property
    def _object(self) -> str:
        return "object" if self._is_rebuilt else OBJECT

    def sql(self, without: Collection[str] = ()) -> str:
        """The SELECT: of each record that meets the condition the object that it lies in, and its text; or counts.

        Args:
            without: objects that the engine cannot read.
        """
        lacking = ", lacking" if self._is_rebuilt else ""
        wanted = f"{self._object} AS object, r AS eventjson{lacking}"
        held = self.table if self._is_rebuilt else f"{self.table} CROSS JOIN UNNEST({RECORDS}) AS u (r)"
        records = f"SELECT {FIELDS if self.counts else wanted}\nFROM {held}\n{self._where(without)}"
        return counting(records) if self.counts else records

    def records(self, without: Collection[str] = ()) -> str:
        """The SELECT of the records themselves, each with its place in its object, counted from 0."""
        if self._is_rebuilt:
            hint = "Name the folder in S3 instead of the table"
            raise SourceError("questions need the records, and this table has their fields", hint=hint)
        return (
            f"SELECT {OBJECT} AS object, place - 1 AS place, r AS record, account, region, day\n"
            f"FROM {self.table} CROSS JOIN UNNEST({RECORDS}) WITH ORDINALITY AS u (r, place)\n{self._where(without)}"
        )

    def _where(self, without: Collection[str]) -> str:
        parts = [f"day BETWEEN {literal(self.first_day)} AND {literal(self.last_day)}"]
        for name, texts in (("account", self.accounts), ("region", self.regions)):
            one = f"{name} IN ({listed(texts)})"  # a record that names none may be of any
            parts += [f"coalesce({one}, true)" if self._is_rebuilt else one] if texts else []
        parts += [delivered_between(self.first_day, _later(self.last_day))] if self._is_rebuilt else []
        parts += [f"{self._object} NOT IN ({listed(without)})"] if without else []
        return "WHERE " + "\n  AND ".join([*parts, self.condition])
