"""The verdict on the sample, held against its story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.analysis.verdict.logs import tell
from tests.builders import root_event

if TYPE_CHECKING:
    import rootforensics as rf
    from rootforensics.analysis.analysis import Analysis


def test_the_sample_is_judged_as_its_story_has_it(sample_analysis: Analysis) -> None:
    told = sample_analysis.verdict_of("111122223333")
    steps = told.steps
    assert {answer.name: answer.answer for answer in told.answers} == {
        "used_by_person": "yes",
        "used_without_mfa": "yes",
        "password_changed": "yes",
        "access_keys": "yes",
        "mfa_removed": "yes",
        "persistence": "yes",
        "logging_impaired": "yes",
        "data_exposed": "yes",
        "money_spent": "yes",
        "ownership_changed": "yes",
        "used_without_approval": "not asked",
    }
    text = "\n".join(step.command for step in steps)
    assert "update-access-key --access-key-id AKIA7P5O2MSTTEXAMPLE --status Inactive" in text
    assert "put-user-policy --user-name support-sync" in text
    assert "put-role-policy --role-name OrgAuditAccess" in text
    assert "terminate" not in text


def test_an_account_without_a_sign_of_a_takeover_asks_its_owner_and_locks_nobody_out(sample_analysis: Analysis) -> None:
    used = {
        "444455556666": "from 2026-08-06 10:02:17 to 10:22:38, from 192.0.2.10",
        "777788889999": "from 2026-08-04 13:12:37 to 13:14:16, from 192.0.2.10, opened by farid.haddad@example.com",
    }
    for account, sessions in used.items():
        told = sample_analysis.verdict_of(account)
        first, *rest = told.steps
        assert first.what.startswith(
            f"Ask the owner of the account by telephone, on a number that you know from elsewhere, whether these were theirs: the session {sessions}"
        )
        assert first.event_id == told.use.event_ids[0]
        # In the second account others wrote a policy again since root had deleted it.
        looks = (
            [("Ask the owner first: there is no sign that root of this account was taken over", "put-bucket-policy")]
            if account == "444455556666"
            else []
        )
        assert [(step.what.partition(". ")[0], step.command.split()[2]) for step in rest] == looks
    by_midnight, *taken = [step.what for step in sample_analysis.verdict_of("111122223333").steps]
    assert by_midnight.startswith("At once, save the lifecycle rules of bucket acme-")
    # What stops root at once comes next; what needs root itself comes when its denial is lifted.
    assert [what.split()[:2] for what in taken[:5]] == [
        ["An", "SCP"], ["While", "root"], ["Check", "root's"], ["Quarantine", "user"], ["Quarantine", "role"],
    ]  # fmt: skip
    as_root = [step.identity == "root, after recovery" for step in sample_analysis.verdict_of("111122223333").steps]
    assert as_root.index(True) > next(
        number for number, what in enumerate(taken) if what.startswith("If root needs credentials again")
    )
    assert sum(as_root) == 2
    assert not [what for what in taken if what.startswith("Ask the owner of the account")]


def test_every_answer_cites_events_that_exist(sample_approved: Analysis, sample_case: rf.Case) -> None:
    told = sample_approved.verdicts
    answers = [answer for one in told for answer in one.answers]
    steps = [step for one in told for step in one.steps]
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    assert all(set(one.event_ids) <= known for one in answers)
    assert all(one.event_ids for one in answers if one.answer == "yes")
    assert all(one.missing for one in answers if one.answer == "unknown")
    assert {step.event_id for step in steps} <= known | {None}


def test_a_use_of_root_that_was_approved_is_approved(sample_approved: Analysis) -> None:
    told = {verdict.account_id: verdict.answers[-1] for verdict in sample_approved.verdicts}
    assert (told["111122223333"].answer, told["444455556666"].answer) == ("yes", "no")
    assert told["444455556666"].event_ids == ("39bbb131-2391-43d5-ba19-393a2702f467",)


async def test_root_event_builders_make_root() -> None:
    answers, _ = await tell(root_event())
    assert answers["used_by_person"].answer == "yes"
