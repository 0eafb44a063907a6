"""What of persons and keys is kept and shown: names of sessions, URLs of subscribers, and masks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from rootforensics.posture.folder import read_folder, write_folder
from tests.posture.answers import ACCOUNT, TOPIC, perfect, write

if TYPE_CHECKING:
    from pathlib import Path

_MESSAGE = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Admin/maria@example.com is not authorized"
_TOPIC_FILE = "us-east-1/sns/list-subscriptions-by-topic--root-usage-alarm"


@pytest.mark.parametrize("form", ["table", "csv", "asff", "json"])
def test_a_refusal_is_told_without_who_was_refused(form: str, tmp_path: Path) -> None:
    denied = {"Error": {"Code": "AccessDenied", "Message": _MESSAGE}}
    answers = {
        "us-east-1/iam/get-account-summary": denied,
        "us-east-1/sts/get-caller-identity": denied,
        "us-east-1/iam/get-credential-report": perfect()["us-east-1/iam/get-credential-report"],
    }
    done = CliRunner().invoke(cli, ["posture", "--from", str(write(tmp_path, answers)), "--format", form])
    assert "permission iam:GetAccountSummary" in " ".join(done.stdout.split())
    assert "maria" not in done.output


@pytest.mark.parametrize(
    ("endpoint", "kept"),
    [
        ("https://events.pagerduty.com/integration/SECRETKEY/enqueue?x=SECRET", "https://events.pagerduty.com"),
        ("https://user:SECRET@hooks.example.com:8443/a", "https://hooks.example.com:8443"),
        ("ir@example.com", "ir@example.com"),
    ],
)
def test_of_the_url_of_a_subscriber_the_host_is_kept(endpoint: str, kept: str, tmp_path: Path) -> None:
    answers = perfect()
    answers[_TOPIC_FILE] = {"Subscriptions": [{"SubscriptionArn": f"{TOPIC}:1", "Endpoint": endpoint}]}
    saved, _ = read_folder(write(tmp_path / "first", answers))
    write_folder(tmp_path / "second", saved)
    (path,) = (tmp_path / "second").rglob("list-subscriptions-by-topic*")
    assert json.loads(path.read_text())["Subscriptions"][0]["Endpoint"] == kept


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_answers_are_masked(form: str, tmp_path: Path) -> None:
    folder, key = write(tmp_path, perfect()), tmp_path / "key.json"
    done = CliRunner().invoke(
        cli, ["posture", "--from", str(folder), "--format", form, "--redact", str(key)], standalone_mode=False
    )
    assert done.return_value == 0
    assert "account-01" in done.stdout
    assert ACCOUNT not in done.stdout
    assert ACCOUNT in key.read_text()


def test_the_policy_says_whose_each_statement_is() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/Audit"
    told = ["posture", "--print-policy", "--role-arn", role, "--org", "--member-role", "Member"]
    done = CliRunner().invoke(cli, told, standalone_mode=False)
    statements = {one["Sid"]: one for one in json.loads(done.stdout)["Statement"]}
    assert (statements["TakeRole"]["Action"], statements["TakeRole"]["Resource"]) == (["sts:AssumeRole"], role)
    assert statements["MemberRole"]["Resource"] == "arn:*:iam::*:role/Member"
    lines = done.stderr.splitlines()
    assert [line.split(" is for ")[0].split()[-1] for line in lines if " is for " in line] == list(statements)
    assert any("TakeRole is for your own identity" in line for line in lines)
