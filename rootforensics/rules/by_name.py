"""What a call may do, by its name, where the catalogue does not say it."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from rootforensics.rules.actions import action_rows, control_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOMAIN: Final = ".amazonaws.com"
#: A word about logs, audits or traces in ``accessLogSettings`` or ``enable_logging``; there is none in login, catalog.
_LOG: Final = re.compile(
    r"(?:Log(?:s|ging)?|Audit(?:s|ing)?|Trac(?:e|es|ing))(?![a-z])"
    r"|(?<![A-Za-z])(?:log(?:s|ging)?|audit(?:s|ing)?|trac(?:e|es|ing))(?![a-z])"
)
#: Keys by which the entry of a list says which attribute, parameter or setting it is about.
_NAMES: Final = re.compile(r"(?:name|key|path)$", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_EVERYBODY: Final = re.compile(r'"(?:\*|all|allusers|everyone|public)\\*"', re.IGNORECASE)


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


def may_set_a_log(source: str | None, name: str | None) -> bool:
    """Whether a call changes settings, of which its request may say that they are those of a log (``sets_a_log``).

    Args:
        source: the ``eventSource``.
        name: the ``eventName``, in any case.
    """
    data, call = _data(), _call(source, name)
    excepted = call in _known() or call in data["harmless"] or call.split(":")[0] in data["free"]["services"]
    return _parts(name or "")[0] == "sets" and not excepted


def sets_a_log(request: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a request speaks of logs, audits or traces in a key, or in the name of an attribute that it lists.

    Args:
        request: as the record has it; of an empty one nobody knows.
    """
    return not request or any(_LOG.search(word) or word.lower() in _data()["settings"] for word in _words(request))


def may_change_owner(source: str | None, name: str | None) -> bool:
    """Whether others may come to own the account by a call, depending on what its domains are for and who pays.

    Args:
        source: the ``eventSource``.
        name: the ``eventName``, in any case.
    """
    return _call(source, name) in _data()["owns"]


def moves_mail(request: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a ``ChangeResourceRecordSets`` of Route 53 is about records that say where mail goes, or may be.

    Args:
        request: as the record has it; of one that cannot be read nobody knows.
    """
    types = set(re.findall(r'"type": "([^"]*)"', json.dumps(request).lower()))
    return not types or not types.isdisjoint(_data()["mail"])


def may_give(name: str | None, request: str | None = None, own_account: str | None = None) -> bool:
    """Whether a call beyond the catalogue may give data away, by its name and its request.

    Args:
        name: the ``eventName``, in any case.
        request: as the record has it; without one, the name decides.
        own_account: the account that recorded the call.
    """
    verb, rest = _parts(name or "")
    if verb in ("takes", "tags"):
        return False
    if any(word in rest for word in _data()["exports"]):
        return True
    named = {*_ACCOUNT.findall(request or "")} - {own_account}
    is_open = request in (None, "", "{}") or bool(named) or bool(_EVERYBODY.search(request or ""))
    return is_open and any(word in rest for word in _data()["gives"])


def _words(request: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """The keys in a request, the names that the entries of its lists have, and those of what holds settings of logs."""
    values: list[tuple[Any, bool]] = [(request, False)]
    while values:
        value, in_list = values.pop()
        if isinstance(value, list):
            values += [(entry, True) for entry in value]
        elif isinstance(value, dict):
            for key, entry in value.items():
                yield key
                if isinstance(entry, str) and (
                    (in_list and _NAMES.search(key)) or entry.lower() in _data()["settings"]
                ):
                    yield entry
                values.append((entry, False))


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
