"""Standard output that says in one line why it cannot be written, whatever command writes to it."""

from __future__ import annotations

import io
import os
import sys
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


def guard_stdout() -> None:
    """Put such a file behind ``sys.stdout``; no file takes the number of a stream that was closed before the start."""
    usual = sys.stdout
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(_STDERR, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    file = _Stdout(1, "wb", closefd=False)
    file.problem = "it is closed" if usual is None else ""
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=usual.encoding if usual else "utf-8",
        errors=usual.errors if usual else "backslashreplace",
        line_buffering=file.isatty(),
    )
