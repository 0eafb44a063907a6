"""Several extractions, one that was stopped, and one beside a load: each is counted and searched by itself, or not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import rootforensics as rf
from tests.builders import event
from tests.extraction.conftest import SINCE
from tests.extraction.logs import key_of, log_of, story
from tests.extraction.test_extract import FILTERS, extract, rows_of, written
from tests.ingest.checks import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extraction.conftest import Serve

_BY_HOUR: Final = ("coverage", "coverage_by_hour", "events_by_hour", "region_silences")
FIRST: Final = SINCE.replace(day=5)
_BY_CALL: Final = ("events_by_service", "events_by_category")


def _whole(folder: Path, objects: dict[str, bytes]) -> rf.Case:
    case = rf.open_case(folder / "whole.duckdb")
    case.load(written(folder, objects))
    return case


@pytest.mark.heavy
@pytest.mark.parametrize("days", [(1, 12, 12, 31), (1, 12, 1, 31)], ids=["side by side", "overlapping"])
@pytest.mark.quick(1)
def test_two_extractions_tell_the_hours_of_a_load_of_all(tmp_path: Path, serve: Serve, days: tuple[int, ...]) -> None:
    objects = story()
    serve(dict(objects))
    parts = []
    for number, (first, last) in enumerate((days[:2], days[2:])):
        filters = replace(FILTERS, since=SINCE.replace(day=first), until=SINCE.replace(day=last))
        parts.append(extract(tmp_path / str(number), filters=filters)[0])
        parts[-1].close()
    rf.merge(tmp_path / "both.duckdb", [part.path for part in parts])
    case = rf.open_case(tmp_path / "both.duckdb")
    whole = _whole(tmp_path, objects)
    is_told = days[1] == days[2]
    # The second of the parts side by side was not searched for the user that root made before it.
    assert (len(rows(case, "SELECT * FROM unsearched_evidence")) > 0) == is_told
    for name in _BY_HOUR:
        told, wanted = rows_of(case, name), rows_of(whole, name)
        if not is_told and name in ("coverage", "events_by_hour"):  # of 5 August both parts tell
            wanted = [{**row, "event_count": None} if row.get("hour_time", FIRST).day == 5 else row for row in wanted]
        differs = [one for one, other in zip(told, wanted, strict=True) if one != other]
        assert [row["state"] for row in differs] == ["incomplete"] * 2 * (is_told and name == "coverage_by_hour"), name
    for name in _BY_CALL:
        told, wanted = rows_of(case, name), rows_of(whole, name)
        assert len(told) == len(wanted)
        assert [row["event_count"] for row in told] == [row["event_count"] if is_told else None for row in wanted]


@pytest.mark.heavy
def test_a_load_of_all_beside_an_extraction_adds_no_hours(tmp_path: Path, serve: Serve) -> None:
    objects = story()
    serve(dict(objects))
    case, _ = extract(tmp_path)
    whole = _whole(tmp_path, objects)
    case.load(tmp_path / "local")
    assert rows_of(case, "coverage") == [{**row, "event_count": None} for row in rows_of(whole, "coverage")]
    wanted = rows_of(whole, "events_by_hour")
    assert rows_of(case, "events_by_hour") == [*({**row, "event_count": None} for row in wanted[:2]), *wanted[2:]]
    case.triage(tmp_path / "triage")
    page = (tmp_path / "triage" / "report.html").read_text(encoding="utf-8")
    assert "for 2 hours only root" in page
    assert "left out: 0" not in page
    assert {row["event_count"] for name in _BY_CALL for row in rows_of(case, name)} == {None}
    assert rows(case, "SELECT DISTINCT event_count FROM left_out_calls") == [{"event_count": None}]


@pytest.mark.heavy
def test_an_extraction_that_was_stopped_is_neither_counted_nor_searched_also_beside_one_that_was_not(
    tmp_path: Path, serve: Serve
) -> None:
    serve(story())

    def stop(told: str) -> None:
        if told.startswith("names of what descends"):
            raise KeyboardInterrupt

    first = replace(FILTERS, until=SINCE.replace(day=12))
    extract(tmp_path / "whole", filters=first)[0].close()
    with pytest.raises(KeyboardInterrupt):
        extract(tmp_path / "stopped", say=stop)
    rf.merge(tmp_path / "both.duckdb", [tmp_path / name / "out" / "case.duckdb" for name in ("whole", "stopped")])
    for path in (tmp_path / "stopped" / "out" / "case.duckdb", tmp_path / "both.duckdb"):
        case = rf.open_case(path)
        of_it = {
            row["evidence_id"] for row in rows(case, "SELECT evidence_id FROM evidence WHERE uri LIKE '%/stopped/%'")
        }
        for view in ("unsearched_evidence", "uncounted_evidence"):
            assert {row["evidence_id"] for row in rows(case, f"SELECT evidence_id FROM {view}")} == of_it, view
        assert {"account_id": None} in rows_of(case, "unread_accounts")
    case, result = extract(tmp_path / "stopped")
    assert (result.new_slice_count, result.unsearched_count) == (2, 0)
    for view in ("unsearched_evidence", "uncounted_evidence"):
        assert rows(case, f"SELECT * FROM {view}") == []


@pytest.mark.heavy
def test_two_accounts_extracted_on_two_machines_keep_their_counts(tmp_path: Path, serve: Serve) -> None:
    """Nothing of root is in either, so that the files of both are the same bytes at the same place."""
    others = ("111122223333", "444455556666")
    day = {"eventTime": "2026-08-05T10:00:00Z"}
    serve({key_of("2026/08/05", account=one): log_of(event(recipientAccountId=one, **day)) for one in others})
    for account in others:
        case, _ = extract(tmp_path / "same", filters=replace(FILTERS, accounts=(account,)))
        case.close()
        (tmp_path / "same" / "out").rename(tmp_path / account)
    rf.merge(tmp_path / "both.duckdb", [tmp_path / account / "case.duckdb" for account in others])
    case = rf.open_case(tmp_path / "both.duckdb")
    (row,) = rows(case, "SELECT count(DISTINCT sha256) AS n FROM evidence")
    assert row["n"] == 1
    told = [(row["account_id"], row["event_count"]) for row in rows_of(case, "events_by_hour")]
    assert told == [(account, 1) for account in others]
    assert [row["account_id"] for row in rows_of(case, "unread_accounts")] == list(others)
