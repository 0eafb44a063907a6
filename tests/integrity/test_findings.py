"""What validation found that somebody may have caused, as findings, and beside the events concerned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.reports.html import render_report
from rootforensics.telling.caveats import tell_limits
from tests.builders import event, root_event, write_log
from tests.integrity.bucket import Chain, Stored, entry
from tests.integrity.conftest import Bench
from tests.integrity.test_verify import swapped, without


def findings(bench: Bench) -> dict[str, tuple[str, int]]:
    """Of the case: severity and number by name; each account and Region once for each name."""
    with rf.open_case(bench.folder / "case.duckdb") as case:
        rows = case.query("integrity_findings").rows
    assert len({(row["finding"], row["account_id"], row["region"]) for row in rows}) == len(rows)
    return {row["finding"]: (row["severity"], row["object_count"]) for row in rows}


def test_what_is_verified_has_none(bench: Bench) -> None:
    bench.verify(Chain().stored)
    assert findings(bench) == {}


def test_logs_that_were_changed_deleted_and_added(bench: Bench) -> None:
    chain, other = Chain(), Chain(count=1, trail="other", first=2)
    changed = replace(chain.logs[1], body=chain.logs[0].body, packed=b"")
    stored = swapped(without(chain.stored, chain.logs[3], chain.logs[4]), chain.logs[1], changed)
    bench.verify([*stored, other.logs[0]])
    assert findings(bench) == {"log_modified": ("critical", 1), "log_missing": ("high", 2), "log_unlisted": ("high", 1)}


@pytest.mark.heavy
def test_events_in_files_that_cloudtrail_did_not_name(bench: Bench) -> None:
    """Their account and Region are those of their events, if it is one."""
    bench.verify([*Chain().stored, Stored("evil.json", json.dumps({"Records": [root_event(eventID="1")]}).encode())])
    assert findings(bench) == {"log_foreign": ("medium", 1)}
    [row] = [row for row in bench.found.objects.rows if row["verdict"] == "no_digest"]
    assert (row["account_id"], row["region"]) == ("111122223333", "us-east-1")
    others = [root_event(eventID="2"), root_event(eventID="3", recipientAccountId="444455556666")]
    bench.verify([Stored("more/two.json", json.dumps({"Records": others}).encode())])
    assert findings(bench)["log_foreign"] == ("medium", 1)  # each of its group
    accounts = {row["account_id"] for row in bench.found.objects.rows if row["verdict"] == "no_digest"}
    assert accounts == {"111122223333", None}


@pytest.mark.heavy
def test_insights_are_not_covered_and_an_event_under_their_name_is_unlisted(bench: Bench) -> None:
    chain, insight = Chain(), event(eventType="AwsCloudTrailInsight", eventCategory="Insight")
    names = [chain.logs[2].key.replace("_CloudTrail_", f"_CloudTrail-{kind}_") for kind in ("Insight", "Aggregated")]
    bodies = [json.dumps({"Records": [one]}).encode() for one in (insight, root_event())]
    told = [Stored(name, body) for name, body in zip(names, bodies, strict=True)]
    bench.verify([*chain.stored, *told])
    assert bench.verdicts(told) == ["no_digest", "unlisted"]
    assert findings(bench) == {"log_unlisted": ("high", 1)}


@pytest.mark.heavy
def test_digests_deleted_in_the_middle_and_at_the_begin(bench: Bench) -> None:
    """Of the one before the first nobody can say whether it was deleted or never copied."""
    chain = Chain(8)
    bench.verify(without(chain.stored, chain.digests[0], chain.logs[0], *chain.digests[3:5]))
    assert findings(bench) == {"first_digest_missing": ("medium", 1), "digest_missing": ("high", 1)}
    with rf.open_case(bench.folder / "case.duckdb") as case:
        [row] = [row for row in case.query("integrity_findings").rows if row["finding"] == "digest_missing"]
    assert (row["from_time"], row["until_time"]) == (chain.begin(3), chain.begin(5))


@pytest.mark.heavy
def test_of_logs_of_the_day_before_the_first_nobody_can_say_whether_they_were_deleted(bench: Bench) -> None:
    """Three hours before midnight and three after it, of which the folders of the second day were copied."""
    chain = Chain(8, first=12)  # its digests end at 21:41 and so on, the third at 23:41
    kept = [one for one in chain.stored if "2026/08/05" in one.key]
    assert [digest in kept for digest in chain.digests] == [False] * 3 + [True] * 5
    bench.verify(without(kept, chain.logs[5]))
    lost = {"first_digest_missing": ("medium", 1), "first_log_missing": ("medium", 1), "log_missing": ("high", 1)}
    assert findings(bench) == lost
    reasons = {row["uri"][-45:]: row["reason"] for row in bench.found.objects.rows if row["verdict"] == "missing"}
    told = "a digest lists it, but the case does not have it"
    assert (
        reasons[chain.logs[3].key[-45:]]
        == f"{told}; the case has no log from that day, so it was deleted or never copied"
    )
    assert reasons[chain.logs[5].key[-45:]] == told
    with rf.open_case(bench.folder / "case.duckdb") as case:
        gaps = case.query("coverage_gaps").rows
    assert [(row["kind"], row["object_count"]) for row in gaps] == [("listed", 1)]


@pytest.mark.heavy
def test_all_logs_of_the_first_day_deleted_are_missing_where_its_digests_are_here(bench: Bench) -> None:
    chain = Chain(8, first=12)
    bench.verify([*chain.digests, *chain.logs[5:]])
    assert findings(bench) == {"log_missing": ("high", 5)}
    with rf.open_case(bench.folder / "case.duckdb") as case:
        gaps = case.query("coverage_gaps").rows
    assert sum(row["object_count"] for row in gaps if row["kind"] == "listed") == 5


@pytest.mark.heavy
def test_all_digests_of_a_region_deleted(bench: Bench) -> None:
    chain, other = Chain(), Chain(region="eu-west-1")
    bench.verify([*chain.stored, *other.logs])
    assert findings(bench) == {"no_digests": ("medium", 6)}


def test_a_region_that_falls_silent_is_one_whether_or_not_verify_was_run(tmp_path: Path) -> None:
    """Twelve hours of three busy days, and the last day of a Region whose every other hour has an event."""
    hours = {"us-east-1": [*range(30), *range(42, 72)], "eu-west-1": range(0, 50, 2)}
    records = [
        event(awsRegion=region, eventTime=f"2026-08-{3 + hour // 24:02d}T{hour % 24:02d}:10:00Z")
        for region, busy in hours.items()
        for hour in busy
    ]
    write_log(tmp_path, "logs/log.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        rows = case.query("integrity_findings").rows
    assert [(row["severity"], row["finding"], row["region"], row["uris"]) for row in rows] == [
        ("medium", "unusual_silence", "us-east-1", None),
        ("medium", "unusual_silence", "eu-west-1", None),
    ]
    assert [row["explanation"].split(" h. ")[0] for row in rows] == [
        "Nothing for 13 h, from 2026-08-04 05:10 to 2026-08-04 18:10 UTC. Silences there usually last at most 0",
        "Nothing for 23 h, from 2026-08-05 00:10 to 2026-08-05 23:10 UTC. Silences there usually last at most 1",
    ]
    told = CliRunner().invoke(cli, ["query", str(tmp_path / "case.duckdb"), "integrity-findings"]).stderr
    assert "The case has no results of verify since the last load." in " ".join(told.split())


def test_newest_digests_deleted(bench: Bench) -> None:
    chain, other = Chain(), Chain(region="eu-west-1")
    bench.verify([*without(chain.stored, *chain.digests[3:]), *other.stored])
    assert findings(bench) == {"chain_ends_early": ("medium", 1)}


@pytest.mark.heavy
def test_older_digests_deleted_behind_a_restart(bench: Bench) -> None:
    before, after = Chain(3), Chain(3, first=5)
    bench.verify([*before.logs, *after.stored])
    assert findings(bench) == {"chain_starts_late": ("medium", 3)}


@pytest.mark.heavy
def test_a_digest_that_was_replaced(bench: Bench) -> None:
    chain = Chain()
    bench.verify(
        swapped(chain.stored, chain.digests[3], replace(chain.digests[3], packed=chain.digests[3].packed + b"x"))
    )
    assert findings(bench) == {"digest_modified": ("high", 1)}


@pytest.mark.heavy
def test_verdicts_stand_beside_events_and_objects(bench: Bench) -> None:
    """Each object has one, so no row is doubled; before verify nobody has any."""
    chain = Chain()
    body = json.dumps({"Records": [root_event()]}).encode()
    stored = swapped(chain.stored, chain.logs[1], replace(chain.logs[1], body=body, packed=b""))
    bench.verify(stored)
    with rf.open_case(bench.folder / "case.duckdb") as case:
        assert [row["integrity_verdict"] for row in case.query("root_timeline").rows] == ["modified"]
        verdicts = sorted(row["integrity_verdict"] for row in case.query("evidence").rows)
        assert verdicts == ["modified", *["verified"] * 11]
        page, analysis = render_report(case), case.analysis()
        told = [statement.text for statement in tell_limits(analysis, analysis.scope)]
    assert "log modified" in page
    assert "1 log file differs from the one CloudTrail delivered" in page
    [said] = [
        text for text in told if text.startswith("1 log file differs from the one CloudTrail delivered: us-east-1 of")
    ]
    assert f"between {chain.begin(1):%Y-%m-%d %H:%M:%S} and {chain.begin(2):%H:%M:%S}" in said
    with rf.open_case(bench.folder / "case.duckdb") as case:
        (bench.folder / "logs" / "more.json").write_bytes(body)
        case.load(bench.folder / "logs")
        assert {row["integrity_verdict"] for row in case.query("evidence").rows} == {None}


@pytest.mark.heavy
def test_an_answer_says_that_it_stands_on_a_log_that_was_changed(bench: Bench) -> None:
    chain = Chain(1)
    body = json.dumps({"Records": [root_event(eventTime="2026-08-04T08:45:00Z")]}).encode()
    bench.verify(swapped(chain.stored, chain.logs[0], replace(chain.logs[0], body=body, packed=b"")))
    with rf.open_case(bench.folder / "case.duckdb") as case:
        [used] = [row for row in case.verdict().result().rows if row["name"] == "used_by_person"]
    assert used["answer"] == "yes"
    assert ". This event comes from a log file that verify found modified" in used["because"]


@pytest.mark.heavy
def test_of_some_changed_events_the_verdict_tells_and_the_brief_keeps_to_what_was_done(bench: Bench) -> None:
    changed, beside = (root_event(eventTime=f"2026-08-04T0{hour}:45:00Z") for hour in (8, 9))
    chain = Chain(2, calls={1: [beside]})
    body = json.dumps({"Records": [changed]}).encode()
    bench.verify(swapped(chain.stored, chain.logs[0], replace(chain.logs[0], body=body, packed=b"")))
    with rf.open_case(bench.folder / "case.duckdb") as case:
        [used] = [row for row in case.verdict().result().rows if row["name"] == "used_by_person"]
        brief = " ".join(row["text"] for row in case.brief().result().rows)
    assert (
        f". 1 of these events comes from a log file that verify found modified ({used['citations'][0]})"
        in used["because"]
    )
    assert "2 events" in brief
    assert "1 of these events" not in brief, brief


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", ["evil.json", "break"])
def test_an_answer_says_that_its_events_are_in_a_log_that_nothing_proves(bench: Bench, name: str) -> None:
    """Whatever its name: one of nobody's, and one of CloudTrail's in a break of the chain."""
    chain = Chain()
    key = chain.logs[3].key.replace("T1151Z", "T1152Z") if name == "break" else name
    body = json.dumps({"Records": [root_event(eventTime="2026-08-04T11:45:00Z")]}).encode()
    bench.verify([*without(chain.stored, chain.digests[3]), Stored(key, body)])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        [used] = [row for row in case.verdict().result().rows if row["name"] == "used_by_person"]
    why = "in a break of the digest chain" if name == "break" else "without a digest file"
    assert used["answer"] == "yes"
    assert used["because"].endswith(f". This event comes from a log file {why}")


@pytest.mark.heavy
def test_a_copy_that_nothing_proves_takes_no_proof_from_an_event(bench: Bench) -> None:
    record = root_event(eventTime="2026-08-04T08:45:00Z")
    body = json.dumps({"Records": [record]}).encode()
    chain = Chain(1)
    both = json.dumps({"Records": [record, event(eventTime="2026-08-04T08:46:00Z")]}).encode()
    chain.logs[0] = replace(chain.logs[0], body=both, packed=b"")
    listing = Chain(1, edit=lambda _, fields: fields.update(logFiles=[entry(chain.logs[0])]))
    bench.verify([chain.logs[0], *listing.digests, Stored("AAA.json", body)])
    with rf.open_case(bench.folder / "case.duckdb") as case:
        kept = case.sql("SELECT verdict FROM root_events JOIN integrity USING (evidence_id)").rows
        assert [row["verdict"] for row in kept] == ["no_digest"]
        assert [row["integrity_verdict"] for row in case.query("root_timeline").rows] == ["verified"]
        [used] = [row for row in case.verdict().result().rows if row["name"] == "used_by_person"]
    assert "verify" not in used["because"]
