"""The source of a call, whether it writes and who acted, where the record does not say it in the usual way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.analysis.verdict.logs import EVERYWHERE
from tests.analysis.verdict.test_lacking import STORIES, in_account
from tests.builders import ABSENT, event, root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

ONE, SEVERAL, NONE, SPELLED, NAMED = (f"50000000000{number}" for number in range(5))
#: The old table of the event history: no source, no account, no type of identity.
_TABLE = """Event ID,Event time,User name,Event name,Resource type,Resource name,AWS access key,AWS region,Error code,Source IP address
t-1,2026-08-05T10:00:00Z,root,PasswordRecoveryCompleted,,,,us-east-1,,198.51.100.7
t-2,2026-08-05T10:01:00Z,root,StopLogging,,,,us-east-1,,198.51.100.7
t-3,2026-08-05T10:02:00Z,root,DeactivateMFADevice,,,,us-east-1,,198.51.100.7
t-4,2026-08-05T10:03:00Z,root,CreateUser,,,,us-east-1,,198.51.100.7
"""


def _bare(name: str, source: str = "", **fields: Any) -> dict[str, Any]:
    """An action of root whose record names no source."""
    return root_event(eventName=name, eventSource=source or ABSENT, readOnly=ABSENT, **fields)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    folder = tmp_path_factory.mktemp("inferred")
    made = STORIES["made_and_ran"]
    stories = {
        ONE: [
            _bare("PasswordRecoveryCompleted", responseElements={"PasswordRecoveryCompleted": "Success"}),
            _bare("StopLogging", requestParameters={"name": "t"}),
            _bare("DeactivateMFADevice20200531"),
            # Several services have a call of this name; the version is that of Lambda's API.
            _bare("AddPermission20150331v2"),
        ],
        SEVERAL: [_bare("CreateUser", eventID="several")],
        NONE: [_bare("FlipTheSwitch", eventID="none"), _bare("", eventID="nameless", source="iam.amazonaws.com")],
        SPELLED: [root_event(), event(userIdentity=str(event()["userIdentity"]), readOnly=False)],
        NAMED: [*made[:2], {name: value for name, value in made[2].items() if name != "readOnly"}],
    }
    records = [one for account, own in stories.items() for one in in_account([*own, *EVERYWHERE], account)]
    write_log(folder, "log.json", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
        yield case


@pytest.fixture(scope="module")
def analysis(case: rf.Case) -> Analysis:
    return case.analysis()


def answers(analysis: Analysis, account: str) -> dict[str, Any]:
    return {answer.name: answer for answer in analysis.verdict_of(account).answers}


@pytest.mark.heavy
def test_a_call_that_one_service_has_is_that_services(case: rf.Case, analysis: Analysis) -> None:
    rows = case.sql("SELECT DISTINCT eventName, service, inferred FROM events WHERE inferred <> '' ORDER BY ALL").rows
    assert [tuple(row.values()) for row in rows] == [
        ("AddPermission20150331v2", "lambda.amazonaws.com", "eventSource"),
        ("DeactivateMFADevice20200531", "iam.amazonaws.com", "eventSource"),
        ("PasswordRecoveryCompleted", "signin.amazonaws.com", "eventSource"),
        ("StopLogging", "cloudtrail.amazonaws.com", "eventSource"),
    ]
    told = answers(analysis, ONE)
    for name in ("password_changed", "mfa_removed", "logging_impaired"):
        assert told[name].answer == "yes", name
        assert "is inferred, because the record does not name it" in told[name].told
    assert [row["outcome"] for row in case.query("root_signins", account_id=ONE).rows] == ["success"]


@pytest.mark.parametrize(("account", "cited"), [(SEVERAL, "several"), (NONE, "none"), (NONE, "nameless")])
def test_a_call_that_several_services_have_or_none_leaves_answers_open(
    analysis: Analysis, account: str, cited: str
) -> None:
    told = answers(analysis, account)
    for name in ("password_changed", "mfa_removed", "logging_impaired", "money_spent", "ownership_changed"):
        assert told[name].answer == "unknown", name
        assert any(cited in one for one in told[name].missing), (name, told[name].missing)


def test_the_case_says_what_was_inferred_and_what_was_not(case: rf.Case) -> None:
    kinds = {row["kind"]: row["problem"] for row in case.query("evidence_problems").rows}
    assert kinds["inferred_source"].startswith("4 of its events have no eventSource; it was inferred")
    assert kinds["no_event_source"].startswith("2 of its events have no eventSource, and their names do not tell it")


def test_an_identity_in_another_spelling_was_read(case: rf.Case, analysis: Analysis) -> None:
    assert case.sql("SELECT 1 FROM events WHERE record_problem LIKE '%and read: userIdentity%'").rows
    told = answers(analysis, SPELLED)
    assert {told[name].answer for name in ("password_changed", "mfa_removed", "logging_impaired", "money_spent")} == {
        "no"
    }


def test_a_key_that_ran_instances_wrote_whether_or_not_the_record_says_so(case: rf.Case) -> None:
    (key,) = (row for row in case.query("descendant_use").rows if row["identity_kind"] == "access_key")
    assert (key["event_count"], key["write_count"]) == (1, 1)


@pytest.mark.heavy
def test_an_old_table_of_the_event_history_denies_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(_TABLE, encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "t.csv")
        (told,) = case.verdict()
        found = {answer.name: (answer.answer, answer.event_ids) for answer in told.answers}
        assert found["password_changed"] == ("unknown", ("t-1",))
        assert found["logging_impaired"] == ("yes", ("t-2",))
        assert found["mfa_removed"] == ("unknown", ("t-3",))  # of whom, the row does not say
        assert {found[name][0] for name in ("money_spent", "ownership_changed")} == {"unknown"}
        assert [row["signin_kind"] for row in case.query("root_signins").rows] == ["recovery_completed"]


@pytest.mark.heavy
def test_a_call_that_several_services_have_is_of_the_one_whose_resource_it_lists(tmp_path: Path) -> None:
    """The old table of the event history names what was made, and by its type the service."""
    head = _TABLE.splitlines()[0]
    rows = (
        "a,2026-08-05T10:03:00Z,root,CreateUser,AWS::IAM::User,eve,,us-east-1,,198.51.100.7",
        "b,2026-08-05T10:04:00Z,root,CreateUser,AWS::Transfer::User,ftp,,us-east-1,,198.51.100.7",
        "c,2026-08-05T10:05:00Z,root,CreateUser,AWS::IAM::Role,another,,us-east-1,,198.51.100.7",
        "d,2026-08-05T10:06:00Z,root,CreateUser,,,,us-east-1,,198.51.100.7",
    )
    (tmp_path / "h.csv").write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "h.csv")
        found = {row["eventID"]: row["service"] for row in case.sql("SELECT eventID, service FROM events").rows}
        assert found == {"a": "iam.amazonaws.com", "b": "transfer.amazonaws.com", "c": None, "d": None}
        analysis = case.analysis()
        made = {(row["entity_kind"], row["entity_name"]) for row in analysis.radius.rows}
        (told,) = analysis.verdicts
    assert ("user", "eve") in made
    (left,) = [answer for answer in told.answers if answer.name == "persistence"]
    assert (left.answer, "eve" in left.because) == ("yes", True)
