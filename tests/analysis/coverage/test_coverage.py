"""What the logs can show of an account, a Region and a time: verdict and approvals name the same gaps."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.approval import Approvals
from rootforensics.analysis.approvals.reconcile import reconcile
from rootforensics.analysis.coverage.coverage import Coverage
from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.coverage.trail_gaps import stopped
from rootforensics.ingest.containers.hints import MAY_HOLD_EVENTS
from rootforensics.ingest.filters import Filters
from rootforensics.queries.catalogue import views
from rootforensics.reports.html import render_report
from rootforensics.sources.names import LOG_NAME
from tests.analysis.approvals.uses import ANOTHER, NOT_PROVEN, approval, covered, moment, quiet, spelled
from tests.builders import event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.approvals.outcome import ApprovalOutcome
    from rootforensics.analysis.coverage.gap import Gap

#: An account each, and what the logs of it lack from ten to eleven of 5 August; of the first nothing.
WHOLE, STOPPED, DAMAGED, LISTED, PAUSED, UNREAD, NOBODYS, LATE = (f"44445555666{number}" for number in range(8))
ABSENT = "999900001111"
LACKS = {
    STOPPED: "events that trail main would have recorded from 2026-08-05 09:30:00 to 2026-08-05 11:30:00",
    DAMAGED: "1 log file from us-east-1 that could not be read completely (delivered 2026-08-05 10:30; file 5)",
    LISTED: "1 log file from us-east-1 listed in digest files but not in the case (delivered 2026-08-05 10:30)",
    PAUSED: "logs from us-east-1 in 11 of 157 hours (2026-08-05 09:00 to 2026-08-05 20:00): the case has no log or digest file"
    " of this time, which is unusual there",
    UNREAD: "logs from us-west-2, where root sign-ins may be recorded",
    NOBODYS: "who acted in an event with an unreadable identity (nobody)",
}


def name_of(account: str, region: str = "us-east-1", time: str = "20260805T1030Z", mark: str = "a" * 16) -> str:
    return f"AWSLogs/{account}/CloudTrail/{region}/2026/08/05/{account}_CloudTrail_{region}_{time}_{mark}.json.gz"


def of(account: str, record: dict[str, Any]) -> dict[str, Any]:
    return record | {"recipientAccountId": account, "eventID": f"{account}-{record['eventID']}"}


def put_account(folder: Path, account: str) -> None:
    """The logs of an account, with what it lacks."""
    records = [of(account, one) for one in covered()]
    if account == UNREAD:
        records = [
            record | {"userIdentity": {**record["userIdentity"]}}
            for record in records
            if record["awsRegion"] != "us-west-2"
        ]
        records.append(of(account, quiet("01 00:00:01", identity=ANOTHER)))
    if account == LATE:
        records = [one for one in records if one["eventTime"] > spelled("05 11:00:00")]
    if account == STOPPED:
        for clock, call in (("09:30:00", "StopLogging"), ("11:30:00", "StartLogging")):
            action = event(
                eventTime=spelled(clock), eventSource="cloudtrail.amazonaws.com", eventName=call, readOnly=False,
                requestParameters={"name": "main"},
            )  # fmt: skip
            records.append(of(account, action))
    if account == PAUSED:
        hours = [(day, hour) for day in (3, 4, 5, 6) for hour in range(24) if (day, hour // 12) != (5, 0) or hour < 9]
        hours = [one for one in hours if one < (5, 9) or one >= (5, 20)]
        records += [of(account, quiet(f"{day:02} {hour:02}:15:00")) for day, hour in hours]
    if account == NOBODYS:
        odd = event(eventTime=spelled("10:30:00"), eventID="nobody") | {"userIdentity": "ROOT account"}
        records.append(odd | {"recipientAccountId": account})
    write_log(folder, name_of(account, time="20260801T0005Z", mark="z" * 16), records)
    if account == DAMAGED:
        path = folder / name_of(account)
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode())[:200])
    if account == LISTED:
        path = folder / f"{account}_CloudTrail-Digest_us-east-1_main_us-east-1_20260805T110000Z.json"
        listed = [{"s3Object": name_of(account)}]
        path.write_text(json.dumps({"digestEndTime": "2026-08-05T11:00:00Z", "logFiles": listed}), encoding="utf-8")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    folder = tmp_path_factory.mktemp("coverage")
    for account in (WHOLE, *LACKS, LATE):
        put_account(folder / "logs", account)
    with rf.open_case(folder / "case.duckdb") as opened:
        opened.load(folder / "logs")
        yield opened


@pytest.fixture(scope="module")
def analysis(case: rf.Case) -> Analysis:
    return case.analysis()


def outcomes(analysis: Analysis, *windows: tuple[str, str, str]) -> list[ApprovalOutcome]:
    """What becomes of approvals, each of an account from when until when."""
    given = [
        approval(ticket=f"T-{number}", account=account, from_time=since, until_time=until)
        for number, (account, since, until) in enumerate(windows)
    ]
    return list(reconcile(analysis, analysis.coverage, Approvals("approvals.csv", "0" * 64, tuple(given))).outcomes)


def test_an_approval_and_the_verdict_name_the_same_gap(analysis: Analysis) -> None:
    for one in outcomes(analysis, *((account, "10:00:00", "11:00:00") for account in (WHOLE, *LACKS))):
        account = one.approval.account
        (use,) = (told for told in analysis.verdict_of(account).answers if told.name == "used_by_person")
        if account == WHOLE:
            assert (one.status, one.detail, use.answer) == (
                "unused", f"the logs show no root session in the window; {NOT_PROVEN}", "no",
            ), account  # fmt: skip
            continue
        assert (one.status, use.answer) == ("not_in_logs", "unknown"), (account, one.detail)
        assert one.detail == f"the logs show no root session in the window; missing: {LACKS[account]}", account
        # Of all time it is silent before and behind the busy days, too.
        told = "logs from us-east-1 in 70 of 157 hours" if account == PAUSED else LACKS[account]
        assert any(one.startswith(told) for one in use.missing), account


def test_a_log_that_could_not_be_read_is_named_by_its_row_of_the_ledger(case: rf.Case) -> None:
    (number,) = (row["evidence_id"] for row in case.query("evidence").rows if row["uri"].endswith(name_of(DAMAGED)))
    assert LACKS[DAMAGED].endswith(f"; file {number})")


def test_a_gap_counts_for_its_time_alone(analysis: Analysis) -> None:
    """But for what has no time: a Region that was not read at all."""
    after = outcomes(analysis, *((account, "06 20:00:00", "06 21:00:00") for account in (WHOLE, *LACKS)))
    assert {one.approval.account for one in after if one.status != "unused"} == {UNREAD}
    before = outcomes(analysis, *((account, "04 20:00:00", "04 21:00:00") for account in (WHOLE, *LACKS)))
    assert {one.approval.account for one in before if one.status != "unused"} == {UNREAD}


def test_before_the_first_event_and_after_the_last_nothing_is_known(analysis: Analysis) -> None:
    late, over, absent = outcomes(
        analysis,
        (LATE, "10:00:00", "11:00:00"),
        (WHOLE, "07 11:00:00", "07 12:00:01"),
        (ABSENT, "10:00:00", "11:00:00"),
    )
    assert late.detail.endswith("missing: logs before 2026-08-07 12:00:00")
    assert over.detail.endswith("missing: logs after 2026-08-07 12:00:00")
    assert absent.detail.split("missing: ")[1].startswith(f"logs from account {ABSENT}: the case has none")


def test_a_region_is_asked_about_by_itself(case: rf.Case) -> None:
    coverage = Coverage(case)
    for account, text in LACKS.items():
        asked = coverage.of(account)
        within = Span(moment("10:00:00"), moment("11:00:00"))
        assert text in asked.gaps(span=within, sign_ins=True, without_effect=True), account
        own = account == STOPPED  # a trail that was stopped recorded any Region
        told = asked.gaps(["eu-west-3"], without_effect=True)
        assert (text in told) == own, (account, told)
        assert any("logs from eu-west-3" in one for one in told), account


@pytest.mark.heavy
def test_a_filter_on_time_leaves_what_lies_within_as_it_is(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/log.json", [of(WHOLE, one) for one in covered()])
    filters = Filters(since=moment("01 00:00:00"), until=moment("09 00:00:00"))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=filters)
        within, beyond = outcomes(
            case.analysis(), (WHOLE, "10:00:00", "11:00:00"), (WHOLE, "07 10:00:00", "09 00:00:00")
        )
    assert (within.status, beyond.status) == ("unused", "not_in_logs")
    assert "the events that the load filtered out" in beyond.detail


@pytest.mark.heavy
def test_the_report_names_the_gaps_of_each_account(analysis: Analysis) -> None:
    page = render_report(analysis)
    part = page[page.index('id="coverage"') : page.index('id="objects"')]
    for account, text in LACKS.items():
        if account == UNREAD:
            continue  # where root signs in is said with the story
        # Of all time it is silent before and behind the busy days, too.
        told = "logs from us-east-1 in 70 of 157 hours (2026-08-01 01:00 to " if account == PAUSED else text
        assert told.replace("'", "&#39;") in part, account


def test_the_view_spells_names_and_remarks_as_the_reader_does() -> None:
    text = views()["missing_logs"].sql
    assert (
        text.count(LOG_NAME.pattern.replace("?P<account>", "").replace("?P<region>", "").replace("?P<time>", "")) == 1
    )
    assert f"'{MAY_HOLD_EVENTS}'" in views()["evidence_gaps"].sql


def test_what_trails_without_a_name_miss_ends_only_if_each_was_started_again(empty_case: rf.Case) -> None:
    """Which of them was started again, nobody can tell."""
    first, second, end = moment("10:00:00"), moment("10:10:00"), moment("10:20:00")
    row = {
        "account_id": WHOLE,
        "control": "trail",
        "entity": None,
        "part": "recording",
        "impairment": "stopped",
        "result": "succeeded",
        "certainty": "certain",
        "by_root": True,
        "by_descendant": None,
        "eventName": "StopLogging",
        "from_time": first,
        "until_time": end,
        "restored_by": "admin",
        "restored_citation": "1:1",
        "evidence_id": 1,
        "record_index": 0,
    }
    going_on = row | {"from_time": second, "until_time": None, "restored_by": None, "restored_citation": None}
    ongoing = Coverage(empty_case).ongoing

    def missing(*rows: dict[str, Any]) -> tuple[Gap, ...]:
        return stopped(list(rows), WHOLE, ongoing, lambda row: {row["account_id"]})

    (gap,) = missing(row, going_on)
    assert (gap.from_time, gap.until_time, gap.text[-3:]) == (first, None, " on")
    (gap,) = missing(row, row | {"from_time": second})
    assert (gap.from_time, gap.until_time) == (first, end)
    (gap,) = missing(row, row | {"from_time": None})
    assert gap.from_time is None


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "written", [b"", b"\0" * 500, b"never mind", b'{"a": 1}', gzip.compress(b"", mtime=0), b'{"Records": []}']
)
def test_a_log_that_was_written_over_is_no_hour_without_events(tmp_path: Path, written: bytes) -> None:
    """CloudTrail writes none that is empty or holds something else; a list without records alone says that there were none."""
    over, beside = (tmp_path / name_of(WHOLE, time=f"20260805T{hour}30Z") for hour in ("10", "12"))
    over.parent.mkdir(parents=True)
    over.write_bytes(written)
    over.with_name(f"._{over.name}").write_bytes(b"what macOS keeps of a file")
    beside.write_bytes(gzip.compress(json.dumps({"Records": [of(WHOLE, covered()[0])]}).encode()))
    over.with_name(f"{beside.name}.sha256").write_text("0123456789abcdef")
    case = rf.open_case(tmp_path / "case.duckdb")
    case.load(tmp_path / "AWSLogs")
    is_log = written == b'{"Records": []}'
    hours = {row["hour_time"]: row for row in case.query("coverage_by_hour").rows if row["region"] == "us-east-1"}
    assert hours[moment("10:00:00")]["state"] == ("empty_log" if is_log else "incomplete")
    (found,) = case.sql(f"SELECT status FROM evidence WHERE uri LIKE '%/{over.name}'").rows
    assert found["status"] == ("empty" if is_log else "damaged")
    asked = {answer.asked.name: answer for answer in case.analysis().verdict_of(WHOLE).answers}
    assert any("could not be read completely" in one for one in asked["mfa_removed"].missing) is not is_log
