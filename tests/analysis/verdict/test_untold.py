"""A table that has no column for errors cannot say that a call succeeded, and no action is told from it."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.analysis.lineage.test_blast_radius import user
from tests.builders import ACCOUNT, event_id, root_event, write_log
from tests.queries.test_impairment_compared import WRITES, made, selected
from tests.stories import Names, Part, Story

if TYPE_CHECKING:
    from pathlib import Path

_WHO = f"{{type=Root, principalid={ACCOUNT}, arn=arn:aws:iam::{ACCOUNT}:root, accountid={ACCOUNT}}}"
#: An action for each question that stands on actions.
_ACTIONS = {
    "logging_impaired": ("cloudtrail", "StopLogging"),
    "access_keys": ("iam", "CreateAccessKey"),
    "mfa_removed": ("iam", "DeactivateMFADevice"),
    "money_spent": ("ec2", "RunInstances"),
    "data_exposed": ("s3", "PutBucketPolicy"),
    "ownership_changed": ("account", "PutAlternateContact"),
    "password_changed": ("iam", "ChangePassword"),
}
#: Actions that may answer a question with yes by what they were done to.
_PERHAPS = {"money_spent": ("ec2", "CreateSnapshot"), "data_exposed": ("kms", "CreateGrant")}
_IDS = {name: event_id() for name in _ACTIONS}
_WHOLE = event_id()


def _table(actions: dict[str, tuple[str, str]] = _ACTIONS, lacking: str = "", **more: str) -> str:
    """The actions as a table that somebody selected, and a column more if wanted."""
    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for place, (name, (source, call)) in enumerate(actions.items()):
        row = {
            "eventtime": f"2026-08-05T10:0{place}:00Z",
            "eventsource": f"{source}.amazonaws.com",
            "eventname": call,
            "awsregion": "us-east-1",
            "useridentity": _WHO,
            "requestparameters": "null",  # of root's own keys and devices
            "recipientaccountid": ACCOUNT,
            "eventid": _IDS[name],
            "eventtype": "AwsApiCall",
        } | more
        row.pop(lacking, None)
        if writer is None:
            writer = csv.DictWriter(text, row.keys())
            writer.writeheader()
        writer.writerow(row)
    return text.getvalue()


def answers_of(table: str, *records: dict[str, Any], name: str = "t.csv") -> Story:
    """The answers on the account of a table and records."""

    def ask(analysis: Any, names: Names) -> Any:
        (told,) = [verdict for verdict in analysis.verdicts if verdict.account_id in names.accounts]
        return {answer.name: answer for answer in told.answers}

    return Story(list(records), ask, files={name: table})


@pytest.mark.parametrize("name", _ACTIONS)
async def test_a_table_without_errors_tells_no_action(name: str) -> None:
    answers = await answers_of(_table())
    assert answers[name].answer == "unknown"
    assert re.match("the records? do(es)? not say whether .* succeeded", answers[name].because)
    assert _IDS[name] in answers[name].event_ids
    assert "the complete records of these events" in answers[name].missing
    assert answers["used_by_person"].answer == "yes"


@pytest.mark.parametrize("name", _PERHAPS)
async def test_a_table_without_errors_tells_what_may_have_been_an_action(name: str) -> None:
    answers = await answers_of(_table({name: _PERHAPS[name]}))
    assert answers[name].answer == "unknown"
    assert re.match("the records? do(es)? not say whether .* succeeded", answers[name].because)
    assert _IDS[name] in answers[name].event_ids


async def test_a_paid_call_that_no_list_has_and_that_perhaps_failed_is_told() -> None:
    answers = await answers_of(_table({"money_spent": ("comprehend", "CreateDocumentClassifier")}))
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == ("unknown", (_IDS["money_spent"],))


@pytest.mark.parametrize(
    ("name", "call"),
    [("mfa_removed", "DeactivateMFADevice"), ("password_changed", "DeleteLoginProfile"),
     ("password_changed", "CreateLoginProfile")],
)  # fmt: skip
async def test_a_table_without_errors_and_requests_denies_nothing_of_roots_credentials(name: str, call: str) -> None:
    answers = await answers_of(_table({name: ("iam", call)}, "requestparameters"))
    assert answers[name].answer == "unknown"
    assert _IDS[name] in answers[name].event_ids


@pytest.mark.parametrize("name", [name for name in _ACTIONS if name != "data_exposed"])
async def test_a_table_with_an_empty_column_for_errors_tells_actions(name: str) -> None:
    assert (await answers_of(_table(errorcode="")))[name].answer == "yes"


def test_outcomes_are_null_where_no_column_holds_errors_and_no_answer_is_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(_table(), encoding="utf-8")
    whole = root_event(eventID=_WHOLE, responseElements=None)
    write_log(tmp_path, "a.json", [whole])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "t.csv", tmp_path / "a.json")
        told = {row["eventID"]: row["outcome"] for row in case.sql("SELECT eventID, outcome FROM root_events").rows}
    assert told == {**dict.fromkeys(_IDS.values()), _WHOLE: "success"}


async def test_an_action_that_a_whole_record_tells_too_is_told() -> None:
    stopped = root_event(
        eventID=_IDS["logging_impaired"], eventSource="cloudtrail.amazonaws.com", eventName="StopLogging"
    )
    assert (await answers_of(_table(), stopped))["logging_impaired"].answer == "yes"


async def test_what_was_perhaps_narrowed_before_may_have_been_narrowed_by_root() -> None:
    """Nobody knows whether the call before succeeded: if it did not, the trail recorded all until root narrowed it."""
    admin = user("admin")
    row = {name.lower(): value for name, value in selected(5, WRITES, who=admin).items()}
    records, table = [made(1, who=admin), selected(9, WRITES)], json.dumps(row)
    part = await Story(records, Part, files={"table.json": table})
    assert part.sql("SELECT 1 FROM events WHERE eventName = 'PutEventSelectors' AND outcome IS NULL").rows
    answer = (await answers_of(table, *records, name="table.json"))["logging_impaired"]
    assert answer.answer == "unknown"
    assert answer.because == "possibly: trail main narrowed (PutEventSelectors)"
