"""Values of rows as text for people."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from rootforensics.errors import QueryError

#: Characters that a browser does not show, or that turn the order of what it shows.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def unseen_named(text: str) -> str:
    """A text, or a page, in which a character that does not show or turns the order stands as ``[U+202E]``."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def is_interval(value: object) -> bool:
    """True for an INTERVAL as Arrow gives it."""
    return isinstance(value, tuple) and hasattr(value, "nanoseconds")


def interval_text(value: tuple[int, int, int]) -> str:
    """An INTERVAL (months, days, nanoseconds) as DuckDB casts it to text: ``1 year 2 months 3 days 04:05:06.5``."""
    months, days, nanoseconds = value
    sign = -1 if months < 0 else 1
    years, rest = divmod(abs(months), 12)
    counts = {"year": sign * years, "month": sign * rest, "day": days}
    parts = [f"{count} {unit}{'' if abs(count) == 1 else 's'}" for unit, count in counts.items() if count]
    seconds, part = divmod(abs(nanoseconds) // 1000, 1_000_000)
    if seconds or part or not parts:
        minus = "-" if nanoseconds < 0 else ""
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        parts.append(f"{minus}{clock}" + (f".{part:06}".rstrip("0") if part else ""))
    return " ".join(parts)


def ahead_of_utc(moment: datetime) -> str:
    """What a time is ahead of UTC, such as ``+02:00``; empty if it is in UTC."""
    ahead = f"{moment:%z}" if moment.utcoffset() else ""
    return ":".join(filter(None, (ahead[:3], ahead[3:5], ahead[5:])))


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name such as ``Europe/Berlin``.

    Raises:
        QueryError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:  # unknown, no name, a folder of zones, no text
        zones = sorted(available_timezones())
        near = [zone for zone in zones if zone.endswith(f"/{name}")] or get_close_matches(str(name), zones, 1, 0.8)
        hint = f"Did you mean {near[0]}?" if near else "Write it like Europe/Berlin"
        raise QueryError("unknown time zone", where=str(name), hint=hint) from error


def as_text(value: Any) -> str:  # noqa: ANN401 - any value of a row
    """A value of a row for people: times to the second, with what they are ahead of UTC; empty for NULL."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S" + (".%f" if value.microsecond else "")) + ahead_of_utc(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return interval_text(value) if is_interval(value) else str(value)
