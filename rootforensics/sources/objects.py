"""What loading asks of an object of evidence, wherever it lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

from rootforensics.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class SourceObject(Protocol):
    """One object named by a source."""

    @property
    def uri(self) -> str:
        """Where it is."""

    @property
    def size_bytes(self) -> int | None:
        """Its size, or None where that cannot be known."""

    @property
    def modified_time(self) -> datetime | None:
        """Last modification, UTC, or None."""

    @property
    def etag(self) -> str | None:
        """The ETag that S3 gave it, without quotes; None for files."""

    @property
    def version_id(self) -> str | None:
        """The version that S3 gave when it was fetched; None for files and buckets without versions."""

    @property
    def s3_metadata(self) -> dict[str, str]:
        """What its owner had S3 keep with it; of a file, what a sidecar beside it says of that."""

    @property
    def problem(self) -> str:
        """Why it cannot be read, or what is wrong with it as far as it was read; empty if nothing is."""

    @property
    def remark(self) -> str:
        """What else is to be told of it; it does not keep it from being read."""

    @property
    def readable(self) -> bool:
        """False if it must not be opened."""

    @property
    def remote(self) -> bool:
        """True if reading it needs the network, so that it is fetched ahead and not read twice without need."""

    def prefetch(self) -> None:
        """Begin to fetch it, if that takes time and it is small enough to be held."""

    def release(self) -> None:
        """Let go of what was fetched."""

    def pieces(self) -> Iterator[bytes]:
        """Yield its bytes in order.

        Raises:
            OSError: it cannot be read.
        """


class NothingToFetch:
    """What objects have in common that are not fetched over a network: nobody tells more of them than their bytes."""

    __slots__ = ()
    etag: ClassVar[None] = None
    version_id: ClassVar[None] = None
    remark: ClassVar[str] = ""
    remote: ClassVar[bool] = False

    @property
    def s3_metadata(self) -> dict[str, str]:
        """Nothing, unless somebody kept it."""
        return {}

    def prefetch(self) -> None:
        """Nothing: it is here, or nowhere."""

    def release(self) -> None:
        """Nothing: no bytes are held."""


@dataclass(frozen=True, slots=True)
class Unlisted(NothingToFetch):
    """A place in S3 that was named or found, and in which nothing could be found.

    Attributes:
        uri: an address.
        problem: why.
    """

    uri: str
    problem: str
    size_bytes: None = None
    modified_time: None = None
    readable: bool = False
    remote: ClassVar[bool] = True

    def pieces(self) -> Iterator[bytes]:
        """Refuse.

        Raises:
            FetchError: always, with the problem.
        """
        raise FetchError(self.problem)


class FetchError(OSError):
    """An object that could not be fetched, with the reason in words."""


@dataclass(slots=True)
class Plan(Facts):
    """What the sources hold.

    Attributes:
        objects: in the order in which they are loaded: files by path, then objects of S3 by URI, and among
            them folders that could not be listed.
        accounts: whose folders were listed in S3.
        regions: whose folders were listed in S3.
        days: that hold objects in S3, ``YYYY/MM/DD``.
        listed: addresses of S3 and folders that were listed; what could not be is an object that cannot be read.
        request_count: list requests made to S3.
        filtered_count: folders and objects in S3 that the filters left out.
        remarks: what the user should know of the listing, in words.
    """

    objects: list[SourceObject] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    request_count: int = 0
    filtered_count: int = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """Bytes of all objects together, as they are stored."""
        return sum(found.size_bytes or 0 for found in self.objects)
