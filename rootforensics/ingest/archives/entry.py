"""Tell an archive by its first bytes; and what it says of a member, whatever kind of archive it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import stringzilla

from rootforensics.ingest.text import names_fields, table_kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: A member, an archive without members, and the mark before a split archive.
LOCAL_MAGIC: Final = b"PK\x03\x04"
_ZIP_STARTS: Final = (LOCAL_MAGIC, b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
TAR_BLOCK: Final = 512
_USTAR: Final = slice(257, 262)
_CHECKSUM: Final = slice(148, 156)
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class SpoolError(OSError):
    """There is no room for a copy of an archive."""


def may_be_archive(first: bytes) -> bool:
    """True if an object with these first bytes is an archive, or may contain a zip behind other bytes.

    Args:
        first: as of ``archive_kind``; a zip that begins behind it is not looked for.
    """
    if archive_kind(first):
        return True
    place = -1 if table_kind(first) else int(stringzilla.find(first, LOCAL_MAGIC))
    return place >= 0 and not names_fields(first[:place])


def archive_kind(first: bytes) -> str:
    """``zip``, ``tar``, or empty for what is no archive.

    No text is taken for an archive, whatever somebody managed to write into an event: a zip begins with a control
    character, and a tar header has NUL in it.

    Args:
        first: how an object begins, 512 bytes of it at least if it has them.
    """
    if first.startswith(_ZIP_STARTS):
        return "zip"
    head = first[:TAR_BLOCK]
    if len(head) < TAR_BLOCK or b"\0" not in head or head.startswith(_BYTE_ORDER_MARKS):
        return ""
    return "tar" if head[_USTAR] == b"ustar" or is_tar_header(head) else ""


def is_tar_header(block: bytes) -> bool:
    """True for a block whose checksum is that of a tar header; older archives have no other mark."""
    try:
        told = int(block[_CHECKSUM].strip(b" \0"), 8)
    except ValueError:
        return False
    unsigned = sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")
    signed = unsigned - 256 * sum(1 for place, byte in enumerate(block) if byte > 127 and not 148 <= place < 156)
    return told in (unsigned, signed)


@dataclass(slots=True)
class Entry:
    """A member in an archive's list.

    Attributes:
        name: its bytes, as the archive has them.
        offset: of its bytes in a tar, of the header before them in a zip.
        stored_bytes: its size in the archive.
        size_bytes: its size out of the archive, or None where that is not told.
        method: how it is compressed, a number of the zip format; 0 for not at all.
        crc: CRC-32 that the archive tells, or None.
        modified_time: UTC, or None.
        problem: why it cannot be read; empty if it can.
        damage: what is wrong with it although it can be read.
        folder: True if it only names a folder.
    """

    name: bytes
    offset: int
    stored_bytes: int
    size_bytes: int | None
    method: int = 0
    crc: int | None = None
    modified_time: datetime | None = None
    problem: str = ""
    damage: str = ""
    folder: bool = False

    @property
    def compressed(self) -> bool:
        """True if more bytes may come out of the archive than lie in it."""
        return self.method != 0


class Listing(Protocol):
    """The list of an archive's members; draw the entries to their end, then the rest is final.

    Attributes:
        damages: what is broken, in words; empty if nothing is.
        remarks: what is odd but loses nothing.
    """

    damages: list[str]
    remarks: list[str]

    def entries(self) -> Iterator[Entry]:
        """Yield what can hold events or could not be read, in the archive's order; folders are left out."""
