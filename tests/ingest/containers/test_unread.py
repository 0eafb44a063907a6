"""Formats that are recognized and not read: the ledger says what a file is and what to do, and the verdict denies nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from rootforensics.ingest.containers.hints import MAY_HOLD_EVENTS
from tests.builders import event_id, record, root_event
from tests.ingest.checks import Files
from tests.ingest.containers.wrappings import lookup_entry

if TYPE_CHECKING:
    from collections.abc import Callable

One = dict[str, Any]


def typed(value: Any) -> One:
    """A value as DynamoDB spells it."""
    if isinstance(value, dict):
        return {"M": item(value)}
    if isinstance(value, list):
        return {"L": list(map(typed, value))}
    if value is None or isinstance(value, bool):
        return {"NULL": True} if value is None else {"BOOL": value}
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def item(value: One) -> One:
    """An item of DynamoDB with these attributes."""
    return {name: typed(part) for name, part in value.items()}


def cells(one: One) -> list[list[Any]]:
    return [list(one.values())]


def columns(one: One) -> list[One]:
    return [{"name": name, "type": "string"} for name in one]


#: What it is: how an event stands in it.
DYNAMODB: Final[dict[str, Callable[[One], Any]]] = {
    "an export": lambda one: {"Item": item(one)},
    "an incremental export": lambda one: {"Keys": item({"eventID": one["eventID"]}), "NewImage": item(one)},
    "a scan": lambda one: {"Items": [item(one)], "Count": 1, "ScannedCount": 1},
    "an item": item,
    "a map in an item": lambda one: {"Item": item({"id": "1", "held": one})},
    "a stream": lambda one: {
        "Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {"NewImage": item(one)}}]
    },
    "names in lower case": lambda one: {"Item": item({name.lower(): part for name, part in one.items()})},
}  # fmt: skip
TABLES: Final[dict[str, Callable[[One], Any]]] = {
    "Azure Monitor": lambda one: {"tables": [{"name": "PrimaryResult", "columns": columns(one), "rows": cells(one)}]},
    "SQL of Elasticsearch": lambda one: {"columns": columns(one), "rows": cells(one), "cursor": "x"},
    "SQL of OpenSearch": lambda one: {"schema": columns(one), "datarows": cells(one), "total": 1},
    "Trino": lambda one: {"id": "1", "columns": columns(one), "data": cells(one), "stats": {}},
    "pandas, split": lambda one: {"columns": list(one), "index": [0], "data": cells(one)},
    "pandas, by column": lambda one: {name: {"0": part} for name, part in one.items()},
}
YAML: Final[dict[str, Callable[[One], Any]]] = {
    "YAML of the command line": lambda one: {"Events": [lookup_entry(one)]},
    "YAML in pages": lambda one: [{"Events": [lookup_entry(one)], "NextToken": "x"}],
}
#: Told by their keys where nothing else is in the file, too; they are counted as no events.
COUNTED: Final[dict[str, Callable[[One], Any]]] = {
    "fields of Elastic without the record": lambda one: {
        "event": {"action": one["eventName"]},
        "aws": {"cloudtrail": {}},
    },
    "a page of Athena query results without the names of its columns": lambda one: {
        "ResultSet": {"Rows": [{"Data": [{"VarCharValue": one["eventSource"]}]}]}
    },
}
KINDS: Final = {"export the items as plain JSON": DYNAMODB, "export it as CSV or as one JSON object a row": TABLES}
NOT_READ: Final = {name: (advice, spell) for advice, kinds in KINDS.items() for name, spell in kinds.items()}


def fresh() -> One:
    return root_event(eventName="StopLogging", requestParameters={"list": [1, None, {"a": []}], "ok": True}) | {
        "eventID": event_id()
    }


def spelled_as_yaml(value: Any, **options: Any) -> bytes:
    return yaml.safe_dump(value, sort_keys=False, **options).encode()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A file of each kind with one event of root's in it, and one with a further event behind that."""
    data = {name: record(spell(fresh())) for name, (_, spell) in NOT_READ.items()}
    mixed = {f"{name}, and an event": data[name] + b"\n" + record(fresh()) + b"\n" for name in data}
    mixed |= {name: record(fresh()) + b"\n" + record(spell(fresh())) for name, spell in COUNTED.items()}
    in_text = {
        "a record in an attribute": record({"Item": item({"id": "1", "raw": json.dumps(fresh())})}),
        "a record in a cell": record({"columns": ["time", "message"], "rows": [["x", json.dumps(fresh())]]}),
    }
    documents = {name: spelled_as_yaml(spell(fresh())) for name, spell in YAML.items()}
    documents |= {f"{name}, long lines": spelled_as_yaml(spell(fresh()), width=10**6) for name, spell in YAML.items()}
    documents |= {
        f"{name}, a document": spelled_as_yaml(spell(fresh()), explicit_start=True) for name, spell in YAML.items()
    }
    return Files(tmp_path_factory.mktemp("unread"), data | mixed | in_text | documents, "a")


def test_what_is_not_read_is_told_with_what_to_do(files: Files) -> None:
    for name, (advice, _) in NOT_READ.items():
        row = files.row(name)
        assert (row["status"], row["event_count"]) == ("unsupported", 0), name
        assert advice in row["problem"], name
        assert MAY_HOLD_EVENTS in row["problem"], name


def test_yaml_of_the_command_line_is_told_with_what_to_do(files: Files) -> None:
    for name in YAML:
        for kind in (name, f"{name}, long lines", f"{name}, a document"):
            row = files.row(kind)
            assert (row["status"], row["event_count"]) == ("unsupported", 0), kind
            assert f"--output json; {MAY_HOLD_EVENTS}" in row["problem"], kind


def test_an_event_beside_it_is_read_and_the_rest_is_told(files: Files) -> None:
    for name, (advice, _) in NOT_READ.items():
        row = files.row(f"{name}, and an event")
        assert (row["status"], row["event_count"], row["rejected_count"]) == ("damaged", 1, 1), name
        assert advice in row["problem"], name
    for name in COUNTED:
        row = files.row(name)
        assert (row["status"], row["event_count"], row["rejected_count"]) == ("damaged", 1, 1), name
        assert row["problem"].startswith(name), name
        assert MAY_HOLD_EVENTS in row["problem"], name


@pytest.mark.heavy
def test_the_verdict_denies_nothing(files: Files) -> None:
    denied = {answer.name for account in files.case.verdict() for answer in account.answers if answer.answer == "no"}
    assert denied == set()


def test_a_whole_record_as_text_is_read(files: Files) -> None:
    for name in ("a record in an attribute", "a record in a cell"):
        row = files.row(name)
        assert (row["status"], [event["eventName"] for event in files.events(name)]) == ("loaded", ["StopLogging"]), (
            name
        )
