"""The verdict is one for each account: what happened to another account, or to its logs, does not change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.telling.story import tell as tell_story
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.builders import ABSENT, ACCOUNT, event, gz, records_file, root_event, write_log
from tests.queries.test_root import sign_in
from tests.stories import ALONE, Names, Story

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import AccountVerdict, Analysis

OTHER = "444455556666"


def of(account: str, record: dict[str, Any]) -> dict[str, Any]:
    """The same record in another account."""
    identity = record["userIdentity"] | {"accountId": account}
    return record | {"recipientAccountId": account, "userIdentity": identity}


def everywhere(account: str) -> list[dict[str, Any]]:
    another = event(identity={"arn": f"arn:aws:sts::{account}:assumed-role/Deploy/another"})
    return [of(account, one) for one in (another, *(event(awsRegion=region) for region in SIGN_IN_REGIONS))]


def cut(folder: Path, account: str, region: str, day: str = "20260805", organization: str = "") -> None:
    """A log file of that account, Region and day that is cut off."""
    name = f"{account}_CloudTrail_{region}_{day}T1000Z_cutcutcutcutcut0.json.gz"
    path = folder / f"AWSLogs/{organization}{account}/CloudTrail/{region}/{day[:4]}/{day[4:6]}/{day[6:]}" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(gz(records_file([event()]))[:40])


def tell(*records: dict[str, Any], account_id: str = "") -> Story:
    """The verdicts on accounts of these records, by account."""

    def ask(analysis: Any, names: Names) -> Any:
        told = [analysis.verdict_of(names.in_case(account_id))] if account_id else analysis.verdicts
        own = [one for one in told if names.alone or one.account_id in names.accounts]
        return {one.account_id: one for one in own} or ALONE  # one verdict on all is said of others, too

    return Story(list(records), ask)


def answers(one: AccountVerdict) -> dict[str, str]:
    return {answer.name: answer.answer for answer in one.answers}


@pytest.mark.heavy
async def test_each_account_where_root_was_active_has_its_own() -> None:
    session = {"accessKeyId": "ASIASESSION"}  # a long-term key of root that is used would be persistence
    used = of(OTHER, root_event(identity=session, eventTime=at(2)))
    told = await tell(*everywhere(ACCOUNT), *everywhere(OTHER), made_key("AKIANEW", 1, None), used)
    assert list(told) == [ACCOUNT, OTHER]  # the one with more failed checks first
    assert (answers(told[ACCOUNT])["access_keys"], answers(told[OTHER])["persistence"]) == ("yes", "unknown")
    assert any("AKIANEW" in step.command for step in told[ACCOUNT].steps)
    assert not any(step.command for step in told[OTHER].steps)
    assert {step.account_id for step in told[OTHER].steps} == {OTHER}


async def test_one_account_alone_can_be_asked_for() -> None:
    told = await tell(*everywhere(OTHER), root_event(), account_id=OTHER)
    assert list(told) == [OTHER]
    assert answers(told[OTHER])["used_by_person"] == "no"


@pytest.mark.heavy
async def test_without_root_activity_one_verdict_is_said_of_all() -> None:
    told = await tell(*everywhere(ACCOUNT), *everywhere(OTHER))
    assert list(told) == [""]
    assert answers(told[""])["used_by_person"] == "no"


async def test_what_is_said_of_all_needs_the_logs_of_each() -> None:
    """Neither the verdict on all accounts nor the story takes one account's Regions for another's."""
    elsewhere = [of(OTHER, one | {"awsRegion": "eu-west-1"}) for one in everywhere(OTHER)]
    told = await tell(*everywhere(ACCOUNT), *elsewhere)
    sign_ins = ("used_by_person", "password_changed", "mfa_removed", "logging_impaired")
    assert {answers(told[""])[name] for name in sign_ins} == {"unknown"}
    missing = next(answer.missing for answer in told[""].answers if answer.name == "used_by_person")
    assert any(text.startswith(f"logs from {', '.join(SIGN_IN_REGIONS)} of account {OTHER}") for text in missing)


@pytest.mark.heavy
def test_the_story_names_the_account_whose_sign_ins_would_not_be_seen(tmp_path: Path) -> None:
    elsewhere = [of(OTHER, one | {"awsRegion": "us-east-1"}) for one in everywhere(OTHER)]
    write_log(tmp_path / "logs", "log.json", [*everywhere(ACCOUNT), root_event(), *elsewhere])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        lacking = [one.text for one in tell_story(case.analysis()) if one.text.startswith("There are no logs")]
    assert lacking == [
        f"There are no logs from us-east-2, us-west-2 of account {OTHER}, so root sign-ins there may be missing."
    ]


#: Damaged logs by Region and day, each in an account of its own, and answers on that account.
CUTS: Final = {
    ("eu-west-1", "20260805"): ("no", "unknown"),  # IAM is recorded in us-east-1 alone since 22 November 2021
    ("us-east-1", "20260805"): ("unknown", "unknown"),
    ("eu-west-1", "20211121"): ("unknown", "unknown"),
    ("us-gov-west-1", "20260805"): ("unknown", "unknown"),
}
CUT_ACCOUNTS: Final = {cut_off: f"50000000000{place}" for place, cut_off in enumerate(CUTS)}
UNCUT: Final = "600000000000"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AccountVerdict]:
    """The verdicts on accounts of which a log is damaged, and on one of which none is."""
    folder = tmp_path_factory.mktemp("damaged")
    records = [*everywhere(UNCUT), of(UNCUT, sign_in(outcome="Failure"))]
    for (region, day), account in CUT_ACCOUNTS.items():
        cut(folder / "logs", account, region, day)
        records += [*everywhere(account), of(account, root_event(errorCode="AccessDenied"))]
    write_log(folder / "logs", "log.json", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        return {one.account_id: one for one in case.verdict()}


@pytest.mark.heavy
def test_a_damaged_log_of_another_account_changes_nothing(damaged: dict[str, AccountVerdict]) -> None:
    said = answers(damaged[UNCUT])
    assert {said[name] for name in ("used_by_person", "mfa_removed", "logging_impaired", "money_spent")} == {"no"}


def test_a_damaged_log_of_the_account_itself_leaves_it_unknown(damaged: dict[str, AccountVerdict]) -> None:
    said = damaged[CUT_ACCOUNTS["us-east-1", "20260805"]]
    assert answers(said)["mfa_removed"] == "unknown"
    (missing,) = [answer.missing for answer in said.answers if answer.name == "mfa_removed"]
    assert missing == (
        "1 log file from us-east-1 that could not be read completely (delivered 2026-08-05 10:00; file 2)",
    )


@pytest.mark.parametrize(("where", "told"), CUTS.items())
def test_a_damaged_log_counts_where_the_event_would_stand_in_it(
    where: tuple[str, str], told: tuple[str, str], damaged: dict[str, AccountVerdict]
) -> None:
    said = answers(damaged[CUT_ACCOUNTS[where]])
    assert (said["mfa_removed"], said["money_spent"]) == told


@pytest.mark.heavy
def test_a_damaged_log_whose_name_tells_nothing_may_be_of_any_account(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "x.json.gz").write_bytes(gz(records_file([event()]))[:40])
    write_log(tmp_path / "logs", "log.json", [*everywhere(ACCOUNT), root_event(errorCode="AccessDenied")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        told = {one.account_id: one for one in case.verdict()}
    assert answers(told[ACCOUNT])["mfa_removed"] == "unknown"


async def test_logs_of_another_account_do_not_cover_this_one() -> None:
    told = await tell(event(), root_event(errorCode="AccessDenied"), *everywhere(OTHER))
    assert answers(told[ACCOUNT])["password_changed"] == "unknown"
    (missing,) = [answer.missing for answer in told[ACCOUNT].answers if answer.name == "password_changed"]
    assert "us-east-2, us-west-2" in missing[-1]


@pytest.mark.heavy
def test_a_trail_stopped_in_another_account_is_a_gap_only_if_it_is_the_organizations(tmp_path: Path) -> None:
    stopped = of(OTHER, did("cloudtrail:StopLogging", 10, {"name": "org"}, who=user("admin")))
    records = [*everywhere(ACCOUNT), sign_in(outcome="Failure"), *everywhere(OTHER), stopped]
    name = f"{ACCOUNT}_CloudTrail_us-east-1_20260805T1000Z_0123456789abcdef.json.gz"
    write_log(tmp_path / "logs", "log.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        before = {one.account_id: one for one in case.verdict()}
        write_log(tmp_path / f"logs/AWSLogs/o-abcdefghij/{ACCOUNT}/CloudTrail/us-east-1/2026/08/05", name, [event()])
        case.load(tmp_path / "logs")
        after = {one.account_id: one for one in case.verdict()}
    assert answers(before[ACCOUNT])["used_by_person"] == "no"
    assert answers(after[ACCOUNT])["used_by_person"] == "unknown"


async def test_a_member_whose_root_was_opened_has_a_verdict_though_no_log_of_it_is_here() -> None:
    opened = event(
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoot",
        requestParameters={"targetPrincipal": OTHER},
        responseElements=None,
        resources=ABSENT,
    )
    told = await tell(*everywhere(ACCOUNT), opened)
    assert list(told) == [OTHER]
    assert answers(told[OTHER])["used_by_person"] == "unknown"
    assert told[OTHER].answers[0].missing[0] == f"logs from account {OTHER}: the case has none"


async def test_what_root_reached_in_another_account_is_in_the_verdict_of_the_root_that_reached_it() -> None:
    role = of(OTHER, did("iam:CreateUser", 5, {"userName": "far"}, who={"type": "IAMUser", "accessKeyId": "AKIAUSER"}))
    told = await tell(*everywhere(ACCOUNT), made_key("AKIAUSER", 1, "bob"), role)
    assert list(told) == [ACCOUNT]
    (persistence,) = [answer for answer in told[ACCOUNT].answers if answer.name == "persistence"]
    assert "user far" in persistence.because
    assert [step.account_id for step in told[ACCOUNT].steps if "user far" in step.what] == [OTHER]


async def test_root_of_an_unknown_account_is_not_lost() -> None:
    record = root_event(recipientAccountId=ABSENT)
    record["userIdentity"] = {"type": "Root"}
    told = await tell(*everywhere(ACCOUNT), record)
    assert list(told) == ["unknown"]
    assert answers(told["unknown"])["used_by_person"] == "yes"


def test_the_sample_has_three_verdicts_the_taken_account_first_and_the_approved_one_last(
    sample_approved: Analysis,
) -> None:
    told = {verdict.account_id: verdict for verdict in sample_approved.verdicts}
    assert list(told) == ["111122223333", "777788889999", "444455556666"]
    assert answers(told["444455556666"])["used_without_mfa"] == "no"
    assert answers(told["444455556666"])["persistence"] == "unknown"
    assert not [step for step in told["444455556666"].steps if "Call AWS Support" in step.what]
