"""If a record lacks what a rule needs, an answer may be yes or unknown, never no: every field is taken away once."""

from __future__ import annotations

import json
import random
import re
import zlib
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.verdict.logs import EVERYWHERE, OPEN
from tests.builders import ABSENT, ACCOUNT, event, root_event
from tests.stories import Names, Story, alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Record = dict[str, Any]
Answers = dict[str, str]
#: A story, one of its records, and where fields of it are that are taken away.
Chosen = tuple[str, int, "Sequence[tuple[str | int, ...]]"]

_CONSOLE: Final = {
    "accessKeyId": "ASIAROOTCONSOLE00001",
    "sessionContext": {"attributes": {"creationDate": "2026-08-05T10:00:00Z", "mfaAuthenticated": "false"}},
}
_SIGN_IN: Final = {
    "eventSource": "signin.amazonaws.com",
    "identity": {"accessKeyId": ""},
    "requestParameters": None,
    "readOnly": False,
    "eventType": "AwsConsoleSignIn",
}


def _did(call: str, asked: Any = None, answered: Any = None, **fields: Any) -> Record:
    """A write of root in a session of the console."""
    source, _, name = call.partition(":")
    usual: Record = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "requestParameters": asked,
        "responseElements": answered,
        "readOnly": False,
        "identity": _CONSOLE,
    }
    return root_event(**(usual | fields))


def _by(name: str, call: str, asked: Any = None, answered: Any = None) -> Record:
    """A write of an IAM user."""
    source, _, called = call.partition(":")
    identity = {
        "type": "IAMUser",
        "principalId": "AIDAMADEBYROOT000001",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "userName": name,
        "accessKeyId": "AKIAMADEBYROOT000001",
        "sessionContext": ABSENT,
    }
    return event(
        eventSource=f"{source}.amazonaws.com", eventName=called, requestParameters=asked, responseElements=answered,
        readOnly=False, identity=identity, eventTime="2026-08-05T11:00:00Z", resources=ABSENT,
    )  # fmt: skip


_MADE: Final = [
    _did("iam:CreateUser", {"userName": "mallory"}, {"user": {"userName": "mallory", "userId": "AIDAMADEBYROOT000001"}}),
    _did(
        "iam:CreateAccessKey", {"userName": "mallory"},
        {"accessKey": {"accessKeyId": "AKIAMADEBYROOT000001", "userName": "mallory", "status": "Active"}},
    ),
]  # fmt: skip
_TRAIL: Final = {"name": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"}
_RUN: Final = {"instanceType": "p5.48xlarge", "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1}]}}
_RAN: Final = {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}
_ROLE: Final = {
    "type": "AssumedRole",
    "principalId": "AROAMADEBYROOT000001:x",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Helper/x",
    "accessKeyId": "ASIAOFTHEROLE0000001",
    "sessionContext": {"sessionIssuer": {
        "type": "Role", "principalId": "AROAMADEBYROOT000001", "arn": f"arn:aws:iam::{ACCOUNT}:role/Helper",
        "accountId": ACCOUNT, "userName": "Helper",
    }},
}  # fmt: skip
_RUNS: Final = {
    "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "requestParameters": _RUN, "responseElements": _RAN,
    "readOnly": False, "resources": ABSENT, "eventTime": "2026-08-05T12:00:00Z",
}  # fmt: skip
_FEDERATED: Final = {
    "type": "FederatedUser",
    "principalId": f"{ACCOUNT}:visitor",
    "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/visitor",
    "accessKeyId": "ASIAFEDERATED0000001",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Root",
            "principalId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:root",
            "accountId": ACCOUNT,
        },
        "attributes": {"creationDate": "2026-08-05T10:30:00Z", "mfaAuthenticated": "false"},
    },
}
#: What happened in an account, each time just so much that one answer or two are yes.
STORIES: Final[dict[str, list[Record]]] = {
    "sign_in": [
        root_event(**_SIGN_IN, eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"LoginTo": "https://console.aws.amazon.com", "MobileVersion": "No", "MFAUsed": "No"}),
    ],
    "sign_in_with_mfa": [
        root_event(**_SIGN_IN, eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"MFAIdentifier": f"arn:aws:iam::{ACCOUNT}:mfa/m", "MFAUsed": "Yes"}),
        _did("s3:ListBuckets", readOnly=True, identity={**_CONSOLE, "sessionContext": {"attributes": {
            "creationDate": "2026-08-05T10:00:00Z", "mfaAuthenticated": "true"}}}),
    ],
    "key": [root_event()],
    "recovery": [root_event(**_SIGN_IN, eventName="PasswordRecoveryCompleted", responseElements={"PasswordRecoveryCompleted": "Success"})],
    "password": [_did("iam:ChangePassword")],
    "mfa": [_did("iam:DeactivateMFADevice", {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"})],
    "virtual_mfa": [_did("iam:DeactivateMFADevice", {"userName": "AWS ROOT USER", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone"})],
    "stop": [_did("cloudtrail:StopLogging", _TRAIL)],
    "selectors": [_did("cloudtrail:PutEventSelectors", {"trailName": "main", "eventSelectors": [
        {"readWriteType": "WriteOnly", "includeManagementEvents": False, "dataResources": []}]})],
    "one_region": [_did("cloudtrail:UpdateTrail", {"name": "main", "isMultiRegionTrail": False, "includeGlobalServiceEvents": False})],
    "detector": [_did("guardduty:UpdateDetector", {"detectorId": "d1", "enable": False})],
    "bucket": [_did("s3:DeleteBucket", {"bucketName": "example-cloudtrail-logs"})],
    "run": [_did("ec2:RunInstances", _RUN, _RAN)],
    "open": [_did("s3:PutBucketPolicy", {"bucketName": "b", "bucketPolicy": OPEN})],
    "close": [_did("account:CloseAccount", {"accountId": ACCOUNT})],
    "contact": [_did("account:PutAlternateContact", {"alternateContactType": "SECURITY"})],
    "leave": [_did("organizations:LeaveOrganization")],
    "address": [root_event(**_SIGN_IN, eventName="EmailUpdated", responseElements={"EmailUpdated": "Success"})],
    "made_and_stopped": [*_MADE, _by("mallory", "cloudtrail:StopLogging", _TRAIL)],
    "made_and_ran": [*_MADE, _by("mallory", "ec2:RunInstances", _RUN, _RAN)],
    "federated": [event(identity=_FEDERATED, **_RUNS)],
    # A session of the console has a key of its own.
    "made_and_signed_in": [
        *_MADE[:1], _did("iam:CreateLoginProfile", {"userName": "mallory"}, {"loginProfile": {"userName": "mallory"}}),
        event(identity={"type": "IAMUser", "principalId": "AIDAMADEBYROOT000001", "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory",
            "userName": "mallory", "accessKeyId": "ASIACONSOLEOFUSER001"}, **_RUNS),
    ],
    "key_of_other": [*_MADE[1:], _by("mallory", "ec2:RunInstances", _RUN, _RAN)],
    "role": [
        _did("iam:CreateRole", {"roleName": "Helper", "assumeRolePolicyDocument": "{}"},
            {"role": {"roleName": "Helper", "roleId": "AROAMADEBYROOT000001", "arn": f"arn:aws:iam::{ACCOUNT}:role/Helper"}}),
        event(identity=_ROLE, **_RUNS),
    ],
    "instance": [
        _did("ec2:RunInstances", _RUN, _RAN),
        event(identity=_ROLE | {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Helper/i-0123456789abcdef0"}, eventName="StopLogging",
            eventSource="cloudtrail.amazonaws.com", requestParameters=_TRAIL, readOnly=False, resources=ABSENT,
            eventTime="2026-08-05T12:00:00Z"),
    ],
    "privileged": [
        event(eventSource="sts.amazonaws.com", eventName="AssumeRoot", readOnly=False, resources=ABSENT,
            requestParameters={"targetPrincipal": ACCOUNT, "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"}},
            responseElements={"credentials": {"accessKeyId": "ASIAPRIVILEGED000001"}}),
        root_event(eventName="DeactivateMFADevice", requestParameters={"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"},
            readOnly=False, identity={"accessKeyId": "ASIAPRIVILEGED000001",
                "sessionContext": {"assumedRoot": "true", "attributes": {"creationDate": "2026-08-05T10:00:00Z", "mfaAuthenticated": "false"}}}),
    ],
}  # fmt: skip

#: Whom root let in who was there before, and the session of a role that what root made took on.
_OPS: Final = _ROLE | {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Helper/s", "accessKeyId": "ASIATAKENONBYUSER001"}
STORIES |= {
    "let_in": [_did("iam:UpdateLoginProfile", {"userName": "carol"}), _by("carol", "cloudtrail:StopLogging", _TRAIL)],
    "switched_on": [
        _did("iam:UpdateAccessKey", {"userName": "carol", "accessKeyId": "AKIAMADEBYROOT000001", "status": "Active"}),
        _by("carol", "cloudtrail:StopLogging", _TRAIL),
    ],
    "given_rights": [
        _did("iam:PutRolePolicy", {"roleName": "Helper", "policyName": "p"}),
        event(identity=_OPS, **_RUNS),
    ],
    "taken_on": [
        *_MADE,
        _by("mallory", "sts:AssumeRole", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/Helper", "roleSessionName": "s"},
            {"credentials": {"accessKeyId": "ASIATAKENONBYUSER001"}}),
        event(identity=_OPS, **_RUNS),
    ],
}  # fmt: skip

STORIES["two_sign_ins"] = [*STORIES["sign_in_with_mfa"], STORIES["sign_in"][0] | {"eventTime": "2026-08-05T15:00:00Z"}]


def paths(value: Any, *, begin: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where each field of a record is, objects before what is in them."""
    if begin:
        yield begin
    entries: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        entries = [(0, value[0])]
    for key, inner in entries:
        yield from paths(inner, begin=(*begin, key))


def without(record: Record, path: Sequence[str | int]) -> Record:
    """A record in which one field is not there."""
    out = json.loads(json.dumps(record))
    held = out
    for key in path[:-1]:
        held = held[key]
    del held[path[-1]]
    return out


def in_account(records: Sequence[Record], account: str) -> list[Record]:
    """Records of another account, with IDs and keys of its own."""
    text = json.dumps(records).replace(ACCOUNT, account)
    text = re.sub(
        r"\b(A[KSI][IO][A-Z])[A-Z0-9]{16}\b",
        lambda found: f"{found[1]}{account[0]}{account[-5:]}{zlib.crc32(found[0].encode()):010d}",
        text,
    )
    text = re.sub(
        r'("(?:eventID|requestID)": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)[0-9a-f]{6}',
        lambda found: f"{found[1]}{account[0]}{account[-5:]}",
        text,
    )
    found: list[Record] = json.loads(text)
    return found


def answers_of(by_account: dict[str, list[Record]]) -> Story:
    """The verdict on each of many accounts of one case; one more account has another's root, so none is alone."""
    records = [one for account, own in by_account.items() for one in (*own, *in_account(EVERYWHERE, account))]

    def ask(analysis: Any, names: Names) -> dict[str, Answers]:
        told = {verdict.account_id: verdict for verdict in analysis.verdicts}
        wanted = {account: names.in_case(account) for account in by_account}
        asked = {account: told.get(own) or analysis.verdict_of(own) for account, own in wanted.items()}
        return {account: {answer.name: answer.answer for answer in own.answers} for account, own in asked.items()}

    return Story(records, ask)


def worse(before: Answers, after: Answers) -> list[str]:
    """The answers that became a no."""
    return [name for name, answer in after.items() if answer == "no" and before[name] != "no"]


def laid_out(chosen: Sequence[Chosen]) -> tuple[dict[str, list[Record]], list[tuple[Chosen, str, str]]]:
    """Accounts with stories, whole and without some fields of a record; and which is to be held against which."""
    names = sorted({name for name, _, _ in chosen})
    base = {name: f"3{number:011d}" for number, name in enumerate(names)}
    accounts = [(one, f"4{number:011d}") for number, one in enumerate(chosen)]
    by_account = {account: in_account(STORIES[name], account) for name, account in base.items()}
    for (name, number, gone), account in accounts:
        own = in_account(STORIES[name], account)
        for path in gone:
            own[number] = without(own[number], path)
        by_account[account] = own
    return by_account, [(one, base[one[0]], account) for one, account in accounts]


def judge(told: dict[str, Answers], compared: list[tuple[Chosen, str, str]]) -> None:
    """See that no answer of a story becomes a no when some fields of one of its records are not there."""
    wrong = [(one, found) for one, whole, account in compared if (found := worse(told[whole], told[account]))]
    assert not wrong, "\n".join(f"{one}: {found}" for one, found in wrong)


async def check(chosen: Sequence[Chosen]) -> None:
    """The same, beside other stories."""
    by_account, compared = laid_out(chosen)
    judge(await answers_of(by_account), compared)


def check_alone(chosen: Sequence[Chosen]) -> None:
    """The same, in a case of its own: these are many."""
    by_account, compared = laid_out(chosen)
    judge(alone(answers_of(by_account)), compared)


EVERY: Final = [
    (name, number, [path])
    for name, records in STORIES.items()
    for number, one in enumerate(records)
    for path in paths(one)
]
#: Two fields of who acted.
PAIRS: Final = [
    (name, number, [("userIdentity", first), ("userIdentity", second)])
    for name, records in STORIES.items()
    for number, one in enumerate(records)
    for first, second in combinations(one["userIdentity"], 2)
]


async def test_no_answer_becomes_no_without_a_field() -> None:
    await check(random.Random(16).sample(EVERY, 40))


async def test_what_services_start_of_themselves_needs_no_answer() -> None:
    by = {"invokedBy": "autoscaling.amazonaws.com"}
    started = root_event(**_RUNS | {"responseElements": None}, identity=by, sourceIPAddress=by["invokedBy"])
    told = await answers_of({ACCOUNT: [root_event(), started]})
    assert told[ACCOUNT]["ownership_changed"] == "no"


async def test_what_a_record_lacks_bears_on_what_may_have_been_done_for_root_alone() -> None:
    call = _by("mallory", "iam:CreateUser", {"userName": "x"})
    sourceless = {name: value for name, value in call.items() if name not in ("eventSource", "readOnly")}
    signed_in = _by("mallory", "signin:ConsoleLogin", None, {"ConsoleLogin": "Success"})
    del signed_in["userIdentity"]["accessKeyId"]
    stories = {
        "unknown": [*_MADE, sourceless],  # as what root made
        "no": [*_MADE, signed_in],  # nobody signs in with a key
        "refused": [root_event(), event(userIdentity="AIDAEXAMPLE", readOnly=False, errorCode="AccessDenied")],
    }
    accounts = {name: f"30000000000{place}" for place, name in enumerate(stories)}
    told = await answers_of({account: in_account(stories[name], account) for name, account in accounts.items()})
    found = {name: told[account]["mfa_removed"] for name, account in accounts.items()}
    assert found == {"unknown": "unknown", "no": "no", "refused": "no"}


async def test_who_cannot_be_told_may_have_been_root_without_mfa() -> None:
    sure = STORIES["sign_in_with_mfa"]
    told = await answers_of({"300000000001": in_account(sure, "300000000001"),
        "300000000002": in_account([*sure, event(userIdentity="AIDAEXAMPLE")], "300000000002")})  # fmt: skip
    assert [own["used_without_mfa"] for own in told.values()] == ["no", "unknown"]


@pytest.mark.heavy
def test_no_answer_becomes_no_without_any_one_field() -> None:
    """Apart are those that may leave open how a call went: in a case with such events each answer is looked at for them."""
    open_ended = [one for one in EVERY if one[2][0][0] in ("eventSource", "responseElements")]
    for chosen in (open_ended, [one for one in EVERY if one not in open_ended]):
        check_alone(chosen)


async def test_no_answer_becomes_no_without_two_fields_of_who_acted() -> None:
    """A user whom root made is known by his ARN, or by his account and name, whatever key he has."""
    known = [pair for pair in PAIRS if pair[0] == "made_and_signed_in" and ("userIdentity", "arn") in pair[2]]
    await check([*known, *random.Random(17).sample(PAIRS, 30)])


@pytest.mark.deep
def test_no_answer_becomes_no_without_any_two_fields_of_who_acted() -> None:
    check_alone(PAIRS)


async def test_the_spelling_of_a_type_changes_no_answer() -> None:
    """Tools write types in small letters."""
    small = [(one, f"5{number:011d}", f"6{number:011d}") for number, one in enumerate(STORIES)]
    by_account = {whole: in_account(STORIES[name], whole) for name, whole, _ in small}
    for name, _, account in small:
        by_account[account] = in_account(STORIES[name], account)
        for one in by_account[account]:
            one["userIdentity"]["type"] = one["userIdentity"]["type"].lower()
    told = await answers_of(by_account)
    assert {name: told[account] for name, _, account in small} == {name: told[whole] for name, whole, _ in small}


async def test_what_a_person_does_in_the_console_is_no_service_s_work() -> None:
    consoles = {"71": "signin.amazonaws.com", "72": "signin.amazonaws.com.cn", "73": "us-east-1.signin.amazonaws.eu"}
    services = {"81": "cloudformation.amazonaws.com", "82": "AWS Internal"}
    by_account = {}
    for number, invoker in (consoles | services).items():
        own = by_account[number.zfill(12)] = in_account(STORIES["made_and_stopped"], number.zfill(12))
        own[-1]["userIdentity"]["invokedBy"] = invoker
    told = {account: one["logging_impaired"] for account, one in (await answers_of(by_account)).items()}
    assert told == {console.zfill(12): "yes" for console in consoles} | {
        service.zfill(12): "unknown" for service in services
    }
