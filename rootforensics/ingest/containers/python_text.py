"""Events as Python prints them: what notebooks and boto3 scripts leave behind becomes JSON, value by value.

Nothing is evaluated: Python's parser reads the text, and of its nodes those of a literal are taken, and
``datetime.datetime(…)`` with its time zone. A list of objects is read object by object.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.density import is_overfull

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.ingest.seen import Framing

CONTAINER: Final = "Python text"
#: The parser takes eighty times the memory of its text.
_MAX_BYTES: Final = 2 * 1024 * 1024
_MAX_LIST_BYTES: Final = 64 * 1024 * 1024
_NOT_READ: Final = (
    f"a value as Python prints it is cut off, broken or longer than {_MAX_BYTES:,} bytes, and was not read: print it as"
    " JSON (json.dumps(value, default=str))"
)
_LIST: Final = re.compile(rb"\s*\[\s*\{")
_TOKEN: Final = re.compile(rb"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{(]|[\]})]""", re.DOTALL)
#: What Python prints over several lines goes on with blanks.
_BEGIN: Final = re.compile(rb"^(?=[\[({])", re.MULTILINE)
_FILE: Final = "evidence"
_NOT_PYTHON: Final = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
_SHIFT: Final = re.compile(r"(days|seconds)=(-?\d{1,6})")
_SHIFT_BY_PLACE: Final = re.compile(r"(?:tzoffset|FixedOffset)\([^,()]*,?\s*(-?\d{1,6})\)")
# The parser has remarks on what others wrote.
warnings.filterwarnings("ignore", module=_FILE)


def as_json(windows: Iterable[bytes], seen: Framing) -> Iterator[bytes]:
    """The same values in JSON, each in a window; what is none stays as it is.

    Args:
        windows: the text, UTF-8.
        seen: takes the damage.
    """
    held = b""
    for window in windows:
        text = held + window
        *whole, held = (text,) if _is_list(text) else _BEGIN.split(text)
        yield from (_spelled(one, seen) for one in whole if one)
        if len(held) > _MAX_LIST_BYTES:
            yield _spelled(held, seen)
            held = b""
    yield _spelled(held, seen)


def _spelled(text: bytes, seen: Framing) -> bytes:
    whole, is_list = text.strip(), _is_list(text)
    parts = list(_members(whole)) if is_list else [whole]
    found = [one for part in parts if (one := json_of(part)) is not None]
    if whole and (len(found) < len(parts) or (is_list and not whole.endswith(b"]"))):
        seen.damage = seen.damage or _NOT_READ
    if is_list:
        return b"[%b]\n" % b",".join(found)
    return found[0] + b"\n" if found else text


def _is_list(text: bytes) -> bool:
    return _LIST.match(text) is not None and not is_overfull(text)


def _members(text: bytes) -> Iterator[bytes]:
    """The members of a printed list that are closed."""
    depth = start = 0
    for token in _TOKEN.finditer(text, 1):
        if token[0] in b"[{(":
            start = start if depth else token.start()
            depth += 1
        elif token[0] in b"]})":
            depth -= 1
            if depth == 0:
                yield text[start : token.end()]


def json_of(text: bytes) -> bytes | None:
    """A value that Python printed as JSON; None for any other text."""
    value = literal_in(text.decode(errors="replace"))
    if value is None:
        return None
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character
        return json.dumps(value).encode()


def literal_in(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """What Python printed; None for any other text, one that is too long, and ``None``."""
    if len(text) > _MAX_BYTES or is_overfull(text.encode(errors="replace")):
        return None
    try:
        return _value(ast.parse(text.strip(), _FILE, "eval").body)
    except _NOT_PYTHON:
        return None


def _value(node: ast.expr) -> Any:  # noqa: ANN401 - any JSON value
    """What a literal stands for.

    Raises:
        ValueError: the node is of no literal.
    """
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.Constant(value=bytes() as value):
            return value.decode(errors="replace")
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return list(map(_value, parts))
        case ast.Dict(keys=keys, values=values):
            names = [None if key is None else _value(key) for key in keys]
            if all(isinstance(name, str) for name in names):
                return dict(zip(names, map(_value, values), strict=True))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="datetime")):
            return _moment(node)
    raise ValueError


def _moment(node: ast.Call) -> str:
    """A ``datetime.datetime`` in ISO 8601, UTC; as it was printed if it is none, or of an unknown time zone."""
    numbers = [_value(arg) for arg in node.args]
    zone = _zone(", ".join(map(ast.unparse, node.keywords)))
    with suppress(TypeError, ValueError, OverflowError):
        if zone:
            return datetime(*numbers).replace(tzinfo=zone).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return ast.unparse(node)


def _zone(text: str) -> timezone | None:
    """The time zone that a time names; UTC if it names none, None if it cannot be told."""
    if not text or "utc" in text.lower():
        return UTC
    shifts = _SHIFT.findall(text) or [("seconds", shift) for shift in _SHIFT_BY_PLACE.findall(text)]
    try:
        return timezone(timedelta(**{unit: int(number) for unit, number in shifts})) if shifts else None
    except ValueError:
        return None
