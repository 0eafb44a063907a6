"""Where reading can start: how records, log files and lists of entries in containers begin, and where values end."""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

from rootforensics.schema import EVENT_FIELDS

STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRING: Final = re.compile(STRING, re.DOTALL)
_SCALAR: Final = rb"(?:%b|[-+.\w]++)" % STRING
#: The head of a log file. The group is not possessive, for Python 3.11.2 to 3.11.4 err where a possessive one holds a
#: choice (gh-106052). At most a hundred plain values under other keys may stand before the list.
RECORDS_HEAD: Final = re.compile(
    rb"\{\s*+(?:%b\s*+:\s*+%b\s*+,\s*+){0,100}" % (STRING, _SCALAR) + rb'"Records"\s*:\s*\[', re.DOTALL
)
_TOKEN: Final = re.compile(STRING + rb'|[\[\]{}]|"', re.DOTALL)
_FIRST_KEY: Final = re.compile(rb"\s*+(?:(\[)|\{)?\s*+\{\s*+(%b)\s*+:" % STRING, re.DOTALL)
#: The key with which AWS begins a record; how else values begin is learnt from those that are met.
_RECORD_MARKS: Final = (b'"eventName"', b'"eventTime"', b'"eventSource"')
_MAX_STARTS: Final = 32
#: How a container begins whose entries lie in a list: before that stand plain values, flat lists and objects, and the
#: keys of the objects around it.
_ENTRIES: Final = re.compile(
    rb"\{\s*+(?:%b\s*+:\s*+(?:%b\s*+,|\[[^\[\]{}]*+\]\s*+,|\{[^\[\]{}]*+\}\s*+,|\{)\s*+){0,100}" % (STRING, _SCALAR)
    + rb'"([Ee]vents|logEvents|results|Messages|[Rr]ecords|hits|QueryResultRows|Rows)"\s*:\s*\[',
    re.DOTALL,
)
#: What is an event or a part of one has no list of events: a record that was cut must not be told by its remains.
EVENT_FIELD: Final = re.compile(rb'"(?:%b)"\s*:' % "|".join(EVENT_FIELDS).encode())
_ANY_CASE: Final = re.compile(EVENT_FIELD.pattern, re.IGNORECASE)

_decoder: Final = json.JSONDecoder(parse_int=len, parse_float=len, object_pairs_hook=len)
#: A value is sought to end within so many bytes, and then within eight times as many each time.
_FIRST_BYTES: Final = 4096
_GROWTH: Final = 8
#: Of a word or an escape that is cut off the decoder says that it is wrong from its beginning on.
_LONGEST_WORD: Final = len("\\ud800\\udc00")


class End(NamedTuple):
    """What is known of the end of a value.

    Attributes:
        place: where it is, or None if the value is broken, cut off, or longer than it was followed.
        walked_to: so far the value was read.
        is_open: nothing was wrong up to there.
        is_deep: it is nested deeper than the decoder follows.
    """

    place: int | None
    walked_to: int
    is_open: bool = False
    is_deep: bool = False


def end_of_value(text: bytes, start: int, limit: int) -> End:
    """Seek the end of the value that begins at a place, whatever stands behind it, before a limit."""
    size = _FIRST_BYTES
    while True:
        stop = min(start + size, limit)
        part = text[start:stop].decode("latin-1")  # a sign a byte: places stay what they are
        try:
            return End(start + _decoder.raw_decode(part)[1], stop, is_open=True)
        except json.JSONDecodeError as error:
            is_open = error.msg.startswith("Unterminated") or error.pos + _LONGEST_WORD > len(part)
            walked_to = stop if is_open else start + error.pos
        except RecursionError:
            return End(None, stop, is_deep=True)
        if not is_open or stop == limit:
            return End(None, walked_to, is_open)
        size *= _GROWTH


def place_behind(text: bytes, place: int) -> int | None:
    """Where the brackets of a broken value are closed, whatever else is wrong between them; None for nowhere."""
    nesting = 0
    for token in _TOKEN.finditer(text, place):
        nesting += (token[0] in (b"[", b"{")) - (token[0] in (b"]", b"}"))
        if token[0] == b'"':  # a string without an end
            break
        if not nesting:
            return token.end()
    return None


#: One of these stands near the end of every record (AWS CloudTrail User Guide, record contents).
_LAST_FIELDS: Final = frozenset(("eventType", "recipientAccountId"))
#: What follows a member of an object; behind an entry of a list or a line stands something else.
_BEHIND_MEMBER: Final = re.compile(rb'\s*+(?:\}|,\s*+")')


class Starts:
    """Where reading can start again after something broken.

    At a record, at what begins as other values of the text do, and at a brace that begins a line: in a string no line
    ends. After a colon mostly stands a value inside a record (a map of tags may hold any key): see ``is_moved``.
    """

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._keys: list[bytes] = []
        self._rows: list[bytes] = []
        self._learn_record(b'"eventVersion"')
        self.learn(b'{"eventVersion":', 0)

    def is_record(self, value: bytes) -> bool:
        """True for a value that begins as records do in this text."""
        return self._record.match(value) is not None

    def is_list_of_records(self, value: bytes) -> bool:
        """True for a whole list whose first member is a whole record in this text."""
        first = len(value) - len(value[1:].lstrip())
        if value[:1] != b"[" or not self.is_record(value[first:]):
            return False
        end = end_of_value(value, first, len(value)).place
        return end is not None and _is_to_its_end(value[first:end])

    def record_within(self, value: bytes) -> int | None:
        """Where another record begins in a list that a cut left open, so that it took in what follows.

        Of a whole record more stands behind any list, and its parameters may hold events of whoever made the call.
        """
        found = self._within.search(value) if self.is_record(value) else None
        return found.end() if found and not _is_to_its_end(value) else None

    def _learn_record(self, key: bytes) -> None:
        self._records.append(re.escape(key))
        begins = rb"\{\s*(?:%b)\s*:" % b"|".join(self._records)
        self._record, self._within = re.compile(begins), re.compile(rb"[\[,]\s*(?=%b)" % begins)
        self.behind_colon = re.compile(rb":\s*(?=%b)" % begins)

    def learn(self, text: bytes, place: int, *, is_whole: bool = False) -> bool:
        """Remember how a value begins; True if that is news.

        Args:
            text: with the value.
            place: where it begins.
            is_whole: the text is a whole value; of these only records tell how others begin.
        """
        if is_whole and (self.is_record(text) or text[:1] != b"{" or not all(mark in text for mark in _RECORD_MARKS)):
            return False
        found = _FIRST_KEY.match(text, place)
        if found is None or len(self._keys) + len(self._rows) + len(self._records) > _MAX_STARTS:
            return False
        if is_whole:
            self._learn_record(found[2])
        known, key = self._rows if found[1] else self._keys, re.escape(found[2])
        if key in known:
            return False
        known.append(key)
        again = rb"\{(?:(?<=\n\{)|(?<!:\{)(?<!: \{)\s*(?:%b)\s*:)" % b"|".join(self._keys)
        if self._rows:
            again += rb"|(?<!:)(?<!: )\[\s*\{\s*(?:%b)\s*:" % b"|".join(self._rows)
        self.again = re.compile(again)
        return True


def is_moved(text: bytes, place: int, end: int) -> bool:
    """True for a record behind a colon that is no member there: a cut took away what stood between the two.

    Args:
        text: with the record.
        place: where it begins.
        end: where it ends.
    """
    return not _BEHIND_MEMBER.match(text, end) and _is_to_its_end(text[place:end])


def _is_to_its_end(record: bytes) -> bool:
    """True for a record with the fields that stand near the end."""
    # As the decoder above reads it: a sign a byte, and numbers of any length.
    return not _LAST_FIELDS.isdisjoint(json.loads(record.decode("latin-1"), parse_int=len, parse_float=len))


class Entries(NamedTuple):
    """The list of entries in a container that is not whole.

    Attributes:
        key: under which it stands.
        depth: in how many objects it lies.
        first: where its first entry begins.
    """

    key: bytes
    depth: int
    first: int


def entries_of(text: bytes, place: int, limit: int) -> Entries | None:
    """The list of entries in the container at a place, before a limit; None if it has none, or is an event."""
    found = _ENTRIES.match(text, place, limit)
    if found is None or _ANY_CASE.search(found[0]):
        return None
    bare = _STRING.sub(b"", found[0])
    return Entries(found[1], bare.count(b"{") - bare.count(b"}"), found.end())
