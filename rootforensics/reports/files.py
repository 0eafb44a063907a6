"""Files of results, which are replaced as a whole: a reader never sees a partial file."""

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
    """Write to a temporary file in the same folder, which replaces the target when it is complete.

    A link is followed. A target that is not a regular file (``/dev/stdout``, a pipe) is written directly.

    Args:
        path: the file.
        mode: ``w`` for text in UTF-8, its line ends as they are written; ``wb`` for bytes.

    Yields:
        The open file. If the block ends with an error, it is deleted, and an existing target stays unchanged.

    Raises:
        StorageError: the file cannot be written.
    """
    is_temporary = Path(path).is_file() or not Path(path).exists()
    target = Path(os.path.realpath(path) if is_temporary else path)  # a pipe behind stdout has no other path
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.partial")
    text: dict[str, Any] = {} if mode == "wb" else {"encoding": "utf-8", "newline": ""}
    begun = False
    try:
        with (partial if is_temporary else target).open(mode, **text) as file:
            begun = is_temporary
            yield file
            if is_temporary:
                file.flush()
                os.fsync(file.fileno())
        if is_temporary:
            if target.exists():
                shutil.copymode(target, partial)
            partial.replace(target)
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "Name another file or folder, or free disk space; an existing file of this name is unchanged"
        raise StorageError(f"cannot write ({error.strerror or error})", where=str(path), hint=hint) from error
    finally:
        if begun:
            partial.unlink(missing_ok=True)


def make_folder(folder: str | os.PathLike[str]) -> Path:
    """Create a folder for output if it does not exist.

    Raises:
        StorageError: the folder cannot be created.
    """
    try:
        made = Path(folder)
        made.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Name another folder"
        raise StorageError(f"cannot create the folder ({error.strerror})", where=str(folder), hint=hint) from error
    return made
