"""Connections to S3: boto3 finds credentials and the bucket's Region and lists, obstore fetches."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from rootforensics.sources.roles import Role, open_session
from rootforensics.sources.s3.words import from_answer, from_boto
from rootforensics.sources.unfinished import clear_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import boto3
    from obstore.store import S3Store

    from rootforensics.errors import SourceError
    from rootforensics.sources.roles import AskCode

#: Objects are small, so waiting for answers takes longer than the bytes do: many fetches at once.
FETCHES: Final = 32
#: boto3 renews credentials ten minutes before they expire at the latest; obstore must ask it more often than that.
_CREDENTIALS_LIVE: Final = timedelta(minutes=5)
_USUAL_REGION: Final = "us-east-1"
_LONGEST_RETRY: Final = timedelta(minutes=3)


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
    """One bucket: its boto3 client and its obstore store, both for the Region in which it lies."""

    def __init__(self, name: str, connection: Connection) -> None:
        self.name = name
        self.options = connection.options
        self._connection = connection
        self.client = self._client_of_its_region()
        self.store = connection.store(self)
        self.stopped: SourceError | None = None

    @cached_property
    def keeps_versions(self) -> bool | None:
        """True if what is deleted or written over may still be there; None if that may not be asked."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.client.get_bucket_versioning(Bucket=self.name)
        except ClientError:
            return None
        except BotoCoreError as error:
            raise from_boto(error).as_error(f"s3://{self.name}") from error
        return "Status" in answer  # Enabled, or Suspended after it was

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        """Do something in one of the fetching threads."""
        return self._connection.pool.submit(work)

    def _client_of_its_region(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Every answer names the bucket's Region, refusals too."""
        from botocore.exceptions import BotoCoreError, ClientError

        client = self._connection.client("")
        try:
            answer: Any = client.head_bucket(Bucket=self.name)
        except ClientError as error:
            answer = error.response
            if answer["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise from_answer(_as_code(error, "NoSuchBucket"), "list").as_error(f"s3://{self.name}") from error
        except BotoCoreError as error:
            raise from_boto(error).as_error(f"s3://{self.name}") from error
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")
        return self._connection.client(told) if told not in ("", client.meta.region_name) else client


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
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Connection:
        if self.options.preserve:
            clear_unfinished(self.options.preserve)
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
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
    def pool(self) -> ThreadPoolExecutor:
        """The fetching threads."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(FETCHES, thread_name_prefix="fetch")
            return self._pool

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
        return client

    def store(self, bucket: Bucket) -> S3Store:
        """An obstore store for a bucket, at the endpoint that boto3 found."""
        from obstore.store import S3Store

        endpoint = bucket.client.meta.endpoint_url
        return S3Store(
            bucket.name,
            config={
                "endpoint": endpoint,
                "aws_endpoint_url_s3": endpoint,  # or the environment's would go before
                "region": bucket.client.meta.region_name,
                "virtual_hosted_style_request": False,
                "request_payer": self.options.request_payer,
                "skip_signature": self.options.no_sign_request,
            },
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": "10s",
                "read_timeout": "60s",
                "timeout": "2h",  # of a whole request: a large object may take its time
            },
            retry_config={"max_retries": self.options.max_retries, "retry_timeout": _LONGEST_RETRY},
            credential_provider=None if self.options.no_sign_request else self._credentials(),
        )

    def _credentials(self) -> Any:  # noqa: ANN401 - obstore's protocol exists for type checking only
        from obstore.auth.boto3 import Boto3CredentialProvider

        if self.session.get_credentials() is None:
            from botocore.exceptions import NoCredentialsError

            raise from_boto(NoCredentialsError()).as_error("s3://")
        return Boto3CredentialProvider(self.session, ttl=_CREDENTIALS_LIVE)


def _take_redirects_as_followed(context: dict[str, Any], **_: object) -> None:
    context["s3_redirect"]["redirected"] = True


def _without_credentials(profile: str) -> boto3.Session:
    """A session of which only the configuration is used."""
    import boto3

    return boto3.Session(profile_name=profile or None)
