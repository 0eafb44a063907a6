"""A real S3 server for tests: SeaweedFS on free ports of this machine, its data in a temporary folder."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from rootforensics.sources.names import SIDECAR_SUFFIX

ADMIN = ("TESTADMIN", "testsecret")
#: May list but not get.
LISTER = ("TESTLISTER", "testsecret2")

#: Of the servers that run, by their URLs: the port of the part that hands out volumes.
_MASTERS: dict[str, int] = {}


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def client(url: str, keys: tuple[str, str] = ADMIN) -> Any:
    """A boto3 client of the server."""
    import boto3  # takes most of a second, which whoever starts the server alone need not wait for
    from botocore.config import Config

    config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, max_pool_connections=16)
    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        region_name="us-east-1",
        config=config,
    )


def _identity(name: str, keys: tuple[str, str], actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": keys[0], "secretKey": keys[1]}], "actions": actions}


#: Given the process that starts it, runs a command that the kernel kills when that process ends, even if that is
#: killed; Linux alone knows this.
_WITH_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG of <sys/prctl.h>
if os.getppid() == int(sys.argv[1]):  # or it has ended already
    os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run the server, and yield its URL once it stores objects; a folder that served before serves what it holds."""
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
    names += ("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    users = [_identity("admin", ADMIN, ["Admin", "Read", "List", "Write"]), _identity("lister", LISTER, ["List"])]
    (folder / "users.json").write_text(json.dumps({"identities": users}))
    beside = Path(sys.executable).with_name("weed")
    command = [str(beside) if beside.exists() else str(shutil.which("weed")), "-logtostderr=true", "server"]
    command += [f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.config={folder}/users.json"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64"]
    # Each bucket takes volumes of its own: with too few of them, or a disk that is rather full, the server refuses
    # to store anything in one bucket more, and which test meets that depends on how many came before it.
    command += ["-volume.max=5000", "-volume.minFreeSpace=32MiB"]
    # It elects no leader among one, which takes two seconds, and five more if the volumes ask in between.
    command += ["-master.peers=none", "-master.telemetry=false"]
    command += [f"-{part}.localSocket={folder}/{part}.sock" for part in ("filer", "s3")]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command = [sys.executable, "-S", "-c", _WITH_PARENT, str(os.getpid()), *command]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            url = f"http://127.0.0.1:{ports['s3.port']}"
            _wait(url, server)
            _MASTERS[url] = ports["master.port"]
            yield url
        finally:
            _MASTERS.pop(url, None)
            server.kill()
            for port in ports.values():
                for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    left.unlink(missing_ok=True)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    s3 = client(url)
    while server.poll() is None:
        try:
            with suppress(s3.exceptions.BucketAlreadyExists, s3.exceptions.BucketAlreadyOwnedByYou):
                s3.create_bucket(Bucket="is-it-up")
            s3.put_object(Bucket="is-it-up", Key="yes", Body=b"yes")
        except (BotoCoreError, ClientError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the S3 server ended before it was up")


def make_bucket(url: str, bucket: str) -> Any:
    """Make a bucket, and a volume for it: it takes none before it is written to, and then a second; a client of it."""
    s3 = client(url)
    with suppress(s3.exceptions.BucketAlreadyExists, s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket)
        urlopen(f"http://127.0.0.1:{_MASTERS[url]}/vol/grow?collection={bucket}&count=1").close()
    return s3


def fill(url: str, bucket: str, objects: dict[str, bytes]) -> None:
    """Have a bucket hold these objects."""
    s3 = make_bucket(url, bucket)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=objects[key]), objects))


def fill_with_names(url: str, bucket: str, keys: Iterable[str]) -> None:
    """Make a bucket that holds an empty object of each key: thousands a second, since no content has to be stored."""
    fill_quickly(url, bucket, ((key, b"") for key in keys))


def fill_quickly(url: str, bucket: str, objects: Iterable[tuple[str, bytes]], at_once: int = 64) -> None:
    """Have a bucket hold these objects, by many requests at once; each is drawn when it is wanted."""
    make_bucket(url, bucket)
    asyncio.run(_put_all(url, bucket, iter(objects), at_once))


async def _put_all(url: str, bucket: str, objects: Iterator[tuple[str, bytes]], at_once: int) -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        config={
            "endpoint": url,
            "aws_endpoint_url_s3": url,
            "region": "us-east-1",
            "access_key_id": ADMIN[0],
            "secret_access_key": ADMIN[1],
            "virtual_hosted_style_request": False,
        },
        client_options={"allow_http": True},
    )

    async def put() -> None:
        for key, body in objects:
            await obstore.put_async(store, key, body)

    await asyncio.gather(*(put() for _ in range(at_once)))


def folder_as_objects(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """The files of a folder as objects below a prefix; what lies beside an object is none."""
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(SIDECAR_SUFFIX)
    }
