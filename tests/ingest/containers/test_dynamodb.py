"""Items of DynamoDB: events whose values stand under the names of types are the events that they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.containers.dynamodb import plain_of
from rootforensics.ingest.filters import Filters
from tests.builders import event, event_id, record, root_event
from tests.ingest.checks import Files, evidence, load, rows
from tests.ingest.containers.wrappings import text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.containers.wrappings import Events

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


def exports(events: Events) -> dict[str, tuple[bytes, str]]:
    """What it is: the file with these events, and its container."""
    return {
        "export": (lines([{"Item": item(one)} for one in events]), f"object with Item > {ITEM}"),
        "incremental": (
            lines([{"Metadata": {"WriteTimestampMicros": {"N": "1"}}, "Keys": item({"eventID": one["eventID"]}),
                    "NewImage": item(one)} for one in events]),
            f"object with NewImage > {ITEM}",
        ),
        "scan": (
            record({"Items": [item(one) for one in events], "Count": 2, "ScannedCount": 2, "ConsumedCapacity": None}),
            f"object with Items > {ITEM}",
        ),
        "items alone": (lines([item(one) for one in events]), ITEM),
        "nested": (lines([{"Item": item({"id": "1", "held": one})} for one in events]), f"object with Item.held.M > {ITEM}"),
        "text": (lines([{"Item": item({"id": "1", "raw": text(one)})} for one in events]), "object with Item.raw.S"),
        "stream": (
            record({"Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
                                 "dynamodb": {"Keys": item({"id": "1"}), "NewImage": item(one)}} for one in events]}),
            f"object with dynamodb.NewImage > {ITEM}",
        ),
    }  # fmt: skip


def test_items_are_the_events_that_were_put_there(tmp_path: Path, subtests: pytest.Subtests) -> None:
    events = {name: [one | {"eventID": event_id()} for one in EVENTS] for name in exports(EVENTS)}
    made = {name: exports(some)[name] for name, some in events.items()}
    data = {name: content for name, (content, _) in made.items()}
    items = Files(tmp_path / "items", data, "a")
    plain = Files(tmp_path / "plain", {name: lines(some) for name, some in events.items()})
    root = Files(tmp_path / "root", data, "a", filters=Filters(root_only=True))
    for name, some in events.items():
        with subtests.test(name):
            left_out = {"evidence_id", "record_index"}
            found, wanted = (
                [{key: value for key, value in one.items() if key not in left_out} for one in files.events(name)]
                for files in (items, plain)
            )
            assert found == wanted
            row = items.row(name)
            told = (row["status"], row["container"], row["problem"], row["rejected_count"])
            assert told == ("loaded", made[name][1], None, 0)
            assert root.ids(name) == [some[0]["eventID"]]
            assert some[0]["eventID"] in items.case.raw(some[0]["eventID"]).decode()


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
