"""A case with its evidence, manifest, report and notebooks in one zip file: the same content gives the same bytes.

Members are stored as they are, in order of their names, each with the same time and mode. So a zip file is whole if it
is, byte for byte, what its own members give when they are packed again by their hashes in ``SHA256SUMS``; no other is
taken. The case in it must be the one of which the manifest was made.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Final, NoReturn
from urllib.parse import quote

import duckdb

from rootforensics.custody.chain import ChainCheck
from rootforensics.custody.check import Compared, EvidenceCheck, check_signature, checked, content_problems, outermost
from rootforensics.custody.manifest import encoded, manifest_of, read_manifest
from rootforensics.custody.signing import SIGNATURE_SUFFIX
from rootforensics.engines.duckdb import first_line
from rootforensics.errors import IntegrityError, RootForensicsError, StorageError
from rootforensics.sources.local import local_path
from rootforensics.sources.names import SIDECAR_SUFFIX, begins_like_sidecar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from os import PathLike

    from rootforensics.custody.keeping import Keeping
    from rootforensics.custody.manifest import Manifest
    from rootforensics.sources.objects import SourceObject

    Opens = Callable[[Path], Keeping]

CASE: Final = "case.duckdb"
MANIFEST: Final = "manifest.json"
REPORT: Final = "report.html"
#: Hashes of all other members, as ``sha256sum`` writes and checks them; this is what is signed.
SUMS: Final = "SHA256SUMS"
_SIGNATURE: Final = f"{SUMS}{SIGNATURE_SUFFIX}"
_NEEDED: Final = (CASE, MANIFEST, REPORT, SUMS)
_EVIDENCE: Final = re.compile(r"evidence/[0-9a-f]{64}/(?!\.{1,2}$)[A-Za-z0-9_.~%-]{1,240}")
_NOTEBOOK: Final = re.compile(r"notebooks/(?!\.{1,2}$)[A-Za-z0-9_.~%-]{1,240}")
#: What ``notebook --html`` writes to the index of its folder: the last hash of the chain before the run.
_INDEX: Final = re.compile(rb"<!-- rootforensics: index ([0-9a-f]{64}) -->")
_OTHERS: Final = (*_NEEDED, f"{CASE}.wal", _SIGNATURE)
_LONGEST_NAME: Final = 200
_INDEX_BYTES: Final = 4096
_PIECE_BYTES: Final = 1024 * 1024
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3


@dataclass(frozen=True, slots=True)
class Member:
    """What a zip file is to hold: its size, its hash, and what gives its bytes in pieces."""

    size_bytes: int
    sha256: str
    pieces: Callable[[], Iterable[bytes]]


def member_of(content: bytes) -> Member:
    """Bytes as a member."""
    return Member(len(content), hashlib.sha256(content).hexdigest(), lambda: (content,))


def member_of_file(path: Path) -> Member:
    """A file as a member.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(path.stat().st_size, sha256, lambda: _pieces_of(path.open("rb")))


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def gather(
    case: Path,
    manifest: Manifest,
    report: str,
    objects: Iterable[Compared],
    opened: Callable[[str, str | None], SourceObject],
) -> dict[str, Member]:
    """What a zip file of a case is to hold.

    Args:
        case: the case file, which nobody changes meanwhile.
        manifest: of the case.
        report: the page.
        objects: what ``compare`` found of the manifest's evidence; that whose content is there goes in.
        opened: opens it, as ``evidence_opener`` gives it.

    Raises:
        OSError: a file cannot be read.
    """
    members = {
        CASE: member_of_file(case),
        MANIFEST: member_of(encoded(manifest)),
        REPORT: member_of(report.encode()),
    }
    log = case.with_name(f"{case.name}.wal")
    if log.exists():
        members[f"{CASE}.wal"] = member_of_file(log)
    for item, found in zip(outermost(manifest), objects, strict=False):
        if found.place and item.sha256:
            version_id = item.version_id if found.place == item.uri else None
            name = evidence_name(item.uri, item.sha256)
            source = opened(found.place, version_id)
            members[name] = Member(item.size_bytes or 0, item.sha256, source.pieces)
            sidecar = Path(f"{local_path(source)}{SIDECAR_SUFFIX}")
            if local_path(source) and sidecar.is_file() and begins_like_sidecar(sidecar.read_bytes()):
                members[f"{name}{SIDECAR_SUFFIX}"] = member_of_file(sidecar)
    return members


def notebook_members(folder: Path, manifest: Manifest) -> dict[str, Member]:
    """The saved notebooks of a folder and their pages, with the index.

    Args:
        folder: the folder that ``notebook --html`` wrote.
        manifest: of the case.

    Raises:
        IntegrityError: the folder has no index, or its notebooks were run on another case.
        OSError: a file cannot be read.
    """
    index = folder / "index.html"
    hint = "Run: rootforensics notebook CASE --out FOLDER --html"
    if not index.is_file() or not (written := _INDEX.search(index.read_bytes()[:_INDEX_BYTES])):
        raise IntegrityError("the folder has no index.html of notebook --html", where=str(folder), hint=hint)
    if written[1].decode() not in {entry.sha256 for entry in manifest.custody}:
        raise IntegrityError("these notebooks were run on another case", where=str(folder), hint=hint)
    files = (path for path in folder.iterdir() if path.suffix in (".html", ".ipynb") and path.is_file())
    return {f"notebooks/{quote(path.name, safe='')[-_LONGEST_NAME:]}": member_of_file(path) for path in files}


def evidence_name(uri: str, sha256: str) -> str:
    """The name of an object of evidence in the zip file: below its hash, as it was called."""
    name = quote(uri.rsplit("/", 1)[-1], safe="%")[-_LONGEST_NAME:]
    return f"evidence/{sha256}/{'object' if name in ('', '.', '..') else name}"


def sums_of(hashes: Mapping[str, str]) -> bytes:
    """The content of ``SHA256SUMS``, from the hashes of members by name."""
    listed = sorted((name, sha256) for name, sha256 in hashes.items() if name not in (SUMS, _SIGNATURE))
    return "".join(f"{sha256}  {name}\n" for name, sha256 in listed).encode()


def write_bundle(file: IO[bytes], members: Mapping[str, Member], sign: Callable[[bytes], bytes] | None) -> str:
    """Write a zip file.

    Args:
        file: takes the bytes in order.
        members: by name, without the sums.
        sign: signs the sums; None for no signature.

    Returns:
        SHA-256 of the sums.

    Raises:
        IntegrityError: a member is not, or no longer, what its hash says.
        OSError: one cannot be read, or the file cannot be written.
    """
    sums = sums_of({name: member.sha256 for name, member in members.items()})
    more = {SUMS: member_of(sums)} | ({_SIGNATURE: member_of(sign(sums))} if sign else {})
    if changed := _write(file.write, {**members, **more}):
        raise IntegrityError("it changed while it was packed", where=changed, hint="Run the same command again")
    return more[SUMS].sha256


class _InOrder:
    """What a zip file is written to, and nothing goes back in: so its bytes do not depend on where they go."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, content: bytes) -> int:
        self._write(content)
        return len(content)

    def flush(self) -> None:
        """Nothing is held."""


def _write(write: Callable[[bytes], object], members: Mapping[str, Member]) -> str:
    """Write members as ``pack`` does; the name of the first that is not what its hash says, behind which nothing is."""
    with zipfile.ZipFile(_InOrder(write), "w", zipfile.ZIP_STORED) as made:  # type: ignore[call-overload]  # it is never closed
        for name, member in sorted(members.items()):
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system, info.external_attr, info.file_size = _UNIX, _MODE, member.size_bytes
            digest = hashlib.sha256()
            with made.open(info, "w") as target:
                for piece in member.pieces():
                    digest.update(piece)
                    target.write(piece)
            if digest.hexdigest() != member.sha256:
                return name
    return ""


def check(
    path: Path, public_key: str | PathLike[str] | None, out: str | PathLike[str] | None, open_case: Opens
) -> EvidenceCheck:
    """As ``rootforensics.check_bundle``, with what opens a case."""
    try:
        with zipfile.ZipFile(path) as opened:
            found = _check(opened, path, public_key, open_case)
            if out is not None and not found.problems:
                _unpack(opened, Path(out))
            return found
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise IntegrityError(f"cannot read ({error.strerror})", where=str(path)) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        with path.open("rb") as file:
            is_zip = file.read(4) == b"PK\x03\x04"
        problem = "it was changed or damaged after it was packed" if is_zip else "not a zip file written by pack"
        raise IntegrityError(problem, where=str(path)) from error


def _check(
    opened: zipfile.ZipFile, path: Path, public_key: str | PathLike[str] | None, open_case: Opens
) -> EvidenceCheck:
    members = _members(opened, path)
    digest = hashlib.sha256()
    if changed := _write(digest.update, members):
        _refuse(f"{changed} was changed or damaged after it was packed: its hash differs from {SUMS}", path)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest.hexdigest():
            _refuse("bytes were changed, added or removed between or within its members", path)
    sums, manifest = opened.read(SUMS), read_manifest(opened.read(MANIFEST), path / MANIFEST)
    signature = opened.read(_SIGNATURE) if _SIGNATURE in members else None
    signer, problems = check_signature(sums, signature, public_key)
    problems += content_problems(manifest)
    of_case = ChainCheck(0, "", ())
    if not problems:  # a case that nobody answers for is not opened
        of_case = _check_case(opened, manifest, open_case)
    objects = _compared(manifest, {name: member.sha256 for name, member in members.items()})
    found = [*problems, *(f"{CASE}: {text}" for text in of_case.problems)]
    made = checked(manifest, objects, found, members[SUMS].sha256, signer, public_key)
    skipped, not_compared = ([f"{CASE}: {text}" for text in part] for part in (of_case.skipped, of_case.not_compared))
    return replace(made, skipped=tuple(skipped), not_compared=tuple(not_compared))


def _check_case(opened: zipfile.ZipFile, manifest: Manifest, open_case: Opens) -> ChainCheck:
    """Check the custody of the case, and whether it is that of the manifest."""
    with TemporaryDirectory() as folder:
        for name in {CASE, f"{CASE}.wal"}.intersection(opened.namelist()):
            _lay_out(opened, name, Path(folder, name))
        case = open_case(Path(folder, CASE))
        try:
            chain = case.verify_custody()
            if chain.skipped and not chain.head and manifest.tool != case._loader():  # noqa: SLF001 - one package
                return chain  # another version packed a case of its own format
            is_same = encoded(manifest_of(case, manifest.tool)) == encoded(manifest)
        except (RootForensicsError, duckdb.Error, LookupError, TypeError, ValueError) as error:
            return ChainCheck(0, "", (f"it cannot be compared with the manifest ({first_line(error)})",))
        finally:
            case.close()
    if is_same:
        return chain
    return replace(chain, problems=(*chain.problems, "the manifest was made from a different case"))


def _members(opened: zipfile.ZipFile, path: Path) -> dict[str, Member]:
    """The members, each as ``SHA256SUMS`` lists it; what ``pack`` would not write is refused before it is read.

    Raises:
        IntegrityError: a name, a kind, a size, or a member that is missing or not listed.
    """
    infos = opened.infolist()
    for info in infos:
        if info.filename not in _OTHERS and not (
            _EVIDENCE.fullmatch(info.filename) or _NOTEBOOK.fullmatch(info.filename)
        ):
            _refuse(f"it contains {info.filename!r}, which pack does not write", path)
        if info.compress_type != zipfile.ZIP_STORED or info.external_attr != _MODE:
            _refuse(f"{info.filename} is compressed or not a file; pack stores uncompressed files", path)
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        _refuse("it contains a name twice", path)
    if missing := [name for name in _NEEDED if name not in names]:
        _refuse(f"{' and '.join(missing)} missing", path)
    if sum(info.file_size for info in infos) > path.stat().st_size:
        _refuse("its members overlap", path)
    sums = opened.read(SUMS)
    hashes = {name: sha256 for sha256, _, name in (line.partition("  ") for line in sums.decode().splitlines())}
    own = [name for name in names if name in (SUMS, _SIGNATURE)]
    if sums != sums_of(hashes) or {*hashes, *own} != set(names):
        _refuse(f"{SUMS} does not match the members: some were changed, added or removed", path)
    hashes |= {name: hashlib.sha256(opened.read(name)).hexdigest() for name in own}
    return {info.filename: _stored(opened, info, hashes[info.filename]) for info in infos}


def _stored(opened: zipfile.ZipFile, info: zipfile.ZipInfo, sha256: str) -> Member:
    return Member(info.file_size, sha256, lambda: _pieces_of(opened.open(info)))


def _refuse(problem: str, path: Path) -> NoReturn:
    raise IntegrityError(problem, where=str(path), hint="Nothing was unpacked")


def _compared(manifest: Manifest, hashes: Mapping[str, str]) -> Iterator[Compared]:
    """The evidence of the manifest by the names that it has in the zip file, and evidence that it does not list."""
    listed = set()
    for item in outermost(manifest):
        name = evidence_name(item.uri, item.sha256) if item.sha256 else ""
        listed |= {name, f"{name}{SIDECAR_SUFFIX}"}
        if not item.sha256:
            yield Compared("unread", item.uri, "it was not read completely when it was loaded")
        elif hashes.get(name) == item.sha256:
            yield Compared("same", item.uri, place=name)
        else:
            yield Compared("missing", item.uri, "it was not packed")
    for name in sorted(hashes):
        if _EVIDENCE.fullmatch(name) and name not in listed:
            yield Compared("extra", name)


def _unpack(opened: zipfile.ZipFile, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise StorageError("the folder is not empty", where=str(out), hint="Choose a new or empty folder")
        for info in opened.infolist():  # their names are those of pack
            target = out / info.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            _lay_out(opened, info.filename, target)
    except OSError as error:
        hint = "Choose another folder or free disk space; the files unpacked so far remain there"
        raise StorageError(f"cannot write ({error.strerror or error})", where=str(out), hint=hint) from error


def _lay_out(opened: zipfile.ZipFile, name: str, target: Path) -> None:
    with target.open("xb") as file:
        for piece in _pieces_of(opened.open(name)):
            file.write(piece)
