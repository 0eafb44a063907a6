"""Files of results: whoever opens one finds all of it, or the one before, and never a part."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing(path: str | os.PathLike[str], mode: Literal["w", "wb"] = "w") -> Iterator[IO[Any]]:
    """A new file that takes the place of an older one when it is complete; until then it lies beside it.

    A link is followed. What is no regular file (``/dev/stdout``, a pipe) is written to as it is.

    Args:
        path: the file.
        mode: ``w`` for text in UTF-8, its line ends as they are written; ``wb`` for bytes.

    Yields:
        The open file. If the block ends with an error, nothing is left of it, and the older file stays.

    Raises:
        StorageError: the file cannot be written.
    """
    beside = Path(path).is_file() or not Path(path).exists()
    target = Path(os.path.realpath(path) if beside else path)  # of a pipe behind stdout there is no other path
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.partial")
    text: dict[str, Any] = {} if mode == "wb" else {"encoding": "utf-8", "newline": ""}
    begun = False
    try:
        with (partial if beside else target).open(mode, **text) as file:
            begun = beside
            yield file
            if beside:
                file.flush()
                os.fsync(file.fileno())
        if beside:
            if target.exists():
                shutil.copymode(target, partial)
            partial.replace(target)
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "Name another file or make room; an older file of this name is as it was"
        raise StorageError(f"cannot write ({error.strerror or error})", where=str(path), hint=hint) from error
    finally:
        if begun:
            partial.unlink(missing_ok=True)


def make_folder(folder: str | os.PathLike[str]) -> Path:
    """Make a folder for output, if it is not there.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        made = Path(folder)
        made.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder ({error.strerror})", where=str(folder)) from error
    return made
