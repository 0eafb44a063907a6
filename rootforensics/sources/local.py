"""Files, folders and globs of this machine.

Every file that is found becomes an object of evidence, whatever its name; so does everything that was named
but cannot be read. The order is that of the paths' bytes, so that the same folder always gets the same IDs.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from rootforensics.errors import SourceError
from rootforensics.sources.names import (
    SIDECAR_HEAD_BYTES,
    SIDECAR_SUFFIX,
    UNFINISHED,
    UNFINISHED_SUFFIX,
    begins_like_sidecar,
    metadata_in,
)
from rootforensics.sources.objects import NothingToFetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Files are read in pieces of this many bytes.
PIECE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FoundObject(NothingToFetch):
    """One object named by a source.

    Attributes:
        path: where it is, as the operating system spells it.
        size_bytes: its size, or None where that cannot be known.
        modified_time: last modification, UTC, or None.
        problem: why it cannot be read; empty if it can.
        readable: False if it must not be opened.
    """

    path: str
    size_bytes: int | None = None
    modified_time: datetime | None = None
    problem: str = ""
    readable: bool = True

    @property
    def uri(self) -> str:
        """The object's ``file://`` URI; bytes that are no text are percent-encoded, so nothing is lost."""
        return "file://" + quote_from_bytes(os.fsencode(self.path), safe="/:@!$&'()*+,;=~")

    @property
    def s3_metadata(self) -> dict[str, str]:
        """What the sidecar that ``--preserve`` wrote beside it says; nothing if there is none, or another text."""
        sidecar = Path(self.path + SIDECAR_SUFFIX)
        try:
            return metadata_in(sidecar.read_bytes()) if sidecar.is_file() else {}  # a pipe would never end
        except OSError:
            return {}

    def pieces(self, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """Yield the object's bytes in order.

        Raises:
            OSError: the file cannot be opened or read.
        """
        with Path(self.path).open("rb", buffering=0) as file:
            # Asking for a little more than there is spares the system a large buffer for a small file.
            wanted = min(piece_bytes, (self.size_bytes or piece_bytes) + 1)
            while piece := file.read(wanted):
                yield piece


def local_path(found: object) -> str:
    """Where an object lies as a file of this machine; empty for one that lies elsewhere."""
    return found.path if isinstance(found, FoundObject) else ""


def path_of_uri(uri: str) -> str:
    """The path behind a ``file://`` URI of this package.

    Raises:
        SourceError: the URI is of another scheme.
    """
    parts = urlsplit(uri)
    if parts.scheme != "file":
        raise SourceError("only file:// evidence can be read again here", where=uri)
    return os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))


def describe_os_error(error: OSError) -> str:
    """Say in words why a file cannot be read."""
    words = {
        errno.ENOENT: "no such file or folder",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.ELOOP: "a symbolic link that leads back to itself",
        errno.ENAMETOOLONG: "the path is too long",
        errno.EIO: "the disk reports a read error",
    }
    return words.get(error.errno or 0, error.strerror or str(error))


def _stat_object(path: str) -> FoundObject:
    try:
        status = os.stat(path)  # noqa: PTH116 - keeps paths with odd bytes as they are
    except OSError as error:
        return FoundObject(path, problem=describe_os_error(error), readable=False)
    if not stat.S_ISREG(status.st_mode):
        return FoundObject(path, problem="not a regular file (a pipe, socket or device)", readable=False)
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    if not os.access(path, os.R_OK):
        return FoundObject(path, status.st_size, modified, "permission denied", readable=False)
    return FoundObject(path, status.st_size, modified)


def is_below(path: str, folder: str) -> bool:
    """True for a path that is in a folder, wherever links lead on the way.

    Args:
        path: of a file or folder, which need not be there.
        folder: as ``os.path.realpath`` gives it.
    """
    return f"{os.path.realpath(path)}/".startswith(f"{folder.rstrip('/')}/")


def _walk(top: str, listed: set[str], within: str = "") -> Iterator[FoundObject]:
    """Every file below a folder; links are followed, and a folder inside itself is told, not entered.

    Args:
        top: the folder.
        listed: takes the URIs of the folders that could be listed.
        within: a folder without links in its path; a link that leads out of it is told, not followed. Empty for none.
    """
    waiting: list[tuple[str, frozenset[tuple[int, int]]]] = [(top, frozenset())]
    while waiting:
        folder, ancestors = waiting.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116
            here = (status.st_dev, status.st_ino)
            if here in ancestors:
                problem = "a symbolic link loop: the folder leads back to one that contains it"
                yield FoundObject(folder, problem=problem, readable=False)
                continue
            paths = [entry.path for entry in os.scandir(folder)]
        except OSError as error:
            yield FoundObject(folder, problem=describe_os_error(error), readable=False)
            continue
        listed.add(FoundObject(folder).uri)
        for path in paths:
            if within and os.path.islink(path) and not is_below(path, within):  # noqa: PTH114
                yield FoundObject(path, problem="a link that leads out of the folder; not followed", readable=False)
            elif os.path.isdir(path):  # noqa: PTH112 - follows links; a loop is caught above
                waiting.append((path, ancestors | {here}))
            else:
                yield _stat_object(path)


def _is_sidecar(item: FoundObject) -> bool:
    """True for what ``--preserve`` wrote beside an object; it says so itself, the name alone is not enough."""
    if not item.path.endswith(SIDECAR_SUFFIX) or not item.readable:
        return False
    try:
        with Path(item.path).open("rb") as file:
            return begins_like_sidecar(file.read(SIDECAR_HEAD_BYTES))
    except OSError:
        return False


def is_there(source: str) -> bool:
    """Whether a source is a file or folder, or a pattern that some match."""
    return os.path.lexists(source) or next(glob.iglob(source, recursive=True, include_hidden=True), None) is not None  # noqa: PTH207


def _expand(source: str) -> list[str]:
    if os.path.lexists(source) or not glob.has_magic(source):
        return [source]
    return sorted(glob.glob(source, recursive=True, include_hidden=True), key=os.fsencode)  # noqa: PTH207


def _no_match(pattern: str) -> FoundObject:
    """What is wrong with a pattern that no file matches."""
    path = os.path.abspath(pattern)  # noqa: PTH100 - as above, and links stay
    fixed = path
    while glob.has_magic(fixed):
        fixed = os.path.dirname(fixed)  # noqa: PTH120 - keeps paths with odd bytes as they are
    try:
        os.scandir(fixed).close()
    except OSError as error:
        return FoundObject(path, problem=f"{describe_os_error(error)}: {fixed}", readable=False)
    return FoundObject(path, problem="no file matches this pattern", readable=False)


def find_objects(
    sources: Iterable[str | os.PathLike[str]], listed: set[str] | None = None, *, stays_within: bool = False
) -> list[FoundObject]:
    """List every object that the sources name, each path once.

    Args:
        sources: files, folders (walked to the bottom, symbolic links followed) or globs (``**`` too).
        listed: takes the URIs of the folders that could be listed, if given.
        stays_within: tell links that lead out of a folder that is named, and do not follow them.

    Returns:
        The objects in the order of their paths' bytes, those that cannot be read among them with the reason.
    """
    found: dict[str, FoundObject] = {}
    folders: set[str] = set() if listed is None else listed
    for source in sources:
        named = os.fspath(source)
        if not named:
            found[""] = FoundObject("", problem="an empty path (is a variable not set?)", readable=False)
            continue
        paths = _expand(named)
        if not paths:
            found[named] = _no_match(named)
        for path in map(os.path.abspath, paths):
            within = os.path.realpath(path) if stays_within else ""
            walked = _walk(path, folders, within) if os.path.isdir(path) else [_stat_object(path)]  # noqa: PTH112
            for item in walked:
                if item.path == path and not glob.has_magic(named):
                    found[item.path] = item
                elif item.path.endswith(UNFINISHED_SUFFIX):
                    found.setdefault(item.path, replace(item, problem=UNFINISHED, readable=False))
                elif not _is_sidecar(item):
                    found.setdefault(item.path, item)
    return sorted(found.values(), key=lambda item: os.fsencode(item.path))
