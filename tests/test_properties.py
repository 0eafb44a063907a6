"""What holds for any logs: nothing depends on how they came into the case, and every root event has its place.

The logs are made by chance, from a seed; each seed is a world of two accounts with root, users, roles and services.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

import rootforensics as rf
from rootforensics.queries.catalogue import questions
from tests.builders import ABSENT, event, root_event, write_log
from tools.docs.catalogue import actions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Records = list[dict[str, Any]]

ACCOUNTS: Final = ("111122223333", "444455556666")
START: Final = datetime(2026, 8, 4, 20, tzinfo=UTC)
#: The origins and the side that each is on.
SIDES: Final = {
    "root_credentials": "activity", "console": "activity", "privileged_session": "activity", "federated_session": "activity",
    "service": "noise", "service_event": "noise", "aws_internal": "noise",
}  # fmt: skip
#: What depends on the objects that brought the events, by its purpose.
OF_OBJECTS: Final = {"evidence", "evidence_digest", "evidence_problems", "notes", "custody"}
FILES: Final = {"evidence_id", "record_index", "made_evidence_id", "made_record_index", "uri"}
NETWORKS: Final = ("198.51.100.7", "198.51.100.8", "203.0.113.5", "2001:db8:1:2::5", "10.0.0.1", "AWS Internal", ABSENT)
AGENTS: Final = (
    "aws-cli/2.1 x",
    "Boto3/1.4 x",
    "Mozilla/5.0 (X11; Linux) y",
    "Mozilla/5.0 (Windows NT 10.0) z",
    ABSENT,
)


class World:
    """Makes records by chance.

    Args:
        seed: of the chance.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.known = [action for action in actions().values() if not action.eventSource.startswith("signin")]

    def clock(self, minutes: int = 60 * 30) -> str:
        """A time, to the second; often the same one twice."""
        moment = START + timedelta(minutes=self.dice.randrange(minutes))
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def identity(self, account: str) -> dict[str, Any]:
        """Root of an account with one of its credentials."""
        key = self.dice.choice(("AKIAROOT", "ASIAONE", "ASIATWO", "ASIATHREE", ""))
        held: dict[str, Any] = {
            "accountId": account,
            "arn": f"arn:aws:iam::{account}:root",
            "accessKeyId": key and key + account[:2],
        }
        if key.startswith("ASIA") and self.dice.random() < 0.8:
            begun = self.dice.choice(("2026-08-04T20:00:00Z", "2026-08-04T23:50:00Z", "2026-08-05T08:00:00Z", "soon"))
            held["sessionContext"] = {
                "attributes": {"creationDate": begun, "mfaAuthenticated": self.dice.choice(("true", "false"))}
            }
            if self.dice.random() < 0.1:
                held["sessionContext"]["assumedRoot"] = "true"
        if self.dice.random() < 0.15:
            held["invokedBy"] = self.dice.choice(("signin.amazonaws.com", "autoscaling.amazonaws.com", ""))
        return held

    def user(self, account: str) -> dict[str, Any]:
        """A user of an account, one of whose keys root may have made."""
        name = self.dice.choice(("sync", "deep", "owner"))
        key = f"AKIA{name.upper()}{account[:2]}"
        return {"type": "IAMUser", "userName": name, "accountId": account, "arn": f"arn:aws:iam::{account}:user/{name}",
                "accessKeyId": key, "principalId": "AIDA", "sessionContext": None}  # fmt: skip

    def fields(self, account: str, source: str, name: str) -> dict[str, Any]:
        """What any record has, or lacks."""
        user = self.dice.choice(("sync", "deep"))
        key = {"accessKeyId": f"AKIA{user.upper()}{account[:2]}"}
        answer = {"CreateAccessKey": {"accessKey": key}, "GetSessionToken": {"credentials": {"accessKeyId": "ASIATWO" + account[:2]}},
                  "AssumeRoot": {"credentials": {"accessKeyId": "ASIATHREE" + account[:2]}}}.get(name)  # fmt: skip
        return {
            "eventSource": source, "eventName": name, "eventTime": self.clock() if self.dice.random() < 0.97 else "yesterday",
            "sourceIPAddress": self.dice.choice(NETWORKS), "userAgent": self.dice.choice(AGENTS),
            "readOnly": self.dice.choice((True, False, False, ABSENT)), "recipientAccountId": account,
            "awsRegion": self.dice.choice(("us-east-1", "us-east-2", "us-west-2", "eu-west-1")),
            "requestParameters": self.dice.choice(({"userName": user, "bucketName": "b"}, None)), "responseElements": answer,
            **({"errorCode": "AccessDenied", "responseElements": None} if self.dice.random() < 0.2 else {}),
        }  # fmt: skip

    def record(self) -> dict[str, Any]:
        """One record."""
        account = self.dice.choice(ACCOUNTS)
        kind = self.dice.random()
        if kind < 0.1:
            return self.sign_in(account)
        one = self.dice.choice(self.known)
        source, name = (one.eventSource, one.eventName)
        if self.dice.random() < 0.3:
            source, name = self.dice.choice((("iam.amazonaws.com", "CreateAccessKey"), ("iam.amazonaws.com", "CreateUser"),
                                             ("sts.amazonaws.com", "GetSessionToken"), ("sts.amazonaws.com", "AssumeRoot")))  # fmt: skip
        fields = self.fields(account, source, name)
        if kind < 0.65:
            return root_event(identity=self.identity(account), **fields)
        if kind < 0.85:
            return event(**fields | {"userIdentity": self.user(account)})
        return event(**fields)

    def sign_in(self, account: str) -> dict[str, Any]:
        """A step at the sign-in page."""
        name = self.dice.choice(("ConsoleLogin", "ConsoleLogin", "PasswordRecoveryRequested", "EmailUpdated"))
        outcome = self.dice.choice(({name: "Success"}, {name: "Failure"}, None))
        when = self.dice.choice(("2026-08-04T20:00:00Z", "2026-08-04T23:50:00Z", self.clock()))
        return root_event(
            identity={"accountId": account, "accessKeyId": ""}, eventSource="signin.amazonaws.com", eventName=name,
            eventTime=when, responseElements=outcome, additionalEventData={"MFAUsed": self.dice.choice(("Yes", "No"))},
            recipientAccountId=account, readOnly=False, sourceIPAddress=self.dice.choice(NETWORKS[:4]),
        )  # fmt: skip


def load(folder: Path, name: str, files: list[Records], loads: int = 1) -> rf.Case:
    """A case that holds these files, loaded in one go or in several."""
    for number, records in enumerate(files):
        write_log(folder / name / str(number % loads), f"{number:04}.json.gz", records)
    case = rf.open_case(folder / f"{name}.duckdb")
    for number in range(loads):
        case.load(folder / name / str(number))
    return case


def parts(records: Records, dice: random.Random) -> list[Records]:
    """The records cut into files of uneven size."""
    cut: list[Records] = []
    rest = list(records)
    while rest:
        size = dice.randint(1, 60)
        cut.append(rest[:size])
        rest = rest[size:]
    return cut


class Ways(NamedTuple):
    """A world, and in how many ways its records come into a case: in one file, and in one or two others."""

    seed: int
    count: int


@pytest.fixture(
    scope="module",
    params=[Ways(0, 3)],
    ids=str,
)
def cases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[rf.Case]]:
    """One world in several cases: in one file; in three loads, backwards, mixed with copies; in many files, mixed."""
    seed, count = request.param
    world = World(seed)
    records = [world.record() for _ in range(250)]
    folder = tmp_path_factory.mktemp("worlds")
    dice = random.Random(seed + 100)
    mixed = records + dice.sample(records, 60)
    dice.shuffle(mixed)
    made = [load(folder, "one", [records]), load(folder, "loads", parts(mixed[::-1], dice), loads=3)]
    if count > len(made):
        made.append(load(folder, "many", parts(mixed, dice)))
    else:
        for case in made:
            case.findings()  # works the views out once; with three ways each question works them out by itself
    yield made
    for case in made:
        case.close()


def by_events(case: rf.Case, *answers: object) -> list[Any]:
    """The answers, with the eventID for each place of a record: the place depends on the file, the event does not."""
    rows = case.sql("SELECT concat(evidence_id, ':', record_index) AS citation, eventID FROM events").rows
    names = {row["citation"]: row["eventID"] for row in rows}

    def told(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            value = asdict(value)
        if isinstance(value, dict):
            return {name: told(one) for name, one in value.items() if name not in FILES}
        if isinstance(value, list | tuple):
            return [told(one) for one in value]
        return names.get(value, value) if isinstance(value, str) else value

    return [told(answer) for answer in answers]


@pytest.mark.heavy
def test_findings_depend_on_nothing_else(cases: list[rf.Case]) -> None:
    one, *others = [by_events(case, *case.findings(severity="info").rows) for case in cases]
    assert one
    for other in others:
        assert other == one


@pytest.mark.heavy
def test_no_answer_depends_on_how_the_logs_came(cases: list[rf.Case], subtests: pytest.Subtests) -> None:
    for name in [name for name in questions() if name not in OF_OBJECTS]:
        with subtests.test(name):
            one, *others = [by_events(case, *case.query(name).rows) for case in cases]
            for other in others:
                assert other == one


@pytest.mark.heavy
def test_the_blast_radius_depends_on_nothing_else(cases: list[rf.Case]) -> None:
    found = [case.blast_radius() for case in cases]
    one, *others = [
        by_events(case, each.rows, each.edges, each.cut_off) for case, each in zip(cases, found, strict=True)
    ]
    assert found[0].rows
    for other in others:
        assert other == one


@pytest.mark.heavy
def test_the_verdict_depends_on_nothing_else(cases: list[rf.Case]) -> None:
    one, *others = [by_events(case, *case.verdict()) for case in cases]
    for other in others:
        assert other == one


def test_the_origins_part_the_root_events(cases: list[rf.Case]) -> None:
    rows = cases[0].query("root_events").rows
    told = cases[0].sql("SELECT origin, origin_group FROM root_events").rows
    assert {row["origin"] for row in told} <= SIDES.keys()
    assert all(row["origin_group"] == SIDES[row["origin"]] for row in told)
    counted = (
        cases[0]
        .sql("SELECT (SELECT count(*) FROM root_activity) AS activity, (SELECT count(*) FROM root_noise) AS noise")
        .rows[0]
    )
    assert counted["activity"] + counted["noise"] == len(rows) == len(told)
    assert min(counted.values()) > 0


def test_every_root_event_is_in_one_session_or_says_why_not(cases: list[rf.Case]) -> None:
    rows = cases[0].query("root_session_events").rows
    places = Counter((row["evidence_id"], row["record_index"]) for row in rows)
    assert set(places.values()) == {1}
    assert len(rows) == len(cases[0].query("root_events").rows)
    assert all((row["session_id"] is None) == (row["session_missing"] is not None) for row in rows)
    sessions = {row["session_id"]: row for row in cases[0].query("root_sessions").rows}
    assert Counter(row["session_id"] for row in rows if row["session_id"]) == {
        name: row["event_count"] for name, row in sessions.items()
    }
    for row in rows:
        if row["session_id"]:
            assert sessions[row["session_id"]]["account_id"] == row["account_id"]


@pytest.mark.heavy
def test_findings_cite_events_and_sessions_that_exist(cases: list[rf.Case]) -> None:
    held = cases[0].sql("SELECT eventID, evidence_id, record_index, eventTime FROM events").rows
    by_place = {f"{row['evidence_id']}:{row['record_index']}": row for row in held}
    sessions = {row["session_id"] for row in cases[0].query("root_sessions").rows}
    for row in cases[0].findings(severity="info").rows:
        assert [by_place[place]["eventID"] for place in row["citations"]] == row["eventIDs"]
        assert len({*row["citations"]}) == row["event_count"] > 0
        assert {*(row["session_ids"] or ())} <= sessions
        times = [by_place[place]["eventTime"] for place in row["citations"] if by_place[place]["eventTime"]]
        assert times == sorted(times)
        assert (row["first_time"], row["last_time"]) == (min(times, default=None), max(times, default=None))


def test_what_failed_is_never_told_as_done(cases: list[rf.Case]) -> None:
    refused = {row["eventID"] for row in cases[0].sql("SELECT eventID FROM events WHERE errorCode <> ''").rows}
    # A sign-in that failed says so in its response and has no errorCode.
    failed = refused | {
        row["eventID"]
        for row in cases[0].sql("SELECT eventID FROM events WHERE responseElements LIKE '%\"Failure\"%'").rows
    }
    rows = [row for row in cases[0].findings(severity="info").rows if row["finding"].startswith("action:")]
    assert len(failed) > len(refused) > 0
    for row in rows:
        assert (
            row["result"] == "attempted" if failed & {*row["eventIDs"]} else row["result"] in ("succeeded", "unknown")
        )
