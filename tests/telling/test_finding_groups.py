"""Findings of one kind on one identity are one line, with a count, the first and the last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rootforensics.telling.finding_groups import grouped

if TYPE_CHECKING:
    from rootforensics.queries import rows as of


def finding(number: int, **changed: Any) -> of.Findings:
    moment = datetime(2026, 8, 5, 10, number, tzinfo=UTC)
    row: Any = {
        "severity": "high", "result": "succeeded", "finding": "keys_made", "title": "A key was made.",
        "account_id": "111122223333", "first_time": moment, "last_time": moment, "actors": ["arn:a"],
        "eventIDs": [f"e{number}"], "citations": [f"1:{number}"],
    }  # fmt: skip
    row |= changed
    made: of.Findings = row
    return made


def test_the_same_on_the_same_identity_is_one_line() -> None:
    (group,) = grouped([finding(number) for number in range(1, 13)])
    assert group.text == "2026-08-05 10:01:00: A key was made (12 findings, the last until 2026-08-05 10:12:00)"
    assert group.count == 12
    assert group.event_ids == tuple(f"e{number}" for number in range(1, 13))
    assert group.citations == tuple(f"1:{number}" for number in range(1, 13))


def test_what_differs_in_account_identity_severity_or_result_stays_apart() -> None:
    rows = [
        finding(1), finding(2, actors=["arn:b"]), finding(3, account_id="444455556666"), finding(4, severity="low"),
        finding(5, result="attempted"), finding(6, title="Another"),
    ]  # fmt: skip
    assert [group.count for group in grouped(rows)] == [1] * 6


def test_an_event_of_several_findings_is_cited_once_and_no_time_is_said() -> None:
    untimed = {"first_time": None, "last_time": None}
    (group,) = grouped([finding(1, **untimed), finding(1, **untimed)])
    assert (group.event_ids, group.citations) == (("e1",), ("1:1",))
    assert group.text == "an unknown time: A key was made (2 findings, the last until an unknown time)"


def test_findings_on_nobody_that_a_record_names_are_one_line() -> None:
    (group,) = grouped([finding(1, actors=None), finding(2, actors=None)])
    assert group.count == 2
