"""The S3 server of the tests leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

_SERVING = """
import sys, time
from pathlib import Path
from tests.sources import s3_server
def tell(_, server):
    print(server.pid, flush=True)
    time.sleep(3600)
s3_server._wait = tell
with s3_server.serve(Path(sys.argv[1])):
    pass
"""


def is_running(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for is none any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends it")
def test_the_server_ends_with_tests_that_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SERVING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        server = int(tests.stdout.readline())
        assert is_running(server)
        tests.kill()
    deadline = time.monotonic() + 60
    while is_running(server):
        assert time.monotonic() < deadline
        time.sleep(0.05)
