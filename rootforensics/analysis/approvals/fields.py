"""The values of approvals: each is checked, and each wrong one is reported with the expected form."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Final, TypeVar

from rootforensics.analysis.approval import FIELDS, LISTS, Approval
from rootforensics.schema import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.approval import Cell, Entry, Text

_Value = TypeVar("_Value")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_TASK: Final = re.compile(r"(\*|[A-Za-z0-9-]+):[A-Za-z0-9*?]+")
_SPLIT: Final = re.compile(r"[\s,;|]+")
_MAX_LENGTH: Final = 2_000
_MAX_ITEMS: Final = 1_000
#: The values for any network or task, and for no change.
ANY: Final = "*"
NONE: Final = "none"
_TIME_EXPECTED: Final = "expected a time like 2026-08-06T10:00:00Z or 2026-08-06T12:00:00+02:00, or a date (UTC)"


class _WrongError(ValueError):
    """A value is wrong; the message gives the reason."""


def unknown_column(name: str) -> str:
    """The error for an unknown column."""
    near = difflib.get_close_matches(name, FIELDS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"expected {', '.join(FIELDS)}"
    return f"there is no column {name!r}; {hint}"


def approvals_of(parsed: Text) -> tuple[Approval, ...]:
    """The approvals of a file; what is wrong with their values is added to its errors."""
    made = [approval for entry in parsed.entries if (approval := _approval(entry, parsed))]
    tickets: dict[str, int] = {}
    for entry in parsed.entries:
        cell = entry.cells.get("ticket")
        if cell is None or not cell.text:
            continue
        first = tickets.setdefault(cell.text.casefold(), cell.line)
        if first != cell.line:
            problem = f"ticket: line {first} already has {cell.text!r}; expected a unique ticket"
            parsed.wrong(cell.line, cell.column, problem)
    return tuple(made)


def _approval(entry: Entry, parsed: Text) -> Approval | None:
    before = len(parsed.errors)
    texts = {name: _checked(name, entry, parsed, _text) for name in ("ticket", "who", "reason")}
    account = _checked("account", entry, parsed, _account)
    from_time = _checked("from", entry, parsed, partial(_moment, time.min))
    until_time = _checked("until", entry, parsed, partial(_moment, time.max))
    lists = {name: _items(name, entry, parsed) for name in LISTS}
    if isinstance(from_time, datetime) and isinstance(until_time, datetime) and until_time < from_time:
        cell = entry.cells["until"]
        problem = f"until: {cell.text} is before from ({entry.cells['from'].text}); expected a later time"
        parsed.wrong(cell.line, cell.column, problem)
    if len(parsed.errors) > before or not all(name in entry.cells for name in FIELDS):
        return None
    assert isinstance(from_time, datetime)  # noqa: S101 - else there were an error
    assert isinstance(until_time, datetime)  # noqa: S101
    return Approval(
        ticket=str(texts["ticket"]),
        who=str(texts["who"]),
        account=str(account),
        from_time=from_time,
        until_time=until_time,
        reason=str(texts["reason"]),
        networks=tuple(one for one in lists["networks"] if not isinstance(one, str)),
        tasks=tuple(one for one in lists["tasks"] if isinstance(one, str)),
        line=entry.line,
    )


def _checked(name: str, entry: Entry, parsed: Text, check: Callable[[Cell], _Value]) -> _Value | None:
    """The value of a column; None if it is missing or wrong, which is reported."""
    cell = entry.cells.get(name)
    if cell is None or cell.kind == "wrong":  # told already
        return None
    try:
        _one_value(name, cell)
        return check(cell)
    except _WrongError as error:
        parsed.wrong(cell.line, cell.column, f"{name}: {error}")
        return None


def _one_value(name: str, cell: Cell) -> None:
    if cell.items is not None:
        raise _WrongError("a list; expected one value")
    if not cell.text:
        raise _WrongError(f"empty; expected {_EXPECTED[name]}")
    if len(cell.text) > _MAX_LENGTH:
        raise _WrongError(f"{len(cell.text):,} characters; expected at most {_MAX_LENGTH:,}")


def _text(cell: Cell) -> str:
    if cell.kind not in ("str", "int"):
        raise _WrongError(f"YAML reads {cell.text!r} as {cell.kind}, not as text; put it in quotes")
    return cell.text


def _account(cell: Cell) -> str:
    text = cell.text
    if cell.kind not in ("str", "int", "float"):
        raise _WrongError(f"YAML reads {text!r} as {cell.kind}, not as text; put the 12 digits in quotes")
    if re.fullmatch(r"[0-9][0-9.,]*[eE]\+?[0-9]+", text):
        raise _WrongError(f"{text!r} was rounded by a spreadsheet; expected all 12 digits, as text")
    if _ACCOUNT.fullmatch(text):
        if cell.kind != "str":
            raise _WrongError(f'{text} is a number to YAML; put it in quotes: account: "{text}"')
        return text
    if re.fullmatch(r"[0-9]{8,11}", text):
        raise _WrongError(
            f"{text!r} has {len(text)} digits; expected 12. If leading zeros were lost: {text.zfill(12)!r}, as text"
        )
    raise _WrongError(f"{text!r} is not an account ID; expected 12 digits, as text")


def _moment(of_day: time, cell: Cell) -> datetime:
    """A time with a zone, or the first or last moment of a day in UTC."""
    text = cell.text
    try:
        moment = datetime.fromisoformat(text)
        if _DATE.fullmatch(text):
            moment = datetime.combine(moment.date(), of_day, UTC)
        zoned = moment.tzinfo is not None
        moment = moment.astimezone(UTC) if zoned else moment
    except (ValueError, OverflowError):
        raise _WrongError(f"{text!r} is not a time; {_TIME_EXPECTED}") from None
    if not zoned:
        raise _WrongError(f"{text!r} has no time zone; add Z for UTC, or an offset such as +02:00")
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise _WrongError(f"{text!r} is outside the years {FIRST_YEAR} to {LAST_YEAR - 1}; is it mistyped?")
    return moment


def _items(name: str, entry: Entry, parsed: Text) -> list[IPv4Network | IPv6Network | str]:
    """The values of a list; wrong ones are reported and omitted."""
    cell = entry.cells.get(name)
    if cell is None or cell.kind == "wrong":
        return []
    parts = cell.items if cell.items is not None else _parts(cell)
    if not parts or not any(part.text for part in parts):
        parsed.wrong(cell.line, cell.column, f"{name}: empty; expected {_EXPECTED[name]}")
        return []
    if len(parts) > _MAX_ITEMS:
        parsed.wrong(cell.line, cell.column, f"{name}: {len(parts):,} values; expected at most {_MAX_ITEMS:,}")
        return []
    read = _network if name == "networks" else _task
    made: list[IPv4Network | IPv6Network | str | None] = []
    for part in parts:
        try:
            made.append(read(part))
        except _WrongError as error:
            parsed.wrong(part.line, part.column, f"{name}: {error}")
    alone = ANY if name == "networks" else NONE
    if len(parts) > 1 and any(part.text.casefold() == alone for part in parts):
        parsed.wrong(
            cell.line, cell.column, f"{name}: {alone} with other values; expected only {alone}, or a list without it"
        )
    return [one for one in made if one is not None]


def _parts(cell: Cell) -> tuple[Cell, ...]:
    return tuple(replace(cell, text=text) for text in _SPLIT.split(cell.text) if text)


def _network(cell: Cell) -> IPv4Network | IPv6Network | None:
    """A network; None for any."""
    text = cell.text
    if text == ANY:
        return None
    mask = text.partition("/")[2]
    try:
        network = ip_network(text)
        if "%" not in text and (mask.isdigit() or mask in ("", str(network.netmask))):
            return _unmapped(network)
    except ValueError:
        pass
    if "%" in text:
        raise _WrongError(f"{text!r} has a zone (%), which no log records; expected the address without it")
    if "." in mask:
        raise _WrongError(f"{text!r} has no length after its slash; expected one like /24")
    try:
        whole = ip_network(text, strict=False)
    except ValueError:
        raise _WrongError(
            f"{text!r} is not a network; expected an address, a CIDR like 192.0.2.0/24 or 2001:db8::/32, or {ANY}"
        ) from None
    raise _WrongError(f"{text!r} names a host in a network; expected {whole}, or only the address")


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """IPv4 that is written as IPv6 (``::ffff:192.0.2.1``) as IPv4."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    return IPv4Network((int(mapped), network.prefixlen - 96)) if mapped and network.prefixlen >= 96 else network


def _task(cell: Cell) -> str | None:
    """A pattern; None for no change."""
    text = cell.text
    if text.casefold() == NONE:
        return None
    if text == ANY:
        return "*:*"
    if not _TASK.fullmatch(text):
        raise _WrongError(
            f"{text!r} is not a task; expected service:Action as in IAM, such as s3:DeleteBucketPolicy or iam:*, "
            f"or {NONE} if no change is expected"
        )
    return text


_EXPECTED: Final = {
    "ticket": "the ticket's number or name",
    "who": "who was to use root",
    "reason": "why root was needed",
    "account": "12 digits, as text",
    "from": "a time with a zone, or a date",
    "until": "a time with a zone, or a date",
    "networks": f"addresses or networks (CIDR), or {ANY} for any",
    "tasks": f"patterns such as s3:DeleteBucketPolicy, or {NONE} if no change was expected",
}
