"""What S3 and boto3 say when they fail, told apart in words.

A failure of one object is a finding: the object's row says it, and the next load tries again. A failure that would
meet every further object too (credentials, clock, network) ends the load, because going on could only fail; of an
object it is taken for such a one if S3 answers no listing either.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from rootforensics.sources.refusals import AGAIN, Failure, Kind, by_boto, by_code, code_and_message

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

Act = Literal["list", "list versions", "get"]

_CODE: Final = re.compile(r"<Code>([\w.]+)</Code>")
_MESSAGE: Final = re.compile(r"<Message>([^<]*)</Message>")
_KMS_REFUSES: Final = re.compile(r"\bkms:[A-Z]|\bKMS key")

_REGION: Final = Failure(
    "the bucket lies in another Region than the request went to",
    "Check --endpoint-url and AWS_REGION",
)
_KMS: Final = "KMS denies the key: kms:Decrypt is needed on the key that encrypts it"
_DENIED: Final[dict[Act, Failure]] = {
    "list": Failure("access denied to list", "s3:ListBucket is needed on the bucket"),
    "list versions": Failure("access denied to list versions", "s3:ListBucketVersions is needed on the bucket"),
    "get": Failure("access denied to get it: s3:GetObject is needed on it"),
}
TOO_SLOW: Final = Failure("S3 did not give all of it in time; the next load tries again")
_CODES: Final = {
    # Keys that nobody can use as they are, perhaps on purpose.
    "KMS.DisabledException": Failure(
        "the KMS key that encrypts it is switched off (KMS.DisabledException); switch it on (aws kms enable-key), then "
        "load again. Its event DisableKey tells who did that"
    ),
    "KMS.KMSInvalidStateException": Failure(
        "the KMS key that encrypts it cannot be used (KMS.KMSInvalidStateException): it waits for its deletion, after "
        "which nobody can ever read the object, or lacks its material or its key store. See KeyState in aws kms "
        "describe-key; cancel a deletion (aws kms cancel-key-deletion), switch the key on (aws kms enable-key), then "
        "load again"
    ),
    "NoSuchBucket": Failure("there is no such bucket", "Check its name"),
    "InvalidBucketName": Failure("this is no name of a bucket", "Check its name"),
    "NoSuchKey": Failure("it vanished between listing and fetching (NoSuchKey)"),
    "NoSuchVersion": Failure("this version of it is gone (NoSuchVersion)"),
    "InvalidObjectState": Failure(
        "it lies in an archive (InvalidObjectState: Glacier Flexible Retrieval, Deep Archive or an archive access "
        "tier); restore it, then load again"
    ),
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
}
#: Codes and statuses that stand for another.
_ALIASES: Final = {
    "403": "AccessDenied", "404": "NoSuchKey", "429": "SlowDown", "503": "SlowDown", "ServiceUnavailable": "SlowDown",
}  # fmt: skip
_HOST_LENGTH: Final = 100
_REDIRECTS: Final = ("300", "301", "302", "303", "307", "308")


def _by_code(code: str, message: str, act: Act) -> Failure:
    code = _ALIASES.get(code, code)
    if code in _CODES:
        return _CODES[code]
    known = by_code(code, message)
    if known and known.kind is Kind.BUSY:
        return Failure(f"S3 throttled the requests ({code}) through all retries; the next load tries again")
    if code.startswith("KMS.") or _KMS_REFUSES.search(message):
        return Failure(f"{_KMS} ({code})")
    if known and known.kind is Kind.DENIED:
        return _DENIED[act]
    if code in _REDIRECTS:
        return _REGION
    return known or Failure(f"S3 answers {code}: {message}" if message else f"S3 answers {code}")


def from_status(status: int, body: bytes, location: str) -> Failure:
    """The failure behind an answer that is no object.

    Args:
        status: of HTTP.
        body: its beginning.
        location: where a redirect leads.
    """
    if str(status) in _REDIRECTS:
        host = urlsplit(location).netloc[:_HOST_LENGTH] or "nowhere"
        return Failure(f"S3 answers {status}, a redirect (to {host}), which is not followed; the next load tries again")
    text = body.decode(errors="replace")
    code, message = _CODE.search(text), _MESSAGE.search(text)
    return _by_code(code[1] if code else str(status), message[1] if code and message else "", "get")


def odd_listing(how: str) -> Failure:
    """The failure behind an answer that is none of what was asked for."""
    return Failure(f"what came is no listing of S3 ({how})", "The next load tries again")


def from_answer(error: ClientError, act: Act) -> Failure:
    """The failure behind an answer that boto3 understood."""
    code, message = code_and_message(error)
    if error.operation_name == "AssumeRole":
        return Failure(f"the role could not be taken on anew ({code})", AGAIN, Kind.CREDENTIALS)
    return _by_code(code, message, act)


def from_boto(error: BotoCoreError) -> Failure:
    """The failure behind an error inside boto3; a bucket may be public."""
    from botocore.exceptions import NoCredentialsError

    failure = by_boto(error)
    if isinstance(error, NoCredentialsError):
        return replace(failure, hint=f"{failure.hint}, or take --no-sign-request for a public bucket")
    return failure
