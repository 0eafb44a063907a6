"""Build CloudTrail records and log files, so that a test shows only the fields that matter to it.

>>> record = event(eventName="DeleteTrail", identity={"type": "IAMUser"})
>>> write_log(folder, "a.json.gz", [record, root_event()])
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import random
import uuid
from itertools import count
from pathlib import Path
from typing import Any, Final

#: Give a field this value to leave it out of the record.
ABSENT: Final = object()

ACCOUNT: Final = "111122223333"
REGION: Final = "us-east-1"
TIME: Final = "2026-08-05T10:00:00Z"

_seeds = count(1)

_ROLE: Final[dict[str, Any]] = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLEROLEID0000:deploy",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/deploy",
    "accountId": ACCOUNT,
    "accessKeyId": "ASIAEXAMPLEKEY000000",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAEXAMPLEROLEID0000",
            "arn": f"arn:aws:iam::{ACCOUNT}:role/Deploy",
            "accountId": ACCOUNT,
            "userName": "Deploy",
        },
        "attributes": {"creationDate": "2026-08-05T09:00:00Z", "mfaAuthenticated": "false"},
    },
}
_ROOT: Final[dict[str, Any]] = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAEXAMPLEROOTKEY00",
}


def event_id() -> str:
    """A fresh eventID: a version 4 UUID; the same ones in every run."""
    return str(uuid.UUID(bytes=random.Random(next(_seeds)).randbytes(16), version=4))


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = copy.deepcopy(base)
    for name, value in changes.items():
        if value is ABSENT:
            out.pop(name, None)
        elif isinstance(value, dict) and isinstance(out.get(name), dict):
            out[name] = _merged(out[name], value)
        else:
            out[name] = value
    return out


def event(*, identity: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """One full record: an EC2 call by an assumed role, with a fresh eventID.

    Args:
        identity: changes to ``userIdentity``, merged into it at every level.
        fields: top-level fields that replace the usual ones; ``ABSENT`` leaves one out.
    """
    base = {
        "eventVersion": "1.11",
        "userIdentity": _merged(_ROLE, identity or {}),
        "eventTime": TIME,
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": REGION,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.27.1 md/awscrt#0.26.1 ua/2.1 os/linux#6.8 md/arch#x86_64",
        "requestParameters": {"maxResults": 100, "instancesSet": {}, "filterSet": {"items": [{"name": "vpc-id"}]}},
        "responseElements": None,
        "requestID": event_id(),
        "eventID": event_id(),
        "readOnly": True,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::EC2::VPC", "ARN": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/a"}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"ec2.{REGION}.amazonaws.com",
        },
    }
    out = {name: fields.pop(name, value) for name, value in base.items()} | fields
    return {name: value for name, value in out.items() if value is not ABSENT}


def root_event(*, identity: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """One full record of the root user with a long-term access key: ``iam:ListUsers``.

    Args:
        identity: changes to root's ``userIdentity``.
        fields: as for ``event``.
    """
    usual = {
        "eventSource": "iam.amazonaws.com",
        "eventName": "ListUsers",
        "requestParameters": None,
        "resources": ABSENT,
        "userIdentity": _merged(_ROOT, identity or {}),
    }
    return event(**(usual | fields))


def record(value: Any) -> bytes:
    """A value as CloudTrail spells a record: JSON without blanks, UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def records_text(records: list[bytes]) -> bytes:
    """Records, spelled already, as the one-line text of a log file."""
    return b'{"Records":[%b]}' % b",".join(records)


def records_file(events: list[dict[str, Any]]) -> bytes:
    """Events as the text of a log file: ``{"Records":[...]}`` in one line."""
    return records_text([record(one) for one in events])


def gz(text: bytes) -> bytes:
    """One gzip member, the same bytes at any time."""
    return gzip.compress(text, mtime=0)


def write_log(folder: Path, name: str, events: list[dict[str, Any]]) -> Path:
    """Write a log file, compressed if its name ends in ``.gz``; its folder is made if need be."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = records_file(events)
    path.write_bytes(gz(text) if name.endswith(".gz") else text)
    return path


def hash_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hash_of_list(files: list[Path]) -> str:
    """The digest of an evidence list as the question says it, of files that were read to their end."""
    lines = [hashlib.sha256(f"{hash_of(file)}  {file.as_uri()}\n".encode()).hexdigest() for file in files]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
