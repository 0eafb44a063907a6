"""Read original records from their evidence again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from rootforensics.errors import OriginalError, SourceError
from rootforensics.ingest.containers.unwrap import unwrap
from rootforensics.ingest.framing import EVENT_START, Framing, frame
from rootforensics.ingest.inflate import Inflation, Limits, inflate
from rootforensics.ingest.read import hash_object
from rootforensics.sources.find import open_evidence
from rootforensics.sources.local import describe_os_error
from rootforensics.sources.s3.words import AGAIN

if TYPE_CHECKING:
    from rootforensics.sources.objects import SourceObject
    from rootforensics.sources.s3.connection import S3Options

_HINT: Final = "Put the evidence back where it was loaded from, or load it from where it is now"


def read_original(
    uri: str, sha256: str | None, record_index: int, version_id: str | None = None, s3: S3Options | None = None
) -> bytes:
    """The exact bytes of one record, read from its evidence, after checking that this is still the same.

    Args:
        uri: the evidence.
        sha256: of the evidence when it was loaded.
        record_index: position of the record in it.
        version_id: of an object of S3, as the ledger has it.
        s3: how to connect to S3.

    Raises:
        OriginalError: the evidence is gone, has changed, or no longer yields the record.
    """
    try:
        return _read_at(uri, sha256, record_index, None, s3)
    except OriginalError:  # where the bucket keeps versions, the one that was loaded may still be there
        if version_id:
            with suppress(OriginalError):
                return _read_at(uri, sha256, record_index, version_id, s3)
        raise


def _read_at(uri: str, sha256: str | None, record_index: int, version_id: str | None, s3: S3Options | None) -> bytes:
    try:
        with open_evidence(uri, version_id, s3) as found:
            now = hash_object(found)
            if now == sha256:
                return _record(found, record_index)
    except SourceError as error:
        hint = error.hint.replace(AGAIN, "").strip()  # that is said to those who load
        raise OriginalError(f"the evidence cannot be read ({error.problem})", where=uri, hint=hint) from error
    except OSError as error:
        raise OriginalError(
            f"the evidence cannot be read ({describe_os_error(error)})", where=uri, hint=_HINT
        ) from error
    raise OriginalError(
        f"the evidence has changed since it was loaded (SHA-256 was {sha256}, is {now})",
        where=uri,
        hint="What the case holds is what was loaded; find out who changed the file",
    )


def _record(found: SourceObject, record_index: int) -> bytes:
    position = 0
    limits = Limits(2**62, 2**62)  # what was loaded once was bounded then
    framing = Framing()
    for framed in frame(inflate(found.pieces(), Inflation(), limits, found.pieces), framing):
        values = framed if framed.all_begin_with(EVENT_START) else unwrap(framed, framing)
        if record_index < position + len(values.texts):
            return bytes((values.originals or values.texts)[record_index - position])
        position += len(values.texts)
    raise OriginalError(f"the evidence holds no record {record_index}", where=found.uri)
