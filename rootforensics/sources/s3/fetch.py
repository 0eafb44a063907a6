"""Fetch objects: requests as boto3 signs and sends them, without what it does besides for each, which takes longer.

No redirect is followed: an answer is that of the endpoint, and nobody else gets the session's token.
"""

from __future__ import annotations

import random
import time
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from rootforensics.sources.objects import FetchError
from rootforensics.sources.refusals import Failure, broken
from rootforensics.sources.s3.words import TOO_SLOW, from_answer, from_boto, from_status

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from botocore.credentials import Credentials

#: An object must be there within these, repeats included, and a second more for each of so many bytes.
ANSWER_SECONDS: Final = 60.0
_SLOWEST_BYTES: Final = 64 * 1024
_PIECE_BYTES: Final = 1024 * 1024
_ERROR_BYTES: Final = 64 * 1024
_OK: Final = 200
_AGAIN: Final = (429, 500, 502, 503, 504)
#: The pauses before a request is repeated double from the first to the second, with chance in them.
_PAUSE_SECONDS: Final = (0.1, 15.0)


def limit_seconds(size_bytes: int | None) -> float:
    """How long an object of this size may take."""
    return ANSWER_SECONDS + (size_bytes or 0) / _SLOWEST_BYTES


class RefusedError(FetchError):
    """An object that S3 does not give.

    Attributes:
        failure: why.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What S3 gave: headers with lower-case names, and the object's bytes in pieces; to be closed."""

    headers: dict[str, str]
    pieces: Iterator[bytes]
    close: Callable[[], None]


class Fetcher:
    """Fetches the objects of one bucket; for any number of threads.

    Args:
        bucket: its name.
        client: boto3's, for its Region; it knows the endpoint, proxies and certificates.
        credentials: to sign with, renewed when they run out; None to sign nothing.
        headers: to send with each request.
        most_repeats: times that a request is repeated after throttling or a broken connection.
    """

    def __init__(
        self,
        bucket: str,
        client: Any,  # noqa: ANN401 - boto3 makes its clients at run time
        credentials: Credentials | None,
        headers: Mapping[str, str],
        most_repeats: int,
    ) -> None:
        from botocore.auth import S3SigV4Auth

        asked = client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
        self._url = asked.partition("?")[0].removesuffix("k")  # where boto3 itself would ask
        self._region = client.meta.region_name
        self._send = client._endpoint.http_session.send  # noqa: SLF001 - botocore offers no other way to it
        self._credentials = credentials
        self._headers = headers
        self._most_repeats = most_repeats
        self._signer = S3SigV4Auth

    def get(self, key: str, version: str | None, size_bytes: int | None, *, whole: bool) -> Answer:
        """An object.

        Args:
            key: its key.
            version: the version; None for the newest.
            size_bytes: as listed.
            whole: have all bytes here before this returns, however often it takes.

        Raises:
            RefusedError: S3 does not give it, or the connection broke through all repeats.
        """
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004
        from urllib3.exceptions import HTTPError

        end = monotonic() + limit_seconds(size_bytes)
        for repeat in range(self._most_repeats + 1):
            try:
                answer = self._ask(key, version)
                is_object = answer.status_code == _OK
                pieces = _pieces(answer.raw, end, size_bytes if is_object else _ERROR_BYTES)
                if is_object:
                    headers = {name.lower(): value for name, value in answer.headers.items()}
                    return Answer(headers, iter([b"".join(pieces)]) if whole else pieces, answer.raw.close)
                with closing(pieces):
                    failure = from_status(answer.status_code, next(pieces), answer.headers.get("Location", ""))
                if answer.status_code not in _AGAIN:
                    break
            except HTTPError as error:
                failure = broken(error)
            except (ConnectionError, HTTPClientError) as error:
                failure = from_boto(error)
            except ClientError as error:  # of a role that could not be taken on anew
                raise RefusedError(from_answer(error, "get")) from error
            except BotoCoreError as error:
                raise RefusedError(from_boto(error)) from error
            first, last = _PAUSE_SECONDS
            pause = random.uniform(0, min(first * 2**repeat, last))  # noqa: S311 - no secret
            if repeat == self._most_repeats or monotonic() + pause > end:
                break
            time.sleep(pause)
        raise RefusedError(failure)

    def _ask(self, key: str, version: str | None) -> Any:  # noqa: ANN401 - botocore's answer
        from botocore.awsrequest import AWSRequest

        url = self._url + quote(key, safe="/~") + (f"?versionId={quote(version, safe='')}" if version else "")
        request = AWSRequest("GET", url, headers=self._headers, stream_output=True)
        if self._credentials:
            self._signer(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        return self._send(request.prepare())


def _pieces(raw: Any, end: float, most_bytes: int | None) -> Generator[bytes]:  # noqa: ANN401 - urllib3's answer
    """The bytes of an answer, up to the first piece beyond the most that are wanted.

    Raises:
        RefusedError: they take too long.
        HTTPError: the connection broke.
    """
    from urllib3.exceptions import IncompleteRead

    held: list[bytes] = []
    size = total = 0
    with closing(raw):
        while piece := raw.read1(_PIECE_BYTES):
            held.append(piece)
            size, total = size + len(piece), total + len(piece)
            if most_bytes is not None and total > most_bytes:
                break
            if size >= _PIECE_BYTES:
                yield b"".join(held)
                held, size = [], 0
            if monotonic() > end:
                raise RefusedError(TOO_SLOW)
        else:
            if raw.length_remaining:
                raise IncompleteRead(total, raw.length_remaining)
        yield b"".join(held)
