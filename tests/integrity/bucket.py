"""A bucket of CloudTrail's with digests that are signed by keys of the test, and ways to spoil it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.builders import ACCOUNT, event

BUCKET: Final = "trail-bucket"
REGION: Final = "us-east-1"
BEGIN: Final = datetime(2026, 8, 4, 8, 41, 21, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


@cache
def _made(number: int) -> rsa.RSAPrivateKey:
    del number
    return rsa.generate_private_key(65537, 2048)


def key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key; the same number gives the same key in one process."""
    return _made(number)


def der(signer: rsa.RSAPrivateKey, *, spki: bool = False) -> bytes:
    """The public half, as ListPublicKeys gives it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo if spki else serialization.PublicFormat.PKCS1
    return signer.public_key().public_bytes(serialization.Encoding.DER, form)


def fingerprint(signer: rsa.RSAPrivateKey, *, spki: bool = False) -> str:
    return hashlib.md5(der(signer, spki=spki)).hexdigest()


def write_keys(path: Path, signers: Iterable[rsa.RSAPrivateKey], *, spki: bool = False, **window: Any) -> Path:
    """A file as the AWS CLI's list-public-keys gives it."""
    window = {"ValidityStartTime": 1_750_000_000, "ValidityEndTime": "2027-01-01T00:00:00+00:00"} | window
    listed = [
        {"Value": base64.b64encode(der(signer, spki=spki)).decode(), "Fingerprint": fingerprint(signer, spki=spki)}
        | window
        for signer in signers
    ]
    path.write_text(json.dumps({"PublicKeyList": listed}))
    return path


@dataclass
class Stored:
    """An object in the bucket."""

    key: str
    body: bytes
    signature: str = ""
    packed: bytes = b""

    def __post_init__(self) -> None:
        self.packed = self.packed or gzip.compress(self.body, mtime=0)

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


@dataclass
class Chain:
    """Digests of a trail, and the logs that they list.

    Attributes:
        edit: changes what a digest says before it is signed; gets its number and its fields.
        edit_logs: changes the logs that CloudTrail delivers.
        first: number of its first hour.
        calls: events in the log of an hour, beside its own.
    """

    count: int = 6
    account: str = ACCOUNT
    region: str = REGION
    trail: str = "main"
    first: int = 0
    signer: rsa.RSAPrivateKey = field(default_factory=key)
    edit: Callable[[int, dict[str, Any]], None] = lambda _number, _fields: None
    hash_with: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    spki: bool = False
    suffix: str = ""
    folder: str = ""
    calls: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    logs: list[Stored] = field(default_factory=list)
    digests: list[Stored] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(self.count):
            self.logs.append(self._log(number))
            self.digests.append(self._digest(number))

    def begin(self, number: int) -> datetime:
        return BEGIN + (self.first + number) * HOUR

    def _log(self, number: int) -> Stored:
        delivered = self.begin(number) + timedelta(minutes=10)
        unique = hashlib.sha256(f"{self.region}{self.trail}{self.suffix}{self.first + number}".encode()).hexdigest()[
            :16
        ]
        name = f"{self.account}_CloudTrail_{self.region}_{delivered:%Y%m%dT%H%MZ}_{unique}.json.gz"
        events = [event(eventTime=f"{delivered:%Y-%m-%dT%H:%M:%SZ}"), *self.calls.get(number, [])]
        body = json.dumps({"Records": events}, separators=(",", ":"))
        return Stored(f"{self._top('CloudTrail')}/{delivered:%Y/%m/%d}/{name}", body.encode())

    def _top(self, kind: str) -> str:
        return f"AWSLogs/{self.folder}{self.account}/{kind}/{self.region}"

    def _digest(self, number: int) -> Stored:
        begin, end, log = self.begin(number), self.begin(number + 1), self.logs[number]
        before = self.digests[-1] if self.digests else None
        name = f"{self.account}_CloudTrail-Digest_{self.region}_{self.trail}_us-east-1_{end:%Y%m%dT%H%M%SZ}{self.suffix}.json.gz"
        fields: dict[str, Any] = {
            "awsAccountId": self.account,
            "digestStartTime": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "digestS3Bucket": BUCKET,
            "digestS3Object": f"{self._top('CloudTrail-Digest')}/{end:%Y/%m/%d}/{name}",
            "digestPublicKeyFingerprint": fingerprint(self.signer, spki=self.spki),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": BUCKET if before else None,
            "previousDigestS3Object": before.key if before else None,
            "previousDigestHashValue": hashlib.sha256(before.body).hexdigest() if before else None,
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": before.signature if before else None,
            "logFiles": [entry(log)],
        }
        self.edit(number, fields)
        return sign(fields, self.signer, self.hash_with)

    @property
    def stored(self) -> list[Stored]:
        return [*self.logs, *self.digests]


def entry(log: Stored, **changes: Any) -> dict[str, Any]:
    """How a digest lists a log."""
    sha256 = hashlib.sha256(log.body).hexdigest()
    times = {"newestEventTime": None, "oldestEventTime": None}
    return {"s3Bucket": BUCKET, "s3Object": log.key, "hashValue": sha256, "hashAlgorithm": "SHA-256"} | times | changes


def sign(fields: dict[str, Any], signer: rsa.RSAPrivateKey, hash_with: hashes.HashAlgorithm | None = None) -> Stored:
    """A digest with its signature, as the User Guide tells it."""
    body = json.dumps(fields, separators=(",", ":")).encode()
    before = fields["previousDigestSignature"]
    text = "\n".join(
        (
            fields["digestEndTime"],
            f"{fields['digestS3Bucket']}/{fields['digestS3Object']}",
            hashlib.sha256(body).hexdigest(),
            "null" if before is None else before,
        )
    )
    signature = signer.sign(text.encode(), padding.PKCS1v15(), hash_with or hashes.SHA256())
    return Stored(fields["digestS3Object"], body, signature.hex())


def edited(digest: Stored, change: Callable[[dict[str, Any]], None]) -> Stored:
    """A digest whose text was changed after it was signed."""
    fields = json.loads(digest.body)
    change(fields)
    return replace(digest, body=json.dumps(fields, separators=(",", ":")).encode(), packed=b"")


def write(folder: Path, stored: Iterable[Stored], *, metadata: bool = True, flat: bool = False) -> None:
    """Write objects as ``--preserve`` does, digests with what S3 keeps of them beside them unless that was lost."""
    for one in stored:
        path = folder / (one.name if flat else one.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.packed)
        if one.signature and metadata:
            told = {"signature": one.signature, "signature-algorithm": "SHA256withRSA"}
            sidecar = {"rootforensics_sidecar": 1, "uri": f"s3://{BUCKET}/{one.key}", "metadata": told}
            Path(f"{path}.s3.json").write_text(json.dumps(sidecar))
