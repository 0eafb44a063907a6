"""Cases that were loaded in parts and merged hold what one load of all holds, row for row."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

import rootforensics as rf
from rootforensics.sources.local import path_of_uri
from tests.builders import ABSENT, event, gz, records_file, root_event, write_log
from tests.conftest import SAMPLE_LOGS
from tests.ingest.checks import check_counts, rows
from tests.ingest.packing import zip_of
from tools.golden import answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Tables of a case that tell how it was made.
_OF_MAKING = ("custody", "case_info")


def part(path: Path, *loads: Sequence[Path], **options: Any) -> Path:
    """A case file of loads that follow each other."""
    with rf.open_case(path) as case:
        for sources in loads:
            case.load(*sources, **options)
    return path


def merged(path: Path, *parts: Path, filtered: bool = False) -> rf.MergeResult:
    """The new case's counts add up, and its chain of custody is whole."""
    path.unlink(missing_ok=True)
    result = rf.merge(path, parts)
    with rf.open_case(path) as case:
        check_counts(case, filtered=filtered)
        assert case.verify_custody().is_whole
    return result


def differences(one: Path, other: Path) -> dict[str, int]:
    """Of each table the number of rows that only one of two cases has; all tables, but for when objects were loaded."""
    with duckdb.connect(config={"threads": 1}) as engine:
        for name, path in (("one", one), ("other", other)):
            engine.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        names = [name for (name,) in engine.execute("SELECT DISTINCT table_name FROM duckdb_tables()").fetchall()]
        found = {}
        for table in sorted({*names} - {*_OF_MAKING}):
            columns = "* EXCLUDE (loaded_time)" if table == "evidence" else "*"
            sides = [f"SELECT {columns} FROM {name}.{table}" for name in ("one", "other")]
            only = [f"SELECT * FROM ({a} EXCEPT ALL {b})" for a, b in (sides, sides[::-1])]
            found[table] = int(engine.execute(f"SELECT count(*) FROM ({' UNION ALL '.join(only)})").fetchall()[0][0])
    return {table: count for table, count in found.items() if count}


def in_groups(paths: Iterable[Path], place: slice) -> list[list[Path]]:
    """Files of the sample by a part of their path: account, Region or day."""
    groups = defaultdict(list)
    for path in paths:
        groups[path.relative_to(SAMPLE_LOGS).parts[1:][place]].append(path)
    return [*groups.values()]


def files_of(case: rf.Case) -> list[Path]:
    return [Path(path_of_uri(row["uri"])) for row in rows(case, "SELECT uri FROM evidence ORDER BY evidence_id")]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """Logs with copies of every kind, damage and archives, and a case of all of them."""
    folder = tmp_path_factory.mktemp("odd")
    twice, thrice, respelled = event(), root_event(), event(requestParameters={"a": 1, "b": {"c": "é"}})
    turned = respelled | {"requestParameters": {"b": {"c": "é"}, "a": 1}}
    conflicting = event()
    nameless = event(eventID=ABSENT, requestID=ABSENT)
    by_request = event(eventID=ABSENT)
    for name, events in {
        "a.json.gz": [twice, thrice, nameless, nameless, event()],
        "b.json": [turned, conflicting, by_request],
        "c.json.gz": [thrice, conflicting | {"eventName": "StopInstances"}, nameless],
        "d d.json": [respelled, twice, thrice, nameless, nameless, nameless],
        "d!.json": [by_request, root_event()],
        "é.json": [event(eventSource=ABSENT, eventName="CreateUser")],
    }.items():
        write_log(folder / "logs", name, events)
    inner = records_file([thrice, event()])
    (folder / "logs/f.json.gz").write_bytes(gz(inner))
    (folder / "logs/g.json.gz").write_bytes(gz(inner))
    (folder / "logs/h.json.gz").write_bytes(gz(records_file([event(), event()]))[:-20])
    (folder / "logs/i.json").write_bytes(b"")
    pack = zip_of(
        {"x/one.json": inner, "x/two.json.gz": gz(records_file([twice, event()])), "x/cut.gz": b"\x1f\x8b\x08"}
    )
    (folder / "logs/k.zip").write_bytes(pack)
    (folder / "logs/l.zip").write_bytes(zip_of({"copy.zip": pack}))
    (folder / "logs/m.zip").write_bytes(pack)
    (folder / "logs/n.txt").write_bytes(b"no log at all")
    paths = sorted((folder / "logs").iterdir(), key=bytes)
    return part(folder / "one.duckdb", paths), paths


@pytest.mark.heavy
def test_parts_give_the_rows_of_one_load(odd: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, paths = odd
    result = merged(tmp_path / "all.duckdb", *(part(tmp_path / f"{n}.duckdb", paths[n::3]) for n in range(3)))
    assert differences(one, tmp_path / "all.duckdb") == {}
    assert result.object_count == 14 + 3 + 4 + 3  # files, and members of three archives, one of them in another
    with rf.open_case(one) as case:
        assert result.event_count == len(rows(case, "SELECT 1 FROM events"))


@pytest.mark.heavy
def test_what_parts_hold_together_counts_once_in_any_order(odd: tuple[Path, list[Path]], tmp_path: Path) -> None:
    """One part was loaded at two times, and one before one of its files was there."""
    one, paths = odd
    hidden = paths[0].rename(tmp_path / "a")
    late = part(tmp_path / "1.duckdb", paths[:1] + paths[4:])
    hidden.rename(paths[0])
    early = part(tmp_path / "2.duckdb", [paths[0], *paths[2:4]], paths[4:9])
    other = part(tmp_path / "3.duckdb", [paths[-2], paths[1], paths[6]])
    result = merged(tmp_path / "all.duckdb", other, early, late)
    assert differences(one, tmp_path / "all.duckdb") == {}
    assert result.shared_count > 5


@pytest.mark.heavy
def test_parts_that_overlap_give_the_same_in_each_order(odd: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, paths = odd
    parts = [part(tmp_path / f"{n}.duckdb", paths[n : n + 6], paths[4 * n : 4 * n + 6]) for n in range(3)]
    for order in permutations(parts):
        merged(tmp_path / "all.duckdb", *order)
        assert differences(one, tmp_path / "all.duckdb") == {}, order
    for order in ((one, parts[1]), (parts[1], one)):
        merged(tmp_path / "all.duckdb", *order)
        assert differences(one, tmp_path / "all.duckdb") == {}, order


@pytest.mark.heavy
def test_a_merged_case_can_be_merged_and_loaded_into(odd: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, paths = odd
    parts = [part(tmp_path / f"{number}.duckdb", paths[number:12:3]) for number in range(3)]
    merged(tmp_path / "two.duckdb", parts[0], parts[2])
    merged(tmp_path / "all.duckdb", tmp_path / "two.duckdb", parts[1])
    with rf.open_case(tmp_path / "all.duckdb") as case:
        again = case.load(*paths)
        assert (again.unchanged_count, again.object_count) == (again.member_count + 12, len(paths))
    assert differences(one, tmp_path / "all.duckdb") == {}


@pytest.mark.heavy
def test_parts_with_other_filters_of_the_same_files_are_as_one_load_after_the_other(tmp_path: Path) -> None:
    accounts = [f"{number}" * 12 for number in (1, 2, 3)]
    events = [root_event(recipientAccountId=account) for account in accounts]
    write_log(tmp_path / "logs", "a.json", events)
    write_log(tmp_path / "logs", "b.json", [*events, event(recipientAccountId=accounts[0])])
    for number, filters in enumerate([rf.Filters(accounts=(one,)) for one in accounts[:2]]):
        part(tmp_path / f"{number}.duckdb", [tmp_path / "logs"], filters=filters)
        part(tmp_path / "one.duckdb", [tmp_path / "logs"], filters=filters)
    result = merged(tmp_path / "all.duckdb", tmp_path / "0.duckdb", tmp_path / "1.duckdb", filtered=True)
    assert differences(tmp_path / "one.duckdb", tmp_path / "all.duckdb") == {}
    assert (result.event_count, result.shared_count) == (3, 2)
    assert result.scopes == {"accounts 111111111111, or accounts 222222222222": 2}


@pytest.mark.heavy
def test_the_better_of_two_readings_stays_whatever_their_order(tmp_path: Path) -> None:
    """One part met a limit behind the last record, the other read the log to its end."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.json.gz").write_bytes(gz(records_file([event(), event()]) + b" " * 90_000))
    cut = part(tmp_path / "cut.duckdb", [tmp_path / "logs"], limits=rf.Limits(max_inflated_bytes=50_000))
    whole = part(tmp_path / "whole.duckdb", [tmp_path / "logs"])
    for parts in permutations((cut, whole)):
        merged(tmp_path / "all.duckdb", *parts)
        with rf.open_case(tmp_path / "all.duckdb") as case:
            (row,) = rows(case, "SELECT status, event_count, content_sha256 IS NOT NULL AS is_told FROM evidence")
        assert row == {"status": "loaded", "event_count": 2, "is_told": True}


def _descent(folder: Path) -> list[Path]:
    """Root makes a user in one file; in another, beside somebody who has to do with nobody, that user acts."""
    made = root_event(
        eventName="CreateUser", eventTime="2026-08-05T10:00:00Z", requestParameters={"userName": "helper"},
        responseElements={"user": {"userName": "helper", "arn": "arn:aws:iam::111122223333:user/helper"}},
        recipientAccountId="111122223333",
    )  # fmt: skip
    who = {"type": "IAMUser", "userName": "helper", "arn": "arn:aws:iam::111122223333:user/helper"}
    acts = event(eventTime="2026-08-05T11:00:00Z", recipientAccountId="111122223333", identity=who)
    return [write_log(folder, "a.json", [made]), write_log(folder, "b.json", [acts, event()])]


@pytest.mark.heavy
def test_parts_that_hold_what_is_related_to_root_say_what_was_not_searched(tmp_path: Path) -> None:
    paths, related = _descent(tmp_path / "logs"), rf.Filters(root_related=True)
    one = part(tmp_path / "one.duckdb", paths, filters=related)
    parts = [part(tmp_path / f"{path.stem}.duckdb", [path], filters=related) for path in paths]
    result = merged(tmp_path / "all.duckdb", *parts, filtered=True)
    assert (result.event_count, result.unsearched_count) == (1, 1)
    assert result.scopes == {"only what is related to root": 2}
    with rf.open_case(tmp_path / "all.duckdb") as case:
        assert case.load(*paths, filters=related).unsearched_count == 0
    assert differences(one, tmp_path / "all.duckdb") == {}


@pytest.mark.heavy
def test_a_part_that_holds_all_stands_beside_one_that_does_not(tmp_path: Path) -> None:
    paths, related = _descent(tmp_path / "logs"), rf.Filters(root_related=True)
    few = part(tmp_path / "few.duckdb", paths, filters=related)
    for all_of in ([paths[1]], paths):
        result = merged(tmp_path / "all.duckdb", few, part(tmp_path / f"{len(all_of)}.duckdb", all_of), filtered=True)
        assert result.event_count == 3
        assert result.scopes == ({"only what is related to root": 1, "all": 1} if len(all_of) == 1 else {})


@pytest.mark.heavy
def test_versions_of_an_object_stay_and_each_says_which_the_other_is(tmp_path: Path) -> None:
    """One part has two of them, under numbers that are others in the merged case, and another part a third."""
    kept, logs = event(), tmp_path / "logs"
    path = write_log(logs, "b.json", [kept, event()])
    one = part(tmp_path / "1.duckdb", [path, write_log(logs, "c.json", [event()])])
    write_log(logs, "b.json", [kept, event()])
    part(one, [path])
    write_log(logs, "b.json", [event(), kept])
    other = part(tmp_path / "2.duckdb", [write_log(logs, "a.json", [event()]), path])
    merged(tmp_path / "all.duckdb", one, other)
    with rf.open_case(tmp_path / "all.duckdb") as case:
        told = rows(case, "SELECT uri, event_count, duplicate_count, problem FROM evidence ORDER BY evidence_id")
    assert [(row["uri"][-6:], row["event_count"], row["duplicate_count"], row["problem"]) for row in told] == [
        ("a.json", 1, 0, None),
        ("b.json", 2, 0, None),
        ("b.json", 1, 1, "evidence 2 lay at the same place and has other bytes"),
        ("c.json", 1, 0, None),
        (
            "b.json",
            1,
            1,
            "changed since it was loaded as evidence 2; evidence 3 lay at the same place and has other bytes",
        ),
    ]


@pytest.mark.heavy
def test_readings_by_other_versions_of_this_package_both_stay(tmp_path: Path) -> None:
    path = write_log(tmp_path / "logs", "a.json", [event(), event()])
    one, other = part(tmp_path / "1.duckdb", [path]), tmp_path / "2.duckdb"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rf, "__version__", "0.0.1")
        part(other, [path])
    result = merged(tmp_path / "all.duckdb", one, other)
    assert (result.object_count, result.shared_count, result.event_count, result.duplicate_count) == (2, 0, 2, 2)


@pytest.mark.heavy
def test_a_kill_leaves_no_case_and_the_same_command_makes_it(odd: tuple[Path, list[Path]], tmp_path: Path) -> None:
    one, paths = odd
    parts = [part(tmp_path / f"{number}.duckdb", paths[number::2]) for number in range(2)]
    text = (
        "import os, signal, sys; import rootforensics as rf, rootforensics.ingest.merge as m;"
        "m.remove_duplicates = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL); rf.merge(sys.argv[1], sys.argv[2:])"
    )
    path = tmp_path / "all.duckdb"
    killed = subprocess.run([sys.executable, "-c", text, path, *parts], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    with pytest.raises(rf.CaseError, match="no load into this case has finished"):
        rf.open_case(path).query("evidence")
    rf.merge(path, parts)
    assert differences(one, path) == {}


def answered(path: Path) -> dict[str, list[str]]:
    """All that the product answers on a case: each question, findings, verdict, story and so on, as JSON."""
    with rf.open_case(path) as case:
        return {name: [json.dumps(dict(row), default=str) for row in told] for name, told in answers(case, None)}


@pytest.fixture(scope="module")
def sample_answers(sample_path: Path) -> dict[str, list[str]]:
    return answered(sample_path)


@pytest.mark.heavy
@pytest.mark.parametrize("place", [slice(0, 1), slice(2, 3), slice(3, 6)], ids=["by account", "by Region", "by day"])
@pytest.mark.quick(1)
def test_the_sample_in_parts_answers_as_the_sample(
    place: slice, sample_path: Path, sample_answers: dict[str, list[str]], tmp_path: Path
) -> None:
    """Each part has the last files of the part before it, too."""
    with rf.open_case(sample_path) as case:
        groups = in_groups(files_of(case), place)
    groups = [[*(groups[number - 1][-5:] if number else ()), *group] for number, group in enumerate(groups)]
    parts = [part(tmp_path / f"{number}.duckdb", group) for number, group in enumerate(groups)]
    assert len(parts) > 2
    for order in (parts, parts[::-1]):
        merged(tmp_path / "all.duckdb", *order)
        assert differences(sample_path, tmp_path / "all.duckdb") == {}
    assert answered(tmp_path / "all.duckdb") == sample_answers


@pytest.mark.heavy
def test_four_processes_at_once_load_what_is_merged(sample_path: Path, tmp_path: Path) -> None:
    with rf.open_case(sample_path) as case:
        paths = files_of(case)
    running = [
        subprocess.Popen([sys.executable, "-m", "rootforensics", "load", tmp_path / f"{n}.duckdb", *paths[n::4]])
        for n in range(4)
    ]
    assert [one.wait() for one in running] == [0] * 4
    merged(tmp_path / "all.duckdb", *(tmp_path / f"{n}.duckdb" for n in range(4)))
    assert differences(sample_path, tmp_path / "all.duckdb") == {}
    assert len(paths) == len({*SAMPLE_LOGS.rglob("*")} & {*paths})
