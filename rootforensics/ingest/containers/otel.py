"""OpenTelemetry's logs: values of any type as its JSON spells them, turned back into plain JSON.

Source: OpenTelemetry protocol, ``common/v1/common.proto`` (``AnyValue``, ``KeyValueList``) and its JSON mapping, in
which 64-bit numbers are texts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.json_parts import keys_of, members_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.json_parts import Keys

#: The levels above the records of a log, in either spelling of the mapping.
_LEVELS: Final = (
    ("resourceLogs", "resource_logs"),
    ("scopeLogs", "scope_logs", "instrumentationLibraryLogs"),
    ("logRecords", "log_records"),
)
_NUMBER: Final = re.compile(rb'"(-?\d+)"')
_MOST_LEVELS: Final = 64
_NULL: Final = b"null"


def bodies_of(keys: Keys) -> list[tuple[bytes, bytes]] | None:
    """The body of each record in an export of logs, as plain JSON, and the record itself; None if it is no such export.

    Args:
        keys: the members of an object.
    """
    levels = [keys]
    for names in _LEVELS:
        if levels and not any(name in one for one in levels for name in names):
            return None
        listed = (members_of(one[name]) or () for one in levels for name in names if name in one)
        texts = [text for members in listed for text in members]
        levels = [keys_of(text) or {} for text in texts]
    return [(plain(one["body"]) if "body" in one else text, text) for one, text in zip(levels, texts, strict=True)]


def plain(value: bytes, depth: int = 0) -> bytes:
    """A value of any type as plain JSON; as it stands if it is spelled in any other way, or nested too deep."""
    keys = keys_of(value)
    if keys is None or len(keys) > 1 or depth > _MOST_LEVELS:
        return value
    if not keys:
        return _NULL
    ((name, raw),) = keys.items()
    kind = name.replace("_", "").lower()
    if kind == "kvlistvalue":
        return b"{%b}" % b",".join(_pairs(raw, depth))
    if kind == "arrayvalue":
        return b"[%b]" % b",".join(plain(one, depth + 1) for one in _listed(raw))
    if kind == "intvalue":
        found = _NUMBER.fullmatch(raw)
        return found[1] if found else raw
    return raw if kind in ("stringvalue", "boolvalue", "doublevalue", "bytesvalue") else value


def _pairs(raw: bytes, depth: int) -> Iterator[bytes]:
    for text in _listed(raw):
        pair = keys_of(text) or {}
        yield b"%b:%b" % (pair.get("key", b'""'), plain(pair.get("value", b"{}"), depth + 1))


def _listed(raw: bytes) -> list[bytes]:
    """The members of ``values``, which is left out where there are none."""
    return members_of((keys_of(raw) or {}).get("values", b"[]")) or []
