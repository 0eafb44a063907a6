"""The whole record that a row carries in one of its cells, beside fields that a tool took out of it.

Exports of Splunk, CloudWatch Logs Insights, Elastic and CloudTrail Lake have both. A row may as well carry a record of
something else, for anybody can put one into the parameters of a call: so the row must say the same of the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.json_parts import is_event, is_surely_event, keys_of, string_of
from rootforensics.ingest.text import BLANK
from rootforensics.schema import EVENT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_STRINGS: Final = 4
#: One of these stands in every record, spelled without escapes.
_MARKS: Final = (b"eventVersion", b"userIdentity")
_SAYING: Final = ("eventName", "eventSource")
#: CloudTrail Lake's, which holds some of the fields.
_DATA: Final = "eventData"


def record_in(row: Mapping[str, bytes]) -> bytes | None:
    """The record of its event that a row carries; None if there is none, or the row is a record as CloudTrail has it.

    Args:
        row: by field, or by its own name what is no field, each value as JSON.
    """
    if row.get("eventVersion", b"null") != b"null" and has_identity(row):
        return None
    for path, raw in row.items():
        if path.partition(".")[0] in EVENT_FIELDS or path == _DATA or not any(mark in raw for mark in _MARKS):
            continue
        record = _record(raw)
        if record is not None and is_record_of(row, record):
            return record
    return None


def is_record_of(row: Mapping[str, bytes], record: bytes) -> bool:
    """True for a record that is that of a row's event, as far as the row says.

    Both have one ``eventID``. Where either has none, the row has no identity, and what it says of the call is the same.

    Args:
        row: as for ``record_in``.
        record: a JSON object.
    """
    keys = keys_of(record) or {}
    ids = [string_of(one.get("eventID", b"")) for one in (row, keys)]
    if all(ids):
        return ids[0] == ids[1]
    said = {name: string_of(row.get(name, b"")) for name in _SAYING}
    is_same = (not text or text == string_of(keys.get(name, b"")) for name, text in said.items())
    return not has_identity(row) and all(is_same)


def has_identity(row: Mapping[str, bytes]) -> bool:
    """True for a row with the whole identity as an object."""
    return row.get("userIdentity", b"").startswith(b"{")


def _record(raw: bytes) -> bytes | None:
    """The whole record that a value is, or holds as text or as ``original``; None if there is none."""
    for _ in range(_MOST_STRINGS):
        if raw[:1] == b'"':
            raw = (string_of(raw) or "").encode("utf-8", errors="surrogatepass").strip(BLANK)
    keys = keys_of(raw)
    if keys is None:
        return None
    if "original" in keys and not is_event(keys):
        return _record(keys["original"])
    return raw if is_surely_event(keys) and any(mark.decode() in keys for mark in _MARKS) else None
