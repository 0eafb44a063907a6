"""The reason of a failed check: what was done to what, where, by whose order, and what is doubtful about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.analysis.analysis import analysis_of
from rootforensics.telling.checks import worded
from rootforensics.telling.standing import standing
from rootforensics.telling.times import times_of
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import tell
from tests.analysis.verdict.test_across import CHAIN, OTHER, OTHERS_LOGS, there
from tests.builders import ACCOUNT, root_event
from tests.queries.test_root import sign_in
from tests.stories import Story, told_of

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries.asking import Asks
    from rootforensics.telling.standing import Standing
    from tests.stories import Names


def reasons(case: Asks) -> dict[tuple[str, str], str]:
    """The reason of each answer, by account and name of the question."""
    analysis = analysis_of(case)
    verdicts = [worded(analysis, verdict) for verdict in analysis.verdicts]
    return {(verdict.account_id, answer.name): answer.told for verdict in verdicts for answer in verdict.answers}


def reasons_of(*records: dict[str, Any]) -> Story:
    return told_of(reasons, *records)


@pytest.mark.parametrize(
    ("name", "call", "request_"),
    [
        ("logging_impaired", "cloudtrail:StopLogging", {"name": "theirs"}),
        ("data_exposed", "secretsmanager:GetSecretValue", {"secretId": "theirs"}),
    ],
)
async def test_what_was_done_in_another_account_is_told_of_both(name: str, call: str, request_: Any) -> None:
    told = await reasons_of(*CHAIN, there(call, 4, request_), *OTHERS_LOGS)
    assert "theirs" in told[ACCOUNT, name]
    assert told[ACCOUNT, name].endswith(f"theirs in account {OTHER}")


async def test_where_it_is_unknown_whether_a_session_had_mfa_that_session_is_cited() -> None:
    with_mfa = sign_in(eventTime="2026-08-05T09:00:00Z", additionalEventData={"MFAUsed": "Yes"})
    unknown = root_event(eventTime="2026-08-05T12:00:00Z", identity={"accessKeyId": "ASIAUNKNOWN"})
    answers, _ = await tell(with_mfa, unknown)
    assert answers["used_without_mfa"].event_ids == (unknown["eventID"],)


async def test_an_account_whose_ownership_others_changed_is_no_takeover_and_a_problem() -> None:
    removed = did("organizations:RemoveAccountFromOrganization", 2, {"accountId": OTHER})

    def results(case: Asks) -> dict[str, Standing]:
        analysis = analysis_of(case)
        return {verdict.account_id: standing(analysis, verdict) for verdict in analysis.verdicts}

    member = (await told_of(results, removed, *OTHERS_LOGS))[OTHER]
    assert (member.kind, member.is_bad) == ("unseen", True)
    assert "1 of 9 checks failed" in member.heading


async def test_a_control_that_others_disable_again_is_no_containment() -> None:
    records = [
        did("cloudtrail:StopLogging", 1, {"name": "main"}),
        did("cloudtrail:StartLogging", 20, {"name": "main"}, who=user("admin", "AKIAADMIN")),
        did("cloudtrail:StopLogging", 40, {"name": "main"}, who=user("mallory", "AKIAMALLORY")),
    ]

    def ask(analysis: Analysis, names: Names) -> list[str]:
        return [statement.text for statement in times_of(analysis, names.in_case(ACCOUNT))]

    (contained,) = [text for text in await Story(records, ask) if text.startswith("First reversal by another user")]
    assert "10:40" not in contained


async def test_whose_root_an_act_came_from_is_told_whatever_its_object_is_called() -> None:
    stopped = there("cloudtrail:StopLogging", 4, {"name": "all-activity"})

    def ask(analysis: Analysis, names: Names) -> str:
        answers = worded(analysis, analysis.verdict_of(names.in_case(OTHER))).answers
        return next(answer.told for answer in answers if answer.name == "logging_impaired")

    told = await Story([*CHAIN, stopped, *OTHERS_LOGS], ask)
    assert f"all-activity by the root user of account {ACCOUNT} or its follow-on activity" in told
