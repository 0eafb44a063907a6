"""Archives of a few files, made by the standard library, never by this package."""

from __future__ import annotations

import io
import tarfile
import warnings
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Files = "Mapping[str, bytes] | Iterable[tuple[str, bytes]]"


def _pairs(files: Files) -> list[tuple[str, bytes]]:
    return list(files.items()) if hasattr(files, "items") else list(files)


class _OneWay(io.RawIOBase):
    """Something that cannot be gone back in, so that a zip writes sizes after members."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self.held += data
        return len(data)


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False, zip64: bool = False) -> bytes:
    """A zip; streamed, the sizes stand after the members as in a zip that was written to a pipe."""
    out = _OneWay() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two members of one name
        for name, content in _pairs(files):
            info = zipfile.ZipInfo(name, (2026, 8, 5, 10, 0, 0))
            info.compress_type = method
            with archive.open(info, "w", force_zip64=zip64) as member:
                member.write(content)
    return bytes(out.held) if isinstance(out, _OneWay) else out.getvalue()


def tar_of(files: Files, form: int = tarfile.PAX_FORMAT, *, compression: str = "") -> bytes:
    """A tar, or a compressed one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{compression}", format=form) as archive:
        for name, content in _pairs(files):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1785924000
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tar_with(*members: tarfile.TarInfo) -> bytes:
    """A tar of members without bytes: links, folders, devices."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info in members:
            archive.addfile(info)
    return out.getvalue()


def without_end(tar: bytes) -> bytes:
    """A tar without the zeros at its end, so that another can follow."""
    blocks = len(tar.rstrip(b"\0")) + 511
    return tar[: blocks // 512 * 512]


def files_in(folder: Path) -> dict[str, bytes]:
    """All files of a folder by their names in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
