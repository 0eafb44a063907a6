"""Searching text: every place is found, wherever it lies in words and pieces."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rootforensics.ingest import scan
from rootforensics.ingest.scan import holds_word, places_of


def places_one_by_one(text: bytes, pattern: bytes) -> list[int]:
    """The same by looking at every place."""
    return [place for place in range(len(text)) if text.startswith(pattern, place)]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is compared in pieces of 16 bytes, so that words lie across their borders."""
    monkeypatch.setattr(scan, "_PIECE_BYTES", 16)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("pattern", [b"Root", b"ootRoo", b"},{x", b"aaaa"])
def test_every_place_is_found(pattern: bytes) -> None:
    dice = random.Random(4)
    for size in range(90):
        text = bytes(dice.choice(b"Rotax},{") for _ in range(size))
        place = dice.randrange(size + 1)
        text = text[:place] + pattern + text[place:]
        found = places_one_by_one(text, pattern)
        assert places_of(text, pattern).tolist() == found
        for rare in range(len(pattern) - 3):
            assert places_of(text, pattern, rare).tolist() == found
        assert holds_word(text, pattern[:4]) is True


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("text", [b"", b"R", b"Roo", b"ootR", b"Roo" * 40, b"RoOt" * 9])
def test_what_is_not_there_is_not_found(text: bytes) -> None:
    assert holds_word(text, b"Root") is False
    assert places_of(text, b"Root").tolist() == []


def test_a_word_is_found_on_the_border_of_two_pieces() -> None:
    for shift in range(-5, 6):
        place = 1024 * 1024 + shift
        text = b"x" * place + b"Root" + b"y" * 10
        assert holds_word(text, b"Root")
        assert places_of(text, b"Root").tolist() == [place]
    assert places_of(text, b"Root").dtype == np.int64
