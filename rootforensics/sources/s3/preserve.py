"""Keep what was fetched: the exact bytes, and beside them what S3 says of the object.

An object lies at ``<folder>/<bucket>/<key>``, so the folder can be loaded like any other; where the file system has no
such path, because the key is also a folder of others, too long, or holds what it refuses, it lies at
``<folder>/<bucket>/odd-keys/<SHA-256 of the key>``. Other bytes under the same key later lie at
``<folder>/changed-objects/<SHA-256>/<bucket>/<key>``, and what was kept first stays; older versions lie at
``<folder>/older-versions/<version ID>/<bucket>/<key>``. What is being fetched lies in
``<folder>/unfinished`` until it is whole. The sidecar ``<key>.s3.json`` holds what a file cannot: ETag, version,
Last-Modified, the SHA-256 of the bytes, and the user metadata, in which CloudTrail keeps the signatures of digest
files.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Final, Protocol

from rootforensics.alone import alone_in
from rootforensics.errors import StorageError
from rootforensics.sources.names import SIDECAR_MARK, SIDECAR_SUFFIX, UNFINISHED_SUFFIX
from rootforensics.sources.objects import SourceObject
from rootforensics.sources.unfinished import open_unfinished, unfinished_path, write_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rootforensics.sources.s3.address import Address

_LONGEST_NAME: Final = 240
#: An object that has changed since it was kept lies below here, under the start of its SHA-256.
_CHANGED: Final = "changed-objects"
_OLDER: Final = "older-versions"
_VERSION: Final = re.compile(r"[\w-][\w.-]{,127}")
_ODD: Final = "odd-keys"
#: What a file system answers if it can have no file of this path, whatever else it can have.
_NO_PATH: Final = {
    errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTEMPTY,
}  # fmt: skip


class Fetched(SourceObject, Protocol):
    """An object of S3 whose bytes are kept as they come."""

    @property
    def address(self) -> Address:
        """Its bucket and key."""

    @property
    def older(self) -> str:
        """Empty for what lies under its key now; for an older version, what became of it, in words."""


def place_of(folder: Path, bucket: str, key: str) -> Path:
    """Where an object is kept; a key that is no path, or would lead out of the folder, gets a name of its own."""
    parts = key.split("/")
    fits = all(0 < len(os.fsencode(part)) <= _LONGEST_NAME and not part.endswith(SIDECAR_SUFFIX) for part in parts)
    if not fits or "." in parts or ".." in parts or "\0" in key or parts[0] == _ODD:
        return _odd_place(folder, bucket, key)
    return folder.joinpath(bucket, *parts)


def _odd_place(folder: Path, bucket: str, key: str) -> Path:
    return folder / bucket / _ODD / hashlib.sha256(key.encode()).hexdigest()


def kept(found: Fetched, pieces: Iterable[bytes], folder: Path) -> Iterator[bytes]:
    """Yield the pieces, and keep them; what is there under the object's name is whole.

    Raises:
        StorageError: the folder cannot be written.
    """
    digest, size = hashlib.sha256(), 0
    part = unfinished_path(folder)
    try:
        try:
            file = open_unfinished(part)
        except OSError as error:
            raise _storage_error(part, error) from error
        with file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                try:
                    write_all(file, piece)
                except OSError as error:
                    raise _storage_error(part, error) from error
                yield piece
        _place(part, folder, found, digest.hexdigest(), size)
    finally:
        part.unlink(missing_ok=True)
        _sidecar_part(part).unlink(missing_ok=True)


def _sidecar_part(part: Path) -> Path:
    return part.with_name(part.name.replace(UNFINISHED_SUFFIX, f"-s3{UNFINISHED_SUFFIX}"))


def _place(part: Path, folder: Path, found: Fetched, sha256: str, size: int) -> None:
    """Move a whole object to its place, or to one beside it, and write what S3 says of it."""
    bucket, key = found.address.bucket, found.address.key
    below = folder / _OLDER / _folder_name(found.version_id) if found.older and found.version_id else folder
    sidecar = _sidecar(found, sha256, size)
    path = place_of(below, bucket, key)
    try:
        with alone_in(folder):  # looking for a free place and taking it are one: two keys may come to the same place
            try:
                _move(part, _free_place(path, below, found, sha256), sidecar)
            except OSError as error:
                if error.errno not in _NO_PATH:
                    raise
                path = _odd_place(below, bucket, key)
                _move(part, _free_place(path, below, found, sha256), sidecar)
    except OSError as error:
        raise _storage_error(path, error) from error


def _folder_name(version_id: str) -> str:
    return version_id if _VERSION.fullmatch(version_id) else hashlib.sha256(version_id.encode()).hexdigest()


def _move(part: Path, path: Path, sidecar: str) -> None:
    """The sidecar comes first, so that no kill leaves an object without it; both are whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    beside = _sidecar_part(part)
    beside.write_text(sidecar, encoding="utf-8")
    beside.replace(path.with_name(path.name + SIDECAR_SUFFIX))
    part.replace(path)


def _free_place(path: Path, folder: Path, found: Fetched, sha256: str) -> Path:
    """The object's place, or, where other bytes of its lie there, one beside: nothing kept is written over."""
    if not path.is_file():
        return path
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
            return path
    return place_of(folder / _CHANGED / sha256[:16], found.address.bucket, found.address.key)


def _storage_error(path: Path, error: OSError) -> StorageError:
    return StorageError(f"cannot preserve the object ({error.strerror})", where=str(path))


def _sidecar(found: Fetched, sha256: str, size: int) -> str:
    told = {
        SIDECAR_MARK: 1,
        "uri": found.uri,
        "bucket": found.address.bucket,
        "key": found.address.key,
        "etag": found.etag,
        "version_id": found.version_id,
        "last_modified": found.modified_time.isoformat() if found.modified_time else None,
        "size_bytes": size,
        "sha256": sha256,
        "metadata": found.s3_metadata,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
