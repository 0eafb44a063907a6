"""The case file: locks between processes, files that are no case, and the way back to the original record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

import rootforensics
from rootforensics.case import Case, open_case
from rootforensics.engines import duckdb as engine
from rootforensics.errors import CaseError, CaseLockedError, OriginalError, QueryError, RootForensicsError, SourceError
from tests.builders import ABSENT, event, gz, record, records_file, root_event, write_log
from tests.ingest.checks import event_ids, load, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reader")
connection.execute("SELECT 1")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer does not wait for others."""
    monkeypatch.setattr(engine, "_PATIENCE_SECONDS", 0.0)


@contextmanager
def held_by(path: Path, how: str) -> Iterator[int]:
    """Another process has the file open; yields its ID."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "ready\n"
        yield holder.pid
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a case of one file with two events."""
    folder = tmp_path_factory.mktemp("pattern")
    write_log(folder / "logs", "a.json", [event(), root_event()])
    load(folder).close()
    return folder


@pytest.fixture
def case(pattern: Path, tmp_path: Path) -> Iterator[Case]:
    """A copy of it, and of its file."""
    shutil.copytree(pattern, tmp_path, dirs_exist_ok=True)
    made = open_case(tmp_path / "case.duckdb")
    yield made
    made.close()


@pytest.mark.usefixtures("_impatient")
def test_a_writer_that_meets_a_writer_names_the_process_and_changes_nothing(case: Case) -> None:
    with held_by(case.path, "writer") as pid, pytest.raises(CaseLockedError, match="Wait until it finishes") as raised:
        case.load(case.path.parent / "logs")
    assert f"process {pid} " in str(raised.value)
    assert len(event_ids(case)) == 2


@pytest.mark.heavy
def test_a_reader_that_meets_a_writer_names_the_process(case: Case) -> None:
    with held_by(case.path, "writer") as pid:
        for ask in (lambda: case.sql("SELECT 1"), lambda: case.query("root_events"), lambda: case.raw("x")):
            with pytest.raises(CaseLockedError, match=f"process {pid} "):
                ask()
    assert len(event_ids(case)) == 2


@pytest.mark.usefixtures("_impatient")
def test_a_writer_that_meets_a_reader_names_the_process(case: Case) -> None:
    with held_by(case.path, "reader") as pid, pytest.raises(CaseLockedError, match=f"process {pid} "):
        case.load(case.path.parent / "logs")


def test_two_readers_of_two_processes_and_of_one_read_side_by_side(case: Case) -> None:
    with held_by(case.path, "reader"), open_case(case.path) as first, open_case(case.path) as second:
        assert event_ids(first) == event_ids(second)
        assert len(event_ids(first)) == 2


@pytest.mark.usefixtures("_impatient")
def test_a_second_case_of_this_process_that_reads_is_told_of(case: Case) -> None:
    with open_case(case.path) as reader:
        assert len(event_ids(reader)) == 2
        with pytest.raises(CaseLockedError, match="this process already has the case open"):
            case.load(case.path.parent / "logs")
    case.load(case.path.parent / "logs")


def test_a_case_reads_loads_and_reads_again(case: Case) -> None:
    assert len(event_ids(case)) == 2
    write_log(case.path.parent / "logs", "b.json", [event()])
    case.load(case.path.parent / "logs")
    assert len(event_ids(case)) == 3


@pytest.fixture
def _soon_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is about to make a case of an empty file here."""
    monkeypatch.setattr(engine, "_PAUSE_SECONDS", 0.001)


@pytest.mark.parametrize("content", [b"", b"words", b"SQLite format 3\0" + b"x" * 5000, b"\0" * 20_000], ids=range(4))
@pytest.mark.usefixtures("_soon_sure")
def test_a_file_that_is_no_case_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.duckdb"
    path.write_bytes(content)
    case = Case(path)
    with pytest.raises(CaseError) as raised:
        case.sql("SELECT 1")
    assert str(path) in str(raised.value)
    assert "download" not in str(raised.value), "the engine reached for the network"
    write_log(tmp_path / "logs", "a.json", [event()])
    with pytest.raises(CaseError):
        case.load(tmp_path / "logs")
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "looks"),
    [
        ("a.json", b' {"Records":[]}', "it looks like JSON"),
        ("a.json", b"\xef\xbb\xbf[]", "it looks like JSON"),
        ("a.csv", b"a,b\n1,2\n", "it looks like text, such as CSV"),
        ("a.json.gz", gz(b'{"Records":[]}'), "it looks like a gzip file"),
        ("a.parquet", b"PAR1" + bytes(100), "it looks like Parquet"),
        ("empty", b"", "this file is empty"),
    ],
)
@pytest.mark.usefixtures("_soon_sure")
def test_a_file_of_another_kind_is_named_for_what_it_is(name: str, content: bytes, looks: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    write_log(tmp_path / "logs", "a.json", [event()])
    for ask in (lambda: Case(path).sql("SELECT 1"), lambda: Case(path).load(tmp_path / "logs")):
        with pytest.raises(CaseError) as raised:
            ask()
        assert looks in str(raised.value)
    assert path.read_bytes() == content
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted((name, "logs"))


@pytest.mark.heavy
@pytest.mark.parametrize(("threads", "count"), [(2, 4), pytest.param(8, 8, marks=pytest.mark.heavy)])
@pytest.mark.quick(1)
def test_threads_may_ask_one_case_at_once(case: Case, threads: int, count: int) -> None:
    wanted = {row["eventID"] for row in case.query("root_events").rows}
    case.close()

    def ask(number: int) -> tuple[int, set[str], int]:
        counted = case.sql("SELECT count(*) AS n FROM events WHERE $number = $number", number=number).rows[0]["n"]
        found = {row["eventID"] for row in case.query("root_events", account_id="").rows}
        return counted, found, len(case.raw(next(iter(wanted)))) > 0 and len(case.findings().rows)

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(ask, range(count)))
    assert {(counted, frozenset(found)) for counted, found, _ in answers} == {(2, frozenset(wanted))}
    assert len({findings for *_, findings in answers}) == 1


def test_cases_of_one_file_may_be_opened_by_threads_at_once(case: Case) -> None:
    def ask(_: int) -> int:
        with open_case(case.path) as own:
            return int(own.sql("SELECT count(*) AS n FROM events").rows[0]["n"])

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(32))) == {2}


def test_a_case_stays_where_it_was_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = case.path.parent
    monkeypatch.chdir(folder)
    named = open_case(case.path.name)
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    with named:
        assert len(event_ids(named)) == 2
        write_log(folder / "logs", "b.json", [event()])
        named.load(folder / "logs")
        assert len(event_ids(named)) == 3
    assert not list((folder / "elsewhere").iterdir())


def test_a_load_of_nothing_is_refused_and_makes_no_case(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no source was named"):
        open_case(tmp_path / "new.duckdb").load()
    assert not list(tmp_path.iterdir())


def test_a_database_that_is_no_case_is_refused_for_reading(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
    with pytest.raises(CaseError, match="not a case"):
        Case(path).sql("SELECT 1")
    with pytest.raises(CaseError, match="not a case"):
        Case(path).raw("x")


@pytest.mark.parametrize("name", ["events", "mine"])
def test_a_database_of_something_else_is_refused_for_loading_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE {name} AS SELECT 1 AS a")
    write_log(tmp_path / "logs", "a.json", [event()])
    with pytest.raises(CaseError, match="not a case"):
        Case(path).load(tmp_path / "logs")
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [(name,)]
        assert connection.execute(f"SELECT * FROM {name}").fetchall() == [(1,)]


def _of_format(path: Path, number: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE case_info SET content = ? WHERE name = 'format'", [str(number)])


ASKS: dict[str, Callable[[Case], Any]] = {
    "load": lambda case: case.load(case.path.parent / "logs"),
    "question": lambda case: case.query("root_timeline"),
    "sql": lambda case: case.sql("SELECT 1"),
    "report": lambda case: case.report(case.path.parent / "report.html"),
    "verdict": lambda case: case.verdict(),
    "notes": lambda case: case.notes(),
    "raw": lambda case: case.raw("none"),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize(("number", "is_later"), [(4, False), (99, True)])
def test_a_case_of_another_format_says_so_and_what_to_do(
    number: int, is_later: bool, case: Case, subtests: pytest.Subtests
) -> None:
    case.close()
    _of_format(case.path, number)
    for name, ask in ASKS.items():
        with subtests.test(name):
            refused = f"the case has format {number}, this version reads and writes"
            with pytest.raises(CaseError, match=refused) as told:
                ask(Case(case.path))
            if is_later:
                assert f"Open it with a version of rootforensics that reads format {number}" in str(told.value)
                continue
            new = case.path.with_stem(f"{case.path.stem}-new")
            assert f"Rebuild it from its evidence: rootforensics load {new} /" in str(told.value)
            assert "Notes, the chain of custody and the answers of posture are not taken over" in str(told.value)
            assert "Run load" not in str(told.value)


def test_a_missing_case_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="the case file does not exist"):
        Case(tmp_path / "none.duckdb").sql("SELECT 1")
    with pytest.raises(CaseError, match="the folder for the case does not exist"):
        Case(tmp_path / "none" / "x.duckdb").load(tmp_path)
    with pytest.raises(CaseError):
        Case(tmp_path).sql("SELECT 1")
    with pytest.raises(CaseError):
        Case(tmp_path).load(tmp_path)


def test_a_case_is_closed_by_its_context_manager_and_can_be_used_again(case: Case) -> None:
    with case as same:
        assert same is case
        assert len(event_ids(case)) == 2
    with duckdb.connect(str(case.path)) as connection:
        assert connection.execute("SELECT count(*) FROM root_events").fetchall() == [(1,)]
    assert len(event_ids(case)) == 2


def test_the_package_opens_cases(case: Case) -> None:
    with rootforensics.open_case(str(case.path)) as opened:
        assert opened.path == case.path
        assert len(event_ids(opened)) == 2


@pytest.fixture
def originals(tmp_path: Path) -> Iterator[tuple[Case, list[bytes], Path]]:
    """A case of a compressed file, the bytes of its records, the file."""
    events = [event(), root_event(userAgent="ünï"), event(eventID=ABSENT)]
    path = write_log(tmp_path / "logs", "a.json.gz", events)
    made = load(tmp_path)
    yield made, [record(one) for one in events], path
    made.close()


def test_raw_gives_the_record_by_id_and_by_place(originals: tuple[Case, list[bytes], Path]) -> None:
    case, spelled, _ = originals
    known = event_ids(case)
    assert known[2] is None
    assert [case.raw(str(one)) for one in known[:2]] == spelled[:2]
    assert [case.raw(f"1:{index}") for index in range(3)] == spelled


UNKNOWN = [
    "",
    "no-such-id",
    "9:0",
    "1:99",
    "1:",
    ":0",
    "1:-1",
    "99999999999999999999:0",
    "1:99999999999",
    "None",
    "%",
    "1:²",
]


def test_raw_of_an_unknown_id_is_told(originals: tuple[Case, list[bytes], Path], subtests: pytest.Subtests) -> None:
    for name in UNKNOWN:
        with subtests.test(name), pytest.raises(OriginalError, match="no event"):
            originals[0].raw(name)


def test_raw_reads_nothing_from_evidence_that_has_changed(originals: tuple[Case, list[bytes], Path]) -> None:
    case, spelled, path = originals
    kept = path.read_bytes()
    path.write_bytes(gz(records_file([root_event()])))
    with pytest.raises(OriginalError, match="has changed since it was loaded") as raised:
        case.raw("1:0")
    assert str(path) in str(raised.value)
    path.write_bytes(kept[:-1])
    with pytest.raises(OriginalError, match="has changed"):
        case.raw("1:0")
    path.write_bytes(kept)
    assert case.raw("1:0") == spelled[0]


def test_raw_of_evidence_that_is_gone_is_told(originals: tuple[Case, list[bytes], Path]) -> None:
    case, _, path = originals
    path.unlink()
    with pytest.raises(OriginalError, match="no such file or folder"):
        case.raw("1:0")
    path.mkdir()
    with pytest.raises(OriginalError, match="cannot be read"):
        case.raw("1:0")


def test_raw_of_an_id_in_conflict_names_the_places(tmp_path: Path) -> None:
    one = event()
    two = one | {"eventName": "Other"}
    write_log(tmp_path / "logs", "a.json", [event(), one])
    write_log(tmp_path / "logs", "b.json", [two])
    case = load(tmp_path)
    with pytest.raises(OriginalError, match="2 different events have the ID") as raised:
        case.raw(one["eventID"])
    assert "1:1, 2:0" in str(raised.value)
    assert [case.raw("1:1"), case.raw("2:0")] == [record(one), record(two)]


def test_raw_takes_the_beginning_of_an_id_that_stands_for_one(tmp_path: Path) -> None:
    ids = [f"{start}-0000-4000-8000-000000000000" for start in ("abcdef01", "abcdef01", "98765432")]
    ids[1] = ids[1][:-1] + "1"
    one, two, three, other = (event(eventID=one) for one in (*ids, "abcdef010"))
    write_log(tmp_path / "logs", "a.json", [one, two, three, other])
    case = load(tmp_path)
    assert [case.raw(begun) for begun in ("98765432", "98765432…", ids[1])] == [
        record(three),
        record(three),
        record(two),
    ]
    assert case.raw("9876") == record(three)
    for wanted in ("abcdef01", "abcd"):
        with pytest.raises(
            OriginalError, match=f"2 different events begin with '{wanted}'. Name one by its place: 1:0, 1:1"
        ):
            case.raw(wanted)
    with pytest.raises(OriginalError, match="no event '987'"):
        case.raw("987")


def test_an_id_that_is_no_uuid_is_never_taken_for_the_beginning_of_another(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event(eventID="12345678-2")])
    with pytest.raises(OriginalError, match="no event '12345678'"):
        load(tmp_path).raw("12345678")


def test_a_query_cannot_write(case: Case) -> None:
    for text in (
        "DELETE FROM events",
        "CREATE TABLE x (a INTEGER)",
        "DROP VIEW root_events",
        "UPDATE events SET eventID = 'x'",
    ):
        with pytest.raises(QueryError):
            case.sql(text)
    assert rows(case, "SELECT count(*) AS n FROM events") == [{"n": 2}]


def test_raw_reads_a_copy_that_was_set_aside_by_its_place(tmp_path: Path) -> None:
    one = event()
    write_log(tmp_path, "logs/a.json", [one])
    write_log(tmp_path, "logs/b.json", [event(), one])
    with open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert json.loads(case.raw("2:1")) == one
        assert json.loads(case.raw(one["eventID"])) == one


def test_an_event_id_that_looks_like_a_place_is_an_event_id(tmp_path: Path) -> None:
    mine, other = event(eventID="1:1"), event()
    write_log(tmp_path, "logs/a.json", [mine, other])
    with open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert json.loads(case.raw("1:1")) == mine


def test_raw_finds_the_same_bytes_at_another_place(tmp_path: Path) -> None:
    one = event()
    write_log(tmp_path, "logs/a.json", [one])
    with open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        (tmp_path / "logs").rename(tmp_path / "moved")
        with pytest.raises(OriginalError, match="load it from its current one"):
            case.raw(one["eventID"])
        case.load(tmp_path / "moved")
        assert json.loads(case.raw(one["eventID"])) == one


@pytest.mark.heavy
def test_a_damaged_case_is_told_whoever_opens_it(sample_path: Path, tmp_path: Path) -> None:
    """A byte that changed on the disk, in the header, in the list of tables, in what they hold."""
    whole = sample_path.read_bytes()
    write_log(tmp_path, "logs/a.json", [root_event()])
    told: list[str] = []
    for place in (100, 5000, *range(20_000, len(whole), len(whole) // 12)):
        (tmp_path / "case.duckdb").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        for act in (
            lambda case: case.query("root_events"),
            lambda case: case.sql("SELECT max(userAgent), max(requestParameters) FROM events"),
            lambda case: case.load(tmp_path / "logs"),
        ):
            with open_case(tmp_path / "case.duckdb") as case:
                try:
                    act(case)
                except RootForensicsError as error:
                    told.append(str(error))
    assert len(told) > 10
    assert [one for one in told if "Corrupt database file" not in one] == []


def test_a_pipe_is_no_case(tmp_path: Path) -> None:
    write_log(tmp_path, "a.json", [event()])
    os.mkfifo(tmp_path / "pipe")
    with open_case(tmp_path / "pipe") as case, pytest.raises(CaseError, match="a pipe, a device or a folder"):
        case.load(tmp_path / "a.json")
    assert (tmp_path / "pipe").is_fifo()


def test_a_new_case_has_a_storage_version_that_duckdb_1_can_read_and_keeps_it(case: Case) -> None:
    def version() -> str:
        with duckdb.connect(str(case.path), read_only=True) as connection:
            told = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = current_database()")
            return str(told.fetchall()[0][0]["storage_version"])

    case.close()
    assert version().startswith("v1.5.0")
    case.note("2026-08-05T10:00:00Z", "seen")
    case.close()
    assert version().startswith("v1.5.0")
