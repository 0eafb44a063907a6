"""An odd record is kept: what does not fit its column goes to ``otherFields`` at its path, and nothing else moves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.case import Case
from rootforensics.ingest import decode
from rootforensics.ingest.filters import Filters
from rootforensics.schema import EVENT_FIELDS, FREE
from tests.builders import event, record, records_text, root_event, write_log
from tests.ingest.checks import Files, problems, rows
from tests.ingest.odd_record import Row, as_recorded, load_files, load_one, other, without_nulls

if TYPE_CHECKING:
    from pathlib import Path


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


def test_an_unknown_field_lands_in_other_fields(tmp_path: Path, subtests: pytest.Subtests) -> None:
    pairs = {str(fields): (event(), root_event()) for fields in UNKNOWN}
    made = {}
    for fields in UNKNOWN:
        plain, neighbour = pairs[str(fields)]
        spelled = json.dumps(plain | fields).replace("Infinity", "1e400").encode()
        made[str(fields)] = [spelled, record(neighbour)]
    files = load_files(tmp_path, made)
    for fields in UNKNOWN:
        with subtests.test(fields=fields):
            plain, neighbour = pairs[str(fields)]
            row, beside = files.events(str(fields))
            assert as_recorded(row) == without_nulls(plain)
            assert json.loads(row["otherFields"], parse_int=str, parse_float=str) == json.loads(
                json.dumps(fields).replace("Infinity", "1e400"), parse_int=str, parse_float=str
            )
            assert (row["evidence_id"], row["record_index"]) == (files.row(str(fields))["evidence_id"], 0)
            assert as_recorded(beside) == without_nulls(neighbour)
            assert beside["otherFields"] is None


#: A double holds no such number, and Python turns no such digits into an integer.
OUT_OF_RANGE = ["1e400", "-1e999", "1" * 5000]
FIELDS_OF_ONE_VALUE = [(name,) for name, field in EVENT_FIELDS.items() if isinstance(field, str) and field != FREE]


def test_a_number_out_of_range_costs_nothing_but_its_field(tmp_path: Path, subtests: pytest.Subtests) -> None:
    paths = [
        *FIELDS_OF_ONE_VALUE,
        ("userIdentity",),
        ("resources",),
        *(("userIdentity", name) for name in ("type", "arn")),
    ]
    whole = root_event(resources=[{"ARN": "arn:aws:s3:::b"}])
    made, spelled = {}, {}
    for number in OUT_OF_RANGE:
        for path in paths:
            changed = json.loads(json.dumps(whole))
            place = changed
            for part in path[:-1]:
                place = place[part]
            place[path[-1]] = "@"
            spelled[number, path] = json.dumps(changed).replace('"@"', number).encode()
            made[f"{number:.9}-{'.'.join(path)}"] = [spelled[number, path], record(event())]
    files = load_files(tmp_path, made)
    for number, path in spelled:
        with subtests.test(number=f"{number:.9}", path=path):
            name = f"{number:.9}-{'.'.join(path)}"
            row, beside = files.events(name)
            expected: Any = json.loads(json.dumps(whole))
            kept: Any = number
            for part in reversed(path):
                kept = {part: kept}
            place = expected
            for part in path[:-1]:
                place = place[part]
            place.pop(path[-1], None)
            shown = as_recorded(row)
            if path[0] in ("errorCode", "errorMessage"):  # a call that failed must not count as done
                assert shown.pop(path[0]) == number
            assert shown == without_nulls(expected)
            assert json.loads(row["otherFields"], parse_int=str, parse_float=str) == kept
            assert "is a number out of range" in row["record_problem"]
            assert (files.row(name)["status"], beside["record_problem"]) == ("loaded", None)


def test_a_number_out_of_range_beside_a_key_that_stands_twice_stays_as_it_is(tmp_path: Path) -> None:
    digits = b"9" * 400
    spelled = record(root_event())[:-1] + b',"new":1e400,"twice":1,"twice":2,"long":%b}' % digits
    _, (row,) = load_one(tmp_path, spelled)
    kept = json.loads(row["otherFields"], parse_float=str, parse_int=str)
    assert kept == {"new": "1e400", "twice": "1", "long": digits.decode()}


PATHS: list[tuple[str, ...]] = [
    ("userIdentity",),
    ("userIdentity", "sessionContext"),
    ("userIdentity", "sessionContext", "sessionIssuer"),
    ("userIdentity", "sessionContext", "attributes"),
    ("tlsDetails",),
]


def test_an_unknown_nested_field_lands_in_other_fields_at_its_path(tmp_path: Path, subtests: pytest.Subtests) -> None:
    plain, made, told = {}, {}, {}
    for path in PATHS:
        name, plain[path] = ".".join(path), event()
        changed = json.loads(json.dumps(plain[path]))
        place, told[path] = changed, {"newField": {"n": [1]}}
        for part in path:
            place = place[part]
        place["newField"] = {"n": [1]}
        for part in reversed(path):
            told[path] = {part: told[path]}
        made[name] = [record(changed)]
    files = load_files(tmp_path, made)
    for path in PATHS:
        with subtests.test(path=path):
            (row,) = files.events(".".join(path))
            assert as_recorded(row) == without_nulls(plain[path])
            assert other(row) == told[path]
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


def test_a_value_of_the_wrong_type_is_kept_as_it_is_and_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    pairs = {str(fields): (event(), event()) for fields, _ in MISFITS}
    made = {
        str(fields): [record(pairs[str(fields)][0] | fields), record(pairs[str(fields)][1])] for fields, _ in MISFITS
    }
    files = load_files(tmp_path, made)
    told = {problem["evidence_id"]: problem for problem in problems(files.case, "record_problem")}
    assert len(told) == len(MISFITS)
    for fields, words in MISFITS:
        with subtests.test(fields=fields):
            plain, neighbour = pairs[str(fields)]
            row, beside = files.events(str(fields))
            (name,) = fields
            expected = {key: value for key, value in without_nulls(plain).items() if key != name}
            if name == "errorCode":
                expected[name] = '["a"]'
            assert as_recorded(row) == expected
            assert other(row) == fields
            assert row["record_problem"] == f"{words}; kept in otherFields"
            one = told[row["evidence_id"]]
            assert (one["record_index"], one["problem"]) == (0, row["record_problem"])
            assert as_recorded(beside) == without_nulls(neighbour)


def test_a_nested_value_of_the_wrong_type_is_kept_at_its_path(tmp_path: Path, subtests: pytest.Subtests) -> None:
    values: list[Any] = ["text", ["list"], 5, True]
    asked = [(name, value) for name in ("sessionContext", "onBehalfOf") for value in values]
    changed = [root_event(identity={name: value}) for name, value in asked]
    _, found = load_one(tmp_path, *map(record, changed))
    for (name, value), one, row in zip(asked, changed, found, strict=True):
        with subtests.test(name=name, value=value):
            expected = without_nulls(one)
            del expected["userIdentity"][name]
            assert as_recorded(row) == expected
            assert other(row) == {"userIdentity": {name: value}}
            assert f"userIdentity.{name} is" in row["record_problem"]


def load_values(tmp_path: Path, values: dict[str, list[Any]]) -> dict[str, list[Row]]:
    """For each field the events of a file, in which it has these values in turn."""
    files = load_files(
        tmp_path, {name: [record(event(**{name: one})) for one in given] for name, given in values.items()}
    )
    return {name: files.events(name) for name in values}


def test_a_free_form_field_takes_any_value(tmp_path: Path, subtests: pytest.Subtests) -> None:
    values = ["text", ["list"], 5, True, 1.5, {}, [], "", 123456789012345678901234567890, {"a": [None, {"": "\u0000"}]}]
    names = [name for name, kind in EVENT_FIELDS.items() if kind == "JSON"]
    for name, found in load_values(tmp_path, dict.fromkeys(names, values)).items():
        with subtests.test(name):
            assert [json.loads(row[name]) for row in found] == values
            assert {row["otherFields"] for row in found} == {row["record_problem"] for row in found} == {None}


def test_a_number_or_boolean_where_text_belongs_is_shown_as_text(tmp_path: Path, subtests: pytest.Subtests) -> None:
    values = [17, True, False, 1.5, -3, 10**17]
    names = ["eventVersion", "apiVersion", "recipientAccountId", "sharedEventID"]
    for name, found in load_values(tmp_path, dict.fromkeys(names, values)).items():
        with subtests.test(name):
            assert [row[name] for row in found] == ["17", "true", "false", "1.5", "-3", "1" + "0" * 17]
            assert {row["otherFields"] for row in found} == {None}


def test_true_and_false_as_text_are_taken_as_such(tmp_path: Path, subtests: pytest.Subtests) -> None:
    values = {"true": True, "false": False, "True": True, " FALSE ": False}
    for name, found in load_values(tmp_path, {one: list(values) for one in ("readOnly", "managementEvent")}).items():
        with subtests.test(name):
            assert {value: row[name] for value, row in zip(values, found, strict=True)} == values


def test_text_of_digits_stays_text(tmp_path: Path) -> None:
    _, (row,) = load_one(tmp_path, record(event(recipientAccountId="000000000017", eventName="007", apiVersion="1.10")))
    assert (row["recipientAccountId"], row["eventName"], row["apiVersion"]) == ("000000000017", "007", "1.10")


ODD_VALUES: list[Any] = [
    "", " ", "text", 0, -1, 1.5, 1e308, 10**30, True, False, None, [], {}, [None], [[]], [{}], {"": None}, {"a": {"b": []}},
    ["x", 1, None], {"type": 1}, {"type": None}, {"sessionContext": []}, {"attributes": "x"}, [{"ARN": 5}], [{"ARN": None}],
    [{"ARN": "a", "new": 1}], "\u0000", "\U0010ffff", "true", "2026-08-05T10:00:00Z", "x" * 70_000,
]  # fmt: skip


@pytest.mark.heavy
def test_any_value_in_any_field_keeps_the_event_and_all_its_content(tmp_path: Path, subtests: pytest.Subtests) -> None:
    odd, neighbours, made = {}, {}, {}
    for name in EVENT_FIELDS:
        odd[name] = [event(**{"eventName": "Mine", name: value}) for value in ODD_VALUES]
        neighbours[name] = [event() for _ in ODD_VALUES]
        made[name] = [record(one) for pair in zip(odd[name], neighbours[name], strict=True) for one in pair]
    files = load_files(tmp_path, made)
    for name in EVENT_FIELDS:
        with subtests.test(name):
            found = files.events(name)
            assert len(found) == len(made[name])
            assert files.row(name)["rejected_count"] == 0
            for one, row, beside, neighbour in zip(odd[name], found[::2], found[1::2], neighbours[name], strict=True):
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
    elif name in ("errorCode", "errorMessage") and left is not None:
        assert left == value
        assert column is None or json.loads(column) == value
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


FAILURES: list[tuple[Any, str | None]] = [
    ({"message": "no", "code": "AccessDenied"}, '{"code":"AccessDenied","message":"no"}'),
    (["AccessDenied"], '["AccessDenied"]'),
    ({"code": None, "texts": ["", None]}, None),
    ({}, None),
    ([], None),
]


@pytest.mark.heavy
@pytest.mark.parametrize("root_related", [False, True])
def test_a_failure_of_the_wrong_type_is_no_success(
    tmp_path: Path, root_related: bool, subtests: pytest.Subtests
) -> None:
    fields: Row = {"eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey", "readOnly": False}
    failed = {str(value): root_event(**fields, errorCode=value) for value, _ in FAILURES}
    made = {key: [record(one), record(event())] for key, one in failed.items()}
    files = load_files(tmp_path, made, filters=Filters(root_related=root_related))
    by_id = {
        name: {row["eventID"]: row for row in files.case.query(name).rows}
        for name in ("root_timeline", "root_actions", "root_errors")
    }
    for value, column in FAILURES:
        with subtests.test(value=value):
            (held,) = files.root_events(str(value))
            here = failed[str(value)]["eventID"]
            assert (here in by_id["root_errors"]) == (column is not None)
            told = (by_id["root_timeline"][here]["outcome"], by_id["root_actions"][here]["result"])
            assert told == (("success", "succeeded") if column is None else ("failure", "attempted"))
            assert held["errorCode"] == column
            assert json.loads(held["otherFields"]) == {"errorCode": value}


def test_copies_with_a_failure_spelled_in_another_order_are_one_event(tmp_path: Path) -> None:
    first = root_event(errorCode={"code": "AccessDenied", "message": "no"})
    again = first | {"errorCode": {"message": "no", "code": "AccessDenied"}}
    _, found = load_one(tmp_path, record(first), record(again))
    assert len(found) == 1


NO_ERROR = ["success", "Success", "SUCCESS", "-", "None", "null", "NULL", "N/A", " success "]
NO_ERROR += ["nan", "NaN", "NaT", "(null)", "<null>", "\\N", "undefined", "false", "--", "[none]", "200"]


def test_a_word_for_no_error_is_no_error(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{word}, {form}": (word, form) for word in NO_ERROR for form in ("records", "lines")}
    made = {}
    for key, (word, form) in asked.items():
        texts = [record(root_event(errorCode=word)), record(root_event(errorCode="SuccessNot"))]
        made[key] = records_text(texts) if form == "records" else b"\n".join(texts)
    files = Files(tmp_path, made)
    for key, (word, _) in asked.items():
        with subtests.test(key):
            found = files.root_events(key)
            assert [(row["errorCode"], row["outcome"]) for row in found] == [
                (None, "success"),
                ("SuccessNot", "failure"),
            ]
            told = f"errorCode is {word!r}, with which a tool says that there was no error; kept in otherFields"
            assert [(row["record_problem"], other(row)) for row in found] == [(told, {"errorCode": word}), (None, None)]
