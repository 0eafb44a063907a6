"""Find the records that may concern root in a text, without decoding it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from rootforensics.ingest.scan import find_all, holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from rootforensics.ingest.framing import Values

#: A record with one of these may meet ``ROOT_CONDITION`` by the type or the name of its identity, as AssumeRoot,
#: or because its ``userIdentity`` is a text (found ten times as fast without the beginning that all records have).
_MARKS: Final = (b"Root", b'"root"', b'"ROOT"', b'rIdentity":"', b'rIdentity": "')
#: The end of root's ARN. Policies and lists of resources are full of it; it counts only where no type is given.
_ARN_MARK: Final = b':root"'
#: What stands between two records, and how a record begins that gives the type.
_BORDER: Final = b'},{"eventVersion":'
_TYPED: Final = re.compile(rb'(?:\},|\{"Records":\[)?\{"eventVersion":"[^"\\]*","userIdentity":\{"type":"[^"\\]')
#: A record that begins farther before its ARN is looked at in any case.
_FAR_BYTES: Final = 64 * 1024
_IDENTITY: Final = b'"userIdentity"'
#: JSON may spell any character as an escape. CloudTrail never does so for letters and the colon, which alone matter.
_ESCAPE: Final = b"\\u00"
_ESCAPED: Final = re.compile(rb"\\u00(?:3[aA]|[4-7][0-9a-fA-F])")


def may_concern_root(text: bytes) -> bool:
    """True if any record of a text may meet ``ROOT_CONDITION``; False is certain.

    Args:
        text: records, each beginning with ``{"eventVersion":``.
    """
    return any(holds(text, mark) for mark in _MARKS) or any(True for _ in _rarer(text))


def mentioning_root(values: Values) -> list[int]:
    """The places in a list of the records that may meet ``ROOT_CONDITION``, in order; all others certainly do not.

    Args:
        values: records, each beginning with ``{"eventVersion":``.
    """
    if values.joined is None:
        return [place for place, text in enumerate(map(bytes, values.texts)) if may_concern_root(text)]
    ends = values.start + np.cumsum(values.lengths() + 1)
    held: list[int] = np.unique(np.searchsorted(ends, _places(values.joined), side="right")).tolist()
    return [place for place in held if place < len(ends)]


def _places(text: bytes) -> npt.NDArray[np.int64]:
    found = [place for mark in _MARKS for place in find_all(text, mark)]
    found.extend(_rarer(text))
    return np.array(found, np.int64)


def _rarer(text: bytes) -> Iterator[int]:
    """Where the ARN of root stands in a record without a type, and where a letter or a colon is escaped."""
    for place in find_all(text, _ARN_MARK):
        far = max(place - _FAR_BYTES, 0)
        start = max(text.rfind(_BORDER, far, place), far)
        # A second identity before the ARN: what looks like the start of the record may lie inside another.
        if not _TYPED.match(text, start) or text.count(_IDENTITY, start, place) != 1:
            yield place
    if holds(text, _ESCAPE):
        for found in _ESCAPED.finditer(text):
            yield found.start()
