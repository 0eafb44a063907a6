"""What S3 and boto3 say when they fail, told apart in words.

A failure of one object is a finding: the object's row says it, and the next load tries again. A failure that would
meet every further object too (credentials, clock, network) ends the load, because going on could only fail; of an
object it is taken for such a one if S3 answers no listing either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from rootforensics.errors import SourceError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

Act = Literal["list", "list versions", "get"]

_CODE: Final = re.compile(r"<Code>([\w.]+)</Code>")
_MESSAGE: Final = re.compile(r"<Message>([^<]*)</Message>")
_KMS_REFUSES: Final = re.compile(r"\bkms:[A-Z]|\bKMS key")

#: The next step after a failure that may pass, for commands that load.
AGAIN: Final = "Run the same command again; what is in the case is not fetched again"
_RENEW: Final = f"Renew them. {AGAIN}"
_CHECK: Final = "Check --profile, --role-arn and the AWS_ variables of the environment"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure.

    Attributes:
        words: what is wrong.
        hint: the next step.
        stops: True if every further request would fail as well, unless it is the failure of one object alone.
    """

    words: str
    hint: str = ""
    stops: bool = False

    def as_error(self, where: str) -> SourceError:
        """The failure as an error that ends the load, or the listing of one address."""
        kind = SourceError if self.stops else AddressError
        return kind(self.words, where=where, hint=self.hint)


class AddressError(SourceError):
    """A bucket or a folder of it cannot be listed; others may be."""

    @property
    def words(self) -> str:
        """What is wrong and what to do, for the ledger."""
        return f"{self.problem}; {self.hint[:1].lower()}{self.hint[1:]}" if self.hint else self.problem


_EXPIRED: Final = Failure("the credentials have expired", _RENEW, stops=True)
_UNKNOWN_KEY: Final = Failure("the credentials are not valid: S3 does not know the access key", _CHECK, stops=True)
_SKEWED: Final = Failure(
    "the clock of this computer differs from that of S3 by more than 15 minutes", "Set the clock", stops=True
)
_NO_BUCKET: Final = Failure("there is no such bucket", "Check its name")
_REGION: Final = Failure(
    "the bucket lies in another Region than the request went to",
    "Check --endpoint-url and AWS_REGION",
)
_THROTTLED: Final = Failure("S3 throttled the requests (SlowDown) through all retries; the next load tries again")
_ARCHIVED: Final = Failure(
    "it lies in an archive (InvalidObjectState: Glacier Flexible Retrieval, Deep Archive or an archive access tier); "
    "restore it, then load again"
)
_KMS: Final = "KMS denies the key: kms:Decrypt is needed on the key that encrypts it"
#: A key that nobody can use as it is, perhaps by the attacker's doing.
_KEY_STATES: Final = {
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
}
TOO_SLOW: Final = Failure("S3 did not give all of it in time; the next load tries again")
_UNREACHABLE: Final = Failure(
    "the endpoint cannot be reached", f"Check the network, proxy and --endpoint-url. {AGAIN}", stops=True
)
_CODES: Final = {
    **_KEY_STATES,
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": Failure("this is no name of a bucket", "Check its name"),
    "NoSuchKey": Failure("it vanished between listing and fetching (NoSuchKey)"),
    "NoSuchVersion": Failure("this version of it is gone (NoSuchVersion)"),
    "InvalidObjectState": _ARCHIVED,
    "SlowDown": _THROTTLED,
    "ServiceUnavailable": _THROTTLED,
    "Throttling": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "TooManyRequests": _THROTTLED,
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "RequestTimeTooSkewed": _SKEWED,
    "RequestExpired": _SKEWED,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": Failure("the session token is not valid", _CHECK, stops=True),
    "InvalidAccessKeyId": _UNKNOWN_KEY,
    "InvalidClientTokenId": _UNKNOWN_KEY,
    "UnrecognizedClientException": _UNKNOWN_KEY,
    "SignatureDoesNotMatch": Failure(
        "the credentials are not valid: the secret does not belong to the access key", _CHECK, stops=True
    ),
}
_STATUSES: Final = {"403": "AccessDenied", "404": "NoSuchKey", "503": "SlowDown", "429": "SlowDown"}
_HOST_LENGTH: Final = 100
_REDIRECTS: Final = ("300", "301", "302", "303", "307", "308")


def _by_code(code: str, message: str, act: Act) -> Failure:
    if code in _CODES:
        return _CODES[code]
    if code.startswith("KMS.") or _KMS_REFUSES.search(message):
        return Failure(f"{_KMS} ({code})")
    if code in ("AccessDenied", "AllAccessDisabled", "403", "Forbidden"):
        if act != "get":
            right = "s3:ListBucket" if act == "list" else "s3:ListBucketVersions"
            return Failure(f"access denied to {act}", f"{right} is needed on the bucket")
        return Failure("access denied to get it: s3:GetObject is needed on it")
    if code in _REDIRECTS:
        return _REGION
    return Failure(f"S3 answers {code}: {message}" if message else f"S3 answers {code}")


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
    if code:
        return _by_code(code[1], message[1] if message else "", "get")
    return _by_code(_STATUSES.get(str(status), str(status)), "", "get")


def odd_listing(how: str) -> Failure:
    """The failure behind an answer that is none of what was asked for."""
    return Failure(f"what came is no listing of S3 ({how})", "The next load tries again")


def broken(error: Exception) -> Failure:
    """The failure behind a connection that was made and broke."""
    return Failure(f"the connection broke, through all retries ({type(error).__name__}); the next load tries again")


def from_answer(error: ClientError, act: Act) -> Failure:
    """The failure behind an answer that boto3 understood."""
    told: Any = error.response.get("Error", {})
    if error.operation_name == "AssumeRole":
        return Failure(f"the role could not be taken on anew ({told.get('Code', '')})", AGAIN, stops=True)
    return _by_code(str(told.get("Code", "")), str(told.get("Message", "")), act)


def from_boto(error: BotoCoreError) -> Failure:
    """The failure behind an error inside boto3: no credentials, no network, a wrong profile."""
    from botocore import exceptions as known

    if isinstance(error, known.NoCredentialsError):
        return Failure(
            "there are no AWS credentials",
            "Name a --profile, set the AWS_ variables, or take --no-sign-request for a public bucket",
            stops=True,
        )
    if isinstance(error, known.ProfileNotFound):
        return Failure(str(error), "aws configure list-profiles shows which there are", stops=True)
    if isinstance(error, known.UnauthorizedSSOTokenError | known.SSOTokenLoadError | known.TokenRetrievalError):
        return Failure("the SSO session has expired", f"Run aws sso login. {AGAIN}", stops=True)
    if isinstance(error, known.RefreshWithMFAUnsupportedError):
        return Failure("the session of the profile's role has ended, and it wants a new MFA code", AGAIN, stops=True)
    if isinstance(error, known.ConnectionError | known.HTTPClientError):
        return _UNREACHABLE if isinstance(error, known.ConnectionError) else broken(error)
    return Failure(f"the connection to S3 cannot be made: {error}", _CHECK, stops=True)
