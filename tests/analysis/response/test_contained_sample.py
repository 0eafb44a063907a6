"""Whether containment holds in the sample incident: what a responder reads, and the rows that it stands on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

from rootforensics.analysis.one_account import OneAccount
from rootforensics.analysis.response.contained import contained
from rootforensics.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

TAKEN: Final = "111122223333"
TIMES: Final = ("2026-08-05T08:00Z", "2026-08-05T09:00Z", "2026-08-06T00:00Z")
#: In the plan of the sample: AWS recorded a volume of a shared snapshot on both days, and named no snapshot.
BEFORE, VOLUME = "2026-08-03 16:20:09", "2026-08-06 16:20:09"
SINCE: Final = datetime(2026, 8, 5, 8, tzinfo=UTC)
_CITED: Final = re.compile(r" \[([^\]]*)\]$")


def rows_at(analysis: Analysis, since: datetime = SINCE) -> list[Any]:
    return list(contained(analysis, since).rows)


def test_the_account_that_was_taken_over_comes_first_and_of_others_only_what_happened_since(
    sample_analysis: Analysis,
) -> None:
    rows = rows_at(sample_analysis)
    assert [row["is_other"] for row in rows] == sorted(row["is_other"] for row in rows)
    assert {row["account_id"] for row in rows if not row["is_other"]} == {TAKEN}
    # Root of the management account signed in on 6 August and deleted a policy; that of the sandbox made a call on the 7th.
    others = {(row["account_id"], row["entity_kind"], row["answer"]) for row in rows if row["is_other"]}
    assert others == {
        ("444455556666", "root user", "used"), ("444455556666", "bucket", "still open"),
        ("777788889999", "root user", "used"),
    }  # fmt: skip
    late = rows_at(sample_analysis, datetime(2026, 8, 7, 16, tzinfo=UTC))
    assert not any(row["is_other"] for row in late)


def test_an_account_that_is_asked_about_is_checked_in_full(sample_analysis: Analysis) -> None:
    rows = rows_at(OneAccount(sample_analysis, "777788889999"))
    assert not any(row["is_other"] for row in rows)
    assert {"root user", "coverage gap"} <= {row["entity_kind"] for row in rows}


def test_a_session_is_a_row_with_its_worst_state(sample_analysis: Analysis) -> None:
    """Root gave the federated user backup-agent credentials for an hour; the name can be given to another session."""
    rows = rows_at(sample_analysis)
    (agent,) = [row for row in rows if "backup-agent" in row["entity_name"]]
    assert agent["answer"] == "unknown"
    (credentials,) = re.findall(r"credentials (ASIA\w+) expired at 2026-08-05 03:06:18", agent["because"])
    assert credentials not in {row["entity_name"] for row in rows}
    assert len({(row["account_id"], row["entity_kind"], row["entity_name"]) for row in rows}) == len(rows)


def test_the_snapshot_that_root_shared_says_what_aws_recorded_of_shared_snapshots(sample_analysis: Analysis) -> None:
    (snapshot,) = [row for row in rows_at(sample_analysis) if row["entity_kind"] == "snapshot"]
    recorded = f"AWS recorded that another account created a volume from a snapshot at {VOLUME}"
    assert (
        f"{recorded} (after containment) and at {BEFORE} (before). The records do not show who caused this or which snapshot it was"
        in snapshot["because"]
    )
    assert (snapshot["answer"], snapshot["unclear_count"]) == ("still open", 1)
    cited = sample_analysis.query("cited_events", citations=tuple(snapshot["citations"])).rows
    assert "SharedSnapshotVolumeCreated" in {row["eventName"] for row in cited}
    (later,) = [
        row for row in rows_at(sample_analysis, datetime(2026, 8, 7, tzinfo=UTC)) if row["entity_kind"] == "snapshot"
    ]
    assert "AWS recorded" not in later["because"]


def test_the_effect_of_a_password_recovery_is_known(sample_analysis: Analysis) -> None:
    rows = rows_at(sample_analysis)
    assert "call" not in {row["entity_kind"] for row in rows}
    (password,) = [row for row in rows if row["entity_kind"] == "root password"]
    assert (password["entity_name"], password["answer"]) == (TAKEN, "still open")
    assert "changed at 2026-08-05 01:19:47, not restored (PasswordRecoveryCompleted by " in password["because"]


@pytest.mark.heavy
@pytest.mark.parametrize("since", TIMES)
@pytest.mark.parametrize("account", ["", TAKEN])
@pytest.mark.quick(2)
def test_sentences_and_rows_agree(sample_path: Path, since: str, account: str) -> None:
    command = ["contained", str(sample_path), "--contained-at", since, *(["--account", account] if account else [])]
    text = CliRunner().invoke(cli, command).output
    rows = json.loads(CliRunner().invoke(cli, [*command, "--format", "json"]).stdout)
    # Headings count the entities of each answer, in their order. A coverage gap is none.
    counts = re.findall(r"^(Used|Still open|Unknown|Accepted|Closed): ([0-9]+)\. ", text, re.MULTILINE)
    entities = [row for row in rows if row["entity_kind"] != "coverage gap"]
    groups = groupby(entities, key=lambda row: (row["is_other"], row["answer"]))
    told = [(answer.capitalize(), len([*group])) for (_, answer), group in groups]
    assert [(name, int(count)) for name, count in counts] == told
    assert text.index("\nMissing evidence: ") > max(text.index(f"\n{answer}: ") for answer, _ in told)
    assert ("\nOther accounts: " in text) == any(row["is_other"] for row in rows)
    lines = [line for line in text.splitlines() if line.startswith(("! ", "- "))]
    for row in rows:
        assert any(row["because"] in line and (row["eventIDs"] or [""])[0] in line for line in lines), row
    ids = {event_id for row in rows for event_id in row["eventIDs"]}
    for line in lines:
        for cited in _CITED.findall(line):
            assert {part.split(" ")[0] for part in cited.split(" and ")[0].split(", ")} <= ids


@pytest.mark.parametrize("since", [SINCE, datetime(2026, 8, 5, 7, tzinfo=UTC)])
def test_no_sentence_is_longer_than_thirty_words_and_each_time_is_named(
    sample_analysis: Analysis, since: datetime
) -> None:
    for row in rows_at(sample_analysis, since):
        subject = f"{row['entity_kind']} {row['entity_name']} of {row['account_id']}: "
        for sentence in f"{subject}{row['because']}".split(". "):
            assert len(sentence.split()) <= 30, sentence
        assert not any("before that" in line for line in (row["because"], *row["missing"]))


def test_what_is_open_is_what_every_list_has_in_its_order(sample_analysis: Analysis) -> None:
    """Root deleted the flow log, so somebody has to create a new one."""
    analysis = OneAccount(sample_analysis, TAKEN)
    listed = [(row["entity_kind"], row["entity_name"]) for row in analysis.radius.still_open]
    rows = [row for row in rows_at(analysis) if row["answer"] == "still open"]
    assert [(row["entity_kind"], row["entity_name"]) for row in rows] == listed
    assert ("flow log", "fl-0a1b2c3d4e5f67890") in listed


def test_instances_are_named_as_the_brief_names_them(sample_path: Path) -> None:
    instances = r"20 instances \(i-\w+, i-\w+, i-\w+ and 17 more\)"
    brief = CliRunner().invoke(cli, ["brief", str(sample_path)]).output
    text = CliRunner().invoke(cli, ["contained", str(sample_path), "--contained-at", TIMES[0]]).output
    assert {*re.findall(instances, brief)} == {*re.findall(instances, text)} != set()
