"""A field that the schema does not know yet costs its own record a second look, and no other."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rootforensics.ingest.decode import Decoded, decode_each, decode_plain, decode_regular
from rootforensics.ingest.framing import Values
from rootforensics.schema import EVENT_FIELDS
from tests.builders import event, record, records_text, root_event
from tests.ingest.checks import event_ids, load, rows

if TYPE_CHECKING:
    from pathlib import Path

_NEW: tuple[Any, ...] = (
    "x",
    1.5,
    None,
    True,
    [],
    {},
    [{"a": [1, {"b": None}]}],
    {"arn": "arn:aws:iam::1:role/x"},
    "ü\u2028",
)
#: Where a field may be new: in the record, and in the objects of it.
_PLACES = (
    (),
    ("userIdentity",),
    ("userIdentity", "sessionContext"),
    ("tlsDetails",),
    ("resources", 0),
    ("requestParameters",),
)


def _with_new_fields(chance: random.Random, base: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(base))
    for number in range(chance.randint(1, 3)):
        held: Any = changed
        for step in chance.choice(_PLACES):
            held = held[step]
        held[f"new{number}"] = chance.choice(_NEW)
    return changed


def _events() -> list[dict[str, Any]]:
    chance = random.Random(20261128)
    more = {
        "requestParameters": {"a": "b"},
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
        "resources": [{"ARN": "arn:aws:s3:::b", "type": "AWS::S3::Bucket"}],
    }
    identity = {"sessionContext": {"attributes": {"mfaAuthenticated": "false"}}}
    plain = [make(identity=identity, **more) for _ in range(60) for make in (event, root_event)]
    return [_with_new_fields(chance, one) if place % 3 else one for place, one in enumerate(plain)]


def _stored(decoded: Decoded) -> list[tuple[Any, ...]]:
    """The columns of each event as the engine takes them, and what no column takes."""
    shape = json.dumps(EVENT_FIELDS)
    columns = duckdb.execute(
        f"SELECT from_json(text, '{shape}') FROM (SELECT unnest(?) AS text)",
        [[bytes(text).decode() for text in decoded.events.texts]],
    ).fetchall()
    other = [json.loads(decoded.other_fields.get(place, b"null")) for place in range(len(columns))]
    return list(zip(columns, other, strict=True))


def test_a_record_with_new_fields_is_stored_as_one_that_is_taken_apart() -> None:
    texts = [record(one) for one in _events()]
    quick, slow = decode_regular(Values(texts), 0), decode_each(texts, range(len(texts)), doubtful=True)
    assert quick is not None
    assert not quick.problems
    assert len(quick.other_fields) > len(texts) // 2
    quick.events = Values(
        [bytes(quick.events.texts[place]) for place in range(len(texts))],
    )
    assert _stored(quick) == _stored(slow)


def test_a_plain_file_stays_plain_around_a_record_that_is_bent() -> None:
    odd = [event(newField=1), event(recipientAccountId=123456789012), event(userAgent="HALF"), root_event(newField=2)]
    plain = [event() for _ in range(4)]
    data = records_text([record(one) for pair in zip(odd, plain, strict=True) for one in pair]).replace(
        b"HALF", b"\\ud800"
    )
    decoded = decode_plain(data)
    assert decoded is not None
    assert {place: json.loads(more) for place, more in decoded.other_fields.items()} == {
        0: {"newField": 1},
        6: {"newField": 2},
    }
    assert set(decoded.problems) == {4}
    assert json.loads(bytes(decoded.events.texts[2]))["recipientAccountId"] == "123456789012"
    assert [json.loads(bytes(text))["eventID"] for text in decoded.events.texts] == [
        one["eventID"] for pair in zip(odd, plain, strict=True) for one in pair
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"eventVersion": "1.08", "x": 1},
        {"Records": [event()], "eventVersion": "1.11"},
        {"eventVersion": "1.08", "detail": event()},
    ],
    ids=["few fields", "a list of records", "an event inside"],
)
def test_what_may_hold_other_events_is_looked_into(tmp_path: Path, odd: dict[str, Any]) -> None:
    beside = [event(), event()]
    (tmp_path / "a.json").write_bytes(records_text([record(beside[0]), record(odd), record(beside[1])]))
    case = load(tmp_path, tmp_path / "a.json")
    held = [one["eventID"] for one in (odd.get("detail"), *odd.get("Records", [])) if one]
    assert {one for one in event_ids(case) if one} == {*(one["eventID"] for one in beside), *held}


@pytest.mark.parametrize(
    ("name", "known"), [("request_parameters", "requestParameters"), ("UserIdentity", "userIdentity")]
)
def test_a_name_that_another_tool_gives_a_known_field_is_no_new_field(tmp_path: Path, name: str, known: str) -> None:
    one = event(requestParameters={"a": "b"})
    one[name] = one.pop(known)
    (tmp_path / "a.json").write_bytes(records_text([record(one), record(event(newField=1))]))
    case = load(tmp_path, tmp_path / "a.json")
    read = rows(case, f"SELECT {known} IS NOT NULL AS is_read FROM events WHERE record_index = 0")
    assert read == [{"is_read": True}]


def test_copies_are_copies_whatever_other_new_fields_lie_beside_them(tmp_path: Path) -> None:
    one = event(newB={"x": 1}, newA=2)
    one["userIdentity"]["newC"] = [3]
    many = [event(**{f"field{number}": number}) for number in range(40)]
    for name, before in {"a": [event(newA=0)], "b": [], "c": many}.items():
        (tmp_path / f"{name}.json").write_bytes(records_text([*map(record, before), record(one)]))
    case = load(tmp_path, *sorted(tmp_path.glob("*.json")))
    assert len(event_ids(case)) == 42
    assert len(rows(case, "FROM duplicates")) == 2
    (row,) = rows(case, "SELECT otherFields FROM events WHERE eventID = $id", id=one["eventID"])
    assert json.loads(row["otherFields"]) == {"newA": 2, "newB": {"x": 1}, "userIdentity": {"newC": [3]}}
