"""An odd record is kept: what does not fit its column goes to ``otherFields`` at its path, and nothing else moves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.case import Case
from rootforensics.ingest import decode
from rootforensics.schema import EVENT_FIELDS
from tests.builders import ABSENT, event, record, records_text, root_event, write_log
from tests.ingest.checks import evidence, load, problems, rows

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


def load_one(tmp_path: Path, *spelled: bytes) -> tuple[Case, list[Row]]:
    """A case of one file with these records, and its events in order."""
    (tmp_path / "a.json").write_bytes(records_text(list(spelled)))
    case = load(tmp_path, tmp_path / "a.json")
    return case, rows(case, "SELECT * FROM events ORDER BY record_index")


def without_nulls(value: Any) -> Any:
    """A STRUCT shows absent fields as NULL."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


def as_recorded(row: Row) -> Row:
    """An event as CloudTrail spelled it, from its columns."""
    out: Row = {}
    for name, kind in EVENT_FIELDS.items():
        value = row[name]
        if value is not None:
            out[name] = json.loads(value) if kind == "JSON" else without_nulls(value)
    if row["eventTime"] is not None:
        out["eventTime"] = row["eventTime"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return out


def other(row: Row) -> Any:
    """The ``otherFields`` of an event."""
    return None if row["otherFields"] is None else json.loads(row["otherFields"])


def test_a_documented_record_fills_its_columns_and_nothing_else(tmp_path: Path) -> None:
    full = event(
        requestParameters={"a": [1, {"b": None}], "ü": "\U0001f511"},
        responseElements={"x": True},
        errorCode="AccessDenied",
        vpcEndpointId="vpce-1",
        addendum={"reason": "UPDATED_DATA", "updatedFields": "x", "originalRequestID": "r", "originalEventID": "e"},
        additionalEventData={"MFAUsed": "Yes"},
    )
    _, (row,) = load_one(tmp_path, record(full))
    assert as_recorded(row) == full
    assert (row["otherFields"], row["record_problem"]) == (None, None)


UNKNOWN = [
    {"newField": 1},
    {"newField": {"deep": [{"x": None}]}},
    {"newField": None},
    {"": ""},
    {"eventtime": "2026-08-05T10:00:00Z"},
    {"evidence_id": 99, "record_index": 98, "otherFields": {"a": 1}, "record_problem": "x"},
    {"new\"'field; DROP TABLE events": "\u0000\u2028"},
    {"zahl": 12345678901234567890123, "float": 1e400, "small": -0.0, "half": 0.1},
]


@pytest.mark.parametrize("fields", UNKNOWN, ids=range(len(UNKNOWN)))
def test_an_unknown_field_lands_in_other_fields(tmp_path: Path, fields: Row) -> None:
    plain, neighbour = event(), root_event()
    spelled = json.dumps(plain | fields).replace("Infinity", "1e400").encode()
    _, (row, beside) = load_one(tmp_path, spelled, record(neighbour))
    assert as_recorded(row) == without_nulls(plain)
    assert json.loads(row["otherFields"], parse_int=str, parse_float=str) == json.loads(
        json.dumps(fields).replace("Infinity", "1e400"), parse_int=str, parse_float=str
    )
    assert (row["evidence_id"], row["record_index"]) == (1, 0)
    assert as_recorded(beside) == without_nulls(neighbour)
    assert beside["otherFields"] is None


@pytest.mark.parametrize(
    "path",
    [
        ("userIdentity",),
        ("userIdentity", "sessionContext"),
        ("userIdentity", "sessionContext", "sessionIssuer"),
        ("userIdentity", "sessionContext", "attributes"),
        ("tlsDetails",),
    ],
    ids=".".join,
)
def test_an_unknown_nested_field_lands_in_other_fields_at_its_path(tmp_path: Path, path: tuple[str, ...]) -> None:
    plain = event()
    changed = json.loads(json.dumps(plain))
    place, expected = changed, {"newField": {"n": [1]}}
    for name in path:
        place = place[name]
    place["newField"] = {"n": [1]}
    for name in reversed(path):
        expected = {name: expected}
    _, (row,) = load_one(tmp_path, record(changed))
    assert as_recorded(row) == without_nulls(plain)
    assert other(row) == expected
    assert row["record_problem"] is None


MISFITS: list[tuple[Row, str]] = [
    ({"userIdentity": "root"}, "userIdentity is a string, not an object"),
    ({"userIdentity": ["root"]}, "userIdentity is a list, not an object"),
    ({"userIdentity": 7}, "userIdentity is a number, not an object"),
    ({"userIdentity": False}, "userIdentity is a boolean, not an object"),
    ({"resources": "arn"}, "resources is a string, not a list of objects"),
    ({"resources": {"ARN": "a"}}, "resources is an object, not a list of objects"),
    ({"resources": ["arn"]}, "resources is a list, not a list of objects"),
    ({"resources": [{"ARN": {"deep": 1}}]}, "resources is a list, not a list of objects"),
    ({"tlsDetails": "TLSv1.3"}, "tlsDetails is a string, not an object"),
    ({"addendum": []}, "addendum is a list, not an object"),
    ({"eventName": {"a": 1}}, "eventName is an object, not text"),
    ({"errorCode": ["a"]}, "errorCode is a list, not text"),
    ({"readOnly": "perhaps"}, "readOnly is 'perhaps', not true or false"),
    ({"readOnly": 1}, "readOnly is a number, not true or false"),
    ({"managementEvent": {}}, "managementEvent is an object, not true or false"),
]


@pytest.mark.parametrize(("fields", "words"), MISFITS, ids=[str(fields) for fields, _ in MISFITS])
def test_a_value_of_the_wrong_type_is_kept_as_it_is_and_told(tmp_path: Path, fields: Row, words: str) -> None:
    plain, neighbour = event(), event()
    case, (row, beside) = load_one(tmp_path, record(plain | fields), record(neighbour))
    (name,) = fields
    expected = {key: value for key, value in without_nulls(plain).items() if key != name}
    assert as_recorded(row) == expected
    assert other(row) == fields
    assert row["record_problem"] == f"{words}; kept in otherFields"
    told = problems(case, "record_problem")
    assert [(one["record_index"], one["problem"]) for one in told] == [(0, row["record_problem"])]
    assert as_recorded(beside) == without_nulls(neighbour)


@pytest.mark.parametrize("value", ["text", ["list"], 5, True])
@pytest.mark.parametrize("name", ["sessionContext", "onBehalfOf"])
def test_a_nested_value_of_the_wrong_type_is_kept_at_its_path(tmp_path: Path, name: str, value: Any) -> None:
    changed = root_event(identity={name: value})
    _, (row,) = load_one(tmp_path, record(changed))
    expected = without_nulls(changed)
    del expected["userIdentity"][name]
    assert as_recorded(row) == expected
    assert other(row) == {"userIdentity": {name: value}}
    assert f"userIdentity.{name} is" in row["record_problem"]


@pytest.mark.parametrize("name", [name for name, kind in EVENT_FIELDS.items() if kind == "JSON"])
def test_a_free_form_field_takes_any_value(tmp_path: Path, name: str) -> None:
    values = ["text", ["list"], 5, True, 1.5, {}, [], "", 123456789012345678901234567890, {"a": [None, {"": "\u0000"}]}]
    _, found = load_one(tmp_path, *(record(event(**{name: value})) for value in values))
    assert [json.loads(row[name]) for row in found] == values
    assert {row["otherFields"] for row in found} == {row["record_problem"] for row in found} == {None}


@pytest.mark.parametrize("name", ["eventVersion", "apiVersion", "recipientAccountId", "sharedEventID"])
def test_a_number_or_boolean_where_text_belongs_is_shown_as_text(tmp_path: Path, name: str) -> None:
    values = [17, True, False, 1.5, -3, 10**17]
    _, found = load_one(tmp_path, *(record(event(**{name: value})) for value in values))
    assert [row[name] for row in found] == ["17", "true", "false", "1.5", "-3", "1" + "0" * 17]
    assert {row["otherFields"] for row in found} == {None}


@pytest.mark.parametrize(("value", "flag"), [("true", True), ("false", False), ("True", True), (" FALSE ", False)])
@pytest.mark.parametrize("name", ["readOnly", "managementEvent"])
def test_true_and_false_as_text_are_taken_as_such(tmp_path: Path, name: str, value: str, flag: bool) -> None:
    _, (row,) = load_one(tmp_path, record(event(**{name: value})))
    assert row[name] is flag


def test_text_of_digits_stays_text(tmp_path: Path) -> None:
    _, (row,) = load_one(tmp_path, record(event(recipientAccountId="000000000017", eventName="007", apiVersion="1.10")))
    assert (row["recipientAccountId"], row["eventName"], row["apiVersion"]) == ("000000000017", "007", "1.10")


TIMES = [
    ("2026-08-05T10:00:00Z", "2026-08-05 10:00:00+00:00"),
    ("20260805T100000Z", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T10:00:00", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05 10:00:00", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T12:30:00+02:30", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T00:00:00-10:00", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T10:00:00.123Z", "2026-08-05 10:00:00.123000+00:00"),
    ("2026-08-05T10:00:00.123456+00:00", "2026-08-05 10:00:00.123456+00:00"),
    ("2026-08-05", "2026-08-05 00:00:00+00:00"),
    ("2026-08-05t10:00:00z", "2026-08-05 10:00:00+00:00"),
    ("2000-01-01T00:00:00Z", "2000-01-01 00:00:00+00:00"),
    ("2099-12-31T23:59:59Z", "2099-12-31 23:59:59+00:00"),
]


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
             "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-10:00"],
)  # fmt: skip
def test_a_time_that_no_trail_can_have_recorded_is_kept_aside(text: str, tmp_path: Path) -> None:
    case, rows_found = load_one(tmp_path, record(event(eventTime=text)), record(event()))
    assert (rows_found[0]["eventTime"], other(rows_found[0])) == (None, {"eventTime": text})
    assert "eventTime" in rows_found[0]["record_problem"]
    assert sorted(row["kind"] for row in case.query("evidence_problems").rows) == [
        "no_event_time",
        "object_loaded",
        "record_problem",
    ]
    assert [row["hour_time"] is None for row in case.query("events_by_hour").rows] == [False, True]


def test_a_time_in_any_usual_spelling_is_read_as_utc(tmp_path: Path) -> None:
    _, (*found, beside) = load_one(tmp_path, *(record(event(eventTime=text)) for text, _ in TIMES), record(event()))
    assert [str(row["eventTime"]) for row in found] == [moment for _, moment in TIMES]
    assert {row["otherFields"] for row in found} == {row["record_problem"] for row in found} == {None}
    assert str(beside["eventTime"]) == "2026-08-05 10:00:00+00:00"


NO_TIMES = ["", "yesterday", "2026-13-45T99:00:00Z", "2026-02-30T00:00:00Z", 1754388000, {"t": 1}, [], True, "infinity"]


@pytest.mark.parametrize("value", NO_TIMES, ids=str)
def test_an_event_without_a_usable_time_is_kept_with_null_and_a_finding(tmp_path: Path, value: Any) -> None:
    odd, neighbour = event(eventTime=value), event()
    case, (row, beside) = load_one(tmp_path, record(odd), record(neighbour))
    assert row["eventTime"] is None
    assert other(row) == {"eventTime": value}
    assert [one["eventID"] for one in problems(case, "no_event_time")] == [odd["eventID"]]
    assert beside["eventTime"] is not None
    assert (evidence(case)["a.json"]["event_count"], evidence(case)["a.json"]["status"]) == (2, "loaded")


@pytest.mark.parametrize("value", [ABSENT, None])
def test_a_missing_time_is_a_finding(tmp_path: Path, value: Any) -> None:
    odd = event(eventTime=value)
    case, (row,) = load_one(tmp_path, record(odd))
    assert (row["eventTime"], row["otherFields"]) == (None, None)
    assert [one["eventID"] for one in problems(case, "no_event_time")] == [odd["eventID"]]


@pytest.mark.parametrize(
    "value", [ABSENT, None, "", {"id": 1}, ["x"]], ids=["absent", "null", "empty", "object", "list"]
)
def test_an_event_without_a_usable_id_is_kept_and_can_be_cited_by_its_place(tmp_path: Path, value: Any) -> None:
    odd, neighbour = event(eventID=value), event()
    case, (beside, row) = load_one(tmp_path, record(neighbour), record(odd))
    assert row["eventID"] is None
    assert beside["eventID"] == neighbour["eventID"]
    assert [(one["evidence_id"], one["record_index"]) for one in problems(case, "no_event_id")] == [(1, 1)]
    assert case.raw("1:1") == record(odd)


@pytest.mark.parametrize(
    "value", ["not-a-uuid", "7", "ümläut \U0001f511", "'; DROP TABLE events; --", "1:0", " ", "x" * 5000]
)
def test_an_id_that_is_no_uuid_is_an_id(tmp_path: Path, value: str) -> None:
    odd = event(eventID=value)
    _, (row,) = load_one(tmp_path, record(odd))
    assert row["eventID"] == value


def test_bytes_that_are_not_utf8_are_kept_and_told(tmp_path: Path) -> None:
    one, neighbour = event(userAgent="caf\u00e9"), event()
    spelled = record(one).replace("\u00e9".encode(), b"\xe9")
    case, (row, beside) = load_one(tmp_path, spelled, record(neighbour))
    assert row["userAgent"] == "caf\ufffd"
    assert "bytes that are not UTF-8" in row["record_problem"]
    assert case.raw(one["eventID"]) == spelled
    assert as_recorded(beside) == without_nulls(neighbour)
    assert beside["record_problem"] is None


@pytest.mark.parametrize("wrap", [records_text, b"\n".join, b"".join], ids=["records", "ndjson", "glued"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_key_that_is_not_utf8_is_kept_and_told(tmp_path: Path, wrap: Any, count: int) -> None:
    events = [event(café=1, requestParameters={"caf\u00e9": 2}), event()][:count]
    spelled = [record(one).replace("\u00e9".encode(), b"\xe9") for one in events]
    (tmp_path / "a.json").write_bytes(wrap(spelled))
    case = load(tmp_path, tmp_path / "a.json")
    found = rows(case, "SELECT * FROM events ORDER BY record_index")
    assert [row["eventID"] for row in found] == [one["eventID"] for one in events]
    assert other(found[0]) == {"caf\ufffd": 1}
    assert json.loads(found[0]["requestParameters"]) == {"caf\ufffd": 2}
    assert "bytes that are not UTF-8" in found[0]["record_problem"]


HALVES = [
    (b"\\ud800", "\ufffd"),
    (b"\\udfff", "\ufffd"),
    (b"a\\uD83D b", "a\ufffd b"),
    (b"\\ud83d\\ude00", "\U0001f600"),
    (b"\\udc00\\ud800", "\ufffd\ufffd"),
    (b"\\ud83d\\ud83d\\ude00", "\ufffd\U0001f600"),
    (b"\\\\ud800", "\\ud800"),
    (b"\\\\\\ud800", "\\\ufffd"),
    (b"\\u0000x", "\0x"),
]


@pytest.mark.parametrize("name", ["userAgent", "requestParameters"])
def test_half_characters_are_shown_as_replacement_and_whole_ones_as_they_are(tmp_path: Path, name: str) -> None:
    value: Any = "MARK" if name == "userAgent" else {"text": "MARK", "MARK": 1}
    events = [event(**{name: value}) for _ in HALVES]
    neighbour = event()
    spelled = [record(one).replace(b"MARK", escaped) for one, (escaped, _) in zip(events, HALVES, strict=True)]
    case, (*found, beside) = load_one(tmp_path, *spelled, record(neighbour))
    shown = [row[name] if name == "userAgent" else json.loads(row[name])["text"] for row in found]
    assert shown == [text for _, text in HALVES]
    told = ["half characters" in (row["record_problem"] or "") for row in found]
    assert told == ["\ufffd" in text for _, text in HALVES]
    assert [case.raw(one["eventID"]) for one in events] == spelled
    assert as_recorded(beside) == without_nulls(neighbour)


@pytest.mark.parametrize("name", ["userAgent", "eventName", "errorCode"])
def test_a_key_that_stands_twice_loses_no_event(tmp_path: Path, name: str) -> None:
    one, neighbour = event(errorCode="first"), event()
    spelled = record(one)[:-1] + b',"' + name.encode() + b'":"second"}'
    case, (row, beside) = load_one(tmp_path, spelled, record(neighbour))
    assert row["eventID"] == one["eventID"]
    assert row[name] in {one[name], "second"}
    assert case.raw(one["eventID"]) == spelled
    assert beside["eventID"] == neighbour["eventID"]


ODD_VALUES: list[Any] = [
    "", " ", "text", 0, -1, 1.5, 1e308, 10**30, True, False, None, [], {}, [None], [[]], [{}], {"": None}, {"a": {"b": []}},
    ["x", 1, None], {"type": 1}, {"type": None}, {"sessionContext": []}, {"attributes": "x"}, [{"ARN": 5}], [{"ARN": None}],
    [{"ARN": "a", "new": 1}], "\u0000", "\U0010ffff", "true", "2026-08-05T10:00:00Z", "x" * 70_000,
]  # fmt: skip


@pytest.mark.parametrize("name", EVENT_FIELDS)
def test_any_value_in_any_field_keeps_the_event_and_all_its_content(tmp_path: Path, name: str) -> None:
    odd = [
        event(eventName="Mine", **{name: value}) if name != "eventName" else event(eventName=value)
        for value in ODD_VALUES
    ]
    neighbours = [event() for _ in odd]
    spelled = [record(one) for pair in zip(odd, neighbours, strict=True) for one in pair]
    case, found = load_one(tmp_path, *spelled)
    assert len(found) == len(spelled)
    assert evidence(case)["a.json"]["rejected_count"] == 0
    for value, one, row, beside, neighbour in zip(odd, odd, found[::2], found[1::2], neighbours, strict=True):
        del value
        kept = as_recorded(row)
        rest = without_nulls({key: part for key, part in one.items() if key not in (name, "eventTime")})
        assert {key: part for key, part in kept.items() if key not in (name, "eventTime")} == rest
        _check_kept(one[name], row[name], name, other(row))
        assert as_recorded(beside) == without_nulls(neighbour)


def _check_kept(value: Any, column: Any, name: str, others: Any) -> None:
    """The value is in its column or in ``otherFields``, or partly here and partly there; never in neither."""
    kind = EVENT_FIELDS[name]
    left = (others or {}).get(name)
    if value is None:
        assert column in (None, "null")
    elif kind == "JSON":
        assert json.loads(column) == value
    elif isinstance(value, dict) and isinstance(kind, dict):
        assert _leaves(value) == _leaves(column) | _leaves(left)
    elif column is None or (isinstance(kind, list) and left is not None):
        assert left == value
    elif name != "eventTime":
        assert left is None
        same = without_nulls(column) == without_nulls(value) or str(column).lower() == str(value).strip().lower()
        assert same or float(column) == value


def _leaves(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {leaf for key, part in value.items() for leaf in _leaves(part, f"{path}/{key}")}
    return set() if value is None else {f"{path}={json.dumps(value) if isinstance(value, list) else value}"}


def test_a_record_that_only_the_engine_refuses_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "is_whole", lambda _text: True)  # as if the decoder knew nothing of half characters
    half = event(requestParameters="MARK")
    odd = record(half).replace(b"MARK", b"\\ud800")
    first, last = root_event(), event()
    write_log(tmp_path / "logs", "a.json", [first, root_event()])
    (tmp_path / "logs" / "b.json").write_bytes(b'{"Records":[%b,%b]}' % (odd, record(last)))
    (tmp_path / "logs" / "c.json").write_bytes(b"no JSON")
    told: list[str] = []
    case = Case(tmp_path / "case.duckdb")
    result = case.load(tmp_path / "logs", problems=lambda uri, _status, _problem: told.append(uri.rpartition("/")[2]))
    assert (result.new_count, result.object_count) == (4, 3)
    asked = rows(case, f"SELECT requestParameters->>'$' AS asked FROM events WHERE eventID = '{half['eventID']}'")
    assert asked == [{"asked": "\ufffd"}]
    assert told.count("c.json") == 1
