"""Times as tables spell them: ISO 8601, the console's, those of spreadsheets and command lines, and numbers.

A time is read only if it can be read in one way. ``05/08/2026`` is not: nobody can tell the day from the month.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

#: A number is a time in seconds below the first of these, then in milli-, micro- and nanoseconds.
_SCALES: Final = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))
#: As text it has just so many digits as times of these decades have in one of the units.
_NUMBER: Final = re.compile(r"(?:\d{10}|\d{13})(?:\.\d+)?|\d{16}|\d{19}")
_JOINED: Final = "%Y%m%d%H%M%S"
_JOINED_DIGITS: Final = re.compile(r"\d{14}")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december", "sept"),
)
_DATE: Final = (
    r"(?P<iso_year>\d{4})(?P<mark>[-/.])(?P<iso_month>\d{1,2})(?P=mark)(?P<iso_day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<same>[-/.])(?P<second>\d{1,2})(?P=same)(?P<any_year>\d{4})"
    r"|(?P<month>[A-Za-z]{3,9})\.? +(?P<day>\d{1,2})(?:,? +(?P<year>\d{4}))?"
    r"|(?P<day_before>\d{1,2})[-/ ](?P<month_between>[A-Za-z]{3,9})\.?[-/ ](?P<year_behind>\d{4})"
)
_CLOCK: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE: Final = (
    r"\(?(?:UTC|GMT|Z)? ?(?:(?P<sign>[+\-\u2212])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?(?: ?(?:UTC|GMT))?\)?"
)
_SPELLED: Final = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +)?(?:{_DATE})(?:,? (?:at )?|T|:){_CLOCK} ?(?:{_ZONE})?"
    r"(?: (?P<last_year>\d{4}))?"
)
_HALF_DAY: Final = 12
_MONTH_COUNT: Final = 12


def moment_of(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A time in ISO 8601, UTC, of a text or a number since 1970, whose size tells its unit; else the value itself."""
    if isinstance(value, str):
        return time_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    scale = next((scale for below, scale in _SCALES if abs(value) < below), None)
    return value if scale is None else iso_time(value / scale)


def iso_time(seconds: float) -> str:
    """Seconds since 1970 in ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def time_of(cell: str) -> str:
    """A time of a table in ISO 8601, UTC; as it stands if it is none, or can be read in two ways.

    Athena and CloudTrail Lake write UTC without saying so; the console writes local time with its offset.
    """
    text = " ".join(cell.split())
    if _NUMBER.fullmatch(text):
        told: str = moment_of(float(text) if "." in text else int(text))
        return told
    try:
        moment = _joined(text) if _JOINED_DIGITS.fullmatch(text) else datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        spelled = _spelled(text)
        if spelled is None:
            return cell.strip()
        moment = spelled
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return cell.strip()
    return moment.isoformat().replace("+00:00", "Z")


def _joined(text: str) -> datetime:
    return datetime.strptime(text, _JOINED).replace(tzinfo=UTC)


def _spelled(text: str) -> datetime | None:
    """A time that is not spelled as ISO 8601; None if it cannot be told."""
    found = _SPELLED.fullmatch(text)
    date = _date(found) if found else None
    if found is None or date is None:
        return None
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= _HALF_DAY:
            return None
        hour = hour % _HALF_DAY + (_HALF_DAY if found["half"] in "pP" else 0)
    micro = int((found["fraction"] or "").ljust(6, "0")[:6])
    shift = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    try:
        zone = timezone(shift if found["sign"] in (None, "+") else -shift)
        return datetime(*date, hour, int(found["minute"]), int(found["seconds"] or 0), micro, tzinfo=zone)
    except ValueError:
        return None


def _date(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month and day; None if they cannot be told."""
    if found["iso_year"]:
        date = int(found["iso_year"]), int(found["iso_month"]), int(found["iso_day"])
        return None if found["last_year"] else date
    year = found["any_year"] or found["year"] or found["year_behind"]
    if bool(year) == bool(found["last_year"]):
        return None
    year = year or found["last_year"]
    if found["any_year"]:
        first, second = int(found["first"]), int(found["second"])
        if first != second and max(first, second) <= _MONTH_COUNT:
            return None
        return int(year), min(first, second), max(first, second)
    name = (found["month"] or found["month_between"]).lower()
    if name not in _MONTHS and name not in _MONTH_NAMES:
        return None
    return int(year), _MONTHS.index(name[:3]) + 1, int(found["day"] or found["day_before"])
