"""Read original records from their evidence again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.errors import OriginalError
from rootforensics.ingest.framing import Framing, frame
from rootforensics.ingest.inflate import Inflation, Limits, inflate
from rootforensics.ingest.read import hash_object
from rootforensics.sources.local import FoundObject, describe_os_error, path_of_uri

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def read_records(found: FoundObject, indexes: Collection[int], limits: Limits) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of some of an object's records, in order.

    Args:
        found: the object.
        indexes: positions in it.
        limits: the bounds under which it was loaded, or wider ones.

    Raises:
        OSError: it cannot be read.
    """
    position = 0
    wanted = set(indexes)
    for values in frame(inflate(found.pieces(), Inflation(), limits, found.pieces), Framing()):
        for index in sorted(one for one in wanted if position <= one < position + len(values.texts)):
            yield index, bytes(values.texts[index - position])
        position += len(values.texts)


def read_original(uri: str, sha256: str | None, record_index: int) -> bytes:
    """The exact bytes of one record, read from its evidence, after checking that this is still the same.

    Args:
        uri: the evidence.
        sha256: of the evidence when it was loaded.
        record_index: position of the record in it.

    Raises:
        OriginalError: the evidence is gone, has changed, or no longer yields the record.
    """
    found = FoundObject(path_of_uri(uri))
    hint = "Put the evidence back where it was loaded from, or load it from where it is now"
    try:
        now = hash_object(found)
    except OSError as error:
        raise OriginalError(
            f"the evidence cannot be read ({describe_os_error(error)})", where=uri, hint=hint
        ) from error
    if now != sha256:
        raise OriginalError(
            f"the evidence has changed since it was loaded (SHA-256 was {sha256}, is {now})",
            where=uri,
            hint="What the case holds is what was loaded; find out who changed the file",
        )
    for _, record in read_records(found, [record_index], Limits(2**62, 2**62)):
        return record
    raise OriginalError(f"the evidence holds no record {record_index}", where=uri)
