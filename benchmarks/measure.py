"""Measures child processes: wall and CPU seconds, peak memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LAUNCHER = Path(__file__).with_name("child_launch.py")


class Usage(NamedTuple):
    """What one process used.

    Attributes:
        wall_seconds: From start to exit, the interpreter's own start-up included.
        cpu_seconds: User and system time of the process and of its children.
        peak_bytes: Largest resident set.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


class ChildFailedError(RuntimeError):
    """A measured process did not exit with 0; its command and the end of its error output are in the text."""


def run_child(command: Sequence[str], output: Path | None = None) -> Usage:
    """Runs one process and measures it.

    Args:
        command: The path of a program and its arguments.
        output: File that takes standard output; None: it is thrown away.

    Returns:
        What the process used.

    Raises:
        ChildFailedError: The process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "errors"
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(output or os.devnull), str(errors)]
        # Python compiles what it imports once; where that is switched off, each start would be measured compiling.
        compiling = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run([*launcher, *command], check=True, stdout=subprocess.PIPE, env=compiling)
        exit_status, wall, cpu, peak = json.loads(done.stdout)
        if exit_status != 0:
            tail = errors.read_bytes()[-2000:].decode(errors="replace")
            raise ChildFailedError(f"exit status {exit_status}: {' '.join(command)}\n{tail}")
    return Usage(wall, cpu, peak)


def median_usage(usages: Iterable[Usage]) -> Usage:
    """Returns the medians of wall and CPU time, and the largest peak."""
    walls, cpus, peaks = zip(*usages, strict=True)
    return Usage(statistics.median(walls), statistics.median(cpus), max(peaks))
