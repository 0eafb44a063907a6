"""What is text: UTF-8 that is checked part by part."""

from __future__ import annotations

import pytest

from rootforensics.ingest.text import is_utf8

_PARTS = (16 * 1024, 32 * 1024)


@pytest.mark.parametrize("character", ["é", "€", "🔑"])
@pytest.mark.parametrize("ahead", range(6))
def test_a_character_on_the_border_of_two_parts_is_whole(character: str, ahead: int) -> None:
    spelled = character.encode()
    for border in _PARTS:
        start = b"x" * (border - ahead)
        assert is_utf8(start + spelled)
        assert is_utf8(start + spelled + b"y" * border)
        assert not is_utf8(start + spelled[:-1])
        assert not is_utf8(start + spelled[:-1] + b"y" * border)
        assert not is_utf8(start + spelled[1:])


def test_bytes_that_are_no_utf8_are_told_wherever_they_stand() -> None:
    for place in (0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 40_000):
        text = bytearray(b"x" * 40_001)
        text[place] = 0xFF
        assert not is_utf8(bytes(text))
    assert is_utf8(b"")
    assert is_utf8(b"x" * 40_001)
