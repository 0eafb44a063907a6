"""SQL on an engine, which a stand-in for Athena plays: what is asked, what comes, what is told, and what is left there.

Questions of the catalogue need Trino: ``test_trino.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.extraction import asking
from rootforensics.extraction.asking import OnEngine
from rootforensics.extraction.extracting import open_engine
from tests.extraction.conftest import ATHENA, NOW, SINCE
from tests.extraction.logs import key_of, story

if TYPE_CHECKING:
    from tests.extraction.conftest import Serve

NAMES = "SELECT json_extract_scalar(record, '$.eventName') AS name, count(*) AS n FROM records GROUP BY 1 ORDER BY 2 DESC, 1"


def trail(**more: object) -> tuple[OnEngine, list[str]]:
    said: list[str] = []
    filters = rf.Filters(since=SINCE)
    return OnEngine("s3://logs/AWSLogs/", ATHENA, filters, say=said.append, now=NOW, **more), said  # type: ignore[arg-type]


def test_rows_come_in_their_order_with_their_types_page_by_page(serve: Serve) -> None:
    objects = story()
    api = serve(dict(objects))
    api.page_rows = 2
    asked, said = trail()
    result = asked.sql(NAMES)
    assert result.rows[0] == {"name": "DescribeInstances", "n": 3}
    assert [row["name"] for row in result.rows[1:]] == [
        "CreateAccessKey",
        "CreateUser",
        "ListBuckets",
        "ListUsers",
        "StopLogging",
    ]
    assert [str(one) for one in result.arrow().schema.types] == ["string", "int64"]
    assert api.objects == objects
    assert api.tables == {}
    assert asked.is_whole
    size = sum(len(body) for body in objects.values())
    assert (
        said[-2]
        == f"asked of Athena, 2026-08-20T12:00:00Z: s3://logs/AWSLogs/, 2026/08/01 to 2026/08/20; {size:,} bytes read, $0.00 by AWS's list"
    )
    assert said[-1].startswith("no case stands behind this answer")


def test_an_answer_is_cut_where_it_is_too_long_and_says_so(serve: Serve) -> None:
    serve(story()).page_rows = 3
    asked, said = trail(most_rows=2)
    assert len(asked.sql(NAMES)) == 2
    assert not asked.is_whole
    assert said[-1] == "there are more rows: the first 2 are here"
    assert len(trail(most_rows=5)[0].sql(NAMES)) == 5


def test_an_object_that_cannot_be_read_is_named_and_the_answer_is_not_whole(serve: Serve) -> None:
    damaged = key_of("2026/08/05", 7)
    serve(story() | {damaged: b"\x1f\x8b no gzip"})
    asked, said = trail()
    assert asked.sql(NAMES).rows[0]["n"] == 3
    assert not asked.is_whole
    assert any(damaged in one and "the answer lacks what lies there" in one for one in said)


@pytest.mark.heavy
def test_sql_that_reads_no_records_is_refused_before_anything_is_asked(serve: Serve) -> None:
    api = serve(story())
    with pytest.raises(rf.QueryError, match="it reads neither records nor events"):
        trail()[0].sql("SELECT 1")
    with pytest.raises(rf.QueryError, match="not known to be the same on an engine"):
        trail()[0].query("root_sessions")
    assert api.statements == []


def test_ctrl_c_cancels_the_query_and_drops_the_table(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []

    def stop(_: float) -> None:
        if len(api.stopped) < len(runs):
            raise KeyboardInterrupt

    objects = story()
    api = serve(dict(objects))
    api.hangs = ("WITH", "UNLOAD")
    monkeypatch.setattr("rootforensics.extraction.athena.sleep", stop)
    for run in (lambda: trail()[0].sql(NAMES), lambda: trail()[0].query("root_events")):
        runs.append(run)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert len(api.stopped) == 2
    assert api.tables == {}
    assert api.objects == objects


def test_rows_are_kept_as_a_table_that_is_dropped_with_its_files(serve: Serve) -> None:
    objects = story()
    api = serve(dict(objects))
    asked, _ = trail()
    with asked._table() as (engine, table):
        records = asked._records(table, "true", ())
        with engine.kept(records, "mine", {"object": "string"}) as scanned:
            (row,) = engine.ask(f"WITH a AS (SELECT 1)\nSELECT count(*) AS n FROM {engine.qualified('mine')}", 5).rows
            assert row == ["8"]
            assert scanned == sum(len(body) for body in objects.values())
    assert api.tables == {}
    assert api.objects == objects


def test_a_plan_asks_nothing_and_has_what_would_be_asked(serve: Serve) -> None:
    api = serve(story())
    asked, _ = trail()
    plan = asked.plan(NAMES)
    assert plan.object_count == 4
    assert plan.statements[0].endswith(NAMES)
    assert [statement.split()[0] for statement in asked.plan(name="root_signins").statements] == [
        "SELECT",
        "WITH",
        "WITH",
    ]
    assert api.statements == []


@pytest.mark.parametrize(
    ("value", "kind", "at_home"),
    [
        (None, "BIGINT", None),
        ("12", "BIGINT", 12),
        ("1.5", "DOUBLE", 1.5),
        ("true", "BOOLEAN", True),
        (False, "BOOLEAN", False),
        ([1, "ü"], "VARCHAR", '[1, "ü"]'),
        ("2026-08-05 01:34:26.000 UTC", "TIMESTAMP WITH TIME ZONE", SINCE.replace(day=5, hour=1, minute=34, second=26)),
    ],
)
def test_values_of_engines_have_the_types_of_columns(value: object, kind: str, at_home: object) -> None:
    assert asking._value(value, kind) == at_home


def test_the_engine_opens_with_its_options(serve: Serve) -> None:
    serve({})
    with open_engine(ATHENA, None) as (engine, _):
        assert (engine.name, engine.price) == ("Athena", 5.0)
