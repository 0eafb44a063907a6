"""Digest files: hourly chains with real signatures over what CloudTrail delivered."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tools.sample_incident.delivery import LogFile, squeeze
from tools.sample_incident.ids import at, stamp
from tools.sample_incident.people import EAST1, FRANKFURT, LOG_BUCKET, MAIN_TRAIL, PROD, SECOND_TRAIL
from tools.sample_incident.story_end import RESTARTED, STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.sample_incident.identities import Record
    from tools.sample_incident.rsa import Key

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Chain:
    """One run of digests of a trail in a Region, from a starting digest on."""

    region: str
    trail: str
    begins: datetime
    ends: datetime


# Validation of the main trail was switched on on the second day; logging was stopped and begun again.
CHAINS = (
    Chain(EAST1, MAIN_TRAIL, at(4, "08:41:21"), at(5, "05:41:21")),
    Chain(EAST1, MAIN_TRAIL, at(5, "07:41:21"), at(7, "23:41:21")),
    Chain(FRANKFURT, MAIN_TRAIL, at(4, "08:36:05"), at(5, "05:36:05")),
    Chain(FRANKFURT, MAIN_TRAIL, at(5, "07:36:05"), at(6, "07:36:05")),
    Chain(EAST1, SECOND_TRAIL, at(4, "08:52:48"), at(5, "20:52:48")),
)


@dataclass(frozen=True)
class Digest:
    """One digest file as it lies in the bucket, with the signature that is its object metadata."""

    path: str
    body: bytes
    stored: bytes
    signature: str


def sign_chains(files: Iterable[LogFile], key: Key) -> list[Digest]:
    """Return the digests of all chains."""
    if not CHAINS[0].ends > STOPPED > CHAINS[0].ends - _HOUR or not CHAINS[1].begins < RESTARTED:
        raise ValueError("the chains must break where logging stopped")
    listed = list(files)
    return [digest for chain in CHAINS for digest in _sign(chain, listed, key)]


def _sign(chain: Chain, files: list[LogFile], key: Key) -> list[Digest]:
    digests: list[Digest] = []
    start = chain.begins
    while start < chain.ends:
        end = start + _HOUR
        covered = [file for file in files if _covers(chain, file) and start <= file.delivered < end]
        record = _content(chain, (start, end), covered, digests[-1] if digests else None)
        record["digestPublicKeyFingerprint"] = key.fingerprint()
        digests.append(_close(record, key))
        start = end
    return digests


def _covers(chain: Chain, file: LogFile) -> bool:
    return (file.account, file.region, file.trail) == (PROD, chain.region, chain.trail)


def _content(chain: Chain, hour: tuple[datetime, datetime], files: list[LogFile], previous: Digest | None) -> Record:
    """Return the digest's fields in the order in which AWS prints them."""
    start, end = hour
    times = [event.time for file in files for event in file.events]
    name = f"{PROD}_CloudTrail-Digest_{chain.region}_{chain.trail}_{EAST1}_{end:%Y%m%dT%H%M%SZ}.json.gz"
    return {
        "awsAccountId": PROD,
        "digestStartTime": stamp(start),
        "digestEndTime": stamp(end),
        "digestS3Bucket": LOG_BUCKET,
        "digestS3Object": f"AWSLogs/{PROD}/CloudTrail-Digest/{chain.region}/{end:%Y/%m/%d}/{name}",
        "digestPublicKeyFingerprint": None,
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": max(times, default=None),
        "oldestEventTime": min(times, default=None),
        "previousDigestS3Bucket": LOG_BUCKET if previous else None,
        "previousDigestS3Object": previous.path if previous else None,
        "previousDigestHashValue": hashlib.sha256(previous.body).hexdigest() if previous else None,
        "previousDigestHashAlgorithm": "SHA-256" if previous else None,
        "previousDigestSignature": previous.signature if previous else None,
        "logFiles": [_listed(file) for file in files],
    }


def _listed(file: LogFile) -> Record:
    times = [event.time for event in file.events]
    return {
        "s3Bucket": LOG_BUCKET,
        "s3Object": file.path,
        "hashValue": hashlib.sha256(file.body).hexdigest(),
        "hashAlgorithm": "SHA-256",
        "newestEventTime": max(times, default=None),
        "oldestEventTime": min(times, default=None),
    }


def _close(record: Record, key: Key) -> Digest:
    """Sign a digest: time, place, hash of the content and the signature before it, joined by line feeds."""
    body = json.dumps(record, separators=(",", ":")).encode()
    path = record["digestS3Object"]
    lines = (
        record["digestEndTime"],
        f"{LOG_BUCKET}/{path}",
        hashlib.sha256(body).hexdigest(),
        record["previousDigestSignature"] or "null",
    )
    return Digest(path, body, squeeze(body), key.sign("\n".join(lines).encode()).hex())


def sidecar(digest: Digest) -> bytes:
    """Return what ``--preserve`` writes beside the digest: with it, what S3 keeps as metadata, the signature."""
    told = {
        "rootforensics_sidecar": 1,
        "uri": f"s3://{LOG_BUCKET}/{digest.path}",
        "bucket": LOG_BUCKET,
        "key": digest.path,
        "size_bytes": len(digest.stored),
        "sha256": hashlib.sha256(digest.stored).hexdigest(),
        "metadata": {"signature": digest.signature, "signature-algorithm": "SHA256withRSA"},
    }
    return (json.dumps(told, indent=2) + "\n").encode()


def public_keys(key: Key) -> str:
    """Return the file of public keys, as ``rootforensics verify --fetch-keys`` writes it."""
    held = {
        "fingerprint": key.fingerprint(),
        "value": base64.b64encode(key.public_der()).decode(),
        "validity_start_time": "2026-07-01T00:00:00+00:00",
        "validity_end_time": "2026-10-01T00:00:00+00:00",
    }
    told = {
        "rootforensics_public_keys": 1,
        "fetched_time": "2026-08-08T07:30:00+00:00",
        "account_id": PROD,
        "keys": [{"region": region} | held for region in (EAST1, FRANKFURT)],
    }
    return json.dumps(told, indent=1) + "\n"
