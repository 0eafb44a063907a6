"""A table with a column for each field of CloudTrail's records, as AWS documents it: the records put together again.

Source: Athena User Guide, "Create a table for CloudTrail logs in Athena using manual partitioning" and "… using
partition projection"; Trino documentation, "Data types".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import SourceError
from rootforensics.extraction.statements import OBJECT, RECORDS, literal
from rootforensics.schema import EVENT_FIELDS, FLAG, FREE, TELLING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rootforensics.extraction.engine import Engine

_TOKEN: Final = re.compile(r'"[^"]*"|[(),]|[^\s(),"]+')
_HINT: Final = "Name the folder in S3 instead of the table: a table of our own is made then, and dropped at the end"
#: Partition columns that tell the day of the delivery.
_DAYS: Final = ("timestamp", "day", "date", "dt")


def from_of(engine: Engine, table: str, first_day: str) -> str:
    """What a scan reads FROM: a table with records as texts as it is, or the records that its columns give.

    Args:
        engine: that has the table.
        table: its quoted name, as SELECT has it.
        first_day: ``YYYY/MM/DD``; a record whose time is none is taken as of that day.

    Raises:
        SourceError: its columns are neither ours nor those of CloudTrail's records.
        EngineError: the engine refuses to tell its columns.
    """
    columns = engine.columns(table)
    return table if RECORDS in columns or not columns else rebuilt(table, columns, first_day)


def rebuilt(table: str, columns: Mapping[str, str], first_day: str) -> str:
    """The records of a table as texts: a SELECT in brackets.

    Args:
        table: its quoted name.
        columns: their types as Trino writes them, by name in small letters.
        first_day: see ``from_of``.

    Raises:
        SourceError: its columns are not those of CloudTrail's records.
    """
    kinds = {name: _kind(_Tokens(text)) for name, text in columns.items()}
    given: set[str] = set()
    record = _object(EVENT_FIELDS, kinds, "", "", given)
    if missing := [path for path in TELLING if path not in given]:
        raise SourceError(
            f"its columns do not tell {', '.join(missing)} of CloudTrail's records",
            where=table.replace('"', ""),
            hint=_HINT,
        )
    parts = [f'CAST("{name}" AS VARCHAR)' for name in ("year", "month", "day") if name in columns]
    found = next((f'CAST("{name}" AS VARCHAR)' for name in _DAYS if name in columns), "''")
    padded = [f"lpad({part}, {width}, '0')" for part, width in zip(parts, (4, 2, 2), strict=False)]
    delivered = f"concat({padded[0]}, '/', {padded[1]}, '/', {padded[2]})" if len(parts) > 2 else found
    who = kinds["useridentity"]
    owner = ", useridentity.accountid" if isinstance(who, dict) and "accountid" in who else ""
    lacking = sorted(set(_leaves(EVENT_FIELDS)) - given)
    return (
        f"(SELECT {OBJECT} AS object, {record} AS r,\n"
        f"  coalesce(recipientaccountid{owner}) AS account, awsregion AS region,\n"
        f"  CASE WHEN regexp_like(eventtime, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T')"
        f" THEN replace(substr(eventtime, 1, 10), '-', '/') ELSE {literal(first_day)} END AS day,\n"
        f"  replace({delivered}, '-', '/') AS delivered, {literal(' '.join(lacking))} AS lacking\n"
        f"FROM {table}) AS rebuilt"
    )


class _Tokens:
    """The words of a type, one after another."""

    def __init__(self, text: str) -> None:
        self._words = _TOKEN.findall(text)
        self._place = 0

    @property
    def next(self) -> str:
        """The next one, which stays; empty at the end."""
        return self._words[self._place] if self._place < len(self._words) else ""

    def take(self) -> str:
        """The next one."""
        word = self.next
        self._place += 1
        return word.strip('"').lower()


def _kind(tokens: _Tokens) -> Any:  # noqa: ANN401 - a name, a dict of kinds, or a list of one
    """A type: fields of a row by name, a list for an array, else its first word."""
    name = tokens.take()
    fields: dict[str, Any] = {}
    items: list[Any] = []
    if tokens.next == "(":
        while tokens.next not in (")", ""):
            tokens.take()
            if name == "row":
                field = tokens.take()
                fields[field] = _kind(tokens)
            else:
                items.append(_kind(tokens))
        tokens.take()
    while tokens.next not in (",", ")", ""):  # timestamp(3) with time zone
        tokens.take()
    return fields if name == "row" else items if name == "array" else name


def _object(fields: Mapping[str, Any], kinds: Mapping[str, Any], at: str, path: str, given: set[str]) -> str:
    """An object as JSON, with those of its fields that there are."""
    values = []
    for name, field in fields.items():
        here, whole = f'{at}"{name.lower()}"', f"{path}{name}"
        if name.lower() in kinds and (value := _value(field, kinds[name.lower()], here, whole, given)):
            values.append(f"""'"{name}":' || {value}""")
    return "'{' || concat_ws(',', " + ",\n    ".join(values) + ") || '}'" if values else "'{}'"


def _value(field: Any, kind: Any, at: str, path: str, given: set[str]) -> str:  # noqa: ANN401
    """A value as JSON, NULL if it is NULL; empty if a column of this kind cannot tell it as it was written."""
    if isinstance(field, dict) and isinstance(kind, dict):
        return f"CASE WHEN {at} IS NOT NULL THEN {_object(field, kind, f'{at}.', f'{path}.', given)} END"
    if isinstance(field, list) and isinstance(kind, list) and isinstance(kind[0], dict):
        given.add(path)
        one = _object(field[0], kind[0], "x.", f"{path}.", given)
        return f"'[' || array_join(transform({at}, x -> {one}), ',') || ']'"
    given.update(_leaves({path: field}))
    text = f"json_format(CAST({at} AS JSON))"
    if kind == "varchar":
        if isinstance(field, str) and field not in (FREE, FLAG):
            return text
        return f"CASE WHEN TRY(json_parse({at})) IS NOT NULL THEN {at} ELSE {text} END"
    if kind == "boolean" or (kind == "map" and field == FREE):
        return text
    given.difference_update(_leaves({path: field}))
    return ""


def _leaves(fields: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, field in fields.items():
        if isinstance(field, dict):
            yield from _leaves(field, f"{path}{name}.")
        else:
            yield f"{path}{name}"
