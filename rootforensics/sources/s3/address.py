"""Addresses of S3: ``s3://bucket/key``."""

from __future__ import annotations

import os
import re
from typing import Final, NamedTuple
from urllib.parse import unquote

from rootforensics.errors import SourceError

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
SCHEME: Final = "s3://"
#: Behind the names of directory buckets and of access points to them; they list in no order and want other sessions.
_EXPRESS: Final = ("--x-s3", "--xa-s3")
#: How people write places in S3 elsewhere: Hadoop, ARNs, the console, URLs with the bucket in the host or in the path.
_OTHERWISE: Final = re.compile(r"(?:https?|s3[an])://|s3:/(?!/)|arn:aws[\w-]*:s3", re.IGNORECASE)
_BUCKET_KEY: Final = r"(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]+)(?:/(?P<key>[^?#]*))?"
_HOST: Final = r"s3(?:[.-](?!console)[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?"
_SPELLINGS: Final = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        r"s3(?:[an]://|:/)(?P<bucket>[^/]+)(?:/(?P<key>.*))?",
        r"arn:aws[\w-]*:s3:::(?P<bucket>[^/]+)(?:/(?P<key>.*))?",
        r"https?://[^/]*console[^/]*/s3/(?:buckets|object)/(?P<bucket>[^/?#]+)(?:[^#]*[?&]prefix=(?P<key>[^&#]*))?",
        rf"https?://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]*?)\.{_HOST}(?:/(?P<key>[^?#]*))?",
        rf"https?://{_HOST}/{_BUCKET_KEY}",
    )
)
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


def check_source(source: str) -> None:
    """Refuse what names a place in S3 in another spelling than that of an address.

    Args:
        source: as the user wrote it, not an address; files of such names are none of ours.

    Raises:
        SourceError: it does; the hint has the address.
    """
    if not _OTHERWISE.match(source) or os.path.lexists(source):
        return
    if found := next(filter(None, (spelling.match(source) for spelling in _SPELLINGS)), None):
        key = found["key"] or ""
        if "://" in source and not source.startswith("s3"):
            key = unquote(key)
        hint = f"Write it like {Address(found['bucket'], key).uri}"
        raise SourceError("this names a place in S3, but is no address", where=source, hint=hint)
    if source.startswith("arn:"):
        hint = "Name the bucket, like s3://bucket/prefix/"
        raise SourceError("no source can be named by this ARN", where=source, hint=hint)
    hint = "Download it and name the file; places in S3 are written like s3://bucket/prefix/"
    raise SourceError("web addresses are no sources", where=source, hint=hint)


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        SourceError: it names no bucket, or one of S3 Express One Zone.
    """
    bucket, _, key = text[len(SCHEME) :].partition("/")
    if not is_address(text) or not _BUCKET.fullmatch(bucket):
        raise SourceError("this names no bucket", where=text, hint="Write it like s3://bucket/prefix/")
    if bucket.endswith(_EXPRESS):
        hint = "Copy it to a general purpose bucket, or to this machine, and name that"
        raise SourceError("directory buckets (S3 Express One Zone) are not supported", where=text, hint=hint)
    return Address(bucket, key)
