"""Secrets in requests: people see their length and hash. SQL, ``raw`` and exports have them as they were recorded."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import msgspec

#: Names of members that the models of AWS mark as sensitive, in small letters, written by ``make docs``: ``names`` hold
#: credentials wherever they stand, ``calls`` have those that say nothing by themselves, such as ``value``.
SENSITIVE_FILE: Final = "sensitive.json"
#: How names of fields, settings and variables end whose values are secrets; a token of paging has no such name.
_NAMES: Final = (
    "pass(?:word|phrase|code|wd)|user_?data|secret_?string|secret_?binary|secret|connection_?string"
    "|(?:secret|private|pre_?shared)_?(?:access_?)?key|[_-]token|[_-]api[_-]?key"
    "|(?<!public)(?<!public_)key_?material|[a-z0-9]token"
)
#: Tokens of paging, of calls that are not to be made twice, and of changes that need the last state: no secrets.
_NO_SECRETS: Final = (
    "(?:next|prev|previous|start|starting|page|paging|pagination|continuation|marker|resume|list"
    "|client|clientrequest|request|creation|idempotency|idempotent|caller|lock|change|sequence|update)token"
)
#: Text that has a secret in it, wherever it stands: a private key, and the option of a command.
_IN_TEXT: Final = (
    "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY"
    "|(?:^|[\\s\"'])--?[a-z0-9_-]{0,60}(?:password|passwd|passphrase|token|secret)(?:=|\\s+)\\S"
    "|\\bmysql[a-z]{0,20}\\s(?:[^|;&]{0,400}\\s)?-p\\S"
)
#: An option whose value is the next of a list of words.
_OPTION: Final = re.compile("--?[a-z0-9_-]*(?:password|passwd|passphrase|token|secret)", re.IGNORECASE)
#: Letters of a name, from its end, that tell whether it is that of a secret.
_LONGEST: Final = 200
#: By the key that holds the name of a setting, the key that holds its value; in small letters.
_PAIRS: Final = {"name": "value", "key": "value", "parameterkey": "parametervalue"}
#: What AWS writes in place of a secret.
REMOVED: Final = re.compile(
    r"\*+|<?sensitiveDataRemoved>?|HIDDEN_DUE_TO_SECURITY_REASONS|\**redacted\**", re.IGNORECASE
)


def without_secrets(json_text: str | None, source: str | None = None, name: str | None = None) -> str | None:
    """A request as it is shown to people; one without secrets as it is spelled.

    Args:
        json_text: the request.
        source: the service that was called, such as ``ssm.amazonaws.com``, if it is known.
        name: likewise, the call.
    """
    from rootforensics.ingest.text import decode_any  # it brings numpy, which charts do without until they are drawn

    own = _calls().get(f"{(source or '').removesuffix('.amazonaws.com')}:{name}", frozenset())
    if not json_text:
        return json_text
    try:
        request = decode_any(json_text.encode())
        shown = _without(request, own)
        return json_text if shown == request else msgspec.json.encode(shown).decode()
    except (ValueError, RecursionError, msgspec.DecodeError):
        return _hidden(json_text) if own or _may_hold().search(json_text) else json_text


@cache
def _calls() -> dict[str, frozenset[str]]:
    """The members of a call that hold secrets and whose names do not say so, by ``service:eventName``."""
    return {call: frozenset(names) for call, names in _sensitive()["calls"].items()}


@cache
def _may_hold() -> re.Pattern[str]:
    return re.compile("|".join((_NAMES, _IN_TEXT, *_sensitive()["names"])), re.IGNORECASE)


_text_with_secret: Final = re.compile(_IN_TEXT, re.IGNORECASE)


@lru_cache(65_536)
def _is_secret(name: str) -> bool:
    """Whether the value of what is called so is a secret."""
    name = name[-_LONGEST:].lower()
    if re.fullmatch(_NO_SECRETS, name):
        return False
    return name in _sensitive()["names"] or re.search(rf"(?:{_NAMES})\Z", name) is not None


def _is_secret_setting(name: str) -> bool:
    """Whether the value of what a name beside it calls so is a secret; ``token`` alone is one there."""
    return name.lower() == "token" or _is_secret(name)


@cache
def _sensitive() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files(__package__).joinpath(SENSITIVE_FILE).read_text(encoding="utf-8"))
    return told


def _without(value: Any, own: frozenset[str], *, is_secret: bool = False) -> Any:  # noqa: ANN401 - any JSON value
    """A value without secrets; of a setting whose value is one, the name stays.

    Args:
        value: any JSON value.
        own: names, in small letters, that hold secrets in this call.
        is_secret: True for what lies in a secret.
    """
    if isinstance(value, dict):
        keys = {key.lower() for key in value}
        named = {
            _PAIRS.get(key.lower()) for key, name in value.items() if isinstance(name, str) and _is_secret_setting(name)
        }
        return {
            key: _without(
                part,
                own,
                is_secret=(is_secret and _PAIRS.get(key.lower()) not in keys)
                or _is_secret(key)
                or key == "TOKEN"
                or key.lower() in own | named,
            )
            for key, part in value.items()
        }
    if isinstance(value, list):
        options = [False, *(isinstance(part, str) and _OPTION.fullmatch(part) is not None for part in value)]
        return [
            _without(part, own, is_secret=is_secret or is_next) for part, is_next in zip(value, options, strict=False)
        ]
    is_secret = is_secret or (isinstance(value, str) and _text_with_secret.search(value) is not None)
    is_value = value is not None and not isinstance(value, bool) and value != ""
    if not (is_secret and is_value) or (isinstance(value, str) and REMOVED.fullmatch(value)):
        return value
    return _hidden(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _hidden(text: str) -> str:
    spelled = text.encode("utf-8", "surrogatepass")
    return f"[not shown: {len(spelled):,} bytes, SHA-256 {sha256(spelled).hexdigest()}; rootforensics raw prints it]"
