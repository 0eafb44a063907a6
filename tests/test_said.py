"""What is said of a case stands on its evidence: Regions, what was left out, actions by their service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.coverage.scope import scope
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.builders import ACCOUNT, event, gz, records_file, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path


def log(region: str, unique: str = "a") -> str:
    return f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/08/05/{ACCOUNT}_CloudTrail_{region}_20260805T1000Z_{unique * 16}.json.gz"


def told(case: rf.Case) -> list[str]:
    return [statement.text for statement in tell(case.analysis())]


@pytest.mark.heavy
def test_a_region_that_a_filter_left_out_was_not_read(tmp_path: Path) -> None:
    for region in ("us-east-1", "us-east-2", "us-west-2"):
        write_log(tmp_path / "logs", log(region), [event(awsRegion=region)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=Filters(regions=("us-east-1",)))
        assert scope(case).regions == ("us-east-1",)
        case.load(tmp_path / "logs", filters=Filters(regions=("us-west-2",)))
        assert scope(case).regions == ("us-east-1", "us-west-2")
        case.load(tmp_path / "logs")
        assert scope(case).regions == ("us-east-1", "us-east-2", "us-west-2")


def test_a_damaged_log_covers_no_more_than_its_events(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", log("us-east-1"), [event(awsRegion="us-east-1")])
    (path := tmp_path / "logs" / log("us-east-2")).parent.mkdir(parents=True)
    path.write_bytes(gz(records_file([root_event(awsRegion="us-east-2")]))[:20])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert scope(case).regions == ("us-east-1",)


@pytest.mark.heavy
@pytest.mark.parametrize("filters", [Filters(root_related=True), Filters(since=parse_time("2026-08-05"))])
@pytest.mark.quick(1)
def test_what_a_load_without_a_filter_brought_was_not_left_out(filters: Filters, tmp_path: Path) -> None:
    early, late = event(eventTime="2026-08-04T10:00:00Z"), root_event(eventTime="2026-08-05T10:00:00Z")
    write_log(tmp_path / "logs", "some.json", [early, late])
    write_log(tmp_path / "logs", "all.json", [late | {"eventID": "a-1"}])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=filters)
        assert not scope(case).is_whole
        assert case.sql("SELECT kind, object_count FROM evidence_gaps").rows == [
            {"kind": "filtered", "object_count": 2}
        ]
        assert case.load(tmp_path / "logs").new_count == 1
        taken = scope(case)
        assert (taken.is_whole, taken.filtered_count, taken.filters) == (True, 0, ())
        assert case.sql("SELECT kind FROM evidence_gaps").rows == []
        case.load(tmp_path / "logs", filters=filters)
        assert scope(case).is_whole


@pytest.mark.heavy
def test_what_a_moved_copy_brought_was_not_left_out(tmp_path: Path) -> None:
    early, late = root_event(eventTime="2026-08-04T10:00:00Z"), root_event(eventTime="2026-08-05T10:00:00Z")
    write_log(tmp_path / "one", "a.json", [early, late])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "one", filters=Filters(since=parse_time("2026-08-05")))
        assert not scope(case).is_whole
        (tmp_path / "one").rename(tmp_path / "two")
        case.load(tmp_path / "two")
        analysis = case.analysis()
        taken, summary = analysis.scope, summarize(analysis)
        assert (taken.is_whole, taken.filtered_count, taken.filters) == (True, 0, ())
        assert case.sql("SELECT kind FROM evidence_gaps").rows == []
        assert (summary["events"]["total"], summary["events"]["left_out"]) == (2, 0)
        assert not any("filtered out" in statement.text for statement in tell(analysis))


def signed(**fields: Any) -> dict[str, Any]:
    return root_event(eventSource="signin.amazonaws.com", eventType="AwsConsoleSignIn", **fields)


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said of calls that only seem to be an action."""
    calls = ("transfer:CreateUser", "connect:GetFederationToken", "iot:StopLogging", "chime:CreateAccessKey")
    elsewhere = [
        root_event(eventSource=f"{service}.amazonaws.com", eventName=name, readOnly=False)
        for service, name in (call.split(":") for call in calls)
    ]
    folder = tmp_path_factory.mktemp("said")
    write_log(folder / "logs", "a.json", [*elsewhere, signed(eventName="EmailUpdated", responseElements=None)])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        return told(case)


@pytest.mark.heavy
def test_a_call_of_the_same_name_elsewhere_is_another_action(sentences: list[str]) -> None:
    wrong = ("IAM user", "federated session", "stopped a trail", "access key for root")
    assert not [text for text in sentences if any(words in text for words in wrong)]
    assert [text for text in sentences if "StopLogging" in text]


def test_a_change_whose_outcome_is_not_recorded_is_not_told_as_done(sentences: list[str]) -> None:
    text = "\n".join(sentences)
    assert "changed root's e-mail address" not in text
    assert "the outcome is not recorded" in text


def test_what_triage_wrote_is_no_evidence(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [root_event(), event()])
    with rf.open_case(tmp_path / "one.duckdb") as case:
        case.load(tmp_path / "logs")
        rows = case.query("root_timeline")
        from rootforensics.queries.formats import write_csv, write_jsonl

        with (tmp_path / "logs" / "timeline.csv").open("w", newline="") as file:
            write_csv(rows.columns, rows.rows, file)
        with (tmp_path / "logs" / "timeline.jsonl").open("w") as file:
            write_jsonl(rows.rows, file)
    with rf.open_case(tmp_path / "two.duckdb") as case:
        case.load(tmp_path / "logs")
        assert case.sql("SELECT count(*) AS n FROM events").rows == [{"n": 2}]
        statuses = {row["uri"].rsplit("/", 1)[1]: row["status"] for row in case.query("evidence").rows}
    assert statuses == {"a.json": "loaded", "timeline.csv": "unsupported", "timeline.jsonl": "unsupported"}


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", [":memory:", "md:case", "sqlite:case.db"])
def test_a_case_is_a_file_whatever_its_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_log(tmp_path / "logs", "a.json", [event()])
    with rf.open_case(name) as case:
        assert case.load("logs").new_count == 1
    with rf.open_case(name) as case:
        assert case.sql("SELECT count(*) AS n FROM events").rows == [{"n": 1}]
    assert (tmp_path / name).is_file()


def test_columns_of_one_name_keep_their_values(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event(eventName="One")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert case.sql("SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a").rows == [{"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}]
        joined = case.sql("SELECT x.eventName, y.eventID IS NULL AS eventName FROM events x, events y")
        assert list(joined.rows[0].values()) == ["One", False]


@pytest.mark.parametrize("name", ["text", "dialect", "self", "values"])
def test_a_value_may_have_any_name(name: str, empty_case: rf.Case) -> None:
    assert empty_case.sql(f"SELECT ${name} AS v", values={name: "x"}).rows == [{"v": "x"}]
