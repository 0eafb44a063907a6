"""Objects of S3: fetched ahead if they are small, streamed if they are large."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from rootforensics.sources.answers import wait
from rootforensics.sources.objects import FetchError
from rootforensics.sources.refusals import broken
from rootforensics.sources.s3.address import VERSION_MARK, Address
from rootforensics.sources.s3.fetch import RefusedError, limit_seconds
from rootforensics.sources.s3.preserve import kept
from rootforensics.sources.s3.words import TOO_SLOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from datetime import datetime

    from rootforensics.sources.s3.connection import Bucket

_Drawn = TypeVar("_Drawn")
#: An object up to this size is held whole while it is read; a larger one is streamed.
WHOLE_BYTES: Final = 16 * 1024 * 1024
#: What an ETag looks like that may be the MD5 of the bytes; that of several parts has a dash and a number behind it.
_MD5: Final = re.compile(r"[0-9a-f]{32}")
_META: Final = "x-amz-meta-"


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
        s3_metadata: what its owner had S3 keep with it, once it is fetched.
    """

    bucket: Bucket
    key: str
    size_bytes: int | None = None
    modified_time: datetime | None = None
    etag: str | None = None
    version_id: str | None = None
    older: str = ""
    s3_metadata: dict[str, str] = field(default_factory=dict)
    _fetched: Future[bytes] | None = None
    _digest: Any = None
    problem: ClassVar[str] = ""  # whether it can be read shows when it is fetched
    readable: ClassVar[bool] = True
    remote: ClassVar[bool] = True

    @property
    def address(self) -> Address:
        """Its bucket and key."""
        return Address(self.bucket.name, self.key)

    @property
    def uri(self) -> str:
        """The object's ``s3://`` URI; an older version's says which."""
        uri = self.address.uri
        return f"{uri}{VERSION_MARK}{self.version_id}" if self.older else uri

    @property
    def remark(self) -> str:
        """That it is an older version, if it is."""
        return f"an older version: {self.older}" if self.older else ""

    def prefetch(self) -> None:
        """Begin to fetch it, if it is small enough to be held."""
        small = self.size_bytes is not None and self.size_bytes <= WHOLE_BYTES
        if self._fetched is None and small:
            self._fetched = self.bucket.workers.submit(self._whole)

    def release(self) -> None:
        """Let go of its bytes and headers; there may be millions of objects."""
        self._fetched = None
        self.s3_metadata = {}

    def pieces(self) -> Iterator[bytes]:
        """Yield the object's bytes in order; a second time costs nothing for an object that is held.

        Raises:
            FetchError: it cannot be fetched.
            SourceError: neither could any other.
        """
        self.prefetch()
        if self._fetched is None:
            yield from self._ahead(self._streamed(whole=False))
        elif body := self._waited(self._fetched):
            yield body

    def _whole(self) -> bytes:
        return b"".join(self._streamed(whole=True))

    def _ahead(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, each drawn by a fetching thread while the one before is read."""

        def draw() -> bytes | None:
            return next(pieces, None)

        following = self.bucket.workers.submit(draw)
        while (piece := self._waited(following)) is not None:
            following = self.bucket.workers.submit(draw)
            yield piece

    def _waited(self, drawn: Future[_Drawn]) -> _Drawn:
        """What a fetching thread draws, which knows the limit; if it hangs where it cannot look, another takes over."""
        try:
            return wait(drawn, 2 * limit_seconds(self.size_bytes))
        except TimeoutError as error:
            self.bucket.workers.replace_one()
            raise FetchError(TOO_SLOW.words) from error

    def _streamed(self, *, whole: bool) -> Iterator[bytes]:
        """Get it, and translate whatever goes wrong on the way."""
        from urllib3.exceptions import HTTPError

        if self.bucket.stopped:
            raise self.bucket.stopped
        try:
            answer = self.bucket.fetcher.get(self.key, self.version_id, self.size_bytes, whole=whole)
            with closing(answer):
                self._note(answer.headers)
                pieces = self._checked(answer.pieces)
                folder = self.bucket.options.preserve
                yield from kept(self, pieces, folder) if folder else pieces
        except RefusedError as error:
            if error.failure.stops:
                self.bucket.check()
            raise
        except HTTPError as error:
            raise FetchError(broken(error).words) from error

    def _note(self, headers: dict[str, str]) -> None:
        """Take what the answer says of itself, if it is of the object that was listed."""
        told = headers.get("etag", "")
        answered, version = told.removeprefix("W/").strip('"'), headers.get("x-amz-version-id")
        for what, listed, got in (("ETag", self.etag, answered), ("version", self.version_id, version)):
            if listed and got and listed != got:
                raise FetchError(_unlike(f"{what} {got}, not {listed}"))
        self.etag = self.etag or answered or None
        self.version_id = self.version_id or version
        by_bytes = _MD5.fullmatch(self.etag or "") and not _is_encrypted(headers)
        self._digest = hashlib.md5(usedforsecurity=False) if by_bytes else None
        self.s3_metadata = {
            name.removeprefix(_META): value for name, value in headers.items() if name.startswith(_META)
        }

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
            raise FetchError(_unlike("its bytes are not those of the ETag"))


def _unlike(how: str) -> str:
    return (
        f"the answer is not the object that was listed ({how}): it was replaced meanwhile, or something answered in "
        "its place; the next load tries again"
    )


def _is_encrypted(headers: dict[str, str]) -> bool:
    """True if the ETag is not that of the bytes, because a key of KMS or of the customer encrypts them."""
    by_kms = headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
    return by_kms or "x-amz-server-side-encryption-customer-algorithm" in headers
