"""Addresses of S3: ``s3://bucket/key``."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rootforensics.errors import SourceError

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
SCHEME: Final = "s3://"
#: Between the key of an older version and its ID.
VERSION_MARK: Final = "?versionId="


class Address(NamedTuple):
    """A place in S3.

    Attributes:
        bucket: its name.
        key: of an object, or what the keys of several begin with; empty for the whole bucket.
    """

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The address as text, the key as S3 spells it."""
        return f"{SCHEME}{self.bucket}/{self.key}"


def is_address(source: str) -> bool:
    """True if a source named by the user lies in S3."""
    return source[: len(SCHEME)].lower() == SCHEME


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        SourceError: it names no bucket.
    """
    bucket, _, key = text[len(SCHEME) :].partition("/")
    if not is_address(text) or not _BUCKET.fullmatch(bucket):
        raise SourceError("this names no bucket", where=text, hint="Write it like s3://bucket/prefix/")
    return Address(bucket, key)
