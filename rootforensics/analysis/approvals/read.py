"""Read a file of approvals of root's use.

A file is CSV or YAML, by its name's end. Each approval names who, by which ticket, in which account, from when until
when, why, from which networks and for which tasks. All errors in the file are reported together, by line.
"""

from __future__ import annotations

import hashlib
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Final

from rootforensics.analysis.approval import Approvals
from rootforensics.analysis.approvals.fields import approvals_of
from rootforensics.analysis.approvals.read_csv import read_csv
from rootforensics.analysis.approvals.read_yaml import read_yaml
from rootforensics.errors import ApprovalsError

#: A file is read into memory as a whole, so it is bounded.
MAX_BYTES: Final = 1024 * 1024

_HINT: Final = "rootforensics approvals --template yaml (or csv) prints a file to fill in"


def read_approvals(path: str | os.PathLike[str]) -> Approvals:
    """Read a file of approvals.

    Args:
        path: a file in UTF-8 whose name ends in ``.csv``, ``.yaml`` or ``.yml``.

    Raises:
        ApprovalsError: the file cannot be read, or has errors; all of them are in it.
    """
    name, data = os.fspath(path), _bytes(Path(path))
    text = _decoded(data, name)
    form = Path(name).suffix.lower()
    if form == ".csv":
        parsed = read_csv(text)
    elif form in (".yaml", ".yml"):
        parsed = read_yaml(text)
    else:
        raise ApprovalsError(
            problem="a file of approvals is CSV or YAML", where=name, hint="Its name must end in .csv, .yaml or .yml"
        )
    approvals = approvals_of(parsed)
    if not parsed.entries and not parsed.errors:
        parsed.wrong(1, 0, "there is no approval in this file; expected at least one")
    if parsed.errors:
        raise ApprovalsError([_told(*error) for error in sorted(parsed.errors)], where=name, hint=_HINT)
    return Approvals(name, hashlib.sha256(data).hexdigest(), approvals)


def _bytes(path: Path) -> bytes:
    if path.is_fifo():  # whoever reads a pipe waits for who writes
        raise ApprovalsError(problem="this is a pipe", where=str(path), hint="Name a CSV or YAML file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name that holds NUL is a ValueError
        problem = f"the file of approvals cannot be read ({getattr(error, 'strerror', None) or error})"
        is_account = re.fullmatch("[0-9]{12}", str(path))
        hint = f"To name an account, use account_id={str(path)!r}" if is_account else "Name a CSV or YAML file"
        raise ApprovalsError(problem=problem, where=str(path), hint=hint) from error
    if len(data) > MAX_BYTES:
        raise ApprovalsError(
            problem=f"the file is larger than {MAX_BYTES // 1024:,} KiB, the limit for approvals",
            where=str(path),
            hint="Remove approvals from before the first log",
        )
    return data


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ApprovalsError(problem="the file is UTF-16; expected UTF-8", where=name, hint="Save it as CSV UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ApprovalsError([f"{line}: a byte that is no UTF-8; save the file as UTF-8"], where=name) from error


def _told(line: int, column: int, problem: str) -> str:
    return f"{line}:{column}: {problem}" if column else f"{line}: {problem}"


def template(form: str) -> str:
    """A file to fill in, with comments: ``csv`` or ``yaml``."""
    return files(__package__).joinpath(f"template.{form}").read_text(encoding="utf-8")


def schema() -> str:
    """The JSON Schema of the YAML form, as text."""
    return files(__package__).joinpath("approvals.schema.json").read_text(encoding="utf-8")
