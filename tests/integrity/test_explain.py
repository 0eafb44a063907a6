"""What explains a break: calls in logs that CloudTrail delivered, and none that somebody may have written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import rootforensics as rf
from rootforensics.analysis.coverage.coverage import Coverage
from tests.builders import event, root_event
from tests.integrity.bucket import HOUR, Chain, Stored, edited
from tests.integrity.conftest import Bench
from tests.integrity.test_findings import findings
from tests.integrity.test_verify import swapped, without

Events = list[dict[str, Any]]


def call(name: str, hour: float, **fields: Any) -> dict[str, Any]:
    """A call on the trail, so many hours after the first digest begins."""
    time = f"{Chain(0).begin(0) + hour * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    said = {"eventSource": "cloudtrail.amazonaws.com", "eventName": name, "eventTime": time}
    return event(**(said | {"requestParameters": {"name": "main"}} | fields))


def restarted(before: Events = (), after: Events = ()) -> tuple[Chain, Chain]:
    """Three hours, then two without a digest, then three more; with calls in the last and the first log."""
    return Chain(3, calls={2: list(before)}), Chain(3, first=5, calls={0: list(after)})


STOP, START = call("StopLogging", 2.9), call("StartLogging", 5.2)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("before", "after", "told", "finding"),
    [
        ([STOP], [START], "StopLogging at 2026-08-04T11:35:21Z", ("chain_restarted", "medium")),
        ([], [START], "None of them stopped it", ("chain_restarted_unexplained", "high")),
        (
            [call("UpdateTrail", 2.9, requestParameters={"name": "main", "includeGlobalServiceEvents": True})],
            [], "None of them stopped it", ("chain_restarted_unexplained", "high"),
        ),
        ([], [], "contain no call", ("chain_restarted_unexplained", "high")),
        (
            [call("StopLogging", 2.9, requestParameters={"name": "other"})], [], "contain no call",
            ("chain_restarted_unexplained", "high"),
        ),
        (
            [call("StopLogging", 2.9, errorCode="AccessDenied")], [], "contain no call",
            ("chain_restarted_unexplained", "high"),
        ),
    ],
)  # fmt: skip
def test_calls_around_a_restart(
    bench: Bench, before: Events, after: Events, told: str, finding: tuple[str, str]
) -> None:
    one, other = restarted(before, after)
    bench.verify([*one.stored, *other.stored])
    [reason] = bench.found.breaks["reason"]
    assert told in reason
    assert all(row["eventID"] in reason for row in (*before, *after) if "contain no call" not in told)
    assert findings(bench) == {finding[0]: (finding[1], 1)}


def _unlisted(one: Chain, _: Chain, body: bytes) -> list[Stored]:
    return [Stored(one.logs[2].key.replace("T1051Z", "T1052Z"), body)]


def _foreign(*_: Any) -> list[Stored]:
    return [Stored("calls.json", _[2])]


def _in_the_break(one: Chain, _: Chain, body: bytes) -> list[Stored]:
    return [Stored(one.logs[2].key.replace("T1051Z", "T1205Z"), body)]


def _modified(one: Chain, _: Chain, body: bytes) -> list[Stored]:
    return [replace(one.logs[2], body=body, packed=b"")]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("plant", "verdict"),
    [(_unlisted, "unlisted"), (_foreign, "no_digest"), (_in_the_break, "chain_broken"), (_modified, "modified")],
)
def test_a_call_that_nothing_proves_explains_nothing(
    bench: Bench, plant: Callable[..., list[Stored]], verdict: str
) -> None:
    one, other = restarted(after=[START])
    planted = plant(one, other, json.dumps({"Records": [STOP]}).encode())
    bench.verify(
        [*without(one.stored, *(log for log in one.logs if log.key == planted[0].key)), *other.stored, *planted]
    )
    assert bench.verdicts(planted) == [verdict]
    [row] = bench.found.breaks.rows
    assert not row["has_stop"]
    assert f"so they explain nothing: StopLogging at 2026-08-04T11:35:21Z [{STOP['eventID']}]" in row["reason"]
    assert findings(bench)["chain_restarted_unexplained"] == ("high", 1)


def test_a_copy_in_a_verified_log_makes_a_call_explain(bench: Bench) -> None:
    one, other = restarted([STOP], [START])
    bench.verify([Stored("AAA.json", json.dumps({"Records": [STOP]}).encode()), *one.stored, *other.stored])
    assert [row["has_stop"] for row in bench.found.breaks.rows] == [True]


@pytest.mark.quick(1)
@pytest.mark.parametrize(("planted", "until"), [(True, None), (False, "2026-08-04T13:53:21Z")])
def test_a_start_that_nothing_proves_ends_no_impairment(bench: Bench, planted: bool, until: str | None) -> None:
    stop = root_event(**{name: STOP[name] for name in ("eventSource", "eventName", "eventTime", "requestParameters")})
    one, other = restarted([stop], [] if planted else [START])
    more = [Stored("calls.json", json.dumps({"Records": [START]}).encode())] if planted else []
    bench.verify([*one.stored, *other.stored, *more])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        [row] = [row for row in case.query("logging_impairment").rows if row["eventID"] == stop["eventID"]]
        marked = {row["eventName"]: row["is_unproven"] for row in case.query("trail_calls").rows}
    assert (f"{row['until_time']:%Y-%m-%dT%H:%M:%SZ}" if row["until_time"] else None) == until
    assert marked == {"StopLogging": False, "StartLogging": planted}


@pytest.mark.quick(1)
@pytest.mark.parametrize("verified", [False, True])
def test_events_that_nothing_proves_show_no_recording_that_goes_on(bench: Bench, verified: bool) -> None:
    """A day and a half of reads and writes each hour behind a stop: another trail's, or planted."""
    stop = root_event(**{name: STOP[name] for name in ("eventSource", "eventName", "eventTime", "requestParameters")})
    begin = Chain(0).begin(3)
    events = [
        event(readOnly=not is_write, eventName=name, eventTime=f"{begin + number * HOUR:%Y-%m-%dT%H:%M:%SZ}")
        for number in range(36)
        for is_write, name in ((False, "DescribeInstances"), (True, "RunInstances"))
    ]
    one, other = Chain(3, calls={2: [stop]}), Chain(1, trail="other", first=36, calls={0: events if verified else []})
    planted = [] if verified else [Stored("more.json", json.dumps({"Records": events}).encode())]
    bench.verify([*one.stored, *other.stored, *planted])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        told = Coverage(case).of("111122223333").gaps(("us-east-1",))
    assert any("events that trail main would have recorded" in text for text in told) != verified, told


@pytest.mark.heavy
def test_starts_that_nothing_explains(bench: Bench) -> None:
    """Older hours deleted: behind a restart, and in one of two Regions. Of a new trail the start is none."""
    calls = [call("StartLogging", 0.1), call("StopLogging", 0.1, requestParameters={"name": "other"})]
    new, late, ours = "444455556666", "999988887777", Chain(4, calls={0: calls})
    made = [call(name, 0.1, recipientAccountId=new) for name in ("CreateTrail", "StartLogging")]
    newest, older = Chain(4, account=new, calls={0: made}), Chain(9, account=late)
    bench.verify(
        [*ours.stored, *newest.stored, *older.stored, *Chain(4, account=late, region="eu-west-1", first=5).stored]
    )
    assert bench.breaks == [
        ("restarted", None, ours.begin(0)),
        ("ends_early", ours.begin(4), ours.begin(9)),
        ("ends_early", ours.begin(4), ours.begin(9)),
        ("starts_late", ours.begin(0), ours.begin(5)),
    ]
    found = {name: severity for name, (severity, _) in findings(bench).items()}
    assert found == {
        "chain_restarted_unexplained": "high", "chain_ends_early": "medium", "chain_starts_after_others": "medium",
    }  # fmt: skip


@pytest.mark.heavy
def test_a_trail_that_was_made_in_a_log_that_nothing_proves_was_not_made(bench: Bench) -> None:
    chain = Chain(3, calls={0: [call("StartLogging", 0.1)]})
    bench.verify([*chain.stored, Stored("a.json", json.dumps({"Records": [call("CreateTrail", 0)]}).encode())])
    assert bench.breaks == [("restarted", None, chain.begin(0))]


@pytest.mark.heavy
def test_calls_on_the_trail_of_an_organization_explain_breaks_of_its_members(bench: Bench) -> None:
    member, arn = "444455556666", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"
    stop = call("StopLogging", 2.9, requestParameters={"name": arn})
    how = {"account": member, "folder": "o-abcdefghij/"}
    owner = Chain(8, trail="own", calls={2: [stop]})
    bench.verify([*Chain(3, **how).stored, *Chain(3, first=5, **how).stored, *owner.stored])
    [told] = bench.found.breaks.rows
    assert stop["eventID"] in told["reason"]
    assert told["has_stop"]


def _changed(chain: Chain) -> list[Stored]:
    return swapped(chain.stored, chain.logs[3], replace(chain.logs[3], body=b'{"Records":[]}', packed=b""))


#: What was done to eight hours of a Region, and the finding that the verdict on logging names.
TABLE: dict[str, Callable[[Chain], Sequence[Stored]]] = {
    "": lambda chain: chain.stored,
    "1 delivered log file is missing": lambda chain: without(chain.stored, chain.logs[3]),
    "1 log file differs from the one CloudTrail delivered": _changed,
    "1 break in a digest chain: digest files are missing": lambda chain: without(chain.stored, *chain.digests[3:5]),
    "1 digest file differs from the one CloudTrail signed": lambda chain: swapped(
        chain.stored, chain.digests[3], edited(chain.digests[3], lambda fields: fields.update(logFiles=[]))
    ),
    "1 digest chain ends before other evidence": lambda chain: without(chain.stored, *chain.digests[4:]),
    "1 digest chain was restarted, and no call in the logs stopped it": lambda chain: [
        *chain.logs[:3], *chain.digests[:3], *Chain(3, first=5, account=chain.account).stored,
    ],
    "3 log files are older than the first digest": lambda chain: [
        *chain.logs[:3], *Chain(3, first=5, account=chain.account, trail="other").stored,
    ],
    "8 log files are from a Region without digests, in an account with digests elsewhere": lambda chain: chain.logs,
    "1 digest chain starts later than the trail's chains in other Regions": lambda chain: (
        Chain(3, first=5, account=chain.account).stored
    ),
}  # fmt: skip


@pytest.mark.heavy
def test_the_verdict_on_logging_says_no_past_no_finding(bench: Bench) -> None:
    """Each in an account of its own, of which another Region is whole, in which root signed in."""
    stored: list[Stored] = []
    for number, spoiled in enumerate(TABLE.values(), 1):
        how = {"account": f"{number:012}"}
        signed = root_event(
            eventName="ConsoleLogin", eventSource="signin.amazonaws.com", eventTime="2026-08-04T09:00:00Z",
            recipientAccountId=how["account"], identity={"accountId": how["account"]}, awsRegion="us-east-2",
        )  # fmt: skip
        other = event(recipientAccountId=how["account"])
        stored += [*spoiled(Chain(8, **how)), *Chain(8, **how, region="us-east-2", calls={0: [signed, other]}).stored]
    bench.verify(stored)
    with rf.open_case(bench.folder / "case.duckdb") as case:
        rows = {row["account_id"]: row for row in case.verdict().result().rows if row["name"] == "logging_impaired"}
    for number, found in enumerate(TABLE, 1):
        said = rows[f"{number:012}"]
        _, _, told = said["because"].partition("; but verify found: ")
        # Of the Regions that are not loaded nothing is known; where nothing was found, only they keep it from a no.
        elsewhere = [one for one in said["missing"] if "where more events may be recorded" in one]
        assert (said["answer"], said["missing"] == elsewhere) == ("unknown", not found), said["missing"]
        assert f"{found} (us-east-1, " in told if found else not told, said
        assert any("the bucket's versions and data events" in one for one in said["missing"]) == bool(found), said


@pytest.mark.heavy
def test_a_restart_without_an_end_before_it_is_a_gap_from_the_first_evidence_on(bench: Bench) -> None:
    """Of the account and Region: logs that are older than the digest; without any, of all the time before."""
    old = Chain(2).logs
    for stored, begin in ((old[:0], None), (old, Chain(1).begin(0).replace(minute=51, second=0) - HOUR)):
        chain = Chain(3, first=5, calls={0: [START]})
        bench.verify([*stored, *chain.stored])
        with rf.open_case(bench.folder / "case.duckdb") as case:
            gaps = [row for row in case.query("coverage_gaps").rows if row["kind"] == "chain_broken"]
            told = [
                one
                for row in case.verdict().result().rows
                for one in row["missing"]
                if "break in the digest chain" in one
            ]
        assert [(row["from_time"], row["until_time"]) for row in gaps] == [(begin, chain.begin(0))]
        assert told
        assert ("before 2026-08-04 13:41" in told[0]) == (begin is None), told
