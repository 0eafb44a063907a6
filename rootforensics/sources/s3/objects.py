"""Objects of S3: fetched ahead if they are small, streamed if they are large."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rootforensics.sources.objects import FetchError
from rootforensics.sources.s3.address import VERSION_MARK, Address
from rootforensics.sources.s3.preserve import kept
from rootforensics.sources.s3.words import Failure, from_answer, from_boto, from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from datetime import datetime

    from rootforensics.sources.s3.connection import Bucket

#: An object up to this size is held whole while it is read; a larger one is streamed.
WHOLE_BYTES: Final = 16 * 1024 * 1024
#: What an ETag looks like that may be the MD5 of the bytes; that of an object of several parts has a number behind it.
_MD5: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True, eq=False)
class S3Object:
    """One object of S3.

    Attributes:
        bucket: the open bucket in which it lies.
        key: its key, as S3 spells it.
        size_bytes: as listed, or None before it is fetched.
        modified_time: as listed.
        etag: as listed, or as fetched if it was not listed, without quotes.
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
    _digest: Any = None
    problem: ClassVar[str] = ""  # whether it can be read shows when it is fetched
    readable: ClassVar[bool] = True
    remote: ClassVar[bool] = True

    @property
    def uri(self) -> str:
        """The object's ``s3://`` URI; an older version's says which."""
        uri = Address(self.bucket.name, self.key).uri
        return f"{uri}{VERSION_MARK}{self.version_id}" if self.older else uri

    @property
    def remark(self) -> str:
        """That it is an older version, if it is."""
        return f"an older version: {self.older}" if self.older else ""

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
            pieces = self._checked(self._get_by_boto() if _is_odd(self.key) else self._get())
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
        from botocore import exceptions as known

        try:
            payer = {"RequestPayer": "requester"} if self.bucket.options.request_payer else {}
            version = {"VersionId": self.version_id} if self.version_id else {}
            answer = self.bucket.client.get_object(Bucket=self.bucket.name, Key=self.key, **payer, **version)
            self._note(answer.get("ETag"), answer.get("VersionId"), answer.get("Metadata", {}))
            yield from answer["Body"].iter_chunks(WHOLE_BYTES // 4)
        except known.ClientError as error:
            self._fail(from_answer(error, "get"), error)
        except (known.ChecksumError, known.FlexibleChecksumError, known.IncompleteReadError) as error:
            raise FetchError(_unlike(str(error))) from error
        except known.BotoCoreError as error:
            self._fail(from_boto(error), error)

    def _note(self, etag: str | None, version: str | None, metadata: dict[str, str]) -> None:
        """Take what the answer says of itself, if it is of the object that was listed."""
        answered = etag.removeprefix("W/").strip('"') if etag else ""  # a proxy that compresses makes ETags weak
        for what, listed, got in (("ETag", self.etag, answered), ("version", self.version_id, version)):
            if listed and got and listed != got:
                raise FetchError(_unlike(f"{what} {got}, not {listed}"))
        by_bytes = not answered and _MD5.fullmatch(self.etag or "")
        self._digest = hashlib.md5(usedforsecurity=False) if by_bytes else None
        self.etag = self.etag or answered or None
        self.version_id = self.version_id or version
        self.metadata = metadata

    def _checked(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces of an answer, which must be as long as was listed, and hold what was if it has no ETag."""
        size = 0
        for piece in pieces:
            size += len(piece)
            if self.size_bytes is not None and size > self.size_bytes:
                raise FetchError(_unlike(f"more than {self.size_bytes:,} bytes"))
            if self._digest:
                self._digest.update(piece)
            yield piece
        if self.size_bytes not in (None, size):
            raise FetchError(_unlike(f"{size:,} bytes, not {self.size_bytes:,}"))
        if self._digest and self._digest.hexdigest() != self.etag:
            raise FetchError(_unlike("it has no ETag, and its bytes are others"))

    def _fail(self, failure: Failure, error: Exception) -> None:
        if failure.stops:
            self.bucket.stopped = failure.as_error(self.uri)
            raise self.bucket.stopped from error
        raise FetchError(failure.words) from error


def _unlike(how: str) -> str:
    return (
        f"the answer is not the object that was listed ({how}): it was replaced meanwhile, or something answered in "
        "its place; the next load tries again"
    )


def _is_odd(key: str) -> bool:
    """True for keys that obstore would spell otherwise or refuse."""
    parts = key.split("/")
    return not all(parts) or "." in parts or ".." in parts or not key.isprintable()
