"""What a case says of the scope of its extractions: wider ones, cut hours, uncounted ones, logs that stayed behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.telling.counts import absent_events
from tests.builders import ACCOUNT, event, root_event
from tests.extraction.logs import key_of, log_of
from tests.extraction.test_extract import extract, rows_of
from tests.ingest.checks import rows
from tests.integrity.bucket import BEGIN, HOUR, Chain, key, write, write_keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extraction.conftest import Serve

OTHER: Final = "444455556666"
#: From the midnight before the first log on.
DAY: Final = rf.Filters(since=BEGIN.replace(hour=0, minute=0, second=0))
_HOURS: Final = 6


def _chain(account: str = ACCOUNT, hours: int = _HOURS, **calls: Any) -> Chain:
    """A log an hour; in the third root makes a key for a user."""
    made = {"accessKey": {"userName": "eve", "accessKeyId": f"AKIAEXAMPLE{account[:9]}"}}
    at = f"{BEGIN + 2 * HOUR + timedelta(minutes=9):%Y-%m-%dT%H:%M:%SZ}"
    identity = {"arn": f"arn:aws:iam::{account}:root", "accountId": account, "principalId": account}
    call = root_event(
        identity=identity, recipientAccountId=account, eventTime=at, eventName="CreateAccessKey", readOnly=False,
        responseElements=made, **calls,
    )  # fmt: skip
    return Chain(count=hours, account=account, calls={2: [call]})


def _objects(*chains: Chain) -> dict[str, bytes]:
    return {log.key: log.packed for chain in chains for log in chain.logs}


def _states(case: rf.Case, account: str = ACCOUNT) -> set[str]:
    return {row["state"] for row in rows_of(case, "coverage_by_hour") if row["account_id"] == account} - {"unknown"}


@pytest.mark.heavy
def test_a_wider_extraction_takes_in_what_narrower_ones_of_the_place_brought(tmp_path: Path, serve: Serve) -> None:
    """Merged parts were each searched for the names of their own account; one of all heals that, and counts once."""
    serve(_objects(_chain(), _chain(OTHER)))
    for account in (ACCOUNT, OTHER):
        extract(tmp_path / account, filters=replace(DAY, accounts=(account,)))[0].close()
    (tmp_path / "both" / "out").mkdir(parents=True)
    parts = [tmp_path / account / "out" / "case.duckdb" for account in (ACCOUNT, OTHER)]
    assert rf.merge(tmp_path / "both" / "out" / "case.duckdb", parts).unsearched_count > 0
    case, result = extract(tmp_path / "both", filters=DAY)
    assert result.unsearched_count == 0
    assert sum(row["event_count"] for row in rows_of(case, "coverage")) == 2 * (_HOURS + 1)
    assert [_states(case, account) for account in (ACCOUNT, OTHER)] == [{"events"}] * 2
    assert len(rows(case, "FROM extractions")) == 1
    (scope,) = case.analysis().coverage.scope.filters
    assert "accounts" not in scope


@pytest.mark.heavy
def test_the_same_extraction_after_its_folder_was_lost_counts_once(tmp_path: Path, serve: Serve) -> None:
    serve(_objects(_chain()))
    extract(tmp_path, filters=DAY)[0].close()
    (tmp_path / "out" / "slices").rename(tmp_path / "lost")
    case, result = extract(tmp_path, filters=DAY)
    assert (result.new_slice_count, result.unsearched_count) == (6, 0)
    assert [row["event_count"] for row in rows_of(case, "coverage")] == [_HOURS + 1]


@pytest.mark.heavy
def test_hours_in_which_the_time_begins_or_ends_are_not_whole(tmp_path: Path, serve: Serve) -> None:
    serve(_objects(_chain()))
    filters = rf.Filters(since=BEGIN + HOUR + timedelta(minutes=5), until=BEGIN + 4 * HOUR + timedelta(minutes=12))
    case, _ = extract(tmp_path, filters=filters)
    states = [row["state"] for row in rows_of(case, "coverage_by_hour") if row["region"] == "us-east-1"]
    assert (states[0], states[-1]) == ("incomplete", "incomplete")
    assert set(states[1:-1]) == {"events"}


@pytest.mark.heavy
def test_without_counts_no_number_is_told_and_no_silence(tmp_path: Path, serve: Serve) -> None:
    serve(_objects(_chain(hours=40)))
    case, _ = extract(tmp_path, filters=DAY, counts=False)
    for name in ("coverage", "events_by_hour"):
        assert {row["event_count"] for row in rows_of(case, name)} == {None}, name
    assert _states(case) == {"incomplete"}
    assert [row for row in rows_of(case, "region_silences") if row["from_time"]] == []
    assert {row["event_count"] for row in rows_of(extract(tmp_path, filters=DAY)[0], "coverage")} == {41}
    with pytest.raises(rf.FilterError, match="extracted before with counts"):
        extract(tmp_path, filters=DAY, counts=False)


@pytest.mark.heavy
def test_logs_that_are_gone_since_an_extraction_are_told_by_it(tmp_path: Path, serve: Serve) -> None:
    """A wider one that finds less does not take it over."""
    chain = _chain()
    api = serve(_objects(chain))
    extract(tmp_path, filters=replace(DAY, accounts=(ACCOUNT,)))[0].close()
    (tmp_path / "out" / "slices").rename(tmp_path / "lost")
    del api.objects[chain.logs[0].key]
    case, _ = extract(tmp_path, filters=DAY)
    assert len(rows(case, "FROM extractions")) == 2
    first = BEGIN.replace(minute=0, second=0)
    assert {row["hour_time"] for row in rows(case, "FROM recorded_hours")} >= {first}


@pytest.mark.heavy
def test_an_uncounted_extraction_hides_no_silence_of_another_account(tmp_path: Path, serve: Serve) -> None:
    serve(_objects(_chain()))
    case, _ = extract(tmp_path, filters=replace(DAY, accounts=(ACCOUNT,)), counts=False)
    hours = [*range(40), *range(80, 120)]
    others = [event(recipientAccountId=OTHER, eventTime=f"{BEGIN + hour * HOUR:%Y-%m-%dT%H:%M:%SZ}") for hour in hours]
    (tmp_path / "others.json.gz").write_bytes(log_of(*others))
    case.load(tmp_path / "others.json.gz")
    silent = [row["account_id"] for row in rows_of(case, "region_silences") if row["from_time"]]
    assert silent == [OTHER]


@pytest.mark.heavy
@pytest.mark.parametrize("originals", [False, True])
@pytest.mark.quick(1)
def test_logs_that_an_engine_read_where_they_lie_are_not_missing(tmp_path: Path, serve: Serve, originals: bool) -> None:
    """Digests list them; whether the engine met them nobody can tell, and a name that came later was not searched."""
    chain, keys = _chain(), write_keys(tmp_path / "keys.json", [key()])
    serve(_objects(chain))
    write(tmp_path / "digests", chain.digests)
    case, _ = extract(tmp_path, filters=DAY, originals=originals)
    case.load(tmp_path / "digests")
    assert _states(case) == {"events"}
    case.verify(keys)
    found = {(row["severity"], row["finding"], row["object_count"]) for row in rows_of(case, "integrity_findings")}
    assert found == {("low", "log_extracted", _HOURS - originals)}
    assert _states(case) == {"events"}
    assert "all logs that the digest files list" in str(case.analysis().coverage.of(ACCOUNT).unproved())
    write(tmp_path / "most", chain.logs[:-1])  # a load of that day brings all but one
    case.load(tmp_path / "most")
    case.verify(keys)
    missing = [row["object_count"] for row in rows_of(case, "integrity_findings") if row["finding"] == "log_missing"]
    assert missing == [1]
    (tmp_path / "more").mkdir()
    later = _chain(OTHER)
    (tmp_path / "more" / later.logs[2].name).write_bytes(later.logs[2].packed)
    case.load(tmp_path / "more")
    assert _states(case) == {"incomplete"}


@pytest.mark.heavy
def test_a_folder_with_an_extraction_in_it_gives_nothing_of_that_to_another_case(tmp_path: Path, serve: Serve) -> None:
    """Its files are a part of logs, and its counts are no events."""
    serve(_objects(_chain()))
    extract(tmp_path, filters=DAY)[0].close()
    (tmp_path / "out" / "logs").mkdir()
    (tmp_path / "out" / "logs" / "slice.json").write_text("{}")
    (tmp_path / "out" / "logs" / "a.json.gz").write_bytes(log_of(event()))
    other = rf.open_case(tmp_path / "other.duckdb")
    told: list[str] = []
    other.load(tmp_path / "out", remarks=told.append)
    assert rows(other, "SELECT count(*) AS n FROM events") == [{"n": 1}]
    assert rows(other, "SELECT uri FROM evidence WHERE uri LIKE '%.parquet'") == []
    assert told == ["6 slices of an extraction left out, a part of logs: its case has them (merge)"]


@pytest.mark.heavy
def test_an_extraction_of_logs_without_root_says_that_they_were_searched(tmp_path: Path, serve: Serve) -> None:
    serve({log.key: log.packed for log in Chain(count=2).logs} | {key_of("2026/08/05"): log_of()})
    case, _ = extract(tmp_path, filters=DAY)
    assert "no events related to root were found" in absent_events(case, "")
