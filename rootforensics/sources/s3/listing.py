"""Pages of S3's listing, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from rootforensics.sources.s3.address import Address
from rootforensics.sources.s3.objects import S3Object
from rootforensics.sources.s3.words import from_answer, from_boto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.sources.s3.connection import Bucket


@dataclass(slots=True)
class Page:
    """One page of a listing.

    Attributes:
        objects: in the order of their keys.
        folders: with a delimiter, what the other keys have in common up to it.
    """

    objects: list[S3Object] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)


class Lister:
    """Lists one bucket and counts its requests; may be used by several threads."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.request_count = 0
        self._lock = Lock()

    def pages(
        self, prefix: str, *, delimiter: bool = False, start_after: str = "", page_size: int = 1000
    ) -> Iterator[Page]:
        """Yield the pages of a listing, each when it is drawn.

        Args:
            prefix: what the keys begin with.
            delimiter: list one level of folders only.
            start_after: leave out keys up to this one.
            page_size: keys a page; S3 gives 1,000 at the most.

        Raises:
            SourceError: the bucket cannot be listed.
        """
        asked: dict[str, Any] = {"Bucket": self.bucket.name, "Prefix": prefix, "MaxKeys": page_size}
        if delimiter:
            asked["Delimiter"] = "/"
        if start_after:
            asked["StartAfter"] = start_after
        if self.bucket.options.request_payer:
            asked["RequestPayer"] = "requester"
        while True:
            answer = self._ask(asked)
            yield Page(
                [self._object(found) for found in answer.get("Contents", ())],
                [found["Prefix"] for found in answer.get("CommonPrefixes", ())],
            )
            if not answer.get("IsTruncated"):
                return
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def _ask(self, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - boto3's answer
        from botocore.exceptions import BotoCoreError, ClientError

        with self._lock:
            self.request_count += 1
        where = Address(self.bucket.name, asked["Prefix"]).uri
        try:
            return self.bucket.client.list_objects_v2(**asked)
        except ClientError as error:
            raise from_answer(error, "list").as_error(where) from error
        except BotoCoreError as error:
            raise from_boto(error).as_error(where) from error

    def _object(self, found: Any) -> S3Object:  # noqa: ANN401 - boto3's answer
        etag = found.get("ETag", "").strip('"') or None
        return S3Object(self.bucket, found["Key"], found["Size"], found.get("LastModified"), etag)
