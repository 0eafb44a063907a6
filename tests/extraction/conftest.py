"""Logs in a bucket, and an engine beside it."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.extraction import athena, run
from rootforensics.extraction.extracting import EngineOptions
from tests.stand_ins.athena import AthenaApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Serve = Callable[[dict[str, bytes]], AthenaApi]

#: When the extraction is made.
NOW: Final = datetime(2026, 8, 20, 12, tzinfo=UTC)
SINCE: Final = datetime(2026, 8, 1, tzinfo=UTC)
ATHENA: Final = EngineOptions("athena", output="s3://logs/results/")


@contextmanager
def serving() -> Iterator[Serve]:
    """Serves objects, and Athena over them, where boto3 of this process looks for AWS."""
    with pytest.MonkeyPatch.context() as patched, ExitStack() as at_end:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patched.delenv(name)
        patched.setattr(athena, "POLL_SECONDS", 0.01)

        def start(objects: dict[str, bytes]) -> AthenaApi:
            api = at_end.enter_context(AthenaApi(objects))
            for name, value in api.environment().items():
                patched.setenv(name, value)
            return api

        yield start


@pytest.fixture
def serve() -> Iterator[Serve]:
    """See ``serving``."""
    with serving() as start:
        yield start


@pytest.fixture
def without_case(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Options of an extraction that is about the engine alone: what it gives is not loaded, and tells no names."""
    monkeypatch.setattr(run, "_names", lambda _: (set(), ""))
    monkeypatch.setattr(run, "_unsearched", lambda _: 0)
    monkeypatch.setattr(rf.Case, "keep_extraction", lambda *_, **__: None)
    return {"load": lambda *_: None, "counts": False}


#: ``make trino`` names the server; without it nothing of that module can be run.
collect_ignore = [] if "ROOTFORENSICS_TRINO" in os.environ else ["test_trino.py"]
collect_ignore += [] if "ROOTFORENSICS_SPARK_JAVA" in os.environ else ["test_spark.py"]
