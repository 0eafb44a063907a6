"""The records of the zip format: the directory at the end and the headers before members (APPNOTE 4.3)."""

from __future__ import annotations

import stat
import struct
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from rootforensics.ingest.archives.entry import LOCAL_MAGIC, Entry
from rootforensics.ingest.archives.zip_content import LOCAL_HEADER, OTHER_METHODS, READABLE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.archives.store import Store

DIRECTORY_MAGIC: Final = b"PK\x01\x02"
END_MAGIC: Final = b"PK\x05\x06"
END64_MAGIC: Final = b"PK\x06\x06"
_LOCATOR64_MAGIC: Final = b"PK\x06\x07"
_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64: Final = struct.Struct("<4sLQL")
_DIRECTORY_HEADER: Final = struct.Struct("<4s6H3I5H2I")
_LONGEST_COMMENT: Final = 65535
_READ_BYTES: Final = 1024 * 1024
#: Entries of a directory that are looked at to tell whether it is one.
_ENTRIES_TRIED: Final = 8

_ENCRYPTED: Final = 1
#: The sizes stand after the member, not before it.
_SIZES_FOLLOW: Final = 8
_IN_ZIP64: Final = 2**32 - 1
_ZIP64: Final = 1
_UNIX_TIME: Final = 0x5455
_MADE_ON_UNIX: Final = 3


class Directory(NamedTuple):
    """Where the directory lies.

    Attributes:
        start: of its first entry.
        end: behind its last entry.
        shift: to be added to the places it tells: bytes stand before the archive.
        archive_end: behind the archive's last record.
        entry_count: entries that it should have.
    """

    start: int
    end: int
    shift: int
    archive_end: int
    entry_count: int


def find_directory(store: Store) -> Directory | None:
    """The directory of a zip; None if it has none, or is a part of a split one."""
    tail_start = max(0, store.size - _END.size - _LONGEST_COMMENT)
    tail = store.read_at(tail_start, store.size)
    place = len(tail)
    while (place := tail.rfind(END_MAGIC, 0, place)) >= 0:
        if place + _END.size <= len(tail) and (found := _directory_before(store, tail_start + place)):
            return found
    return None


def is_zip(store: Store) -> bool:
    """True for bytes with a directory at their end that points to a member, whatever stands before that."""
    directory = find_directory(store)
    entries = parse_directory(store, directory) if directory else iter(())
    return any(
        store.read_at(entry.offset, len(LOCAL_MAGIC)) == LOCAL_MAGIC for entry in islice(entries, _ENTRIES_TRIED)
    )


def _directory_before(store: Store, place: int) -> Directory | None:
    """The directory that an end record points to, if it is there."""
    _, disk, _, _, count, size, offset, comment = _END.unpack(store.read_at(place, _END.size))
    archive_end, end = place + _END.size + comment, place
    locator = store.read_at(max(0, place - _LOCATOR64.size), _LOCATOR64.size)
    if locator.startswith(_LOCATOR64_MAGIC) and len(locator) == _LOCATOR64.size:
        told = _LOCATOR64.unpack(locator)[2]
        for end64 in (told, place - _LOCATOR64.size - _END64.size):
            record = store.read_at(end64, _END64.size) if 0 <= end64 < store.size else b""
            if record.startswith(END64_MAGIC) and len(record) == _END64.size:
                *_, disk, _, _, count, size, offset = _END64.unpack(record)
                end = end64
                break
    elif disk:
        return None
    for start in (end - size, offset):
        if start >= 0 and (not count or store.read_at(start, 4) == DIRECTORY_MAGIC):
            return Directory(start, end, start - offset, archive_end, count)
    return None


def parse_directory(store: Store, directory: Directory) -> Iterator[Entry]:
    """Yield the directory's entries; ends early where the directory is broken."""
    held, place = b"", directory.start
    for _ in range(directory.entry_count):
        longest = _DIRECTORY_HEADER.size + 3 * 0xFFFF
        if len(held) < longest and place < directory.end:
            more = store.read_at(place, min(_READ_BYTES, directory.end - place))
            held, place = held + more, place + len(more)
        if len(held) < _DIRECTORY_HEADER.size or not held.startswith(DIRECTORY_MAGIC):
            return
        fields = _DIRECTORY_HEADER.unpack_from(held)
        _, made, _, flags, method, _, _, crc, stored, size, *rest = fields
        name_length, extra_length, comment_length, _, _, attributes, offset = rest
        name_end = _DIRECTORY_HEADER.size + name_length
        name, extra = held[_DIRECTORY_HEADER.size : name_end], held[name_end : name_end + extra_length]
        held = held[name_end + extra_length + comment_length :]
        size, stored, offset = _zip64(extra, size, stored, offset)
        mode = attributes >> 16 if made >> 8 == _MADE_ON_UNIX else 0
        yield _entry(name, offset + directory.shift, (size, stored), (flags, method, mode), crc, extra)


def parse_local(store: Store, place: int) -> tuple[Entry, int, bool] | None:
    """The header before a member: the entry, where its data begin, and if its sizes follow it; None if it is none."""
    header = store.read_at(place, LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size:
        return None
    _, _, flags, method, _, _, crc, stored, size, name_length, extra_length = LOCAL_HEADER.unpack(header)
    rest = store.read_at(place + LOCAL_HEADER.size, name_length + extra_length)
    name, extra = rest[:name_length], rest[name_length:]
    if not name or len(rest) < name_length:
        return None
    size, stored, _ = _zip64(extra, size, stored, 0)
    entry = _entry(name, place, (size, stored), (flags, method, 0), crc, extra)
    return entry, place + LOCAL_HEADER.size + len(rest), bool(flags & _SIZES_FOLLOW) and not stored


def _entry(
    name: bytes, place: int, sizes: tuple[int, int], kind: tuple[int, int, int], crc: int, extra: bytes
) -> Entry:
    """An entry of its size and stored size, and of its flags, method and mode."""
    (size, stored), (flags, method, mode) = sizes, kind
    return Entry(
        name,
        place,
        stored,
        size,
        method,
        crc,
        _unix_time(extra),
        problem=_why_unreadable(flags, method, mode),
        folder=stat.S_ISDIR(mode) or (not size and name.endswith((b"/", b"\\"))),
    )


def _why_unreadable(flags: int, method: int, mode: int) -> str:
    if flags & _ENCRYPTED:
        return "password-protected: unpack the archive with its password and load the folder"
    if stat.S_ISLNK(mode):
        return "a symbolic link; links in a zip are not followed"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "not a regular file (a pipe, socket or device)"
    if method not in READABLE_METHODS:
        named = OTHER_METHODS.get(method, f"method {method}")
        return f"compressed in a way that is not read here ({named}): unpack the archive and load the folder"
    return ""


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, place)
        yield kind, extra[place + 4 : place + 4 + length]
        place += 4 + length


def _zip64(extra: bytes, size: int, stored: int, offset: int) -> tuple[int, int, int]:
    """Size, stored size and offset; those that do not fit their field stand in another, in this order."""
    values = [size, stored, offset]
    body = next((body for kind, body in _extra_fields(extra) if kind == _ZIP64), b"")
    for place, value in enumerate(values):
        if value == _IN_ZIP64 and len(body) >= 8:
            values[place], body = int.from_bytes(body[:8], "little"), body[8:]
    return values[0], values[1], values[2]


def _unix_time(extra: bytes) -> datetime | None:
    """The only time in a zip that says its zone."""
    for kind, body in _extra_fields(extra):
        if kind == _UNIX_TIME and len(body) >= 5 and body[0] & 1:
            return datetime.fromtimestamp(int.from_bytes(body[1:5], "little", signed=True), UTC)
    return None
