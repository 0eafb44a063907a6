"""Searching text: every place is found, and nothing else."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rootforensics.ingest.scan import holds, places_of


def places_one_by_one(text: bytes, pattern: bytes) -> list[int]:
    """The same by looking at every place."""
    return [place for place in range(len(text)) if text.startswith(pattern, place)]


@pytest.mark.parametrize("pattern", [b"Root", b"ootRoo", b"},{x", b"aaaa"])
def test_every_place_is_found(pattern: bytes) -> None:
    dice = random.Random(4)
    for size in range(300):
        text = bytes(dice.choice(b"Rotax},{") for _ in range(size))
        place = dice.randrange(size + 1)
        text = text[:place] + pattern + text[place:]
        found = places_of(text, pattern)
        assert found.tolist() == places_one_by_one(text, pattern)
        assert found.dtype == np.int64
        assert holds(text, pattern) is True


@pytest.mark.parametrize("text", [b"", b"R", b"Roo", b"ootR", b"Roo" * 40, b"RoOt" * 9])
def test_what_is_not_there_is_not_found(text: bytes) -> None:
    assert holds(text, b"Root") is False
    assert places_of(text, b"Root").tolist() == []


def test_places_that_overlap_are_all_found() -> None:
    assert places_of(b"aaaaaa", b"aaaa").tolist() == [0, 1, 2]


def test_bytes_that_are_no_text_are_searched_too() -> None:
    assert places_of(b"\xff\x00Root\x00\xfeRoot", b"Root").tolist() == [2, 8]
