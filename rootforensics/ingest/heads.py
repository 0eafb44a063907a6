"""Where reading can start: how records, log files and lists of entries in containers begin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from rootforensics.schema import EVENT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
#: The head of a log file. The group is not possessive, for Python 3.11.2 to 3.11.4 err where a possessive one holds a
#: choice (gh-106052). At most a hundred plain values under other keys may stand before the list.
RECORDS_HEAD: Final = re.compile(
    rb"\{\s*+(?:%b\s*+:\s*+(?:%b|[-+.\w]++)\s*+,\s*+){0,100}" % (_STRING, _STRING) + rb'"Records"\s*:\s*\[', re.DOTALL
)
_TOKEN: Final = re.compile(_STRING + rb'|[\[\]{}]|"', re.DOTALL)
_KEY: Final = re.compile(rb"\s*(%b)\s*:\s*" % _STRING, re.DOTALL)
_SCALAR: Final = re.compile(rb"%b|[-+.\w]++" % _STRING, re.DOTALL)
_AFTER_VALUE: Final = re.compile(rb"\s*(,|\})")
_EMPTY: Final = re.compile(rb"\{\s*\}")
_MEMBER: Final = re.compile(rb"\s*([\[{])")
_FIRST_KEY: Final = re.compile(rb"\s*([\[{])\s*(?:\{\s*)?(%b)\s*:" % _STRING, re.DOTALL)
#: The key with which AWS begins a record; those of other spellings are learnt from the file's whole records.
_AWS_FIRST_KEY: Final = b'"eventVersion"'
_RECORD_MARKS: Final = (b'"eventName"', b'"eventTime"', b'"eventSource"')
_MAX_KEYS: Final = 16
#: The lists in which the answers of services hold their entries.
_LISTS: Final = frozenset(b"Events events logEvents results Messages Records records hits QueryResultRows Rows".split())
#: What is an event or a part of one has no list of events: a record that was cut must not be told by its remains.
EVENT_KEYS: Final = frozenset(name.lower().encode() for name in EVENT_FIELDS)
_MARK: Final = re.compile(rb"event_?(?:name|version)|class_uid|H4sI|KLUv|eyJ", re.IGNORECASE)
#: A list of entries lies this deep in its container.
_MAX_DEPTH: Final = 8


class ListHead(NamedTuple):
    """The beginning of a container up to its list of entries.

    Attributes:
        end: where the first entry may begin.
        path: the keys that lead to the list.
    """

    end: int
    path: tuple[bytes, ...]

    def wrapped(self, entry: bytes, first: bytes) -> bytes:
        """An entry in as much of its container as it needs to be understood.

        Args:
            entry: of the list.
            first: the first entry of the list, which holds the names of columns in answers of Athena.
        """
        if self.path[-1] == b"Rows":
            entry = first + b"," + entry if first else entry
        elif entry[:1] != b"[":
            return entry
        opening = b"".join(b'{"%b":' % key for key in self.path)
        return b"%b[%b]%b" % (opening, entry, b"}" * len(self.path))


class Starts:
    """Where reading can start again after something broken, as far as the text has shown that.

    Attributes:
        record: how a record begins. After a colon stands a value inside a record (a map of tags may hold any key).
        again: a record, an entry of a container, or a brace that begins a line: in a string no line ends.
    """

    def __init__(self) -> None:
        self._records = [_AWS_FIRST_KEY]
        self._entries: list[bytes] = []
        self._rows: list[bytes] = []
        self._compile()

    def _compile(self) -> None:
        self.record, self.again = patterns(self._records, self._entries, self._rows)

    def learn(self, item: bytes) -> bool:
        """Remember with which key the records of this file begin; True if that is news."""
        first = _FIRST_KEY.match(item)
        if first is None or first[1] != b"{" or not all(mark in item for mark in _RECORD_MARKS):
            return False
        return self._keep(first[2], self._records)

    def learn_entry(self, text: bytes, place: int) -> bool:
        """Remember with which key the entries of a container begin, objects or lists of them; True if that is news."""
        first = _FIRST_KEY.match(text, place)
        return first is not None and self._keep(first[2], self._rows if first[1] == b"[" else self._entries)

    def _keep(self, key: bytes, keys: list[bytes]) -> bool:
        is_new = key not in keys and len(keys) < _MAX_KEYS
        if is_new:
            keys.append(key)
            self._compile()
        return is_new


def patterns(
    records: Iterable[bytes], entries: Iterable[bytes], rows: Iterable[bytes]
) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The patterns of ``Starts`` for the keys with which records, entries and rows begin."""
    opening = rb"(?<!:)(?<!: )\{\s*(?:%b)\s*:"
    keys = [b"|".join(map(re.escape, some)) for some in (records, (*records, *entries), rows)]
    again = rb"\{(?:(?<=\n\{)|(?<!:\{)(?<!: \{)\s*(?:" + keys[1] + rb")\s*:)"
    if keys[2]:
        again += rb"|(?<!:)(?<!: )\[\s*\{\s*(?:" + keys[2] + rb")\s*:"
    return re.compile(opening % keys[0]), re.compile(again)


def list_head(text: bytes, place: int, limit: int) -> tuple[ListHead | None, int]:
    """The head of the container that begins at a place.

    Args:
        text: with the container.
        place: of its brace.
        limit: what lies before the list of entries is walked no further than this.

    Returns:
        The head, or None if there is no list of entries or it is part of an event; and how far the text was walked.
    """
    path: list[bytes] = []
    fallback: ListHead | None = None
    end = place + 1
    while end < limit and (key := _KEY.match(text, end)):
        name, end = key[1][1:-1], key.end()
        if name.lower() in EVENT_KEYS:
            return None, end
        opening = text[end : end + 1]
        if opening == b"{" and len(path) < _MAX_DEPTH and not _EMPTY.match(text, end):
            path.append(name)
            end += 1
            continue
        if opening == b"[" and (name in _LISTS or _MEMBER.match(text, end + 1)):
            head = ListHead(end + 1, (*path, name))
            if name in _LISTS:
                return head, end
            fallback = fallback or (head if _MARK.search(text, end, limit) else None)
        end, is_whole = behind(text, end, limit)
        while is_whole and (found := _AFTER_VALUE.match(text, end)):
            end = found.end()
            if found[1] == b",":
                break
            if not path:
                return fallback, end
            path.pop()
        else:
            break
    return fallback, end


def behind(text: bytes, place: int, limit: int) -> tuple[int, bool]:
    """Where the value at a place ends, and True; how far it was walked, and False, if it does not end in the limit."""
    if text[place : place + 1] not in (b"[", b"{"):
        found = _SCALAR.match(text, place)
        return (found.end(), True) if found else (place, False)
    nesting = 0
    for token in _TOKEN.finditer(text, place, limit):
        if token[0] == b'"':  # a string without an end
            break
        nesting += (token[0] in (b"[", b"{")) - (token[0] in (b"]", b"}"))
        if not nesting:
            return token.end(), True
    return min(limit, len(text)), False
