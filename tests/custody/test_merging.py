"""A merged case says what it was made of: nothing of its parts is lost, and what is no whole part is refused."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import rootforensics as rf
from rootforensics.custody.acts import Entry
from tests.builders import event, write_log
from tests.posture.answers import neglected, perfect, write

pytestmark = pytest.mark.heavy  # its parts take seconds to make


@pytest.fixture(scope="module")
def parts(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A case of three logs with a note, a head and verdicts; one that goes on from it; one that has a copy of an event."""
    folder = tmp_path_factory.mktemp("parts")
    first = Path(shutil.copy(loaded / "case.duckdb", folder / "1.duckdb"))
    with rf.open_case(first) as case:
        case.note("root-0", "seen", author="ann")
        case.keep_head("Night of the 5th", "Ann")
    grown = Path(shutil.copy(first, folder / "2.duckdb"))
    with rf.open_case(first) as case:
        case.verify()
    with rf.open_case(grown) as case:
        case.note("2026-08-05T10:00:00Z", "a time", author="bob")
        case.posture(from_folder=write(folder / "neglected", neglected()))
    copied, _ = json.loads(gzip.decompress((loaded / "logs/a.json.gz").read_bytes()))["Records"]
    other = folder / "3.duckdb"
    with rf.open_case(other) as case:
        case.load(write_log(folder, "z/logs.json", [event(), copied]))
        case.note("root-0", "here, too", author="cid")
        case.keep_head("", "Cid")
        case.posture(from_folder=write(folder / "perfect", perfect()))
    return [first, grown, other]


def _acts(path: Path) -> list[dict[str, Any]]:
    """The chain of custody as the file has it."""
    with duckdb.connect(str(path), read_only=True) as held:
        held.execute("SET TimeZone = 'UTC'")
        named = "* REPLACE (strftime(acted_time, '%Y-%m-%dT%H:%M:%SZ') AS acted_time)"
        return held.sql(f"SELECT {named} FROM custody ORDER BY custody_id").to_arrow_table().to_pylist()


def test_the_act_holds_the_chains_of_the_parts_and_the_case_what_was_added_to_them(
    parts: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "all.duckdb"
    result = rf.merge(path, parts)
    assert (result.case_count, result.object_count, result.shared_count) == (3, 4, 3)
    assert (result.event_count, result.duplicate_count, result.lost_verdict_count) == (7, 1, 3)
    with rf.open_case(path) as case:
        [row] = case.custody().rows
        told = json.loads(row["parameters"])
        notes, checked = sorted(case.query("notes").rows, key=lambda one: one["note_id"]), case.query("posture").rows
        cited = {one["citation"] for one in case.query("aws_answers").rows if one["check_id"] == 2}
        head = case.sql("SELECT content FROM case_info WHERE name IN ('title', 'investigator') ORDER BY name").rows
        assert not len(case.query("log_integrity"))
        assert case.verify_custody(row["sha256"]).is_whole
    assert row["command"] == "merge"
    assert [one["case"] for one in told["parts"]] == [str(part) for part in parts]
    assert [one["acts"] for one in told["parts"]] == [_acts(one) for one in parts]
    assert [one["head"] for one in told["parts"]] == [_acts(one)[-1]["sha256"] for one in parts]
    assert {Entry(**act).hash == act["sha256"] for one in told["parts"] for act in one["acts"]} == {True}
    assert [(note["note_id"], note["author"], note["eventID"], note["eventName"]) for note in notes] == [
        (1, "ann", "root-0", "ListUsers"),
        (2, "bob", None, None),
        (3, "cid", "root-0", "ListUsers"),
    ]
    assert [one["content"] for one in head] == ["Ann", "Night of the 5th"]
    # A pass, judged without the logs of the other cases.
    assert {one["answer"] for one in checked if one["control_id"] == "root-access-key"} == {"warn"}
    assert {citation for one in checked for citation in one["answers"]} <= cited


def test_notes_and_checks_of_parts_stand_in_the_chain_of_the_merged_case(parts: list[Path], tmp_path: Path) -> None:
    rf.merge(tmp_path / "two.duckdb", parts[:2])
    rf.merge(tmp_path / "all.duckdb", [parts[2], tmp_path / "two.duckdb"])
    with rf.open_case(tmp_path / "all.duckdb") as case:
        case.note("root-0", "after it", author="dan")
        case.verify()
        assert case.verify_custody().is_whole
    for changed, problem in (
        ("UPDATE notes SET text = 'another' WHERE author = 'ann'", "note 1 was changed"),
        ("UPDATE posture SET answer = 'pass' WHERE check_id = 1", "posture check 1 was changed"),
        ("DELETE FROM aws_answers WHERE check_id = 2", "posture check 2 was changed"),
    ):
        spoiled = shutil.copy(tmp_path / "all.duckdb", tmp_path / "spoiled.duckdb")
        with duckdb.connect(spoiled) as writer:
            writer.execute(changed)
        assert rf.open_case(spoiled).verify_custody().problems == (problem,)


def test_what_is_no_whole_part_is_refused_and_leaves_nothing(parts: list[Path], tmp_path: Path) -> None:
    first, grown, _ = parts
    one, copied, linked, spoiled, old, empty, text, viewed = (tmp_path / f"{number}.duckdb" for number in range(8))
    for path in (one, copied, spoiled, old, viewed):
        shutil.copy(first, path)
    linked.symlink_to(one)
    empty.touch()
    text.write_text("{}")
    for path, change in (
        (spoiled, "DELETE FROM notes"),
        (viewed, "ALTER TABLE digests RENAME TO held; CREATE VIEW digests AS FROM held"),
        (old, "UPDATE case_info SET content = '12' WHERE name = 'format'"),
    ):
        with duckdb.connect(str(path)) as writer:
            writer.execute(change)
    new = tmp_path / "new.duckdb"
    for given, refusal in (
        ([], "no case was named"),
        ([one, tmp_path / "none"], "the case file does not exist"),
        ([one, text], "this is not a case file"),
        ([one, empty], "this file is empty"),
        ([one, old], "the case has format 12"),
        ([one, spoiled], "its chain of custody is broken: the case has"),
        ([grown, viewed], "its tables differ from those of this version"),
        ([one, grown, linked], "this case was named twice"),
        ([one, copied], f"it is a copy of {one}"),
    ):
        with pytest.raises(rf.CaseError, match=refusal) as refused:
            rf.merge(new, given)
        assert given == [] or str(given[-1]) in str(refused.value)
        assert not new.exists(), refusal
    size = grown.stat().st_size
    for taken, refusal in ((one, "cannot be one of the cases"), (linked, "cannot be one of"), (grown, "is not empty")):
        with pytest.raises(rf.CaseError, match=refusal):
            rf.merge(taken, [one])
    assert grown.stat().st_size == size
    with duckdb.connect(str(copied)), pytest.raises(rf.CaseLockedError, match="already has the case open"):
        rf.merge(new, [one, copied])
    assert {path.name for path in tmp_path.iterdir()} == {f"{number}.duckdb" for number in range(8)}


def test_what_breaks_off_leaves_nothing(parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> int:
        raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")

    monkeypatch.setattr("rootforensics.ingest.merge.remove_duplicates", stopped)
    with pytest.raises(KeyboardInterrupt):
        rf.merge(tmp_path / "new.duckdb", parts[2:])
    assert not [*tmp_path.iterdir()]
