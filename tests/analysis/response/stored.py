"""Logs of an account whose root made a key and deleted it, with digest files of every Region, and what came after."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tests.builders import ABSENT, ACCOUNT, event, records_file, root_event
from tests.integrity.bucket import Chain, Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

#: As AWS lists them: nobody can switch these off.
REGIONS: Final = (
    "us-east-1 us-east-2 us-west-1 us-west-2 ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1"
    " ap-southeast-2 ca-central-1 eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 sa-east-1"
).split()
SWITCHED_ON: Final = {
    "eventSource": "account.amazonaws.com",
    "eventName": "EnableRegion",
    "requestParameters": {"RegionName": "me-south-1"},
}
#: Events about which a person notes that what they left is dealt with.
NOTED: Final = {name: f"{n * 8}-0000-4000-8000-000000000000" for n, name in (("1", "Unfrob"), ("2", "Frob"))}
STRANGER: Final = "arn:aws:iam::999999999999:root"


def key_of(account: str) -> str:
    return f"AKIA{account}LEAK"


def identity(account: str) -> dict[str, Any]:
    own = {"accountId": account, "principalId": account, "accessKeyId": key_of(account)}
    return {"arn": f"arn:aws:iam::{account}:root", **own}


def call(account: str, time: Any, name: str, **fields: Any) -> dict[str, Any]:
    """By root with the key that it made."""
    usual = {"eventTime": time, "eventName": name, "recipientAccountId": account, "identity": identity(account)}
    return root_event(**usual | fields)


def signed(account: str, name: str, outcome: str) -> dict[str, Any]:
    """At the sign-in page, by whomever."""
    fields = {"eventSource": "signin.amazonaws.com", "eventType": "AwsConsoleSignIn", "readOnly": False}
    who = identity(account) | {"accessKeyId": ABSENT}
    return call(account, "2026-08-04T10:48:00Z", name, identity=who, responseElements={name: outcome}, **fields)


def by_others(account: str, time: str) -> dict[str, Any]:
    return event(eventTime=time, recipientAccountId=account, identity={"accountId": account})


@cache
def template() -> list[Stored]:
    """Of every Region the digests from 07:41 to 11:41, of us-east-1 with its logs."""
    idle = [digest for region in REGIONS[1:] for digest in Chain(2, first=1, region=region, edit=_idle).digests]
    return [*Chain(3, edit=_early).stored, *idle]


def _early(number: int, fields: dict[str, Any]) -> None:
    """The first digest is of several hours: root is used in an hour that digests prove."""
    if number == 0:
        fields["digestStartTime"] = "2026-08-04T07:41:21Z"


def _idle(number: int, fields: dict[str, Any]) -> None:
    _early(number, fields)
    fields["logFiles"] = []


def setting(account: str, name: str, request: Any, source: str = "iam", answer: Any = None) -> dict[str, Any]:
    """By root in the console, before containment."""
    console = identity(account) | {"accessKeyId": "ASIAROOTCONSOLE00000"}
    fields = {"requestParameters": request, "responseElements": answer, "readOnly": False}
    return call(
        account, "2026-08-04T08:50:10Z", name, identity=console, eventSource=f"{source}.amazonaws.com", **fields
    )


def openings(account: str) -> list[dict[str, Any]]:
    """What lets somebody in or acts for him, and of whose use no record tells."""
    allow = [{"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "s3:*", "Resource": "*"}]
    calls: list[tuple[str, str, Any, Any]] = [
        ("s3", "PutBucketPolicy", {"bucketName": "b", "bucketPolicy": {"Statement": allow}}, None),
        ("kms", "CreateGrant", {"keyId": "k", "granteePrincipal": STRANGER}, {"grantId": "g"}),
        ("lambda", "CreateFunctionUrlConfig", {"functionName": "pay", "authType": "NONE"}, {}),
        ("sagemaker", "CreateNotebookInstance", {"notebookInstanceName": "nb"}, {}),
        ("lightsail", "CreateInstances", {"instanceNames": ["li"]}, {}),
    ]
    return [setting(account, name, request, source, answer) for source, name, request, answer in calls]


def by_stranger(account: str) -> dict[str, Any]:
    who = {"type": "AWSAccount", "accountId": STRANGER[13:25], "principalId": "AIDAX", "arn": ABSENT}
    return by_others(account, "2026-08-04T10:49:00Z") | {"userIdentity": {k: v for k, v in who.items() if v != ABSENT}}


def role(account: str, name: str) -> dict[str, Any]:
    """A role that root makes, and by whom it may be taken on is not said."""
    return setting(account, "CreateRole", {"roleName": name}, answer={"role": {"roleName": name}})


def by_user(account: str, name: str, source: str, request: Any, **fields: Any) -> dict[str, Any]:
    """By somebody who has nothing to do with root."""
    who = {"type": "IAMUser", "accountId": account, "userName": "bob", "arn": f"arn:aws:iam::{account}:user/bob"}
    usual = {"userIdentity": who, "eventName": name, "eventSource": f"{source}.amazonaws.com", "readOnly": False}
    return by_others(account, "2026-08-04T10:49:00Z") | usual | {"requestParameters": request} | fields


def entered(account: str) -> list[dict[str, Any]]:
    """Ways in which others come to act as what root made."""
    arn = f"arn:aws:iam::{account}:role/"
    stranger = by_stranger(account)["userIdentity"]
    switched = {"type": "AssumedRole", "accountId": account, "arn": f"arn:aws:sts::{account}:assumed-role/switched/s"}
    return [
        by_user(account, "AssumeRole", "sts", {"roleArn": f"{arn}assumed"}, userIdentity=stranger, readOnly=True),
        by_user(account, "AssumeRoleWithSAML", "sts", {"roleArn": f"{arn}path/saml"}, readOnly=True),
        by_user(account, "AssumeRole", "sts", {"roleArn": f"{arn}denied"}, readOnly=True, errorCode="AccessDenied"),
        by_user(
            account, "SwitchRole", "signin", None, userIdentity=switched, responseElements={"SwitchRole": "Success"}
        ),
        by_user(account, "RunInstances", "ec2", {"iamInstanceProfile": {"name": "profile"}}),
        by_user(account, "CreateFunction20150331", "lambda", {"role": f"{arn}passed"}),
        by_user(account, "CreateAccessKey", "iam", {"userName": "made"}),
        by_user(account, "DeleteRole", "iam", {"roleName": "ended"}),
    ]


def undone(account: str) -> list[dict[str, Any]]:
    """What root wrote; others undid it in time, or too late, or somebody noted that it is done, or nobody did."""
    made = [
        setting(account, "PutBucketPolicy", {"bucketName": name, "bucketPolicy": {}}, "s3") for name in ("b", "late")
    ]
    made += [
        setting(account, "SetRepositoryPolicy", {"repositoryName": name, "policyText": "{}"}, "ecr") for name in "rs"
    ]
    made += [setting(account, name, {"frob": "f"}, "frobnicate") | {"eventID": NOTED[name]} for name in NOTED]
    made += [setting(account, "Frob", {"frob": "g"}, "frobnicate") | {"eventTime": "2026-08-04T08:50:20Z"}]
    before = {"eventTime": "2026-08-04T08:51:30Z"}
    ended = [("s3", "BucketPolicy", {"bucketName": "b"}), ("ecr", "RepositoryPolicy", {"repositoryName": "r"})]
    made += [by_user(account, f"Delete{rest}", source, asked, **before) for source, rest, asked in ended]
    late = {"bucketName": "late"}
    made.append(by_user(account, "DeleteBucketPolicy", "s3", late, awsRegion="eu-west-1", **before))  # another one
    return [*made, by_user(account, "DeleteBucketPolicy", "s3", late)]


ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"


def intrusion(account: str) -> list[dict[str, Any]]:
    """What an intruder leaves: an administrator with a key, a role that a stranger may take on, a scheduled function."""
    key = f"AKIA{account}EVIL"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}]}
    function = f"arn:aws:lambda:us-east-1:{account}:function:beat"
    return [
        setting(account, "CreateUser", {"userName": "helper"}, answer={"user": {"userName": "helper"}}),
        setting(account, "AttachUserPolicy", {"userName": "helper", "policyArn": ADMIN}),
        setting(account, "CreateAccessKey", {"userName": "helper"}, answer={"accessKey": {"accessKeyId": key}}),
        setting(
            account,
            "CreateRole",
            {"roleName": "door", "assumeRolePolicyDocument": json.dumps(trust)},
            answer={"role": {"roleName": "door"}},
        ),
        setting(account, "CreateFunction20150331", {"functionName": "beat"}, "lambda", {"functionArn": function}),
        setting(account, "PutRule", {"name": "hourly", "scheduleExpression": "rate(1 hour)"}, "events"),
        setting(account, "PutTargets", {"rule": "hourly", "targets": [{"id": "1", "arn": function}]}, "events"),
        setting(account, "PutUserPolicy", {"userName": "old", "policyName": "all", "policyDocument": "{}"}),
    ]


def cleaned(account: str) -> list[dict[str, Any]]:
    """How bob ends all of it in time."""
    before = {"eventTime": "2026-08-04T08:51:30Z"}
    calls: list[tuple[str, str, Any]] = [
        ("DeleteAccessKey", "iam", {"userName": "helper", "accessKeyId": f"AKIA{account}EVIL"}),
        ("DetachUserPolicy", "iam", {"userName": "helper", "policyArn": ADMIN}),
        ("DeleteUser", "iam", {"userName": "helper"}),
        ("DeleteRole", "iam", {"roleName": "door"}),
        ("DeleteFunction20150331", "lambda", {"functionName": "beat"}),
        ("RemoveTargets", "events", {"rule": "hourly", "ids": ["1"]}),
        ("DeleteRule", "events", {"name": "hourly"}),
        ("DeleteUserPolicy", "iam", {"userName": "old", "policyName": "all"}),
    ]
    return [by_user(account, name, source, asked, **before) for name, source, asked in calls]


def disowned(account: str) -> list[Stored]:
    """A log is gone, and so is the line in its digest, which ends a second later; the next one has the hash that it had."""
    found = [one for one in bucket(account) if "us-east-1_20260804T0951Z" not in one.key]
    [place] = [n for n, one in enumerate(found) if "Digest_us-east-1_main_us-east-1_20260804T104121Z" in one.key]
    changed = {"logFiles": [], "digestEndTime": "2026-08-04T10:41:22Z"}
    found[place] = Stored(found[place].key, json.dumps(json.loads(found[place].body) | changed).encode())
    return found


def bucket(
    account: str, *later: dict[str, Any], early: Sequence[dict[str, Any]] = (), key_stays: bool = False
) -> list[Stored]:
    """The same of another account: root made a key at 08:50 and deleted it in time; what is told came at 10:51."""
    console = identity(account) | {"accessKeyId": "ASIAROOTCONSOLE00000"}
    answer = {"accessKey": {"accessKeyId": key_of(account)}}
    made = call(account, "2026-08-04T08:50:00Z", "CreateAccessKey", identity=console, responseElements=answer)
    gone = setting(account, "DeleteAccessKey", {"accessKeyId": key_of(account)}) | {"eventTime": "2026-08-04T08:50:40Z"}
    told = {
        "T0851Z": [made, *([] if key_stays else [gone]), *early, by_others(account, "2026-08-04T08:50:30Z")],
        "T1051Z": [*later, by_others(account, "2026-08-04T10:50:00Z")],
    }
    found: list[Stored] = []
    hashes: dict[str, str] = {}  # as the digests of these logs list them
    for one in template():
        records = next((held for when, held in told.items() if when in one.key), None)
        text = records_file(records) if records else one.body.replace(ACCOUNT.encode(), account.encode())
        for before, after in hashes.items():
            text = text.replace(before.encode(), after.encode())
        hashes[hashlib.sha256(one.body).hexdigest()] = hashlib.sha256(text).hexdigest()
        found.append(Stored(one.key.replace(ACCOUNT, account), text))
    return found


def without(account: str, *gone: str, early: Sequence[dict[str, Any]] = ()) -> list[Stored]:
    return [one for one in bucket(account, early=early) if not any(text in one.key for text in gone)]
