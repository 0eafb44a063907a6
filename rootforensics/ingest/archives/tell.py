"""Tell an archive by its first bytes."""

from __future__ import annotations

from typing import Final

#: A member, an archive without members, and the mark before a split archive.
_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
TAR_BLOCK: Final = 512
_USTAR: Final = slice(257, 262)
_CHECKSUM: Final = slice(148, 156)
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


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
