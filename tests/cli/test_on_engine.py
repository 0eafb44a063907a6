"""``sql`` and ``query`` with ``--engine``: a trail in the place of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.test_commands import run
from tests.extraction.conftest import serving
from tests.extraction.logs import story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stand_ins.athena import AthenaApi

TRAIL = "s3://logs/AWSLogs/"
ENGINE = ("--engine", "athena", "--results", "s3://logs/results/", "--since", "2026-08-01", "--until", "2026-08-20")


@pytest.fixture
def api() -> Iterator[AthenaApi]:
    with serving() as serve:
        yield serve(story())


def test_sql_of_ones_own_is_answered_by_the_engine_and_told_whom_it_was_asked_of(api: AthenaApi) -> None:
    told = run("sql", TRAIL, "SELECT count(*) AS n FROM records", *ENGINE, "--format", "csv")
    assert (told.returncode, told.stdout) == (0, "n\n8\n")
    assert "asked of Athena, " in told.stderr
    assert ": s3://logs/AWSLogs/, 2026/08/01 to 2026/08/21; " in told.stderr
    assert "no case stands behind this answer" in told.stderr
    cut = run("sql", TRAIL, "SELECT object FROM records", *ENGINE, "--most-rows", "2")
    assert cut.returncode == 3
    assert "there are more rows: the first 2 are here" in cut.stderr
    assert api.tables == {}


def test_a_dry_run_prints_the_statements_and_the_price(api: AthenaApi) -> None:
    told = run("query", TRAIL, "root-signins", *ENGINE, "--dry-run")
    assert told.returncode == 0
    assert "GROUP BY record" in told.stdout
    assert "root_signins AS (" in told.stdout
    assert "the first scan reads 4 objects" in told.stderr
    assert "once for each time" in run("sql", TRAIL, "SELECT 1 FROM records", *ENGINE, "--dry-run").stderr
    assert api.statements == []


@pytest.mark.heavy
def test_what_is_not_known_to_be_the_same_is_refused_in_one_line(api: AthenaApi) -> None:
    told = run("query", TRAIL, "root-sessions", *ENGINE)
    assert told.returncode == 1
    assert "not known to be the same on an engine: it reads root_session_events. Extract and ask at home" in told.stderr
    assert run("sql", TRAIL, "SELECT 1 FROM records", *ENGINE, "--param", "a=b").returncode == 2
    assert api.statements == []


def test_without_an_engine_its_options_are_none(api: AthenaApi) -> None:
    for name, *words in (("sql", "SELECT 1", "--since", "2026-08-01"), ("sql", "SELECT 1", "--server", "x")):
        told = run(name, __file__, *words)
        assert (told.returncode, "need --engine" in told.stderr) == (2, True)
    assert "the case file does not exist" in run("sql", TRAIL, "SELECT 1").stderr
    assert "--most-rows" in run("query", TRAIL, "root-events", "--engine", "athena", "--help").stdout
    assert "--most-rows" not in run("query", __file__, "root-events", "--help").stdout
    assert api.statements == []
