"""A field that the schema does not know yet costs its own record a second look, and no other."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rootforensics.ingest import decode, strict
from rootforensics.ingest.decode import Decoded, decode_each, decode_plain, decode_regular
from rootforensics.ingest.values import Values
from rootforensics.schema import EVENT_FIELDS
from tests.builders import event, record, records_text, root_event, write_log
from tests.ingest.checks import event_ids, rows
from tests.ingest.side_by_side import load_beside

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
_PLACES: tuple[tuple[str | int, ...], ...] = (
    (),
    ("userIdentity",),
    ("userIdentity", "sessionContext"),
    ("userIdentity", "sessionContext", "attributes"),
    ("tlsDetails",),
    ("resources", 0),
    ("requestParameters",),
)
#: Names of new fields; those of known fields stand in an object that has no such field.
_NAMES = (
    "new",
    "x-new_field",
    "_new",
    "1new",
    "new field",
    "ünew",
    "reason",
    "windowSize",
    "self",
    "__init__",
    'a"b',
    "a\\b",
    "a\nb",
)


#: What a record has besides, so that all places are in it.
_MORE: dict[str, Any] = {
    "requestParameters": {"a": "b"},
    "tlsDetails": {"tlsVersion": "TLSv1.3"},
    "resources": [{"ARN": "arn:aws:s3:::b", "type": "AWS::S3::Bucket"}],
}


def _at(base: dict[str, Any], place: tuple[str | int, ...], name: str, value: Any) -> dict[str, Any]:
    """A copy of a record with one field more."""
    changed: dict[str, Any] = json.loads(json.dumps(base))
    held: Any = changed
    for step in place:
        held = held[step]
    held[name] = value
    return changed


def _with_new_fields(chance: random.Random, base: dict[str, Any]) -> dict[str, Any]:
    for number in range(chance.randint(1, 3)):
        base = _at(base, chance.choice(_PLACES), f"{chance.choice(_NAMES)}{number}", chance.choice(_NEW))
    return base


def _events() -> list[dict[str, Any]]:
    chance = random.Random(20261128)
    identity = {"sessionContext": {"attributes": {"mfaAuthenticated": "false"}}}
    plain = [make(identity=identity, **_MORE) for _ in range(60) for make in (event, root_event)]
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


@pytest.fixture
def bent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Takes each record that is taken apart."""
    taken: list[bytes] = []
    bend = decode._bend

    def noted(value: bytes, *rest: Any) -> bytes | None:
        taken.append(value)
        return bend(value, *rest)

    monkeypatch.setattr(decode, "_bend", noted)
    return taken


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("place", _PLACES, ids=str)
def test_no_record_is_taken_apart_for_a_new_field(bent: list[bytes], place: tuple[str | int, ...], name: str) -> None:
    texts = [record(_at(event(**_MORE), place, name, number)) for number in range(20)]
    decoded = decode_plain(records_text(texts))
    assert decoded is not None
    assert decoded.events.joined == records_text(texts)
    assert bent == []
    assert len(decode_each(texts, range(20)).events.texts) == 20
    assert bent == []


@pytest.mark.parametrize("place", [place for place in _PLACES if place != ("requestParameters",)], ids=str)
def test_new_fields_are_learnt_from_the_first_event_that_has_them(
    monkeypatch: pytest.MonkeyPatch, place: tuple[str | int, ...]
) -> None:
    looked_at: list[bytes] = []
    take_new = strict._take_new

    def noted(text: bytes) -> Any:
        looked_at.append(text)
        return take_new(text)

    monkeypatch.setattr(strict, "_take_new", noted)
    plain = [event(**_MORE) for _ in range(60)]
    events = [_at(one, place, f"x-{number % 3}", number) if number % 4 else one for number, one in enumerate(plain)]
    decoded = decode_plain(records_text(map(record, events)))
    assert decoded is not None
    assert sorted(decoded.other_fields) == [number for number in range(60) if number % 4]
    assert 1 <= len(looked_at) <= 3


def test_no_record_is_taken_apart_for_many_new_fields(bent: list[bytes]) -> None:
    texts = [record(event(**{f"field{number}-{other}": 1 for other in range(30)})) for number in range(30)]
    decoded = decode_plain(records_text(texts))
    assert decoded is not None
    assert [len(json.loads(decoded.other_fields[place])) for place in range(30)] == [30] * 30
    assert bent == []


@pytest.mark.parametrize(
    ("place", "name", "value", "stored"),
    [
        (("userIdentity", "sessionContext", "attributes"), "mfaAuthenticated", False, "false"),
        (("userIdentity",), "accountId", 111122223333, "111122223333"),
        ((), "recipientAccountId", 2**63 - 1, "9223372036854775807"),
        ((), "readOnly", "true", True),
    ],
)
def test_no_record_is_taken_apart_for_a_value_that_the_engine_stores_as_it_is_spelled(
    bent: list[bytes], place: tuple[str, ...], name: str, value: Any, stored: Any
) -> None:
    decoded = decode_plain(records_text([record(_at(event(**_MORE), place, name, value))]))
    assert decoded is not None
    assert bent == []
    decoded.events = Values([decoded.events.joined[len(b'{"Records":[') : -len(b"]}")]])  # type: ignore[index]
    ((columns, other),) = _stored(decoded)
    held = columns[0]
    for step in (*place, name):
        held = held[step]
    assert (held, other) == (stored, None)


@pytest.mark.parametrize(("field", "value"), [("invokedBy", True), ("accountId", -1), ("accountId", 2**63)])
def test_a_record_with_any_other_value_of_another_type_is_taken_apart(
    bent: list[bytes], field: str, value: Any
) -> None:
    assert decode_plain(records_text([record(_at(event(**_MORE), ("userIdentity",), field, value))])) is not None
    assert len(bent) == 1


@pytest.mark.heavy
def test_pandas_is_not_imported_for_a_new_field(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event(newField=1)])
    code = (
        "import sys, rootforensics as rf\n"
        f"with rf.open_case({str(tmp_path / 'case.duckdb')!r}) as case: case.load({str(tmp_path / 'logs')!r})\n"
        "assert 'pandas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_plain_file_stays_plain_around_a_record_that_is_bent() -> None:
    odd = [event(newField=1), event(userAgent=1.5), event(userAgent="HALF"), root_event(newField=2)]
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
    assert json.loads(bytes(decoded.events.texts[2]))["userAgent"] == "1.5"
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
async def test_what_may_hold_other_events_is_looked_into(tmp_path: Path, odd: dict[str, Any]) -> None:
    beside = [event(), event()]
    (tmp_path / "a.json").write_bytes(records_text([record(beside[0]), record(odd), record(beside[1])]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    held = [one["eventID"] for one in (odd.get("detail"), *odd.get("Records", [])) if one]
    assert {one for one in event_ids(case) if one} == {*(one["eventID"] for one in beside), *held}


@pytest.mark.parametrize(
    ("name", "known"), [("request_parameters", "requestParameters"), ("UserIdentity", "userIdentity")]
)
async def test_a_name_that_another_tool_gives_a_known_field_is_no_new_field(
    tmp_path: Path, name: str, known: str
) -> None:
    one = event(requestParameters={"a": "b"})
    one[name] = one.pop(known)
    (tmp_path / "a.json").write_bytes(records_text([record(one), record(event(newField=1))]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    read = rows(case, f"SELECT {known} IS NOT NULL AS is_read FROM events WHERE record_index = 0")
    assert read == [{"is_read": True}]


async def test_a_new_field_with_the_name_of_a_known_list_is_kept_in_each_event(tmp_path: Path) -> None:
    events = [_at(event(**_MORE), ("userIdentity",), "resources", [{"ARN": "x"}]) for _ in range(3)]
    (tmp_path / "a.json").write_bytes(records_text(map(record, events)))
    kept = rows(await load_beside(tmp_path, tmp_path / "a.json"), "SELECT otherFields FROM events")
    assert [json.loads(row["otherFields"]) for row in kept] == [{"userIdentity": {"resources": [{"ARN": "x"}]}}] * 3


async def test_copies_are_copies_whatever_other_new_fields_lie_beside_them(tmp_path: Path) -> None:
    one = event(newB={"x": 1}, newA=2)
    one["userIdentity"]["newC"] = [3]
    many = [event(**{f"field{number}": number}) for number in range(40)]
    for name, before in {"a": [event(newA=0)], "b": [], "c": many}.items():
        (tmp_path / f"{name}.json").write_bytes(records_text([*map(record, before), record(one)]))
    case = await load_beside(tmp_path, *sorted(tmp_path.glob("*.json")))
    assert len(event_ids(case)) == 42
    assert len(rows(case, "FROM duplicates")) == 2
    (row,) = rows(case, "SELECT otherFields FROM events WHERE eventID = $id", id=one["eventID"])
    assert json.loads(row["otherFields"]) == {"newA": 2, "newB": {"x": 1}, "userIdentity": {"newC": [3]}}
