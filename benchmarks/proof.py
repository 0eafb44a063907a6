"""Hashing and verifying the logs of a set, beside ``sha256sum`` over the same files.

``python benchmarks/proof.py --events 300000 --files 300 --repeats 3`` measures this alone; `run.py` does it, too.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contestants import INFLATERS, Contestant, expect, inflate, measure_rounds, rootforensics_load
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from datasets import Dataset, prepare
from measure import Usage, run_child
from tables import ROUND_HEADER, markdown, round_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
_HOUR = timedelta(hours=1)
_LOAD = "rootforensics load, with digest files"


def contestants_of(data: Dataset, scratch: Path) -> list[Contestant]:
    """Returns hashing with ``sha256sum`` and alone, a load with digest files and ``verify`` of what it loaded."""
    folder = scratch / "digests"
    signer = generate_private_key(65537, 2048)
    keys = _write_keys(scratch / "keys.json", signer)
    count = sum(_write(folder, *signed) for signed in _digests(data, signer))
    digests = data._replace(folder=folder, files=count)
    load = rootforensics_load(data, root_related=False, copies=digests)._replace(name=_LOAD)
    case = scratch / "proof.duckdb"
    run_child(load.command(case))
    verify = [sys.executable, "-m", "rootforensics", "verify", str(case), "--public-keys", str(keys)]
    hashing = [sys.executable, str(_HERE / "child_inflate.py"), INFLATERS["isal"], str(data.folder), "sha256"]
    each = 'find "$0" -name \'*.json.gz\' | xargs -P "$1" -n 1 sh -c \'gzip -dc "$0" | sha256sum\''

    def has_all(_target: Path, output: Path) -> str:
        return expect("hashes", len(output.read_text().splitlines()), data.files)

    def is_verified(_target: Path, output: Path) -> str:
        told, wanted = output.read_text().splitlines()[0], f"{count:,} digest files and {data.files:,} logs"
        return "" if told == f"verified: {wanted}" else told

    return [
        Contestant("sha256sum, of the gzip files", lambda _: [_program("sha256sum"), *map(str, data.paths)], has_all),
        Contestant(
            "gzip -dc and sha256sum of each, on all cores",
            lambda _: [_program("sh"), "-c", each, str(data.folder), str(os.cpu_count())],
            has_all,
        ),
        inflate(data, "isal"),
        Contestant(
            "inflating and hashing both, isal",
            lambda _: hashing,
            lambda _, output: expect("bytes", int(output.read_text()), data.json_bytes),
        ),
        load,
        Contestant("rootforensics verify", lambda _: verify, is_verified),
    ]


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(name)
    return found


def _write_keys(path: Path, signer: RSAPrivateKey) -> Path:
    """Writes the public key as `aws cloudtrail list-public-keys` gives it."""
    value = signer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    window = {"ValidityStartTime": "2020-01-01T00:00:00Z", "ValidityEndTime": "2040-01-01T00:00:00Z"}
    fields = {"Value": base64.b64encode(value).decode(), "Fingerprint": _fingerprint(signer)}
    path.write_text(json.dumps({"PublicKeyList": [fields | window]}))
    return path


def _digests(data: Dataset, signer: RSAPrivateKey) -> Iterator[tuple[str, bytes, str]]:
    """Yields key, text and signature of the hourly digests of each account and Region."""

    def place(path: Path) -> tuple[str, str]:
        account, _, region, *_ = path.name.split("_")
        return account, region

    def hour(path: Path) -> datetime:
        written = datetime.strptime(path.name.split("_")[3], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        return written.replace(minute=0)

    for (account, region), logs in groupby(sorted(data.paths, key=place), place):
        by_hour = {begin: list(held) for begin, held in groupby(sorted(logs, key=hour), hour)}
        previous: dict[str, Any] = {}
        begin, last = min(by_hour), max(by_hour)
        while begin <= last:
            end = begin + _HOUR
            top = f"AWSLogs/{account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}"
            key = f"{top}/{account}_CloudTrail-Digest_{region}_main_us-east-1_{end:%Y%m%dT%H%M%SZ}.json.gz"
            names = ("S3Bucket", "S3Object", "HashValue", "HashAlgorithm", "Signature")
            fields = {
                "awsAccountId": account,
                "digestStartTime": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
                "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                "digestS3Bucket": "b",
                "digestS3Object": key,
                "digestPublicKeyFingerprint": _fingerprint(signer),
                "digestSignatureAlgorithm": "SHA256withRSA",
                **{f"previousDigest{name}": previous.get(name) for name in names},
                "logFiles": [_entry(path) for path in by_hour.get(begin, [])],
            }
            text = json.dumps(fields).encode()
            hashed = hashlib.sha256(text).hexdigest()
            told = f"{fields['digestEndTime']}\nb/{key}\n{hashed}\n{previous.get('Signature', 'null')}"
            signature = signer.sign(told.encode(), PKCS1v15(), SHA256()).hex()
            previous = dict(zip(names, ("b", key, hashed, "SHA-256", signature), strict=True))
            yield key, text, signature
            begin = end


def _fingerprint(signer: RSAPrivateKey) -> str:
    return hashlib.md5(signer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).hexdigest()


def _entry(path: Path) -> dict[str, str]:
    hashed = hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()
    key = str(path)[str(path).index("AWSLogs") :]
    return {"s3Bucket": "b", "s3Object": key, "hashValue": hashed, "hashAlgorithm": "SHA-256"}


def _write(folder: Path, key: str, text: bytes, signature: str) -> int:
    """Writes a digest and, beside it, what ``load --preserve`` keeps of it; returns 1."""
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text, mtime=0))
    metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"}
    sidecar = {"rootforensics_sidecar": 1, "uri": f"s3://b/{key}", "metadata": metadata}
    path.with_name(f"{path.name}.s3.json").write_text(json.dumps(sidecar))
    return 1


def integrity_table(rounds: dict[str, list[Usage]], data: Dataset) -> str:
    """Returns what each contestant used as Markdown."""
    return markdown(["integrity of that set", *ROUND_HEADER], round_rows(rounds, data))


def main() -> None:
    """Measures hashing and verifying alone, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=300_000, help="events of the set")
    parser.add_argument("--files", type=int, default=300, help="files of the set")
    parser.add_argument("--repeats", type=int, default=3, help="rounds")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "rootforensics-benchmarks")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    data = prepare(options.cache, options.events, options.files)
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        scratch = Path(folder)
        rounds = measure_rounds(contestants_of(data, scratch), options.repeats, scratch)
    print(integrity_table(rounds, data))


if __name__ == "__main__":
    main()
