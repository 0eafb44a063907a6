"""Maps of texts, in which CloudTrail Lake and many tables keep what a record has in ``requestParameters`` and the like.

A value that is a JSON object or list stands in such a map as its text. It is opened, for the credentials of a session
and the name of a new user lie in one. Numbers and flags stay text: an account ID looks like a number, and a question
that asks for the text of a value gets the same answer either way.

Source: AWS CloudTrail User Guide, "CloudTrail Lake schemas": ``requestParameters map<string,string>``.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from rootforensics.ingest.json_parts import NOT_VALID, is_json

_map_decoder: Final = msgspec.json.Decoder(dict[str, str | None])
#: Texts that are JSON in CloudTrail's own records, too.
_DOCUMENTS: Final = frozenset(
    (
        *("policyDocument", "assumeRolePolicyDocument", "policy", "policyText", "resourcePolicy", "trustPolicy"),
        *("content", "document", "definition", "templateBody", "userData", "secretString", "sessionPolicy"),
    )
)


class _Pair(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    value: str | None = None


_pairs_decoder: Final = msgspec.json.Decoder(list[_Pair])


def texts_of_map(raw: bytes) -> dict[str, str | None] | None:
    """The texts of a map: an object of texts, or a list of keys and values; None for JSON of another shape.

    Args:
        raw: JSON of a field that is an object in a record.
    """
    try:
        if raw[:1] == b"[":
            return {pair.key: pair.value for pair in _pairs_decoder.decode(raw)}
        return _map_decoder.decode(raw)
    except NOT_VALID:
        return None


def opened_map(values: dict[str, Any], *, nulls: bool = False) -> dict[str, Any]:
    """The map with its objects and lists opened.

    Args:
        values: texts, or values that are known already.
        nulls: True to keep a null, which a JSON row can have; in the column of a table it stands for what was
            never there.
    """
    return {name: _opened(name, value) for name, value in values.items() if nulls or value is not None}


def _opened(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str) or name in _DOCUMENTS or value.strip()[:1] not in ("{", "["):
        return value
    text = value.encode(errors="replace")
    return msgspec.Raw(text) if is_json(text) else value
