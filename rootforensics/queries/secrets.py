"""Secrets in requests: people see their length and hash. SQL, ``raw`` and exports have them as they were recorded."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final

import msgspec

from rootforensics.ingest.text import decode_any

#: How names of fields, settings and variables end whose values are secrets.
_NAMES: Final = (
    "password|user_?data|secret_?string|secret_?binary|(?:secret|private)_?(?:access_?)?key|client_?secret|auth_?token"
)
_SECRET: Final = re.compile(rf"(?:{_NAMES})\Z", re.IGNORECASE)
_MAY_HOLD: Final = re.compile(_NAMES, re.IGNORECASE)
#: By the key that holds the name of a setting, the key that holds its value; in small letters.
_PAIRS: Final = {"name": "value", "key": "value", "parameterkey": "parametervalue"}
#: What AWS writes in place of a secret.
REMOVED: Final = re.compile(
    r"\*+|<?sensitiveDataRemoved>?|HIDDEN_DUE_TO_SECURITY_REASONS|\**redacted\**", re.IGNORECASE
)


def without_secrets(json_text: str | None) -> str | None:
    """A request as it is shown to people; one without secrets as it is spelled."""
    if not json_text or not _MAY_HOLD.search(json_text):
        return json_text
    try:
        request = decode_any(json_text.encode())
    except (ValueError, RecursionError, msgspec.DecodeError):
        return _hidden(json_text)
    shown = _without(request)
    return json_text if shown == request else msgspec.json.encode(shown).decode()


def _without(value: Any, *, is_secret: bool = False) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        named = {
            _PAIRS.get(key.lower()) for key, name in value.items() if isinstance(name, str) and _SECRET.search(name)
        }
        return {
            key: _without(part, is_secret=is_secret or bool(_SECRET.search(key)) or key.lower() in named)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_without(part, is_secret=is_secret) for part in value]
    is_value = value is not None and not isinstance(value, bool) and value != ""
    if not (is_secret and is_value) or (isinstance(value, str) and REMOVED.fullmatch(value)):
        return value
    return _hidden(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _hidden(text: str) -> str:
    spelled = text.encode("utf-8", "surrogatepass")
    return f"[not shown: {len(spelled):,} bytes, SHA-256 {sha256(spelled).hexdigest()}; rootforensics raw prints it]"
