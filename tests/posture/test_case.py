"""What a case keeps of the posture."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.evidence.notes import login_name
from rootforensics.ingest.store import POSTURE
from rootforensics.posture.folder import read_folder, write_folder
from rootforensics.posture.posture import controls
from tests.builders import event, root_event, write_log
from tests.posture.answers import ACCOUNT, DENIED, neglected, perfect, summary, write

if TYPE_CHECKING:
    from pathlib import Path

#: By type of a column, another value.
_OTHER = {
    "INTEGER": "check_id + 1000",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2001-01-01 00:00:00Z'",
    "VARCHAR[]": "['answer:1', 'other']",
    "BOOLEAN": "NOT unread",
    "JSON": """'{"other": 1}'""",
    "VARCHAR": "'other'",
}
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/audit/maria"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """A case with a neglected account that was checked again when it was perfect."""
    folder = tmp_path_factory.mktemp("case")
    found = rf.Case(folder / "case.duckdb")
    found.load(write_log(folder, "log.json", [root_event()]))
    found.posture(from_folder=write(folder / "neglected", neglected()))
    answers = perfect() | {"us-east-1/sts/get-caller-identity": {"Account": ACCOUNT, "Arn": CALLER, "UserId": "A"}}
    answers["us-east-1/iam/list-virtual-mfa-devices"] = {
        "VirtualMFADevices": [{"SerialNumber": "arn:aws:iam::111122223333:mfa/a", "Base32StringSeed": "SEEDSEED"}]
    }
    found.posture(from_folder=write(folder / "perfect", answers))
    return found


@pytest.mark.heavy
def test_the_last_check_of_an_account_counts_with_time_and_caller(case: rf.Case) -> None:
    rows = case.query("posture").rows
    assert {row["account_id"] for row in rows} == {ACCOUNT}
    assert len(rows) == len({row["control_id"] for row in rows}) == len(controls())
    [row] = [row for row in rows if row["control_id"] == "root-access-key"]
    assert (row["answer"], row["exposure"], row["caller"], row["checked_by"]) == ("pass", "", CALLER, login_name())
    assert abs(datetime.now(UTC) - row["checked_time"]) < timedelta(minutes=5)
    kept = case.sql("SELECT check_id, answer FROM posture WHERE control_id = 'root-access-key' ORDER BY check_id").rows
    assert kept == [{"check_id": 1, "answer": "fail"}, {"check_id": 2, "answer": "pass"}]


@pytest.mark.heavy
def test_a_later_check_of_less_leaves_what_was_answered(tmp_path: Path) -> None:
    """With its own time, and why says so; what it did answer counts."""
    whole, _ = read_folder(write(tmp_path / "whole", perfect()))
    write_folder(tmp_path / "timed", [replace(one, time="2026-11-01T00:00:00Z") for one in whole])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [event(identity={"arn": "arn:aws:iam::111122223333:user/a"})]))
        case.posture(from_folder=tmp_path / "timed")
        less = {
            "us-east-1/iam/get-account-summary": summary(AccountAccessKeysPresent=1),
            "us-east-1/account/get-alternate-contact--SECURITY": DENIED,
        }
        case.posture(from_folder=write(tmp_path / "less", less))
        told = {row["control_id"]: row for row in case.query("posture").rows}
        findings = case.query("posture_findings").rows
    assert len(told) == len(controls())
    assert (told["root-access-key"]["answer"], told["root-access-key"]["answered_time"]) == ("fail", None)
    contact = told["security-contact"]
    assert (contact["answer"], contact["answered_time"]) == ("warn", datetime(2026, 11, 1, tzinfo=UTC))
    assert "The last check could not read this" in contact["why"]
    # Of certificates it read the summary, and not the report, without which nobody can tell.
    assert told["root-certificate"]["answer"] == "warn"
    assert [one for one, row in told.items() if row["answer"] == "unknown"] == []
    assert {row["finding"] for row in findings} <= {"trail_silent"}


@pytest.mark.heavy
def test_a_pass_is_of_the_last_check_and_of_the_logs_that_the_case_holds(tmp_path: Path) -> None:
    """Logs that were loaded later may tell who set it; what a later check read and cannot judge is unknown."""
    ours = {"arn": "arn:aws:iam::111122223333:user/a"}
    answers, topic = perfect(), "us-east-1/sns/get-topic-attributes--root-usage-alarm"
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [event(identity=ours)]))

        def told(*names: str) -> list[str | None]:
            found = {row["control_id"]: row["answer"] for row in case.query("posture").rows}
            return [found[name] for name in names]

        case.posture(from_folder=write(tmp_path / "first", answers))
        assert told("root-mfa", "root-alarm", "delegated-administrators") == ["pass", "pass", "info"]
        statement = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"}
        policy = statement | {"Resource": "*", "Condition": {"StringEquals": {"aws:SourceOrgID": "o-1"}}}
        answers[topic]["Attributes"]["Policy"] = json.dumps({"Statement": [policy]})
        case.posture(from_folder=write(tmp_path / "second", answers))
        assert told("root-mfa", "root-alarm") == ["pass", "unknown"]
        case.load(write_log(tmp_path, "late.json", [root_event(eventName="EnableMFADevice")]))
        assert told("root-mfa", "root-alarm", "delegated-administrators") == ["warn", "unknown", "info"]
        [row] = [row for row in case.query("posture").rows if row["control_id"] == "root-mfa"]
        assert "Logs loaded since then may show who set it" in row["why"]


@pytest.mark.heavy
def test_a_known_fail_is_not_lost_by_a_later_check_with_fewer_rights(tmp_path: Path) -> None:
    """Whatever words say that something was not read; where all was read, the later answer counts."""
    status, topic = (
        "us-east-1/s3/get-bucket-policy-status--trail-logs",
        "us-east-1/sns/get-topic-attributes--root-usage-alarm",
    )
    bad, less, good = perfect(), perfect(), perfect()
    bad[status] = {"PolicyStatus": {"IsPublic": True}}
    bad["us-east-1/s3/get-public-access-block--trail-logs"] = {"PublicAccessBlockConfiguration": {}}
    bad[topic]["Attributes"]["Policy"] = json.dumps(
        {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
    )
    less |= {status: DENIED, topic: DENIED}
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [event(identity={"arn": "arn:aws:iam::111122223333:user/a"})]))
        for name, answers, wanted in (("bad", bad, "fail"), ("less", less, "fail"), ("good", good, "pass")):
            case.posture(from_folder=write(tmp_path / name, answers))
            found = {row["control_id"]: row["answer"] for row in case.query("posture").rows}
            assert [found[one] for one in ("log-bucket-access", "root-alarm")] == [wanted, wanted], name
        kept = case.sql("SELECT check_id FROM posture WHERE unread AND control_id = 'root-alarm'").rows
    assert kept == [{"check_id": 2}]


@pytest.mark.heavy
def test_an_answer_cites_what_aws_said(case: rf.Case) -> None:
    [row] = [row for row in case.query("posture").rows if row["control_id"] == "security-contact"]
    [cited] = [one for one in case.query("aws_answers").rows if one["citation"] in row["answers"]]
    assert (cited["call"], cited["argument"], cited["check_id"]) == ("account:GetAlternateContact", "SECURITY", 2)
    assert json.loads(cited["body"])["AlternateContact"]["AlternateContactType"] == "SECURITY"
    assert not case.query("posture", account_id="444455556666").rows


def test_an_answer_in_another_shape_is_kept_as_it_is(tmp_path: Path) -> None:
    """Who asked is then not known."""
    answers = {
        "us-east-1/sts/get-caller-identity": {"Account": ACCOUNT},
        "organizations/list-accounts": {"Accounts": 7},
    }
    folder = write(tmp_path / "answers", answers)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [root_event()]))
        assert {answer.answer for answer in case.posture(from_folder=folder).answers} == {"unknown"}
        assert {row["caller"] for row in case.query("posture").rows} == {None}
    for known in (["--from", str(folder)], [str(tmp_path / "case.duckdb")]):
        done = CliRunner().invoke(cli, ["runbook", *known, "--out", str(tmp_path / f"{len(known)}.md")])
        assert done.exit_code == 0, done.exception


@pytest.mark.heavy
def test_what_was_found_is_not_written_over_the_case(case: rf.Case, tmp_path: Path) -> None:
    """And nothing is asked before that is known; what is written is an act of the case."""
    copy, out = tmp_path / "copy.duckdb", tmp_path / "out.csv"
    case.close()
    copy.write_bytes(case.path.read_bytes())
    asked = ["posture", str(copy), "--from", str(write(tmp_path / "answers", perfect())), "--format", "csv", "-o"]
    assert "this is the case file" in str(CliRunner().invoke(cli, [*asked, str(copy)]).exception)
    assert len(rf.open_case(copy).custody()) == len(case.custody())
    CliRunner().invoke(cli, [*asked, str(out)])
    assert out.read_text().startswith("account_id,id,answer")
    written = rf.open_case(copy)
    assert [row["command"] for row in written.custody().rows][-2:] == ["posture", "posture"]
    assert written.verify_custody().is_whole


def test_no_seed_of_a_device_is_kept(case: rf.Case) -> None:
    [kept] = case.sql("SELECT count(*) AS n FROM aws_answers WHERE CAST(body AS VARCHAR) LIKE '%SEEDSEED%'").rows
    assert kept["n"] == 0


@pytest.mark.heavy
def test_a_check_is_an_act_and_a_change_of_it_is_found(case: rf.Case, tmp_path: Path) -> None:
    assert [row["command"] for row in case.custody().rows] == ["load", "posture", "posture"]
    assert case.verify_custody().is_whole
    case.close()
    columns = [(table, name, kind) for table, held in POSTURE.items() for name, kind in held.items()]
    copy = tmp_path / "copy.duckdb"
    for table, name, kind in columns:
        copy.write_bytes(case.path.read_bytes())
        with duckdb.connect(str(copy)) as connection:
            connection.execute(f"UPDATE {table} SET {name} = {_OTHER.get(kind, _OTHER['VARCHAR'])} WHERE check_id = 1")
        problems = rf.open_case(copy).verify_custody().problems
        assert problems[:1] == ("posture check 1 was changed",) or name == "check_id", name
        assert problems, name
