"""The sample incident: made-up logs of three accounts, one of which was taken over by its root user."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from rootforensics.errors import StorageError

_PACKAGE: Final = Path(__file__).resolve().parent.parent
#: In a checkout the logs are a folder at the top, in an installed package one archive.
_FOLDER: Final = _PACKAGE.parent / "sample_logs"
_KEYS: Final = _PACKAGE.parent / "docs" / "examples" / "public-keys.json"
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
    if not _ARCHIVE.is_file():
        raise StorageError("the sample incident is not here", where=str(_ARCHIVE), hint="Install the package again")
    try:
        with zipfile.ZipFile(_ARCHIVE) as archive:
            archive.extractall(into)
    except OSError as error:
        raise StorageError(f"cannot unpack the sample incident ({error.strerror})", where=str(into)) from error
    return into / "sample_logs"


def sample_keys(into: Path) -> Path:
    """The public keys by which the sample's digest files are verified.

    Args:
        into: the folder that was given to ``sample_logs``, which in an installed package unpacks them, too.
    """
    return _KEYS if _KEYS.is_file() else into / _KEYS.name
