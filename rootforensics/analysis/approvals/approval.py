"""Approvals of root's use: what was asked for and granted, as a file of the procedure says it.

A file is CSV or YAML, by its name's end. Each approval names who, by which ticket, in which account, from when until
when, why, from which networks and for which tasks. Whatever is wrong in the file is told at once, by line.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import ApprovalsError
from rootforensics.queries.result import Result, Tabular, table_of

if TYPE_CHECKING:
    from datetime import datetime
    from ipaddress import IPv4Network, IPv6Network

#: Every column of a file, in the order of the template.
FIELDS: Final = ("ticket", "who", "account", "from", "until", "reason", "networks", "tasks")
#: Columns whose value is a list.
LISTS: Final = ("networks", "tasks")
#: A file is read into memory as a whole, so it is bounded.
MAX_BYTES: Final = 1024 * 1024

_HINT: Final = "rootforensics approvals --template yaml (or csv) prints a file to fill in"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it stands in the file.

    Attributes:
        text: the value's text, without blanks around it.
        line: where it stands, from 1.
        column: its column (YAML) or field (CSV), from 1.
        items: the values of a list; None for a single value.
        kind: what YAML takes it for: ``str``, ``int``, ``null``, ``timestamp``, …; ``str`` in CSV.
    """

    text: str
    line: int
    column: int
    items: tuple[Cell, ...] | None = None
    kind: str = "str"


@dataclass(frozen=True, slots=True)
class Entry:
    """One approval as it stands in the file: its line, and its cells by column name."""

    line: int
    cells: dict[str, Cell]


@dataclass(slots=True)
class Text:
    """What reading a file's form gave: entries, and what is wrong with the form.

    Attributes:
        entries: in the order of the file.
        errors: line, column (0: none) and sentence.
    """

    entries: list[Entry] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)

    def wrong(self, line: int, column: int, problem: str) -> None:
        """Note an error."""
        self.errors.append((line, column, problem))


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval of a use of root.

    Attributes:
        ticket: names it; no two of a file have the same.
        who: the person; for a session of ``AssumeRoot`` the name or ARN of who opens it.
        account: 12 digits, whose root user it is.
        from_time: first moment of the window, UTC.
        until_time: last moment of the window, UTC.
        reason: why.
        networks: source networks; empty for any.
        tasks: patterns ``service:Action`` of the changes; empty for none.
        line: in the file.
    """

    ticket: str
    who: str
    account: str
    from_time: datetime
    until_time: datetime
    reason: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    tasks: tuple[str, ...]
    line: int

    def has_source(self, source: str) -> bool | None:
        """Whether an address lies in the networks; None if the source is no address."""
        if not self.networks:
            return True
        try:
            address = ip_address(source)
        except ValueError:
            return None
        mapped = getattr(address, "ipv4_mapped", None)
        return any(one in network for network in self.networks for one in (address, mapped) if one)


#: Columns of approvals as a table: those of a file.
COLUMNS: Final = (
    dict.fromkeys(FIELDS, "VARCHAR")
    | dict.fromkeys(LISTS, "VARCHAR[]")
    | dict.fromkeys(("from", "until"), "TIMESTAMP WITH TIME ZONE")
)


@dataclass(frozen=True, slots=True, repr=False)
class Approvals(Tabular):
    """A file of approvals.

    Attributes:
        path: as it was named.
        sha256: of the file's bytes.
        approvals: in the order of the file.
    """

    path: str
    sha256: str
    approvals: tuple[Approval, ...]

    def result(self) -> Result[dict[str, Any]]:
        """The approvals as a table, with the columns of a file."""
        rows = [
            {
                **{name: getattr(one, name) for name in ("ticket", "who", "account", "reason")},
                "from": one.from_time,
                "until": one.until_time,
                "networks": list(map(str, one.networks)),
                "tasks": list(one.tasks),
            }
            for one in self.approvals
        ]
        return Result(table_of(rows, COLUMNS), name="granted", sql="", parameters={"file": self.path})


if TYPE_CHECKING:
    #: Approvals of root's use, or a file of them.
    Granted = str | os.PathLike[str] | Approvals


def read_approvals(path: str | os.PathLike[str]) -> Approvals:
    """Read a file of approvals.

    Args:
        path: a file in UTF-8 whose name ends in ``.csv``, ``.yaml`` or ``.yml``.

    Raises:
        ApprovalsError: the file cannot be read, or has errors; all of them are in it.
    """
    from rootforensics.analysis.approvals.fields import approvals_of

    name, data = os.fspath(path), _bytes(Path(path))
    text = _decoded(data, name)
    form = Path(name).suffix.lower()
    if form == ".csv":
        from rootforensics.analysis.approvals.read_csv import read_csv

        found = read_csv(text)
    elif form in (".yaml", ".yml"):
        from rootforensics.analysis.approvals.read_yaml import read_yaml

        found = read_yaml(text)
    else:
        raise ApprovalsError(
            problem="a file of approvals is CSV or YAML", where=name, hint="Its name must end in .csv, .yaml or .yml"
        )
    approvals = approvals_of(found)
    if not found.entries and not found.errors:
        found.wrong(1, 0, "there is no approval in this file; expected at least one")
    if found.errors:
        raise ApprovalsError([_told(*error) for error in sorted(found.errors)], where=name, hint=_HINT)
    return Approvals(name, hashlib.sha256(data).hexdigest(), approvals)


def _bytes(path: Path) -> bytes:
    if path.is_fifo():  # whoever reads a pipe waits for who writes
        raise ApprovalsError(problem="this is a pipe", where=str(path), hint="Name a CSV or YAML file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name that holds NUL is a ValueError
        problem = f"the file of approvals cannot be read ({getattr(error, 'strerror', None) or error})"
        raise ApprovalsError(problem=problem, where=str(path), hint="Name a CSV or YAML file") from error
    if len(data) > MAX_BYTES:
        raise ApprovalsError(
            problem=f"the file is larger than {MAX_BYTES // 1024:,} KiB, which no file of approvals is",
            where=str(path),
            hint="Leave out what lies before the first log",
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
    from importlib.resources import files

    return files(__package__).joinpath(f"template.{form}").read_text(encoding="utf-8")


def schema() -> str:
    """The JSON Schema of the YAML form, as text."""
    from importlib.resources import files

    return files(__package__).joinpath("approvals.schema.json").read_text(encoding="utf-8")
