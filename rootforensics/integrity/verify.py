"""Verify a case: its digests, their chains, and the logs that they list. It reads the case and the keys, no evidence.

The load noted the hash of the uncompressed bytes of each object, and the text and signature of each digest. So a
verdict is on the very bytes from which the events of the case came, wherever these lie now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.writing import insert_rows, opened_writer
from rootforensics.ingest.store import empty_verdicts
from rootforensics.integrity.chain import Breaks, Content, absent_parents, chain_of, chains_of, judge, name_of
from rootforensics.integrity.explain import explain
from rootforensics.integrity.logs import judge_logs
from rootforensics.sources.digests import NAME, Digest, DigestError, parse_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from rootforensics.engines.writing import Record
    from rootforensics.integrity.chain import Absent, Break, Chain, Verdict
    from rootforensics.integrity.keys import PublicKeys

_AT_ONCE: Final = 500
_WHICH: Final = """
SELECT evidence_id
FROM evidence LEFT JOIN digests USING (evidence_id)
WHERE status <> 'archive' AND (content IS NOT NULL OR regexp_matches(regexp_extract(uri, '[^/]*$'), $name))
ORDER BY evidence_id
"""
_HELD: Final = """
SELECT evidence_id, uri, content, s3_metadata->>'signature' AS signature,
    if(compression = 'plain', sha256, content_sha256) AS hash,
    coalesce(gzip_member_count, 0) > 1 AS is_joined, status = 'unreadable' AS is_unreadable, problem
FROM evidence LEFT JOIN digests USING (evidence_id) SEMI JOIN (SELECT unnest(?) AS evidence_id) USING (evidence_id)
ORDER BY evidence_id
"""


class _Held(NamedTuple):
    """A digest file as the ledger has it."""

    evidence_id: int
    uri: str
    text: str | None
    signature: str | None
    sha256: str | None
    is_joined: bool
    is_unreadable: bool
    problem: str | None

    @property
    def name(self) -> str:
        """That of a digest file, without ``.gz``; empty if it lies under another."""
        found = NAME.search(self.uri.rsplit("/", 1)[-1])
        return found[0] if found else ""


class _Flaw(NamedTuple):
    """Why a file is no digest that proves anything."""

    verdict: Verdict
    reason: str


@dataclass(slots=True)
class _Seen:
    """All digest files of a case.

    Attributes:
        contents: each content once, by its hash.
        proving: files that have one of them, with its hash.
        flawed: the others, with what is wrong, and what they say if that can be read.
        names: of all files.
    """

    contents: dict[str, Content] = field(default_factory=dict)
    proving: list[tuple[_Held, str]] = field(default_factory=list)
    flawed: list[tuple[_Held, _Flaw, Digest | None]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def verify_case(
    path: Path, keys: PublicKeys, set_up: Callable[[duckdb.DuckDBPyConnection], None], record: Record
) -> None:
    """Judge all digests and logs of a case, and keep the verdicts in it.

    Args:
        path: the case file.
        keys: public keys; without the right one nothing is proven.
        set_up: begins a transaction and makes what a case holds, its views among it.
        record: adds the act to the chain of custody.

    Raises:
        CaseLockedError: another process has the case open.
        CaseError: the file is no case.
    """
    with storage_errors(path), opened_writer(path, record) as opening:
        writer = opening.opened()
        set_up(writer)
        empty_verdicts(writer)
        _verify(writer, keys)
        opening.commit("the verdicts on its digests and logs")


def _verify(writer: duckdb.DuckDBPyConnection, keys: PublicKeys) -> None:
    seen = _read_digests(writer)
    judge(seen.contents.values(), keys)
    chains = chains_of(seen.contents.values())
    names = frozenset(seen.names)
    _keep(writer, seen, absent_parents(chains, names))
    breaks = Breaks(chains, names, _newest(writer, seen)).found()
    insert_rows(writer, "digest_chains", [_chain_row(chain_of(trail, listed)) for trail, listed in chains.items()])
    first = {content: held.evidence_id for held, content in reversed(seen.proving)}
    judged: list[tuple[Digest | None, Verdict, int]] = [
        (one.digest, one.verdict, first[content]) for content, one in seen.contents.items()
    ]
    judged += [(digest, flaw.verdict, held.evidence_id) for held, flaw, digest in seen.flawed]
    judge_logs(writer, judged, breaks)
    insert_rows(writer, "chain_breaks", [_break_row(one) for one in explain(writer, breaks)])


def _read_digests(writer: duckdb.DuckDBPyConnection) -> _Seen:
    seen = _Seen()
    for held in _rows(writer):
        seen.names.add(held.name)
        flaw, digest = _flaw(held), None
        try:
            digest = parse_digest(held.text or "", held.sha256 or "")
        except DigestError as error:
            flaw = flaw or _Flaw("modified", "; ".join(filter(None, (str(error), held.problem))))
        if digest and not flaw and held.name not in ("", name_of(digest.place)):
            flaw = _Flaw("modified", f"it has the name of another digest; its content is {digest.place.uri}")
        if flaw or not digest or not held.sha256:
            seen.flawed.append((held, flaw or _Flaw("not_checked", held.problem or ""), digest))
            continue
        if held.sha256 not in seen.contents:
            seen.contents[held.sha256] = Content(digest)
        if held.signature:
            seen.contents[held.sha256].own.append(held.signature)
        seen.proving.append((held, held.sha256))
    return seen


def _flaw(held: _Held) -> _Flaw | None:
    """What is wrong with the file around the text."""
    if held.is_unreadable:
        return _Flaw("not_checked", held.problem or "")
    if held.text is not None and held.sha256 is None:
        return _Flaw("modified", held.problem or "it was not read completely")
    if held.is_joined:
        return _Flaw("modified", "more than one gzip member, where CloudTrail writes one")
    return None


def _rows(writer: duckdb.DuckDBPyConnection) -> Iterator[_Held]:
    """The digest files of a case, some at a time: their texts may be large."""
    wanted = [evidence_id for (evidence_id,) in writer.execute(_WHICH, {"name": NAME.pattern}).fetchall()]
    for first in range(0, len(wanted), _AT_ONCE):
        yield from (_Held(*row) for row in writer.execute(_HELD, [wanted[first : first + _AT_ONCE]]).fetchall())


def _newest(writer: duckdb.DuckDBPyConnection, seen: _Seen) -> datetime | None:
    """The newest time of which there is evidence: of the delivery of a log, or the end of a proven digest."""
    [(delivered,)] = writer.execute("SELECT max(delivery_time) FROM evidence").fetchall()
    ends = [content.digest.end for content in seen.contents.values() if content.is_proven]
    return max([*ends, *([delivered] if delivered else [])], default=None)


def _keep(writer: duckdb.DuckDBPyConnection, seen: _Seen, absent: list[Absent]) -> None:
    """Write the verdicts of digests."""
    rows = [
        _row(held, seen.contents[content].verdict, seen.contents[content].reason, seen.contents[content].digest)
        for held, content in seen.proving
    ]
    rows += [_row(held, flaw.verdict, flaw.reason, digest) for held, flaw, digest in seen.flawed]
    rows += [
        {
            "kind": "digest",
            "verdict": "missing",
            "uri": one.place.uri,
            "reason": one.reason,
            "account_id": one.trail.account_id,
            "region": one.trail.region,
            "from_time": None,
            "until_time": one.end,
            "evidence_id": None,
        }
        for one in absent
    ]
    insert_rows(writer, "integrity", rows)


def _row(held: _Held, verdict: Verdict, reason: str, digest: Digest | None) -> dict[str, Any]:
    name = NAME.search(held.name)
    return {
        "kind": "digest",
        "verdict": verdict,
        "uri": held.uri,
        "reason": reason or None,
        "account_id": digest.trail.account_id if digest else name and name["account"],
        "region": digest.trail.region if digest else name and name["region"],
        "from_time": digest.begin if digest else None,
        "until_time": digest.end if digest else None,
        "evidence_id": held.evidence_id,
    }


def _break_row(one: Break) -> dict[str, Any]:
    return {
        "cause": one.cause,
        "account_id": one.trail.account_id,
        "region": one.trail.region,
        "trail": one.trail.trail,
        "is_backfill": one.trail.is_backfill,
        "from_time": one.begin,
        "until_time": one.end,
        "reason": one.reason,
        "has_stop": one.has_stop,
    }


def _chain_row(one: Chain) -> dict[str, Any]:
    return {
        **one.trail._asdict(),
        "from_time": one.begin,
        "until_time": one.end,
        "digest_count": one.digest_count,
        "verified_count": one.verified_count,
    }
