"""A case is handed over as one zip file: the same content, the same bytes; whoever takes it can check every one of them."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import click
import duckdb
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.custody.bundle import evidence_name
from rootforensics.errors import IntegrityError
from rootforensics.notebooks.index import index_page
from tests.custody.conftest import LOGS
from tests.custody.test_manifest import _spoiled, _write_keys
from tests.integrity.bucket import Chain, key, write, write_keys
from tests.seeds import seeds


@pytest.fixture(autouse=True)
def _quick_report(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A report takes seconds; what it holds is none of these tests' business, but for one."""
    if "whole_report" not in request.fixturenames:
        monkeypatch.setattr(
            "rootforensics.reports.html.render_report", lambda *_, **how: f"<p>{how.get('produced_time')}</p>"
        )
        monkeypatch.setattr(rf.Case, "analysis", lambda *_, **__: None)


@pytest.fixture
def whole_report() -> None:
    """Asks for the report as it is."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ed25519", "other"):
        _write_keys(folder, name, Ed25519PrivateKey.generate())
    return folder


@pytest.fixture
def packed(case: rf.Case, keys: Path, tmp_path: Path) -> Path:
    """The case, packed and signed."""
    assert case.pack(tmp_path / "case.zip", sign=keys / "ed25519").is_proven
    case.close()
    return tmp_path / "case.zip"


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as opened:
        return opened.namelist()


@pytest.mark.heavy
def test_it_holds_case_evidence_manifest_and_report_as_they_are(
    packed: Path, loaded: Path, keys: Path, tmp_path: Path
) -> None:
    found = rf.check_bundle(packed, keys / "ed25519.pub", tmp_path / "out")
    assert (found.is_proven, found.is_signer_known, found.counts()) == (True, True, {"same": 3})
    for name in LOGS:
        content = (loaded / "logs" / name).read_bytes()
        kept = tmp_path / "out" / "evidence" / hashlib.sha256(content).hexdigest() / Path(name).name
        assert kept.read_bytes() == content
    with rf.open_case(tmp_path / "out" / "case.duckdb") as case:
        assert [row["command"] for row in case.custody().rows] == ["load"]
        assert case.verify_custody(found.head).is_whole
    ran = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True, check=True
    )
    assert ran.stdout.count(": OK") == 6
    again = rf.check_manifest(tmp_path / "out" / "manifest.json", tmp_path / "out" / "evidence")
    assert again.counts() == {"same": 3}


@pytest.mark.heavy
def test_the_same_case_gives_the_same_bytes_whatever_the_clock_says(
    loaded: Path, case: rf.Case, tmp_path: Path
) -> None:
    case.pack(tmp_path / "a.zip")
    case.close()
    shutil.copy(loaded / "case.duckdb", case.path)
    os.utime(case.path, (0, 0))
    case.pack(tmp_path / "b.zip", evidence=shutil.copytree(loaded / "logs", tmp_path / "moved"))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_evidence_that_is_gone_or_changed_is_told_and_left_out(case: rf.Case, loaded: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(loaded / "logs", tmp_path / "copied")
    (copied / LOGS[0]).write_bytes(b"other")
    (copied / LOGS[1]).unlink()
    (copied / "more.json").write_bytes(b"{}")
    found = case.pack(tmp_path / "case.zip", evidence=copied)
    assert ([one.state for one in found.objects], found.is_proven) == (["changed", "missing", "same"], False)
    checked = rf.check_bundle(tmp_path / "case.zip", out=tmp_path / "out")
    assert [one.state for one in checked.objects] == ["missing", "missing", "same"]
    assert not checked.is_proven
    assert (tmp_path / "out" / "case.duckdb").is_file()


@pytest.mark.heavy
def test_what_preserve_kept_beside_an_object_goes_with_it(tmp_path: Path) -> None:
    write(tmp_path / "logs", Chain(count=2).stored)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.pack(tmp_path / "case.zip")
    assert rf.check_bundle(tmp_path / "case.zip", out=tmp_path / "out").is_proven
    with rf.open_case(tmp_path / "again.duckdb") as case:
        case.load(tmp_path / "out" / "evidence")
        assert case.verify(write_keys(tmp_path / "keys.json", [key()])).is_proven


def test_saved_notebooks_of_the_case_go_along(case: rf.Case, tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    index = index_page("Case", case.custody().rows[-1]["sha256"], {}, [], [], {})
    files = {"index.html": index, "02_runs.ipynb": "{}", "02_runs.html": "<p>", "my own.ipynb": "{}", "keys.json": "{}"}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    case.log_act("notebook")
    case.pack(tmp_path / "case.zip", notebooks=folder)
    case.close()
    check = rf.check_bundle(tmp_path / "case.zip", out=tmp_path / "out")
    assert (not check.problems, check.counts()) == (True, {"same": 3})
    unpacked = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "notebooks").iterdir()}
    assert unpacked == {
        "index.html": index, "02_runs.ipynb": "{}", "02_runs.html": "<p>", "my%20own.ipynb": "{}"
    }  # fmt: skip


def test_notebooks_of_another_case_or_without_an_index_are_refused(case: rf.Case, tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    with pytest.raises(IntegrityError, match=r"the folder has no index\.html of notebook --html"):
        case.pack(tmp_path / "case.zip", notebooks=folder)
    (folder / "index.html").write_text(index_page("Case", "0" * 64, {}, [], [], {}), encoding="utf-8")
    with pytest.raises(IntegrityError, match="these notebooks were run on another case"):
        case.pack(tmp_path / "case.zip", notebooks=folder)
    assert not (tmp_path / "case.zip").exists()


def test_another_key_does_not_pass(packed: Path, keys: Path, tmp_path: Path) -> None:
    found = rf.check_bundle(packed, keys / "other.pub", tmp_path / "out")
    assert found.problems[0].startswith("a different key signed it: SHA256:")
    assert not (tmp_path / "out").exists()


@seeds(120)
def _no_change_goes_unnoticed(seed: int, whole: bytes, path: Path, out: Path) -> None:
    chance = random.Random(seed)
    content = _spoiled(whole, chance) if seed % 3 else _spoiled(whole[-3_000:], chance)
    content = content if seed % 3 else whole[:-3_000] + content
    if content == whole:
        return
    path.write_bytes(content)
    with pytest.raises(rf.IntegrityError):
        rf.check_bundle(path, out=out)
    assert not out.exists()


def test_no_change_of_any_byte_goes_unnoticed_signed_or_not(case: rf.Case, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.write_bytes(b"a case file is large, and has no part in this")
    case.pack(tmp_path / "case.zip")
    _pack_again(tmp_path / "case.zip", {"case.duckdb": small.read_bytes()})
    _no_change_goes_unnoticed(
        whole=(tmp_path / "case.zip").read_bytes(), path=tmp_path / "spoiled.zip", out=tmp_path / "out"
    )


def _pack_again(path: Path, contents: dict[str, bytes]) -> None:
    """Pack other members in the very form, as somebody may who has this package and no key."""
    from rootforensics.custody.bundle import SUMS, member_of, write_bundle

    with zipfile.ZipFile(path) as opened:
        held = {name: opened.read(name) for name in opened.namelist() if not name.startswith(SUMS)}
    with path.open("wb") as file:
        write_bundle(file, {name: member_of(content) for name, content in {**held, **contents}.items()}, None)


def test_a_member_that_was_changed_after_packing_is_said_to_be(packed: Path) -> None:
    from rootforensics.custody.bundle import _write, member_of

    with zipfile.ZipFile(packed) as opened:
        members = {name: member_of(opened.read(name)) for name in opened.namelist()}
    with packed.open("wb") as file:  # in the very form, with checksums that fit
        _write(file.write, members | {"report.html": member_of(b"<p>nothing happened")})
    with pytest.raises(IntegrityError, match=r"report\.html was changed or damaged after it was packed.*Nothing was"):
        rf.check_bundle(packed)


@pytest.mark.heavy
def test_who_packs_anew_without_the_key_does_not_pass_for_who_has_it(packed: Path, keys: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        [report] = [opened.read(name) for name in opened.namelist() if name == "report.html"]
    kept = rf.check_bundle(packed)
    assert kept.sha256 == hashlib.sha256(_read(packed, "SHA256SUMS")).hexdigest()
    _pack_again(packed, {"report.html": report + b"<p>nothing happened"})
    anew = rf.check_bundle(packed)
    assert anew.is_proven  # without a signature only what was kept elsewhere tells
    assert (anew.head, anew.sha256 == kept.sha256) == (kept.head, False)
    found = rf.check_bundle(packed, keys / "ed25519.pub")
    assert found.problems == ("there is no signature to check with the public key",)


def _read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as opened:
        return opened.read(name)


ANOTHER = {
    "DELETE FROM events": "case.duckdb: the case has 0 duplicates, 0 events",
    "UPDATE evidence SET content_sha256 = NULL, status = 'empty'": "case.duckdb: the evidence list changed after",
    "DROP TABLE custody": "case.duckdb: it cannot be compared with the manifest (",
    "UPDATE case_info SET content = '1' WHERE name = 'format'": "case.duckdb: it cannot be compared with the manifest (",
}


@pytest.mark.heavy
def test_the_case_in_it_must_be_that_of_the_manifest(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    for statement, said in ANOTHER.items():
        packed.write_bytes(whole)
        edited = tmp_path / "edited.duckdb"
        edited.write_bytes(_read(packed, "case.duckdb"))
        with duckdb.connect(str(edited)) as connection:
            connection.execute(statement)
        _pack_again(packed, {"case.duckdb": edited.read_bytes()})
        found = rf.check_bundle(packed, out=tmp_path / "out")
        assert found.problems[0].startswith(said), (statement, found.problems)
        assert not found.is_proven
        assert not (tmp_path / "out").exists()
    _pack_again(packed, {"case.duckdb": b"no case"})
    assert rf.check_bundle(packed).problems[0].startswith("case.duckdb: it cannot be compared with the manifest (")


def test_the_check_says_that_events_were_not_compared_with_their_evidence(packed: Path) -> None:
    [text, *_] = rf.check_bundle(packed).not_compared
    assert text.startswith("case.duckdb: ")
    assert text.endswith("(custody CASE --verify --with-evidence does this)")


@pytest.mark.heavy
def test_another_case_with_a_chain_of_its_own_is_not_that_of_the_manifest(packed: Path, case: rf.Case) -> None:
    case.note("2026-08-05", "later")
    case.close()
    _pack_again(packed, {"case.duckdb": case.path.read_bytes()})
    assert rf.check_bundle(packed).problems == ("case.duckdb: the manifest was made from a different case",)


def test_a_case_that_is_not_as_its_chain_says_is_packed_and_told(case: rf.Case, tmp_path: Path) -> None:
    with duckdb.connect(str(case.path)) as edited:
        edited.execute("DELETE FROM events")
    found = case.pack(tmp_path / "case.zip")
    assert found.problems[0].startswith("the case has 0 duplicates, 0 events")
    assert not found.is_proven


def test_evidence_in_the_zip_file_that_the_manifest_does_not_list_is_told(packed: Path) -> None:
    _pack_again(packed, {f"evidence/{'0' * 64}/planted.json": b"{}"})
    found = rf.check_bundle(packed)
    assert [(one.state, one.uri) for one in found.objects][-1] == ("extra", f"evidence/{'0' * 64}/planted.json")
    assert not found.is_proven


def _info(name: str, mode: int = stat.S_IFREG | 0o644, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr, info.compress_type = mode << 16, compression
    return info


HOSTILE: dict[str, tuple[zipfile.ZipInfo, bytes, str]] = {
    "path": (_info("../../escaped"), b"x", "which pack does not write"),
    "path below evidence": (_info(f"evidence/{'0' * 64}/../../../escaped"), b"x", "which pack does not write"),
    "path below notebooks": (_info("notebooks/../escaped"), b"x", "which pack does not write"),
    "parent of notebooks": (_info("notebooks/.."), b"x", "which pack does not write"),
    "parent": (_info(f"evidence/{'0' * 64}/.."), b"x", "which pack does not write"),
    "absolute path": (_info("/etc/escaped"), b"x", "which pack does not write"),
    "backslash": (_info("evidence\\..\\escaped"), b"x", "which pack does not write"),
    "link": (_info(f"evidence/{'0' * 64}/link", stat.S_IFLNK | 0o777), b"/etc/passwd", "not a file; pack stores"),
    "folder": (_info("evidence/"), b"", "which pack does not write"),
    "bomb": (_info(f"evidence/{'0' * 64}/bomb", compression=zipfile.ZIP_DEFLATED), bytes(50_000_000), "is compressed"),
    "twice": (_info("manifest.json"), b"{}", "a name twice"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_zip_file_is_refused_before_anything_is_unpacked(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    for name, (info, content, said) in HOSTILE.items():
        packed.write_bytes(whole)
        with zipfile.ZipFile(packed, "a") as opened:
            opened.writestr(info, content)
        with pytest.raises(rf.IntegrityError, match=said) as refused:
            rf.check_bundle(packed, out=tmp_path / "out")
        assert "\n" not in str(refused.value), name
        assert not (tmp_path / "out").exists(), name
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.quick(2)
@pytest.mark.parametrize("gone", ["manifest.json", "case.duckdb", "report.html", "SHA256SUMS"])
def test_what_lacks_a_part_is_refused(gone: str, packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as opened, zipfile.ZipFile(tmp_path / "lacking.zip", "w") as lacking:
        for info in opened.infolist():
            if info.filename != gone:
                lacking.writestr(info, opened.read(info))
    with pytest.raises(rf.IntegrityError, match=f"{gone} missing"):
        rf.check_bundle(tmp_path / "lacking.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"no zip", b"PK\x03\x04" + bytes(100)])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(content)
    with pytest.raises(rf.IntegrityError, match=r"not a zip file written by pack|missing|damaged"):
        rf.check_bundle(tmp_path / "case.zip")
    with pytest.raises(rf.IntegrityError, match=r"cannot read \(No such file or directory\)"):
        rf.check_bundle(tmp_path / "none.zip")


@pytest.mark.heavy
def test_a_folder_that_holds_something_is_left_as_it_is(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_bytes(b"mine")
    with pytest.raises(rf.StorageError, match="the folder is not empty"):
        rf.check_bundle(packed, out=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("file:///logs/a%20b.json.gz", "a%20b.json.gz"),
        ("s3://bucket/a/..", "object"),
        ("s3://bucket/folder/", "object"),
        ("s3://bucket/new\nline\\x", "new%0Aline%5Cx"),
        ("s3://bucket/é", "%C3%A9"),
        ("s3://bucket/" + "x" * 900 + ".gz", "x" * 197 + ".gz"),
    ],
)
def test_names_of_evidence_lead_nowhere_else(uri: str, name: str) -> None:
    assert evidence_name(uri, "ab" * 32) == f"evidence/{'ab' * 32}/{name}"


def _state(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Of all files and folders below a folder: bytes, mode, and times to the nanosecond."""
    found = {}
    for path in sorted(folder.rglob("*")):
        told = path.lstat()
        found[str(path)] = (
            told.st_mtime_ns,
            told.st_mode,
            told.st_size,
            told.st_ino,
            path.is_file() and path.read_bytes(),
        )
    return found


@pytest.mark.heavy
def test_the_evidence_is_never_written_to(loaded: Path, tmp_path: Path, keys: Path) -> None:
    logs = shutil.copytree(loaded / "logs", tmp_path / "logs")
    write(logs, Chain(count=2).stored)
    for path in logs.rglob("*"):
        os.utime(path, ns=(10**18, 10**18 + 1))
    before = _state(logs)
    public = write_keys(tmp_path / "keys.json", [key()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(logs)
        case.verify(public)
        case.report(tmp_path / "report.html")
        case.raw("root-0")
        case.manifest(tmp_path / "manifest.json", sign=keys / "ed25519")
        case.pack(tmp_path / "case.zip")
    rf.check_manifest(tmp_path / "manifest.json", logs)
    rf.check_bundle(tmp_path / "case.zip", out=tmp_path / "unpacked")
    assert _state(logs) == before


@pytest.mark.usefixtures("whole_report")
@pytest.mark.heavy
def test_triage_writes_nothing_to_the_evidence_and_reports_are_the_same_each_time(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.reports.triage.render_report", lambda *_, **__: "<p>a report</p>")
    logs = shutil.copytree(loaded / "logs", tmp_path / "logs")
    before = _state(logs)
    done = CliRunner().invoke(cli, ["triage", str(logs), "--out", str(tmp_path / "out")], standalone_mode=False)
    assert done.exception is None
    packed = []
    for name in ("a", "b"):
        with rf.open_case(shutil.copy(tmp_path / "out" / "case.duckdb", tmp_path / f"{name}.duckdb")) as case:
            case.pack(tmp_path / f"{name}.zip")
        packed.append((tmp_path / f"{name}.zip").read_bytes())
    assert packed[0] == packed[1]
    assert b"Chain of custody" in packed[0]
    assert _state(logs) == before


def test_the_commands_pack_check_and_unpack(case: rf.Case, keys: Path, tmp_path: Path) -> None:
    def run(*words: object) -> Any:
        return CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)

    case.close()
    path = tmp_path / "case.zip"
    assert run("pack", case.path, "--out", path, "--sign", keys / "ed25519").return_value == 0
    assert json.loads(case.custody().rows[-1]["parameters"])["out"] == str(path)
    checked = run("pack", "--check", path, "--public-key", keys / "ed25519.pub")
    assert (checked.return_value, checked.stdout.splitlines()[0]) == (0, "same: 3")
    assert "Signed by the given key" in checked.stdout
    sums = hashlib.sha256(_read(path, "SHA256SUMS")).hexdigest()
    assert f"Keep this SHA-256 of SHA256SUMS elsewhere. A replaced file has a different one: {sums}" in " ".join(
        checked.stdout.split()
    )
    assert run("pack", "--check", path, "--out", tmp_path / "out", "--public-key", keys / "other.pub").return_value == 3
    assert not (tmp_path / "out").exists()
    assert run("pack", "--check", path, "--out", tmp_path / "out").return_value == 0
    assert {one.name for one in (tmp_path / "out").iterdir()} == {
        *("case.duckdb", "evidence", "manifest.json", "report.html", "SHA256SUMS", "SHA256SUMS.sig")
    }
    for wrong in ((), (case.path,), (case.path, "--check", path), (case.path, "--out", path, "--public-key", path)):
        assert isinstance(run("pack", *wrong).exception, click.UsageError), wrong
