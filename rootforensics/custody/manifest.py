"""The manifest of a case: its evidence, what verify found, and its chain of custody, as one JSON file.

The same case gives the same bytes, and no other bytes say the same: a file that is spelled in another way was changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.custody.acts import LEDGER, Entry, list_hash
from rootforensics.custody.chain import entries_of
from rootforensics.errors import IntegrityError
from rootforensics.integrity.verdicts import verdicts_of

if TYPE_CHECKING:
    from os import PathLike

    from rootforensics.queries.asking import Asks

_FORMAT: Final = 3


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One object of evidence, as ``manifest_evidence`` tells it, and the hash of all that the case keeps of it."""

    evidence_id: int
    archive_id: int | None
    uri: str
    size_bytes: int | None
    sha256: str | None
    etag: str | None
    version_id: str | None
    modified_time: str | None
    status: str
    verdict: str | None
    reason: str | None
    s3_metadata: str | None
    ledger_sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a manifest holds.

    Attributes:
        rootforensics_manifest: the format of the file.
        tool: name and version of this package.
        evidence: all objects, members of archives among them.
        evidence_sha256: hash of the evidence list, as a row of the chain of custody has it.
        missing: digest files and logs that ``verify`` missed.
        breaks: of chains of digest files.
        custody: the chain of custody.
        sha256: of this file with an empty text in this place.
    """

    rootforensics_manifest: int
    tool: str
    evidence: list[Item]
    evidence_sha256: str
    missing: list[dict[str, Any]]
    breaks: list[dict[str, Any]]
    custody: list[Entry]
    sha256: str = ""

    @property
    def hash(self) -> str:
        """What ``sha256`` must be."""
        return hashlib.sha256(encoded(msgspec.structs.replace(self, sha256=""))).hexdigest()

    @property
    def head(self) -> str:
        """The hash of the last row of the chain of custody; empty without one."""
        return self.custody[-1].sha256 if self.custody else ""

    @property
    def verdicts(self) -> dict[str, int]:
        """How many digest files and logs have each verdict of ``verify``; empty if it was not run."""
        told = [one.verdict for one in self.evidence if one.verdict] + [str(row["verdict"]) for row in self.missing]
        return dict(sorted(Counter(told).items()))

    @property
    def list_hash(self) -> str:
        """What ``evidence_sha256`` must be."""
        return list_hash((one.evidence_id, one.ledger_sha256) for one in self.evidence)


def manifest_of(case: Asks, tool: str) -> Manifest:
    """The manifest of a case that nobody changes meanwhile."""
    found = verdicts_of(case, None, None).as_dict()
    ledger = case._statement(LEDGER, first=0, last=2**31)  # noqa: SLF001 - as Asks has it
    lines = {row["evidence_id"]: row["line"] for row in ledger.rows}
    made = Manifest(
        rootforensics_manifest=_FORMAT,
        tool=tool,
        evidence=[
            Item(**row, ledger_sha256=lines.get(row["evidence_id"], "")) for row in case.query("manifest_evidence").rows
        ],
        evidence_sha256="",
        missing=[row for row in found["objects"] if row["evidence_id"] is None],
        breaks=found["breaks"],
        custody=entries_of(case.query("custody").rows),
    )
    made = msgspec.structs.replace(made, evidence_sha256=made.list_hash)
    return msgspec.structs.replace(made, sha256=made.hash)


def encoded(manifest: Manifest) -> bytes:
    """The bytes of the file."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def read_manifest(content: bytes, where: str | PathLike[str]) -> Manifest:
    """What a manifest holds, if it is spelled as this package spells it and its hash fits.

    Raises:
        IntegrityError: it is none, or was changed.
    """
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityError(f"not a manifest, or it was changed ({error})", where=str(where)) from error
    if manifest.rootforensics_manifest != _FORMAT:
        raise IntegrityError("the manifest has an unknown format", where=str(where), hint="Another version wrote it")
    if encoded(manifest) != content or manifest.sha256 != manifest.hash:
        raise IntegrityError("the manifest was changed: its hash does not match", where=str(where))
    return manifest


def read_file(path: str | PathLike[str]) -> bytes:
    """The content of a manifest or a signature.

    Raises:
        IntegrityError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise IntegrityError(f"cannot read ({error.strerror})", where=str(path)) from error
