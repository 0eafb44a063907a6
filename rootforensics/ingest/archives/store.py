"""The bytes of an archive, to be read at any place.

An archive that lies uncompressed in a file is read where it lies. Any other (compressed, in S3, in another archive)
is copied to a temporary file while it is hashed: a small one stays in memory, a larger one is a file without a name,
which is gone when it is closed, however the process ends.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Final

from rootforensics.ingest.archives.entry import SpoolError
from rootforensics.ingest.inflate import inflate
from rootforensics.ingest.limits import UNLIMITED, Inflation, Limits, broken_limit
from rootforensics.sources.local import FoundObject, describe_os_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.sources.objects import SourceObject

#: Copies up to this size stay in memory; threads may read many archives ahead.
_IN_MEMORY_BYTES: Final = 1024 * 1024
_PIECE_BYTES: Final = 4 * 1024 * 1024


class Budget:
    """What the members of an archive may inflate to, those of archives inside it included.

    It is kept in the order of the members, whatever the reading threads do, so the same archive is always cut at the
    same place.

    Args:
        raw_bytes: the archive's own size.
        limits: as for any object.
        outer: the budget of the archive that holds this one.

    Attributes:
        stopped: True if members were not read because this archive breaks a bound.
    """

    def __init__(self, raw_bytes: int, limits: Limits, outer: Budget | None = None) -> None:
        self.limits = limits
        self.inflated_bytes = 0
        self.stopped = False
        self._raw_bytes = raw_bytes
        self._members_bytes = 0
        self._outer = outer

    def take_member(self, stored_bytes: int, size_bytes: int) -> None:
        """Count a compressed member before it is read, as far as the limits let it be read."""
        by_ratio = max(self.limits.ratio_from_bytes, int(self.limits.max_ratio * stored_bytes))
        size = min(size_bytes, self.limits.max_inflated_bytes, by_ratio)
        self._members_bytes += size
        self.take_text(size)

    def take_text(self, size: int) -> None:
        """Count bytes that came out of a compression at any depth below this archive."""
        self.inflated_bytes += size
        if self._outer:
            self._outer.take_text(size)

    def broken(self) -> str:
        """The bound that this archive breaks, in words; empty if it keeps to them."""
        ratio_only = Limits(2**62, self.limits.max_ratio, self.limits.ratio_from_bytes)
        members = Inflation(raw_bytes=self._raw_bytes, inflated_bytes=self._members_bytes)
        deep = Inflation(raw_bytes=self._raw_bytes, inflated_bytes=self.inflated_bytes)
        return broken_limit(members, self.limits) or broken_limit(deep, ratio_only)

    def exhausted(self) -> bool:
        """True if this archive or one around it breaks a bound; ``stopped`` of each that does is then True."""
        around = self._outer is not None and self._outer.exhausted()
        self.stopped = self.stopped or bool(self.broken())
        return self.stopped or around


class Store:
    """An archive's bytes, uncompressed.

    Attributes:
        found: the object that is the archive.
        kind: ``zip`` or ``tar``.
        size: bytes that can be read.
        depth: how many archives it lies in.
        budget: what its members may inflate to.
    """

    def __init__(self, found: SourceObject, kind: str, *, compressed: bool, depth: int = 0) -> None:
        self.found = found
        self.kind = kind
        self.size = 0
        self.depth = depth
        self.budget = Budget(0, UNLIMITED)
        self._in_place = isinstance(found, FoundObject) and not compressed
        self._file: IO[bytes] | None = None
        self._lock = Lock()

    def fill(self, windows: Iterator[bytes]) -> None:
        """Take in the archive's bytes, or further ones.

        Raises:
            OSError: they cannot be read.
            SpoolError: there is no room to keep them.
        """
        if self._in_place:
            for window in windows:
                self.size += len(window)
            return
        self._file = self._file or tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed with the store
        for window in windows:
            try:
                self._file.write(window)
            except OSError as error:
                self.close()
                folder = tempfile.gettempdir()
                raise SpoolError(
                    f"no room for a copy of the archive in {folder} ({describe_os_error(error)})"
                ) from error
            self.size += len(window)

    def read_at(self, offset: int, size: int) -> bytes:
        """Bytes from a place on, fewer or none where the archive has no more; may be called from any thread.

        Raises:
            OSError: they cannot be read.
        """
        if not 0 <= offset < self.size or size <= 0:  # places come out of the archive and may be any number
            return b""
        with self._lock:
            file = self._file or self._open()
            file.seek(offset)
            return file.read(min(size, self.size - offset))

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes between two places in order, as far as the archive has them.

        Raises:
            OSError: they cannot be read.
        """
        for place in range(start, end, _PIECE_BYTES):
            if not (piece := self.read_at(place, min(_PIECE_BYTES, end - place))):
                return
            yield piece

    def close(self) -> None:
        """Let go of the bytes; if they are asked for once more, they are fetched again."""
        if self._file:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        self.close()  # a load that was interrupted reads no further

    def close_all(self) -> None:
        """Let go of the bytes, and of those of the archives around."""
        self.close()
        if outer := getattr(self.found, "archive", None):
            outer.close_all()

    def _open(self) -> IO[bytes]:
        if isinstance(self.found, FoundObject) and self._in_place:
            self._file = Path(self.found.path).open("rb")  # noqa: SIM115 - closed with the store
            return self._file
        size, self.size = self.size, 0
        self.fill(_first(size, inflate(self.found.pieces(), Inflation(), UNLIMITED, self.found.pieces)))
        assert self._file is not None  # noqa: S101 - fill opened it
        return self._file


def _first(size: int, windows: Iterator[bytes]) -> Iterator[bytes]:
    """As many bytes as there were the first time, when limits may have cut them short."""
    for window in windows:
        if not size:
            return
        yield window[:size]
        size -= min(size, len(window))
