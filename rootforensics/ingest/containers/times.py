"""Times as tables spell them: ISO 8601, the console's, those of spreadsheets and command lines, and numbers.

A time is read only if it can be read in one way. ``05/08/2026`` is not: nobody can tell the day from the month, unless
what stands around it does. Of a year in two digits the readings are left out that are older than CloudTrail.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, Final, NamedTuple

#: A number is a time in seconds below the first of these, then in milli-, micro- and nanoseconds.
_SCALES: Final = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))
#: As text it has just so many digits as times of these decades have in one of the units.
_NUMBER: Final = re.compile(r"(?:\d{10}|\d{13})(?:\.\d+)?|\d{16}|\d{19}")
#: Of these ten digits nobody can tell whether they are the date and hour that they spell, or seconds of 2033 and later.
_DATE_AND_HOUR: Final = "%Y%m%d%H"
_JOINED: Final = "%Y%m%d%H%M%S"
_JOINED_DIGITS: Final = re.compile(r"\d{14}")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december", "sept"),
)
_DATE: Final = (
    r"(?P<iso_year>\d{4})(?P<mark>[-/.])(?P<iso_month>\d{1,2})(?P=mark)(?P<iso_day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<same>[-/.])(?P<second>\d{1,2})(?P=same)(?P<any_year>\d{4}|\d{2})"
    r"|(?P<month>[A-Za-z]{3,9})\.? +(?P<day>\d{1,2})(?:,? +(?P<year>\d{4}))?"
    r"|(?P<day_before>\d{1,2})[-/ ](?P<month_between>[A-Za-z]{3,9})\.?[-/ ](?P<year_behind>\d{4})"
)
_CLOCK: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE: Final = (
    r"\(?(?P<word>UTC|GMT|Z)? ?(?:(?P<sign>[+\-\u2212])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?"
    r"(?: ?(?P<word_behind>UTC|GMT))?\)?"
)
_SPELLED: Final = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +)?(?:{_DATE})(?:,? (?:at )?|T|:){_CLOCK} ?(?:{_ZONE})?"
    r"(?: (?P<last_year>\d{4}))?(?P<zone_name> \([^()]{3,60}\))?"
)
_HEADING: Final = re.compile(
    r"(?i)(?P<name>[^(]*?) ?\((?:UTC|GMT) ?(?:(?P<sign>[+\-\u2212])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?\) *"
)
_HALF_DAY: Final = 12
#: AWS announced CloudTrail on 13 November 2013.
_FIRST_DATE: Final = date(2013, 11, 1)
_CENTURY: Final = 2000
_SHORT_YEAR: Final = 2
#: The orders in which a date of three numbers may stand; the year goes first only if it has two digits.
MONTH_FIRST, DAY_FIRST, YEAR_FIRST = "month/day/year", "day/month/year", "year/month/day"


class NumericDate(NamedTuple):
    """A date of three numbers.

    Attributes:
        spelling: what stands between them, and the digits of the last; those of one writer are alike in these.
        readings: the date in each order in which it can be read.
    """

    spelling: tuple[str, int]
    readings: dict[str, date]


def numeric_date(cell: str) -> NumericDate | None:
    """The date in a time whose year stands not first in four digits, and whose month is a number; None for others."""
    found = _SPELLED.fullmatch(" ".join(cell.split()))
    return _numeric(found) if found and found["any_year"] else None


def _numeric(found: re.Match[str]) -> NumericDate:
    first, second, last = int(found["first"]), int(found["second"]), int(found["any_year"])
    is_short = len(found["any_year"]) == _SHORT_YEAR
    year = last + _CENTURY if is_short else last
    orders = {MONTH_FIRST: (year, first, second), DAY_FIRST: (year, second, first)}
    if is_short:
        orders[YEAR_FIRST] = (first + _CENTURY, second, last)
    readings = {}
    for order, parts in orders.items():
        try:
            read = date(*parts)
        except ValueError:
            continue
        if read >= _FIRST_DATE or not is_short:
            readings[order] = read
    return NumericDate((found["same"], len(found["any_year"])), readings)


def moment_of(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A time in ISO 8601, UTC, of a text or a number since 1970, whose size tells its unit; else the value itself."""
    if isinstance(value, str):
        return time_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    scale = next((scale for below, scale in _SCALES if abs(value) < below), None)
    if scale == 1 and _is_date_and_hour(value):
        return value
    return value if scale is None else datetime.fromtimestamp(value / scale, UTC).isoformat().replace("+00:00", "Z")


def zone_of(heading: str) -> tuple[str, tzinfo]:
    """The heading of a column without the time zone behind it (``Event time (UTC+02:00)``), and that; else UTC."""
    found = _HEADING.fullmatch(heading)
    if found is None:
        return heading, UTC
    shift = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    try:
        return found["name"], timezone(shift if found["sign"] in (None, "+") else -shift)
    except ValueError:
        return heading, UTC


def time_of(cell: str, order: str = "", zone: tzinfo = UTC) -> str:
    """A time of a table in ISO 8601, UTC; as it stands if it is none, or can be read in two ways.

    Athena and CloudTrail Lake write UTC without saying so; the console writes local time with its offset.

    Args:
        cell: the time.
        order: of three numbers, where it is known; it decides between the ways to read a date.
        zone: of a time that names none and is no number since 1970.
    """
    text = " ".join(cell.split())
    if _NUMBER.fullmatch(text):
        told = moment_of(float(text) if "." in text else int(text))
        return told if isinstance(told, str) else cell.strip()
    try:
        moment = _iso(text, zone)
    except ValueError:
        spelled = _spelled(text, order, zone)
        if spelled is None:
            return cell.strip()
        moment = spelled
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return cell.strip()
    return moment.isoformat().replace("+00:00", "Z")


def _is_date_and_hour(number: float) -> bool:
    """True for ten digits that may be a date, of CloudTrail's time, and an hour."""
    try:
        return datetime.strptime(f"{number:.0f}", _DATE_AND_HOUR).replace(tzinfo=UTC).date() >= _FIRST_DATE
    except ValueError:
        return False


def _iso(text: str, zone: tzinfo) -> datetime:
    """A time in ISO 8601, or in digits alone.

    Raises:
        ValueError: it is none.
    """
    if _JOINED_DIGITS.fullmatch(text):
        return datetime.strptime(text, _JOINED).replace(tzinfo=zone)
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC if text.endswith(" UTC") else zone)
    return moment


def _spelled(text: str, order: str, zone: tzinfo) -> datetime | None:
    """A time that is not spelled as ISO 8601; None if it cannot be told."""
    found = _SPELLED.fullmatch(text)
    day = _date(found, order) if found else None
    if found is None or day is None or (found["zone_name"] and not found["sign"]):
        return None
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= _HALF_DAY:
            return None
        hour = hour % _HALF_DAY + (_HALF_DAY if found["half"] in "pP" else 0)
    micro = int((found["fraction"] or "").ljust(6, "0")[:6])
    shift = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    try:
        if found["sign"] or found["word"] or found["word_behind"]:
            zone = timezone(-shift if found["sign"] not in (None, "+") else shift)
        return datetime(*day, hour, int(found["minute"]), int(found["seconds"] or 0), micro, tzinfo=zone)
    except ValueError:
        return None


def _date(found: re.Match[str], order: str) -> tuple[int, int, int] | None:
    """Year, month and day; None if they cannot be told."""
    if found["iso_year"]:
        told = int(found["iso_year"]), int(found["iso_month"]), int(found["iso_day"])
        return None if found["last_year"] else told
    year = found["any_year"] or found["year"] or found["year_behind"]
    if bool(year) == bool(found["last_year"]):
        return None
    if found["any_year"]:
        return _only_date(_numeric(found).readings, order)
    name = (found["month"] or found["month_between"]).lower()
    if name not in _MONTHS and name not in _MONTH_NAMES:
        return None
    return int(year or found["last_year"]), _MONTHS.index(name[:3]) + 1, int(found["day"] or found["day_before"])


def _only_date(readings: dict[str, date], order: str) -> tuple[int, int, int] | None:
    """Year, month and day if they are the same in every order, or the order is known."""
    dates = {readings[order]} if order in readings else set(readings.values())
    told = dates.pop() if len(dates) == 1 else None
    return (told.year, told.month, told.day) if told else None
