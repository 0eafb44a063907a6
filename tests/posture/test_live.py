"""A live run: real boto3 over HTTP, against a stand-in made from botocore's models."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore import xform_name

import rootforensics as rf
from rootforensics.posture import live
from rootforensics.posture.calls import BESIDE, CALLER, CALLS, slug
from rootforensics.posture.folder import write_folder
from rootforensics.posture.forms import least_policy
from rootforensics.posture.posture import controls, judge
from tests.posture.answers import ACCOUNT, DENIED, neglected, perfect, report
from tests.stand_ins.aws_api import AwsApi, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.posture.saved import Saved

_REPORT: Final = "us-east-1/iam/get-credential-report"
_CALLER: Final = {"UserId": "A", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/responder"}


@dataclass
class Account:
    """What AWS answers for an account: saved answers by folder and name, and a credential report that is made anew."""

    answers: dict[str, Any]
    denied: frozenset[str] = frozenset()
    earlier: str = ""
    makes_in: int = 1
    reports: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> dict[str, Any]:
        """One answer; what is not known is refused."""
        name = f"{request.service}:{request.operation}"
        if name in self.denied:
            return DENIED
        if name == "sts:GetCallerIdentity":
            return _CALLER
        if name == "iam:GenerateCredentialReport":
            self.makes_in -= 1
            self.earlier = "" if self.makes_in else "made"
            return {"State": "INPROGRESS" if self.makes_in else "COMPLETE"}
        if name == "iam:GetCredentialReport":
            return self._report()
        prefix = f"{request.region}/{request.service}/{xform_name(request.operation, '-')}"
        found = [
            body
            for key, body in self.answers.items()
            if key == prefix or (key.startswith(f"{prefix}--") and key.rpartition("--")[2] in slug(request.parameters))
        ]
        return found[0] if found else {"Error": {"Code": "Unheard", "Message": f"no answer to {request}"}}

    def _report(self) -> dict[str, Any]:
        if not self.earlier:
            return {"Error": {"Code": "ReportNotPresent", "Message": ""}}
        made = self.answers[_REPORT]["Content"]
        content, time = (
            (made, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            if self.earlier == "made"
            else (self.earlier, "2020-01-01T00:00:00Z")
        )
        return {
            "Content": base64.b64encode(content.encode()).decode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": time,
        }


def run(account: Account, keep: Callable[[Saved], object] | None = lambda _: None) -> tuple[list[Saved], list[Request]]:
    """Ask an account; returns the answers and all requests."""
    with AwsApi(account.answer) as api, pytest.MonkeyPatch.context() as patch:
        for name, value in api.environment().items():
            patch.setenv(name, value)
        return live.fetch("", "", keep=keep, wait_seconds=0.01), api.asked


@pytest.fixture(scope="module")
def whole() -> tuple[list[Saved], list[Request]]:
    """The answers of a perfect account, and all requests."""
    return run(Account(perfect()))


@pytest.mark.heavy
def test_a_live_run_answers_as_its_files_do(whole: tuple[list[Saved], list[Request]], tmp_path: Path) -> None:
    for name, saved in (("perfect", whole[0]), ("neglected", run(Account(neglected()))[0])):
        told = judge(saved)
        assert [one.message for one in saved if one.code == "Unheard"] == []
        write_folder(tmp_path / name, saved)
        read = rf.check_posture(from_folder=tmp_path / name)
        assert [(answer.control.id, answer.answer, answer.why) for answer in read.answers] == [
            (one.control.id, one.answer, one.why) for one in told.answers
        ]
        assert told.is_good == (name == "perfect")
        assert read.problems == ()


def test_no_other_call_is_made_than_the_policy_allows(whole: tuple[list[Saved], list[Request]]) -> None:
    _, asked = whole
    made = {f"{one.service}:{one.operation}" for one in asked}
    assert made - (set(CALLS) - {CALLER}) == set(BESIDE)
    allowed = set(least_policy()["Statement"][0]["Action"])
    assert {CALLS[one].permission if one in CALLS else one for one in made} <= allowed
    assert len(allowed) > 30
    assert "iam:ListMFADevices" not in allowed  # of root only, in an audit
    assert not [one for one in allowed if one.split(":")[1].startswith(("Put", "Update", "Delete", "Create", "Start"))]


def test_any_other_call_is_refused_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    account, opened = (
        Account({}, frozenset(CALLS) - {CALLER} | {"iam:GenerateCredentialReport"}),
        live.open_history_session,
    )
    sessions: list[Any] = []
    monkeypatch.setattr(live, "open_history_session", lambda *given: sessions.append(opened(*given)) or sessions[-1])
    saved, _ = run(account)
    with pytest.raises(rf.SourceError, match="posture does not make the call iam:ListUsers"):
        sessions[0].client("iam").list_users()
    assert {answer.answer for answer in judge(saved).answers} == {"unknown"}  # all was denied


def test_each_call_of_a_control_is_in_the_table_and_each_of_the_table_in_a_control() -> None:
    assert {call for control in controls().values() for call in control.calls} == set(CALLS) - {CALLER}


@pytest.mark.heavy
def test_partial_permissions_give_partial_answers() -> None:
    saved, _ = run(Account(perfect(), frozenset({"iam:GetAccountSummary", "guardduty:ListDetectors"})))
    told = {answer.control.id: answer for answer in judge(saved).answers}
    unknown = {name for name, one in told.items() if one.answer == "unknown"}
    assert unknown == {"root-access-key", "root-certificate", "guardduty"}
    assert told["guardduty"].missing == ("permission guardduty:ListDetectors",)
    assert told["root-mfa"].answer == "pass"  # the credential report says so


@pytest.mark.heavy
def test_what_is_kept_and_how_a_refusal_is_told() -> None:
    """The report that is there is kept before one is made; seeds are dropped; a policy from above is named."""
    answers, old = perfect(), report(access_key_1_active="true", password_enabled="true", mfa_active="true")
    device = {"SerialNumber": "a", "Base32StringSeed": "U0VFRA==", "QRCodePNG": "UVI="}
    answers["us-east-1/iam/list-virtual-mfa-devices"] = {"VirtualMFADevices": [device], "IsTruncated": False}
    message = "not authorized to perform: guardduty:ListDetectors with an explicit deny in a service control policy"
    answers["us-east-2/guardduty/list-detectors"] = {"Error": {"Code": "AccessDeniedException", "Message": message}}
    saved, asked = run(Account(answers, earlier=old, makes_in=3))
    kept = {one.argument: base64.b64decode(one.body["Content"]).decode() for one in saved if "Report" in one.call}
    assert kept == {"earlier": old, "": perfect()[_REPORT]["Content"]}
    order = [one.operation for one in asked if "Report" in one.operation]
    assert order == ["GetCredentialReport", *["GenerateCredentialReport"] * 3, "GetCredentialReport"]
    (found,) = (one.body["VirtualMFADevices"] for one in saved if one.call == "iam:ListVirtualMFADevices")
    assert [list(one) for one in found] == [["SerialNumber"]]
    told = {answer.control.id: answer for answer in judge(saved).answers}
    assert told["root-access-key"].answer == "pass"
    assert told["guardduty"].missing == ("guardduty:ListDetectors, which an SCP denies",)


@pytest.mark.quick(1)
@pytest.mark.parametrize("is_refused", [True, False])
def test_a_report_that_nobody_has_kept_is_not_made_anew(*, is_refused: bool) -> None:
    denied = frozenset({"iam:GetCredentialReport"}) if is_refused else frozenset[str]()
    account = Account(perfect(), denied, earlier=report(password_enabled="true", mfa_active="true"))
    saved, asked = run(account, (lambda _: None) if is_refused else None)
    assert "GenerateCredentialReport" not in [one.operation for one in asked]
    told = {answer.control.id: answer for answer in judge(saved).answers}["root-access-key"]
    assert told.answer == "unknown"
    assert ("permission" if is_refused else "is from 2020-01-01T00:00:00") in told.missing[0]


@pytest.mark.heavy
def test_the_report_that_is_there_is_kept_before_one_is_made() -> None:
    account = Account(perfect(), earlier=report(password_enabled="true", mfa_active="true"))
    kept_before: list[tuple[str, bool]] = []

    def keep(one: Saved) -> None:
        kept_before.append((one.argument, account.earlier == "made"))

    run(account, keep)
    assert ("earlier", False) in kept_before
