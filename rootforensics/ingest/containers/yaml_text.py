"""Output of the AWS command line in YAML; its values become JSON, which other code takes apart."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.framing import Values
from rootforensics.ingest.hints import MAY_HOLD_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.ingest.seen import Framing

#: A document is in memory as a whole, many times its size.
_MAX_BYTES: Final = 64 * 1024 * 1024
#: The command line writes no anchors; with them a small text can stand for a huge one.
_ANCHOR: Final = re.compile(rb"^\s*(?:- )*(?:[\w.-]+: +)?[&*]\w", re.MULTILINE)


def frame_yaml(lines: Iterable[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the documents of a YAML text as JSON values.

    Args:
        lines: the text.
        seen: takes the kind and the damage.
    """
    import yaml

    parts: list[bytes] = []
    size = 0
    for line in lines:
        size += len(line)
        if size <= _MAX_BYTES:
            parts.append(line)
    text = b"".join(parts)
    if size > _MAX_BYTES:
        seen.refusal = (
            f"YAML of {size:,} bytes, more than is read: fetch it again with --output json; {MAY_HOLD_EVENTS}"
        )
        return
    if _ANCHOR.search(text):
        seen.refusal = (
            "YAML with anchors, which the AWS command line does not write: fetch it again with --output json; "
            f"{MAY_HOLD_EVENTS}"
        )
        return
    seen.kind, seen.outer = "yaml", "YAML"
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    documents: list[bytes] = []
    try:
        documents.extend(map(_as_json, yaml.load_all(text, loader)))
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        seen.damage = f"the YAML is broken ({' '.join(str(error).split())[:200]}); fetch it again with --output json"
    yield Values(documents)


def _as_json(document: Any) -> bytes:  # noqa: ANN401 - any value
    return json.dumps(document, ensure_ascii=False).encode(errors="replace")
