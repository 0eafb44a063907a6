"""What of the catalogue is carried to an engine, and what is refused; ``test_trino.py`` holds the rows against a case's."""

from __future__ import annotations

import pytest

from rootforensics.errors import QueryError
from rootforensics.extraction.carrying import _carried, _parsed, _UnknownError, carried, plain_questions, with_relations

#: The questions that read root's events and nothing else of a case, by hand.
PLAIN = {
    *("root_events", "root_activity", "root_noise", "root_signins", "root_summary", "root_errors", "root_writes"),
    *("root_by_ip", "root_by_user_agent", "root_api_calls", "noise_by_service"),
}


@pytest.mark.heavy
def test_the_questions_that_stand_on_records_of_root_alone_are_carried() -> None:
    assert set(plain_questions()) == PLAIN


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "why"), [("root-sessions", "it reads root_session_events"), ("identities", "it reads actions")]
)
def test_another_is_refused_with_the_way_to_ask_it_at_home(name: str, why: str) -> None:
    with pytest.raises(QueryError, match=f"not known to be the same on an engine: {why}") as refused:
        carried(name, {}, "t")
    assert "rootforensics extract" in refused.value.hint
    assert "root-signins" in refused.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        # Each is valid or nearly so in Trino, with other rows or with an error that names nothing.
        "SELECT a FROM t SEMI JOIN u USING (id)",
        "SELECT a FROM t ANTI JOIN u USING (id)",
        "SELECT a FROM t ANTI JOIN u ON t.id = u.id",
        "SELECT a FROM t JOIN u USING (id)",
        "SELECT a FROM t ASOF JOIN u ON t.id >= u.id",
        "SELECT a FROM t FULL JOIN u ON t.id = u.id",
        "SELECT a FROM t POSITIONAL JOIN u",
        "SELECT * EXCLUDE (a) FROM t",
        "SELECT * REPLACE (1 AS a) FROM t",
        "SELECT COLUMNS('a') FROM t",
        "SELECT DISTINCT ON (a) a FROM t",
        "SELECT a FROM t QUALIFY count(*) OVER () = 1",
        "SELECT a FROM t GROUP BY ALL",
        "SELECT a FROM t LIMIT 3",
        "SELECT a FROM t USING SAMPLE 10%",
        "SELECT a FROM t UNION BY NAME SELECT b FROM u",
        "WITH x AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM x",
        "WITH RECURSIVE x AS (SELECT 1 AS a) SELECT a FROM x",
        "PIVOT t ON a",
        "SELECT unnest(a) FROM t",
        "SELECT a[1] FROM t",
        "SELECT a->'$.b' FROM t",
        "SELECT a->>'$[0]' FROM t",
        "SELECT 7 / 2",
        "SELECT 7 // 2",
        "SELECT round(a) FROM t",
        "SELECT hash(a) FROM t",
        "SELECT a::DATE FROM t",
        "SELECT CAST(a + 1 AS VARCHAR) FROM t",
        "SELECT TRY_CAST(a AS INTEGER) FROM t",
        "SELECT regexp_matches(a, 'x', 'i') FROM t",
        "SELECT a ILIKE 'x' FROM t",
        "SELECT trim(a, 'x') FROM t",
        "SELECT string_agg(a) FROM t",
        "SELECT arg_max(a, b) FROM t",
        "SELECT min_by(a, b, 3) FROM t",
        "SELECT max(a, 3) FROM t",
        "SELECT list_distinct(a) FROM t",
    ],
)
def test_what_is_in_no_list_is_refused(sql: str) -> None:
    with pytest.raises(_UnknownError):
        _carried(_parsed(sql, {}))


def test_a_value_is_a_literal_whatever_it_holds() -> None:
    text = carried("root_summary", {"account_id": "'; DROP TABLE x; --"}, "t")
    assert "account_id = '''; DROP TABLE x; --'" in text


def test_a_query_stays_as_it_is_behind_our_relations() -> None:
    ours = ["a AS (SELECT 1)"]
    assert with_relations(ours, " SELECT 'WITH; '  FROM a ; ") == "WITH a AS (SELECT 1)\nSELECT 'WITH; '  FROM a"
    own = "-- with\n/* x */ with b AS (SELECT 2) SELECT * FROM a, b"
    assert with_relations(ours, own) == "WITH a AS (SELECT 1),\nb AS (SELECT 2) SELECT * FROM a, b"
    recursive = "WITH RECURSIVE b(n) AS (SELECT 1) SELECT * FROM b"
    assert with_relations(ours, recursive).startswith("WITH RECURSIVE a AS (SELECT 1),\nb(n) AS")
    # Whatever is no query does not read behind a WITH.
    assert with_relations(ours, "DROP TABLE x") == "WITH a AS (SELECT 1)\nDROP TABLE x"
    assert with_relations(ours, "WITHOUT") == "WITH a AS (SELECT 1)\nWITHOUT"
