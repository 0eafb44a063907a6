"""Keep what was fetched: the exact bytes, and beside them what S3 says of the object.

An object lies at ``<folder>/<bucket>/<key>``, so the folder can be loaded like any other; other bytes under the same
key later lie at ``<folder>/changed-objects/<SHA-256>/<bucket>/<key>``, and what was kept first stays. Its sidecar
``<key>.s3.json`` holds what a file cannot: ETag, version, Last-Modified, the SHA-256 of the bytes, and the user
metadata, in which CloudTrail keeps the signatures of digest files.
"""

from __future__ import annotations

import hashlib
import json
import os
from threading import get_ident
from typing import TYPE_CHECKING, Final

from rootforensics.errors import StorageError
from rootforensics.sources.names import SIDECAR_MARK, SIDECAR_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rootforensics.sources.s3.objects import S3Object

_LONGEST_NAME: Final = 240
#: An object that has changed since it was kept lies below here, under the start of its SHA-256.
_CHANGED: Final = "changed-objects"
#: What obstore gives beside user metadata.
_HEADERS: Final = ("Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Cache-Control")
_NO_METADATA: Final = (*_HEADERS, "Storage-Class")


def place_of(folder: Path, bucket: str, key: str) -> Path:
    """Where an object is kept; a key that is no path, or would lead out of the folder, gets a name of its own."""
    parts = key.split("/")
    fits = all(0 < len(os.fsencode(part)) <= _LONGEST_NAME for part in parts)
    if not fits or "." in parts or ".." in parts or "\0" in key or key.endswith(SIDECAR_SUFFIX):
        return folder / bucket / "odd-keys" / hashlib.sha256(key.encode()).hexdigest()
    return folder.joinpath(bucket, *parts)


def kept(found: S3Object, pieces: Iterable[bytes], folder: Path) -> Iterator[bytes]:
    """Yield the pieces, and keep them; what is there under the object's name is whole.

    Raises:
        StorageError: the folder cannot be written.
    """
    path = place_of(folder, found.bucket.name, found.key)
    digest, size = hashlib.sha256(), 0
    part = path.with_name(f".{get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("wb")
    except OSError as error:
        raise _storage_error(path, error) from error
    try:
        with file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                _write(file.write, piece, path)
                yield piece
        path = _free_place(path, folder, found, digest.hexdigest())
        _write(part.replace, path, path)
        sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
        _write(sidecar.write_text, _sidecar(found, digest.hexdigest(), size), sidecar)
    finally:
        part.unlink(missing_ok=True)


def _free_place(path: Path, folder: Path, found: S3Object, sha256: str) -> Path:
    """The object's place, or, where other bytes of its lie there, one beside: nothing kept is written over."""
    if not path.is_file():
        return path
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
            return path
    beside = place_of(folder / _CHANGED / sha256[:16], found.bucket.name, found.key)
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _storage_error(beside, error) from error
    return beside


def _write(act: object, what: object, path: Path) -> None:
    try:
        act(what)  # type: ignore[operator]
    except OSError as error:
        raise _storage_error(path, error) from error


def _storage_error(path: Path, error: OSError) -> StorageError:
    hint = "A file and a folder of one name cannot both be kept; name another folder, or load without --preserve"
    clash = isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError)
    return StorageError(f"cannot preserve the object ({error.strerror})", where=str(path), hint=hint if clash else "")


def _sidecar(found: S3Object, sha256: str, size: int) -> str:
    told = {
        SIDECAR_MARK: 1,
        "uri": found.uri,
        "bucket": found.bucket.name,
        "key": found.key,
        "etag": found.etag,
        "version_id": found.version_id,
        "last_modified": found.modified_time.isoformat() if found.modified_time else None,
        "size_bytes": size,
        "sha256": sha256,
        "metadata": {name: value for name, value in found.metadata.items() if name not in _NO_METADATA},
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
