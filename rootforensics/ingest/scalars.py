"""Single values as the columns take them: text, true or false, a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.schema import EVENT_FIELDS, FIRST_YEAR, FLAG, FREE, LAST_YEAR, TEXT

if TYPE_CHECKING:
    from rootforensics.schema import Field

_BASIC_TIME: Final = "%Y%m%dT%H%M%SZ"
#: A date of which nobody can tell whether it begins with the day or with the month.
_TWO_WAYS: Final = re.compile(r"\s*(?:0?[1-9]|1[0-2])([-/.])(?:0?[1-9]|1[0-2])\1\d{2,4}\b")
#: A date with two digits for the year, of which nobody can tell where that stands.
_SHORT_YEAR: Final = re.compile(r"\s*\d{1,2}([-/.])\d{1,2}\1\d{2}\b")
#: Cells of a table, by the path of their field, that say nothing that CloudTrail would say there.
NOT_TAKEN: Final = "cellsThatWereNotTaken"
#: Said of a free-form field in which a tool printed an object.
UNOPENED: Final = "is an object that a tool printed in a way that could not be opened, and was kept as a text"
#: How tools spell in ``errorCode`` and ``errorMessage`` that there was no error, alone or in brackets or quotes; of a
#: call that went well CloudTrail writes no such field. An empty text stays in its column, where rules take it for none.
NO_ERROR: Final = (
    r"""(?:\s*[(<\[{"']*(?i:success(?:ful)?|succeeded|ok|none|null|nil|nan|nat|n/?a|undefined|false|0|200)[)>\]}"']*\s*"""
    r"""|\s*(?:-+|\\N)\s*|\s+)"""
)
_NO_ERROR: Final = re.compile(NO_ERROR)
#: A number of a date and an hour, which are the seconds of a time from 2033 on as well.
_DATE_AND_HOUR: Final = re.compile(r"\s*20\d{8}\s*")
#: Fields that say that a call failed, whatever the type of their value.
_ERRORS: Final = frozenset(("errorCode", "errorMessage"))
_FLAGS: Final = {"true": True, "false": False}
_encoder: Final = msgspec.json.Encoder(order="sorted")


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
        msgspec.Raw: "a number out of range",
    }
    return names[type(value)]


def scalar_of(value: object, field: str, name: str) -> str | bool | None:
    """The value as the column takes it, or None if it does not fit."""
    if field == TEXT:
        if name == "invokedBy" and not isinstance(value, str):
            return None  # it decides who acted; a number or a flag names no service
        return _text(value) if name != "eventID" or value != "" else None
    if field == FLAG:
        return value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())
    return _time(value)


def error_text(path: str, value: object) -> str:
    """JSON of an error that is no text, with its keys in order, so that copies of a record stay alike.

    Empty for other fields, and for a value that holds nulls and empty texts only. Without such a text in its column a
    call that failed would count as done.
    """
    return _encoder.encode(value).decode() if path in _ERRORS and _says_something(value) else ""


def says_no_error(path: str, value: object) -> bool:
    """True for an error with which a tool says that there was none."""
    said = str(value) if isinstance(value, int) else value
    return path in _ERRORS and isinstance(said, str) and _NO_ERROR.fullmatch(said) is not None


def _says_something(value: object) -> bool:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            waiting += part.values() if isinstance(part, dict) else part
        elif part is not None and part != "":
            return True
    return False


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encoder.encode(value).decode() if isinstance(value, int | float) else None


def _time(value: object) -> str | None:
    """An ISO 8601 time, extended or basic; one without an offset is UTC, as CloudTrail writes it."""
    if not isinstance(value, str):
        return None
    text = value.strip().upper()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.strptime(text, _BASIC_TIME).replace(tzinfo=UTC)
        except ValueError:
            return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None
    # Years beyond these are no times of CloudTrail, and few tools can show them.
    return moment.isoformat() if FIRST_YEAR <= moment.year < LAST_YEAR else None


def misfit(value: object, field: Field) -> str:
    """Why a value does not fit its column, in words."""
    wanted = "an object" if isinstance(field, dict) else "a list of objects" if isinstance(field, list) else ""
    if wanted:
        return f"is {kind_of(value)}, not {wanted}"
    names = {TEXT: "text", FLAG: "true or false"}
    if value == "":
        return "is empty"
    if isinstance(value, str) and field not in names and _TWO_WAYS.match(value):
        return f"is {value!r:.60}, in which day and month cannot be told apart"
    if field not in names and _DATE_AND_HOUR.fullmatch(str(value)):
        return f"is {value}, which may be a date with an hour or a number of seconds"
    if isinstance(value, str) and field not in names and _SHORT_YEAR.match(value):
        return f"is {value!r:.60}, in which day, month and year cannot be told apart"
    shown = f"{value!r}"[:60] if isinstance(value, str) else kind_of(value)
    return f"is {shown}, not {names.get(str(field), 'a time')}"


def why_not_taken(cells: object) -> list[str]:
    """Why the cells under ``NOT_TAKEN`` are there, in words, one for each."""
    reasons = {"type": "no type of an identity", "userIdentity": "no identity"}
    other = "not all of an account ID"
    return [
        f"{path} {UNOPENED}"
        if EVENT_FIELDS.get(path) == FREE
        else f"{path} is {str(cell)!r:.60}, {reasons.get(path.rpartition('.')[2], other)}; kept in otherFields"
        for path, cell in (cells.items() if isinstance(cells, dict) else ())
    ]
