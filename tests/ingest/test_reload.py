"""Loading again adds nothing twice, and an interrupted load can be repeated as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.case import Case
from rootforensics.ingest.filters import Filters
from tests.builders import event, gz, record, records_file, root_event, write_log
from tests.ingest.checks import check_counts, event_ids, evidence, load, rows, tables
from tests.ingest.shapes import hostile_event

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.ingest.outcome import Done


def _mixed_folder(folder: Path) -> None:
    shared = [event(), root_event(), hostile_event()]
    write_log(folder, "a.json.gz", [event(), *shared])
    write_log(folder, "b.json.gz", [*shared, root_event(eventTime="never")])
    write_log(folder, "c.json", [])
    (folder / "d.gz").write_bytes(gz(records_file(shared))[:-20])
    (folder / "e.txt").write_bytes(b"words")
    (folder / "f").symlink_to("nowhere")
    (folder / "g.json").write_bytes(b'{"digestEndTime":"x","logFiles":[]}')
    (folder / "h.json.gz").write_bytes((folder / "a.json.gz").read_bytes())


@pytest.mark.heavy
def test_the_same_folder_twice_changes_nothing(tmp_path: Path) -> None:
    _mixed_folder(tmp_path / "logs")
    case = load(tmp_path)
    before = tables(case)
    times = rows(case, "SELECT evidence_id, loaded_time FROM evidence ORDER BY 1")
    for jobs in (1, 3):
        result = case.load(tmp_path / "logs", jobs=jobs)
        check_counts(case)
        assert tables(case) == before
        assert rows(case, "SELECT evidence_id, loaded_time FROM evidence ORDER BY 1") == times
        assert (result.object_count, result.unchanged_count, result.statuses) == (8, 8, {})
        assert (result.record_count, result.duplicate_count) == (0, 0)


@pytest.mark.heavy
def test_a_folder_in_two_steps_gives_the_events_of_one_step(tmp_path: Path) -> None:
    _mixed_folder(tmp_path / "logs")
    whole = load(tmp_path, name="whole.duckdb")
    case = load(tmp_path, tmp_path / "logs" / "h.json.gz", name="steps.duckdb")
    load(case)
    assert sorted(map(str, event_ids(case))) == sorted(map(str, event_ids(whole)))
    assert len(tables(case)["duplicates"]) == len(tables(whole)["duplicates"])
    assert evidence(case)["a.json.gz"]["status"] == "duplicate"


@pytest.mark.heavy
def test_a_changed_file_gets_a_row_of_its_own_and_keeps_the_old_one(tmp_path: Path) -> None:
    first, second = event(), event()
    path = write_log(tmp_path / "logs", "a.json", [first])
    case = load(tmp_path)
    old = rows(case, "SELECT * FROM evidence")
    write_log(tmp_path / "logs", "a.json", [first, second])
    load(case)
    ledger = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    assert ledger[:1] == old
    assert ledger[1]["problem"] == "changed since it was loaded as evidence 1"
    assert [row["uri"] for row in ledger] == [f"file://{path}"] * 2
    assert (ledger[1]["event_count"], ledger[1]["duplicate_count"]) == (1, 1)
    assert event_ids(case) == [first["eventID"], second["eventID"]]
    again = tables(case)
    load(case)
    assert tables(case) == again


@pytest.mark.heavy
def test_a_file_that_changes_back_is_known(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    kept = (tmp_path / "logs" / "a.json").read_bytes()
    case = load(tmp_path)
    write_log(tmp_path / "logs", "a.json", [event()])
    load(case)
    before = tables(case)
    (tmp_path / "logs" / "a.json").write_bytes(kept)
    load(case)
    assert tables(case) == before


@pytest.mark.heavy
def test_a_file_that_was_missing_and_comes_is_loaded(tmp_path: Path) -> None:
    case = load(tmp_path, tmp_path / "a.json")
    load(case, tmp_path / "a.json")
    assert len(rows(case, "SELECT * FROM evidence")) == 1
    one = event()
    write_log(tmp_path, "a.json", [one])
    load(case, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"]]
    assert [(row["status"], row["problem"]) for row in rows(case, "SELECT status, problem FROM evidence")] == [
        ("loaded", None)
    ]


@pytest.mark.heavy
def test_a_file_that_is_gone_keeps_its_events_and_is_told(tmp_path: Path) -> None:
    one = event()
    path = write_log(tmp_path / "logs", "a.json", [one])
    case = load(tmp_path, path)
    path.unlink()
    load(case, path)
    load(case, path)
    found = rows(case, "SELECT status, problem FROM evidence ORDER BY evidence_id")
    assert [row["status"] for row in found] == ["loaded", "unreadable"]
    assert "no such file" in found[1]["problem"]
    assert event_ids(case) == [one["eventID"]]


@pytest.mark.heavy
def test_a_changed_file_that_is_loaded_with_a_filter_first(tmp_path: Path) -> None:
    first, second = [event(), root_event()], [root_event(), event(), event()]
    write_log(tmp_path / "logs", "a.json", first)
    case = load(tmp_path, filters=Filters(root_related=True))
    write_log(tmp_path / "logs", "a.json", second)
    load(case, filters=Filters(root_related=True))
    load(case, filtered=True)
    assert event_ids(case) == [first[1]["eventID"], *(one["eventID"] for one in second)]


@pytest.mark.heavy
def test_a_changed_file_keeps_the_remark_even_if_a_record_has_to_be_bent(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    case = load(tmp_path)
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    odd = [record(event(responseElements="MARK")).replace(b'"MARK"', value) for value in (deep, b"1e999", b'"\\ud800"')]
    (tmp_path / "logs" / "a.json").write_bytes(b"\n".join(odd))
    load(case)
    problem = rows(case, "SELECT problem FROM evidence WHERE evidence_id = 2")[0]["problem"]
    assert "changed since it was loaded as evidence 1" in problem


_LOADER = """
import sys
from rootforensics.case import Case
def progress(done):
    print(done.objects, flush=True)
Case(sys.argv[1]).load(sys.argv[2], progress=progress)
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def big_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, dict[str, list[dict[str, Any]]]]:
    """A folder that takes a second to load, how many files it has, and the tables that it gives."""
    files, size = 24, 400
    folder = tmp_path_factory.mktemp("big")
    shared = [event() for _ in range(200)]
    for number in range(files):
        events = [event() if index % 40 else root_event() for index in range(size)]
        write_log(folder / "logs", f"{number:02}.json.gz", events + shared[number * 5 :][:80])
    (folder / "logs" / "bad.gz").write_bytes(gz(records_file(shared))[:-60])
    return folder / "logs", files + 1, tables(load(folder))


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.quick(1)
def test_a_load_that_is_killed_can_be_repeated(
    tmp_path: Path, big_folder: tuple[Path, int, dict[str, list[dict[str, Any]]]], seed: int
) -> None:
    folder, count, expected = big_folder
    chance = random.Random(seed)
    path = tmp_path / "case.duckdb"
    for after in (
        chance.randrange(1, count),
        count,
    ):  # in the middle, and once while the copies are sought or all is stored
        loader = subprocess.Popen(
            [sys.executable, "-c", _LOADER, str(path), str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert loader.stdout is not None
        for line in loader.stdout:
            if line.strip() == str(after):
                break
        time.sleep(chance.random() * 0.3)
        os.kill(loader.pid, signal.SIGKILL)
        loader.wait()
        loader.stdout.close()
    case = Case(path)
    case.load(folder)
    check_counts(case)
    assert tables(case) == expected
    assert [one.name for one in tmp_path.iterdir()] == ["case.duckdb"]


@pytest.mark.heavy
def test_an_error_in_the_middle_of_a_load_leaves_the_case_as_it_was(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    case = load(tmp_path)
    before = tables(case)
    write_log(tmp_path / "logs", "b.json", [event()])
    write_log(tmp_path / "logs", "c.json", [event()])

    def stop(done: Done) -> None:
        assert (done.of_objects, done.objects) == (2, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        case.load(tmp_path / "logs", progress=stop)
    check_counts(case)
    assert tables(case) == before
    load(case)
    assert len(event_ids(case)) == 3


@pytest.mark.heavy
@pytest.mark.parametrize("error", [ValueError("broken"), MemoryError()])
def test_an_error_of_this_package_while_reading_comes_out_as_it_is_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from rootforensics.ingest import load as loading

    write_log(tmp_path / "logs", "a.json", [event()])
    case = load(tmp_path)
    before = tables(case)
    write_log(tmp_path / "logs", "b.json", [event()])

    def broken(*arguments: object) -> None:
        del arguments
        raise error

    monkeypatch.setattr(loading, "read_object", broken)
    with pytest.raises(type(error)):
        case.load(tmp_path / "logs")
    monkeypatch.undo()
    assert tables(case) == before


@pytest.mark.heavy
def test_a_folder_that_could_not_be_listed_once_is_no_problem_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(tmp_path, "logs/locked/a.json", [event()])
    write_log(tmp_path, "logs/b.json", [event()])
    scan = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    with monkeypatch.context() as patched:  # the superuser, who runs tests in a container, may list any folder
        patched.setattr(os, "scandir", refuse)
        case = load(tmp_path)
    assert evidence(case)["locked"]["status"] == "unreadable"
    load(case)
    assert {name: row["status"] for name, row in evidence(case).items()} == {"a.json": "loaded", "b.json": "loaded"}
