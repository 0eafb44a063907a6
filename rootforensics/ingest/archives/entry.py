"""What an archive says of a member, whatever kind of archive it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


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
