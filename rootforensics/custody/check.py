"""Check a manifest: its signature, its chain of custody, and the evidence that it lists, wherever that lies now."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import unquote

from rootforensics.custody.chain import chain_problems
from rootforensics.custody.manifest import Manifest, read_file, read_manifest
from rootforensics.custody.signing import SIGNATURE_SUFFIX, fingerprint_in, signer_of
from rootforensics.errors import IntegrityError, SourceError
from rootforensics.ingest.read import hash_pieces
from rootforensics.sources.find import evidence_opener
from rootforensics.sources.local import FoundObject, describe_os_error, find_objects, is_below, path_of_uri
from rootforensics.sources.names import SIDECAR_SUFFIX
from rootforensics.sources.objects import FetchError
from rootforensics.sources.s3.address import is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from rootforensics.custody.manifest import Item
    from rootforensics.sources.objects import SourceObject
    from rootforensics.sources.s3.connection import S3Options

State = Literal["same", "changed", "missing", "unsigned", "extra", "unread"]
#: In the order in which they are told.
STATES: Final[tuple[State, ...]] = ("changed", "missing", "unsigned", "extra", "unread", "same")


@dataclass(frozen=True, slots=True)
class Compared:
    """One object of evidence, or one file that is none.

    Attributes:
        state: ``same``, ``changed``, ``missing``, ``unsigned`` (its content is here, what S3 kept with it is not),
            ``extra`` (here and not in the manifest) or ``unread``.
        uri: as the manifest has it; of an extra file its own.
        reason: what is wrong.
        place: URI of where its content lies now, if it does.
    """

    state: State
    uri: str
    reason: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """What was found of a manifest and its evidence.

    Attributes:
        objects: the evidence, archives in place of their members, and what is not in the manifest.
        problems: with signature and chain of custody, a sentence each.
        signer: fingerprint of the key whose signature fits; empty without one.
        is_signer_known: True if this is the public key that was given.
        head: the hash of the last row of the chain of custody.
        sha256: of what is signed: of a manifest, or of ``SHA256SUMS`` in a zip file.
        verdicts: those of ``verify`` that the manifest lists, with their numbers.
        skipped: what of the case in a zip file should have been compared and could not be, a sentence each.
        not_compared: what of the case in a zip file this check does not compare, a sentence each.
    """

    objects: tuple[Compared, ...]
    problems: tuple[str, ...]
    signer: str
    is_signer_known: bool
    head: str
    sha256: str
    verdicts: dict[str, int]
    skipped: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """True if nothing is wrong, everything could be compared, and every object is the same."""
        return not self.problems and not self.skipped and all(one.state == "same" for one in self.objects)

    def counts(self) -> dict[State, int]:
        """How many objects have each state, without those that none has."""
        numbers = {state: sum(one.state == state for one in self.objects) for state in STATES}
        return {state: number for state, number in numbers.items() if number}


def check_manifest(
    path: str | PathLike[str],
    folder: str | PathLike[str] | None = None,
    public_key: str | PathLike[str] | None = None,
    s3: S3Options | None = None,
) -> EvidenceCheck:
    """Check a manifest, and the evidence that it lists.

    Args:
        path: the manifest; its signature lies beside it.
        folder: in which the evidence lies now, moved or renamed as may be; None for where it was loaded from, S3 too.
        public_key: file of the key that must have signed it.
        s3: how to connect to S3.

    Raises:
        IntegrityError: the file is no manifest or was changed, or the public key cannot be read.
    """
    content = read_file(path)
    manifest = read_manifest(content, path)
    signature = Path(f"{os.fspath(path)}{SIGNATURE_SUFFIX}")
    signer, problems = check_signature(content, read_file(signature) if signature.exists() else None, public_key)
    problems += content_problems(manifest)
    if problems:
        objects: Iterable[Compared] = ()  # places that nobody answers for are not looked at
    else:
        objects = compare(manifest, folder, s3, (Path(path), signature))
    sha256 = hashlib.sha256(content).hexdigest()
    return checked(manifest, objects, problems, sha256, signer, public_key)


def checked(
    manifest: Manifest,
    objects: Iterable[Compared],
    problems: Iterable[str],
    sha256: str,
    signer: str = "",
    public_key: str | PathLike[str] | None = None,
) -> EvidenceCheck:
    """What was found, with what the manifest says itself; the arguments are those of the functions beside it."""
    is_known = bool(signer and public_key)
    return EvidenceCheck(tuple(objects), tuple(problems), signer, is_known, manifest.head, sha256, manifest.verdicts)


def check_signature(
    content: bytes, signature: bytes | None, public_key: str | PathLike[str] | None
) -> tuple[str, list[str]]:
    """Whose signature fits, and what is wrong with it.

    Args:
        content: what was signed.
        signature: None if there is none, which is wrong only if a public key was given.
        public_key: file of the key that must have signed.
    """
    wanted = fingerprint_in(public_key) if public_key else ""
    if signature is None:
        return "", ["there is no signature to check with the public key"] if wanted else []
    try:
        signer = signer_of(content, signature)
    except IntegrityError as error:
        return "", [str(error)]
    if wanted and signer != wanted:
        return "", [f"a different key signed it: {signer}, not {wanted}"]
    return signer, []


def content_problems(manifest: Manifest) -> list[str]:
    """What is wrong with the chain of custody, and whether it ends at this evidence list."""
    problems = chain_problems(manifest.custody)
    if manifest.evidence_sha256 != manifest.list_hash:
        problems.append("the evidence list was changed: its hash does not match")
    if manifest.custody and manifest.custody[-1].evidence_sha256 != manifest.list_hash:
        problems.append("the evidence list differs from the last entry of the chain of custody")
    return problems


def outermost(manifest: Manifest) -> list[Item]:
    """The evidence that lies there by itself; members lie in archives."""
    return [one for one in manifest.evidence if one.archive_id is None]


#: Objects of S3 are small, so waiting for answers takes longer than the bytes do.
_AT_ONCE: Final = 32
#: What S3 says of an object, or a version of it, that is not there; anything else says nothing of that.
_GONE: Final = ("NoSuchKey", "NoSuchVersion")
_UNREAD: Final = "its hash is unknown, because it was not read completely when it was loaded"


def compare(
    manifest: Manifest, folder: str | PathLike[str] | None, s3: S3Options | None, aside: Sequence[Path] = ()
) -> list[Compared]:
    """The evidence of a manifest, as it lies now, and what else lies there.

    Args:
        manifest: lists it.
        folder: in which it lies; None for where it was loaded from.
        s3: how to connect to S3.
        aside: files of the folder that are no evidence.

    Raises:
        IntegrityError: there is no such folder.
    """
    return _at_their_places(manifest, s3) if folder is None else _in_folder(manifest, Path(folder), aside)


def _at_their_places(manifest: Manifest, s3: S3Options | None) -> list[Compared]:
    with evidence_opener(s3) as opened, ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(partial(_at_its_place, opened), outermost(manifest)))


def _at_its_place(opened: Callable[[str, str | None], SourceObject], item: Item) -> Compared:
    if item.sha256 is None:
        return Compared("unread", item.uri, _UNREAD)
    try:
        if not is_address(item.uri) and not Path(path_of_uri(item.uri)).is_file():
            return Compared("missing", item.uri)
        now = hash_pieces((source := opened(item.uri, item.version_id)).pieces())
        kept = source.s3_metadata
    except (SourceError, FetchError) as error:
        is_gone = any(f"({code})" in str(error) for code in _GONE)
        return Compared("missing", item.uri) if is_gone else Compared("unread", item.uri, str(error))
    except OSError as error:
        return Compared("unread", item.uri, describe_os_error(error))
    return _same(item, {item.uri: kept}) if now == item.sha256 else Compared("changed", item.uri, _changed(now))


def _same(item: Item, places: Mapping[str, dict[str, str]]) -> Compared:
    """What there is to say of an object whose content lies at some places, by what S3 kept with each."""
    wanted = json.loads(item.s3_metadata or "{}")
    signed = [place for place, kept in places.items() if not wanted or kept == wanted]
    told = signed or [*places]
    place = item.uri if item.uri in told else told[0]
    return Compared("same" if signed else "unsigned", item.uri, place=place)


def _changed(now: str) -> str:
    return f"its SHA-256 is now {now}"


def _in_folder(manifest: Manifest, folder: Path, aside: Sequence[Path]) -> list[Compared]:
    """The evidence as it lies below a folder, told by its content; a name tells only what was changed."""
    if not folder.is_dir():
        raise IntegrityError("the folder does not exist", where=str(folder))
    others = {os.path.realpath(one) for one in aside}
    files = [one for one in find_objects([folder], stays_within=True) if os.path.realpath(one.path) not in others]
    with ThreadPoolExecutor() as pool:
        hashes = dict(zip((file.uri for file in files), pool.map(_hash, files), strict=True))
    by_uri = {one.uri: one for one in files}
    by_hash, by_name = defaultdict(list), defaultdict(list)
    for uri, (sha256, _) in hashes.items():
        by_hash[sha256].append(uri)
        by_name[_name(uri)].append(uri)
    items = outermost(manifest)
    known = {one.sha256: one.uri for one in items}
    own = _own_files(items, folder, by_uri)
    met = {uri for sha256 in known if sha256 for uri in by_hash[sha256]}
    found = []
    for item in items:
        other = next((uri for uri in by_name[_name(item.uri)] if uri not in met), "")
        if item.sha256 is None:
            found.append(Compared("unread", item.uri, _UNREAD))
        elif places := by_hash[item.sha256]:
            there = own.get(item.uri, places[0])
            if there in places or hashes[there][0] not in known:
                found.append(_same(item, {uri: _kept_with(by_uri[uri], folder) for uri in places}))
            else:
                reason = f"its name has the content of {known[hashes[there][0]]}; its own content is at {places[0]}"
                found.append(Compared("changed", item.uri, reason, place=places[0]))
            continue
        elif other and hashes[other][1]:
            found.append(Compared("unread", item.uri, hashes[other][1]))
        elif other:
            found.append(Compared("changed", item.uri, _changed(hashes[other][0])))
        else:
            found.append(Compared("missing", item.uri))
        met.add(other)
    return [*found, *(Compared("extra", uri, reason) for uri, (_, reason) in hashes.items() if uri not in met)]


def _kept_with(found: FoundObject, folder: Path) -> dict[str, str]:
    """What the sidecar of a file says, unless it is a link out of the folder."""
    return found.s3_metadata if is_below(f"{found.path}{SIDECAR_SUFFIX}", os.path.realpath(folder)) else {}


def _own_files(items: Sequence[Item], folder: Path, files: Iterable[str]) -> dict[str, str]:
    """The file that an object is by its name: that of the object alone ends in the file's path below the folder."""
    ends: dict[str, set[str]] = defaultdict(set)
    for item in items:
        parts = unquote(item.uri).split("/")
        for start in range(1, len(parts)):
            ends["/".join(parts[start:])].add(item.uri)
    top = len(unquote(FoundObject(os.path.abspath(folder)).uri)) + 1  # noqa: PTH100 - links stay
    own: dict[str, str] = {}
    for uri in files:
        meant = ends.get(unquote(uri)[top:], set())
        if len(meant) == 1:
            own[next(iter(meant))] = uri
    return own


def _hash(found: FoundObject) -> tuple[str, str]:
    """The hash of a file, or nothing and why."""
    if not found.readable:
        return "", found.problem
    try:
        return hash_pieces(found.pieces()), ""
    except OSError as error:
        return "", describe_os_error(error)


def _name(uri: str) -> str:
    return unquote(uri.rsplit("/", 1)[-1])
