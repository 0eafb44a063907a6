"""What ends an extraction, and what is there afterwards: nothing is left behind, and the same call goes on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import ACCOUNT
from tests.extraction.logs import key_of, story
from tests.extraction.test_extract import FILTERS, extract, unloads
from tests.ingest.checks import rows
from tests.stand_ins.athena import FailedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extraction.conftest import Serve


def test_a_query_that_fails_in_the_middle_leaves_what_was_finished_and_the_same_call_goes_on(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    api = serve(story())

    def fails(statement: str) -> None:
        if "2026/08/11" in statement and statement.startswith("UNLOAD"):
            raise FailedError("EXCEEDED_TIME_LIMIT: Query exceeded the limit of 30 minutes")

    api.before = fails
    with pytest.raises(rf.SourceError, match="Athena ended the query: EXCEEDED_TIME_LIMIT"):
        extract(tmp_path, **without_case)
    assert (api.tables, unloads(api)) == ({}, 2)
    api.before = lambda _: None
    _, result = extract(tmp_path, **without_case)
    assert (result.slice_count, result.new_slice_count, unloads(api)) == (2, 1, 3)
    assert result.record_count == 4


@pytest.mark.parametrize(("hangs", "number"), [("CREATE EXTERNAL TABLE", 0), ("UNLOAD", 1)])
def test_ctrl_c_stops_the_query_and_leaves_nothing_there(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, hangs: str, number: int
) -> None:
    api = serve(story())
    api.hangs = (hangs,)
    pressed: list[float] = []

    def sleep(seconds: float) -> None:
        pressed.append(seconds)
        if len(pressed) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("rootforensics.extraction.athena.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        extract(tmp_path)
    assert api.stopped == [f"query-{number}"]
    assert api.tables == {}
    assert not [key for key in api.objects if key.startswith("results/")]


def test_a_table_that_cannot_be_dropped_is_named_and_does_not_hide_why_the_query_failed(
    tmp_path: Path, serve: Serve
) -> None:
    api = serve(story())
    said: list[str] = []

    def fails(statement: str) -> None:
        if not statement.startswith("CREATE"):
            raise FailedError("EXCEEDED_TIME_LIMIT" if statement.startswith("UNLOAD") else "no right to drop")

    api.before = fails
    with pytest.raises(rf.SourceError, match="EXCEEDED_TIME_LIMIT"):
        extract(tmp_path, say=said.append)
    (table,) = api.tables
    assert said[-1] == f"the table {table} may be there still: Athena ended the query: no right to drop"


@pytest.mark.parametrize("enforced", ["", "team/"])
def test_what_cannot_be_deleted_is_named_at_the_end_and_costs_nothing_that_was_done(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any], enforced: str
) -> None:
    """Few may delete in the place that a workgroup enforces."""
    api = serve(story())
    api.enforced, api.undeletable = enforced, "AccessDenied"
    said: list[str] = []
    _, result = extract(tmp_path, days_at_once=30, say=said.append, **without_case)
    assert (result.slice_count, api.tables) == (1, {})
    assert re.search(rf"s3://logs/{enforced or 'results/rootforensics-'}.*cannot be deleted: AccessDenied", said[-1])
    assert extract(tmp_path, days_at_once=30, **without_case)[1].new_slice_count == 0


def test_a_query_that_cannot_be_canceled_is_named(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = serve(story())
    api.hangs = ("UNLOAD",)

    def sleep(_: float) -> None:
        api.refusal = "AccessDeniedException"
        raise KeyboardInterrupt

    monkeypatch.setattr("rootforensics.extraction.athena.sleep", sleep)
    with pytest.raises(rf.SourceError, match=r"the query query-1 cannot be canceled and runs on: .*access denied"):
        extract(tmp_path)


def test_a_table_that_cannot_be_dropped_at_the_end_costs_nothing_that_was_done(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    api = serve(story())
    said: list[str] = []

    def fails(statement: str) -> None:
        if statement.startswith("DROP"):
            raise FailedError("no right to drop")

    api.before = fails
    _, result = extract(tmp_path, source="s3://logs/AWSLogs", say=said.append, **without_case)
    (table,) = api.tables
    assert said[-1] == f"the table {table} may be there still: Athena ended the query: no right to drop"
    assert result.slice_count == 2
    assert extract(tmp_path, **without_case)[1].new_slice_count == 0  # with and without the last slash


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("names", "absent"),
    [
        ({"accounts": (ACCOUNT, "999999999999")}, "999999999999"),
        ({"regions": ("us-east-1", "eu-north-1")}, "eu-north-1"),
    ],
    ids=["account", "Region"],
)
def test_what_was_asked_for_and_has_no_folder_is_named(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any], names: dict[str, Any], absent: str
) -> None:
    serve(story())
    said: list[str] = []
    extract(tmp_path, filters=replace(FILTERS, **names), say=said.append, **without_case)
    assert f"no folder is there of {absent}" in said
    with pytest.raises(rf.SourceError, match="there is no folder of an account that was asked for"):
        extract(tmp_path, filters=replace(FILTERS, accounts=("999999999999",)), **without_case)


def test_what_a_workgroup_has_written_elsewhere_is_taken_away_too(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    objects = story() | {"team/of-others.csv": b"1"}
    api = serve(dict(objects))
    api.enforced = "team/"
    extract(tmp_path, **without_case)
    assert api.objects == objects


@pytest.mark.heavy
def test_a_damaged_object_is_left_out_of_the_query_and_loaded_from_where_it_lies(tmp_path: Path, serve: Serve) -> None:
    objects = story()
    damaged = key_of("2026/08/05")
    objects[damaged] = objects[damaged][:-20]  # what is left of it holds the key that root made
    api = serve(dict(objects))
    said: list[str] = []
    case, result = extract(tmp_path, say=said.append)
    assert result.left_out == [f"s3://logs/{damaged}"]
    assert any("the engine cannot read it" in one and damaged in one for one in said)
    assert result.name_count == 2
    assert rows(case, "SELECT eventName FROM events WHERE userIdentity.userName = 'eve'") == [
        {"eventName": "ListBuckets"}
    ]
    (row,) = rows(case, "SELECT uri, status FROM evidence WHERE uri LIKE 's3://%'")
    assert row == {"uri": f"s3://logs/{damaged}", "status": "damaged"}
    asked = unloads(api)
    extract(tmp_path)
    assert unloads(api) == asked


@pytest.mark.heavy
def test_what_neither_the_engine_nor_this_machine_can_read_is_an_object_that_nobody_has_read(
    tmp_path: Path, serve: Serve
) -> None:
    damaged = key_of("2026/08/05")
    objects = story()
    api = serve(objects | {damaged: objects[damaged][:-20]})
    api.place = "hdfs://namenode"
    case, result = extract(tmp_path)
    assert result.not_loaded == [f"hdfs://namenode/{damaged}"]
    (row,) = rows(case, "SELECT uri, status, problem, account_id, sha256 FROM evidence WHERE status = 'unreadable'")
    assert row == {
        "uri": f"hdfs://namenode/{damaged}",
        "status": "unreadable",
        "problem": "it lies where nothing can be read from here",
        "account_id": ACCOUNT,
        "sha256": None,
    }
    hours = rows(
        case,
        "SELECT state FROM coverage_spans WHERE from_time <= '2026-08-05 10:00:00+00' AND until_time > '2026-08-05 10:00:00+00' AND region = 'us-east-1'",
    )
    assert [row["state"] for row in hours] == ["incomplete"]


def test_every_object_damaged_ends_after_so_many_with_the_last_ones_name(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.extraction.run.MOST_LEFT_OUT", 2)
    api = serve({key_of("2026/08/05", number): b"no gzip" for number in range(4)})
    with pytest.raises(rf.SourceError, match=r"0002\.json\.gz: the engine cannot read it"):
        extract(tmp_path)
    assert (unloads(api), api.tables) == (3, {})


@pytest.mark.heavy
def test_throttled_requests_are_made_again(tmp_path: Path, serve: Serve, without_case: dict[str, Any]) -> None:
    api = serve(story())
    api.throttles = 2
    _, result = extract(tmp_path, **without_case)
    assert result.record_count == 4


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDeniedException", "access denied"),
        ("ExpiredTokenException", "the credentials have expired"),
        ("InvalidRequestException", r"refused \(InvalidRequestException: refused by the test\)"),
    ],
)
def test_what_athena_refuses_is_one_clear_line(tmp_path: Path, serve: Serve, code: str, said: str) -> None:
    api = serve(story())
    api.refusal = code
    with pytest.raises(rf.SourceError, match=said):
        extract(tmp_path)


def test_what_cannot_be_begun_says_what_is_missing(tmp_path: Path, serve: Serve) -> None:
    serve(story())
    with pytest.raises(rf.FilterError, match="from when on"):
        extract(tmp_path, filters=rf.Filters())
    with pytest.raises(rf.SourceError, match="there is no folder of an account"):
        extract(tmp_path, source="s3://logs/elsewhere/")
    with pytest.raises(rf.SourceError, match="no place was named for what Athena writes"):
        extract(tmp_path, engine=rf.EngineOptions("athena"))
    with pytest.raises(rf.SourceError, match="no server of Trino was named"):
        extract(tmp_path, engine=rf.EngineOptions("trino"))
    with pytest.raises(rf.SourceError, match="this is no name of a table"):
        extract(tmp_path, source="trail; DROP", is_table=True)


def test_a_slice_that_was_killed_before_its_end_is_asked_for_again(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    api = serve(story())
    extract(tmp_path, **without_case)
    folder = tmp_path / "out" / "slices" / "first-0000-2026-08-01-2026-08-10"
    (folder / "slice.json").write_bytes(b'{"sql_sha256":')
    (folder / "left.parquet").write_bytes(b"of the killed one")
    _, result = extract(tmp_path, **without_case)
    assert (result.new_slice_count, unloads(api)) == (1, 3)
    assert not (folder / "left.parquet").exists()
    assert result.record_count == 4
