"""Whether containment holds: only if what can act is gone by whole logs; it falls with each of these that is missing."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.analysis.one_account import OneAccount
from rootforensics.analysis.response.contained import contained
from rootforensics.cli import cli
from tests.analysis.response.stored import (
    NOTED,
    REGIONS,
    STRANGER,
    SWITCHED_ON,
    bucket,
    by_others,
    by_stranger,
    by_user,
    call,
    cleaned,
    disowned,
    entered,
    intrusion,
    key_of,
    openings,
    role,
    setting,
    signed,
    undone,
    without,
)
from tests.builders import ABSENT, records_file
from tests.integrity.bucket import Stored, write
from tests.posture import answers as posture

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

SINCE, UNTIL = datetime(2026, 8, 4, 10, tzinfo=UTC), datetime(2026, 8, 4, 11, tzinfo=UTC)
WHOLE, USED, REFUSED, ASKED, TIMELESS, NO_LOG, NO_DIGEST, NO_REGION, PAST, ALTERED, OPT_IN, LET_IN, RESET = (
    f"6000000000{n:02}" for n in range(13)
)
ENTERED, WRITTEN, UNDONE, DISOWNED, NAMELESS, NARROW, NOWHERE = (f"6000000000{n}" for n in range(20, 27))
LEFT, ENDED_LATE, NOTE, APPROVED, RECOVERED, PASSWORD, DEVICE = (f"6300000000{n:02}" for n in range(7))
GIVEN, QUARANTINED, DARK, STOPPED = (f"6300000000{n}" for n in range(20, 24))
TAKEN: Final = [f"6100000000{number:02}" for number in range(5)]


#: Events about which a person notes that the owner changed root's password, or bound a device.
PASSWORD_NOTED, OLD_PASSWORD, DEVICE_NOTED = (f"{n * 8}-0000-4000-8000-000000000000" for n in "345")
DENY_ALL: Final = "arn:aws:iam::aws:policy/AWSDenyAll"
#: Root binds an MFA device.
BOUND: Final = ("EnableMFADevice", {"userName": "AWS ROOT USER", "serialNumber": "m"})


def new_password(account: str, event_id: str | None = None) -> dict[str, Any]:
    """The owner gives root a new password: before the moment if the event is the older one or has no name."""
    when = "08:50:30" if event_id in (OLD_PASSWORD, "") else "10:49:30"
    made = setting(account, "PasswordUpdated", None, "signin", {"PasswordUpdated": "Success"})
    made["userIdentity"].pop("accessKeyId")
    return made | {"eventTime": f"2026-08-04T{when}Z"} | ({"eventID": event_id} if event_id else {})


BOT: Final = "630000000030"


def by_bot(name: str, when: str, request: dict[str, Any], source: str = "iam") -> dict[str, Any]:
    """What the user that root made in an approved session does with its key."""
    arn = f"arn:aws:iam::{BOT}:user/helper"
    who = {"type": "IAMUser", "userName": "helper", "accountId": BOT, "arn": arn, "accessKeyId": f"AKIA{BOT}EVIL"}
    return setting(BOT, name, request, source) | {"eventTime": f"2026-08-04T{when}Z", "userIdentity": who}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("contained")
    told = {
        WHOLE: bucket(WHOLE),
        USED: bucket(USED, call(USED, "2026-08-04T10:49:00Z", "ListUsers"), key_stays=True),
        LEFT: bucket(LEFT, early=intrusion(LEFT), key_stays=True),
        ENDED_LATE: bucket(ENDED_LATE, early=[*intrusion(ENDED_LATE), *cleaned(ENDED_LATE)]),
        NOTE: bucket(NOTE, early=intrusion(NOTE)),
        GIVEN: bucket(GIVEN, early=[setting(GIVEN, "CreateLoginProfile", {"userName": "alice"})]),
        QUARANTINED: bucket(
            QUARANTINED,
            call(QUARANTINED, "2026-08-04T10:49:00Z", "ListUsers", errorCode="AccessDenied"),
            early=[
                setting(QUARANTINED, "CreateLoginProfile", {"userName": "alice"}),
                by_user(QUARANTINED, "AttachUserPolicy", "iam", {"userName": "alice", "policyArn": DENY_ALL})
                | {"eventTime": "2026-08-04T08:51:30Z"},
            ],
        ),
        BOT: bucket(
            BOT,
            new_password(BOT),
            by_bot("CreateUser", "10:49:00", {"userName": "later"}),
            by_bot("CreateTrail", "10:49:10", {"name": "copy", "s3BucketName": "elsewhere"}, "cloudtrail"),
            early=[
                *intrusion(BOT),
                by_bot("CreateUser", "08:51:00", {"userName": "inside"}),
                by_bot("CreateLoginProfile", "08:51:00", {"userName": "alice"}),
            ],
            key_stays=True,
        ),
        APPROVED: bucket(APPROVED, new_password(APPROVED), early=[*intrusion(APPROVED)], key_stays=True),
        RECOVERED: bucket(
            RECOVERED, new_password(RECOVERED, PASSWORD_NOTED), early=[new_password(RECOVERED, OLD_PASSWORD)]
        ),
        PASSWORD: bucket(PASSWORD, new_password(PASSWORD), early=[new_password(PASSWORD, "")]),
        REFUSED: bucket(
            REFUSED,
            call(REFUSED, "2026-08-04T10:49:00Z", "ListUsers", errorCode="AccessDenied"),
            signed(REFUSED, "ConsoleLogin", "Failure"),
        ),
        ASKED: bucket(ASKED, signed(ASKED, "PasswordRecoveryRequested", "Success")),
        TIMELESS: bucket(TIMELESS, call(TIMELESS, ABSENT, "ListUsers")),
        PAST: bucket(PAST),
        NO_LOG: without(NO_LOG, "us-east-1_20260804T1051Z"),
        NO_DIGEST: without(NO_DIGEST, "sa-east-1_main_us-east-1_20260804T104121Z"),
        NO_REGION: without(NO_REGION, "/ap-south-1/"),
        ALTERED: [
            Stored(one.key, records_file([by_others(ALTERED, "2026-08-04T10:50:00Z")])) if "T1051Z" in one.key else one
            for one in bucket(ALTERED, call(ALTERED, "2026-08-04T10:49:00Z", "ListUsers"))
        ],
        DARK: without(DARK, "us-east-1_main_us-east-1_20260804T094121Z"),
        STOPPED: bucket(
            STOPPED,
            early=[
                setting(STOPPED, "StopLogging", {"name": "main"}, "cloudtrail"),
                by_user(STOPPED, "StartLogging", "cloudtrail", {"name": "main"})
                | {"eventTime": "2026-08-04T08:51:30Z"},
            ],
        ),
        LET_IN: bucket(LET_IN, by_stranger(LET_IN), early=openings(LET_IN)),
        RESET: bucket(RESET, early=[setting(RESET, *BOUND)]),
        DEVICE: bucket(DEVICE, early=[setting(DEVICE, *BOUND) | {"eventID": DEVICE_NOTED}]),
        ENTERED: bucket(
            ENTERED,
            *entered(ENTERED),
            early=[
                *(role(ENTERED, name) for name in "assumed saml denied switched carried passed ended idle".split()),
                setting(ENTERED, "CreateUser", {"userName": "made"}, answer={"user": {"userName": "made"}}),
                by_user(
                    ENTERED,
                    "AddRoleToInstanceProfile",
                    "iam",
                    {"roleName": "carried", "instanceProfileName": "profile"},
                ),
            ],
        ),
        WRITTEN: bucket(
            WRITTEN,
            by_stranger(WRITTEN),
            early=[
                setting(WRITTEN, "SetRepositoryPolicy", {"repositoryName": "r", "policyText": STRANGER}, "ecr"),
                setting(WRITTEN, "CreateFrobnicator", {"name": "f"}, "frobnicate"),
                setting(WRITTEN, "EmailUpdated", None, "signin"),
                setting(WRITTEN, "LeaveOrganization", None, "organizations"),
            ],
        ),
        UNDONE: bucket(UNDONE, undone(UNDONE)[-1], early=undone(UNDONE)[:-1]),
        DISOWNED: disowned(DISOWNED),
        NAMELESS: bucket(
            NAMELESS, by_others(NAMELESS, "2026-08-04T10:49:00Z") | SWITCHED_ON | {"requestParameters": None}
        ),
        NARROW: bucket(NARROW),
        NOWHERE: [
            Stored(
                "copied/nowhere.json",
                records_file(
                    [
                        {name: value for name, value in record.items() if name != "awsRegion"}
                        for record in (
                            setting(NOWHERE, "ListUsers", None) | {"readOnly": True},
                            by_others(NOWHERE, "2026-08-04T10:30:00Z"),
                        )
                    ]
                ),
            )
        ],
        OPT_IN: bucket(OPT_IN, by_others(OPT_IN, "2026-08-04T10:49:00Z") | SWITCHED_ON),
    }
    rng = random.Random(7)
    for account in TAKEN:
        bears = [one.key for one in bucket(account) if any(f"T{when}" in one.key for when in ("1041", "1051", "1141"))]
        told[account] = without(account, rng.choice(bears))
    for stored in told.values():
        write(folder / "logs", stored, metadata=False)
    with rf.open_case(folder / "case.duckdb") as opened:
        opened.load(folder / "logs")
        given = json.loads(json.dumps(posture.perfect()).replace(posture.ACCOUNT, NARROW))
        selected = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
        for call_name in given:
            if "get-event-selectors" in call_name:
                given[call_name]["EventSelectors"] = [selected]
        posture.write(folder / "answers", given, NARROW)
        opened.posture(from_folder=folder / "answers")
        for event_id in (*NOTED.values(), PASSWORD_NOTED, OLD_PASSWORD, DEVICE_NOTED):
            opened.note(event_id, "given back", tag="contained", author="maria")
        written = opened.analysis().radius_of(NOTE).still_open
        for event_id in {row["eventIDs"][-1] for row in written if row["entity_name"] != "door"}:
            opened.note(event_id, "ours", tag="contained", author="maria")
        yield opened


@pytest.fixture(scope="module")
def analysis(case: rf.Case) -> Analysis:
    return case.analysis()


def answers(
    analysis: Analysis, account: str, since: datetime = SINCE, until: datetime | None = UNTIL
) -> dict[str, Any]:
    return {row["entity_kind"]: row for row in contained(OneAccount(analysis, account), since, until).rows}


def test_it_holds_if_nothing_was_done_and_the_logs_of_every_region_are_whole(analysis: Analysis) -> None:
    told = answers(analysis, WHOLE)
    assert {kind: row["answer"] for kind, row in told.items()} == {"root user": "closed", "access key": "closed"}
    assert told["access key"]["entity_name"] == key_of(WHOLE)
    assert "data events" in told["root user"]["missing"][0]  # what no trail records unless told to


def test_a_use_is_told_with_its_event(case: rf.Case, analysis: Analysis) -> None:
    told = answers(analysis, USED)
    assert {row["answer"] for row in told.values()} == {"used"}
    [event_id] = told["access key"]["eventIDs"]
    assert json.loads(case.raw(event_id))["eventTime"] == "2026-08-04T10:49:00Z"
    before = answers(analysis, USED, datetime(2026, 8, 4, 10, 50, tzinfo=UTC))  # it was the last use before
    assert {kind: row["answer"] for kind, row in before.items()} == {"root user": "closed", "access key": "still open"}
    assert before["access key"]["before_time"] == datetime(2026, 8, 4, 10, 49, tzinfo=UTC)


def test_a_refused_attempt_holds_and_is_told(analysis: Analysis) -> None:
    told = answers(analysis, REFUSED)
    counts = {kind: (row["answer"], row["refused_count"], len(row["eventIDs"])) for kind, row in told.items()}
    assert counts == {"root user": ("closed", 2, 2), "access key": ("closed", 1, 2)}  # its refusal and its end
    assert "1 call was denied or failed at 2026-08-04 10:49:00" in told["access key"]["because"]


@pytest.mark.parametrize(
    ("account", "missing"),
    [
        (TIMELESS, "the complete records of these events"),
        (NO_LOG, "1 log file from us-east-1 listed in digest files but not in the case"),
        (NO_DIGEST, ": sa-east-1 from 2026-08-04 10:00 to 2026-08-04 11:00"),
        (ALTERED, "1 log file from us-east-1 modified after delivery"),
        (DISOWNED, ": us-east-1 from 2026-08-04 10:00 to 2026-08-04 11:00"),
        (NAMELESS, "logs from a Region that was enabled and that no record names"),
        (NARROW, "events that the trails exclude: management: only WriteOnly management events are selected"),
        (OPT_IN, ": me-south-1 from 2026-08-04 10:00 to 2026-08-04 11:00"),
        (NO_REGION, ": ap-south-1 from 2026-08-04 10:00 to 2026-08-04 11:00"),
        (NOWHERE, "from 2026-08-04 10:00 to 2026-08-04 11:00"),  # no record names a Region
    ],
)
def test_it_is_unknown_where_a_field_a_log_a_digest_or_a_region_is_missing(
    analysis: Analysis, account: str, missing: str
) -> None:
    told = answers(analysis, account)
    assert {row["answer"] for row in told.values()} == {"unknown"}
    told.pop("coverage gap", None)  # of the hours before the moment
    assert all(any(missing in one for one in row["missing"]) for row in told.values())


@pytest.mark.parametrize(
    ("account", "missing"),
    [
        (DARK, ": us-east-1 from 2026-08-04 08:00 to 2026-08-04 10:00"),
        (STOPPED, "events that trail main would have recorded from 2026-08-04 08:50:10 to 2026-08-04 08:51:30"),
    ],
)
def test_what_was_left_before_the_moment_is_unknown_where_the_logs_do_not_cover_it(
    analysis: Analysis, account: str, missing: str
) -> None:
    told = answers(analysis, account)
    assert told["root user"]["answer"] == "closed"  # the logs since then are whole
    assert told["coverage gap"]["answer"] == "unknown"
    assert missing in " ".join(told["coverage gap"]["missing"])


def test_what_root_opened_and_no_record_follows_is_still_there_and_whom_it_let_in_is_looked_at(
    analysis: Analysis,
) -> None:
    rows = contained(OneAccount(analysis, LET_IN), SINCE, UNTIL).rows
    found = {(row["entity_kind"], row["answer"]) for row in rows}
    still_there = ("bucket", "grant", "Lambda function", "notebook instance", "Lightsail instance")
    assert {(kind, "still open") for kind in still_there} <= found
    [stranger] = [row for row in rows if row["entity_kind"] == "other account"]
    assert (stranger["entity_name"], stranger["answer"], stranger["used_count"]) == (STRANGER[13:25], "used", 1)


def named(analysis: Analysis, account: str) -> dict[str, str]:
    return {row["entity_name"]: row["answer"] for row in contained(OneAccount(analysis, account), SINCE, UNTIL).rows}


def test_who_enters_a_role_uses_it_and_who_hands_it_on_may(analysis: Analysis) -> None:
    told = named(analysis, ENTERED)
    assert {name for name, answer in told.items() if answer == "used"} == {"assumed", "saml", "switched"}
    there = {"carried", "passed", "made", "denied", "idle"}
    assert {name for name, answer in told.items() if answer == "still open"} == there
    assert told["ended"] == "closed"
    rows = {row["entity_name"]: row for row in contained(OneAccount(analysis, ENTERED), SINCE, UNTIL).rows}
    assert {name for name in there if rows[name]["unclear_count"]} == {"carried", "passed", "made"}


def test_what_no_rule_knows_is_a_row_and_the_accounts_that_it_names_are_looked_at(analysis: Analysis) -> None:
    told = named(analysis, WRITTEN)
    calls = {name: answer for name, answer in told.items() if ":" in name}
    assert calls == dict.fromkeys(
        ("ecr:SetRepositoryPolicy", "frobnicate:CreateFrobnicator", "organizations:LeaveOrganization"), "unknown",
    )  # fmt: skip
    # No record shows to what the address of root was changed.
    rows = contained(OneAccount(analysis, WRITTEN), SINCE, UNTIL).rows
    assert [row["answer"] for row in rows if row["entity_kind"] == "root e-mail address"] == ["still open"]
    assert told[STRANGER[13:25]] == "used"


def test_what_others_undid_in_time_or_a_person_noted_holds(analysis: Analysis) -> None:
    rows = {row["entity_name"]: row for row in contained(OneAccount(analysis, UNDONE), SINCE, UNTIL).rows}
    assert {name: row["answer"] for name, row in rows.items() if row["entity_kind"] in ("bucket", "call")} == {
        "b": "closed", "late": "unknown", "frobnicate:Unfrob": "accepted",
        "ecr:SetRepositoryPolicy": "unknown",  # one of two was deleted
        "frobnicate:Frob": "unknown",  # the note is about the first
    }  # fmt: skip
    assert "by user/bob at 2026-08-04 08:51:30 (s3:DeleteBucketPolicy)" in rows["b"]["because"]
    assert rows["frobnicate:Unfrob"]["accepted"].startswith("noted by maria at ")
    assert rows["frobnicate:Unfrob"]["accepted"].endswith(" as dealt with (note 1)")


#: What an intruder leaves that can act, in one second.
LEFT_BEHIND: Final = {
    ("user", "helper"), ("access key", "AKIA{}EVIL"), ("role", "door"), ("Lambda function", "us-east-1/beat"),
    ("event rule", "us-east-1/hourly"), ("user", "old"),
}  # fmt: skip


def left_in(account: str) -> set[tuple[str, str]]:
    return {(kind, name.format(account)) for kind, name in LEFT_BEHIND}


def told_of(analysis: Analysis, account: str, answer: str) -> set[tuple[str, str]]:
    rows = contained(OneAccount(analysis, account), SINCE, UNTIL).rows
    return {(row["entity_kind"], row["entity_name"]) for row in rows if row["answer"] == answer}


def test_what_can_act_is_still_there_until_the_logs_show_its_end(analysis: Analysis) -> None:
    """Nobody used any of it, and the logs of 17 Regions are whole."""
    assert told_of(analysis, LEFT, "still open") == {*left_in(LEFT), ("access key", key_of(LEFT))}
    assert contained(OneAccount(analysis, LEFT), SINCE, UNTIL).answer == "still open"
    assert contained(OneAccount(analysis, ENDED_LATE), SINCE, UNTIL).answer == "closed"
    early = datetime(2026, 8, 4, 8, 51, tzinfo=UTC)  # before it was ended
    assert "still open" not in {row["answer"] for row in contained(OneAccount(analysis, ENDED_LATE), early, UNTIL).rows}


@pytest.mark.heavy
def test_every_list_of_what_is_left_is_one(case: rf.Case, analysis: Analysis, tmp_path: Path) -> None:
    wanted = {*left_in(LEFT), ("access key", key_of(LEFT))}
    listed = case.blast_radius(account_id=LEFT).result(only_open=True).rows
    assert {(row["entity_kind"], row["entity_name"]) for row in listed} == wanted
    (persistence,) = [answer for answer in analysis.verdict_of(LEFT).answers if answer.name == "persistence"]
    assert persistence.answer == "yes"
    assert {place for row in listed for place in row["citations"]}.issuperset(persistence.citations)
    case.handover(tmp_path / "handover", account_id=LEFT)
    text = (tmp_path / "handover" / "support-case.txt").read_text()
    told = " ".join(text.split())
    parts = [(kind, *name.rpartition("/")[::2]) for kind, name in wanted]
    lines = [f"- {kind} {name}{f' in {region}' if region else ''}, " for kind, region, name in parts]
    assert [line for line in lines if line not in told] == []


def test_a_user_who_was_there_before_is_open_as_long_as_the_password_that_root_gave_her(analysis: Analysis) -> None:
    rows = {row["entity_kind"]: row for row in contained(OneAccount(analysis, GIVEN), SINCE, UNTIL).rows}
    assert (rows["user"]["answer"], rows["console password"]["answer"]) == ("still open", "still open")
    assert rows["user"]["because"].startswith("console password alice, created at ")


def test_the_password_of_a_user_who_is_denied_everything_is_there_and_quarantined(analysis: Analysis) -> None:
    whole = contained(OneAccount(analysis, QUARANTINED), SINCE, UNTIL)
    rows = {row["entity_kind"]: row for row in whole.rows}
    for kind in ("user", "console password"):
        assert rows[kind]["answer"] == "accepted"
        assert rows[kind]["accepted"] == "quarantined by user/bob at 2026-08-04 08:51:30 (AttachUserPolicy)"
    assert whole.answer == "accepted"


def test_what_a_note_closes_is_accepted_and_never_gone_by_the_logs(case: rf.Case, analysis: Analysis) -> None:
    assert told_of(analysis, NOTE, "still open") == {("role", "door")}
    kept = left_in(NOTE) - {("role", "door")}
    assert told_of(analysis, NOTE, "accepted") >= kept
    rows = case.blast_radius(account_id=NOTE).still_open  # not noted, so first
    assert (rows[0]["entity_name"], rows[0]["accepted"]) == ("door", None)
    assert {(row["entity_kind"], row["entity_name"]) for row in rows[1:]} == kept
    assert all(row["accepted"].startswith("noted by maria at ") for row in rows[1:])


@pytest.mark.heavy
def test_what_an_approval_covers_is_accepted_with_whose_it_is(case: rf.Case, tmp_path: Path) -> None:
    granted = [
        {"ticket": "BG-7", "who": "maria", "account": APPROVED, "from": "2026-08-04T08:00:00Z",
         "until": "2026-08-04T09:00:00Z", "reason": "set up", "networks": ["198.51.100.0/24"],
         "tasks": ["iam:*", "lambda:*", "events:*"]},
    ]  # fmt: skip
    path = tmp_path / "approvals.yaml"
    path.write_text(json.dumps(granted))
    whole = contained(case.analysis(path, account_id=APPROVED), SINCE, UNTIL)
    rows = {(row["entity_kind"], row["entity_name"]): row for row in whole.rows}
    assert {rows[one]["answer"] for one in left_in(APPROVED)} == {"accepted"}
    assert {rows[one]["accepted"] for one in left_in(APPROVED)} == {
        "approved: BG-7 for maria, from 2026-08-04 08:00:00 to 09:00:00"
    }
    # The new password after the use is a part of the procedure; without approvals it was root's use.
    assert (rows["root user", APPROVED]["answer"], rows["root user", APPROVED]["accepted_count"]) == ("accepted", 1)
    assert whole.holds
    assert contained(case.analysis(account_id=APPROVED), SINCE, UNTIL).answer == "used"


def test_an_approval_covers_its_window_and_tasks_and_not_what_is_done_later(case: rf.Case, tmp_path: Path) -> None:
    granted = [
        {"ticket": "BG-8", "who": "maria", "account": BOT, "from": "2026-08-04T08:00:00Z",
         "until": "2026-08-04T09:00:00Z", "reason": "set up", "networks": ["198.51.100.0/24"],
         "tasks": ["iam:Create*Key", "iam:CreateUser", "iam:CreateRole", "iam:Attach*", "iam:Put*", "lambda:*",
                   "events:*"]},
    ]  # fmt: skip
    path = tmp_path / "approvals.yaml"
    path.write_text(json.dumps(granted))
    analysis = case.analysis(path, account_id=BOT)
    whole = contained(analysis, SINCE, UNTIL)
    answers = {(row["entity_kind"], row["entity_name"]): row["answer"] for row in whole.rows}
    assert answers["user", "inside"] == "accepted"
    # Outside of the tasks, and after the window: the key that is approved made them. A trail takes records out.
    late = {("console password", "alice"), ("user", "later"), ("trail", "us-east-1/copy")}
    assert {answers[one] for one in late} == {"still open"}
    opened = {(row["entity_kind"], row["entity_name"]) for row in analysis.radius.still_open if not row["accepted"]}
    assert opened == late
    assert (answers["access key", f"AKIA{BOT}EVIL"], whole.answer) == ("used", "used")


def test_the_new_password_of_the_owner_does_not_stay_unknown_for_ever(analysis: Analysis) -> None:
    told = contained(OneAccount(analysis, PASSWORD), SINCE, UNTIL)
    found = {row["entity_kind"]: row["answer"] for row in told.rows}
    assert (found["root user"], found["root password"]) == ("used", "still open")
    noted = contained(OneAccount(analysis, RECOVERED), SINCE, UNTIL)
    rows = {row["entity_kind"]: row for row in noted.rows}
    assert (rows["root user"]["answer"], rows["root password"]["answer"]) == ("accepted", "accepted")
    assert rows["root user"]["accepted"].startswith("noted by maria at ")
    assert noted.holds


def test_what_a_trail_may_leave_out_is_said_where_nothing_tells_of_it(analysis: Analysis) -> None:
    assert any(
        "reads, and services that a trail excludes" in line for line in answers(analysis, WHOLE)["root user"]["missing"]
    )


def test_a_device_that_root_bound_is_still_there_until_somebody_accepts_it(analysis: Analysis) -> None:
    """Nobody can tell an owner's new device from an intruder's."""
    for account, answer in ((RESET, "still open"), (DEVICE, "accepted")):
        found = {row["entity_kind"]: row["answer"] for row in answers(analysis, account).values()}
        assert found == {"root user": "closed", "access key": "closed", "MFA device": answer}


def test_a_time_to_come_is_refused(analysis: Analysis) -> None:
    later = datetime(2126, 1, 1, tzinfo=UTC)
    for since, until in ((SINCE, later), (later, None)):
        with pytest.raises(rf.FilterError, match="is in the future"):
            contained(analysis, since, until)


def test_whether_a_recovery_that_was_asked_for_was_completed_is_unknown(analysis: Analysis) -> None:
    told = answers(analysis, ASKED)
    assert {kind: row["answer"] for kind, row in told.items()} == {"root user": "unknown", "access key": "closed"}


@pytest.mark.parametrize("account", TAKEN)
def test_it_never_holds_without_a_log_or_digest_of_the_time(analysis: Analysis, account: str) -> None:
    assert "closed" not in {row["answer"] for row in answers(analysis, account).values()}


@pytest.mark.heavy
def test_it_does_not_hold_for_a_time_after_the_logs(analysis: Analysis) -> None:
    later = datetime(2026, 8, 6, tzinfo=UTC)
    assert {row["answer"] for row in answers(analysis, PAST, SINCE, later).values()} == {"unknown"}
    ended = answers(analysis, PAST, later, None)
    unseen = ended.pop("coverage gap")
    assert "from 2026-08-04 11:00 to 2026-08-06 00:00" in unseen["missing"][0]
    assert {(row["answer"], *row["missing"]) for row in ended.values()} == {("unknown", "logs after 2026-08-06 00:00")}


@pytest.mark.heavy
def test_the_command_says_by_its_status_whether_all_holds(case: rf.Case) -> None:
    def run(account: str, *more: str) -> Any:
        return CliRunner().invoke(
            cli, ["contained", str(case.path), "--contained-at", "2026-08-04T10:00Z", "--account", account, *more]
        )

    until = ("--until", "2026-08-04T11:00Z")
    codes = {one: run(one, *until).exit_code for one in (WHOLE, USED, LEFT, NOTE, RECOVERED)}
    assert codes == {WHOLE: 0, USED: 3, LEFT: 3, NOTE: 3, RECOVERED: 0}
    told = run(USED, *until)
    assert ". The logs do not show that others removed or restored these" in run(LEFT, *until).output
    assert "! role door: created at " in run(LEFT, *until).output
    assert "accepted (noted by maria at " in run(NOTE, *until).output
    assert run(WHOLE, "--until", "2026-08-03").exit_code == 2
    heading = f"Containment of account {LEFT} since 2026-08-04 10:00:00: not shown to be effective\n"
    start = f"{heading}The logs were checked until 2026-08-04 11:00:00.\n"
    assert run(LEFT, *until).output.startswith(start)
    late = CliRunner().invoke(cli, ["contained", str(case.path), "--contained-at", "2026-11-01T00:00Z"])
    assert "The logs do not go on for two hours after that time." in late.output
    assert f"access key {key_of(USED)}" in told.output
    # A number means one line, however many answers name it: LEFT has what is still open and what is closed.
    numbers = re.findall(r"^ *([0-9]+)\. ", run(LEFT, *until).output, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert len(numbers) > 1


@pytest.mark.heavy
def test_the_whole_event_history_will_do_instead_of_digests(tmp_path: Path) -> None:
    record = call(WHOLE, "2026-08-04T09:00:00Z", "ListUsers")
    for region in REGIONS:
        events = [record, by_others(WHOLE, "2026-08-04T09:30:00Z")] if region == "us-east-1" else []
        told = [
            {"EventId": event["eventID"], "EventTime": 1785834000, "CloudTrailEvent": json.dumps(event)}
            for event in events
        ]
        path = (
            tmp_path
            / "logs"
            / WHOLE
            / region
            / "all"
            / "20260804T000000Z-20260805T000000Z-asked-20260804T123000Z.jsonl"
        )
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"Events": told}) + "\n")
    with rf.open_case(tmp_path / "case.duckdb") as opened:
        opened.load(tmp_path / "logs")
        held, noon = opened.analysis(), UNTIL.replace(hour=12)
        # Asked for at 12:30: what was done in the hour before may still have been on its way.
        assert [answers(held, WHOLE, SINCE, until)["root user"]["answer"] for until in (UNTIL, noon)] == [
            "closed",
            "unknown",
        ]


@pytest.mark.heavy
def test_what_others_did_holds_it_back_until_it_is_loaded(tmp_path: Path) -> None:
    """Who was let in, or entered what root made, bears no name by which a part of the logs could be chosen."""
    account = "620000000001"
    write(tmp_path / "logs", bucket(account, by_stranger(account), early=openings(account)), metadata=False)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(root_related=True))
        rows = contained(case.analysis(), SINCE, UNTIL).rows
        assert {row["answer"] for row in rows} == {"unknown", "still open"}
        assert all(
            "actions by other identities since" in " ".join(row["missing"])
            for row in rows
            if row["entity_kind"] == "root user"
        )
        case.load(tmp_path / "logs")
        rows = contained(case.analysis(), SINCE, UNTIL).rows
    answers = {(row["entity_kind"], row["entity_name"]): row["answer"] for row in rows}
    assert answers[("other account", "999999999999")] == "used"
    assert answers[("root user", account)] == "closed"


@pytest.mark.heavy
def test_credentials_that_expired_before_hold_without_later_logs(tmp_path: Path) -> None:
    """Root's own cannot be used later. With those of a role somebody may have opened a console session of twelve hours."""

    def key(name: str) -> dict[str, Any]:
        return {"credentials": {"accessKeyId": name, "expiration": "Aug 4, 2026, 9:50:00 AM"}}

    made = setting(BOT, "GetFederationToken", {"name": "agent"}, "sts", key("ASIAROOT"))
    own = setting(BOT, "GetSessionToken", {}, "sts", key("ASIAUSER"))
    user = setting(BOT, "CreateUser", {"userName": "helper"}, answer={"user": {"userName": "helper"}})
    role = {"roleArn": f"arn:aws:iam::{BOT}:role/door", "roleSessionName": "s"}
    taken = by_bot("AssumeRole", "08:52:00", role, "sts") | {"responseElements": key("ASIAROLE")}
    path = tmp_path / "logs" / "a.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"Records": [made, own, user, taken, by_others(BOT, "2026-08-04T10:30:00Z")]}))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        rows = {row["entity_name"]: row for row in contained(case.analysis(), SINCE, UNTIL).rows}
    assert rows["ASIAUSER"]["answer"] == "closed"
    assert "expired at 2026-08-04 09:50:00" in rows["ASIAUSER"]["because"]
    # The name can be given to another session, in a call that these logs lack: a session is one row, by its name.
    assert "ASIAROOT" not in rows
    agent = rows[f"arn:aws:sts::{BOT}:federated-user/agent"]
    assert agent["answer"] == "unknown"
    assert "credentials ASIAROOT expired at 2026-08-04 09:50:00" in agent["because"]
    assert rows["ASIAROLE"]["answer"] == "unknown"
