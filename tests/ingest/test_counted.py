"""What is not related to root is counted by hour: as a full load knows it, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

import rootforensics as rf
from rootforensics.extraction.counting import FIELDS, counting
from rootforensics.ingest.counted import COUNTED, COUNTED_CALLS, COUNTED_HOURS, Counts
from rootforensics.ingest.filters import parse_time
from rootforensics.telling.identities import tell_identities
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.extraction.logs import EVE, key_of, story
from tests.extraction.test_statements import _records
from tests.ingest.checks import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RELATED: Final = rf.Filters(root_related=True)
_NAME: Final = "{}_CloudTrail_us-east-1_20260805T1{}05Z_0123456789abcdef.json"
_OTHERS: Final = {"eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "readOnly": True}


def at(time: str, **fields: Any) -> dict[str, Any]:
    return event(eventTime=f"2026-08-05T{time}Z", **_OTHERS | fields)


def both(folder: Path, filters: rf.Filters = RELATED) -> tuple[rf.Case, rf.Case]:
    """The logs of a folder loaded in full, and with filters."""
    cases = rf.open_case(folder / "full.duckdb"), rf.open_case(folder / "related.duckdb")
    for case, its in zip(cases, (rf.Filters(since=filters.since), filters), strict=True):
        case.load(folder / "logs", filters=its)
    return cases


def mfa_removed(case: rf.Case) -> tuple[str, tuple[str, ...]]:
    (one,) = [answer for answer in case.analysis().verdict_of(ACCOUNT).answers if "MFA removed" in answer.asked.text]
    return one.answer, one.missing


@pytest.fixture
def by_engine() -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Counts of a record, as an engine makes them; it is prepared once."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute("CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)")
        opened.execute("CREATE MACRO json_extract_scalar(text, place) AS text->>place")
        opened.execute("CREATE TABLE held (r VARCHAR)")
        counts = counting(f"SELECT {FIELDS} FROM held")
        opened.execute(f"PREPARE counts AS SELECT * FROM ({counts}) ORDER BY counts")

        def of(record: str) -> list[dict[str, Any]]:
            opened.execute("DELETE FROM held")
            opened.execute("INSERT INTO held VALUES (?)", [record])
            return [dict(zip(COUNTED, row, strict=True)) for row in opened.execute("EXECUTE counts").fetchall()]

        yield of


@pytest.mark.heavy
def test_an_engine_counts_each_record_as_a_load_does(by_engine: Callable[[str], list[dict[str, Any]]]) -> None:
    counted = 0
    more = [
        '{"eventTime":"2026-08-05T10:00:00Z","eventName":"GetCallerIdentity","eventSource":"sts.amazonaws.com"}',
        '{"eventTime":"2026-08-05T10:00:00Z","eventCategory":"Insight","eventType":"AwsCloudTrailInsight"}',
        json.dumps(
            at("10:00:00", eventName="PutObject") | {"userIdentity": {"type": "AssumedRole", "accountId": ACCOUNT}}
        ),
        json.dumps(at("10:00:00", eventName="GetObject", errorMessage="no")),
        *(
            json.dumps(at("10:00:00", recipientAccountId=one))
            for one in ("null", "", "-", " 12345678901 ", "1.0", None)
        ),
        json.dumps(
            at("10:00:00", recipientAccountId="x") | {"userIdentity": {"arn": "arn:aws:iam::012345678901:user/x"}}
        ),
        *(
            json.dumps(at("10:00:00", eventSource="signin.amazonaws.com", errorMessage="no") | {where: told})
            for where, told in (
                ("responseElements", {"ConsoleLogin": "Failure"}),
                ("responseElements", {"CheckMfa": "Success"}),
                ("additionalEventData", {"success": True}),
                ("additionalEventData", {"success": False}),
                ("responseElements", None),
            )
        ),
    ]
    for record in (*_records(), *more):
        counts = Counts([RELATED])
        counts.take([record.encode()])
        local = [*counts.rows("counted_calls"), *counts.rows("counted_hours")]
        found = by_engine(record)
        if local:  # what it cannot decode strictly, a load does not count at all
            counted += 1
            for row, own, columns in zip(found, local, (COUNTED_CALLS, COUNTED_HOURS), strict=True):
                texts = {
                    name: str(value).lower() if isinstance(value, bool | int) else value for name, value in own.items()
                }
                told = [name for name in columns if name in COUNTED]
                assert [row[name] for name in told] == [texts[name] for name in told], record
        else:
            assert found[1]["unjudged_count"] in ("0", "1")
    assert counted > 150


def test_hours_gaps_and_the_verdict_are_those_of_a_full_load(tmp_path: Path) -> None:
    for number in (0, 1):
        records = [at(f"1{number}:00:01"), at(f"1{number}:00:09", readOnly=False, awsRegion="us-west-2")]
        write_log(
            tmp_path / "logs", _NAME.format(ACCOUNT, number), [*records, root_event(eventTime=records[0]["eventTime"])]
        )
    write_log(tmp_path / "logs", _NAME.format("444455556666", 2), [at("12:00:01", recipientAccountId="444455556666")])
    full, related = both(tmp_path)
    for name in (
        "coverage",
        "coverage_by_hour",
        "events_by_hour",
        "region_silences",
        "account_actors",
        "root_first_last",
        "events_by_service",
        "events_by_category",
    ):
        assert full.query(name).rows == related.query(name).rows, name
    assert rows(related, "SELECT count(*) AS n FROM events") == [{"n": 2}]
    assert mfa_removed(full) == mfa_removed(related)
    assert "the events that the load filtered" not in str(mfa_removed(related))
    related.load(tmp_path / "logs")
    assert rows(related, "FROM counted_hours") == rows(related, "FROM counted_calls") == []


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "odd",
    [
        {"userIdentity": {"type": "AssumedRole", "accountId": ACCOUNT, "principalId": "AROAEXAMPLE:x"}},
        {"userIdentity": {"type": "SomethingNew", "accountId": ACCOUNT}},
        {"eventSource": ""},
        {"eventTime": "2026-08-05T10:00:00+00:00"},
        {"readOnly": "perhaps"},
    ],
    ids=["no name", "type", "source", "time", "flag"],
)
def test_a_record_that_may_be_what_an_answer_needs_leaves_it_unknown(tmp_path: Path, odd: dict[str, Any]) -> None:
    records = [at("10:00:00"), at("10:00:00", readOnly=False) | odd]
    write_log(tmp_path / "logs", _NAME.format(ACCOUNT, 0), records)
    case = rf.open_case(tmp_path / "case.duckdb")
    case.load(tmp_path / "logs", filters=RELATED)
    answer, missing = mfa_removed(case)
    assert answer == "unknown"
    assert any("the events that the load filtered out" in one for one in missing)
    if not rows(case, "FROM counted_calls"):
        assert {row["event_count"] for row in case.query("events_by_service").rows} <= {None}
        assert [row["action_count"] for row in case.query("identities").rows if not row["eventID"]] == [None]


@pytest.mark.heavy
def test_objects_that_were_not_searched_for_all_names_leave_answers_unknown(tmp_path: Path) -> None:
    made = {"accessKey": {"userName": "eve", "accessKeyId": "AKIAEXAMPLEEVESKEY00"}}
    write_log(tmp_path / "logs", _NAME.format(ACCOUNT, 0), [at("10:00:00")])
    write_log(tmp_path / "more", _NAME.format(ACCOUNT, 1), [
        root_event(eventTime="2026-08-05T09:00:00Z", eventName="CreateAccessKey", responseElements=made, readOnly=False),
    ])  # fmt: skip
    case = rf.open_case(tmp_path / "case.duckdb")
    case.load(tmp_path / "logs", filters=RELATED)
    assert "the events that the load filtered" not in str(mfa_removed(case))
    case.load(tmp_path / "more")
    assert "the events that the load filtered" in str(mfa_removed(case))
    case.load(tmp_path / "logs", filters=RELATED)
    assert "the events that the load filtered" not in str(mfa_removed(case))


@pytest.mark.heavy
def test_an_hour_that_another_filter_cuts_is_not_counted(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", _NAME.format(ACCOUNT, 0), [at("10:00:00"), at("10:40:00")])
    write_log(tmp_path / "logs", _NAME.format(ACCOUNT, 1), [at("11:00:00")])
    filters = rf.Filters(since=parse_time("2026-08-05T10:30:00Z"), root_related=True)
    full, related = both(tmp_path, filters)
    assert [
        (row["hour_time"].hour, row["state"])
        for row in full.query("coverage_by_hour").rows
        if row["region"] == "us-east-1"
    ] == [(9, "incomplete"), (10, "incomplete"), (11, "events")]
    cut = rows(related, "SELECT hour_time, is_cut FROM counted_hours ORDER BY ALL")
    assert [(row["hour_time"].hour, row["is_cut"]) for row in cut] == [(10, True), (11, False)]
    for name in ("coverage_by_hour", "events_by_service", "events_by_category"):
        assert full.query(name).rows == related.query(name).rows, name


@pytest.mark.heavy
def test_who_took_severe_actions_is_as_in_a_full_load_or_unknown(tmp_path: Path) -> None:
    """Calls on single objects are counted by name; of what was left out nobody knows who shares an address with root."""
    shared = {"sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.0"}
    own = {"sourceIPAddress": "203.0.113.9", "userAgent": "terraform/1.9"}
    eve, lead = (EVE | {"userName": name, "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"} for name in ("eve", "lead"))
    write_log(tmp_path / "logs", _NAME.format(ACCOUNT, 0), [
        root_event(eventTime="2026-08-05T09:00:00Z", **shared),
        at("10:00:00", identity=eve, eventName="AuthorizeSecurityGroupIngress", eventSource="ec2.amazonaws.com", readOnly=False, **own),
        at("10:00:01", identity=eve, eventName="GetSecretValue", eventSource="secretsmanager.amazonaws.com", **shared),
        at("10:00:02", identity=eve, **shared),
        at("10:00:03", identity=lead, eventName="GetObject", eventCategory="Data", **own),
        at("10:00:04", identity=lead, eventName="GetObject", eventCategory="Data", errorCode="AccessDenied", **own),
    ])  # fmt: skip
    full, related = both(tmp_path)
    whole, part = ({row["identity_name"]: row for row in case.query("identities").rows} for case in (full, related))
    of_eve = f"{ACCOUNT}/eve"
    differing = {name for name, value in whole[of_eve].items() if part[of_eve][name] != value}
    assert differing <= {"shared_count", "root_network_ips", "record_index"}
    assert (whole[of_eve]["shared_count"], part[of_eve]["shared_count"]) == (2, None)
    assert part[of_eve]["root_ips"] == ["198.51.100.7"]
    left_out = part[None]
    assert set(part) == {of_eve, None}
    assert (left_out["action_count"], left_out["failed_count"], left_out["actions"]) == (2, 1, ["GetObject"])
    assert left_out["eventID"] is None
    said = [identity.text for identity in tell_identities(related.analysis())]
    assert "2 calls (GetObject) were counted but not loaded, so their callers are unknown" in said[-1]
    assert not any("nobody knows" in one.text for one in tell_identities(full.analysis()))
    for name in ("events_by_service", "events_by_category"):
        assert full.query(name).rows == related.query(name).rows, name


@pytest.mark.heavy
def test_a_copy_that_was_taken_in_whole_searches_an_object_for_all_names(tmp_path: Path) -> None:
    objects = story()
    for name, day in (("use", "2026/08/12"), ("making", "2026/08/05"), ("copy", "2026/08/12")):
        (tmp_path / name).mkdir()
        (tmp_path / name / key_of(day).rpartition("/")[2]).write_bytes(objects[key_of(day)])
    case = rf.open_case(tmp_path / "case.duckdb")
    case.load(tmp_path / "use", filters=RELATED)
    assert case.load(tmp_path / "making", filters=RELATED).unsearched_count == 1
    assert case.load(tmp_path / "copy").unsearched_count == 0
    whole = rf.open_case(tmp_path / "whole.duckdb")
    whole.load(*(tmp_path / name for name in ("use", "making")))
    for name in (
        "coverage",
        "events_by_hour",
        "coverage_by_hour",
    ):  # an event that one copy brought and the other counted is one
        assert case.query(name).rows == whole.query(name).rows, name
