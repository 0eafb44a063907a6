"""boto3 of these tests talks to stand-ins and to nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.sources.history import HistoryResult, fetch_history
from tests.stand_ins.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stand_ins.cloudtrail_api import CloudTrailApi

    Fetch = Callable[..., HistoryResult]


@pytest.fixture
def said() -> list[str]:
    """What the fetch told its user."""
    return []


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> Fetch:
    """``fetch_history`` against a stand-in, into ``tmp_path / "pages"``, with a clock that does not wait."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)

    def run(api: CloudTrailApi, **options: Any) -> HistoryResult:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        options.setdefault("clock", FakeClock())
        return fetch_history(tmp_path / "pages", say=said.append, **options)

    return run
