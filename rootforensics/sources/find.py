"""Find what the sources name, on this machine and in S3."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rootforensics.phrases import plural
from rootforensics.sources.local import FoundObject, find_objects, path_of_uri
from rootforensics.sources.names import SLICE, SLICE_HEAD
from rootforensics.sources.objects import Plan, Unlisted
from rootforensics.sources.s3.address import VERSION_MARK, check_source, is_address, parse_address
from rootforensics.sources.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rootforensics.sources.objects import SourceObject
    from rootforensics.sources.s3.connection import S3Options


_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE: Final = re.compile("file:/+", re.IGNORECASE)


def _spelled(source: str | os.PathLike[str]) -> str:
    """A source; of a file's URI, as the ledger and engines write it, the path."""
    text = os.fspath(source)
    found = _FILE.match(text)
    return path_of_uri(f"file:///{text[found.end() :]}") if found and not os.path.lexists(text) else text


def _lies_elsewhere(source: str) -> bool:
    """Whether it is a URI of storage that is neither this machine's nor S3."""
    return bool(_URI.match(source)) and not is_address(source) and not os.path.lexists(source)


def _is_of_slice(item: FoundObject) -> bool:
    """True for what says that a slice is whole; it says so itself, the name alone is not enough."""
    if os.path.basename(item.path) != SLICE or not item.readable:  # noqa: PTH119
        return False
    try:
        with open(item.path, "rb") as file:  # noqa: PTH123 - a path may be no text
            return file.read(len(SLICE_HEAD)) == SLICE_HEAD
    except OSError:
        return False


def _without_slices(files: list[FoundObject]) -> tuple[list[FoundObject], list[str]]:
    """Files but for those of extractions, which name theirs: whoever meets them in a folder takes a part for all."""
    folder = os.path.dirname
    slices = {folder(file.path) for file in files if _is_of_slice(file)}
    kept = [one for one in files if folder(one.path) not in slices or not one.path.endswith((".parquet", f"/{SLICE}"))]
    said = f"{plural(len(slices), 'slice')} of an extraction left out, a part of logs: its case has them (merge)"
    return kept, [said] if slices else []


@contextmanager
def find(
    sources: Iterable[str | os.PathLike[str]], wanted: Wanted | None = None, s3: S3Options | None = None
) -> Iterator[Plan]:
    """List what the sources name; their connections stay open as long as the context does.

    Args:
        sources: files, folders, globs, and addresses such as ``s3://bucket/prefix``. A URI of other storage is an
            object that cannot be read.
        wanted: what need not be listed in S3; files are listed whatever it says.
        s3: how to connect.

    Raises:
        SourceError: S3 cannot be reached, or none of the sources can be listed. One that cannot while others can is
            an object that cannot be read. Or a source is a place in S3, but no address.
    """
    named = list(map(_spelled, sources))
    for source in named:
        check_source(source)
    elsewhere = sorted(filter(_lies_elsewhere, named))
    folders: set[str] = set()
    files, remarks = _without_slices(
        find_objects((one for one in named if not is_address(one) and one not in elsewhere), folders)
    )
    unread = [Unlisted(one, "it lies where nothing can be read from here") for one in elsewhere]
    addresses = [parse_address(source) for source in named if is_address(source)]
    if not addresses:
        yield Plan([*files, *unread], listed=folders, remarks=remarks)
        return
    from rootforensics.sources.refusals import AddressError
    from rootforensics.sources.s3.connection import Connection, S3Options
    from rootforensics.sources.s3.discover import list_address

    with Connection(s3 or S3Options()) as connection:
        plan, failures = Plan(listed=folders, remarks=remarks), []
        found: dict[str, SourceObject] = {}
        for address in addresses:
            try:
                listing = list_address(connection.bucket(address.bucket), address, wanted or Wanted())
            except AddressError as error:
                failures.append(error)
                found[address.uri] = Unlisted(address.uri, error.words)
                continue
            found.update({item.uri: item for item in listing.objects})
            plan.accounts |= listing.accounts
            plan.regions |= listing.regions
            plan.days |= listing.days
            plan.listed |= {address.uri, *listing.listed}
            plan.request_count += listing.request_count
            plan.filtered_count += listing.filtered_count
            plan.remarks += listing.remarks
        if len(failures) == len(addresses) and not any(item.readable for item in files):
            raise failures[0]
        plan.listed -= set(found)
        plan.objects = [*files, *unread, *(found[uri] for uri in sorted(found, key=str.encode))]
        yield plan


@contextmanager
def evidence_opener(s3: S3Options | None = None) -> Iterator[Callable[[str, str | None], SourceObject]]:
    """What opens objects of evidence to be read again, for any number of threads, over one connection to S3.

    It takes a URI as the ledger has it, and a version ID of S3, None for what lies there now.

    Args:
        s3: how to connect.

    Raises:
        SourceError: when it is called with a URI of no known scheme, or S3 cannot be reached.
    """
    from rootforensics.sources.s3.connection import Connection, S3Options
    from rootforensics.sources.s3.objects import S3Object

    with Connection(s3 or S3Options()) as connection:

        def opened(uri: str, version_id: str | None) -> SourceObject:
            if not is_address(uri):
                return FoundObject(path_of_uri(uri))
            address = parse_address(uri.removesuffix(f"{VERSION_MARK}{version_id}"))
            return S3Object(connection.bucket(address.bucket), address.key, version_id=version_id)

        yield opened
