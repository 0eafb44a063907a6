"""Tell that a field is nowhere null in a text, without decoding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import stringzilla

from rootforensics.ingest.root_marks import spells_letters

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How a value begins that is not null: text, an object, a list, true, false. Numbers are left to a closer look.
_VALUES: Final = (b'"', b"{", b"[", b"t", b"f")


def may_be_null(text: bytes, names: Iterable[str]) -> bool:
    """True if a field of one of the names may be null in any record of a text; False is certain.

    Args:
        text: records as CloudTrail writes them, without blanks between a name and its value.
        names: of fields; other than letters they hold nothing.
    """
    return spells_letters(text) or any(_may_be_null(text, name) for name in names)


def _may_be_null(text: bytes, name: str) -> bool:
    quoted = f'"{name}"'.encode()
    unseen = int(stringzilla.count(text, quoted))
    for value in _VALUES:
        if unseen:
            unseen -= int(stringzilla.count(text, quoted + b":" + value))
    return unseen > 0
