"""The verdict on a few records in a case of their own, for tests that take fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.analysis.verdict import logs
from tests.stories import alone

if TYPE_CHECKING:
    from tests.analysis.verdict.logs import Tell


@pytest.fixture
def tell() -> Tell:
    return lambda *records, **how: alone(logs.tell(*records, **how))
