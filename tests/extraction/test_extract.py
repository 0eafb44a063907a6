"""An extraction by Athena, which a stand-in plays: what comes home, what it costs, and how it goes on after failures."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import rootforensics as rf
from tests.builders import ACCOUNT, root_event
from tests.extraction.conftest import ATHENA, NOW, SINCE, serving
from tests.extraction.logs import key_of, log_of, story
from tests.ingest.checks import rows
from tests.stand_ins.athena import AthenaApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.extraction.conftest import Serve

SOURCE = "s3://logs/AWSLogs/"
FILTERS = rf.Filters(since=SINCE)
#: What an event says, apart from where it lay.
_EVENTS = "SELECT * EXCLUDE (otherFields, evidence_id, record_index, record_problem) FROM events ORDER BY eventID"


def extract(folder: Path, **options: Any) -> tuple[rf.Case, rf.ExtractResult]:
    case = rf.open_case(folder / "out" / "case.duckdb")
    options = {"source": SOURCE, "engine": ATHENA, "filters": FILTERS, "now": NOW, "days_at_once": 10} | options
    return case, case.extract(**options)


def written(folder: Path, objects: dict[str, bytes]) -> Path:
    """The same objects as files in a folder."""
    for key, body in objects.items():
        if key.startswith("AWSLogs/"):
            (folder / "local" / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / "local" / key).write_bytes(body)
    return folder / "local"


def loaded(folder: Path, objects: dict[str, bytes]) -> rf.Case:
    """The same objects as files, loaded with ``root_related``."""
    case = rf.open_case(folder / "local.duckdb")
    case.load(written(folder, objects), filters=replace(FILTERS, root_related=True))
    return case


def unloads(api: AthenaApi) -> int:
    return sum(statement.startswith("UNLOAD") for statement in api.statements)


class Home(NamedTuple):
    """An extraction of the story that was made and asked again."""

    api: AthenaApi
    objects: dict[str, bytes]
    case: rf.Case
    first: rf.ExtractResult
    asked: int
    again: rf.ExtractResult
    local: rf.Case


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder, objects = tmp_path_factory.mktemp("home"), story()
    with serving() as serve:
        api = serve(dict(objects))
        _, first = extract(folder)
        asked = unloads(api)
        case, again = extract(folder)
        yield Home(api, objects, case, first, asked, again, loaded(folder, objects))


def test_what_comes_home_is_what_a_load_of_the_logs_takes(home: Home) -> None:
    assert rows(home.case, _EVENTS) == rows(home.local, _EVENTS)
    assert len(rows(home.case, _EVENTS)) == 5
    places = rows(home.case, "SELECT DISTINCT otherFields->>'$.object' AS place FROM events ORDER BY 1")
    wanted = [f"s3://logs/{key}" for key in sorted(home.objects) if "eu-west-1" not in key]
    assert [row["place"] for row in places] == wanted
    assert (home.first.record_count, home.first.name_count, home.first.left_out) == (5, 2, [])


def test_nothing_is_left_of_what_athena_wrote(home: Home) -> None:
    assert home.api.tables == {}
    assert home.api.objects == home.objects


@pytest.mark.heavy
def test_many_small_files_of_the_engine_are_one_at_home(serve: Serve, tmp_path: Path) -> None:
    serve(story()).file_rows = 1
    extract(tmp_path, days_at_once=30)
    held = sorted(path.relative_to(tmp_path / "out" / "slices").as_posix() for path in tmp_path.glob("out/slices/*/*"))
    names = (
        "first-0000-2026-08-01-2026-08-20",
        "counts-0000-2026-08-01-2026-08-20",
        "second-0000-2026-08-04-2026-08-20",
    )
    assert held == sorted(f"{name}/{file}" for name in names for file in ("00000.parquet", "slice.json"))


def test_a_case_says_what_it_was_extracted_from_and_with_which_scope(home: Home) -> None:
    told = "from 2026-08-01T00:00:00Z; only what is related to root; extracted by Athena from s3://logs/AWSLogs/"
    coverage = home.case.analysis().coverage
    assert coverage.scope.filters == (told,)
    assert not coverage.scope.is_whole
    (act, _) = [row for row in home.case.query("custody").rows if row["command"] == "extract"]
    known = json.loads(act["parameters"])
    assert (known["engine"], known["source"], known["days"]) == ("Athena", SOURCE, ["2026/08/01", "2026/08/20"])
    assert [one.partition(":")[0] for one in known["scans"]] == [
        "first-0000-2026-08-01-2026-08-10",
        "first-0001-2026-08-11-2026-08-20",
        "counts-0000-2026-08-01-2026-08-10",
        "counts-0001-2026-08-11-2026-08-20",
        "second-0000-2026-08-04-2026-08-13",
        "second-0001-2026-08-14-2026-08-20",
    ]
    assert home.case.verify_custody().problems == ()


def answers(case: rf.Case) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = case.analysis().verdict_of(ACCOUNT).answers
    return {one.asked.text: (one.answer, tuple(one.missing)) for one in found}


def test_it_answers_as_a_load_of_the_logs_and_knows_what_they_cover(home: Home) -> None:
    assert answers(home.case) == answers(home.local)
    assert {"yes", "unknown"} <= {answer for answer, _ in answers(home.case).values()}
    for name in ("coverage", "coverage_by_hour", "events_by_hour", "region_silences", "account_actors"):
        assert rows_of(home.case, name) == rows_of(home.local, name), name
    (row,) = [row for row in rows_of(home.case, "coverage") if row["awsRegion"] == "eu-west-1"]
    assert (row["event_count"], row["root_count"]) == (1, 0)
    assert home.case.analysis().coverage.scope.knows_regions_of(ACCOUNT)


def rows_of(case: rf.Case, name: str) -> list[dict[str, Any]]:
    return list(case.query(name).rows)


@pytest.mark.heavy
def test_without_counts_an_hour_of_which_the_engine_left_events_behind_is_not_known(
    tmp_path: Path, serve: Serve
) -> None:
    serve(story())
    case, _ = extract(tmp_path, counts=False)
    found = case.query("coverage_by_hour").rows
    states = {row["hour_time"]: row["state"] for row in found if row["region"] == "us-east-1"}
    hours = {datetime(2026, 8, day, 10, tzinfo=UTC) for day in (5, 12, 18)}
    assert {hour for hour, state in states.items() if state == "incomplete"} == hours
    assert {*states.values()} == {"incomplete", "unproven"}
    # What the engine left behind may be of any Region; the folders of the logs tell of which.
    assert not case.analysis().coverage.scope.knows_regions_of(ACCOUNT)
    assert any(
        "the events that the load filtered out" in one for _, missing in answers(case).values() for one in missing
    )


def test_the_bytes_are_those_of_the_days_that_were_read_and_the_price_is_theirs(home: Home) -> None:
    size = sum(map(len, home.objects.values()))  # root's first act is on the first day with logs
    assert (home.first.scanned_bytes, home.first.new_scanned_bytes) == (3 * size, 3 * size)
    assert home.first.dollars == pytest.approx(3 * size / 1e12 * 5)


def test_finished_slices_are_not_asked_for_again(home: Home) -> None:
    assert (home.first.slice_count, home.first.new_slice_count, home.asked) == (6, 6, 6)
    assert (home.again.slice_count, home.again.new_slice_count, unloads(home.api)) == (6, 0, 6)
    assert home.again.record_count == home.first.record_count
    assert (home.again.scanned_bytes, home.again.new_scanned_bytes) == (home.first.scanned_bytes, 0)


@pytest.mark.heavy
def test_originals_make_it_the_case_of_a_load_but_for_one_that_is_gone(tmp_path: Path, serve: Serve) -> None:
    objects = story()
    api = serve(dict(objects))
    gone = key_of("2026/08/18")

    def take_away(told: str) -> None:
        if told.startswith("counts scan, 2026-08-11"):
            del api.objects[gone]

    case, result = extract(tmp_path, originals=True, say=take_away)
    assert (result.original_count, result.missing_originals) == (3, [f"s3://logs/{gone}"])
    local = loaded(tmp_path, objects)
    assert rows(case, _EVENTS) == rows(local, _EVENTS)
    held = rows(case, "SELECT uri, sha256, count(*) AS n FROM events JOIN evidence USING (evidence_id) GROUP BY ALL")
    of_s3 = {row["uri"]: row["sha256"] for row in held if row["uri"].startswith("s3://")}
    kept = [key for key in objects if "us-east-1" in key and key != gone]
    assert of_s3 == {f"s3://logs/{key}": hashlib.sha256(objects[key]).hexdigest() for key in kept}
    assert [row["n"] for row in held if not row["uri"].startswith("s3://")] == [1]
    assert rows_of(case, "coverage") == rows_of(local, "coverage")
    (row,) = rows(case, "SELECT eventID FROM events WHERE eventName = 'StopLogging'")
    assert case.raw(row["eventID"]) in gzip.decompress(objects[key_of("2026/08/12")])
    api.objects[gone] = objects[gone]
    case, result = extract(tmp_path, originals=True)
    assert result.missing_originals == []


@pytest.mark.heavy
def test_logs_in_which_nothing_is_root_s_make_a_case_that_is_empty_and_says_so(tmp_path: Path, serve: Serve) -> None:
    serve({key_of("2026/08/05"): story()[key_of("2026/08/05", 1, "eu-west-1")]})
    case, result = extract(tmp_path)
    assert (result.record_count, result.name_count) == (0, 0)
    assert rows(case, _EVENTS) == []
    assert "extracted by Athena" in case.analysis().coverage.scope.filters[0]


def test_a_table_that_is_there_is_used_and_stays(tmp_path: Path, serve: Serve, without_case: dict[str, Any]) -> None:
    api = serve(story())
    extract(tmp_path, keep_table=True, **without_case)
    (table,) = api.tables
    _, result = extract(tmp_path / "other", source=table.replace('"', ""), is_table=True, **without_case)
    assert list(api.tables) == [table]
    assert result.record_count == 4
    with pytest.raises(rf.SourceError, match="Athena ended the query: TABLE_NOT_FOUND"):
        extract(tmp_path / "none", source="default.nothing", is_table=True, **without_case)


def test_accounts_and_regions_of_the_filters_are_all_that_is_read(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    other = key_of("2026/08/05", account="444455556666")
    api = serve({**story(), other: b"never read"})
    _, result = extract(
        tmp_path, filters=replace(FILTERS, accounts=("111122223333",), regions=("eu-west-1",)), **without_case
    )
    assert (result.record_count, result.left_out) == (0, [])
    assert "'projection.account.values' = '111122223333'" in api.statements[0]
    assert "'projection.region.values' = 'eu-west-1'" in api.statements[0]


def test_a_trail_of_an_organization_is_found_and_two_trails_are_told_apart(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    of_one = {key_of("2026/08/05", root="AWSLogs/o-exampleorg1"): story()[key_of("2026/08/05")]}
    serve(of_one)
    _, result = extract(tmp_path, **without_case)
    assert result.record_count == 2
    serve(of_one | story())
    with pytest.raises(rf.SourceError, match="several trails lie there"):
        extract(tmp_path / "other", **without_case)
    _, result = extract(tmp_path / "named", source="s3://logs/AWSLogs/o-exampleorg1/", **without_case)
    assert result.record_count == 2


def test_new_logs_of_today_are_found_by_the_same_call(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    moment = datetime.now(UTC)
    day = f"{moment:%Y/%m/%d}"
    api = serve({key_of(day): log_of(root_event(eventTime=f"{moment:%Y-%m-%dT%H:%M:%SZ}"))})
    options: dict[str, Any] = {"filters": rf.Filters(since=moment.replace(hour=0, minute=0, second=0)), "now": moment}
    _, result = extract(tmp_path, **options, **without_case)
    assert result.record_count == 1
    api.objects[key_of(day, 1)] = log_of(root_event(eventTime=f"{moment:%Y-%m-%dT%H:%M:%SZ}"))
    _, result = extract(tmp_path, **options, **without_case)
    assert result.record_count == 2


@pytest.mark.heavy
def test_what_was_loaded_is_not_written_again_and_no_counts_are_lost(tmp_path: Path, serve: Serve) -> None:
    moment = datetime.now(UTC)
    day, filters = f"{moment:%Y/%m/%d}", rf.Filters(since=moment.replace(hour=0, minute=0, second=0))
    api = serve({key_of(day): log_of(first := root_event(eventTime=f"{moment:%Y-%m-%dT%H:%M:%SZ}"))})
    extract(tmp_path, filters=filters, now=moment)
    api.objects[key_of(day, 1)] = log_of(second := root_event(eventTime=f"{moment:%Y-%m-%dT%H:%M:%SZ}"))
    case, _ = extract(tmp_path, filters=filters, now=moment)
    for record in (first, second):
        assert record["eventID"].encode() in case.raw(record["eventID"])
    assert rows(case, "SELECT * FROM evidence_problems") == []
    counted = rows(case, "SELECT * FROM recorded_calls")
    for narrower in (replace(filters, accounts=(ACCOUNT,)), replace(filters, until=moment + timedelta(minutes=1))):
        with pytest.raises(rf.FilterError, match="extracted before with what is not asked for now"):
            extract(tmp_path, filters=narrower, now=moment)
    assert rows(case, "SELECT * FROM recorded_calls") == counted
    extract(tmp_path, filters=replace(filters, since=filters.since and filters.since - timedelta(days=1)), now=moment)
