"""What is known of each hour: events, nothing delivered, a log that is missing, or nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import rootforensics as rf
from rootforensics.analysis.coverage.coverage import Coverage
from rootforensics.analysis.coverage.hours import regions_of
from rootforensics.analysis.places import IAM_REGIONS, SIGN_IN_REGIONS, partition_of, sign_in_regions
from rootforensics.charts.coverage import coverage_chart
from tests.builders import event
from tests.integrity.bucket import HOUR, Chain, Stored, write
from tests.integrity.conftest import Bench
from tests.integrity.test_verify import swapped, without

#: The digests of a chain begin and end 41 minutes past the hour, its events come 51 minutes past it.
FIRST = datetime(2026, 8, 4, 8, tzinfo=UTC)


def idle(*numbers: int) -> Any:
    """Digests of these hours list no log."""

    def edit(number: int, fields: dict[str, Any]) -> None:
        if number in numbers:
            fields["logFiles"] = []

    return edit


def hours_of(path: Path, region: str = "us-east-1") -> dict[int, str]:
    """The state of each hour, by its number from the first one on."""
    with rf.open_case(path) as case:
        rows = [row for row in case.query("coverage_by_hour").rows if row["region"] == region]
    return {(row["hour_time"] - FIRST) // HOUR: row["state"] for row in rows}


def loaded(tmp_path: Path, stored: list[Stored]) -> Path:
    write(tmp_path / "logs", stored)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    return tmp_path / "case.duckdb"


@pytest.mark.heavy
def test_an_hour_is_quiet_if_digests_cover_it_and_the_quarter_after_it(tmp_path: Path) -> None:
    chain = Chain(6, edit=idle(2, 3, 5))
    case = loaded(tmp_path, without(chain.stored, *chain.logs[2:4], chain.logs[5]))
    # The last digest ends at 14:41: it covers the hour of 13:00 and the quarter after it, and not all of 14:00.
    assert hours_of(case) == {0: "events", 1: "events", 2: "quiet", 3: "quiet", 4: "events", 5: "quiet"}


def test_a_log_that_is_missing_makes_its_hours_incomplete(tmp_path: Path) -> None:
    """It was delivered at 11:51, and holds what was done in the hour before."""
    chain = Chain(6)
    case = loaded(tmp_path, without(chain.stored, chain.logs[3]))
    assert hours_of(case) == {0: "events", 1: "events", 2: "incomplete", 3: "incomplete", 4: "events", 5: "events"}


def test_a_log_that_was_changed_makes_its_hours_incomplete_once_it_is_verified(bench: Bench) -> None:
    chain = Chain(6)
    changed = replace(chain.logs[3], body=chain.logs[3].body.replace(b"}]", b',"more":1}]'), packed=b"")
    assert changed.body != chain.logs[3].body
    bench.verify(swapped(chain.stored, chain.logs[3], changed))
    assert [number for number, state in hours_of(bench.folder / "case.duckdb").items() if state != "events"] == [2, 3]


def test_without_its_digest_an_hour_is_not_quiet(tmp_path: Path) -> None:
    """The deleted one covered from 10:41 to 11:41, and with it the quarter after the hour of 10:00."""
    chain = Chain(7, edit=idle(1, 2, 3, 4, 5))
    case = loaded(tmp_path, without(chain.stored, *chain.logs[1:6], chain.digests[2]))
    hours = hours_of(case)
    assert hours == {
        0: "events", 1: "quiet", 2: "unknown", 3: "unknown", 4: "quiet", 5: "quiet", 6: "events",
    }  # fmt: skip


@pytest.mark.heavy
def test_a_digest_that_was_changed_proves_no_silence_once_it_is_verified(bench: Bench) -> None:
    chain = Chain(7, edit=idle(1, 2, 3, 4, 5))
    edited = replace(chain.digests[2], packed=chain.digests[2].packed + b"x")
    bench.verify(swapped(without(chain.stored, *chain.logs[1:6]), chain.digests[2], edited))
    assert [number for number, state in hours_of(bench.folder / "case.duckdb").items() if state == "unknown"] == [2, 3]


@pytest.mark.heavy
def test_an_hour_is_quiet_only_if_every_trail_that_had_begun_says_so(tmp_path: Path) -> None:
    """Which of them records what is not told: where one has ended, the other proves nothing."""
    chain = Chain(6, edit=idle(1, 2, 3, 4))
    other = Chain(2, trail="other", edit=idle(0, 1))
    case = loaded(tmp_path, [*without(chain.stored, *chain.logs[1:5]), *other.digests])
    assert hours_of(case) == {
        0: "events", 1: "quiet", 2: "unknown", 3: "unknown", 4: "unknown", 5: "events",
    }  # fmt: skip


@pytest.mark.heavy
def test_what_verify_found_is_missing_in_coverage_and_keeps_no_from_being_said(bench: Bench) -> None:
    """A chain broken at 11:41 to 12:41 with an event of 11:51 in it, and a changed log of 13:51; another Region is whole."""
    chain, whole = Chain(8), Chain(8, region="eu-west-1")
    changed = replace(chain.logs[5], body=chain.logs[0].body, packed=b"")
    stored = swapped(without(chain.stored, chain.digests[3]), chain.logs[5], changed)
    bench.verify([*stored, *whole.stored])
    path = bench.folder / "case.duckdb"
    assert {number: hours_of(path)[number] for number in (2, 3, 4, 5, 6)} == {
        2: "events", 3: "incomplete", 4: "incomplete", 5: "incomplete", 6: "events"
    }  # fmt: skip
    with rf.open_case(path) as case:
        found = case.sql(
            "SELECT concat(evidence_id, ':', record_index) AS place FROM events WHERE awsRegion = 'us-east-1'"
        )
        told = Coverage(case).unproven([row["place"] for row in found.rows])
        assert list(told.values()) == ["chain_broken"]  # what the changed log holds is in a verified one, too
        covered = Coverage(case).of("111122223333")
        assert not any("CloudTrail" in text or "digest" in text for text in covered.gaps(("eu-west-1",)))
        told = " / ".join(covered.gaps(("us-east-1",)))
    assert "1 log file from us-east-1 modified after delivery (delivered 2026-08-04 13:51" in told
    assert "during a break in the digest chain (us-east-1, delivered 2026-08-04 11:41 to 2026-08-04 12:41)" in told


@pytest.mark.heavy
def test_hours_that_a_break_takes_from_the_end_of_an_account_are_unknown(bench: Bench) -> None:
    """Digests and logs of its last four hours were deleted; another account has them."""
    chain, other = Chain(4), Chain(8, account="444455556666", edit=idle(*range(8)))
    bench.verify([*chain.stored, *other.digests])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        rows = case.query("coverage_by_hour", account_id=chain.account).rows
    states = {(row["hour_time"] - FIRST) // HOUR: row["state"] for row in rows if row["region"] == "us-east-1"}
    assert states == dict.fromkeys(range(4), "events") | dict.fromkeys(range(4, 9), "unknown")


@pytest.mark.heavy
def test_a_name_with_a_time_that_cannot_be_makes_no_hours_and_is_told(bench: Bench) -> None:
    chain = Chain(3, edit=idle(1))
    to_come = datetime.now(UTC) + timedelta(days=2)
    times = ("99991231T2355Z", f"{to_come:%Y%m%dT%H%MZ}", "19991231T2355Z")
    empty = replace(chain.logs[1], body=b'{"Records":[]}', packed=b"")
    odd = [replace(empty, key=chain.logs[0].key.replace("20260804T0851Z", time)) for time in times]
    bench.verify([*without(chain.stored, chain.logs[1]), *odd, empty])
    assert bench.breaks == []
    assert hours_of(bench.folder / "case.duckdb") == {0: "events", 1: "empty_log", 2: "events"}
    with rf.open_case(bench.folder / "case.duckdb") as case:
        rows = case.sql("SELECT uri, problem FROM evidence WHERE contains(problem, 'in its name')").rows
    told = {row["uri"].split("_")[-2]: row["problem"] for row in rows}
    assert set(told) == set(times)
    assert "the time in its name, 9999-12-31T23:55Z, cannot be that of its delivery" in told[times[0]]


@pytest.mark.heavy
def test_a_log_without_events_is_no_silence(tmp_path: Path) -> None:
    first, empty, last = (Chain(1, first=number).logs[0] for number in (0, 2, 4))
    case = loaded(tmp_path, [first, replace(empty, body=b'{"Records":[]}', packed=b""), last])
    assert hours_of(case) == {0: "events", 1: "unproven", 2: "empty_log", 3: "unproven", 4: "events"}


@pytest.mark.heavy
def test_regions_of_sign_ins_are_named_though_nothing_of_them_is_there(tmp_path: Path) -> None:
    case = loaded(tmp_path, Chain(2).logs)
    assert hours_of(case, "us-east-2") == hours_of(case, "us-west-2") == {0: "unknown", 1: "unknown"}


def test_view_and_library_name_the_same_regions(empty_case: rf.Case) -> None:
    rows = empty_case.query("aws_regions").rows
    assert {row["region"] for row in rows if row["records_iam"] and row["partition"] == "aws"} == {*IAM_REGIONS}
    assert {row["region"] for row in rows if row["records_sign_in"] and row["partition"] == "aws"} == {*SIGN_IN_REGIONS}
    for row in rows:
        assert partition_of(row["region"]) == row["partition"]
        assert row["region"].startswith(row["prefix"])
        if row["records_sign_in"] and row["partition"] != "aws":
            assert sign_in_regions(row["region"]) == (row["region"],)


@pytest.mark.heavy
def test_another_partition_has_other_regions(tmp_path: Path) -> None:
    logs = Chain(2, region="cn-north-1").logs
    logs = [replace(log, body=log.body.replace(b"us-east-1", b"cn-north-1"), packed=b"") for log in logs]
    case = loaded(tmp_path, logs)
    assert hours_of(case, "cn-north-1") == {0: "events", 1: "events"}
    assert hours_of(case, "us-east-1") == {}


@pytest.mark.heavy
def test_a_time_that_cannot_be_makes_no_hours(tmp_path: Path) -> None:
    chain = Chain(2)
    odd = [event(eventTime=time) for time in ("9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "nonsense")]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "odd.json").write_text(json.dumps({"Records": odd}))
    assert hours_of(loaded(tmp_path, chain.logs)) == {0: "events", 1: "events"}


@pytest.mark.heavy
def test_spans_of_the_sample_have_no_hole_and_count_every_event(sample_case: rf.Case) -> None:
    rows = sample_case.query("coverage_spans").rows
    ends: dict[tuple[str, str], datetime] = {}
    for row in rows:
        place = (row["account_id"], row["region"])
        assert ends.get(place, row["from_time"]) == row["from_time"]
        assert row["until_time"] - row["from_time"] == row["hour_count"] * timedelta(hours=1)
        ends[place] = row["until_time"]
    by_account = defaultdict(set)
    for (account, _), end in ends.items():
        by_account[account].add(end)
    assert all(len(found) == 1 for found in by_account.values())
    [counted] = sample_case.sql(
        "SELECT count(*) AS n FROM api_calls WHERE eventTime IS NOT NULL AND awsRegion <> ''"
    ).rows
    assert sum(row["event_count"] for row in rows) == counted["n"]
    assert sum(row["hour_count"] for row in rows) == len(sample_case.query("coverage_by_hour"))


@pytest.mark.heavy
def test_signs_of_several_hours_hide_nothing_that_is_missing(tmp_path: Path) -> None:
    chain = Chain(6, edit=idle(2, 3))
    path = loaded(tmp_path, without(chain.stored, *chain.logs[2:4], chain.logs[5]))
    with rf.open_case(path) as case:
        rows = case.query("coverage_spans").rows
    [[first, *_]] = regions_of(rows).values()
    assert first.name == "us-east-1"
    assert first.signs(FIRST, 1, 6) == "##..!!"
    assert first.signs(FIRST, 2, 3) == "#.!"
    assert first.signs(FIRST, 4, 2) == "#!"
    [[scattered, *_]] = regions_of(
        [row | {"state": "unknown"} if row["state"] == "quiet" else row for row in rows]
    ).values()
    assert (scattered.signs(FIRST, 2, 3), scattered.signs(FIRST, 4, 2)) == ("#?!", "+!")
    label = str(coverage_chart(rows).get_label())
    assert "us-east-1 of 111122223333, 6 hours: quiet 2, events 2, incomplete 2" in label


def of_trail(call: str, clock: str, **request: Any) -> dict[str, Any]:
    """A call on the trail ``other``."""
    return event(
        eventTime=f"2026-08-04T{clock}Z", eventSource="cloudtrail.amazonaws.com", eventName=call, readOnly=False,
        requestParameters={"name": "other"} | request, eventID=f"{call} {clock}",
    )  # fmt: skip


def selected(clock: str, way: str) -> dict[str, Any]:
    """Management events of the trail ``other`` are selected."""
    return of_trail(
        "PutEventSelectors", clock, trailName="other",
        eventSelectors=[{"readWriteType": way, "includeManagementEvents": True}],
    )  # fmt: skip


CREATED, STARTED = of_trail("CreateTrail", "08:42:00"), of_trail("StartLogging", "08:42:30")
DATA = event(eventTime="2026-08-04T08:45:00Z", managementEvent=False, eventCategory="Data", eventID="data")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("calls", "region", "is_proven"),
    [
        ([CREATED, STARTED], "us-east-1", True),
        ([CREATED, STARTED], "eu-west-1", True),
        ([CREATED, STARTED, of_trail("UpdateTrail", "08:50:00", s3KeyPrefix="logs")], "us-east-1", True),
        ([], "us-east-1", False),  # nothing says what it records
        ([CREATED], "us-east-1", False),
        ([of_trail("CreateTrail", "08:42:00", includeGlobalServiceEvents=False), STARTED], "us-east-1", False),
        ([of_trail("CreateTrail", "08:42:00", includeGlobalServiceEvents=False), STARTED], "eu-west-1", True),
        ([selected("08:42:00", "All")], "us-east-1", False),  # whether it has IAM's events, nothing says
        ([selected("08:42:00", "All")], "eu-west-1", True),
        ([CREATED, STARTED, selected("08:43:00", "WriteOnly")], "us-east-1", False),
        ([CREATED, STARTED, selected("08:43:00", "WriteOnly"), selected("08:44:00", "All")], "us-east-1", True),
        ([CREATED, STARTED, of_trail("StopLogging", "08:43:00")], "us-east-1", False),
        ([CREATED, STARTED, of_trail("PutEventSelectors", "08:43:00", name=None)], "us-east-1", False),
        ([CREATED, STARTED, DATA], "us-east-1", False),  # the trail with the gap may have recorded more of them
    ],
)
@pytest.mark.quick(2)
def test_a_trail_that_records_all_management_events_leaves_no_gap_where_another_has_one(
    bench: Bench, calls: list[dict[str, Any]], region: str, is_proven: bool
) -> None:
    """Of the trail main the digest of 11:41 to 12:41 and the log of 13:51 are missing; the others have all of theirs."""
    main, other = Chain(8, region=region), Chain(8, region=region, trail="other")
    home, at_home = Chain(8, trail="home", calls={0: calls}), Chain(8, trail="other")
    also = at_home.stored if region != "us-east-1" else []
    bench.verify([*without(main.stored, main.digests[3], main.logs[5]), *other.stored, *home.stored, *also])
    path = bench.folder / "case.duckdb"
    with rf.open_case(path) as case:
        gaps = {row["kind"] for row in case.query("coverage_gaps").rows}
        spans = [row for row in case.query("coverage_spans").rows if row["region"] == region and row["proven_by"]]
        told = " ".join(Coverage(case).of("111122223333").gaps((region,)))
    proven = {(span["from_time"] - FIRST) // HOUR + n for span in spans for n in range(span["hour_count"])}
    states = hours_of(path, region)
    if is_proven:
        assert gaps == set()
        assert {states[number] for number in range(2, 7)} == {"events" if region == "us-east-1" else "quiet"}
        assert set(range(2, 7)) <= proven
        assert "digest" not in told
    else:
        assert gaps == {"chain_broken", "listed"}
        assert [number for number in range(2, 7) if states[number] == "incomplete"] == [3, 4, 5]
        assert proven.isdisjoint({3, 4, 5})
        assert "listed in digest files" in told
        assert "break in the digest chain" in told


@pytest.mark.heavy
def test_a_trail_proves_nothing_alone_where_its_home_region_lacks_a_log(bench: Bench) -> None:
    """The log that is missing in us-east-1 may contain the call that changed what the trail other records."""
    region = "eu-west-1"
    main, other = Chain(8, region=region), Chain(8, region=region, trail="other")
    home, at_home = Chain(8, trail="home", calls={0: [CREATED, STARTED]}), Chain(8, trail="other")
    lacking = without(at_home.stored, at_home.logs[1])
    bench.verify([*without(main.stored, main.digests[3], main.logs[5]), *other.stored, *home.stored, *lacking])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        proven = case.sql("FROM proven_hours WHERE is_complete AND region = 'eu-west-1'")
    assert len(proven) <= 1  # before the gap


@pytest.mark.heavy
def test_of_a_break_that_another_trail_covers_in_part_the_other_hours_are_left(bench: Bench) -> None:
    """The trail main ends at 10:41 and evidence at 16:41; the other ends at 13:41, and proves the hours before 12:00."""
    main, other = Chain(2, calls={0: [CREATED, STARTED]}), Chain(5, trail="other")
    later = Chain(8, account="444455556666")
    bench.verify([*main.stored, *other.stored, *later.stored])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        rows = case.query("coverage_gaps").rows
    begins = {row["from_time"] for row in rows if row["account_id"] == main.account}
    assert {row["kind"] for row in rows} == {"chain_broken"}
    assert min(begins) >= FIRST + 3 * HOUR


@pytest.mark.heavy
@pytest.mark.parametrize("lost", ["log", "digest", "altered"])
@pytest.mark.quick(1)
def test_a_trail_proves_nothing_where_it_lacks_a_log_or_a_digest_itself(bench: Bench, lost: str) -> None:
    main, other = Chain(8, calls={0: [CREATED, STARTED]}), Chain(8, trail="other")
    theirs = {
        "log": without(other.stored, other.logs[3]),
        "digest": without(other.stored, other.digests[3]),
        "altered": swapped(other.stored, other.logs[3], replace(other.logs[3], body=other.logs[0].body, packed=b"")),
    }[lost]
    bench.verify([*without(main.stored, main.logs[3]), *theirs])
    states = hours_of(bench.folder / "case.duckdb")
    assert {states[2], states[3]} == {"incomplete"}
    with rf.open_case(bench.folder / "case.duckdb") as case:
        assert "listed" in {row["kind"] for row in case.query("coverage_gaps").rows}


@pytest.mark.heavy
@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.quick(1)
def test_a_stopped_trail_leaves_no_gap_where_another_proves_the_hours(bench: Bench, is_known: bool) -> None:
    """The trail main is stopped at 10:50 and started at 12:50; there is no event of another Region."""
    calls = [CREATED, STARTED] if is_known else []
    stops = [
        of_trail(name, clock) | {"requestParameters": {"name": "main"}}
        for name, clock in (("StopLogging", "10:50:00"), ("StartLogging", "12:50:00"))
    ]
    main, again = Chain(3, calls={0: calls}), Chain(4, first=4)
    other = Chain(8, trail="other", calls={2: stops[:1], 4: stops[1:]})
    bench.verify([*main.stored, *again.stored, *other.stored])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        told = " ".join(Coverage(case).of(main.account).gaps(("us-east-1",)))
    assert ("trail main would have recorded" in told) is not is_known
