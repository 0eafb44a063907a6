"""Pages of S3's listing, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from rootforensics.phrases import at
from rootforensics.sources.answers import OddAnswerError
from rootforensics.sources.s3.address import Address
from rootforensics.sources.s3.objects import S3Object
from rootforensics.sources.s3.words import odd_listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from rootforensics.sources.s3.connection import Bucket
    from rootforensics.sources.s3.words import Act

    _Read = Callable[[Any], tuple["Page", dict[str, str]]]

#: The parts of a page that hold what lies below the prefix; of folders, it is the prefix that they have in common.
_PARTS: Final = {"Contents": "Key", "Versions": "Key", "DeleteMarkers": "Key", "CommonPrefixes": "Prefix"}
#: S3 gives a page without keys where it passes over deleted ones; never so many, and no other page twice.
_MOST_ALIKE: Final = 1000


@dataclass(slots=True)
class Page:
    """One page of a listing.

    Attributes:
        objects: in the order of their keys; of one key the current version first, then older ones.
        folders: with a delimiter, what the other keys have in common up to it.
        deleted: of a listing of versions, the keys that a delete marker hides.
        is_last: False if the listing goes on.
    """

    objects: list[S3Object] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    is_last: bool = True


class Lister:
    """Lists one bucket and counts its requests; may be used by several threads."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.request_count = 0
        self._lock = Lock()

    def pages(
        self,
        prefix: str,
        *,
        delimiter: bool = False,
        start_after: str = "",
        page_size: int = 1000,
        versions: bool | None = None,
    ) -> Iterator[Page]:
        """Yield the pages of a listing, each when it is drawn.

        Args:
            prefix: what the keys begin with.
            delimiter: list one level of folders only.
            start_after: leave out keys up to this one.
            page_size: keys a page; S3 gives 1,000 at the most.
            versions: list older versions too; as the options of the connection say if not given.

        Raises:
            SourceError: the bucket cannot be listed.
        """
        asked: dict[str, Any] = {"Prefix": prefix, "MaxKeys": page_size}
        if delimiter:
            asked["Delimiter"] = "/"
        if self.bucket.options.request_payer:
            asked["RequestPayer"] = "requester"
        if self.bucket.options.versions if versions is None else versions:
            return self._version_pages(asked, start_after)
        return self._current_pages(asked, start_after)

    def _current_pages(self, asked: dict[str, Any], start_after: str) -> Iterator[Page]:
        def read(answer: Any) -> tuple[Page, dict[str, str]]:  # noqa: ANN401 - boto3's answer
            objects = [self._object(found) for found in answer.get("Contents", ())]
            more = answer["IsTruncated"]
            following = {"ContinuationToken": answer["NextContinuationToken"]} if more else {}
            return Page(objects, _folders(answer), is_last=not more), following

        return self._pages("list_objects_v2", asked | ({"StartAfter": start_after} if start_after else {}), read)

    def _version_pages(self, asked: dict[str, Any], start_after: str) -> Iterator[Page]:
        deleted: dict[str, datetime | None] = {}

        def read(answer: Any) -> tuple[Page, dict[str, str]]:  # noqa: ANN401 - as above
            new = {
                found["Key"]: found.get("LastModified")
                for found in answer.get("DeleteMarkers", ())
                if found["IsLatest"]
            }
            deleted.update(new)  # the versions of a key may go on on the next page
            objects = [self._version(found, deleted) for found in answer.get("Versions", ())]
            more = answer["IsTruncated"]
            following = {"KeyMarker": answer["NextKeyMarker"]} if more else {}
            if version := more and answer.get("NextVersionIdMarker"):
                following["VersionIdMarker"] = version
            return Page(objects, _folders(answer), list(new), is_last=not more), following

        return self._pages("list_object_versions", asked | ({"KeyMarker": start_after} if start_after else {}), read)

    def _pages(self, operation: str, asked: dict[str, Any], read: _Read) -> Iterator[Page]:
        """Ask for page after page; of each, ``read`` says what is on it, and what is to be asked for the next."""
        where = Address(self.bucket.name, asked["Prefix"]).uri
        act: Act = "list" if operation == "list_objects_v2" else "list versions"
        following: dict[str, str] = {}
        seen: set[frozenset[tuple[str, str]]] = set()
        before, alike_count = None, 0

        def drawn(answer: Any) -> tuple[Page, dict[str, str], list[Any]]:  # noqa: ANN401 - boto3's answer
            return *read(answer), _checked_parts(answer, asked["Prefix"])

        while True:
            with self._lock:
                self.request_count += 1
            page, following, parts = self.bucket.ask(operation, where, act, drawn, **asked | following)
            yield page
            if page.is_last:
                return
            before, alike_count = parts, alike_count + 1 if parts == before else 1
            if alike_count == _MOST_ALIKE:
                raise odd_listing(f"the same page {alike_count:,} times, and it goes on").as_error(where)
            if (place := frozenset(following.items())) in seen:
                raise odd_listing("it goes on where it was before").as_error(where)
            seen.add(place)

    def _object(self, found: Any) -> S3Object:  # noqa: ANN401 - boto3's answer
        etag = found.get("ETag", "").strip('"') or None
        return S3Object(self.bucket, found["Key"], found["Size"], found.get("LastModified"), etag)

    def _version(self, found: Any, deleted: dict[str, datetime | None]) -> S3Object:  # noqa: ANN401 - boto3's answer
        version = self._object(found)
        if not found["IsLatest"]:
            version.version_id = found["VersionId"]
            is_gone = version.key in deleted
            version.older = f"its key was deleted at {at(deleted[version.key])}" if is_gone else "it was written over"
        return version


def _folders(answer: Any) -> list[str]:  # noqa: ANN401 - boto3's answer
    return [found["Prefix"] for found in answer.get("CommonPrefixes", ())]


def _checked_parts(answer: Any, prefix: str) -> list[Any]:  # noqa: ANN401 - boto3's answer
    """What a page holds.

    Raises:
        OddAnswerError: some of it does not lie below the prefix: it is the answer to another request.
    """
    for part, name in _PARTS.items():
        for found in answer.get(part, ()):
            if not found[name].removesuffix("/" if name == "Prefix" else "").startswith(prefix):
                raise OddAnswerError(f"{found[name]!r} was not asked for")
    return [answer.get(part) for part in _PARTS]
