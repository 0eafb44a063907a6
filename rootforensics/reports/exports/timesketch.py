"""Root's timeline for Timesketch: JSON lines that its importer takes as they are.

Source: Timesketch documentation, "Import timeline from JSON or CSV": ``message``, ``timestamp_desc`` and one of
``datetime`` and ``timestamp`` are required; OpenSearch refuses a text above 32,766 bytes in a field that is kept whole.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.queries.formats import as_plain, json_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.queries.formats import Writes

DATA_TYPE: Final = "aws:cloudtrail:entry"
#: More bytes than this in one value, and OpenSearch refuses the event.
MAX_VALUE_BYTES: Final = 32_766
_CUT_MARK: Final = " … cut here, read the original"
#: Names of Timesketch's own; a column of such a name would be taken for it.
_OWN: Final = ("message", "datetime", "timestamp", "timestamp_desc", "data_type", "tag", "label")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write_timesketch(rows: Iterable[dict[str, Any]], file: Writes) -> int:
    """Write rows of root's timeline, one JSON object a line.

    Args:
        rows: of ``root_timeline``, with or without ``findings``, whose names become tags.
        file: open for text in UTF-8.

    Returns:
        How many rows were left out because they have no time: Timesketch has no place for them.
    """
    untimed = 0
    for row in rows:
        if row["eventTime"] is None:
            untimed += 1
            continue
        file.write(visible(json.dumps(_entry(row), ensure_ascii=False)) + "\n")
    return untimed


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    moment: datetime = row["eventTime"].astimezone(UTC)
    since_epoch, is_finding = moment - _EPOCH, row.get("origin_group") == "finding"
    entry: dict[str, Any] = {
        "message": _fitting(_message(row)),
        "datetime": moment.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
        "timestamp": (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000_000 + since_epoch.microseconds,
        "timestamp_desc": "Last seen by a service" if is_finding else "CloudTrail eventTime",
        "data_type": "aws:finding" if is_finding else DATA_TYPE,
        "tag": list(row.get("findings") or ()),
    }
    cut = []
    for name, value in row.items():
        if value is None or name in ("eventTime", "findings"):
            continue
        text = _plain(value)
        key = f"aws_{name}" if name in _OWN or name.startswith("_") else name
        entry[key] = _fitting(text)
        if entry[key] != text:
            cut.append(name)
    if cut:
        entry["cut_values"] = ", ".join(cut)
    return entry


def _plain(value: Any) -> str | int | float | bool:  # noqa: ANN401 - any value of a row
    plain = as_plain(value)
    return plain if isinstance(plain, str | int | float) else json_text(plain)


def _fitting(value: Any) -> Any:  # noqa: ANN401 - any plain value
    """A value of at most as many bytes as the importer's store takes; a longer text is cut, and says so."""
    if not isinstance(value, str) or len(value) * 4 < MAX_VALUE_BYTES:
        return value
    spelled = value.encode()
    if len(spelled) < MAX_VALUE_BYTES:
        return value
    room = MAX_VALUE_BYTES - 1 - len(_CUT_MARK.encode())
    return spelled[:room].decode(errors="ignore") + _CUT_MARK


def _message(row: dict[str, Any]) -> str:
    """One line for people: what, by whom, from where, with what result."""
    known = {"noise": "AWS as root", "opening": row["actor"] or "unknown", "finding": row["eventSource"]}
    who = known.get(row["origin_group"], "root")
    parts = [f"{row['eventName'] or 'an event without a name'} by {who}"]
    if row["account_id"]:
        parts.append(f"in account {row['account_id']}")
    if row["sourceIPAddress"]:
        parts.append(f"from {row['sourceIPAddress']}")
    if row["outcome"] == "failure":
        parts.append(f"failed ({row['errorCode'] or row['errorMessage'] or 'no code'})")
    return " ".join(parts)
