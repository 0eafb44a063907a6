"""Approvals of root's use: what was asked for and granted, and how it stands in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from rootforensics.phrases import between
from rootforensics.queries.result import Result, Tabular, result_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from datetime import datetime
    from ipaddress import IPv4Network, IPv6Network

#: Every column of a file, in the order of the template.
FIELDS: Final = ("ticket", "who", "account", "from", "until", "reason", "networks", "tasks")
#: Columns whose value is a list.
LISTS: Final = ("networks", "tasks")


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


def granted_by(approvals: Iterable[Approval]) -> str:
    """By which approvals something was granted, for whom and for when, in words."""
    tickets = [
        f"{approval.ticket} for {approval.who}, {between(approval.from_time, approval.until_time)}"
        for approval in approvals
    ]
    return f"approved: {', '.join(tickets) or 'part of the procedure after an approved use'}"


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
                **{name: getattr(approval, name) for name in ("ticket", "who", "account", "reason")},
                "from": approval.from_time,
                "until": approval.until_time,
                "networks": list(map(str, approval.networks)),
                "tasks": list(approval.tasks),
            }
            for approval in self.approvals
        ]
        return result_of("granted", rows, COLUMNS, {"file": self.path})


if TYPE_CHECKING:
    #: Approvals of root's use, or a file of them.
    Granted = str | os.PathLike[str] | Approvals
