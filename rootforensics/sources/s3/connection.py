"""Connections to S3: boto3 finds credentials and the bucket's Region, and lists."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rootforensics.errors import SourceError
from rootforensics.sources.answers import LateAnswerError, OddAnswerError, Workers, ask
from rootforensics.sources.refusals import AddressError, one_line
from rootforensics.sources.roles import Role, open_session
from rootforensics.sources.s3.fetch import Fetcher
from rootforensics.sources.s3.words import TOO_SLOW, from_answer, from_boto, odd_listing
from rootforensics.sources.unfinished import clear_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import boto3

    from rootforensics.sources.roles import AskCode
    from rootforensics.sources.s3.words import Act

_Read = TypeVar("_Read")

#: Objects are small, so waiting for answers takes longer than the bytes do: many fetches at once.
FETCHES: Final = 32
_USUAL_REGION: Final = "us-east-1"
#: Within this time a listing's page must have come whole, repeats included.
_ANSWER_SECONDS: Final = 300.0
_ROOTS: Final = {
    operation: re.compile(rb"\s*(<\?xml[^>]*>\s*)?<" + root + rb"[\s/>]")
    for operation, root in (
        ("ListObjectsV2", b"ListBucketResult"),
        ("ListObjectVersions", b"ListVersionsResult"),
        ("GetBucketVersioning", b"VersioningConfiguration"),
    )
}
_UNCLEAR: Final = re.compile(rb"<(?:\w+:)?IsTruncated\b[^>]*>(?!(?:true|false)</)")
_LAST_MODIFIED: Final = re.compile(rb"<LastModified>([^<]*)</LastModified>")
#: Python takes any thirty digits for a time; botocore does not.
_TIME: Final = re.compile(rb"\d{4}-\d\d-\d\dT")


@dataclass(frozen=True, slots=True)
class S3Options:
    """How to connect to S3.

    Attributes:
        profile: of the AWS configuration; the usual search for credentials if empty.
        role_arn: a role to take on with those credentials.
        external_id: that the role asks for.
        mfa_serial: serial number or ARN of the MFA device whose code the role asks for.
        ask_code: asked for that code, and for that of a device which the profile names; given the device, it returns
            the code, as ``getpass.getpass`` does. Without it such a role is an error.
        endpoint_url: instead of AWS's own; ``AWS_ENDPOINT_URL`` is honoured too.
        request_payer: agree to pay for requests to a bucket whose requester pays.
        no_sign_request: send no credentials, for public buckets.
        preserve: a folder in which to keep what is fetched, bytes and metadata; None to keep nothing.
        versions: load older versions too, of keys that were written over or deleted.
        max_retries: times that a request is repeated after throttling or a broken connection.
    """

    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    mfa_serial: str = ""
    ask_code: AskCode | None = None
    endpoint_url: str = ""
    request_payer: bool = False
    no_sign_request: bool = False
    preserve: Path | None = None
    versions: bool = False
    max_retries: int = 8


class Bucket:
    """One bucket: a client and a fetcher for the Region in which it lies, and the threads that fetch."""

    def __init__(self, name: str, connection: Connection) -> None:
        self.name = name
        self.options = connection.options
        self._connection = connection
        self.client = self._client_of_its_region()
        self.fetcher = connection.fetcher(name, self.client)
        self.workers = connection.workers
        self.stopped: SourceError | None = None
        self._lock = Lock()

    @cached_property
    def keeps_versions(self) -> bool | None:
        """True if what is deleted or written over may still be there; None if that cannot be told."""
        try:
            # Enabled, or Suspended after it was
            return self.ask("get_bucket_versioning", f"s3://{self.name}", "list", lambda answer: "Status" in answer)
        except AddressError:
            return None

    def check(self) -> None:
        """See whether S3 answers a listing: what one object is refused for may hold for that object alone.

        Raises:
            SourceError: it does not, and no other object can be fetched either.
        """
        with self._lock:
            if not self.stopped:
                try:
                    self.ask("list_objects_v2", f"s3://{self.name}", "list", bool, Prefix="", MaxKeys=1)
                except AddressError:  # an answer it is
                    return
                except SourceError as error:
                    self.stopped = error
        if self.stopped:
            raise self.stopped

    def ask(self, operation: str, where: str, act: Act, read: Callable[[Any], _Read], **asked: Any) -> _Read:  # noqa: ANN401 - boto3's
        """What is read out of boto3's answer to a request of the bucket.

        Raises:
            AddressError: the bucket may not be listed there, or what came is no answer.
            SourceError: S3 cannot be reached, or takes the credentials no more.
        """
        with _translated(where, act):
            return ask(lambda: read(getattr(self.client, operation)(Bucket=self.name, **asked)), _ANSWER_SECONDS)

    def _client_of_its_region(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Every answer names the bucket's Region, refusals too."""
        from botocore.exceptions import ClientError

        client, where = self._connection.client(""), f"s3://{self.name}"
        with _translated(where, "list"):
            try:
                answer: Any = ask(lambda: client.head_bucket(Bucket=self.name), _ANSWER_SECONDS)
            except ClientError as error:
                answer = error.response
                if answer["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    raise from_answer(_as_code(error, "NoSuchBucket"), "list").as_error(where) from error
            told = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")
            return self._connection.client(told) if told not in ("", client.meta.region_name) else client


@contextmanager
def _translated(where: str, act: Act) -> Iterator[None]:
    """Raise what boto3 raises as an error of this place."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise from_answer(error, act).as_error(where) from error
    except BotoCoreError as error:
        raise from_boto(error).as_error(where) from error
    except (OddAnswerError, ResponseParserError) as error:
        raise odd_listing(one_line(error)).as_error(where) from error
    except LateAnswerError as error:
        raise TOO_SLOW.as_error(where) from error


def _as_code(error: Any, code: str) -> Any:  # noqa: ANN401 - boto3's errors are made at run time
    """A HEAD request has no body, so its error has a bare status; give it the code that it stands for."""
    error.response["Error"]["Code"] = code
    return error


class Connection:
    """Everything that one set of options opens; buckets are opened once."""

    def __init__(self, options: S3Options) -> None:
        self.options = options
        self._session: boto3.Session | None = None
        self._buckets: dict[str, Bucket] = {}
        self._lock = Lock()
        self.workers = Workers(FETCHES)

    def __enter__(self) -> Connection:
        if self.options.preserve:
            clear_unfinished(self.options.preserve)
        return self

    def __exit__(self, *_: object) -> None:
        self.workers.close()
        if self.options.preserve:
            clear_unfinished(self.options.preserve)

    def bucket(self, name: str) -> Bucket:
        """Open a bucket.

        Raises:
            SourceError: there is no such bucket, no credentials, or no way to the endpoint.
        """
        with self._lock:
            if name not in self._buckets:
                self._buckets[name] = Bucket(name, self)
            return self._buckets[name]

    @property
    def session(self) -> boto3.Session:
        """The boto3 session, with the role taken on if there is one."""
        if self._session is None:
            from botocore.exceptions import BotoCoreError

            options = self.options
            role = Role(options.role_arn, options.external_id, options.mfa_serial) if options.role_arn else None
            try:
                if options.no_sign_request:
                    self._session = _without_credentials(options.profile)
                else:
                    self._session = open_session(options.profile, role, options.ask_code)
            except BotoCoreError as error:
                raise from_boto(error).as_error("s3://") from error
        return self._session

    def client(self, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client for a Region; for the session's own if that is empty."""
        from botocore import UNSIGNED
        from botocore.config import Config

        options, session = self.options, self.session
        region = region or session.region_name or _USUAL_REGION
        own = bool(options.endpoint_url) or "amazonaws.com" not in str(
            session.client("s3", region_name=region).meta.endpoint_url
        )
        config = Config(
            retries={"mode": "standard", "max_attempts": options.max_retries + 1},
            max_pool_connections=FETCHES,
            connect_timeout=10,
            read_timeout=60,
            signature_version=UNSIGNED if options.no_sign_request else None,
            s3={"addressing_style": "path"} if own else None,
        )
        client = session.client(
            "s3",
            region_name=region,
            endpoint_url=options.endpoint_url or None,
            config=config,
        )
        # botocore follows a redirect by asking for the Region, again and again if the answer names none; we ask once.
        client.meta.events.register_last("before-parameter-build.s3", _take_redirects_as_followed)
        client.meta.events.register("before-parse.s3", _check_root)
        return client

    def fetcher(self, bucket: str, client: Any) -> Fetcher:  # noqa: ANN401 - as above
        """What fetches the objects of a bucket, at the endpoint that boto3 found."""
        headers = {"x-amz-request-payer": "requester"} if self.options.request_payer else {}
        credentials = None
        if not self.options.no_sign_request and (credentials := self.session.get_credentials()) is None:
            from botocore.exceptions import NoCredentialsError

            raise from_boto(NoCredentialsError()).as_error("s3://")
        return Fetcher(bucket, client, credentials, headers, self.options.max_retries)


def _take_redirects_as_followed(context: dict[str, Any], **_: object) -> None:
    context["s3_redirect"]["redirected"] = True


def _check_root(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's
    """Take no other XML, no HTML and nothing at all for a listing, and no page for the last that does not say so."""
    root = _ROOTS.get(operation_model.name)
    if root and response_dict["status_code"] <= 300 and not root.match(response_dict["body"]):
        raise OddAnswerError(f"HTTP {response_dict['status_code']}, not the XML of {operation_model.name}")
    if root and _UNCLEAR.search(response_dict["body"]):  # botocore takes every word but true for false
        raise OddAnswerError("IsTruncated is neither true nor false")
    if root:  # an object is read whatever its time is, and botocore would refuse the whole page
        response_dict["body"] = _LAST_MODIFIED.sub(_time_or_nothing, response_dict["body"])


def _time_or_nothing(element: re.Match[bytes]) -> bytes:
    """An element with a time as it is; nothing for any other."""
    try:
        datetime.fromisoformat(element[1].decode())
    except ValueError:
        return b""
    return element[0] if _TIME.match(element[1]) else b""


def _without_credentials(profile: str) -> boto3.Session:
    """A session of which only the configuration is used."""
    import boto3

    return boto3.Session(profile_name=profile or None)
