"""What a call may do, by its name, where the catalogue does not say it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from rootforensics.rules.actions import action_rows, control_calls

_DOMAIN: Final = ".amazonaws.com"


def may_impair(source: str | None, name: str | None) -> bool:
    """Whether a successful write may impair a detective control, and no rule says what it does to it.

    Args:
        source: the ``eventSource``.
        name: the ``eventName``, in any case.
    """
    data, call = _data(), _call(source, name)
    if not name or call in _known() or call in data["harmless"]:
        return False
    if call in data["calls"]:
        return True
    verb, object_ = _parts(name)
    if verb in ("sets", "takes") and any(word in object_ for word in data["records"]):
        return True
    hides = verb == "adds" and "create" in name.lower() and any(word in object_ for word in data["hides"])
    return call.split(":")[0] in data["services"] and (verb not in ("adds", "tags") or hides)


def is_free(source: str | None, name: str | None) -> bool:
    """Whether a call brings nothing that is paid for, whatever it asked for.

    Args:
        source: the ``eventSource``.
        name: the ``eventName``, in any case.
    """
    free, call = _data()["free"], _call(source, name)
    return _parts(name or "")[0] in ("takes", "tags") or call.split(":")[0] in free["services"] or call in free["calls"]


def _call(source: str | None, name: str | None) -> str:
    """The service and the name in small letters, as the lists of ``by_name.toml`` are read."""
    return f"{source or ''}:{name or ''}".lower().replace(f"{_DOMAIN}:", ":")


def _parts(name: str) -> tuple[str, str]:
    """What the first words of a name do (``adds``, ``takes``, ``sets``, ``tags``, or empty), and the rest of it."""
    match = _data()["verb"].match(name)
    # A word ends before a capital; in a name without capitals nobody knows where.
    if not match or (name[match.end() : match.end() + 1].islower() and name != name.lower()):
        return "", name.lower()
    return match.lastgroup, name[match.end() :].lower()


@cache
def _data() -> dict[str, Any]:
    """The content of ``by_name.toml`` in small letters, and ``verb``, a pattern of its verbs."""
    data = tomllib.loads(files(__package__).joinpath("by_name.toml").read_text(encoding="utf-8").lower())
    # RemoveTags is read before Remove.
    groups = "|".join(f"(?P<{kind}>{'|'.join(data['verbs'][kind])})" for kind in ("tags", "adds", "takes", "sets"))
    return {**data, "verb": re.compile(f"(?:batch)?(?:{groups})", re.IGNORECASE)}


@cache
def _known() -> frozenset[str]:
    """The calls of which rules say what they do to a detective control."""
    calls = [(row["call_source"], row["call_name"]) for row in action_rows() if row["control"]]
    calls += [(row["call_source"], row["call_name"]) for row in control_calls()]
    return frozenset(_call(source, name) for source, name in calls)
