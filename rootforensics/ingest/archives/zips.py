"""The list of a zip's members.

The directory at the archive's end is what every tool shows, so it decides. What lies beside the members that it lists
and begins like a member is read, too: something may have been taken out of the list, or two archives were joined.
Where the directory is missing, as in a file that was cut off, members are looked for one after another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.archives.entry import LOCAL_MAGIC
from rootforensics.ingest.archives.zip_content import LOCAL_HEADER
from rootforensics.ingest.archives.zip_records import (
    DIRECTORY_MAGIC,
    END64_MAGIC,
    END_MAGIC,
    find_directory,
    parse_directory,
    parse_local,
)
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.ingest.archives.entry import Entry
    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.archives.zip_records import Directory

_SEARCH_BYTES: Final = 1024 * 1024
#: Every Excel workbook has this member.
_WORKBOOK: Final = b"xl/workbook.xml"
#: After a member its sums may stand once more: with or without a mark, sizes of four or eight bytes.
_SUMS_MAGIC: Final = b"PK\x07\x08"
_LONGEST_SUMS: Final = 24
_MARKED_SUMS_BYTES: Final = (16, 24)
#: Ends of members are searched for in so many times the bytes of the archive: those of a whole one need one.
_SEARCHES: Final = 4
#: A member needs a header, a name and something in it.
_SHORTEST_MEMBER: Final = LOCAL_HEADER.size + 1


class ZipListing:
    """The list of a zip's members; see ``Listing``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.damages: list[str] = []
        self.remarks: list[str] = []
        self._block = (0, b"")
        self._searched = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the files among the members in the order of the directory, then those that it does not list."""
        directory = find_directory(self._store)
        if directory is None:
            self.damages.append(
                "the archive's directory is missing, as in a file that was cut off or is one part of several; its "
                "members were looked for one after another"
            )
            yield from _files(self._walk(0, self._store.size))
            return
        listed = self._listed(directory)
        if any(entry.name == _WORKBOOK for entry in listed):
            self.remarks.append("it looks like an Excel workbook: save its sheets as CSV and load those")
        yield from _files(listed)
        spans = sorted((entry.offset, entry.stored_bytes) for entry in listed)
        yield from self._beside(spans, directory)
        if directory.archive_end < self._store.size:
            self.remarks.append(
                f"{plural(self._store.size - directory.archive_end, 'byte')} after the end of the archive"
            )

    def _listed(self, directory: Directory) -> list[Entry]:
        """The directory's entries; one whose bytes belong to another as well is not read."""
        listed = list(parse_directory(self._store, directory))
        if len(listed) < directory.entry_count:
            self.damages.append(
                f"the archive's directory is broken: {len(listed):,} of {directory.entry_count:,} entries can be read"
            )
        taken, overlapping = 0, 0
        for entry in sorted(listed, key=lambda one: one.offset):
            if entry.offset < taken:
                entry.problem = "its bytes overlap those of another member, as in a compression bomb; not read"
                overlapping += 1
            else:
                taken = entry.offset + LOCAL_HEADER.size + len(entry.name) + entry.stored_bytes
        if overlapping:
            self.damages.append(f"{overlapping:,} members overlap others, as in a compression bomb; they were not read")
        return listed

    def _beside(self, spans: list[tuple[int, int]], directory: Directory) -> Iterator[Entry]:
        """Members that lie beside the listed ones."""
        place, unlisted, strange = 0, 0, 0
        for offset, stored in [*spans, (directory.start, 0)]:
            if offset > place:
                for entry in _files(self._walk(place, offset, told=False)):
                    unlisted += 1
                    yield entry
                strange += self._skipped
            if offset < directory.start:
                place = max(place, self._behind(offset, stored))
        if unlisted:
            self.remarks.append(f"{unlisted:,} members that the archive's directory does not list were read, too")
        if strange:
            self.remarks.append(f"{strange:,} bytes beside the members belong to none of them")

    def _behind(self, offset: int, stored: int) -> int:
        """Where a listed member ends, with the sums after it."""
        local = parse_local(self._store, offset)
        if local is None:
            return offset
        _, start, _ = local
        end = start + stored
        return end + _sums_length(self._store.read_at(end, _LONGEST_SUMS + 4), stored)

    def _walk(self, place: int, end: int, *, told: bool = True) -> Iterator[Entry]:
        """Members one after another from header to header; what is no member is passed over and counted."""
        self._skipped = 0
        while place + _SHORTEST_MEMBER <= end:
            magic = self._store.read_at(place, 4)
            local = parse_local(self._store, place) if magic == LOCAL_MAGIC else None
            if local is None:
                if magic in (DIRECTORY_MAGIC, END_MAGIC, END64_MAGIC):
                    return
                following = self._find(LOCAL_MAGIC, place + 1, end)
                self._skipped += (end if following < 0 else following) - place
                if told:
                    self.damages.append(f"no member begins at byte {place:,}, where one should")
                if following < 0:
                    return
                place = following
                continue
            entry, start, sizes_follow = local
            if sizes_follow:
                stop, place = self._end_of(entry, start, end)
                entry.stored_bytes = stop - start
            else:
                stop = place = start + entry.stored_bytes
                place += _sums_length(self._store.read_at(stop, _LONGEST_SUMS + 4), entry.stored_bytes)
            if stop > end:
                entry.stored_bytes = max(0, end - start)
                entry.damage = "the archive ends inside this member"
                entry.crc = entry.size_bytes = None
            yield entry
        self._skipped += max(0, end - place)

    def _end_of(self, entry: Entry, start: int, end: int) -> tuple[int, int]:
        """Where a member ends whose sizes stand after it, and where the next one begins; the sums are taken over."""
        place = start
        while self._searched < _SEARCHES * self._store.size:
            found = self._find(_SUMS_MAGIC, place, end)
            self._searched += (end if found < 0 else found) - place
            if found < 0:
                break
            sums = self._store.read_at(found, _LONGEST_SUMS + 4)
            if (length := _sums_length(sums, found - start)) in _MARKED_SUMS_BYTES:
                width = (length - 8) // 2
                entry.crc = int.from_bytes(sums[4:8], "little")
                entry.size_bytes = int.from_bytes(sums[8 + width : length], "little")
                return found, found + length
            place = found + 1
        entry.crc = entry.size_bytes = None
        following = self._find(LOCAL_MAGIC, start, end)
        stop = end if following < 0 else following
        entry.damage = "its end is not marked; it may be cut off"
        return stop, stop

    def _find(self, magic: bytes, place: int, end: int) -> int:
        """The next place of a mark, or -1. The block of the last search is kept: marks may stand side by side."""
        while place < end:
            begin, block = self._block
            if not begin <= place <= begin + len(block) - len(magic):
                begin, block = self._block = place, self._store.read_at(place, _SEARCH_BYTES)
            if (found := block.find(magic, place - begin, end - begin)) >= 0:
                return begin + found
            if len(block) < _SEARCH_BYTES:
                return -1
            place = begin + len(block) - len(magic) + 1
        return -1


def _files(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if not entry.folder)


def _sums_length(behind: bytes, stored: int) -> int:
    """How long the sums after a member are, by what stands behind it; 0 for none."""
    for mark in (4, 0):
        if mark and not behind.startswith(_SUMS_MAGIC):
            continue
        for width in (8, 4):
            length = mark + 4 + 2 * width
            told = int.from_bytes(behind[mark + 4 : mark + 4 + width], "little")
            # Of an empty member both sizes of four bytes read like one of eight: what follows tells.
            is_followed = behind[length : length + 2] == b"PK" or (mark and (width == 4 or len(behind) == length))
            if told == stored and is_followed:
                return length
    return 0
