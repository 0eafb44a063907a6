"""How values look in the report: times, counts, names, and text that others wrote."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from rootforensics.analysis.coverage.trail_gaps import no_end
from rootforensics.evidence.cite import beginning_of
from rootforensics.phrases import plural, service_of
from rootforensics.queries.secrets import without_secrets
from rootforensics.queries.text import as_text, unseen_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from markupsafe import Markup

#: Of a title, what a line above a sheet has room for.
_HEAD_LENGTH: Final = 80
_NO_DAY: Final = "Without a time"
_TIME: Final = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")


def harmless(value: Any) -> Any:  # noqa: ANN401 - any value of a template
    """What a template prints for a value: nothing for None, and unseen characters made visible."""
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
    """A count with thousands told apart."""
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
    """The end of an object's name that tells it apart: its time and its random part."""
    name = unquote((uri or "").rsplit("/", 1)[-1])
    return "_".join(name.removesuffix(".json.gz").split("_")[-2:])


def tail_of_arn(arn: str | None) -> str:
    """The end of an ARN that tells people apart: ``assumed-role/Admin/maria``, ``root``."""
    return (arn or "").rsplit(":", 1)[-1].removeprefix("assumed-role/")


def arguments(row: Mapping[str, Any]) -> str:
    """Parameters of a call, without secrets, as short text: ``userName: support-sync``; as they are where no object."""
    value = without_secrets(row["requestParameters"], row["eventSource"], row["eventName"])
    if not value:
        return ""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if not isinstance(found, dict):
        return value
    return ", ".join(
        f"{key}: {item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)}"
        for key, item in found.items()
    )


def unbroken(text: str) -> Markup:
    """A sentence in which no line ends within a time."""
    from markupsafe import Markup, escape

    # Escaped first; the pattern matches digits, hyphens, colons and one space only.
    return Markup(_TIME.sub(r"<time>\g<0></time>", str(escape(harmless(text)))))  # noqa: S704


def day_of(moment: datetime | None) -> str:
    """The heading of a day."""
    return f"{moment:%A, %Y-%m-%d}" if moment else _NO_DAY


def of_day(day: str, preposition: str) -> str:
    """A day's heading as the end of a caption; what has no time is of no day."""
    return day.lower() if day == _NO_DAY else f"{preposition} {day}"


def head(title: str) -> Markup:
    """A title as a string of CSS for the head of each sheet: no sign in it can end the string or the style."""
    from markupsafe import Markup

    short = title if len(title) <= _HEAD_LENGTH else f"{title[: _HEAD_LENGTH - 1]}…"
    # Letters and digits stay; whatever else is written as its number.
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
    "tail_of_arn": tail_of_arn,
    "no_end": no_end,
    "arguments": arguments,
    "beginning": beginning_of,
    "head": head,
}
