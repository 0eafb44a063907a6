"""Templates for CloudTrail records: JSON text with ``<token>`` marks that a `World` fills in.

The calls of AWS services stand in ``calls/*.toml``, one entry for each shape of request. A template is
compiled once to a ``%``-format and a tuple of functions, so that making one record costs a few microseconds
and no JSON serializer is involved.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

_CALLS = Path(__file__).parent / "calls"
_COMMON_ERRORS = (
    ("AccessDeniedException", "User is not authorized to perform this operation on <word>"),
    ("ThrottlingException", "Rate exceeded"),
)

_TOKEN = re.compile(r"<([a-z_0-9]+)>")


class Call(NamedTuple):
    """One API call as it is written down in ``calls/*.toml``.

    Attributes:
        name: `eventName`.
        kind: ``R`` read-only, ``W`` mutating, ``D`` a read-only data event, ``P`` a mutating data event.
        request: `requestParameters` as a template.
        response: `responseElements` as a template.
        weight: How often the call turns up, relative to the others.
        resources: `resources` as a template; empty: the field is absent.
        extra: `additionalEventData` as a template; empty: the field is absent.
    """

    name: str
    kind: str
    request: str = "null"
    response: str = "null"
    weight: float = 1.0
    resources: str = ""
    extra: str = ""


class Service(NamedTuple):
    """One AWS service: its `eventSource`, `apiVersion`, errors (code and message template) and calls."""

    source: str
    api_version: str
    errors: tuple[tuple[str, str], ...]
    calls: tuple[Call, ...]


def _text(template: str) -> str:
    """Returns a template in one line: line breaks and the indentation after them are for the reader only."""
    return "".join(line.strip() for line in template.splitlines())


def _call(entry: dict[str, Any]) -> Call:
    texts = {name: _text(text) for name, text in entry.items() if isinstance(text, str)}
    return Call(**texts, weight=entry["weight"])


def read_services() -> tuple[Service, ...]:
    """Reads all services from ``calls/*.toml``, in the order of the file names."""
    services = []
    for path in sorted(_CALLS.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["service"]:
            errors = tuple((code, message) for code, message in entry.get("errors", _COMMON_ERRORS))
            calls = tuple(_call(call) for call in entry["call"])
            services.append(Service(entry["source"], entry.get("api_version", ""), errors, calls))
    return tuple(services)


class Compiled(NamedTuple):
    """A template ready to be filled: a ``%``-format and the functions that give its values."""

    form: str
    fills: tuple[Callable[[World], str], ...]

    def render(self, world: World) -> str:
        """Returns the text with every token replaced by a value from `world`."""
        if not self.fills:
            return self.form
        return self.form % tuple([fill(world) for fill in self.fills])


def compile_template(text: str, tokens: dict[str, Callable[[World], str]]) -> Compiled:
    """Compiles `text`.

    Args:
        text: JSON with ``<token>`` marks.
        tokens: The known tokens and their functions.

    Returns:
        The compiled template.

    Raises:
        KeyError: A mark names no known token.
    """
    names = _TOKEN.findall(text)
    if not names:
        return Compiled(text, ())
    form = _TOKEN.sub("%s", text.replace("%", "%%"))
    return Compiled(form, tuple(tokens[name] for name in names))
