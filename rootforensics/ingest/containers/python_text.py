"""Events as Python prints them: what notebooks and boto3 scripts leave behind becomes JSON, piece by piece.

Nothing is evaluated. The text is cut into tokens, and each token of a literal becomes its spelling in JSON: strings,
numbers, ``None``, ``True``, ``False``, lists, tuples, dicts, and ``datetime.datetime(…)`` with its time zone. What is
none of these stays as it is, so that the JSON reader finds and tells it.
"""

from __future__ import annotations

import codecs
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.density import is_overfull

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CONTAINER: Final = "Python text"

_TOKEN: Final = re.compile(
    r"(?P<blank>\s++)"
    r"|(?P<string>(?P<mark>[uUbB]?)(?:'(?P<single>[^'\\]*+(?:\\.[^'\\]*+)*)'|\"(?P<double>[^\"\\]*+(?:\\.[^\"\\]*+)*)\"))"
    r"|(?P<moment>datetime\.datetime\((?P<inside>[^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*\)[^()]*+)*)\))"
    r"|(?P<open>[\[{(])|(?P<close>[\]})])|(?P<comma>,)"
    r"|(?P<word>[A-Za-z_][A-Za-z_0-9]*+)|(?P<other>[^\s\[\](){},'\"A-Za-z_]++)",
    re.DOTALL,
)
_WORDS: Final = {"None": "null", "True": "true", "False": "false"}
_BRACKETS: Final = {"(": "[", ")": "]"}
#: What is none of Python's escapes stays as it stands.
_KEPT: Final = f"{__name__}.kept"
codecs.register_error(
    _KEPT,
    lambda error: (error.object[error.start : error.end].decode("latin-1"), error.end),  # type: ignore[attr-defined]
)
_NUMBERS: Final = re.compile(r"\s*\d{1,6}(?:\s*,\s*\d{1,6}){2,6}(?=\s*(?:,|$))")
_SHIFT: Final = re.compile(r"(days|seconds)=(-?\d{1,6})")
_SHIFT_BY_PLACE: Final = re.compile(r"(?:tzoffset|FixedOffset)\([^,()]*,?\s*(-?\d{1,6})\)")
#: No time takes more characters than this.
_MOST_OF_A_MOMENT: Final = 256
#: Tokens take many times the memory of their text.
_PIECE_BYTES: Final = 1024 * 1024
#: A text without the end of a token is held up to this many characters.
_MAX_HELD: Final = 64 * 1024 * 1024


def as_json(windows: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in JSON, in windows.

    Args:
        windows: the text, UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    held = ""
    writer = _Writer()
    for window in windows:
        for start in range(0, len(window), _PIECE_BYTES):
            piece = window[start : start + _PIECE_BYTES]
            held += decoder.decode(piece)
            if is_overfull(piece):  # no events, and each token costs time
                writer.finish()
                yield writer.written() + held.encode(errors="replace")
                held = ""
            else:
                held = writer.take(held, final=len(held) > _MAX_HELD)
                yield writer.written()
    writer.take(held + decoder.decode(b"", final=True), final=True)
    writer.finish()
    yield writer.written()


class _Writer:
    def __init__(self) -> None:
        self._out: list[str] = []
        self._comma = False
        self._strings: list[str] = []

    def finish(self) -> None:
        """Write what waits for a further string."""
        if self._strings:
            text, self._strings = "".join(self._strings), []
            self._write(_quoted(text))

    def written(self) -> bytes:
        """What was written since the last time."""
        text = "".join(self._out)
        self._out.clear()
        return text.encode(errors="replace")

    def take(self, text: str, *, final: bool) -> str:
        """Write the tokens of a text; what may be the beginning of one is given back, unless this is the end."""
        place = 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if not final and (token is None or token.end() == len(text) or _may_go_on(text, token)):
                break
            if token is None:
                self._write(text[place])
                place += 1
            else:
                self._write_token(token)
                place = token.end()
        return text[place:]

    def _write_token(self, token: re.Match[str]) -> None:
        kind, text = token.lastgroup, token[0]
        if token["string"] is not None:
            self._strings.append(_string(token))  # strings that follow one another are one
            return
        if kind == "blank" and self._strings:
            return
        self.finish()
        if kind == "blank":
            self._out.append(text)
        elif kind == "comma":
            self._comma = True
        elif kind == "close":
            self._comma = False  # Python prints a comma after the only member of a tuple
            self._out.append(_BRACKETS.get(text, text))
        elif token["moment"] is not None:
            self._write(_quoted(moment_of(token["inside"])))
        elif kind == "word":
            self._write(_WORDS.get(text, _quoted(text)))
        else:
            self._write(_BRACKETS.get(text, text))

    def _write(self, text: str) -> None:
        if self._comma:
            self._out.append(",")
            self._comma = False
        self._out.append(text)


def _may_go_on(text: str, token: re.Match[str]) -> bool:
    """True for a word that may be the start of a time whose end is not here yet."""
    return token[0] == "datetime" and len(text) - token.end() < _MOST_OF_A_MOMENT


def _quoted(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False)


def _string(token: re.Match[str]) -> str:
    inside = token["single"] if token["single"] is not None else token["double"]
    value = inside
    if "\\" in inside:
        value = inside.encode("latin-1", "backslashreplace").decode("unicode_escape", _KEPT)
    if token["mark"] in ("b", "B"):
        value = value.encode("latin-1", errors="replace").decode(errors="replace")
    return value


def moment_of(inside: str) -> str:
    """A ``datetime.datetime`` in ISO 8601, UTC.

    A time in the time zone of an unknown machine cannot be told; it stays as it was printed.

    Args:
        inside: what stands in its brackets.
    """
    numbers = _NUMBERS.match(inside)
    zone = _zone(inside[numbers.end() :]) if numbers else None
    if numbers is None or zone is None:
        return f"datetime.datetime({inside})"
    try:
        moment = datetime(*map(int, numbers[0].split(",")), tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type, misc]
    except (ValueError, OverflowError):
        return f"datetime.datetime({inside})"
    return moment.isoformat().replace("+00:00", "Z")


def _zone(text: str) -> timezone | None:
    """The time zone behind the numbers of a time; UTC if there is none, None if it cannot be told."""
    text = text.strip(" ,")
    if not text or "utc" in text.lower():
        return UTC
    shifts = _SHIFT.findall(text) or [("seconds", shift) for shift in _SHIFT_BY_PLACE.findall(text)]
    if not shifts:
        return None
    try:
        return timezone(timedelta(**{unit: int(number) for unit, number in shifts}))
    except ValueError:
        return None
