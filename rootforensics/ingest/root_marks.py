"""Find the records that may concern root in a text, without decoding it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from rootforensics.ingest.scan import find_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rootforensics.ingest.values import Values

_OF_ROOT: Final = b"oot"
_ESCAPE: Final = b"\\u00"
#: A record that names root, or AssumeRoot, in any spelling that counts holds one of these; letters may be escaped. Each
#: costs a search of all text, so the first serves several spellings: ``_means_root``.
_NAMES: Final = (_OF_ROOT, b"ROOT", _ESCAPE)
#: A record that meets ``ROOT_CONDITION`` holds one of those, or its ``userIdentity`` is a text (found ten times as fast
#: without the beginning that all records have).
_MARKS: Final = (*_NAMES, b'rIdentity":"', b'rIdentity": "')
#: Finds whatever these find, and more, in the text of one record: for an engine that searches many where they lie. RE2,
#: Java and Joni read it alike.
MARKS_PATTERN: Final = r'(?i)root|\\u00(?:3[0-9a]|[4-7][0-9a-f])|rIdentity"\s*:\s*"'
#: A part of a text that stays in the processor's cache while all marks are searched in it.
_PART_BYTES: Final = 256 * 1024
#: What stands between two records, and how a record begins whose type says that no ARN in it makes it root's; of a
#: federated session it says so only with the type of who opened it.
_BORDER: Final = b'},{"eventVersion":'
_TYPED: Final = re.compile(
    rb'(?:\},|\{"Records":\[)?\{"eventVersion":"[^"\\]*","userIdentity":\{"type":"(?![Ff ])[^"\\]'
)
#: A record that begins farther before its ARN is looked at in any case.
_FAR_BYTES: Final = 64 * 1024
_IDENTITY: Final = b'"userIdentity"'
#: Blanks around a type, which do not count.
_BLANK_BEFORE: Final = re.compile(rb'(?:"|\\u0020) *\Z|\A +\Z')
_BLANK_BEHIND: Final = re.compile(rb' *(?:"|\\u0020)| {64}')
_MOST_BLANKS: Final = 64
#: JSON may spell any character as an escape. CloudTrail never does so for letters, digits and the colon, which matter.
_ESCAPED: Final = re.compile(rb"\\u00(?:3[0-9aA]|[4-7][0-9a-fA-F])")


def may_name_root(text: bytes) -> bool:
    """True if root may be named in any record of a text; False is certain.

    Args:
        text: records, each beginning with ``{"eventVersion":``.
    """
    return any(True for _ in _places(text, _NAMES))


def naming_root(values: Values) -> list[int]:
    """The places in a list of the records that may name root, in order.

    Args:
        values: in one text, each beginning with ``{"eventVersion":``.
    """
    places = np.fromiter(_places(values.joined or b"", _NAMES), np.int64)
    ends = values.start + np.cumsum(values.lengths() + 1)
    held: list[int] = np.unique(np.searchsorted(ends, places, side="right")).tolist()
    return [place for place in held if place < len(ends)]


def places_of_marks(text: bytes) -> Iterator[int]:
    """Where something stands for which a record may concern root, in no order; the same place may come twice.

    Args:
        text: as for ``may_name_root``.
    """
    return _places(text, _MARKS)


def spells_letters(text: bytes) -> bool:
    """True if a letter or a colon is spelled as an escape anywhere in a text."""
    return any(_ESCAPED.match(text, place) for place in find_all(text, _ESCAPE))


def _places(text: bytes, marks: Sequence[bytes]) -> Iterator[int]:
    """Where one of the marks stands and means what it is for, in no order."""
    for start in range(0, len(text), _PART_BYTES):
        for mark in marks:
            for place in find_all(text, mark, start, start + _PART_BYTES + len(mark) - 1):
                if mark not in (_OF_ROOT, _ESCAPE) or (
                    _means_root(text, place) if mark == _OF_ROOT else _ESCAPED.match(text, place)
                ):
                    yield place


def _means_root(text: bytes, place: int) -> bool:
    """True where ``oot`` stands in ``Root``, in ``"root"``, or in the ARN of root in a record without a type."""
    first = text[place - 1 : place]
    if first == b"R":
        return True
    if first != b"r" or not _BLANK_BEHIND.match(text, place + len(_OF_ROOT)):
        return False
    before = text[max(place - 1 - _MOST_BLANKS, 0) : place - 1]
    return bool(_BLANK_BEFORE.search(before)) or (before.endswith(b":") and not _is_typed(text, place))


def _is_typed(text: bytes, place: int) -> bool:
    """True if the record around an ARN begins with the type of its identity. Policies are full of root's ARN."""
    far = max(place - _FAR_BYTES, 0)
    start = max(text.rfind(_BORDER, far, place), far)
    # A second identity before the ARN: what looks like the start of the record may lie inside another.
    return bool(_TYPED.match(text, start)) and text.count(_IDENTITY, start, place) == 1
