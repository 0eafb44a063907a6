"""A statement agrees with the events that it cites: their times, addresses, account, actor and objects."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.exposure.receivers import receiver_of
from rootforensics.evidence.cite import place_text
from rootforensics.telling.objects import object_of
from rootforensics.telling.opening import opening
from rootforensics.telling.standing import standing
from rootforensics.telling.timeline import incident_lines
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.lineage.test_histories import World
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.queries.test_root import sign_in
from tests.stories import Story, told_of

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.telling.statement import Statement

    Records = dict[str, dict[str, Any]]


def _own(name: str) -> str:
    """The name as a record has it: without the Region before it, and without the words of a sentence."""
    name = re.sub(r"^of (user|account) | \([^()]*\)$", "", name)
    region, _, rest = name.partition("/")
    return rest if re.fullmatch(r"[a-z]{2}-[a-z]+-\d", region) else name


def disagreements(line: Statement, records: Records) -> list[str]:
    """What a line of the timeline says that its events do not."""
    cited = [records[place] for place in line.citations]
    if not cited or line.line_type not in ("root", "follow-on"):
        return []
    times = [record["eventTime"] for record in cited]
    until = line.until_time or line.from_time
    wrong = []
    if line.kind != "used":  # it cites the first of its calls
        span = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (line.from_time, until) if moment]
        wrong += [f"time {time}" for time in times if not span[0] <= time <= span[-1]]
        addresses = {record["sourceIPAddress"] for record in cited}
        wrong += [f"address {address}" for address in line.source_ips if address not in addresses]
        wrong += ["address left out"] * (bool(line.source_ips) and addresses != set(line.source_ips))
    if line.line_type == "root" and line.actor == "root":
        wrong += ["actor"] * any(
            "root" not in json.dumps(record["userIdentity"], default=str).lower() for record in cited
        )
    text = json.dumps(cited, default=str)
    if line.kind == "ended" and cited[0]["eventName"] == "DeleteUser":
        return wrong  # the keys of the user end with it, and the record does not name them
    wrong += [f"object {name}" for _, name in line.objects if _own(name) not in text]
    wrong += ["account"] * any(record["recipientAccountId"] != line.account_id for record in cited)
    return wrong


@pytest.fixture(scope="module")
def sample_records(sample_case: rf.Case) -> Records:
    """The records of the sample by place, as far as the test reads them."""
    rows = sample_case.sql(
        "SELECT evidence_id, record_index, eventID, eventName, strftime(eventTime AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS eventTime, sourceIPAddress, "
        "recipientAccountId, userIdentity, requestParameters, responseElements FROM events"
    ).rows
    return {place_text(row): row for row in rows}


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.heavy) for seed in range(2, 20))])
@pytest.mark.quick(2)
def test_in_random_histories_each_statement_agrees_with_its_events(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    records = World(seed, ids=seed % 2 == 0).records
    for record in records:
        record["sourceIPAddress"] = chance.choice(("192.0.2.1", "198.51.100.2", "203.0.113.3"))
        if chance.random() < 0.2:
            record["errorCode"] = "AccessDenied"
    write_log(tmp_path / "logs", "a.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        lines = incident_lines(case.analysis())
    known = {f"1:{number}": record for number, record in enumerate(records)}
    assert len([line for line in lines if line.line_type == "root"]) > 3
    assert [(line.text, wrong) for line in lines if (wrong := disagreements(line, known))] == []


def test_so_does_each_statement_of_the_sample(sample_analysis: Analysis, sample_records: Records) -> None:
    lines = incident_lines(sample_analysis)
    assert len(lines) > 80
    assert [(line.text, wrong) for line in lines if (wrong := disagreements(line, sample_records))] == []


def test_the_opening_names_nothing_that_its_events_do_not(sample_analysis: Analysis, sample_records: Records) -> None:
    """Each access key, instance, snapshot and address of a sentence is in a record that it cites."""
    for verdict in sample_analysis.verdicts:
        for sentence in opening(sample_analysis, verdict, standing(sample_analysis, verdict)):
            text = json.dumps([sample_records[place] for place in sentence.citations], default=str)
            for word in sentence.text.replace("(", " ").replace(")", " ").replace(",", " ").split():
                if word.startswith(("AKIA", "ASIA", "i-0", "snap-", "sg-", "203.0.113.", "198.51.100.")):
                    assert word.rstrip(".;") in text, (sentence.text, word)


@pytest.mark.parametrize(
    ("request_", "receiver"),
    [
        ({"policy": '{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"}}}'}, "account 999988887777"),
        ({"policy": {"Statement": [{"Effect": "Deny", "Principal": {"AWS": "999988887777"}}]}}, ""),
        ({"policy": {"Statement": [{"Effect": "Allow", "Principal": "*"}]}}, "everyone"),
        ({"createVolumePermission": {"add": {"items": [{"group": "all"}]}}}, "everyone"),
        ({"ipPermissions": {"items": [{"ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}, "everyone"),
        ({"policy": {"Statement": [{"Effect": "Allow", "Action": "*", "Principal": {"AWS": "111122223333"}}]}}, ""),
        ({"accountIds": ["999988887777", "444455556666"]}, "account 999988887777, account 444455556666"),
        ({"cidrIp": "198.51.100.0/24"}, "198.51.100.0/24"),
        ({"attributeName": "restore", "valuesToAdd": ["999988887777"]}, "account 999988887777"),
        (None, ""),
        # Of a policy only principals gain, and of a removal nobody.
        ({"policy": {"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Resource": "arn:aws:s3:::logs-999988887777/*"}}}, ""),
        ({"secretId": "arn:aws:secretsmanager:us-east-1:999988887777:secret:db"}, ""),
        ({"createVolumePermission": {"remove": {"items": [{"userId": "999988887777"}]}}}, ""),
        ({"policy": {"Statement": {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}}}, "everyone who meets its conditions"),
        ({"x-amz-acl": ["public-read"]}, "everyone"),
    ],
)  # fmt: skip
def test_who_gains_is_named_as_the_request_names_them(request_: object, receiver: str) -> None:
    text = None if request_ is None else json.dumps(request_)
    assert receiver_of(text, "111122223333") == receiver


def test_an_object_that_is_only_read_is_named_by_the_request() -> None:
    assert object_of("read {secret}", '{"secretId": "prod/db"}') == (("secret", "prod/db"),)
    assert object_of("read {parameter(s)}", '{"names": ["a", "b"]}') == (("parameter", "a"), ("parameter", "b"))
    assert object_of("read {secret}", '{"secretId": 7}') == ()
    assert object_of("read {secret}", "not JSON") == ()


def told_of_openings(*records: dict[str, Any]) -> Story:
    def ask(analysis: Analysis) -> list[str]:
        verdicts = analysis.verdicts
        return [line.text for verdict in verdicts for line in opening(analysis, verdict, standing(analysis, verdict))]

    return told_of(ask, *records)


async def test_the_owner_and_an_intruder_are_not_one_actor() -> None:
    """The owner's address is known for weeks; what was done from it is not what was done from the other."""
    owner, intruder = "192.0.2.10", "203.0.113.66"
    seen = event(eventTime="2026-08-01T09:00:00Z", sourceIPAddress=owner)
    share = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject"}}
    own = did("s3:PutBucketPolicy", 0, {"bucketName": "own", "bucketPolicy": share})
    signed_in = sign_in(eventTime="2026-08-20T10:00:00Z", sourceIPAddress=intruder)
    made = did("iam:CreateUser", 0, {"userName": "eve"}) | {"sourceIPAddress": intruder}
    texts = await told_of_openings(
        seen,
        own | {"sourceIPAddress": owner, "eventTime": "2026-08-10T10:05:00Z"},
        signed_in,
        made | {"eventTime": "2026-08-20T10:05:00Z"},
    )
    (takeover,) = [text for text in texts if "likely took over" in text]
    assert takeover.startswith("On 20 August 2026, between 10:00 and 10:05 UTC, ")
    assert (intruder in takeover, owner in takeover) == (True, False)
    assert [text for text in texts if text.startswith("They ") and "bucket" in text] == []
    (other,) = [text for text in texts if "was also used" in text]
    assert owner in other
    assert "put a policy on bucket own that gives account 444455556666 access" in other


OWNER, SECOND, INTRUDER = "198.51.100.7", "192.0.2.8", "203.0.113.9"


def _used(address: str, *moments: str) -> list[dict[str, Any]]:
    """A sign-in from an address at each of these moments."""
    return [sign_in(eventTime=f"2026-{moment}:00Z", sourceIPAddress=address) for moment in moments]


@pytest.mark.parametrize(
    ("seen", "records", "uses"),
    [
        pytest.param(
            [],
            [*_used(OWNER, *(f"10-{day:02}T09:00" for day in range(2, 31))), *_used(INTRUDER, "10-31T08:00")],
            [
                (OWNER, "Between 2 October 2026, 09:00 UTC, and 30 October 2026, 09:00 UTC, ", "29 events"),
                (INTRUDER, "On 31 October 2026, at 08:00 UTC, ", "1 event"),
            ],
            id="the intruder comes within a day of the owner, who uses root daily",
        ),
        pytest.param(
            [OWNER],
            [*_used(OWNER, "10-31T09:00", "11-05T10:00"), *_used(INTRUDER, "10-31T09:05", "11-05T10:05")],
            [
                (OWNER, "Between 31 October 2026, 09:00 UTC, and 5 November 2026, 10:00 UTC, ", "2 events"),
                (INTRUDER, "On 31 October 2026, at 09:05 UTC, ", "1 event"),
                (INTRUDER, "On 5 November 2026, at 10:05 UTC, ", "1 event"),
            ],
            id="both come on the same two days, when the intruder's address is no longer new",
        ),
        pytest.param(
            [OWNER, SECOND],
            [*_used(OWNER, "10-20T09:00"), *_used(SECOND, "10-25T09:00"), *_used(INTRUDER, "10-31T09:05")],
            [
                (OWNER, "On 20 October 2026, at 09:00 UTC, ", "1 event"),
                (SECOND, "On 25 October 2026, at 09:00 UTC, ", "1 event"),
                (INTRUDER, "On 31 October 2026, at 09:05 UTC, ", "1 event"),
            ],
            id="known addresses on occasions of their own",
        ),
    ],
)
async def test_each_actor_has_a_sentence_with_its_addresses_days_and_count(
    seen: list[str], records: list[dict[str, Any]], uses: list[tuple[str, str, str]]
) -> None:
    known = [event(eventTime="2026-09-20T09:00:00Z", sourceIPAddress=address) for address in seen]
    texts = [text for text in await told_of_openings(*known, *records) if " UTC, " in text]
    assert len(texts) == len(uses)
    for address, begin, count in uses:
        (text,) = [text for text in texts if text.startswith(begin)]
        assert re.search(rf"\b{count}\b", text)
        assert [one for one in (OWNER, SECOND, INTRUDER) if one in text] == [address]


async def test_attempts_that_failed_are_stated_with_their_addresses() -> None:
    failed = sign_in(eventTime="2026-10-30T09:00:00Z", sourceIPAddress=INTRUDER, outcome="Failure")
    texts = await told_of_openings(failed, *_used(OWNER, "10-31T09:00"))
    assert (OWNER in texts[0], INTRUDER in texts[0]) == (True, False)
    (text,) = [text for text in texts if "attempt" in text]
    assert (
        text
        == f"1 other attempt to use root failed, from {INTRUDER} (at 2026-10-30 09:00:00). It would have triggered a CIS root-usage alarm."
    )


async def test_more_actors_than_fit_are_counted() -> None:
    records = [one for n in range(7) for one in _used(f"203.0.{n}.7", f"10-{3 * n + 1:02}T09:00")]
    texts = await told_of_openings(*records)
    assert sum(" UTC, " in text for text in texts) in (4, 5)
    (further,) = [text for text in texts if "further occasion" in text]
    counted = sum(int(found[1]) for text in texts if (found := re.search(r"\b(\d+) events?\b", text)))
    assert counted == 7, further


async def test_calls_are_one_clause_only_if_receiver_and_naming_are_the_same() -> None:
    def shared(snapshot: str, account: str, minute: int) -> dict[str, Any]:
        add = {"createVolumePermission": {"add": {"items": [{"userId": account}]}}}
        return did("ec2:ModifySnapshotAttribute", minute, {"snapshotId": snapshot} | add)

    read = [did("secretsmanager:GetSecretValue", 3 + n, {"secretId": "db"} if n == 0 else None) for n in range(3)]
    texts = await told_of_openings(shared("snap-a", "444455556666", 1), shared("snap-b", "777788889999", 2), *read)
    assert [text for text in texts if text.startswith("They ")] == [
        (
            "They shared snapshot snap-a with account 444455556666, shared snapshot snap-b with account 777788889999, "
            "and read secret db."
        ),
        "They read a secret (twice).",
    ]


async def test_who_changed_a_members_address_is_named() -> None:
    changed = did("account:AcceptPrimaryEmailUpdate", 1, {"accountId": "444455556666"}, who=user("boss"))

    def ask(analysis: Analysis) -> list[tuple[str | None, str]]:
        return [(line.actor, line.text) for line in incident_lines(analysis) if "e-mail" in line.text]

    assert await told_of(ask, changed, root_event()) == [
        (
            "user/boss",
            f"user/boss of account {ACCOUNT} completed a change of root's e-mail address of account 444455556666",
        )
    ]
