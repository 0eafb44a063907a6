"""What AWS and boto3 say when they refuse or fail, told apart in words: one table for S3 and the event history."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import SourceError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

#: The next step after a failure that may pass.
AGAIN: Final = "Run the same command again; what is kept is not fetched again"
_NAME: Final = "Name a --profile, or set the AWS_ variables"
_CHECK: Final = "Check --profile, --role-arn and the AWS_ variables of the environment"
#: AWS's own words, which may quote a caller's, are cut here.
_MOST_SIGNS: Final = 240


class Kind(Enum):
    """What a failure means for the next step."""

    BUSY = "try again later"
    DENIED = "not for this caller"
    CREDENTIALS = "nowhere with these credentials, or with none"
    KEYS = "the keys are not known here"
    UNREACHABLE = "no way to the service"
    OTHER = "no"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure.

    Attributes:
        words: what is wrong.
        hint: the next step.
        kind: what it means for further requests.
    """

    words: str
    hint: str = ""
    kind: Kind = Kind.OTHER

    @property
    def stops(self) -> bool:
        """True if every further request would fail as well, unless it is the failure of one object alone."""
        return self.kind in (Kind.CREDENTIALS, Kind.KEYS, Kind.UNREACHABLE)

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


_REFUSED: Final = "the keys are not accepted"
_SKEWED: Final = Failure(
    "the clock of this computer differs from that of AWS by more than 15 minutes", "Set the clock", Kind.CREDENTIALS
)
#: Codes of APIs that say the same.
_SAID: Final = {
    "ExpiredToken ExpiredTokenException TokenRefreshRequired RequestExpired": Failure(
        "the credentials have expired", f"Renew them. {AGAIN}", Kind.CREDENTIALS
    ),
    "RequestTimeTooSkewed": _SKEWED,
    "InvalidToken": Failure("the session token is not valid", _CHECK, Kind.KEYS),
    "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException": Failure(
        f"{_REFUSED}: AWS does not know the access key", _CHECK, Kind.KEYS
    ),
    "SignatureDoesNotMatch InvalidSignatureException": Failure(
        f"{_REFUSED}: the secret does not belong to the access key", _CHECK, Kind.KEYS
    ),
    "AuthFailure MissingAuthenticationToken MissingAuthenticationTokenException IncompleteSignature "
    "IncompleteSignatureException": Failure(_REFUSED, _CHECK, Kind.KEYS),
    "AccessDenied UnauthorizedOperation NotAuthorized OptInRequired AllAccessDisabled Forbidden": Failure(
        "access denied", kind=Kind.DENIED
    ),
    "ThrottlingException Throttling ThrottledException RequestThrottled RequestThrottledException SlowDown "
    "RequestLimitExceeded TooManyRequests TooManyRequestsException PriorRequestNotComplete BandwidthLimitExceeded "
    "ProvisionedThroughputExceededException LimitExceededException": Failure("throttled", kind=Kind.BUSY),
}
_CODES: Final = {code: failure for codes, failure in _SAID.items() for code in codes.split()}


def one_line(text: object) -> str:
    """AWS's own words, in one line and not too long."""
    return " ".join(str(text).split())[:_MOST_SIGNS]


def code_and_message(error: ClientError) -> tuple[str, str]:
    """The code of an answer and what it says besides; the status tells less, for throttling comes as HTTP 400."""
    answer: Any = error.response.get("Error", {})
    return str(answer.get("Code", "")), one_line(answer.get("Message", ""))


def by_code(code: str, message: str) -> Failure | None:
    """What a code means that more than one API has."""
    if message.startswith(("Signature expired", "Signature not yet current")):
        return _SKEWED
    return _CODES["AccessDenied"] if "AccessDenied" in code else _CODES.get(code)


def by_boto(error: BotoCoreError) -> Failure:
    """What an error inside boto3 means: no credentials, no network, a wrong profile."""
    from botocore import exceptions as known

    if isinstance(error, known.HTTPClientError) and not isinstance(error, known.ConnectionError):
        return broken(error)
    said, credentials = one_line(error), Kind.CREDENTIALS
    network, profiles = (
        f"Check the network, proxy and --endpoint-url. {AGAIN}",
        "aws configure list-profiles shows them",
    )
    new_code = "the session of the profile's role has ended, and it wants a new MFA code"
    sso = known.UnauthorizedSSOTokenError, known.SSOTokenLoadError, known.TokenRetrievalError
    unusable = known.PartialCredentialsError, known.CredentialRetrievalError, known.SSOError
    meanings: dict[tuple[type[Exception], ...], Failure] = {
        (known.NoCredentialsError,): Failure("there are no AWS credentials", _NAME, credentials),
        (known.ProfileNotFound,): Failure(said, profiles, credentials),
        sso: Failure("the SSO session has expired", f"Run aws sso login. {AGAIN}", credentials),
        (known.RefreshWithMFAUnsupportedError,): Failure(new_code, AGAIN, credentials),
        unusable: Failure(f"the AWS credentials cannot be used ({said})", _CHECK, credentials),
        (known.ConnectionError,): Failure(f"the endpoint cannot be reached ({said})", network, Kind.UNREACHABLE),
    }
    usual = Failure(f"the connection cannot be made: {said}", _CHECK, Kind.UNREACHABLE)
    return next((meaning for errors, meaning in meanings.items() if isinstance(error, errors)), usual)


def broken(error: Exception) -> Failure:
    """What it means that a connection was made and broke."""
    words = f"the connection broke, through all retries ({type(error).__name__}); the same command tries again"
    return Failure(words, kind=Kind.BUSY)
