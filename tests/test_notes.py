"""Notes stay in the case, each with its author and time, and lead to the event that they are about."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import rootforensics as rf
from tests.builders import ABSENT, event, root_event, write_log

ID = "3a2e6324-2b14-460a-9801-9b63f0ffdb7d"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A case of four events: one with an ID, two in conflict, one without an ID."""
    records = [
        root_event(eventID=ID, eventTime="2026-08-05T10:00:00Z"),
        event(eventID="conflict", eventName="One"),
        event(eventID="conflict", eventName="Two"),
        event(eventID=ABSENT, eventName="NoId"),
    ]
    write_log(tmp_path, "logs/a.json.gz", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    return tmp_path / "case.duckdb"


def test_a_note_is_kept_with_author_and_time(path: Path) -> None:
    with rf.open_case(path) as case:
        assert len(case.notes()) == 0
        assert case.note(ID, "  Not ours: <b>=1+1\n\u202e ", tag="suspicious", author="maria") == 1
        assert case.note(datetime(2026, 8, 5, 12, tzinfo=UTC), "paged") == 2
    with rf.open_case(path) as case:
        first, second = case.notes().rows
        assert (first["text"], first["tag"], first["author"]) == ("Not ours: <b>=1+1\n\u202e", "suspicious", "maria")
        assert (first["noted_time"], first["eventID"]) == (datetime(2026, 8, 5, 10, tzinfo=UTC), ID)
        assert abs(datetime.now(UTC) - first["written_time"]) < timedelta(hours=1)
        assert (second["author"], second["tag"], second["eventID"]) == (getpass.getuser(), None, None)
        assert second["noted_time"] == datetime(2026, 8, 5, 12, tzinfo=UTC)
        assert [row["note_id"] for row in case.notes("suspicious").rows] == [1]


def test_an_event_without_an_id_or_with_a_disputed_one_is_named_by_its_place(path: Path) -> None:
    with rf.open_case(path) as case:
        with pytest.raises(
            rf.NoteError, match=r"2 different events have the ID 'conflict'. Name one by its place: 1:1, 1:2"
        ):
            case.note("conflict", "which?")
        case.note("1:2", "this one")
        case.note("1:3", "no ID")
        assert case.note(f"{ID[:4]}…", "as a table shows it") == 3
        rows = {row["note_id"]: row for row in case.notes().rows}
    assert rows[3]["eventID"] == ID
    assert [(rows[n]["eventName"], rows[n]["eventID"], rows[n]["record_index"]) for n in (1, 2)] == [
        ("Two", "conflict", 2),
        ("NoId", None, 3),
    ]


@pytest.mark.quick(3)
@pytest.mark.parametrize(
    ("at", "words"),
    [
        (ID[:-1] + "e", f"Did you mean {ID}"),
        (ID[:3], "Give an eventID"),
        ("nothing like it at all", "Give an eventID"),
        ("9:9", "no event '9:9'"),
        ("yesterday", "it is not a time"),
        ("2026-13-01", "is not a time"),
        ("", "the event or time is empty"),
        ("' OR 1=1 --", "no event"),
    ],
)
def test_what_is_not_in_the_case_is_refused(at: str, words: str, path: Path) -> None:
    with rf.open_case(path) as case:
        with pytest.raises(rf.NoteError, match=words.replace("'", ".")):
            case.note(at, "text")
        assert len(case.notes()) == 0


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("text", "words"), [(" \n", "the text is empty"), ("x" * 20_001, "20,001 characters"), ("\udcff", "not text"), ("a\0b", "not text")]
)  # fmt: skip
def test_a_text_that_cannot_be_kept_is_refused(text: str, words: str, path: Path) -> None:
    with rf.open_case(path) as case:
        with pytest.raises(rf.NoteError, match=words):
            case.note(ID, text)
        case.note(ID, "x" * 20_000)
        assert len(case.notes()) == 1


def test_a_note_makes_no_case_and_spoils_no_other_file(tmp_path: Path) -> None:
    with rf.open_case(tmp_path / "none.duckdb") as case, pytest.raises(rf.CaseError, match="case file does not exist"):
        case.note("2026-08-05", "text")
    assert list(tmp_path.iterdir()) == []
    duckdb.connect(str(tmp_path / "other.duckdb")).execute("CREATE TABLE t (i INTEGER)").close()
    with rf.open_case(tmp_path / "other.duckdb") as case, pytest.raises(rf.CaseError, match="not a case"):
        case.note("2026-08-05", "text")


def test_notes_outlive_a_further_load(path: Path) -> None:
    write_log(path.parent, "more/b.json", [root_event(eventID=ID, eventTime="2026-08-05T10:00:00Z"), event()])
    with rf.open_case(path) as case:
        case.note(ID, "kept")
        case.load(path.parent / "more")
        (row,) = case.notes().rows
        assert (row["text"], row["eventName"]) == ("kept", "ListUsers")
