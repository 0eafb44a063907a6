"""A digest file, parsed strictly: whatever is odd about one is an error in words.

Source: AWS CloudTrail User Guide, "CloudTrail digest file structure".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

#: 111122223333_CloudTrail-Digest_us-east-1_my-trail_us-east-1_20260804T094121Z.json.gz; a trail's name may hold ``_``.
NAME: Final = re.compile(
    r"(?P<account>[0-9]{12})_CloudTrail-Digest_(?P<region>[a-z0-9-]+)_(?P<trail>[\w.-]+)_(?P<home>[a-z0-9-]+)"
    r"_(?P<time>[0-9]{8}T[0-9]{6}Z)(?P<backfill>_backfill)?\.json",
    re.ASCII,
)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
#: The only algorithms that AWS documents; a weaker one would let a forged digest pass.
SIGNED_WITH: Final = "SHA256withRSA"
HASHED_WITH: Final = "SHA-256"


class DigestError(ValueError):
    """A text that is no digest of CloudTrail's, with the reason in words."""


class Place(NamedTuple):
    """Where CloudTrail wrote an object."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """Its ``s3://`` URI."""
        return f"s3://{self.bucket}/{self.key}"


class Trail(NamedTuple):
    """Whose digests they are: each of these has chains of its own, and so have its backfill digests."""

    account_id: str
    region: str
    trail: str
    home_region: str
    is_backfill: bool


class Previous(NamedTuple):
    """What a digest says of the one before it."""

    place: Place
    sha256: str
    signature: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What one content of a digest file says.

    Attributes:
        sha256: of the uncompressed bytes, lower-case hexadecimal.
        place: where CloudTrail wrote it, as it says itself.
        trail: as its name says.
        begin: of the time in which the logs that it lists were delivered.
        end: of that time.
        end_text: the same as the digest spells it; it is part of what is signed.
        fingerprint: of the public key.
        algorithm: of the signature.
        previous: the digest before it; None for one that starts a chain.
    """

    sha256: str
    place: Place
    trail: Trail
    begin: datetime
    end: datetime
    end_text: str
    fingerprint: str
    algorithm: str
    previous: Previous | None


class _Log(msgspec.Struct):
    s3Bucket: str
    s3Object: str
    hashValue: str
    hashAlgorithm: str


class _Text(msgspec.Struct):
    awsAccountId: str
    digestStartTime: str
    digestEndTime: str
    digestS3Bucket: str
    digestS3Object: str
    digestPublicKeyFingerprint: str
    digestSignatureAlgorithm: str
    logFiles: list[_Log]
    previousDigestS3Bucket: str | None = None
    previousDigestS3Object: str | None = None
    previousDigestHashValue: str | None = None
    previousDigestHashAlgorithm: str | None = None
    previousDigestSignature: str | None = None


_decoder: Final = msgspec.json.Decoder(_Text)


def parse_digest(text: str, sha256: str) -> Digest:
    """What a digest says of itself, if it is as CloudTrail writes them.

    Args:
        text: of the digest file.
        sha256: of its bytes.

    Raises:
        DigestError: it is not as CloudTrail writes digests.
    """
    try:
        told = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise DigestError(f"not as CloudTrail writes digests ({error})") from error
    place = Place(told.digestS3Bucket, told.digestS3Object)
    trail = _trail(place)
    if trail.account_id != told.awsAccountId:
        raise DigestError(f"it names the account {told.awsAccountId}, and its own name {trail.account_id}")
    begin, end = _time(told.digestStartTime), _time(told.digestEndTime)
    if begin > end:
        raise DigestError("it ends before it begins")
    if any(log_file.hashAlgorithm != HASHED_WITH for log_file in told.logFiles):
        raise DigestError(f"it lists a log whose hash is none of {HASHED_WITH}")
    return Digest(
        sha256, place, trail, begin, end, told.digestEndTime, told.digestPublicKeyFingerprint,
        told.digestSignatureAlgorithm, _previous(told),
    )  # fmt: skip


def _trail(place: Place) -> Trail:
    name = NAME.match(place.key.rsplit("/", 1)[-1])
    if not name:
        raise DigestError("the name that it gives itself is none of a digest file")
    return Trail(name["account"], name["region"], name["trail"], name["home"], bool(name["backfill"]))


def _previous(told: _Text) -> Previous | None:
    fields = (
        told.previousDigestS3Bucket,
        told.previousDigestS3Object,
        told.previousDigestHashValue,
        told.previousDigestHashAlgorithm,
        told.previousDigestSignature,
    )
    if all(field is None for field in fields):
        return None
    bucket, key, sha256, algorithm, signature = fields
    if bucket is None or key is None or sha256 is None or signature is None or algorithm != HASHED_WITH:
        raise DigestError("it names the digest before it only in part")
    return Previous(Place(bucket, key), sha256.lower(), signature)


def _time(text: str) -> datetime:
    try:
        if _TIME.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise DigestError(f"{text[:40]!r} is no time")
