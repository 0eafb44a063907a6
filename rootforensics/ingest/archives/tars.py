"""The list of a tar's members.

The standard library reads a header, but ends without a word where one is broken; here the reading goes on behind it.
"""

from __future__ import annotations

import posixpath
import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.archives.entry import TAR_BLOCK, Entry, is_tar_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.archives.store import Store

_SEARCH_BYTES: Final = 1024 * 1024
#: Names and other attributes that do not fit a header take a member of their own, of this size at most.
_MAX_ATTRIBUTE_BYTES: Final = 1024 * 1024
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
_PAX: Final = (b"x", b"X")
_PAX_GLOBAL: Final = b"g"
_FOLDER_LIST: Final = b"D"
_VOLUME_LABEL: Final = b"V"
_SPARSE: Final = b"S"
_NO_FILES: Final = {
    tarfile.CHRTYPE: "not a regular file (a device)",
    tarfile.BLKTYPE: "not a regular file (a device)",
    tarfile.FIFOTYPE: "not a regular file (a pipe)",
}
_LINKS: Final = {tarfile.LNKTYPE: "a hard link", tarfile.SYMTYPE: "a symbolic link"}
#: After these stand no bytes, whatever size they tell.
_WITHOUT_BYTES: Final = (*_NO_FILES, *_LINKS, tarfile.DIRTYPE)
_CONTINUED: Final = b"M"


class TarListing:
    """The list of a tar's members; see ``Listing``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.damages: list[str] = []
        self.remarks: list[str] = []
        self._place = 0
        self._common: dict[bytes, bytes] = {}
        self._own: dict[bytes, bytes] = {}
        self._files: dict[bytes, Entry] = {}
        self._links: list[tuple[bytes, bytes, bytes]] = []

    def entries(self) -> Iterator[Entry]:
        """Yield the files in order, then the links; a link to a file of the archive stands for that file."""
        ended = False
        while self._place < self._store.size:
            block = self._store.read_at(self._place, TAR_BLOCK)
            if not block.strip(b"\0"):
                ended = True
                self._skip_zeros()
            elif (header := _parse(block)) is None:
                self._skip_strange(after_end=ended)
            else:
                if ended:
                    self.remarks.append(f"another tar archive begins at byte {self._place:,}; it was read, too")
                    ended = False
                self._place += TAR_BLOCK
                if entry := self._take(header, block):
                    yield entry
        if not ended and not self.damages:
            self.damages.append("the archive ends without the mark of its end; it may be cut off")
        for link in self._links:
            yield self._follow(*link)

    def _skip_zeros(self) -> None:
        """Go to the next block that holds anything."""
        while block := self._store.read_at(self._place, _SEARCH_BYTES):
            zeros = len(block) - len(block.lstrip(b"\0"))
            if zeros < len(block):
                self._place += zeros // TAR_BLOCK * TAR_BLOCK
                return
            self._place += len(block)

    def _skip_strange(self, *, after_end: bool) -> None:
        """Go to the next header behind one that is none."""
        start = self._place
        self._own.clear()
        self._place += TAR_BLOCK
        while block := self._store.read_at(self._place, _SEARCH_BYTES):
            for place in range(0, len(block) - TAR_BLOCK + 1, TAR_BLOCK):
                if block[place + 257 : place + 262] == b"ustar" and _parse(block[place : place + TAR_BLOCK]):
                    self._place += place
                    break
            else:
                self._place += len(block)
                continue
            break
        self._place = min(self._place, self._store.size)
        skipped = self._place - start
        if after_end:
            self.damages.append(f"{skipped:,} bytes after the end of the archive are no tar; not read")
        else:
            self.damages.append(f"no header at byte {start:,}, where one should be: {skipped:,} bytes passed over")

    def _take(self, header: tarfile.TarInfo, block: bytes) -> Entry | None:
        """What a header announces, with what the headers before it said of it; None for what is no file."""
        kind = header.type
        if kind in (_LONG_NAME, _LONG_LINK, _PAX_GLOBAL, *_PAX):
            self._take_attributes(kind, header.size)
            return None
        told, self._own = self._common | self._own, {}
        name = told.get(b"GNU.sparse.name") or told.get(b"path") or _bytes(header.name)
        size = header.size if kind in (_LONG_NAME, _LONG_LINK) else _number(told.get(b"size"), header.size)
        if kind in _WITHOUT_BYTES:
            if kind in _LINKS:
                self._links.append((name, told.get(b"linkpath") or _bytes(header.linkname), kind))
            return Entry(name, self._place, 0, 0, problem=_NO_FILES[kind]) if kind in _NO_FILES else None
        if kind == _SPARSE:
            self._skip_sparse_map(block)
        entry = self._file(name, size, _time(told.get(b"mtime"), header.mtime))
        if kind in (_FOLDER_LIST, _VOLUME_LABEL):
            return None
        if kind == _SPARSE or any(key.startswith(b"GNU.sparse.") for key in told):
            entry.problem = "a sparse file, which is not read here: unpack the archive and load the folder"
        elif kind == _CONTINUED:
            entry.damage = "the rest of a file that began in another volume of the archive"
        else:
            self._files[posixpath.normpath(name)] = entry
        return entry

    def _file(self, name: bytes, size: int, modified: datetime | None) -> Entry:
        start = self._place
        stored = min(size, self._store.size - start)
        entry = Entry(name, start, stored, size, modified_time=modified)
        if stored < size:
            entry.damage = "the archive ends inside this member"
            self.damages.append("the archive is cut off inside its last member")
        self._place = start + -(-size // TAR_BLOCK) * TAR_BLOCK
        return entry

    def _take_attributes(self, kind: bytes, size: int) -> None:
        """Attributes of the next member, or of all that follow."""
        text = self._store.read_at(self._place, min(size, _MAX_ATTRIBUTE_BYTES))
        if len(text) < size:
            self.damages.append(f"attributes at byte {self._place:,} are cut off, or of {size:,} bytes: not understood")
        self._place += -(-size // TAR_BLOCK) * TAR_BLOCK
        if kind == _PAX_GLOBAL:
            self._common |= _pax(text)
        elif kind in _PAX:
            self._own |= _pax(text)
        else:
            self._own[b"path" if kind == _LONG_NAME else b"linkpath"] = text.rstrip(b"\0")

    def _skip_sparse_map(self, block: bytes) -> None:
        """The map of a sparse file goes on in further blocks as long as a mark says so."""
        more = block[482]
        while more and (block := self._store.read_at(self._place, TAR_BLOCK)):
            more = len(block) == TAR_BLOCK and block[504]
            self._place += TAR_BLOCK

    def _follow(self, name: bytes, target: bytes, kind: bytes) -> Entry:
        """A link as the file that it points to, if that is in the archive."""
        folder = posixpath.dirname(name) if kind == tarfile.SYMTYPE else b""
        file = self._files.get(posixpath.normpath(posixpath.join(folder, target)))
        if file is None:
            words = f"{_LINKS[kind]} to '{target.decode('ascii', 'backslashreplace')}', no file in this archive"
            return Entry(name, 0, 0, 0, problem=words)
        return Entry(name, file.offset, file.stored_bytes, file.size_bytes, damage=file.damage)


def _parse(block: bytes) -> tarfile.TarInfo | None:
    """A header, or None for what is none."""
    if len(block) < TAR_BLOCK or not is_tar_header(block):
        return None
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None
    return header if header.size >= 0 else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _number(text: bytes | None, otherwise: int) -> int:
    """A size that an attribute tells, if it is one."""
    return int(text) if text and text.isdigit() and len(text) < 20 else otherwise


def _time(text: bytes | None, otherwise: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text) if text else otherwise, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _pax(text: bytes) -> dict[bytes, bytes]:
    """Attributes, each written as ``length key=value`` and a newline; what does not keep to that ends the reading."""
    told: dict[bytes, bytes] = {}
    while text:
        length = text.split(b" ", 1)[0]
        if not length.isdigit() or len(length) > 9 or not len(length) < int(length) <= len(text):
            break
        key, _, value = text[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        told[key] = value
        text = text[int(length) :]
    return told
