"""Every question of the verdict, and a new one, by the ways in which what it is about may lie in the logs unlike a plain call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.analysis.verdict.evidence_by_account import evidence_of
from rootforensics.analysis.verdict.question import Answer, Question, Reply, matching
from rootforensics.analysis.verdict.questions import QUESTIONS
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import EVERYWHERE, OPEN, in_session
from tests.analysis.verdict.test_across import CHAIN, there
from tests.analysis.verdict.test_given import GIVEN, TO_GROUP
from tests.analysis.verdict.test_services import OWN, ROOT_MFA, by_service
from tests.builders import ABSENT, ACCOUNT
from tests.stories import Names, Story

if TYPE_CHECKING:
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Row

#: A call that answers each question with yes, if root made it: name, request, answer.
CALLS: Final[dict[str, tuple[Any, ...]]] = {
    "used_by_person": ("sqs:SetQueueAttributes", {"queueUrl": "q"}),
    "password_changed": ("iam:CreateLoginProfile",),
    "access_keys": ("iam:CreateAccessKey", None, OWN),
    "mfa_removed": ("iam:DeactivateMFADevice", ROOT_MFA),
    "persistence": ("iam:CreateUser", {"userName": "eve"}),
    "logging_impaired": ("guardduty:DeleteDetector", {"detectorId": "d"}),
    "data_exposed": ("s3:PutBucketPolicy", {"bucketName": "b", "bucketPolicy": OPEN}),
    "money_spent": ("ec2:RunInstances", {"instanceType": "p4d.24xlarge"}),
    "ownership_changed": ("account:PutAlternateContact", {"alternateContactType": "SECURITY"}),
    "case_opened": ("support:CreateCase", {"subject": "s"}),
}
#: Questions that no single call answers.
NOT_ABOUT_CALLS: Final = {"used_without_mfa", "used_without_approval"}
#: Questions about root's own credentials, which nobody but root, or a service as root, can use or change.
OF_ROOT_ITSELF: Final = {"used_by_person", "password_changed", "access_keys", "mfa_removed"}


def _opens_a_case(row: Row) -> bool:
    return (row["eventSource"], row["eventName"]) == ("support.amazonaws.com", "CreateCase")


@Question(text="?", about="cases", tried=lambda evidence: matching(evidence, _opens_a_case).tried)
def case_opened(evidence: Evidence) -> Reply:
    """A question as somebody would add it."""
    return matching(evidence, _opens_a_case).reply("no case was opened in the logs")


def answers(*records: dict[str, Any]) -> Story:
    """The answers to all questions on the account, by name."""

    def ask(analysis: Any, names: Names) -> Any:
        evidence = analysis.ran.part(
            ("evidence",), lambda: evidence_of(analysis, analysis.radius, analysis.coverage, analysis.novelty)
        )
        return {
            one.name: one.answer(evidence(names.in_case(ACCOUNT)))
            for one in (*QUESTIONS, case_opened)
            if not one.by_approvals
        }

    return Story([*map(in_session, records), *EVERYWHERE], ask)


def test_each_question_has_a_call_here_or_is_about_none() -> None:
    assert {one.name for one in (*QUESTIONS, case_opened)} == CALLS.keys() | NOT_ABOUT_CALLS


def test_each_question_has_its_row_in_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "verdict.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for question in QUESTIONS:
        assert sum(line.startswith(f"| `{question.name}`: ") for line in rows) == 1, question.name


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_of_root_itself_is_told(name: str) -> None:
    call, *more = CALLS[name]
    done = did(call, 5, *more)
    told: Answer = (await answers(done))[name]
    assert (told.answer, told.event_ids) == ("yes", (done["eventID"],))


@pytest.mark.parametrize("name", CALLS)
async def test_nothing_of_the_kind_is_no_yes(name: str) -> None:
    assert (await answers(did("sts:GetCallerIdentity", 5, who=user("bob"), readOnly=True)))[name].answer != "yes"


@pytest.mark.parametrize("name", CALLS)
async def test_a_service_as_root_is_never_denied(name: str) -> None:
    call, *more = CALLS[name]
    done = by_service(call, 5, *more)
    told = (await answers(done))[name]
    assert (told.answer != "no", told.event_ids) == (True, (done["eventID"],))


@pytest.mark.parametrize("name", sorted(CALLS.keys() - OF_ROOT_ITSELF))
async def test_what_possibly_descends_from_root_is_never_denied(name: str) -> None:
    call, *more = CALLS[name]
    done = did(call, 40, *more, who=user("bob"))
    told = (await answers(GIVEN, done))[name]
    assert told.answer == "unknown"
    assert done["eventID"] in told.event_ids
    # Of a group nobody knows who was in it.
    assert (await answers(TO_GROUP, done))[name].answer == "unknown"


@pytest.mark.parametrize("name", sorted(CALLS.keys() - OF_ROOT_ITSELF))
async def test_what_came_from_root_into_another_accounts_log_is_told(name: str) -> None:
    call, *more = CALLS[name]
    done = there(call, 5, *more)
    told = (await answers(*CHAIN, done))[name]
    assert told.answer == "yes"
    assert done["eventID"] in told.event_ids


@pytest.mark.parametrize("lacking", ["eventName", "eventSource"])
@pytest.mark.parametrize("name", CALLS)
async def test_a_record_without_its_name_or_source_is_never_denied(name: str, lacking: str) -> None:
    call, *more = CALLS[name]
    assert (await answers(did(call, 5, *more, **{lacking: ABSENT})))[name].answer != "no"


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_in_another_spelling_is_told(name: str) -> None:
    call, *more = CALLS[name]
    source, _, action = call.partition(":")
    plain = (await answers(did(call, 5, *more)))[name].answer
    for spelled in (
        {"eventSource": source.upper(), "eventName": action.lower()},
        {"eventSource": f" {source}.amazonaws.com.cn", "eventName": f"{action.upper()} "},
    ):
        assert (await answers(did(call, 5, *more, **spelled)))[name].answer == plain == "yes", spelled


# A use is one on any service, and which keys root has no log alone tells.
@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"used_by_person", "access_keys"}))
async def test_a_write_on_a_service_that_nobody_knows_is_never_denied(name: str) -> None:
    call, *more = CALLS[name]
    done = did(call, 5, *more, eventSource="example.org")
    told = (await answers(done))[name]
    assert told.answer == "unknown"
    assert any(done["eventID"] in one for one in told.missing), told.missing
    for harmless in (
        did(call, 5, *more, eventSource="example.org", readOnly=True),
        did(call, 5, *more, eventSource="example.org", errorCode="AccessDenied"),
    ):
        told = (await answers(harmless))[name]
        assert not any(harmless["eventID"] in one for one in told.missing), told.missing


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_that_was_refused_is_named(name: str) -> None:
    call, *more = CALLS[name]
    done = did(call, 5, *more[:1], errorCode="AccessDenied")
    told = (await answers(done))[name]
    assert (told.answer == "yes", told.event_ids) == (name == "used_by_person", (done["eventID"],))
    assert name == "used_by_person" or f"attempted but failed: {done['eventName']}" in told.because
