"""JSON that may hold events and is not read: recognized, so that nobody takes it for something without events.

Source: Amazon DynamoDB API reference, AttributeValue; Azure Monitor Logs API, query response; SQL of Elasticsearch and
OpenSearch, response formats; Trino client protocol; pandas, ``DataFrame.to_json``; OpenTelemetry, ``AnyValue``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.hints import MAY_HOLD_EVENTS

if TYPE_CHECKING:
    from rootforensics.ingest.json_parts import Keys

_DYNAMODB: Final = (
    f"DynamoDB JSON (each value under the name of its type): export the items as plain JSON; {MAY_HOLD_EVENTS}"
)
_TELEMETRY: Final = (
    f"OpenTelemetry logs whose bodies are maps (kvlistValue): export the bodies as text; {MAY_HOLD_EVENTS}"
)
_TABLE: Final = (
    "a table as JSON (names of columns beside lists of cells, or columns of numbered cells): export it as CSV or as one"
    f" JSON object a row; {MAY_HOLD_EVENTS}"
)
#: How every member of such an object begins, and what the object is.
_MEMBERS: Final = (
    (re.compile(rb'\{\s*"(?:S|N|B|BOOL|NULL|M|L|SS|NS|BS)"\s*:'), _DYNAMODB),
    (re.compile(rb'\{\s*"0"\s*:'), _TABLE),
)
#: Under one of these stands a map of OpenTelemetry.
_MAPS: Final = ("kvlistValue", "kvlist_value")
#: What the names of the columns and the rows stand under.
_NAMED: Final = (("columns", "rows"), ("columns", "data"), ("schema", "datarows"))
#: Two of these among the names of members or columns make events.
_TELLING: Final = (b"eventname", b"eventtime", b"eventid", b"eventsource", b"eventversion", b"useridentity")
_TELLING_COUNT: Final = 2


def refusal_of(keys: Keys) -> str:
    """Why an object is not read although it may hold events, and what to do; empty for any other.

    Args:
        keys: its members.
    """
    if any(name in keys and _tells(keys[name]) for name in _MAPS):
        return _TELEMETRY
    for columns, rows in _NAMED:
        if columns in keys and rows in keys and _tells(keys[columns]):
            return _TABLE
    if not next(iter(keys.values()), b"").startswith(b"{") or not _tells(" ".join(keys).encode(errors="replace")):
        return ""
    return next((what for start, what in _MEMBERS if all(map(start.match, keys.values()))), "")


def _tells(names: bytes) -> bool:
    plain = names.replace(b"_", b"").lower()
    return sum(name in plain for name in _TELLING) >= _TELLING_COUNT
