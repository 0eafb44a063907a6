"""Tell whether a value of JSON is whole, and where it ends, whatever stands behind it."""

from __future__ import annotations

import json
from typing import Final

import msgspec

from rootforensics.ingest.text import clean

_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)
_end_finder: Final = json.JSONDecoder(parse_int=str, parse_float=str, strict=False, object_pairs_hook=len)
#: A value is sought to end within so many bytes, and then within eight times as many each time.
_FIRST_BYTES: Final = 4096
_GROWTH: Final = 8


class TooDeepError(Exception):
    """JSON that is nested deeper than the decoder follows."""


def is_value(item: bytes) -> bool:
    """True for valid JSON, be it only once what is no text in it is replaced.

    Raises:
        TooDeepError: that cannot be known.
    """
    for text in (item, clean(item, [])):
        try:
            _value_decoder.decode(text)
        except msgspec.DecodeError:
            continue
        except RecursionError as error:
            raise TooDeepError from error
        return True
    return False


def end_of_value(text: bytes, start: int, most_bytes: int) -> tuple[int | None, int, bool]:
    """Where the value ends that begins at a place.

    Args:
        text: JSON with anything behind the value.
        start: where the value begins.
        most_bytes: a value that is longer is not followed.

    Returns:
        The end, None if the value is broken, cut off or too long; how many bytes were walked for that; and True if it
        is not broken as far as it was walked.
    """
    walked, size = 0, min(_FIRST_BYTES, most_bytes)
    while size:
        part = text[start : start + size].decode("latin-1")  # a sign a byte: places stay what they are
        walked += len(part)
        try:
            return start + _end_finder.raw_decode(part)[1], walked, True
        except json.JSONDecodeError as error:
            # What is open where the part ends may end behind it.
            is_open = error.msg.startswith("Unterminated") or error.pos >= len(part.rstrip())
        except RecursionError as error:
            raise TooDeepError from error
        if not is_open or len(part) < size or size == most_bytes:
            return None, walked, is_open
        size = min(size * _GROWTH, most_bytes)
    return None, walked, False
