"""Tables that keep request and answer as maps of texts lead to the same answers about root as the log files do."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pytest

from tests.builders import event, records_file, root_event
from tests.ingest.checks import evidence, load, rows
from tests.ingest.containers.stored_files import lake_rows, parquet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEMBER: Final = "444455556666"
KEY: Final = "ASIAEXAMPLESESSION00"
FREE: Final = ("requestparameters", "responseelements", "additionaleventdata")
_IAM: Final[dict[str, Any]] = {"eventSource": "iam.amazonaws.com", "readOnly": False}


def made(name: str, minute: int, asked: dict[str, Any], told: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    """A write of root's."""
    when = f"2026-08-05T10:{minute:02}:00Z"
    return root_event(**_IAM, eventName=name, eventTime=when, requestParameters=asked, responseElements=told, **fields)


POLICY: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
EVENTS: Final = [
    event(
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoot",
        eventTime="2026-08-05T10:00:00Z",
        requestParameters={"targetPrincipal": MEMBER, "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/x"}},
        responseElements={"credentials": {"accessKeyId": KEY, "expiration": "Aug 5, 2026, 10:15:00 AM"}},
        resources=None,
    ),
    root_event(
        eventTime="2026-08-05T10:01:00Z",
        recipientAccountId=MEMBER,
        identity={"accessKeyId": KEY, "accountId": MEMBER, "arn": f"arn:aws:iam::{MEMBER}:root", "principalId": MEMBER},
    ),
    made("CreateUser", 2, {"userName": "mallory"}, {"user": {"userName": "mallory", "userId": "AIDAEXAMPLEMALLORY00"}}),
    made(
        "CreateAccessKey",
        3,
        {"userName": "mallory"},
        {"accessKey": {"userName": "mallory", "accessKeyId": "AKIAEXAMPLEMALLORY00", "status": "Active"}},
    ),
    made(
        "CreateRole",
        4,
        {"roleName": "777777777777", "assumeRolePolicyDocument": POLICY},
        {"role": {"roleName": "777777777777", "roleId": "AROAEXAMPLEROLEID1111"}},
    ),
    made("PutUserPolicy", 5, {"userName": "mallory", "policyName": "all", "policyDocument": POLICY}, None),
]


def as_map(value: dict[str, Any] | None) -> dict[str, str] | None:
    """A field as CloudTrail Lake keeps it: objects and lists, numbers and flags as their text."""
    if value is None:
        return None
    return {name: one if isinstance(one, str) else json.dumps(one) for name, one in value.items()}


def _maps() -> dict[str, list[dict[str, str] | None]]:
    names = dict(zip(FREE, ("requestParameters", "responseElements", "additionalEventData"), strict=True))
    return {name: [as_map(one.get(field)) for one in EVENTS] for name, field in names.items()}


def _parquet(tmp_path: Path) -> None:
    kind = pa.map_(pa.string(), pa.string())
    columns = {name: pa.array([one and list(one.items()) for one in held], kind) for name, held in _maps().items()}
    parquet(tmp_path / "table" / "a", lake_rows(EVENTS) | columns)


def _printed(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_printed(part)}" for name, part in value.items()) + "}"
    return "null" if value is None else str(value)


def _csv(tmp_path: Path) -> None:
    columns = {name: held.to_pylist() for name, held in lake_rows(EVENTS).items() if name != "resources"} | _maps()
    (tmp_path / "table").mkdir()
    with (tmp_path / "table" / "a").open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow(["" if cell is None else _printed(cell) for cell in row])


def _lines(tmp_path: Path, pairs: Callable[[dict[str, str]], Any]) -> None:
    columns = {name: held.to_pylist() for name, held in lake_rows(EVENTS).items() if name != "resources"}
    columns |= {name: [one and pairs(one) for one in held] for name, held in _maps().items()}
    (tmp_path / "table").mkdir()
    found = [json.dumps(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
    (tmp_path / "table" / "a").write_text("\n".join(found))


TABLES: Final[dict[str, Callable[[Path], None]]] = {
    "parquet": _parquet,
    "printed": _csv,
    "lines": lambda folder: _lines(folder, dict),
    "lines of pairs": lambda folder: _lines(folder, lambda one: [{"key": key, "value": one[key]} for key in one]),
}


def answers(case: Any) -> dict[str, Any]:
    """What a case says of root."""
    reached = case.blast_radius().rows
    return {
        "origins": rows(case, "SELECT eventName, origin FROM root_events ORDER BY eventTime"),
        "made": [{name: row[name] for name in row if name != "thing"} for row in reached],
        "texts": rows(
            case,
            "SELECT requestParameters->>'$.policyDocument' AS policy, requestParameters->>'$.roleName' AS role,"
            " requestParameters->>'$.taskPolicyArn.arn' AS task FROM events ORDER BY eventTime",
        ),
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the log file says of root."""
    folder = tmp_path_factory.mktemp("log")
    (folder / "logs").mkdir()
    (folder / "logs" / "a.json.gz").write_bytes(records_file(EVENTS))
    found = answers(load(folder))
    assert {"eventName": "ListUsers", "origin": "privileged_session"} in found["origins"]
    assert {"mallory", "AKIAEXAMPLEMALLORY00", "777777777777"} <= set(re.findall(r"\w+", str(found["made"])))
    return found


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.heavy if place % 2 else ()) for place, kind in enumerate(TABLES)]
)
def test_a_table_of_maps_says_of_root_what_the_log_file_says(
    kind: str, tmp_path: Path, expected: dict[str, Any]
) -> None:
    TABLES[kind](tmp_path)
    case = load(tmp_path, tmp_path / "table", name="table.duckdb")
    assert evidence(case)["a"]["event_count"] == len(EVENTS)
    assert answers(case) == expected
    assert rows(case, "SELECT record_problem FROM events WHERE record_problem NOTNULL") == []
