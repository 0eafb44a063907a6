"""What is handed on: every line cites an event that is there, nothing is guessed, and nothing that was filled in is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.analysis.coverage.whole import Whole
from rootforensics.cli import cli
from rootforensics.reports.handover import FILES, write_handover
from rootforensics.rules.undo import measures
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.test_accounts import everywhere
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.telling.test_hypotheses import sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
KNOWN = datetime(2026, 8, 5, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def texts(sample_analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("handover")
    write_handover(sample_analysis, folder / "out", "0", known_at=KNOWN)
    return {name: (folder / "out" / name).read_text(encoding="utf-8") for name in FILES}


def test_each_event_that_is_cited_is_in_the_case(texts: dict[str, str], sample_case: rf.Case) -> None:
    cited = {found for text in texts.values() for found in _ID.findall(text)}
    held = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    assert len(cited) > 35
    assert cited <= held


def test_the_case_for_aws_names_what_was_seen_and_asks_for_what_follows(texts: dict[str, str]) -> None:
    """docs/sample-incident.md: recovery, MFA swapped, a key, instances, e-mail address changed; of account 1111 alone."""
    text = texts["support-case.txt"]
    assert text.count("Subject: ") == 1
    assert "root user of AWS account 111122223333" in text
    assert "2026-08-05 01:19:47: reset root's password" in text
    for asked in ("password recovery", "access key", "MFA", "charges", "e-mail address"):
        assert re.search(rf"^- Please .*{asked}", text, re.MULTILINE), asked
    assert "Leave out: passwords, secret keys" in " ".join(text.split())
    assert "root signed in to the console without MFA, from 203.0.113.77" in " ".join(text.split())
    assert text.index("What we ask of AWS") < text.index("What the logs show") < text.index("What is not known")


def test_the_case_for_aws_names_no_employee_no_check_and_no_alarm(texts: dict[str, str]) -> None:
    """docs/sample-incident.md: ana.souza and farid.haddad reversed what root did."""
    text = texts["support-case.txt"]
    assert "terminated by another user at 08:14:55" in " ".join(text.split())
    assert not re.search("souza|haddad|CIS|Data exposed:|Persistence not removed:", text)


def test_the_steps_are_those_of_the_verdict_behind_what_not_to_do(
    texts: dict[str, str], sample_analysis: Analysis
) -> None:
    text = texts["steps.md"]
    told = sample_analysis.verdict_of("111122223333").steps
    places = [text.index(f"{number}. {step.what[:40]}") for number, step in enumerate(told, 1)]
    assert places == sorted(places)
    assert all(0 < text.index(measure["what"]) < places[0] for measure in measures("never"))
    # Secrets that were read have a step, so they are not listed again.
    assert "Rotate secrets prod/checkout/db, prod/secret-4, prod/secret-5" in text.partition("## What to rotate")[0]
    assert "prod/" not in text.partition("## What to rotate")[2]
    assert "EC2 key pair x in eu-central-1" in text.partition("## What to rotate")[2]
    assert all(f"   {line}\n" in text for step in told for line in step.command.splitlines())


@pytest.mark.heavy
def test_the_moment_of_knowledge_is_given_or_to_fill_in(texts: dict[str, str], tmp_path: Path) -> None:
    assert "**When the organization first knew:** 2026-08-05 07:30:00, as given" in texts["facts.md"]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [root_event()]))
        case.handover(tmp_path / "out")
        assert case.query("custody").rows[-1]["command"] == "handover"
    assert "**When the organization first knew:** ⟦to the minute⟧" in (tmp_path / "out" / "facts.md").read_text(
        encoding="utf-8"
    )
    ran = CliRunner().invoke(cli, ["handover", str(tmp_path / "case.duckdb"), "--out", str(tmp_path / "out")])
    assert "nothing that was filled in is written over" in str(ran.exception)


def test_the_sheet_says_what_is_not_known(texts: dict[str, str]) -> None:
    text = texts["facts.md"]
    assert "| 777788889999 |" in text
    assert "impairment of logging" in re.search(r"\| 777788889999 \|.*", text)[0]  # type: ignore[index]
    assert "- Read 3 secrets (prod/checkout/db, prod/secret-4, prod/secret-5); account 111122223333, " in text
    assert "**Who was given access:** account 999988887777" in text
    assert text.index("## What was touched") < text.index("## Times")
    assert re.search(r"SHA-256 [0-9a-f]{64}", text)


def test_both_texts_say_what_the_logs_may_not_show(texts: dict[str, str]) -> None:
    """docs/sample-incident.md: prod-trail was stopped from 04:58:30 to 08:05:12."""
    told = " ".join(texts["support-case.txt"].split())
    assert "Nothing that was asked" not in told
    gap = "events that trail prod-trail would have recorded from 2026-08-05 04:58:30 to 2026-08-05 08:05:12"
    assert gap in told.partition("What is not known")[2]
    last = r"Account 111122223333:\*\* the logs since 2026-08-05 01:19:47 are incomplete"
    assert re.search(last, texts["facts.md"])
    assert gap in texts["facts.md"].partition("## What the logs do not show")[2]
    assert re.search(r"\| 111122223333 \|.*\| what the missing logs would show \|", texts["facts.md"])
    touched, beside = texts["facts.md"].partition("## Times")[0].split("Network access that was opened")
    assert re.search(r"Opened security group sg-0a1b2c3d4e5f60718 to the whole Internet; ", beside)
    assert not re.search("(?i)security group|deleted the policy of a bucket", touched)
    assert (
        "- flow log fl-0a1b2c3d4e5f67890, deleted at 2026-08-05 05:09:15 (DeleteFlowLogs)" in texts["support-case.txt"]
    )
    _, *seen = texts["support-case.txt"].partition("Resources")[0].split("\n- 2026")
    assert max(len(one.partition("[")[0]) for one in seen) < 340
    assert max(map(len, texts["support-case.txt"].splitlines())) <= 100


def test_whole_logs_are_said_to_be_whole_until_their_end_only(
    sample_analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Whole, "gaps", lambda *_: ())
    told = [path.read_text(encoding="utf-8") for path in write_handover(sample_analysis, tmp_path, "0")]
    assert re.search(
        r"Our logs are complete from .* to 2026-08-07 .*\. What happened later is not", " ".join(told[1].split())
    )
    assert re.search(r"Account 111122223333:\*\* the logs are complete from .* to 2026-08-07", told[2])


@pytest.mark.heavy
def test_without_a_sign_no_unauthorized_use_is_reported(tmp_path: Path) -> None:
    told = {}
    for name, record in {"used": sign_in("2026-08-05T10:00:00Z", "Yes"), "unused": event()}.items():
        with rf.open_case(tmp_path / f"{name}.duckdb") as case:
            case.load(write_log(tmp_path / name, "log.json", [record]))
            told[name] = case.handover(tmp_path / "out" / name)[1].read_text(encoding="utf-8")
            with pytest.raises(rf.FilterError, match="still to come"):
                case.handover(tmp_path / "later" / name, known_at=datetime(2099, 1, 1, tzinfo=UTC))
    assert "Subject: Root user of AWS account 111122223333: ⟦what you report⟧" in told["used"]
    assert "nauthorized" not in told["used"]
    assert "The logs in the case show no use of root, so there is no text" in told["unused"]
    assert "- Missing: " in told["unused"]


@pytest.mark.heavy
def test_of_an_account_without_logs_nothing_is_said_to_be_absent(tmp_path: Path) -> None:
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [event()]))
    named = [str(tmp_path / "case.duckdb"), "--out", str(tmp_path / "out"), "--account-id", "999999999999"]
    assert CliRunner().invoke(cli, ["handover", *named]).exit_code == 3
    told = {name: " ".join((tmp_path / "out" / name).read_text(encoding="utf-8").split()) for name in FILES}
    assert "Whether its root user was used is unknown." in told["support-case.txt"]
    assert "**Account 999999999999:** the case has no logs of this account ##" in told["facts.md"]
    assert not re.search("sign of a takeover|no event of root", told["support-case.txt"])
    assert not re.search("sign of a takeover|none is in the logs", told["facts.md"])


@pytest.mark.heavy
def test_names_of_logs_are_no_marks_and_ask_for_nothing(tmp_path: Path) -> None:
    name = "a`b\n# Heading ⟦pay here⟧"
    request = {"secretId": name}
    record = root_event(
        eventSource="secretsmanager.amazonaws.com", eventName="GetSecretValue", requestParameters=request
    )
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [record]))
        made = case.handover(tmp_path / "out", redactor=case.redactor(tmp_path / "key.json"))
    told = [path.read_text(encoding="utf-8") for path in made]
    assert "111122223333" not in "".join(told)
    assert not re.search(r"^# Heading", "\n".join(told), re.MULTILINE)
    assert not re.search(r"(?<!\\)⟦pay here", "\n".join(told))


@pytest.mark.heavy
def test_each_receiver_is_listed_once_and_what_was_undone_is_said(tmp_path: Path) -> None:
    def shared(minute: int, snapshot: str, *accounts: str, kind: str = "add", **fields: Any) -> dict[str, Any]:
        users = {"items": [{"userId": account} for account in accounts]}
        request = {"snapshotId": snapshot, "createVolumePermission": {kind: users}}
        return did("ec2:ModifySnapshotAttribute", minute, request, **fields)

    first, second = "444455556666", "555566667777"
    records = [
        shared(1, "snap-0aaa", first, second),
        shared(2, "snap-0bbb", second),
        shared(3, "snap-0ccc", second),
        shared(4, "snap-0bbb", second, kind="remove", who=user("owner", "AKIAOWNER")),
        did("cloudtrail:DeleteTrail", 5, {"name": "main"}),
    ]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [*everywhere(ACCOUNT), *records]))
        made = case.handover(tmp_path / "out")
    _, support, facts = (path.read_text(encoding="utf-8") for path in made)
    shares = ("snapshot snap-0aaa", "snapshot snap-0aaa; snapshot snap-0bbb; snapshot snap-0ccc")
    given = f"**Who was given access:** account {first} ({shares[0]}); account {second} ({shares[1]})\n"
    assert given in facts
    assert re.search(
        r"Shared 2 snapshots .*, 1 of 2 ended by \S+; .*; 1 of 2 calls not undone by the end of the logs \[", facts
    )
    assert re.search(r"Shared snapshot snap-0aaa .*; not undone by the end of the logs \[", facts)
    assert "- trail main in us-east-1, deleted at 2026-08-05 10:05:00 (DeleteTrail)" in support
