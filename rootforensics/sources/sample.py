"""The sample incident: made-up logs of three accounts, one of which was taken over by its root user."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Final, Literal

from rootforensics.errors import StorageError

_PACKAGE: Final = Path(__file__).resolve().parent.parent
#: In a checkout the logs are a folder at the top, in an installed package one archive.
_FOLDER: Final = _PACKAGE.parent / "sample_logs"
_EXAMPLES: Final = _PACKAGE.parent / "docs" / "examples"
_ARCHIVE: Final = _PACKAGE / "sample_logs.zip"


def sample_logs(into: Path) -> Path:
    """The folder of the sample's logs.

    Args:
        into: a folder; in an installed package they are unpacked into it as ``sample_logs``, if they are not there yet.

    Raises:
        StorageError: they did not come with this installation, or cannot be written there.
    """
    if _FOLDER.is_dir():
        return _FOLDER
    _unpack(into, "sample_logs/")
    return into / "sample_logs"


def sample_file(name: Literal["public-keys.json", "approvals.yaml", "posture"], into: Path) -> Path:
    """Put what belongs to the sample into a folder: keys of its digests, approvals of root's use, or answers of AWS.

    Raises:
        StorageError: it did not come with this installation, or cannot be written there.
    """
    if not (_EXAMPLES / name).exists():
        _unpack(into, name)
        return into / name
    try:
        into.mkdir(parents=True, exist_ok=True)
        if (_EXAMPLES / name).is_dir():
            return Path(shutil.copytree(_EXAMPLES / name, into / name, dirs_exist_ok=True))
        return Path(shutil.copyfile(_EXAMPLES / name, into / name))
    except OSError as error:
        raise StorageError(f"cannot write {name} ({error.strerror})", where=str(into)) from error


def _unpack(into: Path, begin: str) -> None:
    """Unpack what has a name that begins so."""
    if not _ARCHIVE.is_file():
        raise StorageError("the sample incident is not here", where=str(_ARCHIVE), hint="Install the package again")
    try:
        with zipfile.ZipFile(_ARCHIVE) as archive:
            archive.extractall(into, [name for name in archive.namelist() if name.startswith(begin)])
    except OSError as error:
        raise StorageError(f"cannot unpack the sample incident ({error.strerror})", where=str(into)) from error
