"""The command ``posture``."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from click.testing import CliRunner, Result

from rootforensics.cli import cli
from rootforensics.posture.posture import controls
from tests.conftest import ROOT
from tests.posture.answers import ACCOUNT, neglected, perfect, write

if TYPE_CHECKING:
    from pathlib import Path


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["posture", *map(str, arguments)], standalone_mode=False)


def test_the_table_begins_with_what_is_open(tmp_path: Path) -> None:
    done = _run("--from", write(tmp_path, neglected()))
    assert done.return_value == 3
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "Open when AWS was asked:",
        "- the root user has an access key",
        "- the root user has no MFA",
    ]
    assert "%" not in done.stdout
    (counts,) = (line for line in lines if line.startswith("Controls: "))
    assert "14 fail" in counts
    assert sum(int(part.split()[0]) for part in counts.removeprefix("Controls: ").split(", ")) == len(controls())


def test_what_is_bad_is_told_beside_no_title_of_the_good_state(tmp_path: Path) -> None:
    lines = _run("--from", write(tmp_path, neglected())).stdout.splitlines()
    failing = [line for line in lines if line.startswith("fail ")]
    assert len(failing) == 14
    assert any(line.split(maxsplit=1)[1].startswith("root-access-key, critical: ") for line in failing)
    assert not [line for line in failing for control in controls().values() if control.title in line]


def test_controls_that_nothing_answers_are_one_paragraph_of_the_account() -> None:
    lines = _run("--from", ROOT / "docs" / "examples" / "posture").stdout.splitlines()
    (start, after) = (lines.index(f"Account {account}") for account in ("444455556666", "777788889999"))
    unknown = [number for number in range(start, after) if lines[number].startswith("unknown")]
    assert [lines[number].split(":")[0].split(maxsplit=1)[1] for number in unknown] == ["24 controls not checked"]
    assert ", guardduty, " in lines[unknown[0]]
    assert "missing: cloudtrail:DescribeTrails, " in lines[unknown[0] + 1]
    assert lines[unknown[0] + 1].endswith(" more (not saved)")


def test_the_status_is_0_if_nothing_fails_or_is_unknown(tmp_path: Path) -> None:
    assert _run("--from", write(tmp_path, perfect())).return_value == 0


def test_json_has_evidence_and_what_is_missing(tmp_path: Path) -> None:
    folder = write(tmp_path, perfect())
    (folder / ACCOUNT / "us-east-1/iam/get-account-summary.json").write_text("{")
    done = _run("--from", folder, "--format", "json")
    rows = {one["id"]: one for one in json.loads(done.stdout)}
    assert done.return_value == 3
    assert rows["root-access-key"]["answer"] == "unknown"
    assert rows["root-access-key"]["missing"]
    contact = rows["security-contact"]
    assert (contact["account_id"], contact["answer"]) == (ACCOUNT, "pass")
    (evidence,) = contact["evidence"]
    assert evidence["call"] == "account:GetAlternateContact"
    assert evidence["file"].endswith("get-alternate-contact--SECURITY.json")
    assert "not complete JSON" in done.stderr
    assert "Security" not in json.dumps(contact["why"])  # what the contact says is not told


def test_what_is_asked_for_goes_to_a_file_as_it_goes_to_stdout(tmp_path: Path) -> None:
    folder, out = write(tmp_path / "answers", perfect()), tmp_path / "out"
    for form in ("json", "csv"):
        shown = _run("--from", folder, "--format", form).stdout
        done = _run("--from", folder, "--format", form, "-o", out)
        assert (done.return_value, done.stdout, out.read_text()) == (0, "", shown)
    _run("--from", folder, "-o", out)
    assert out.read_text().split()[:4] == ["account_id", "id", "answer", "severity"]


def test_csv_has_a_row_for_each_control(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_run("--from", write(tmp_path, perfect()), "--format", "csv").stdout)))
    assert len(rows) == len(controls())
    assert {row["cis"] for row in rows if row["id"] == "root-mfa"} == {
        "1.2.0: 1.13; 1.4.0: 1.5; 3.0.0: 1.5; 5.0.0: 1.4"
    }


def test_security_hub_would_take_the_findings(tmp_path: Path) -> None:
    findings = json.loads(_run("--from", write(tmp_path, neglected()), "--format", "asff").stdout)
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    assert not ParamValidator().validate({"Findings": findings}, shape).has_errors()
    members = shape.members["Findings"].member.members
    assert {finding["Compliance"]["Status"] for finding in findings} <= set(
        members["Compliance"].members["Status"].enum
    )
    assert {one["Severity"]["Label"] for one in findings} <= set(members["Severity"].members["Label"].enum)
    by_id = {one["Id"].rpartition("/")[2]: one for one in findings}
    assert by_id["root-access-key"]["Compliance"]["Status"] == "FAILED"
    assert by_id["central-root-access"]["Compliance"]["Status"] == "NOT_AVAILABLE"


def test_the_policy_is_printed() -> None:
    done = _run("--print-policy")
    (statement,) = json.loads(done.stdout)["Statement"]
    assert {"iam:GetAccountSummary", "budgets:ViewBudget", "access-analyzer:ListAnalyzers"} <= set(statement["Action"])


def test_a_folder_and_aws_are_not_asked_together(tmp_path: Path) -> None:
    done = _run("--from", tmp_path, "--profile", "audit")
    assert "--from asks nothing of AWS" in str(done.exception)


def test_a_folder_with_files_is_refused_before_aws_is_asked(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    assert "not empty" in str(_run("--save", tmp_path).exception)


def test_without_credentials_the_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.stand_ins.cloudtrail_api import no_credentials

    for name, value in no_credentials().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    assert boto3.Session().get_credentials() is None
    assert "credentials" in str(_run().exception)
