"""How the report shows values: times, counts, names and text from the logs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from rootforensics.analysis.coverage.trail_gaps import no_end
from rootforensics.evidence.cite import beginning_of
from rootforensics.phrases import plural, service_of, short_actor
from rootforensics.queries.secrets import without_secrets
from rootforensics.queries.text import as_text, unseen_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from markupsafe import Markup

#: Maximum length of a title in the head of a sheet.
_HEAD_LENGTH: Final = 80
_NO_DAY: Final = "Without a time"
_TIME: Final = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")


def harmless(value: Any) -> Any:  # noqa: ANN401 - any value of a template
    """What a template prints for a value: nothing for None, and codes for invisible characters."""
    if value is None:
        return ""
    if type(value) is str:
        return unseen_named(value)
    return value


def when(value: datetime | str | None) -> str:
    """A time as ``2026-08-05 01:21:53``; summary's ISO text likewise."""
    if isinstance(value, str):
        return value.replace("T", " ").removesuffix("Z")
    return as_text(value) or "no time"


def count(value: int | None) -> str:
    """A count with thousands separators."""
    return "" if value is None else f"{value:,}"


def words(value: str | None) -> str:
    """A derived name in words: ``root credentials`` for ``root_credentials``."""
    return (value or "").replace("_", " ")


KEY_KINDS: Final = {
    "console_session": "console session",
    "long_term_key": "long-term key",
    "temporary": "temporary",
    "none": "no key",
}


def key_kind(value: str) -> str:
    """A kind of access key in words."""
    return KEY_KINDS.get(value, words(value))


def tail(uri: str | None) -> str:
    """The distinctive end of a file's name: its time and random part."""
    name = unquote((uri or "").rsplit("/", 1)[-1])
    return "_".join(name.removesuffix(".json.gz").split("_")[-2:])


def arguments(row: Mapping[str, Any]) -> str:
    """Parameters of a call without secrets, as short text (``userName: support-sync``) if they are a JSON object."""
    value = without_secrets(row["requestParameters"], row["eventSource"], row["eventName"])
    if not value:
        return ""
    try:
        parameters = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if not isinstance(parameters, dict):
        return value
    return ", ".join(
        f"{key}: {item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)}"
        for key, item in parameters.items()
    )


def unbroken(text: str) -> Markup:
    """A sentence without line breaks within a time."""
    from markupsafe import Markup, escape

    # Escaped first; the pattern matches digits, hyphens, colons and one space only.
    return Markup(_TIME.sub(r"<time>\g<0></time>", str(escape(harmless(text)))))  # noqa: S704


def day_of(moment: datetime | None) -> str:
    """The heading of a day."""
    return f"{moment:%A, %Y-%m-%d}" if moment else _NO_DAY


def of_day(day: str, preposition: str) -> str:
    """A day's heading as the end of a caption, such as ``on Monday, 2026-08-03`` or ``without a time``."""
    return day.lower() if day == _NO_DAY else f"{preposition} {day}"


def head(title: str) -> Markup:
    """A title as a CSS string for the head of each sheet; no character in it can end the string or the style."""
    from markupsafe import Markup

    short = title if len(title) <= _HEAD_LENGTH else f"{title[: _HEAD_LENGTH - 1]}…"
    # All characters except letters and digits are escaped.
    signs = (one if one.isascii() and one.isalnum() else f"\\{ord(one):06x}" for one in harmless(short))
    return Markup('"' + "".join(signs) + '"')  # noqa: S704


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "when": when,
    "of_day": of_day,
    "count": count,
    "plural": plural,
    "service": service_of,
    "words": words,
    "key_kind": key_kind,
    "unbroken": unbroken,
    "tail": tail,
    "short_actor": short_actor,
    "no_end": no_end,
    "arguments": arguments,
    "beginning": beginning_of,
    "head": head,
}
