"""Items of DynamoDB: events whose values stand under the names of types are the events that they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.containers.dynamodb import plain_of
from rootforensics.ingest.filters import Filters
from tests.builders import event, record, root_event
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import text

if TYPE_CHECKING:
    from pathlib import Path

EVENTS: Final = [
    root_event(requestParameters={"userName": "bob", "list": [1, 2.5, None, {"a": []}]}, errorCode="AccessDenied"),
    event(),
]
ITEM: Final = "DynamoDB item"


def typed(value: Any) -> dict[str, Any]:
    """A value as DynamoDB spells it."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    return {"L": list(map(typed, value))} if isinstance(value, list) else {"M": item(value)}


def item(value: dict[str, Any]) -> dict[str, Any]:
    """An item with these attributes."""
    return {name: typed(part) for name, part in value.items()}


def lines(values: list[Any]) -> bytes:
    return b"".join(record(value) + b"\n" for value in values)


EXPORTS: Final[dict[str, tuple[bytes, str]]] = {
    "export": (lines([{"Item": item(one)} for one in EVENTS]), f"object with Item > {ITEM}"),
    "incremental": (
        lines([{"Metadata": {"WriteTimestampMicros": {"N": "1"}}, "Keys": item({"eventID": one["eventID"]}),
                "NewImage": item(one)} for one in EVENTS]),
        f"object with NewImage > {ITEM}",
    ),
    "scan": (
        record({"Items": [item(one) for one in EVENTS], "Count": 2, "ScannedCount": 2, "ConsumedCapacity": None}),
        f"object with Items > {ITEM}",
    ),
    "items alone": (lines([item(one) for one in EVENTS]), ITEM),
    "nested": (lines([{"Item": item({"id": "1", "held": one})} for one in EVENTS]), f"object with Item.held.M > {ITEM}"),
    "text": (lines([{"Item": item({"id": "1", "raw": text(one)})} for one in EVENTS]), "object with Item.raw.S"),
    "stream": (
        record({"Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
                             "dynamodb": {"Keys": item({"id": "1"}), "NewImage": item(one)}} for one in EVENTS]}),
        f"object with dynamodb.NewImage > {ITEM}",
    ),
}  # fmt: skip
TEXT: Final = "SELECT * EXCLUDE (evidence_id, record_index) FROM events ORDER BY record_index"


@pytest.mark.parametrize("name", EXPORTS)
def test_items_are_the_events_that_were_put_there(name: str, tmp_path: Path) -> None:
    data, container = EXPORTS[name]
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "plain.json").write_bytes(lines(EVENTS))
    case = load(tmp_path, tmp_path / "a")
    assert rows(case, TEXT) == rows(load(tmp_path, tmp_path / "plain.json", name="plain.duckdb"), TEXT)
    row = evidence(case)["a"]
    assert (row["status"], row["container"], row["problem"], row["rejected_count"]) == ("loaded", container, None, 0)
    only = load(tmp_path, tmp_path / "a", name="root.duckdb", filters=Filters(root_only=True))
    assert event_ids(only) == [EVENTS[0]["eventID"]]
    assert EVENTS[0]["eventID"] in case.raw(EVENTS[0]["eventID"]).decode()


def test_an_item_with_names_in_lower_case_is_a_row(tmp_path: Path) -> None:
    named = {name.lower(): part for name, part in EVENTS[0].items()}
    (tmp_path / "a").write_bytes(record({"Item": item(named)}))
    case = load(tmp_path, tmp_path / "a")
    assert rows(case, "SELECT eventID, errorCode FROM root_events") == [
        {"eventID": EVENTS[0]["eventID"], "errorCode": "AccessDenied"}
    ]
    assert evidence(case)["a"]["container"] == f"object with Item > {ITEM} > row of a table"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"a": {"N": "123456789012345678901234567890.10"}}, b'{"a":123456789012345678901234567890.10}'),
        ({"a": {"N": "1e2"}, "b": {"N": "0x1"}}, b'{"a":1e2,"b":"0x1"}'),
        ({"a": {"SS": ["x"]}, "b": {"NS": ["1", "2"]}, "c": {"BS": ["eA=="]}, "d": {"B": "eA=="}},
         b'{"a":["x"],"b":[1,2],"c":["eA=="],"d":"eA=="}'),
        ({"a": {"S": "x", "N": "1"}}, None),
        ({"a": {"S": 1}}, None),
        ({"a": {"M": [1]}}, None),
        ({"a": {"BOOL": "true"}}, None),
        ({"a": {"M": {"b": "x"}}}, None),
    ],
)  # fmt: skip
def test_values_under_their_types(value: Any, plain: bytes | None) -> None:
    assert plain_of(json.dumps(value).encode()) == plain


def test_an_item_that_is_nested_without_end_raises_nothing(tmp_path: Path) -> None:
    deep = b'{"M":{"a":' * 5000 + b'{"S":"x"}' + b"}}" * 5000
    (tmp_path / "a").write_bytes(b'{"Item":{"eventName":%b,"eventSource":{"S":"iam.amazonaws.com"}}}' % deep)
    assert evidence(load(tmp_path, tmp_path / "a"))["a"]["event_count"] == 0
