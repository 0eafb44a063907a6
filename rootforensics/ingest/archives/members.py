"""The members of an archive as objects of evidence.

A member's name is only a name: nothing is ever written under it.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

from rootforensics.ingest.archives.entry import archive_kind, may_be_archive
from rootforensics.ingest.archives.store import Store
from rootforensics.ingest.archives.tars import TarListing
from rootforensics.ingest.archives.zip_content import zip_content
from rootforensics.ingest.archives.zip_records import is_zip
from rootforensics.ingest.archives.zips import ZipListing
from rootforensics.ingest.inflate import inflate
from rootforensics.ingest.limits import PLAIN, UNLIMITED, Inflation, broken_limit
from rootforensics.sources.objects import NothingToFetch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rootforensics.ingest.archives.entry import Entry, Listing
    from rootforensics.sources.objects import SourceObject


@dataclass(slots=True, eq=False)
class Member(NothingToFetch):
    """One member of an archive.

    Attributes:
        archive: where it lies.
        entry: what the archive says of it.
        uri: the archive's, then ``!/`` and its name; the second member of one name ends in ``#2``.
        cut: True if it was read only as far as the limits allow.
    """

    archive: Store
    entry: Entry
    uri: str
    cut: bool = False
    _damage: str = ""

    @property
    def size_bytes(self) -> int | None:
        """Its size as the archive tells it; of one that broke a limit, the size of what it was compressed to."""
        return self.entry.stored_bytes if self.cut else self.entry.size_bytes

    @property
    def modified_time(self) -> datetime | None:
        """Last modification, UTC, where the archive tells it so."""
        return self.entry.modified_time

    @property
    def problem(self) -> str:
        """Why it cannot be read, or what is wrong with it as far as it was read."""
        return self.entry.problem or self._damage

    @property
    def readable(self) -> bool:
        """False if it cannot be read."""
        return not self.entry.problem

    def pieces(self) -> Iterator[bytes]:
        """Yield its bytes in order, as far as the limits of its archive allow.

        Raises:
            OSError: the archive cannot be read.
        """
        self._damage = self.entry.damage
        if self.archive.kind == "tar":
            yield from self.archive.pieces(self.entry.offset, self.entry.offset + self.entry.stored_bytes)
            return
        content = Inflation(raw_bytes=self.entry.stored_bytes)
        for piece in zip_content(self.archive, self.entry, content):
            yield piece
            if self.entry.compressed and self._too_much(content):
                return
        if not self._damage:
            self._damage = content.damage

    def _too_much(self, content: Inflation) -> bool:
        """True if more came out than the limits allow or than the archive says."""
        if broken := broken_limit(content, self.archive.budget.limits):
            self._damage, self.cut = broken, True
        elif self.entry.size_bytes is not None and content.inflated_bytes > self.entry.size_bytes:
            self._damage = (
                f"it is larger than the {self.entry.size_bytes:,} bytes that the archive says; read no further"
            )
        else:
            return False
        return True


def list_members(archive: Store) -> tuple[Listing, Iterator[Member]]:
    """What is found out of an archive's list of members while its members are drawn, and the members in order."""
    listing: Listing = ZipListing(archive) if archive.kind == "zip" else TarListing(archive)
    return listing, _members(archive, listing)


def _members(archive: Store, listing: Listing) -> Iterator[Member]:
    seen: dict[bytes, int] = {}
    for entry in listing.entries():
        number = seen[entry.name] = seen.get(entry.name, 0) + 1
        yield Member(archive, entry, f"{archive.found.uri}!/{quoted(entry.name)}{f'#{number}' if number > 1 else ''}")


def take_archive(
    found: SourceObject, windows: Iterator[bytes], inflation: Inflation
) -> tuple[Store | None, Iterator[bytes]]:
    """The archive that an object is and the bytes that are still to be put into it; or None, and the object's text.

    A zip may stand behind other bytes, such as the head of an answer over HTTP or the script that unpacks it: as every
    tool does, it is read by the directory at its end. Behind a text of events it is not, or these would be lost.

    Args:
        found: the object.
        windows: its bytes, inflated.
        inflation: what is known of that.

    Raises:
        OSError: the bytes cannot be read.
        SpoolError: there is no room to keep them.
    """
    first = next(windows, b"")
    kind, is_archive, windows = archive_kind(first), may_be_archive(first), chain((first,), windows)
    del first  # a window that is kept here could not be let go while the rest is read
    if not is_archive:
        return None, windows
    archive = Store(found, kind or "zip", compressed=inflation.compression != PLAIN, depth=depth_of(found))
    if kind:
        return archive, windows
    archive.fill(windows)
    return (archive, iter(())) if is_zip(archive) else (None, _text_of(archive))


def _text_of(archive: Store) -> Iterator[bytes]:
    """The bytes of what is no archive after all."""
    with closing(archive):
        yield from archive.pieces(0, archive.size)


@contextmanager
def open_archive(found: SourceObject) -> Iterator[Iterator[Member]]:
    """The members of an object, without limits; none if it is no archive.

    Raises:
        OSError: it cannot be read.
    """
    seen = Inflation()
    archive, windows = take_archive(found, inflate(found.pieces(), seen, UNLIMITED, found.pieces), seen)
    if archive is None:
        yield iter(())
        return
    with closing(archive):
        archive.fill(windows)
        yield list_members(archive)[1]


def quoted(name: bytes) -> str:
    """A name of any bytes as a part of a URI."""
    return quote_from_bytes(name, safe="/:@!$&'()*+,;=~")


def depth_of(found: Any) -> int:  # noqa: ANN401 - any object of evidence
    """How many archives an object lies in."""
    return found.archive.depth + 1 if isinstance(found, Member) else 0
