"""Read original records from their evidence again."""

from __future__ import annotations

from rootforensics.errors import OriginalError
from rootforensics.ingest.containers.unwrap import unwrap
from rootforensics.ingest.framing import EVENT_START, Framing, frame
from rootforensics.ingest.inflate import Inflation, Limits, inflate
from rootforensics.ingest.read import hash_object
from rootforensics.sources.local import FoundObject, describe_os_error, path_of_uri


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
    position = 0
    limits = Limits(2**62, 2**62)  # what was loaded once was bounded then
    framing = Framing()
    for framed in frame(inflate(found.pieces(), Inflation(), limits, found.pieces), framing):
        values = framed if framed.all_begin_with(EVENT_START) else unwrap(framed, framing)
        if record_index < position + len(values.texts):
            return bytes((values.originals or values.texts)[record_index - position])
        position += len(values.texts)
    raise OriginalError(f"the evidence holds no record {record_index}", where=uri)
