"""A manifest says what the evidence is, and whoever has it can check a copy: no change of either goes unnoticed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, root_event, write_log
from tests.custody.conftest import LOGS
from tests.integrity.bucket import Chain, Stored, fingerprint, key, write, write_keys
from tests.seeds import seeds
from tests.stand_ins.odd import Odd
from tests.stand_ins.s3_api import S3Api

SSH = shutil.which("ssh-keygen")
with_ssh = pytest.mark.skipif(SSH is None, reason="ssh-keygen is not installed")


def _write_keys(folder: Path, name: str, private: Any, password: bytes = b"") -> Path:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8 if password else serialization.PrivateFormat.OpenSSH
    content = private.private_bytes(serialization.Encoding.PEM, form, how)
    (folder / name).write_bytes(content)
    (folder / name).chmod(0o600)
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    (folder / f"{name}.pub").write_bytes(public + b" maria@example.com\n")
    return folder / name


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with SSH keys: ed25519, rsa and ec, and another of the first kind."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ed25519", "other"):
        _write_keys(folder, name, Ed25519PrivateKey.generate())
    _write_keys(folder, "rsa", key())
    _write_keys(folder, "ec", generate_private_key(SECP256R1()))
    _write_keys(folder, "locked", key(), b"a passphrase")
    return folder


@pytest.fixture
def signed(case: rf.Case, keys: Path) -> Path:
    """A signed manifest of the case."""
    path = case.path.with_name("manifest.json")
    case.manifest(path, sign=keys / "ed25519")
    return path


@pytest.fixture
def copied(loaded: Path, tmp_path: Path) -> Path:
    """The logs, copied to another folder."""
    return shutil.copytree(loaded / "logs", tmp_path / "copied")


def _states(found: rf.EvidenceCheck) -> list[tuple[str, str]]:
    return [(one.state, one.uri.rsplit("/", 1)[-1]) for one in found.objects]


def test_signatures_that_were_deleted_or_changed_beside_digest_files_are_told(tmp_path: Path) -> None:
    """In a copy, and where they were loaded from; one that lies beside a second copy is enough."""
    chain = Chain(3)
    write(tmp_path / "logs", chain.stored)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.manifest(tmp_path / "manifest.json")
    shutil.copytree(tmp_path / "logs", tmp_path / "copied")
    first, second = (tmp_path / "copied" / f"{digest.key}.s3.json" for digest in chain.digests[:2])
    first.unlink()
    second.write_text(second.read_text().replace(chain.digests[1].signature, chain.digests[0].signature))
    found = rf.check_manifest(tmp_path / "manifest.json", tmp_path / "copied")
    assert (found.is_proven, found.counts()) == (False, {"unsigned": 2, "same": 4})
    assert {one.uri.rsplit("/", 1)[-1] for one in found.objects if one.state == "unsigned"} == {
        one.name for one in chain.digests[:2]
    }
    write(tmp_path / "copied" / "more", chain.digests[:2])
    assert rf.check_manifest(tmp_path / "manifest.json", tmp_path / "copied").counts() == {"same": 6}
    (tmp_path / "logs" / f"{chain.digests[2].key}.s3.json").unlink()
    assert rf.check_manifest(tmp_path / "manifest.json").counts() == {"unsigned": 1, "same": 5}


def test_a_sidecar_that_is_a_pipe_or_a_link_out_of_the_folder_is_none(tmp_path: Path) -> None:
    chain = Chain(2)
    write(tmp_path / "logs", chain.stored)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.manifest(tmp_path / "manifest.json")
    shutil.copytree(tmp_path / "logs", tmp_path / "copied")
    first, second = (tmp_path / "copied" / f"{digest.key}.s3.json" for digest in chain.digests)
    first.unlink()
    os.mkfifo(first)
    second.rename(tmp_path / "outside")
    second.symlink_to(tmp_path / "outside")
    counts = rf.check_manifest(tmp_path / "manifest.json", tmp_path / "copied").counts()
    assert counts["unsigned"] == len(chain.digests)


def test_it_lists_the_evidence_as_it_lies_there_and_is_the_same_each_time(
    case: rf.Case, loaded: Path, tmp_path: Path
) -> None:
    case.manifest(tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_bytes())
    assert [(one["uri"], one["size_bytes"], one["sha256"]) for one in told["evidence"]] == [
        (path.as_uri(), path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in (loaded / "logs" / name for name in LOGS)
    ]
    assert [one["command"] for one in told["custody"]] == ["load"]
    row = case.custody().rows[-1]
    assert (row["command"], json.loads(row["parameters"])) == (
        "manifest",
        {"out": str(tmp_path / "a.json"), "sha256": told["sha256"]},
    )
    case.close()
    shutil.copy(loaded / "case.duckdb", case.path)
    case.manifest(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_copy_moved_and_renamed_is_the_same(signed: Path, copied: Path, keys: Path) -> None:
    (copied / "a.json.gz").rename(copied / "b" / "renamed")
    shutil.copy(copied / "b" / "renamed", copied / "again.json.gz")
    found = rf.check_manifest(signed, copied, keys / "ed25519.pub")
    assert _states(found) == [("same", "a.json.gz"), ("same", "b.json.gz"), ("same", "c.json.gz")]
    assert (found.is_proven, found.is_signer_known, found.problems) == (True, True, ())
    assert found.objects[0].place == (copied / "again.json.gz").as_uri()


def test_where_it_was_loaded_from_it_is_the_same(signed: Path, loaded: Path) -> None:
    found = rf.check_manifest(signed)
    assert found.counts() == {"same": 3}
    assert found.signer
    assert not found.is_signer_known
    (loaded / "logs" / "a.json.gz").rename(loaded / "away")
    try:
        assert rf.check_manifest(signed).counts() == {"missing": 1, "same": 2}
    finally:
        (loaded / "away").rename(loaded / "logs" / "a.json.gz")


def test_what_is_changed_missing_or_more_is_told(signed: Path, copied: Path) -> None:
    with (copied / "a.json.gz").open("ab") as file:
        file.write(b"\0")
    (copied / "b" / "b.json.gz").unlink()
    (copied / "more.json").write_bytes(b"{}")
    found = rf.check_manifest(signed, copied)
    assert _states(found) == [
        *(("changed", "a.json.gz"), ("missing", "b.json.gz"), ("same", "c.json.gz"), ("extra", "more.json")),
    ]
    now = hashlib.sha256((copied / "a.json.gz").read_bytes()).hexdigest()
    assert found.objects[0].reason == f"its SHA-256 is now {now}"
    assert not found.is_proven


def test_logs_that_were_exchanged_are_told_and_a_copy_under_other_names_is_the_same(signed: Path, copied: Path) -> None:
    """Whoever exchanges two logs of other Regions or days moves what happened there, and every hash is still there."""
    first, second = copied / "a.json.gz", copied / "b" / "b.json.gz"
    first.rename(copied / "held")
    second.rename(first)
    (copied / "held").rename(second)
    found = rf.check_manifest(signed, copied)
    assert _states(found) == [("changed", "a.json.gz"), ("changed", "b.json.gz"), ("same", "c.json.gz")]
    assert f"its name has the content of {found.objects[1].uri}" in found.objects[0].reason
    assert f"its own content is at {second.as_uri()}" in found.objects[0].reason
    assert not found.is_proven
    shutil.copy(second, copied / "a copy")  # its content is still not where its name says
    assert _states(rf.check_manifest(signed, copied))[0] == ("changed", "a.json.gz")
    names = [path for path in sorted(copied.rglob("*")) if path.is_file()]
    for number, path in enumerate(names):
        path.rename(copied / f"{number}")
    assert rf.check_manifest(signed, copied).is_proven


def test_logs_of_one_name_in_several_folders_may_be_laid_together(tmp_path: Path) -> None:
    for name in "ab":
        write_log(tmp_path, f"logs/{name}/log.json.gz", [event()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.manifest(tmp_path / "manifest.json")
    flat = tmp_path / "flat"
    flat.mkdir()
    shutil.copy(tmp_path / "logs/a/log.json.gz", flat)
    shutil.copy(tmp_path / "logs/b/log.json.gz", flat / "log (1).json.gz")
    assert rf.check_manifest(tmp_path / "manifest.json", flat).is_proven
    kept = (tmp_path / "logs/a/log.json.gz").read_bytes()
    shutil.copy(tmp_path / "logs/b/log.json.gz", tmp_path / "logs/a/log.json.gz")
    (tmp_path / "logs/b/log.json.gz").write_bytes(kept)
    assert rf.check_manifest(tmp_path / "manifest.json", tmp_path).counts()["changed"] == 2


def test_no_link_out_of_the_folder_is_followed(signed: Path, copied: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (copied / "a.json.gz").rename(outside / "a.json.gz")
    (outside / "secret").write_text("of somebody else")
    (copied / "a.json.gz").symlink_to(outside / "a.json.gz")
    (copied / "more").symlink_to(outside, target_is_directory=True)
    (copied / "up").symlink_to("..", target_is_directory=True)
    (copied / "within").symlink_to("b", target_is_directory=True)
    (copied / "again.json.gz").symlink_to(next(copied.rglob("c.json.gz")))
    found = rf.check_manifest(signed, copied)
    told = {(one.state, one.uri.rsplit("/", 1)[-1]): one.reason for one in found.objects}
    words = "a link that leads out of the folder; not followed"
    assert told[("unread", "a.json.gz")] == told[("extra", "more")] == told[("extra", "up")] == words
    assert {one for one in told if one[0] == "same"} == {("same", "b.json.gz"), ("same", "c.json.gz")}
    assert len(told) == 5
    linked = tmp_path / "linked"
    linked.symlink_to(copied, target_is_directory=True)
    assert rf.check_manifest(signed, linked).counts() == found.counts()


def test_manifest_and_signature_beside_the_evidence_are_none_of_it(signed: Path, copied: Path) -> None:
    for path in (signed, signed.with_name("manifest.json.sig")):
        shutil.copy(path, copied)
    assert rf.check_manifest(copied / "manifest.json", copied).is_proven


def test_evidence_that_was_not_read_to_its_end_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "gone.json").symlink_to(tmp_path / "nowhere")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.manifest(tmp_path / "manifest.json")
    for folder in (None, tmp_path / "logs"):
        found = rf.check_manifest(tmp_path / "manifest.json", folder)
        assert (_states(found), found.is_proven) == ([("unread", "gone.json")], False)


@pytest.mark.heavy
def test_members_of_archives_lie_in_their_archive(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    archive = shutil.make_archive(str(tmp_path / "logs"), "zip", tmp_path / "logs")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(archive)
        made = case.manifest(tmp_path / "manifest.json")
    assert [one.archive_id for one in made.evidence] == [None, 1]
    assert _states(rf.check_manifest(tmp_path / "manifest.json")) == [("same", "logs.zip")]


def test_a_verified_case_in_another_folder_is_verified_from_the_manifest_alone(tmp_path: Path, keys: Path) -> None:
    chain = Chain()
    write(tmp_path / "logs", chain.stored)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert case.verify(write_keys(tmp_path / "keys.json", [key()])).is_proven
        case.manifest(tmp_path / "manifest.json", sign=keys / "ed25519")
    there = tmp_path / "there"
    there.mkdir()
    for name in ("logs", "manifest.json", "manifest.json.sig"):
        shutil.move(tmp_path / name, there)
    (tmp_path / "case.duckdb").unlink()
    found = rf.check_manifest(there / "manifest.json", there / "logs", keys / "ed25519.pub")
    assert found.is_proven
    assert found.counts() == {"same": 12}
    told = json.loads((there / "manifest.json").read_bytes())
    assert {one["verdict"] for one in told["evidence"]} == {"verified"}
    assert found.verdicts == {"verified": 12}
    signatures = [json.loads(one["s3_metadata"])["signature"] for one in told["evidence"] if one["s3_metadata"]]
    assert sorted(signatures) == sorted(digest.signature for digest in chain.digests)
    assert (told["missing"], told["breaks"]) == ([], [])
    assert [one["command"] for one in told["custody"]] == ["load", "verify"]
    assert json.loads(told["custody"][1]["parameters"])["fingerprints"] == [fingerprint(key())]


@pytest.mark.heavy
def test_a_check_says_what_verify_had_found(tmp_path: Path) -> None:
    chain = Chain(3)
    chain.logs[0] = Stored(chain.logs[0].key, b'{"Records": []}')
    write(tmp_path / "logs", [*chain.logs[:2], *chain.digests])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.verify(write_keys(tmp_path / "keys.json", [key()]))
        case.manifest(tmp_path / "manifest.json")
    words = ["manifest", "--check", str(tmp_path / "manifest.json")]
    done = CliRunner().invoke(cli, words, standalone_mode=False)
    assert done.return_value == 0  # the evidence is what it was
    assert "\nResults of verify for digest files and logs: 1 missing, 1 modified, 4 verified.\n" in done.stdout


@pytest.fixture
def aws_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@pytest.mark.heavy
@pytest.mark.usefixtures("aws_keys")
def test_evidence_in_s3_is_read_there_again(tmp_path: Path) -> None:
    body = write_log(tmp_path, "a.json", [root_event()]).read_bytes()
    with S3Api({"a.json": body, "b.json": body + b"\n", "c.json": body + b"\t"}) as api:
        s3 = S3Options(endpoint_url=api.url)
        with rf.open_case(tmp_path / "case.duckdb") as case:
            case.load("s3://odd", s3=s3)
            case.manifest(tmp_path / "manifest.json")
        assert rf.check_manifest(tmp_path / "manifest.json", s3=s3).counts() == {"same": 3}
        api.objects["a.json"] = body + b" "
        api.odd |= {"b.json": Odd(404), "c.json": Odd(403)}
        found = rf.check_manifest(tmp_path / "manifest.json", s3=s3)
    assert _states(found) == [("changed", "a.json"), ("missing", "b.json"), ("unread", "c.json")]


def test_another_key_or_none_is_told(signed: Path, copied: Path, keys: Path) -> None:
    other = rf.check_manifest(signed, copied, keys / "other.pub")
    assert other.problems[0].startswith("a different key signed it: SHA256:")
    assert (other.is_proven, other.signer, other.objects) == (False, "", ())
    signed.with_name("manifest.json.sig").unlink()
    none = rf.check_manifest(signed, copied, keys / "other.pub")
    assert none.problems == ("there is no signature to check with the public key",)
    assert rf.check_manifest(signed, copied).is_proven


@pytest.mark.quick(1)
@with_ssh
@pytest.mark.parametrize("name", ["ed25519", "rsa"])
def test_ssh_keygen_reads_our_signatures_and_we_read_its(name: str, case: rf.Case, keys: Path, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    case.manifest(path, sign=keys / name)
    allowed = tmp_path / "allowed"
    allowed.write_text(f"maria@example.com {(keys / f'{name}.pub').read_text()}", encoding="utf-8")
    words = [str(SSH), "-Y", "verify", "-f", allowed, "-I", "maria@example.com", "-n", "file", "-s", f"{path}.sig"]
    checked = subprocess.run(words, input=path.read_bytes(), capture_output=True, check=True)
    shown = subprocess.run([str(SSH), "-lf", keys / f"{name}.pub"], capture_output=True, check=True, text=True).stdout
    fingerprint = shown.split()[1]
    assert fingerprint in checked.stdout.decode()
    Path(f"{path}.sig").unlink()
    subprocess.run([str(SSH), "-Y", "sign", "-n", "file", "-f", keys / name, path], capture_output=True, check=True)
    found = rf.check_manifest(path, public_key=keys / f"{name}.pub")
    assert (found.is_signer_known, found.signer) == (True, fingerprint)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "said"),
    [("ec", "unsupported type of key"), ("locked", "the key has a passphrase"), ("ed25519.pub", "not a private key"), ("none", "cannot read the key")],
)  # fmt: skip
def test_a_key_that_cannot_sign_is_refused_before_anything_is_written(
    name: str, said: str, case: rf.Case, keys: Path, tmp_path: Path
) -> None:
    with pytest.raises(rf.IntegrityError, match=said):
        case.manifest(tmp_path / "manifest.json", sign=keys / name)
    assert not (tmp_path / "manifest.json").exists()


def _spoiled(content: bytes, chance: random.Random) -> bytes:
    """With bytes flipped, cut or added anywhere."""
    place = chance.randrange(len(content) + 1)
    how = chance.choice(("flip", "cut", "add"))
    if how == "add":
        return content[:place] + chance.randbytes(chance.randrange(1, 4)) + content[place:]
    end = place + chance.randrange(1, 20)
    put = bytes(one ^ (1 << chance.randrange(8)) for one in content[place:end]) if how == "flip" else b""
    return content[:place] + put + content[end:]


@pytest.mark.parametrize("is_signed", [True, False])
def test_no_change_of_a_manifest_goes_unnoticed(is_signed: bool, signed: Path, copied: Path, keys: Path) -> None:
    whole = signed.read_bytes()
    public = keys / "ed25519.pub" if is_signed else None
    if not is_signed:
        Path(f"{signed}.sig").unlink()

    @seeds(150)
    def spoil(seed: int) -> None:
        content = _spoiled(whole, random.Random(seed))
        if content == whole:
            return
        signed.write_bytes(content)
        with pytest.raises(rf.IntegrityError, match=r"no manifest|was changed|another format"):
            rf.check_manifest(signed, copied, public)

    spoil()


def test_a_manifest_written_anew_by_who_has_no_key_does_not_pass_for_the_signed_one(
    signed: Path, case: rf.Case, keys: Path
) -> None:
    case.note("2026-08-05", "another state")
    case.manifest(signed)
    found = rf.check_manifest(signed, public_key=keys / "ed25519.pub")
    assert found.problems == ("the signature does not match: the file or the signature was changed",)
    assert not found.is_proven


def test_the_command_writes_checks_and_says_by_its_status(
    case: rf.Case, copied: Path, keys: Path, tmp_path: Path
) -> None:
    def run(*words: object) -> Any:
        return CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)

    path = tmp_path / "manifest.json"
    case.close()
    assert run("manifest", case.path, "--out", path, "--sign", keys / "ed25519").return_value == 0
    good = run("manifest", "--check", path, copied, "--public-key", keys / "ed25519.pub")
    assert good.return_value == 0
    assert good.stdout.startswith("same: 3\n")
    assert good.stdout.endswith("\n3 unchanged files were moved or renamed.\n")
    assert "Signed by the given key, SHA256:" in good.stdout
    assert "\nVerify was not run.\n" in good.stdout
    (copied / "a.json.gz").write_bytes(b"other")
    bad = run("manifest", "--check", path, copied)
    assert bad.return_value == 3
    assert "changed: 1; same: 2\nchanged: the content differs\n- file://" in bad.stdout
    told = json.loads(run("manifest", "--check", path, copied, "--format", "json").stdout)
    assert [one["state"] for one in told["objects"]] == ["changed", "same", "same"]
    assert isinstance(run("manifest", "--check", path, tmp_path / "nowhere").exception, rf.IntegrityError)
    assert run("manifest", case.path, "--out", case.path).exception is not None
    assert run("manifest", case.path).exception is not None
