"""Standard output that says in one line why it cannot be written, and standard error that lets every command go on."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STDERR: Final = 2


class _Stdout(io.FileIO):
    """The file behind stdout. After its first error it takes everything and writes nothing, so that one error is told.

    Whoever reads a pipe may end it at any time; that stays a ``BrokenPipeError``.
    """

    problem = ""
    _is_lost = False

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, or raise ``StorageError``."""
        if self._is_lost:
            return memoryview(data).nbytes
        problem = self.problem
        try:
            if not problem:
                return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            problem = error.strerror or str(error)
        self._is_lost = True
        raise StorageError(f"cannot write ({problem})", where="stdout")


class _Stderr(io.FileIO):
    """The file behind stderr. Where nobody can hear what is said, the work is done all the same."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, if that is possible."""
        with suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


def guard_streams() -> None:
    """Put such files behind both; no file takes the number of a stream that was closed before the start."""
    usual = sys.stdout
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(number)
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Stderr(_STDERR, "wb", closefd=False)),
        encoding=sys.stderr.encoding if sys.stderr else "utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    file = _Stdout(1, "wb", closefd=False)
    file.problem = "it is closed" if usual is None else ""
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=usual.encoding if usual else "utf-8",
        errors=usual.errors if usual else "backslashreplace",
        line_buffering=file.isatty(),
    )
