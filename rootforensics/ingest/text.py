"""What is text and what is not: bytes that are no UTF-8, escapes that name half a character."""

from __future__ import annotations

import re
from typing import Final

#: An escaped backslash, a pair of surrogates (one whole character), or a surrogate alone.
_SURROGATES: Final = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_LONE_LENGTH: Final = len("\\ud800")


def is_utf8(text: bytes) -> bool:
    """True for valid UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_clean(json_text: bytes) -> bool:
    """True for valid UTF-8 without any surrogate among its escapes."""
    return is_utf8(json_text) and b"\\ud" not in json_text and b"\\uD" not in json_text


def clean(json_text: bytes, problems: list[str]) -> bytes:
    """Replace what is no text by U+FFFD, and say so.

    Args:
        json_text: JSON.
        problems: gets a sentence for each kind of replacement.
    """
    try:
        text = json_text.decode()
    except UnicodeDecodeError:
        problems.append("bytes that are not UTF-8 are shown as U+FFFD")
        text = json_text.decode(errors="replace")
    cleaned = _SURROGATES.sub(lambda found: "\\ufffd" if len(found[0]) == _LONE_LENGTH else found[0], text)
    if cleaned != text:
        problems.append("half characters (lone surrogates) are shown as U+FFFD")
    return cleaned.encode()
