"""The reason of a failed check: what was done to what, where, by whose order, and what is doubtful about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.analysis.analysis import analysis_of
from rootforensics.telling.checks import worded
from tests.analysis.verdict.test_across import CHAIN, OTHER, OTHERS_LOGS, there
from tests.builders import ACCOUNT
from tests.stories import told_of

if TYPE_CHECKING:
    from rootforensics.queries.asking import Asks
    from tests.stories import Story


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
