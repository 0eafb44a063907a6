"""The sample incident, open once for all tests of a file: hundreds of them run one statement each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def sample_case(sample_path: Path) -> Iterator[rf.Case]:
    """The sample incident, open for reading."""
    with rf.open_case(sample_path) as case:
        yield case
