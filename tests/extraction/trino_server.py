"""A real Trino on free ports of this machine, over a real S3 server; a file metastore in a temporary folder.

``make trino`` fetches the server from Maven Central and names its folder in ``ROOTFORENSICS_TRINO``; it needs Java 24
or later, which ``ROOTFORENSICS_JAVA`` names.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import urlopen

from tests.sources.s3_server import ADMIN, _free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

_JAVA: Final = (
    "-Xmx2G -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError -Djdk.attach.allowAttachSelf=true -Dfile.encoding=UTF-8"
    " -Duser.timezone=UTC --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED"
    " --sun-misc-unsafe-memory-access=allow -Dnode.environment=test -Dnode.id=one"
    " -Dnode.bind-ip=127.0.0.1 -Dnode.internal-address=127.0.0.1"
).split()
_CONFIG: Final = """coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={port}
discovery.uri=http://127.0.0.1:{port}
catalog.management=static
query.max-memory=1GB
query.max-memory-per-node=1GB
"""
_HIVE: Final = """connector.name=hive
hive.metastore=file
hive.metastore.catalog.dir=local:///metastore
fs.native-local.enabled=true
local.location={folder}/lake
fs.native-s3.enabled=true
s3.endpoint={s3}
s3.region=us-east-1
s3.path-style-access=true
s3.aws-access-key={key}
s3.aws-secret-key={secret}
hive.non-managed-table-writes-enabled=true
hive.recursive-directories=true
"""
_START_SECONDS: Final = 180


@contextmanager
def serve_trino(server: Path, java: Path, folder: Path, s3_url: str) -> Iterator[str]:
    """Run Trino with an empty schema ``default``, and yield its URL once it answers and has a node that reads tables.

    Args:
        server: what the tarball holds.
        java: the folder of a Java 24 or later.
        folder: an empty one, for its data.
        s3_url: of the S3 server.
    """
    (port,) = _free_ports(1)
    settings = {"port": port, "folder": folder, "s3": s3_url, "key": ADMIN[0], "secret": ADMIN[1]}
    (folder / "etc" / "catalog").mkdir(parents=True)
    (folder / "lake").mkdir()
    (folder / "etc" / "config.properties").write_text(_CONFIG.format(**settings))
    (folder / "etc" / "log.properties").write_text("io.trino=WARN\n")
    (folder / "etc" / "catalog" / "hive.properties").write_text(_HIVE.format(**settings))
    places = {
        "node.data-dir": folder / "data", "config": folder / "etc" / "config.properties",
        "log.levels-file": folder / "etc" / "log.properties", "catalog.config-dir": folder / "etc" / "catalog",
        "plugin.dir": server / "plugin",
    }  # fmt: skip
    named = [f"-D{name}={path}" for name, path in places.items()]
    command = [str(java / "bin" / "java"), "-cp", f"{server}/lib/*", *_JAVA, *named, "io.trino.server.TrinoServer"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=server, env={**os.environ, "JAVA_HOME": str(java)}
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, running)
            _wait_for_nodes(url)
            yield url
        finally:
            running.kill()
            running.wait()


def _wait(url: str, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while running.poll() is None and time.monotonic() < end:
        try:
            with urlopen(f"{url}/v1/info") as answer:
                if b'"starting":false' in answer.read():
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"Trino did not start at {urlsplit(url).netloc}")


def _wait_for_nodes(url: str) -> None:
    """A server that has started may know of no node yet that reads the tables of a catalog."""
    from trino.dbapi import connect
    from trino.exceptions import TrinoQueryError

    parts = urlsplit(url)
    ask = connect(host=parts.hostname, port=parts.port, user="test", catalog="hive", schema="default").cursor().execute
    ask("CREATE SCHEMA hive.default").fetchall()
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            ask("CREATE TABLE IF NOT EXISTS ready AS SELECT 1 AS one").fetchall()
            ask("SELECT one FROM ready").fetchall()
        except TrinoQueryError as error:
            if error.error_name != "NO_NODES_AVAILABLE" or time.monotonic() > end:
                raise
            time.sleep(0.5)
        else:
            ask("DROP TABLE ready").fetchall()
            return
