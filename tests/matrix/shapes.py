"""One story in every shape that the loader reads, and without each field of who acted."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tests.builders import records_file
from tests.ingest.containers.wrappings import WRAPPINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Record = dict[str, Any]

#: Fields of ``userIdentity`` that records have or lack, after who acted and which service wrote the record.
IDENTITY: Final = ("arn", "accountId", "principalId", "userName", "type", "accessKeyId", "sessionContext")


def _table(header: Sequence[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return out.getvalue().encode()


def _user_name(record: Record) -> str:
    """As the console and LookupEvents name who acted."""
    identity = record.get("userIdentity") or {}
    if identity.get("type") == "Root" or str(identity.get("arn")).endswith(":root"):
        return "root"
    return str(identity.get("userName") or str(identity.get("arn", "")).rpartition("/")[2])


def _moment(record: Record) -> datetime:
    return datetime.fromisoformat(record["eventTime"])


def _as_text(value: Any) -> str:
    return "" if value is None else json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _history_old(records: list[Record]) -> bytes:
    """The console's first columns, with times as it spells them."""
    header = ["Event name", "Event time", "User name", "Event source", "Resource type", "Resource name"]
    return _table(header, [
        [record["eventName"], f"{_moment(record):%B %d, %Y, %H:%M:%S} (UTC+00:00)", _user_name(record), record["eventSource"], "", ""]
        for record in records
    ])  # fmt: skip


def _history_new(records: list[Record]) -> bytes:
    """All columns of the console."""
    header = [
        *("Event name", "Event time", "User name", "Event source", "Resource type", "Resource name", "Read-only"),
        *("AWS region", "Event ID", "AWS access key", "Source IP address", "Error code", "Request ID"),
    ]
    return _table(header, [
        [
            *(record["eventName"], record["eventTime"], _user_name(record), record["eventSource"], "", ""),
            *(_as_text(record.get("readOnly")).lower(), record["awsRegion"], record["eventID"]),
            *((record.get("userIdentity") or {}).get("accessKeyId") or "", record["sourceIPAddress"], record.get("errorCode") or ""),
            record["requestID"],
        ]
        for record in records
    ])  # fmt: skip


def _printed(value: Any) -> str:
    """A value as Trino prints a row type: no quotes, names in lower case."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name.lower()}={_printed(one)}" for name, one in value.items()) + "}"
    return "null" if value is None else str(value)


_COLUMNS: Final = (
    *("eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress"),
    *("userAgent", "errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData"),
    *("requestID", "eventID", "readOnly", "eventType", "recipientAccountId", "managementEvent", "eventCategory"),
)


def _cells(record: Record) -> list[str]:
    return [_printed(record.get(name)) if name == "userIdentity" else _as_text(record.get(name)) for name in _COLUMNS]


def _athena(records: list[Record]) -> bytes:
    return _table([name.lower() for name in _COLUMNS], [_cells(record) for record in records])


def _lake(records: list[Record]) -> bytes:
    rows = [[{name: cell} for name, cell in zip(_COLUMNS, _cells(record), strict=True)] for record in records]
    return json.dumps({"QueryStatus": "FINISHED", "QueryResultRows": rows}).encode()


def _ocsf(record: Record) -> Record:
    """A record as the mapping for version 1.1.0 writes it."""
    identity = record.get("userIdentity") or {}
    session = identity.get("sessionContext") or {}
    user = {
        "type": identity.get("type"),
        "uid": identity.get("arn"),
        "uid_alt": identity.get("principalId"),
        "name": identity.get("userName") or "",
        "account": {"uid": identity["accountId"]} if "accountId" in identity else None,
        "credential_uid": identity.get("accessKeyId") or "",
    }
    actor: Record = {"user": {name: value for name, value in user.items() if value is not None}}
    if session:
        actor["session"] = {
            "created_time_dt": (session.get("attributes") or {}).get("creationDate"),
            "is_mfa": (session.get("attributes") or {}).get("mfaAuthenticated") == "true",
            "issuer": (session.get("sessionIssuer") or {}).get("arn"),
        }
    is_sign_in = record["eventName"] == "ConsoleLogin"
    answered = record.get("responseElements")
    failed = record.get("errorCode") or (is_sign_in and answered == {"ConsoleLogin": "Failure"})
    more = record.get("additionalEventData") or {}
    kinds = ("Authentication", 3002) if is_sign_in else ("API Activity", 6003)
    out = {
        "actor": actor,
        "api": {
            "operation": record["eventName"],
            "request": {"data": _as_text(record.get("requestParameters")), "uid": record["requestID"]},
            "response": {"data": _as_text(answered), "error": record.get("errorCode"), "message": record.get("errorMessage")},
            "service": {"name": record["eventSource"]},
        },
        "class_name": kinds[0],
        "class_uid": kinds[1],
        "cloud": {"provider": "AWS", "region": record["awsRegion"]},
        "http_request": {"user_agent": record["userAgent"]},
        "metadata": {
            "event_code": record["eventType"],
            "product": {"feature": {"name": "Management"}, "name": "CloudTrail", "vendor_name": "AWS", "version": "1.08"},
            "uid": record["eventID"],
            "version": "1.1.0",
        },
        "src_endpoint": {"ip": record["sourceIPAddress"]},
        "status": "Failure" if failed else "Success",
        "time": int(_moment(record).timestamp() * 1000),
        "unmapped": {
            "recipientAccountId": record["recipientAccountId"],
            "readOnly": str(record["readOnly"]).lower(),
            **{f"additionalEventData.{name}": value for name, value in more.items() if name != "MFAUsed"},
        },
    }  # fmt: skip
    return out | ({"is_mfa": more["MFAUsed"] == "Yes"} if "MFAUsed" in more else {})


def _only(*names: str) -> Callable[[list[Record]], bytes]:
    return lambda records: records_file(
        [{name: record[name] for name in names if name in record} for record in records]
    )


SHAPES: Final[dict[str, Callable[[list[Record]], bytes]]] = {
    "trail file": records_file,
    "LookupEvents": WRAPPINGS["lookup"][1],
    "event history CSV, old": _history_old,
    "event history CSV, new": _history_new,
    "Athena CSV": _athena,
    "Lake results": _lake,
    "EventBridge": WRAPPINGS["eventbridge"][1],
    "CloudWatch Logs": WRAPPINGS["subscription"][1],
    "OCSF": lambda records: b"".join(json.dumps(_ocsf(record)).encode() + b"\n" for record in records),
    "thin": _only(
        "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
        "userAgent", "eventID", "eventType",
    ),
    "bare": _only("userIdentity", "eventTime", "eventSource", "eventName"),
}  # fmt: skip


def without(records: list[Record], field: str) -> list[Record]:
    """The records without a field of ``userIdentity``."""
    return [
        record | {"userIdentity": {name: value for name, value in record["userIdentity"].items() if name != field}}
        for record in records
    ]


def variants(records: list[Record]) -> dict[tuple[str, str], bytes]:
    """The text of a file by its shape and the field that it lacks; empty for none. No two are equal."""
    made: dict[tuple[str, str], bytes] = {}
    for shape, write in SHAPES.items():
        for field in ("", *IDENTITY):
            text = write(without(records, field))
            if text not in made.values():
                made[shape, field] = text
    return made
