"""Read original records from their evidence again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import stringzilla

from rootforensics.errors import OriginalError, SourceError
from rootforensics.ingest.containers.unwrap import is_container
from rootforensics.ingest.inflate import inflate
from rootforensics.ingest.limits import UNLIMITED, Inflation
from rootforensics.ingest.read import hash_pieces, read_values
from rootforensics.ingest.related import Related, cut_related
from rootforensics.ingest.root_marks import spells_letters
from rootforensics.ingest.seen import Framing
from rootforensics.ingest.values import PLAIN_START
from rootforensics.sources.find import evidence_opener
from rootforensics.sources.local import describe_os_error, local_path
from rootforensics.sources.refusals import AGAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from rootforensics.ingest.values import Values
    from rootforensics.sources.objects import SourceObject
    from rootforensics.sources.s3.connection import S3Options

    Pieces = Callable[[], Iterator[bytes]]

_Result = TypeVar("_Result")
#: So many frames more a load has on its stack when it begins to read the values of an object.
_FRAMES: Final = 1
#: Objects up to this size are read once.
_HELD_BYTES: Final = 64 * 1024 * 1024
#: How a value begins that is not null: text, an object, a list, true, false. Numbers are left to a closer look.
_VALUES: Final = (b'"', b"{", b"[", b"t", b"f")
_HINT: Final = "Restore the evidence to its original location, or load it from its current one"


def read_original(
    uris: Sequence[str],
    version_id: str | None,
    sha256: str | None,
    record_index: int,
    event_id: str | None,
    s3: S3Options | None = None,
) -> bytes:
    """The exact bytes of one record, read from its evidence, after checking that this is still the same.

    Args:
        uris: the evidence; before a member of an archive its archives, the outermost first.
        version_id: of an object of S3, as the ledger has it; of a member, that of the outermost archive.
        sha256: of the evidence when it was loaded.
        record_index: position of the record in it.
        event_id: that the record bears, which no notation spells otherwise; None if it is not known.
        s3: how to connect to S3.

    Raises:
        OriginalError: the evidence is gone, has changed, or yields no record there, or one of another event.
    """
    try:
        return _read_at(uris, sha256, record_index, event_id, None, s3)
    except OriginalError:  # where the bucket keeps versions, the one that was loaded may still be there
        if version_id:
            with suppress(OriginalError):
                return _read_at(uris, sha256, record_index, event_id, version_id, s3)
        raise


def _read_at(
    uris: Sequence[str],
    sha256: str | None,
    record_index: int,
    event_id: str | None,
    version_id: str | None,
    s3: S3Options | None,
) -> bytes:
    with _unchanged(uris, sha256, version_id, s3) as (found, pieces):
        return _record(found, pieces, record_index, event_id)


@contextmanager
def _unchanged(
    uris: Sequence[str], sha256: str | None, version_id: str | None, s3: S3Options | None
) -> Iterator[tuple[SourceObject, Pieces]]:
    """The evidence and its bytes, if these are what was loaded.

    Raises:
        OriginalError: they are not, or cannot be read.
    """
    uri = uris[-1]
    if sha256 is None:
        raise OriginalError(
            "only part of the evidence was read when it was loaded",
            where=uri,
            hint="Load it again. If a limit stopped the reading, raise it",
        )
    try:
        with evidence_opener(s3) as opened, _member(opened(uris[0], version_id), uris[1:]) as found:
            pieces = _held(found)
            now = hash_pieces(pieces())
            if now == sha256:
                yield found, pieces
                return
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
        hint="The case still has the loaded records. Find out who changed the file",
    )


def _held(found: SourceObject) -> Pieces:
    """The bytes of an object; those of a small one are read once, to be hashed and inflated."""
    if found.size_bytes is None or found.size_bytes > _HELD_BYTES:
        return found.pieces
    held = tuple(found.pieces())
    return lambda: iter(held)


@contextmanager
def _member(found: SourceObject, uris: Sequence[str]) -> Iterator[SourceObject]:
    """The member that lies at the end of a path through archives; the object itself if the path is empty."""
    if not uris:
        yield found
        return
    from rootforensics.ingest.archives.members import open_archive

    with open_archive(found) as members:
        member = next((member for member in members if member.uri == uris[0]), None)
        if member is None:
            raise OriginalError("it is no longer in the archive", where=uris[0], hint=_HINT)
        with _member(member, uris[1:]) as inner:
            yield inner


def _record(found: SourceObject, pieces: Pieces, record_index: int, event_id: str | None) -> bytes:
    windows = inflate(pieces(), Inflation(), UNLIMITED, pieces)
    for _, values, place in _places(found, windows, frozenset([record_index])):
        if event_id and event_id.encode() not in bytes(values.texts[place]):
            raise OriginalError(
                f"record {record_index} does not belong to event {event_id}: this version reads it differently",
                where=found.uri,
                hint="Load the evidence into a new case with this version",
            )
        return bytes((values.originals or values.texts)[place])
    raise OriginalError(f"the evidence has no record {record_index}", where=found.uri)


class Reread(NamedTuple):
    """What an object yielded when it was read again.

    Attributes:
        texts: the JSON of each wanted record by its position, out of its containers; a row of a table as JSON.
        is_free_of_null: none was looked for, since no field that was asked for is null anywhere in the object.
    """

    texts: dict[int, bytes]
    is_free_of_null: bool = False


def read_texts(uris: Sequence[str], sha256: str, indexes: Collection[int], nullable: Collection[str] = ()) -> Reread:
    """The JSON of several records of one object, read again at one go after checking that it is still the same.

    Args:
        uris: the evidence; before a member of an archive its archives, the outermost first.
        sha256: of the evidence when it was loaded.
        indexes: positions of the records in it.
        nullable: names of fields, letters only, of an object whose records lie in no container. If none of them is
            null anywhere in it, no record is looked for.

    Raises:
        OriginalError: the evidence is gone or has changed.
    """
    wanted = frozenset(indexes)
    with _unchanged(uris, sha256, None, None) as (found, pieces):
        windows: Iterator[bytes] = inflate(pieces(), Inflation(), UNLIMITED, pieces)
        first, second = next(windows, b""), next(windows, None)
        if second is None and first.startswith(PLAIN_START):
            if nullable and not may_be_null(first, nullable):
                return Reread({}, is_free_of_null=True)
            cut = cut_related(first, Related())
            texts = dict(zip(cut.indexes, cut.texts, strict=True)) if cut else {}
            if cut and wanted <= texts.keys() and not any(is_container(texts[index]) for index in wanted):
                return Reread({index: texts[index] for index in sorted(wanted)})
        windows = chain((bytes(first),), () if second is None else (second,), windows)
        del first, second
        return Reread({index: bytes(values.texts[place]) for index, values, place in _places(found, windows, wanted)})


def _places(found: SourceObject, windows: Iterator[bytes], wanted: frozenset[int]) -> list[tuple[int, Values, int]]:
    """Each wanted record that the object holds: its position, the list that holds it, and its place in that list.

    How deep a value may be nested depends on how deep the stack is on which it is decoded. So this is read as a load
    reads, in a thread of its own and as deep in it: else records would be left out that the load took in, or the other
    way around, and positions would be others.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_deeper, _FRAMES, lambda: list(_places_in(found, windows, wanted))).result()


def _deeper(frames: int, call: Callable[[], _Result]) -> _Result:
    return _deeper(frames - 1, call) if frames else call()


def _places_in(
    found: SourceObject, windows: Iterator[bytes], wanted: frozenset[int]
) -> Iterator[tuple[int, Values, int]]:
    position, last = 0, max(wanted, default=-1)
    for values, _ in read_values(windows, Framing(path=local_path(found))):
        count = len(values.texts)
        for index in sorted(one for one in wanted if position <= one < position + count):
            yield index, values, index - position
        position += count
        if position > last:
            return


def may_be_null(text: bytes, names: Iterable[str]) -> bool:
    """True if a field of one of the names may be null in any record of a text; False is certain.

    Args:
        text: records as CloudTrail writes them, without blanks between a name and its value.
        names: of fields; other than letters they hold nothing.
    """
    return spells_letters(text) or any(_may_be_null(text, name) for name in names)


def _may_be_null(text: bytes, name: str) -> bool:
    quoted = f'"{name}"'.encode()
    unseen = int(stringzilla.count(text, quoted))
    for value in _VALUES:
        if unseen:
            unseen -= int(stringzilla.count(text, quoted + b":" + value))
    return unseen > 0
