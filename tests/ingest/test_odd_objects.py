"""Whatever is named or lies in a folder gets a row that says what it is, and hurts no neighbour."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import pytest

from rootforensics.case import Case
from rootforensics.ingest import decode, read
from rootforensics.ingest.filters import Filters
from rootforensics.sources.local import FoundObject
from tests.builders import TIME, event, gz, record, records_file, write_log
from tests.ingest.checks import Files, check_counts, event_ids, evidence, load, problems, rows
from tests.ingest.packing import zip_of
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIGEST: dict[str, Any] = {
    "awsAccountId": "111122223333",
    "digestStartTime": "2026-08-05T09:00:00Z",
    "digestEndTime": "2026-08-05T10:00:00Z",
    "digestS3Bucket": "trail",
    "digestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/x.json.gz",
    "previousDigestSignature": None,
    "logFiles": [{"s3Bucket": "trail", "s3Object": "x.json.gz", "hashValue": "0" * 64}],
}
S3_NOTIFICATION = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b"}},
        }
    ]
}


@pytest.fixture
def neighbour(tmp_path: Path) -> list[str]:
    """The eventIDs of a sound file ``zz.json.gz`` beside the one that a test writes."""
    events = [event(), event(), event()]
    write_log(tmp_path / "logs", "zz.json.gz", events)
    return [one["eventID"] for one in events]


OBJECTS: dict[str, tuple[bytes, str, str | None, int, int]] = {
    # name: bytes, status, words of the problem, records, rejected
    "text": (b"Aug  5 10:00:00 host sshd[1]: hello\n", "unsupported", "not JSON: it begins with 'Aug  5", 0, 0),
    "html": (b"<html><script>alert(1)</script>", "unsupported", "not JSON: it begins with '<html>", 0, 0),
    "csv": (b"Event ID,Price\n1,2\n", "unsupported", "not JSON: it begins with 'Event ID,Price'", 0, 0),
    "binary": (bytes(range(256)), "unsupported", "not JSON", 0, 0),
    "terminal escape": (b"\x1b[31mred\x07 words", "unsupported", "not JSON", 0, 0),
    "a number": (b"42", "unsupported", "not JSON", 0, 0),
    "a string": (b'"Records"', "unsupported", "not JSON", 0, 0),
    "null": (b"null", "unsupported", "not JSON", 0, 0),
    "packed text": (gz(b"hello"), "unsupported", "not JSON: it begins with 'hello'", 0, 0),
    "empty object": (b"{}", "unsupported", "without CloudTrail events", 1, 1),
    "other object": (b'{"a": [1, 2]}', "unsupported", "without CloudTrail events", 1, 1),
    "other array": (b'[{"a":1},{"b":2}]', "unsupported", "without CloudTrail events", 2, 2),
    "numbers": (b"[1,2,3,4,5]", "unsupported", "without CloudTrail events", 5, 5),
    "package.json": (b'{"name":"x","Records":{"a":1}}', "unsupported", "without CloudTrail events", 1, 1),
    "s3 notification": (record(S3_NOTIFICATION), "unsupported", "an S3 notification", 1, 1),
    "lookup": (record({"Events": [{"CloudTrailEvent": "{}"}]}), "unsupported", "LookupEvents", 1, 1),
    "latin-1 key": (b'{"caf\xe9":1}', "unsupported", "without CloudTrail events", 1, 1),
    "latin-1 keys": (b'[{"caf\xe9":1},{"\xff":{"\xfe":[]}}]', "unsupported", "without CloudTrail events", 2, 2),
    "digest": (record(DIGEST), "digest", None, 0, 0),
    "digest.json.gz": (gz(record(DIGEST)), "digest", None, 0, 0),
    "half a digest": (record(DIGEST)[:-40], "damaged", "the text ends inside a record", 0, 0),
}


def test_a_file_that_holds_no_event_says_what_it_is(tmp_path: Path, subtests: pytest.Subtests) -> None:
    neighbours = {f"beside {name}": event() for name in OBJECTS}
    made = {name: content for name, (content, *_) in OBJECTS.items()}
    files = Files(tmp_path, made | {key: record(one) for key, one in neighbours.items()})
    told = {one["evidence_id"]: one["kind"] for one in files.case.query("evidence_problems").rows}
    for name, (_, status, words, records, rejected) in OBJECTS.items():
        with subtests.test(name):
            row = files.row(name)
            assert (row["status"], row["record_count"], row["rejected_count"]) == (status, records, rejected)
            assert words in row["problem"] if words else row["problem"] is None
            assert (row["problem"] or "").isprintable() or not words
            assert files.ids(f"beside {name}") == [neighbours[f"beside {name}"]["eventID"]]
            assert told.get(row["evidence_id"]) == (None if status == "digest" else f"object_{status}")


async def test_a_digest_names_the_logs_that_it_vouches_for(tmp_path: Path) -> None:
    odd = [
        {"s3Bucket": "b", "s3Object": "a/b/one.json.gz"},
        {"s3Object": "two.json.gz"},
        {"s3Object": "c/one.json.gz"},
        {},
        7,
        None,
    ]
    deep = b'{"digestEndTime":"x","logFiles":' + b"[" * 900 + b"]" * 900 + b"}"
    for name, content in {
        "none": record(DIGEST | {"logFiles": []}),
        "odd": record(DIGEST | {"logFiles": odd}),
        "null": record(DIGEST | {"logFiles": None}),
        "deep": deep,
    }.items():
        (tmp_path / name).write_bytes(content)
    write_log(tmp_path, "log.json", [event()])
    case = await load_beside(tmp_path, tmp_path)
    ledger = evidence(case)
    listed = rows(
        case, "SELECT uri, log_name FROM listed_logs WHERE evidence_id = $one", one=ledger["odd"]["evidence_id"]
    )
    assert [tuple(row.values()) for row in listed] == [
        ("s3://b/a/b/one.json.gz", "one.json"),
        ("s3://None/two.json.gz", "two.json"),
        ("s3://None/c/one.json.gz", "one.json"),
    ]
    assert rows(case, "SELECT count(*) AS listed FROM listed_logs") == [{"listed": 3}]
    assert ledger["none"]["problem"] is None
    assert ledger["odd"]["problem"] == "a digest that names no file in 3 of its entries"
    assert [ledger[name]["problem"] for name in ("null", "deep")] == [
        "a digest that names no file in 1 of its entries"
    ] * 2


def test_values_that_are_no_events_are_counted_and_named(tmp_path: Path, neighbour: list[str]) -> None:
    events = [event() for _ in range(5)]
    listed: list[Any] = [events[0], None, 73, "text", events[1], [], [events[4]], True, {}, events[2], 1.5, events[3]]
    (tmp_path / "logs" / "a.json").write_bytes(record({"Records": listed}))
    case = load(tmp_path)
    row = evidence(case)["a.json"]
    assert (row["status"], row["record_count"], row["event_count"], row["rejected_count"]) == ("loaded", 12, 5, 7)
    assert "value 1: null, not an object" in row["problem"]
    assert "value 2: a number, not an object" in row["problem"]
    assert "value 3: a string, not an object" in row["problem"]
    assert "4 more values that are not events" in row["problem"]
    found = rows(case, "SELECT record_index, eventID FROM events WHERE evidence_id = 1 ORDER BY 1")
    listed[6] = events[4]  # an event in a list of its own is one all the same
    assert [tuple(one.values()) for one in found] == [
        (index, one["eventID"]) for index, one in enumerate(listed) if isinstance(one, dict) and one
    ]
    assert event_ids(case, "zz.json.gz") == neighbour
    assert len(problems(case, "object_loaded")) == 1


def test_a_list_of_73_nulls_is_unsupported(tmp_path: Path, neighbour: list[str]) -> None:
    (tmp_path / "logs" / "a.json").write_bytes(record({"Records": [None] * 73}))
    case = load(tmp_path)
    row = evidence(case)["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("unsupported", 73, 73)
    assert "without CloudTrail events" in row["problem"]
    assert event_ids(case) == neighbour


async def test_an_event_among_digests_is_kept(tmp_path: Path) -> None:
    one = event()
    (tmp_path / "a.json").write_bytes(record(DIGEST) + b"\n" + record(one) + b"\n")
    case = await load_beside(tmp_path, tmp_path / "a.json")
    row = evidence(case)["a.json"]
    assert event_ids(case) == [one["eventID"]]
    assert (row["record_count"], row["rejected_count"]) == (2, 1)


def test_a_missing_path_gets_a_row(tmp_path: Path, neighbour: list[str]) -> None:
    case = load(tmp_path, tmp_path / "logs", tmp_path / "nowhere", tmp_path / "no*thing.gz")
    ledger = evidence(case)
    assert (ledger["nowhere"]["status"], ledger["nowhere"]["problem"]) == ("unreadable", "no such file or folder")
    assert ledger["no*thing.gz"]["problem"] == "no file matches this pattern"
    assert ledger["nowhere"]["sha256"] is None
    assert event_ids(case) == neighbour


def test_an_unreadable_file_gets_a_row(tmp_path: Path, neighbour: list[str]) -> None:
    """A file that opens and cannot be read, whoever asks."""
    (tmp_path / "logs").mkdir(exist_ok=True)
    (tmp_path / "logs" / "a.json").symlink_to("/proc/self/mem")
    case = load(tmp_path)
    row = evidence(case)["a.json"]
    assert (row["status"], row["sha256"]) == ("unreadable", None)
    assert row["problem"] == "reading stopped: the disk reports a read error"
    assert event_ids(case) == neighbour


def test_a_file_that_turns_unreadable_while_it_is_read_gets_a_row(
    tmp_path: Path, neighbour: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rootforensics.sources.local import FoundObject

    pieces = FoundObject.pieces
    events = [event() for _ in range(4)]
    write_log(tmp_path / "logs", "a.json", events)
    write_log(tmp_path / "logs", "b.json", [event()])

    def failing(found: FoundObject) -> Any:
        if found.path.endswith("a.json"):
            yield records_file(events)[:-800]
            raise OSError(5, "Input/output error")
        if found.path.endswith("b.json"):
            raise OSError(13, "Permission denied")
        yield from pieces(found)

    monkeypatch.setattr(FoundObject, "pieces", failing)
    case = load(tmp_path)
    ledger = evidence(case)
    assert (ledger["a.json"]["status"], ledger["b.json"]["status"]) == ("damaged", "unreadable")
    assert "the disk reports a read error" in ledger["a.json"]["problem"]
    assert "permission denied" in ledger["b.json"]["problem"]
    assert event_ids(case, "zz.json.gz") == neighbour


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path, neighbour: list[str]) -> None:
    os.mkfifo(tmp_path / "logs" / "a.json.gz")
    case = load(tmp_path, tmp_path / "logs", "/dev/null")  # type: ignore[arg-type]
    ledger = evidence(case)
    for name in ("a.json.gz", "null"):
        assert (ledger[name]["status"], ledger[name]["record_count"]) == ("unreadable", 0)
        assert ledger[name]["problem"] == "not a regular file (a pipe, socket or device)"
    assert event_ids(case) == neighbour


def test_symbolic_links_that_lead_nowhere_or_in_circles_get_a_row(tmp_path: Path, neighbour: list[str]) -> None:
    logs = tmp_path / "logs"
    (logs / "dangling").symlink_to("nowhere")
    (logs / "itself").symlink_to("itself")
    (logs / "one").symlink_to("other")
    (logs / "other").symlink_to("one")
    (logs / "deep" / "er").mkdir(parents=True)
    (logs / "deep" / "er" / "loop").symlink_to("../..")
    write_log(logs / "deep" / "er", "x.json", [event(eventName="Deep")])
    case = load(tmp_path)
    ledger = evidence(case)
    assert ledger["dangling"]["problem"] == "no such file or folder"
    assert {ledger[name]["problem"] for name in ("itself", "one", "other")} == {
        "a symbolic link that leads back to itself"
    }
    assert "loop" in ledger["loop"]["problem"]
    assert {row["status"] for name, row in ledger.items() if "json" not in name} == {"unreadable"}
    assert sorted(event_ids(case, "zz.json.gz")) == sorted(neighbour)
    assert len(event_ids(case)) == 4
    assert len(ledger) == 7


NAMES = [
    b"caf\xe9 \xff\xfe.json",
    b"line\nbreak.json",
    b"quote'\".json",
    b"100%25 ;--?#[x]*.json",
    "ünï \U0001f511.json".encode(),
    b"-rf.json",
    b"back\\slash.json",
    b" .json ",
    b"a" * 250,
]


def test_a_path_of_any_bytes_is_loaded_and_read_again(tmp_path: Path, subtests: pytest.Subtests) -> None:
    events = [event() for _ in NAMES]
    paths = [os.fsencode(tmp_path) + b"/" + name for name in NAMES]
    for path, one in zip(paths, events, strict=True):
        with open(path, "wb") as file:  # noqa: PTH123 - a path of bytes
            file.write(records_file([one]))
    case = load(tmp_path, *map(os.fsdecode, paths))  # type: ignore[arg-type]
    ledger = {unquote_to_bytes(row["uri"]): row for row in rows(case, "SELECT * FROM evidence")}
    for path, one in zip(paths, events, strict=True):
        with subtests.test(path=path):
            assert ledger[b"file://" + path]["status"] == "loaded"
            assert case.raw(one["eventID"]) == record(one)
    case.load(*map(os.fsdecode, paths))
    check_counts(case)
    assert len(rows(case, "SELECT * FROM evidence")) == len(NAMES)


def test_a_source_named_twice_is_one_object(tmp_path: Path, neighbour: list[str]) -> None:
    logs = tmp_path / "logs"
    case = load(tmp_path, logs, logs / "zz.json.gz", logs / "*.gz", logs / "." / "zz.json.gz")  # type: ignore[arg-type]
    assert event_ids(case) == neighbour
    assert len(evidence(case)) == 1


def test_two_paths_to_the_same_bytes_are_original_and_duplicate(tmp_path: Path, neighbour: list[str]) -> None:
    (tmp_path / "logs" / "zzz-link.gz").symlink_to("zz.json.gz")
    case = load(tmp_path)
    row = evidence(case)["zzz-link.gz"]
    assert (row["status"], row["event_count"], row["duplicate_count"]) == ("duplicate", 0, 3)
    assert row["problem"] == "the same bytes as evidence 1"
    assert event_ids(case) == neighbour


async def test_an_empty_folder_gives_a_case_without_evidence(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    case = await load_beside(tmp_path)
    assert evidence(case) == {}
    assert event_ids(case) == []


def test_problems_are_told_while_loading(tmp_path: Path, neighbour: list[str]) -> None:
    (tmp_path / "logs" / "a.json").write_bytes(b"hello")
    (tmp_path / "logs" / "b.json").write_bytes(gz(record(DIGEST)))
    told: list[tuple[str, str, str]] = []
    done: list[tuple[int, int]] = []
    case = Case(tmp_path / "case.duckdb")
    result = case.load(
        tmp_path / "logs",
        problems=lambda uri, status, problem: told.append((uri, status, problem)),
        progress=lambda now: done.append((now.objects, now.records)) if now.raw_bytes else None,
    )
    assert [(status, problem) for _, status, problem in told] == [("unsupported", "not JSON: it begins with 'hello'")]
    assert told[0][0].endswith("/a.json")
    assert done[-1] == (3, len(neighbour))
    assert (result.object_count, result.unchanged_count, result.record_count) == (3, 0, 3)
    assert result.statuses == {"unsupported": 1, "digest": 1, "loaded": 1}


@pytest.mark.heavy
def test_a_root_related_load_of_a_file_without_events_raises_nothing(
    tmp_path: Path, neighbour: list[str], subtests: pytest.Subtests
) -> None:
    for name, (content, *_) in OBJECTS.items():
        (tmp_path / "logs" / name).write_bytes(content)
    case = load(tmp_path, filters=Filters(root_related=True))
    assert event_ids(case) == []
    assert evidence(case)["zz.json.gz"]["status"] == "loaded"
    load(case, filtered=True)
    ledger = evidence(case)
    for name, (_, status, _, records, rejected) in OBJECTS.items():
        with subtests.test(name):
            row = ledger[name]
            assert (row["status"], row["record_count"], row["rejected_count"]) == (status, records, rejected)
    assert event_ids(case) == neighbour


@pytest.mark.heavy
def test_a_record_of_ten_megabytes_is_one_event_like_any_other(tmp_path: Path, neighbour: list[str]) -> None:
    large = event(requestParameters={"document": "x" * 10_000_000, "list": [{"n": n} for n in range(1000)]})
    write_log(tmp_path / "logs", "a.json.gz", [event(eventName="Before"), large, event(eventName="After")])
    case = load(tmp_path)
    assert len(event_ids(case)) == 3 + len(neighbour)
    sql = "SELECT length(requestParameters->>'$.document') AS n FROM events WHERE eventID = $id"
    assert rows(case, sql, id=large["eventID"]) == [{"n": 10_000_000}]
    assert case.raw(large["eventID"]) == record(large)


@pytest.mark.heavy
def test_100_000_brackets_do_no_harm(tmp_path: Path, neighbour: list[str], subtests: pytest.Subtests) -> None:
    for place, opening in enumerate((b"[", b'{"a":', b'{"Records":[')):
        closing = b"".join({b"[": b"]", b"{": b"}"}[bytes([one])] for one in reversed(opening) if one in b"[{")
        (tmp_path / "logs" / f"{place} open").write_bytes(opening * 100_000)
        (tmp_path / "logs" / f"{place} closed").write_bytes(opening * 100_000 + b"1" + closing * 100_000)
    case = load(tmp_path)
    ledger = evidence(case)
    assert len(ledger) == 7
    for name in ledger.keys() - {"zz.json.gz"}:
        with subtests.test(name):
            assert ledger[name]["status"] in {"damaged", "unsupported"}
            assert ledger[name]["problem"]
    assert event_ids(case) == neighbour


def test_a_record_with_deep_nesting_is_kept_or_reported_and_costs_no_neighbour(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    depths = [100, 900, 1100, 5000, 100_000]
    events = {depth: [event(), event(), event()] for depth in depths}
    spelled = {depth: [record(one) for one in three] for depth, three in events.items()}
    for depth, texts in spelled.items():
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        texts[1] = texts[1].replace(b'"responseElements":null', b'"responseElements":' + deep)
    made = {str(depth): b'{"Records":[' + b",".join(texts) + b"]}" for depth, texts in spelled.items()}
    files = Files(tmp_path, made)
    for depth, (first, middle, last) in events.items():
        with subtests.test(depth=depth):
            found = files.ids(str(depth))
            assert [found[0], found[-1]] == [first["eventID"], last["eventID"]]
            if middle["eventID"] in found:
                assert len(found) == 3
                assert files.events(str(depth))[1]["responseElements"].count("{") == depth
                assert files.case.raw(middle["eventID"]) == spelled[depth][1]
            else:
                assert files.row(str(depth))["problem"] == "1 record(s) nested too deeply to be read, left out"


async def test_json_of_a_report_of_problems_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00\xd8 lone")
    case = await load_beside(tmp_path, tmp_path / "x")
    json.dumps(evidence(case)["x"]["problem"]).encode()


NOTES = [
    b'# counts\n[[session]]\nnames = [\n  "a",\n]\n[events]\ntotal = 3\n',
    b"int main(void)\n{\n  return 0;\n}\n",
    b"a heading\n\n[not, json]\n",
    b'configuration:\n{ "name": broken\n',
]


def test_text_with_brackets_behind_its_first_line_is_no_broken_json(tmp_path: Path, subtests: pytest.Subtests) -> None:
    files = Files(tmp_path, {str(text): text for text in NOTES}, "notes.txt")
    for text in NOTES:
        with subtests.test(text=text):
            row = files.row(str(text))
            assert (row["status"], row["record_count"], row["rejected_count"]) == ("unsupported", 0, 0)
            assert "not JSON: it begins with" in row["problem"]


async def test_a_record_that_is_cut_off_behind_an_odd_line_is_damage(tmp_path: Path) -> None:
    text = b"$ aws s3 cp\n" + records_file([event()])[:-40]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "notes.txt").write_bytes(text)
    row = evidence(await load_beside(tmp_path))["notes.txt"]
    assert row["status"] == "damaged"


DEPTHS = (10, 490, 500, 700, 900, 980, 990, 1000, 3000, 100_000)


@pytest.mark.heavy
def test_nesting_of_any_depth_costs_no_neighbour(tmp_path: Path, neighbour: list[str]) -> None:
    made: dict[str, str] = {}
    for depth in DEPTHS:
        opening, closing = "[" * depth, "]" * depth
        first, spelled = record(event(eventID=f"first-{depth}")).decode(), record(event(eventID="deep")).decode()
        identity = json.dumps(json.loads(spelled)["userIdentity"], separators=(",", ":"))
        assert identity in spelled
        within = spelled.replace(identity, f"{opening}{identity}{closing}")
        made[f"identity-{depth}.json"] = f'{{"Records":[{first},{within}]}}'
        made[f"around-{depth}.json"] = f"{opening}{spelled}{closing}"
        made[f"error-{depth}.json"] = spelled.replace('"eventName"', f'"errorCode":{opening}"x"{closing},"eventName"')
        cell = f"{opening}{identity}{closing}".replace('"', '""')
        made[f"table-{depth}.csv"] = f'eventVersion,eventTime,eventName,userIdentity\n1.11,{TIME},A,"{cell}"\n'
    for name, text in made.items():
        (tmp_path / "logs" / name).write_text(text)
    with Case(tmp_path / "case.duckdb") as case:
        load(case, tmp_path / "logs")
        check_counts(case)
        assert event_ids(case, "zz.json.gz") == neighbour
        for depth in DEPTHS:
            row = evidence(case)[f"identity-{depth}.json"]
            assert f"first-{depth}" in event_ids(case, f"identity-{depth}.json")
            assert (row["event_count"] == 2) or (row["status"] == "damaged"), row["problem"]
            for name in (f"around-{depth}.json", f"error-{depth}.json", f"table-{depth}.csv"):
                row = evidence(case)[name]
                is_deep = depth > 900  # near what a decoder follows
                assert row["event_count"] == 1 or (is_deep and row["status"] == "damaged"), (name, row["problem"])


@pytest.mark.parametrize("step", ["unwrap", "_judge"])
def test_an_error_that_nobody_foresaw_is_damage_of_its_object(
    tmp_path: Path, neighbour: list[str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real = getattr(read, step)

    def fails(first: Any, *more: Any) -> Any:
        is_odd = b"MARK" in bytes(first.texts[0]) if step == "unwrap" else first.framing == "single"
        if is_odd:
            raise LookupError("an\todd\nvalue")
        return real(first, *more)

    monkeypatch.setattr(read, step, fails)

    (tmp_path / "logs" / "a.json").write_bytes(record({"MARK": 1, "Records": 2}))
    (tmp_path / "logs" / "b.zip").write_bytes(zip_of({"in.json": record({"MARK": 1, "Records": 2})}))
    with Case(tmp_path / "case.duckdb") as case:
        load(case, tmp_path / "logs")
        check_counts(case)
        assert event_ids(case) == neighbour
        for file in ("a.json", "in.json"):
            row = evidence(case)[file]
            assert (row["status"], row["sha256"] is None) == ("damaged", False)
            assert "could not be read any further (LookupError: an odd value)" in row["problem"]


def test_an_error_of_what_gives_the_bytes_ends_no_load(
    tmp_path: Path, neighbour: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = FoundObject.pieces

    def pieces(found: FoundObject) -> Iterator[bytes]:
        if not found.path.endswith("a.json"):
            yield from real(found)
            return
        yield b'{"Records":['
        raise LookupError("a value")

    (tmp_path / "logs" / "a.json").write_bytes(records_file([event()]))
    with Case(tmp_path / "case.duckdb") as case:
        with monkeypatch.context() as patched:
            patched.setattr(FoundObject, "pieces", pieces)
            load(case, tmp_path / "logs")
        assert event_ids(case) == neighbour
        row = evidence(case)["a.json"]
        assert (row["status"], row["sha256"]) == ("damaged", None)
        assert "LookupError: a value" in row["problem"]
        assert case.load(tmp_path / "logs").new_count == 1  # it is read again, as its hash is not known


def test_an_error_over_one_record_costs_no_other_of_its_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(whole: dict[str, Any], _problems: list[str]) -> None:
        if whole["eventID"] == "odd":
            raise LookupError("a value")

    monkeypatch.setattr(decode, "open_printed", fails)
    events = [event(eventID=name, eventVersion=[1]) for name in ("a", "odd", "b")]
    write_log(tmp_path / "logs", "a.json.gz", events)
    with Case(tmp_path / "case.duckdb") as case:
        load(case, tmp_path / "logs")
        check_counts(case)
        assert event_ids(case) == ["a", "b"]
        row = evidence(case)["a.json.gz"]
        assert row["status"] == "damaged"
        assert "value 1: cannot be decoded (LookupError: a value)" in row["problem"]


def test_a_record_is_read_again_as_deep_on_the_stack_as_it_was_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths: list[int] = []

    def frame(*given: Any) -> Any:
        here, depth = sys._getframe(), 0
        while here:
            here, depth = here.f_back, depth + 1
        depths.append(depth)
        return real(*given)

    real = read.frame
    monkeypatch.setattr(read, "frame", frame)
    (tmp_path / "a.json").write_bytes(b"[" + record(event(eventID="one")) + b"]")
    with Case(tmp_path / "case.duckdb") as case:
        load(case, tmp_path / "a.json")
        case.raw("one")
    assert len(depths) == 2
    assert depths[0] == depths[1]
