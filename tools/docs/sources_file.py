"""The event sources that the name of a call tells: a file of the package that ``make docs`` writes."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.spelling import bare_name
from rootforensics.rules.actions import control_calls
from rootforensics.rules.entities import entity_rules
from tools.docs.aws_models import services, sources, versioned_sources
from tools.docs.catalogue import actions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_NAME: Final = re.compile("[A-Za-z][A-Za-z0-9_]+")
#: Events that no model and no row of the catalogue has.
_NO_API: Final = {
    "organizations.amazonaws.com": ("CloseAccountResult", "CreateAccountResult"),
    "signin.amazonaws.com": ("ExchangeOAuth2Token",),
}
#: Where rules stand that read the name of a call.
_RULES: Final = ("analysis", "queries", "rules")


@cache
def sources_text() -> str:
    """JSON: names of calls that a rule reads, and the sources that have such a call.

    Where several have it, the name with the version of an API tells which is meant.
    """
    known = {name: set(held) for name, held in sources().items()}
    for action in actions().values():
        known.setdefault(action.eventName, set()).add(action.eventSource)
    for rule in entity_rules():
        known.setdefault(rule.event[1], set()).add(rule.event[0])
    for call in control_calls():
        known.setdefault(call["call_name"], set()).add(call["call_source"])
    for source, names in _NO_API.items():
        for name in names:
            known.setdefault(name, set()).add(source)
    read = {
        name for folder in _RULES for text in _texts(files("rootforensics") / folder) for name in _NAME.findall(text)
    }
    held = {name: sorted(known[name]) for name in read & known.keys()}
    held |= {name: [source] for name, source in versioned_sources().items() if len(held.get(bare_name(name), ())) > 1}
    rows = (f"{json.dumps(name)}: {json.dumps(held[name])}" for name in sorted(held))
    return "{\n" + ",\n".join(rows) + "\n}\n"


def services_text() -> str:
    """The text of the list of services: one event source a line."""
    known = services() | {source for sources in json.loads(sources_text()).values() for source in sources}
    return "".join(f"{source}\n" for source in sorted({one.lower() for one in known}))


def _texts(folder: Traversable) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.name.endswith((".sql", ".toml", ".py")):
            yield entry.read_text(encoding="utf-8")
