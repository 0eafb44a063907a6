"""Read one object: hash it, inflate it, frame it, decode it, and say what was found."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, starmap
from typing import TYPE_CHECKING, Any, Final, Literal

import stringzilla

from rootforensics.errors import RootForensicsError, cause_of
from rootforensics.ingest.archives.entry import LOCAL_MAGIC, SpoolError, may_be_archive
from rootforensics.ingest.containers.hints import MAY_HOLD_EVENTS, hint_at, logs_listed
from rootforensics.ingest.containers.unwrap import holds_others, is_container, unwrap
from rootforensics.ingest.decode import (
    REASONS_KEPT,
    TOO_LARGE,
    Decoded,
    decode_each,
    decode_plain,
    decode_regular,
    is_regular,
)
from rootforensics.ingest.framing import frame
from rootforensics.ingest.inflate import inflate
from rootforensics.ingest.ledger import Bent, Facts, is_log
from rootforensics.ingest.limits import PLAIN, Inflation, Limits
from rootforensics.ingest.related import Related, cut_related
from rootforensics.ingest.seen import Framing
from rootforensics.ingest.text import NOT_UTF8, table_kind
from rootforensics.ingest.values import EVENT_START, PLAIN_START, Values
from rootforensics.phrases import plural
from rootforensics.sources.local import describe_os_error, local_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.sources.objects import SourceObject

How = Literal["all", "bend"] | Related

#: Stands for all reasons but the first few.
OTHER_REASONS: Final = "for other reasons, see record_problem"


@dataclass(slots=True)
class Reading:
    """One object while it is read: draw ``lists`` to its end, then ``facts`` is final."""

    facts: Facts
    lists: Iterator[Decoded]


def read_object(found: SourceObject, limits: Limits, how: How = "all") -> Reading:
    """Start to read an object.

    Args:
        found: the object.
        limits: bounds on what it may inflate to.
        how: ``all`` decodes every record. ``Related`` leaves undecoded what certainly is not looked for. ``bend``
            decodes each record by itself and bends it to the columns, even if it looks regular.
    """
    facts = Facts(found, found.size_bytes)
    return Reading(facts, _read(found, facts, limits, how))


def hash_pieces(pieces: Iterable[bytes]) -> str:
    """SHA-256 of an object's bytes, lower-case hexadecimal.

    Raises:
        OSError: they cannot be read.
    """
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _read(found: SourceObject, facts: Facts, limits: Limits, how: How) -> Iterator[Decoded]:
    if not found.readable:
        facts.status = "unreadable"
        facts.problems.append(found.problem)
        return
    digest = hashlib.sha256()
    inflation = Inflation()
    framing = Framing(path=local_path(found), limits=limits, inflation=inflation)
    inflated = inflate(_hashed(found, digest), inflation, limits, found.pieces)
    windows: Iterator[bytes] = inflated
    sampled = Sample()
    with _other_objects_spared(facts, inflation):
        first = next(windows, b"")
        is_archive, windows = may_be_archive(first), chain((first,), windows)
        del first  # a window that is kept here could not be let go while the rest is read
        if is_archive:
            from rootforensics.ingest.archives.members import take_archive

            facts.archive, windows = take_archive(found, windows, inflation)
        if facts.archive:
            framing.kind = facts.archive.kind
            facts.archive.fill(windows)
        else:
            watched = _watched(_content_hashed(windows, inflation, facts), framing)
            yield from _decode_windows(watched, framing, facts, sampled, how)
    inflated.close()
    if facts.status == "damaged" and not facts.reading_stopped:
        digest = _hash_anew(found, facts, inflation)
    facts.sha256 = digest.hexdigest()
    facts.size_bytes = inflation.raw_bytes
    facts.compression = inflation.compression
    facts.gzip_member_count = inflation.member_count or None
    facts.inflated_bytes = inflation.inflated_bytes
    facts.framing = framing.kind or None
    facts.container = framing.container or None
    facts.lacking = framing.lacking
    with _other_objects_spared(facts, inflation):
        _judge(facts, inflation, framing, sampled)


@contextmanager
def _other_objects_spared(facts: Facts, inflation: Inflation) -> Iterator[None]:
    """Turn whatever goes wrong with one object into a problem of it: the others of a load are read all the same."""
    try:
        yield
    except SpoolError as error:
        facts.archive = None
        facts.status = "unreadable"
        facts.problems.append(str(error))
    except OSError as error:
        facts.status = "damaged" if inflation.raw_bytes else "unreadable"
        facts.problems.append(f"reading stopped: {describe_os_error(error)}")
    except MemoryError:
        facts.status = "damaged"
        facts.problems.append("needs more memory than available; reading stopped")
    except RootForensicsError:  # no other object could be read either
        raise
    except Exception as error:  # noqa: BLE001 - nobody can list what hostile bytes make of the steps of reading
        facts.status = "damaged"
        facts.problems.append(f"could not be read any further ({cause_of(error)})")


@dataclass(slots=True)
class Sample:
    """What is needed to say what an object is that holds no events."""

    value: bytes = b""
    unread: str = ""  # of a value that may hold events, what it is
    reasons: list[str] = field(default_factory=list)


def _hashed(found: SourceObject, digest: Any) -> Iterator[bytes]:  # noqa: ANN401 - hashlib names no public type
    for piece in found.pieces():
        digest.update(piece)
        yield piece


def _content_hashed(windows: Iterator[bytes], inflation: Inflation, facts: Facts) -> Iterator[bytes]:
    """Note the hash of what was compressed, once all of it was drawn; what was not has the object's own hash."""
    digest = hashlib.sha256()
    for window in windows:
        if inflation.compression != PLAIN:
            digest.update(window)
        yield window
    if not inflation.damage:
        facts.content_sha256 = digest.hexdigest()


def _watched(windows: Iterator[bytes], framing: Framing) -> Iterator[bytes]:
    """Note where a zip begins in a text; in that of a table any bytes may stand."""
    first = next(windows, b"")
    is_table, windows = table_kind(first), chain((first,), windows)
    del first  # a window that is kept here could not be let go while the rest is read
    place, end = 0, b""
    for window in windows:
        if framing.zip_place is None and not is_table:
            around = end + window[: len(LOCAL_MAGIC)]  # the mark may be cut by the border between two windows
            if (found := around.find(LOCAL_MAGIC)) >= 0:
                framing.zip_place = place - len(end) + found
            elif (found := int(stringzilla.find(window, LOCAL_MAGIC))) >= 0:
                framing.zip_place = place + found
            place, end = place + len(window), window[1 - len(LOCAL_MAGIC) :]
        yield window


def _hash_anew(found: SourceObject, facts: Facts, inflation: Inflation) -> Any:  # noqa: ANN401 - as above
    """The digest of the whole object, and its size, after it was not read to its end."""
    digest, inflation.raw_bytes = hashlib.sha256(), 0
    is_whole = False
    with _other_objects_spared(facts, inflation):
        for piece in _hashed(found, digest):
            inflation.raw_bytes += len(piece)
        is_whole = True
    if not is_whole and not facts.reading_stopped:
        facts.problems.append("reading stopped before its end")  # so the hash is not taken for that of the object
    return digest


def _decode_windows(
    windows: Iterator[bytes], framing: Framing, facts: Facts, sampled: Sample, how: How
) -> Iterator[Decoded]:
    facts.record_count = 0
    counts = facts.counts
    first = next(windows, b"")
    second = next(windows, None)
    if first and second is None:
        if isinstance(how, Related) and first.startswith(PLAIN_START):
            cut = cut_related(first, how)
            chosen = _decode_events(cut.texts, cut.indexes) if cut else None
            if cut and chosen and not chosen.rejected_count:
                framing.kind = "Records"
                facts.record_count = cut.record_count
                if counts:
                    counts.take_file(first)
                _take_bent(chosen, facts)
                yield chosen
                return
        if how == "all" and (plain := decode_plain(first)) is not None:
            framing.kind = "Records"
            facts.record_count = len(plain.indexes)
            _take_bent(plain, facts)
            yield plain
            return
    windows = chain((bytes(first),), () if second is None else (second,), windows)
    del first, second
    for values, decoded in read_values(windows, framing, how):
        _take_rejected(values, decoded, facts, sampled)
        _take_bent(decoded, facts)
        if counts:
            counts.take(values.texts)
        facts.record_count += len(values.texts)
        framing.inflation.event_count = facts.record_count - facts.rejected_count
        framing.inflation.other_count += decoded.rejected_count
        yield decoded
    if framing.is_spent():
        framing.stopped = True
        facts.rejected_count = framing.inflation.other_count
        facts.record_count = facts.rejected_count + framing.inflation.event_count
    facts.status = "damaged" if framing.stopped else facts.status


def read_values(windows: Iterator[bytes], framing: Framing, how: How = "all") -> Iterator[tuple[Values, Decoded]]:
    """The values of an object, list by list, with what they decode to; in this order they have their positions.

    Args:
        windows: its text.
        framing: what becomes known of the text; where it is stopped or spent, there are no more values.
        how: what is taken in.
    """
    start = 0
    for framed in chain.from_iterable(map(Values.parts, frame(windows, framing))):
        for values, decoded in _decode_values(framed, start, how, framing):
            yield values, decoded
            start += len(values.texts)
        if framing.stopped or framing.is_spent():
            return


def _take_rejected(values: Values, decoded: Decoded, facts: Facts, sampled: Sample) -> None:
    """Count the values of a list that are no events, and keep the reasons of the first few."""
    start = facts.record_count or 0
    for index, reason in decoded.rejected:
        hint = hint_at(bytes(values.texts[index - start]))
        if MAY_HOLD_EVENTS in hint:
            sampled.unread = sampled.unread or hint
        if len(sampled.reasons) < REASONS_KEPT:
            sampled.reasons.append(f"value {index}: {reason}{f' ({hint})' if hint else ''}")
    if decoded.rejected and not sampled.value:
        sampled.value = bytes(values.texts[decoded.rejected[0][0] - start])
    facts.rejected_count += decoded.rejected_count
    facts.lost_count += decoded.lost_count


def _take_bent(decoded: Decoded, facts: Facts) -> None:
    """Count the records of a list that were bent to the columns, by the reason."""
    for place, reason in decoded.problems.items():
        known = reason in facts.bent or len(facts.bent) < REASONS_KEPT
        index = decoded.indexes[place]
        facts.holds_no_text |= NOT_UTF8 in reason
        facts.bent.setdefault(reason if known else OTHER_REASONS, Bent(0, index)).count += 1


def _decode_values(framed: Values, start: int, how: How, framing: Framing) -> Iterator[tuple[Values, Decoded]]:
    """The values of a list out of their containers, and what they decode to; what containers hold may be cut."""
    tries_all = how == "all"
    if tries_all and (decoded := decode_regular(framed, start)) is not None:
        yield framed, decoded
        return
    if isinstance(how, Related) and framed.originals is None and framed.all_begin_with(EVENT_START + b'"'):
        chosen = how.of_values(framed)  # all others certainly do not; they are not decoded, and count as left out
        texts = [bytes(framed.texts[place]) for place in chosen]
        others = (framed.texts[place] for place in sorted(set(range(len(framed.texts))).difference(chosen)))
        decoded = _decode_events(texts, [start + place for place in chosen])
        if decoded is not None and not any(map(holds_others, others)):
            yield framed, decoded
            return
    for values in unwrap(framed, framing):
        regular = decode_regular(values, start) if how != "bend" and not (tries_all and values is framed) else None
        indexes = range(start, start + len(values.texts))
        yield values, regular or decode_each(values.texts, indexes, doubtful=how == "bend")
        start += len(values.texts)


def _decode_events(texts: list[bytes], indexes: list[int]) -> Decoded | None:
    """Some values of a list, decoded; None if any is no event but a container: then the list is one of containers."""
    if any(not is_regular(text) and is_container(text) for text in texts):
        return None
    return decode_each(texts, indexes)


def _judge(facts: Facts, inflation: Inflation, framing: Framing, sampled: Sample) -> None:
    """Set the status and put the problems in words."""
    framing = _without_guess(facts, framing, sampled)
    _take_digest(facts, sampled)
    events = None if facts.record_count is None else facts.record_count - facts.rejected_count
    refused = (framing.refusal or sampled.unread) if events else ""  # of a part; other parts were read
    lost = f"{plural(facts.lost_count, 'value')} with fields of an event could not be read" if facts.lost_count else ""
    damages = [text for text in (facts.found.problem, inflation.damage, framing.damage, refused, lost) if text]
    facts.problems.extend(damages)
    if facts.status in ("unreadable", "damaged"):
        pass
    elif damages or facts.holds_no_text or any(TOO_LARGE in reason for reason in sampled.reasons):
        facts.status = "damaged"
    elif facts.archive:
        facts.status = "archive"
    elif events:
        facts.status = "loaded"
    elif framing.refusal:
        facts.status = "unsupported"
        facts.problems.append(framing.refusal)
    elif not inflation.inflated_bytes:
        facts.status = "empty"
        facts.problems.append("an empty file")
    elif facts.rejected_count or not framing.kind:
        _judge_no_events(facts, framing, sampled)
    else:
        facts.status = "empty"
    if facts.status != "unsupported":
        facts.problems.extend(sampled.reasons)
        if facts.rejected_count > len(sampled.reasons):
            facts.problems.append(f"{facts.rejected_count - len(sampled.reasons):,} more values that are not events")
    if framing.zip_place is not None:
        place = f"byte {framing.zip_place:,}"
        facts.problems.append(
            f"a zip begins at {place} and was not read: save what follows there as a file, and load that"
        )
        facts.status = "damaged" if facts.status in ("loaded", "empty", "digest") else facts.status
    facts.problems.extend(text for text in (inflation.remark, *framing.remarks) if text)
    facts.problems.extend(starmap(_bent_told, facts.bent.items()))
    _judge_name(facts, inflation)


def _judge_name(facts: Facts, inflation: Inflation) -> None:
    """CloudTrail writes no log without a list of records: whoever wrote over one made no hour without events."""
    is_none = facts.status == "unsupported" or (facts.status == "empty" and not inflation.inflated_bytes)
    if is_none and is_log(facts.uri):
        facts.status = "damaged"
        facts.problems.append("named like a CloudTrail log, but without records")


def _bent_told(reason: str, bent: Bent) -> str:
    if bent.count == 1:
        return f"1 record in a non-standard format was converted: {reason} (value {bent.first_index})"
    return f"{bent.count:,} records in a non-standard format were converted: {reason} (first: value {bent.first_index})"


def _without_guess(facts: Facts, framing: Framing, sampled: Sample) -> Framing:
    """What the framing showed; nothing, where a text of something else was taken for broken JSON."""
    is_guess = framing.is_guess and not framing.is_marked
    is_told = facts.record_count != facts.rejected_count or facts.status == "damaged" or framing.refusal
    if is_told or not (is_guess or framing.escaped):
        return framing
    facts.framing, facts.container, facts.record_count, facts.rejected_count = None, None, 0, 0
    sampled.reasons.clear()
    sampled.value = b""
    if framing.escaped:
        return Framing(refusal=framing.escaped, zip_place=framing.zip_place)
    return Framing(looks_like=framing.looks_like, hint=framing.hint, zip_place=framing.zip_place)


def _take_digest(facts: Facts, sampled: Sample) -> None:
    """Take in what the first value vouches for, if it is a digest file's, whatever stands behind it or is broken."""
    if sampled.value and hint_at(sampled.value) == "digest":
        facts.listed_logs, unnamed_count = logs_listed(sampled.value)
        facts.digest, facts.s3_metadata = sampled.value.decode(errors="replace"), facts.found.s3_metadata or None
        if unnamed_count:
            facts.problems.append(f"a digest that names no file in {unnamed_count:,} of its entries")


def _judge_no_events(facts: Facts, framing: Framing, sampled: Sample) -> None:
    """A text without a single event: a digest file, another container, or something else altogether."""
    if facts.digest is not None:
        facts.status, facts.framing = "digest", "digest"
        facts.record_count = facts.rejected_count = facts.rejected_count - 1
        sampled.reasons.clear()
        return
    looks = hint_at(sampled.value) if sampled.value else ""
    facts.status = "unsupported"
    if framing.kind:
        looks = looks or ", ".join(framing.containers)
        kind = framing.outer or "JSON"
        facts.problems.append(f"{kind}, but without CloudTrail events{f': {looks}' if looks else ''}")
    elif framing.looks_like:
        hint = f"; {framing.hint}" if framing.hint else ""
        facts.problems.append(f"not JSON: it begins with '{framing.looks_like}'{hint}")
    else:
        facts.problems.append("only blanks")
