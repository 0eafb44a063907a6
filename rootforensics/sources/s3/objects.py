"""Objects of S3: fetched ahead if they are small, streamed if they are large."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rootforensics.sources.objects import FetchError
from rootforensics.sources.s3.address import VERSION_MARK, Address
from rootforensics.sources.s3.preserve import kept
from rootforensics.sources.s3.words import Failure, from_answer, from_boto, from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from datetime import datetime

    from rootforensics.sources.s3.connection import Bucket

#: An object up to this size is held whole while it is read; a larger one is streamed.
WHOLE_BYTES: Final = 16 * 1024 * 1024


@dataclass(slots=True, eq=False)
class S3Object:
    """One object of S3.

    Attributes:
        bucket: the open bucket in which it lies.
        key: its key, as S3 spells it.
        size_bytes: as listed, or None before it is fetched.
        modified_time: as listed.
        etag: as listed, then as fetched, without quotes.
        version_id: as fetched; before that, the version to fetch, or None for the newest.
        older: empty for what lies under its key now; for an older version, what became of it, in words.
        metadata: the headers that S3 keeps with it, once it is fetched.
    """

    bucket: Bucket
    key: str
    size_bytes: int | None = None
    modified_time: datetime | None = None
    etag: str | None = None
    version_id: str | None = None
    older: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    _fetched: Future[bytes] | None = None

    @property
    def uri(self) -> str:
        """The object's ``s3://`` URI; an older version's says which."""
        uri = Address(self.bucket.name, self.key).uri
        return f"{uri}{VERSION_MARK}{self.version_id}" if self.older else uri

    @property
    def remark(self) -> str:
        """That it is an older version, if it is."""
        return f"an older version: {self.older}" if self.older else ""

    @property
    def problem(self) -> str:
        """Empty: whether it can be read shows when it is fetched."""
        return ""

    @property
    def readable(self) -> bool:
        """True: it was listed, so it can be asked for."""
        return True

    @property
    def remote(self) -> bool:
        """True: reading it needs the network."""
        return True

    def prefetch(self) -> None:
        """Begin to fetch it, if it is small enough to be held."""
        small = self.size_bytes is not None and self.size_bytes <= WHOLE_BYTES
        if self._fetched is None and small:
            self._fetched = self.bucket.submit(self._whole)

    def release(self) -> None:
        """Let go of its bytes and headers; there may be millions of objects."""
        self._fetched = None
        self.metadata = {}

    def pieces(self) -> Iterator[bytes]:
        """Yield the object's bytes in order; a second time costs nothing for an object that is held.

        Raises:
            FetchError: it cannot be fetched.
            SourceError: neither could any other.
        """
        self.prefetch()
        if self._fetched is None:
            yield from self._streamed()
        elif body := self._fetched.result():
            yield body

    def _whole(self) -> bytes:
        return b"".join(self._streamed())

    def _streamed(self) -> Iterator[bytes]:
        """Get it, and translate whatever goes wrong on the way."""
        if self.bucket.stopped:
            raise self.bucket.stopped
        try:
            pieces = self._get_by_boto() if _is_odd(self.key) else self._get()
            folder = self.bucket.options.preserve
            yield from kept(self, pieces, folder) if folder else pieces
        except FetchError:
            raise
        except (OSError, ValueError) as error:  # obstore raises FileNotFoundError for what is not there
            self._fail(from_text(str(error)), error)

    def _get(self) -> Iterator[bytes]:
        import obstore
        from obstore.exceptions import BaseError

        try:
            asked: Any = {"version": self.version_id} if self.version_id else {}
            answer = obstore.get(self.bucket.store, self.key, options=asked)
            self._note(answer.meta["e_tag"], answer.meta["version"], dict(answer.attributes))
            if answer.meta["size"] <= WHOLE_BYTES:
                yield bytes(answer.bytes())
                return
            for piece in answer.stream(min_chunk_size=WHOLE_BYTES // 4):
                yield bytes(piece)
        except BaseError as error:
            self._fail(from_text(str(error)), error)

    def _get_by_boto(self) -> Iterator[bytes]:
        """What obstore cannot spell, such as keys with ``//``; boto3 sends every key as it is."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            payer = {"RequestPayer": "requester"} if self.bucket.options.request_payer else {}
            version = {"VersionId": self.version_id} if self.version_id else {}
            answer = self.bucket.client.get_object(Bucket=self.bucket.name, Key=self.key, **payer, **version)
            self._note(answer.get("ETag"), answer.get("VersionId"), answer.get("Metadata", {}))
            yield from answer["Body"].iter_chunks(WHOLE_BYTES // 4)
        except ClientError as error:
            self._fail(from_answer(error, "get"), error)
        except BotoCoreError as error:
            self._fail(from_boto(error), error)

    def _note(self, etag: str | None, version: str | None, metadata: dict[str, str]) -> None:
        """What lies there may have been replaced since it was listed; what was fetched counts."""
        self.etag = etag.strip('"') if etag else self.etag
        self.version_id = version or self.version_id
        self.metadata = metadata

    def _fail(self, failure: Failure, error: Exception) -> None:
        if failure.stops:
            self.bucket.stopped = failure.as_error(self.uri)
            raise self.bucket.stopped from error
        raise FetchError(failure.words) from error


def _is_odd(key: str) -> bool:
    """True for keys that obstore would spell otherwise or refuse."""
    parts = key.split("/")
    return not all(parts) or "." in parts or ".." in parts or not key.isprintable()
