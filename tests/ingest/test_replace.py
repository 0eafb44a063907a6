"""A new reading takes the place of an earlier one only if nothing is lost: a case never shrinks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest import load as load_module
from rootforensics.ingest.filters import Filters, parse_time
from tests.builders import event, record, records_file, root_event, write_log
from tests.ingest.checks import check_counts, event_ids, evidence, load, rows, tables
from tests.ingest.packing import zip_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.case import Case
    from rootforensics.ingest.outcome import LoadResult
    from rootforensics.ingest.plan import Task

ROOT_RELATED = Filters(root_related=True)
UNTIL = Filters(until=parse_time("2026-08-05T12:00:00Z"))
LATE = "2026-08-05T13:00:00Z"


def _load_while(case: Case, logs: Path, happens: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> LoadResult:
    """Load, and let something happen to the files after they were hashed and before they are read."""

    def planned(tasks: list[Task]) -> object:
        happens()
        return original(tasks)

    original = load_module.steps
    with monkeypatch.context() as patch:
        patch.setattr(load_module, "steps", planned)
        return case.load(logs)


@pytest.mark.heavy
@pytest.mark.parametrize("filters", [ROOT_RELATED, UNTIL], ids=["root related", "until"])
def test_files_that_go_away_while_a_load_is_widened_keep_their_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filters: Filters
) -> None:
    logs = tmp_path / "logs"
    early = [root_event() for _ in range(6)]
    for number, one in enumerate(early):
        write_log(logs, f"{number}.json.gz", [one, event(eventTime=LATE)])
    case = load(tmp_path, filters=filters)
    old = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    result = _load_while(case, logs, lambda: shutil.move(logs, tmp_path / "away"), monkeypatch)
    check_counts(case, filtered=True)
    assert event_ids(case) == [one["eventID"] for one in early]
    assert (result.new_count, result.statuses) == (0, {"unreadable": 6})
    ledger = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    assert ledger[:6] == old
    assert {row["status"] for row in ledger[6:]} == {"unreadable"}
    assert "it was loaded before, as evidence 1" in ledger[6]["problem"]
    shutil.move(tmp_path / "away", logs)
    result = case.load(logs)
    check_counts(case)
    assert (result.new_count, result.statuses) == (6, {"loaded": 6})
    assert rows(case, "SELECT evidence_id, status, event_count AS n FROM evidence ORDER BY 1") == [
        {"evidence_id": number, "status": "loaded", "n": 2} for number in range(1, 7)
    ]


@pytest.mark.heavy
def test_a_file_that_goes_away_again_and_again_has_one_row_for_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    write_log(logs, "a.json", [root_event(), event()])
    case = load(tmp_path, filters=ROOT_RELATED)
    for _ in range(3):
        _load_while(case, logs, lambda: shutil.move(logs, tmp_path / "away"), monkeypatch)
        shutil.move(tmp_path / "away", logs)
        check_counts(case, filtered=True)
        assert rows(case, "SELECT status, event_count AS n FROM evidence ORDER BY evidence_id") == [
            {"status": "loaded", "n": 1},
            {"status": "unreadable", "n": 0},
        ]


@pytest.mark.heavy
def test_a_file_that_changes_between_hashing_and_reading_keeps_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, first, second = tmp_path / "logs", [root_event(), event()], [root_event(), event()]
    write_log(logs, "a.json", first)
    case = load(tmp_path, filters=ROOT_RELATED)
    old = rows(case, "SELECT * FROM evidence")
    result = _load_while(case, logs, lambda: write_log(logs, "a.json", second), monkeypatch)
    check_counts(case, filtered=True)
    assert event_ids(case) == [first[0]["eventID"], *(one["eventID"] for one in second)]
    assert result.new_count == 2
    ledger = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    assert ledger[:1] == old
    assert [row["problem"] for row in ledger[1:]] == ["changed since it was loaded as evidence 1"]
    before = tables(case)
    assert case.load(logs).unchanged_count == 1
    assert tables(case) == before


@pytest.mark.heavy
def test_a_copy_still_points_to_the_event_of_a_file_that_went_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, shared = tmp_path / "logs", root_event()
    write_log(logs, "a.json", [shared, event()])
    write_log(tmp_path / "other", "b.json", [shared])
    case = load(tmp_path, filters=ROOT_RELATED)
    case.load(tmp_path / "other")
    _load_while(case, logs, lambda: shutil.move(logs, tmp_path / "away"), monkeypatch)
    check_counts(case, filtered=True)
    assert event_ids(case) == [shared["eventID"]]
    assert [(row["evidence_id"], row["kept_evidence_id"]) for row in rows(case, "FROM duplicates")] == [(2, 1)]


@pytest.mark.heavy
def test_a_file_that_was_away_and_comes_back_changed_is_told(tmp_path: Path) -> None:
    first, second = event(), event()
    path = write_log(tmp_path, "a.json", [first])
    case = load(tmp_path, path)
    path.unlink()
    load(case, path)
    assert evidence(case)["a.json"]["status"] == "unreadable"
    write_log(tmp_path, "a.json", [second])
    load(case, path)
    assert event_ids(case) == [first["eventID"], second["eventID"]]
    assert [(row["status"], row["problem"]) for row in rows(case, "FROM evidence ORDER BY evidence_id")] == [
        ("loaded", None),
        ("loaded", "changed since it was loaded as evidence 1"),
    ]


@pytest.mark.heavy
def test_an_archive_that_goes_away_while_a_load_is_widened_keeps_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, kept = tmp_path / "logs", [root_event(), root_event()]
    members = {f"{number}.json": records_file([one, event()]) for number, one in enumerate(kept)}
    logs.mkdir()
    (logs / "a.zip").write_bytes(zip_of({"inner.zip": zip_of(members)}))
    case = load(tmp_path, filters=ROOT_RELATED)
    old = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    result = _load_while(case, logs, lambda: shutil.move(logs, tmp_path / "away"), monkeypatch)
    assert event_ids(case) == [one["eventID"] for one in kept]
    assert (result.new_count, result.statuses) == (0, {"unreadable": 1})
    assert rows(case, "SELECT * FROM evidence ORDER BY evidence_id")[: len(old)] == old
    shutil.move(tmp_path / "away", logs)
    assert case.load(logs).new_count == 2
    assert len(event_ids(case)) == 4
    assert [row["evidence_id"] for row in rows(case, "SELECT evidence_id FROM evidence ORDER BY 1")] == [
        row["evidence_id"] for row in old
    ]


@pytest.mark.heavy
def test_an_archive_that_changes_between_hashing_and_reading_keeps_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, first, second = tmp_path / "logs", [root_event(), event()], [root_event(), event()]
    logs.mkdir()
    (logs / "a.zip").write_bytes(zip_of({"one.json": records_file(first)}))
    case = load(tmp_path, filters=ROOT_RELATED)

    def change() -> None:
        (logs / "a.zip").write_bytes(zip_of({"one.json": records_file(second)}))

    _load_while(case, logs, change, monkeypatch)
    assert set(event_ids(case)) == {first[0]["eventID"], *(one["eventID"] for one in second)}
    archives = rows(case, "SELECT count(*) AS n, count(DISTINCT sha256) AS shas FROM evidence WHERE status = 'archive'")
    assert archives == [{"n": 2, "shas": 2}]
    assert case.raw(second[1]["eventID"]) == record(second[1])


def _write_zip(logs: Path, members: dict[str, list[dict[str, Any]]]) -> None:
    logs.mkdir(exist_ok=True)
    (logs / "a.zip").write_bytes(zip_of({name: records_file(events) for name, events in members.items()}))


@pytest.mark.heavy
@pytest.mark.parametrize("changed", [False, True], ids=["gone", "changed"])
@pytest.mark.quick(1)
def test_an_archive_that_cannot_be_read_again_keeps_the_events_of_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    logs = tmp_path / "logs"
    roots, other, added = [root_event(), root_event()], event(), event()
    members = {"x.json": [roots[0], other], "y.json": [roots[1]]}
    _write_zip(logs, members)
    case = load(tmp_path, filters=ROOT_RELATED)
    old = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    assert len(old) == 3

    def happens() -> None:
        if changed:
            _write_zip(logs, {"x.json": [*members["x.json"], added], "y.json": members["y.json"]})
        else:
            shutil.move(logs, tmp_path / "away")

    result = _load_while(case, logs, happens, monkeypatch)
    check_counts(case, filtered=True)
    assert result.new_count == (2 if changed else 0)
    assert event_ids(case)[:2] == [root["eventID"] for root in roots]
    ledger = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    assert ledger[:3] == old
    assert [row["archive_id"] for row in ledger[3:]] == ([None, 4, 4] if changed else [None])
    assert "as evidence 1" in ledger[3]["problem"]
    if not changed:
        shutil.move(tmp_path / "away", logs)
    result = case.load(logs)
    check_counts(case, filtered=True)
    everything = {one["eventID"] for one in (*roots, other, *([added] if changed else []))}
    assert set(event_ids(case)) == everything
    assert len(event_ids(case)) == len(everything)
