"""One event is one row, however often it was delivered; two events are two rows, even under one eventID."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import ABSENT, event, gz, record, records_file, records_text, write_log
from tests.ingest.checks import Files, check_counts, event_ids, evidence, load, problems, rows, tables
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.case import Case


def moved(case: Case) -> list[tuple[Any, ...]]:
    """The rows of ``duplicates``: eventID, place, place of the one that stays."""
    return [tuple(row.values()) for row in rows(case, "SELECT * FROM duplicates ORDER BY 2, 3")]


async def test_an_event_in_two_files_is_one_event_counted_twice(tmp_path: Path) -> None:
    shared, first, second = event(), event(), event()
    write_log(tmp_path / "logs", "a.json.gz", [first, shared])
    write_log(tmp_path / "logs", "b.json.gz", [shared, second])
    case = await load_beside(tmp_path)
    assert event_ids(case) == [first["eventID"], shared["eventID"], second["eventID"]]
    assert moved(case) == [(shared["eventID"], 2, 0, 1, 1)]
    ledger = evidence(case)
    assert [ledger[name]["duplicate_count"] for name in ("a.json.gz", "b.json.gz")] == [0, 1]
    assert not problems(case, "event_id_conflict")


async def test_an_event_twice_in_one_file_is_one_event(tmp_path: Path) -> None:
    one = event()
    write_log(tmp_path / "logs", "a.json", [one, event(), one, one])
    case = await load_beside(tmp_path)
    assert moved(case) == [(one["eventID"], 1, 2, 1, 0), (one["eventID"], 1, 3, 1, 0)]


def _nulls_added(value: dict[str, Any]) -> bytes:
    return record(value | {"errorCode": None, "vpcEndpointId": None})


def _key_order(value: dict[str, Any]) -> bytes:
    def turned(part: Any) -> Any:
        return {key: turned(part[key]) for key in reversed(part)} if isinstance(part, dict) else part

    return record(turned(value))


RESPELLINGS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "key order": _key_order,
    "blanks": lambda value: json.dumps(value, indent=3).encode(),
    "escapes": lambda value: json.dumps(value).replace("Desc", "\\u0044\\u0065sc").replace("/", "\\/").encode(),
    "null fields": _nulls_added,
    "null in a request": lambda value: record(value | {"requestParameters": value["requestParameters"] | {"no": None}}),
    "basic time": lambda value: record(value | {"eventTime": value["eventTime"].replace("-", "").replace(":", "")}),
}


def test_a_copy_spelled_differently_is_a_copy(tmp_path: Path, subtests: pytest.Subtests) -> None:
    ones = {
        name: event(requestParameters={"b": [1, {"d": "ü/é", "c": None}], "a": "x"}, newField={"z": 1, "y": 2})
        for name in RESPELLINGS
    }
    made = {name: records_text([record(one), record(event()), RESPELLINGS[name](one)]) for name, one in ones.items()}
    files = Files(tmp_path, made)
    copies = {row[0]: row for row in moved(files.case)}
    for name, one in ones.items():
        with subtests.test(name):
            here = files.row(name)["evidence_id"]
            assert copies[one["eventID"]] == (one["eventID"], here, 2, here, 0)
    assert len(copies) == len(ones)
    assert not problems(files.case, "event_id_conflict")


async def test_three_copies_and_copies_of_copies_all_point_to_the_one_that_stays(tmp_path: Path) -> None:
    one = event(requestParameters={"a": 1, "b": {"c": 2, "d": 3}})
    for name, spelled in [
        ("a", record(one)),
        ("b", _key_order(one)),
        ("c", record(one)),
        ("d", _key_order(one)),
        ("e", RESPELLINGS["blanks"](one)),
    ]:
        (tmp_path / "logs").mkdir(exist_ok=True)
        (tmp_path / "logs" / name).write_bytes(records_text([record(event()), spelled]))
    case = await load_beside(tmp_path)
    assert moved(case) == [(one["eventID"], number, 1, 1, 1) for number in (2, 3, 4, 5)]


CHANGES: list[dict[str, Any]] = [
    {"eventName": "Other"},
    {"requestParameters": {"maxResults": 101}},
    {"requestParameters": None},
    {"newField": 1},
    {"sourceIPAddress": "203.0.113.9"},
    {"readOnly": False},
    {"resources": []},
    {"eventTime": "2026-08-05T10:00:01Z"},
    {"identity": {"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}},
    {"tlsDetails": {"tlsVersion": "TLSv1.3"}},
]


def test_the_same_id_with_other_content_stays_twice_and_is_a_finding(tmp_path: Path, subtests: pytest.Subtests) -> None:
    ones = {str(change): event(requestID="r") for change in CHANGES}
    made = {}
    for change in CHANGES:
        one = ones[str(change)]
        identity = {"identity": change["identity"]} if "identity" in change else {}
        fields = {key: value for key, value in change.items() if key != "identity"}
        two = event(**identity, **{"requestID": "r", "eventID": one["eventID"]} | fields)
        made[f"one of {change}"] = records_file([one, event()])
        made[f"two of {change}"] = records_file([two])
    files = Files(tmp_path, made)
    assert moved(files.case) == []
    found = problems(files.case, "event_id_conflict")
    assert len(found) == 2 * len(CHANGES)
    for change in CHANGES:
        with subtests.test(change=change):
            wanted = [files.row(f"{which} of {change}")["evidence_id"] for which in ("one", "two")]
            told = [row for row in found if row["eventID"] == ones[str(change)]["eventID"]]
            assert [(row["evidence_id"], row["record_index"]) for row in told] == [(here, 0) for here in wanted]
            assert len(files.ids(f"one of {change}")) == 2


async def test_a_conflict_and_its_copies_are_told_apart(tmp_path: Path) -> None:
    one = event()
    two = one | {"eventName": "Other"}
    write_log(tmp_path / "logs", "a.json", [one, two, one, two, one])
    case = await load_beside(tmp_path)
    assert moved(case) == [(one["eventID"], 1, 2, 1, 0), (one["eventID"], 1, 3, 1, 1), (one["eventID"], 1, 4, 1, 0)]
    assert len(problems(case, "event_id_conflict")) == 2


async def test_one_id_on_every_row_erases_nothing(tmp_path: Path) -> None:
    events = [event(eventID="same", eventName=f"Call{number}") for number in range(500)]
    write_log(tmp_path / "logs", "a.json", events)
    case = await load_beside(tmp_path)
    names = [row["eventName"] for row in rows(case, "SELECT eventName FROM events ORDER BY record_index")]
    assert names == [one["eventName"] for one in events]
    assert len(problems(case, "event_id_conflict")) == 500


@pytest.mark.parametrize("value", [ABSENT, None, ""], ids=["absent", "null", "empty"])
async def test_identical_records_without_an_id_are_copies_and_others_are_not(tmp_path: Path, value: Any) -> None:
    one, other = event(eventID=value), event(eventID=value)
    write_log(tmp_path / "logs", "a.json", [one, other, one])
    write_log(tmp_path / "logs", "b.json", [one])
    case = await load_beside(tmp_path)
    assert moved(case) == [(None, 1, 2, 1, 0), (None, 2, 0, 1, 0)]
    assert len(event_ids(case)) == 2
    assert not problems(case, "event_id_conflict")


async def test_ids_that_differ_in_case_are_different_events(tmp_path: Path) -> None:
    one = event(eventID="abcdef00-0000-4000-8000-000000000001")
    two = one | {"eventID": one["eventID"].upper()}
    write_log(tmp_path / "logs", "a.json", [one, two])
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"], two["eventID"]]


def counts_of_pairs(tmp_path: Path, pairs: dict[str, tuple[bytes, bytes]]) -> dict[str, int]:
    """How many events remain of two records in a file, for each of many files."""
    files = Files(tmp_path, {key: records_text(list(pair)) for key, pair in pairs.items()})
    return {key: len(files.ids(key)) for key in pairs}


def test_content_that_differs_in_one_character_is_other_content(tmp_path: Path) -> None:
    ones = {change: event(userAgent="x") for change in (" x", "x\u0000", "X", "x\u0301")}
    pairs = {change: (record(one), record(one | {"userAgent": change})) for change, one in ones.items()}
    assert counts_of_pairs(tmp_path, pairs) == dict.fromkeys(pairs, 2)


def test_values_of_another_type_in_free_form_fields_are_other_content(tmp_path: Path) -> None:
    asked: list[tuple[Any, Any]] = [(1, "1"), (True, "true"), (None, "null"), ([], {}), (1, 1.5), ("", " ")]
    pairs = {}
    for first, second in asked:
        one = event(requestParameters={"a": first})
        pairs[f"{first!r} and {second!r}"] = (record(one), record(one | {"requestParameters": {"a": second}}))
    assert counts_of_pairs(tmp_path, pairs) == dict.fromkeys(pairs, 2)


def test_numbers_that_differ_are_not_rounded_together(tmp_path: Path) -> None:
    asked = [(f"1{'0' * 30}", f"1{'0' * 29}1"), ("1e400", "1e500"), (str(2**53), str(2**53 + 1))]
    pairs = {}
    for first, second in asked:
        one = record(event(requestParameters={"a": "MARK", "b": 1}))
        pairs[f"{first} and {second}"] = (
            one.replace(b'"MARK"', first.encode()),
            one.replace(b'"MARK"', second.encode()),
        )
    assert counts_of_pairs(tmp_path, pairs) == dict.fromkeys(pairs, 2)


async def test_byte_identical_files_are_original_and_duplicate(tmp_path: Path) -> None:
    events = [event(), event()]
    for name in ("a.json.gz", "b.json.gz", "c.json.gz"):
        write_log(tmp_path / "logs", name, events)
    (tmp_path / "logs" / "d.json").write_bytes(records_file(events))
    case = await load_beside(tmp_path)
    ledger = evidence(case)
    found = [(name, row["status"], row["event_count"], row["duplicate_count"]) for name, row in ledger.items()]
    assert found == [
        ("a.json.gz", "loaded", 2, 0),
        ("b.json.gz", "duplicate", 0, 2),
        ("c.json.gz", "duplicate", 0, 2),
        ("d.json", "loaded", 0, 2),
    ]
    assert ledger["c.json.gz"]["problem"] == "the same bytes as evidence 1"


async def test_empty_and_damaged_files_of_the_same_bytes_keep_their_status(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name, content in [("a", b""), ("b", b""), ("c", gz(b'{"Records":[')[:-3]), ("d", gz(b'{"Records":[')[:-3])]:
        (tmp_path / "logs" / name).write_bytes(content)
    ledger = evidence(await load_beside(tmp_path))
    assert [ledger[name]["status"] for name in "abcd"] == ["empty", "empty", "damaged", "damaged"]


@pytest.mark.heavy
def test_a_copy_in_a_later_load_points_to_the_event_that_is_there(tmp_path: Path) -> None:
    one, two = event(), event()
    write_log(tmp_path / "logs", "m.json", [one, two])
    case = load(tmp_path)
    write_log(tmp_path / "logs", "a.json", [two, event()])
    load(case)
    assert moved(case) == [(two["eventID"], 2, 0, 1, 1)]
    write_log(tmp_path / "more", "z.json", [one, two, one])
    result = case.load(tmp_path / "more")
    check_counts(case)
    assert result.duplicate_count == 3
    assert moved(case)[1:] == [(one["eventID"], 3, 0, 1, 0), (two["eventID"], 3, 1, 1, 1), (one["eventID"], 3, 2, 1, 0)]


@pytest.mark.heavy
def test_copies_point_to_the_one_that_stays_though_older_files_give_it_later(tmp_path: Path) -> None:
    """Files that were loaded with a filter are older than those that came since, and their events come last."""
    one = event(requestParameters={"a": 1, "b": 2})
    texts = {"a": record(one), "b": _key_order(one), "c": _key_order(one)}
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_bytes(records_text([text, record(event()), text]))
    older = [tmp_path / "a.json", tmp_path / "b.json"]
    case = load(tmp_path, *older, filters=Filters(regions=("eu-west-1",)))
    load(case, tmp_path / "c.json", filtered=True)
    assert moved(case) == [(one["eventID"], 3, 2, 3, 0)]
    load(case, *older)
    assert moved(case) == [(one["eventID"], *place, 1, 0) for place in ((1, 2), (2, 0), (2, 2), (3, 0), (3, 2))]


@pytest.mark.heavy
def test_a_conflict_in_a_later_load_is_a_finding(tmp_path: Path) -> None:
    one = event()
    write_log(tmp_path / "logs", "a.json", [one])
    case = load(tmp_path)
    write_log(tmp_path / "logs", "b.json", [one | {"eventName": "Other"}])
    load(case)
    assert len(problems(case, "event_id_conflict")) == 2


def _two_folders(tmp_path: Path) -> tuple[Path, Path]:
    shared = [event() for _ in range(30)]
    conflict = event()
    for number in range(6):
        own = [event() for _ in range(20)]
        write_log(tmp_path / "one", f"{number}.json.gz", [*own, *shared[number * 5 :][:9]])
        odd = conflict | {"eventName": f"N{number % 2}"}
        write_log(tmp_path / "two", f"{number}.json", [*shared[number * 4 :][:8], odd])
    (tmp_path / "two" / "bad.gz").write_bytes(gz(records_file(shared))[:-60])
    (tmp_path / "one" / "note.txt").write_bytes(b"words")
    return tmp_path / "one", tmp_path / "two"


@pytest.mark.heavy
@pytest.mark.parametrize("many", [(3,), pytest.param((2, 3, 4), marks=pytest.mark.heavy)])
@pytest.mark.quick(1)
def test_the_number_of_jobs_and_the_order_of_sources_change_nothing(tmp_path: Path, many: tuple[int, ...]) -> None:
    one, two = _two_folders(tmp_path)
    cases = [
        load(tmp_path, *sources, name=f"{jobs}{turned}.duckdb", jobs=jobs)
        for jobs in (1, *many)
        for turned, sources in enumerate([(one, two), (two, one)])
    ]
    first = tables(cases[0])
    assert len(first["duplicates"]) > 50
    assert len(first["problems"]) > 1
    for case in cases[1:]:
        assert tables(case) == first, case.path.name


def test_deeply_nested_events_under_one_id_are_compared_too(tmp_path: Path) -> None:
    made = {}
    for depth in (200, 400, 600, 900):
        one = record(event(responseElements="MARK"))
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        first, other = one.replace(b'"MARK"', deep), one.replace(b'"MARK"', deep.replace(b"1", b"2"))
        spaced = one.replace(b'"MARK"', deep.replace(b":", b" : "))
        made[str(depth)] = records_text([first, record(event()), other, spaced])
    files = Files(tmp_path, made)
    counts = {depth: len(files.ids(depth)) + files.row(depth)["rejected_count"] for depth in made}
    assert min(counts.values()) >= 3, counts


HEADER = "eventversion,useridentity,eventtime,eventsource,eventname,errorcode,sourceipaddress\n"
FAILURE = '1.08,"{type=Root}",2026-08-05T10:00:00Z,iam.amazonaws.com,ListUsers,AccessDenied,203.0.113.9\n'


def add_table(folder: Path, name: str, count: int) -> None:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / name).write_text(HEADER + FAILURE * count)


async def test_a_burst_in_a_table_without_ids_is_not_one_event(tmp_path: Path) -> None:
    add_table(tmp_path, "a.csv", 50)
    case = await load_beside(tmp_path)
    assert len(event_ids(case)) == 50
    assert "50 of its events have neither eventID nor requestID" in evidence(case)["a.csv"]["problem"]
    assert problems(case, "object_loaded")


@pytest.mark.heavy
def test_the_same_table_again_adds_nothing(tmp_path: Path) -> None:
    add_table(tmp_path, "a.csv", 50)
    (tmp_path / "logs" / "b.csv.gz").write_bytes(gz((HEADER + FAILURE * 50).encode()))
    case = load(tmp_path)
    before = tables(case)
    load(case)
    assert tables(case) == before
    ledger = evidence(case)
    assert [ledger[name]["duplicate_count"] for name in ("a.csv", "b.csv.gz")] == [0, 50]
    assert "in another object as copies" in ledger["b.csv.gz"]["problem"]


@pytest.mark.heavy
def test_what_is_said_of_events_without_ids_does_not_hang_on_what_was_loaded_together(tmp_path: Path) -> None:
    other = FAILURE.replace("ListUsers", "ListRoles")
    for name, text in (("a", FAILURE * 3 + other), ("b", FAILURE * 2), ("c", other * 2), ("d", other)):
        (tmp_path / f"{name}.csv").write_text(HEADER + text)
    files = sorted(tmp_path.glob("*.csv"))
    at_once = load(tmp_path, *files, name="once.duckdb")
    told = {name: row["problem"].partition(" of its events")[0][-1] for name, row in evidence(at_once).items()}
    assert told == {"a.csv": "4", "b.csv": "2", "c.csv": "2", "d.csv": "1"}
    stepwise = None
    for file in files:
        stepwise = load(stepwise or tmp_path, file, name="steps.duckdb")
    assert stepwise
    assert tables(stepwise) == tables(at_once)
    turned = None
    for file in reversed(files):
        turned = load(turned or tmp_path, file, name="turned.duckdb")
    assert turned
    assert {name: row["problem"] for name, row in evidence(turned).items()} == {
        name: row["problem"] for name, row in evidence(at_once).items()
    }


@pytest.mark.heavy
def test_of_tables_that_overlap_the_largest_counts_in_whatever_order_they_come(tmp_path: Path) -> None:
    case, most = None, 0
    for number, count in enumerate((30, 50, 50, 20, 55)):
        add_table(tmp_path, f"{number}.csv", count)
        case = load(case or tmp_path)
        most = max(most, count)
        assert len(event_ids(case)) == most


async def test_equal_records_without_an_id_of_the_event_are_copies_if_the_request_is_the_same(tmp_path: Path) -> None:
    one = event(eventID=ABSENT)
    nameless, blank = (event(eventID=ABSENT, requestID=no) for no in (None, ""))
    write_log(tmp_path / "logs", "a.json", [one, nameless, blank, one, nameless, blank])
    case = await load_beside(tmp_path)
    assert moved(case) == [(None, 1, 3, 1, 0)]
