"""Many commands are run on one case: what it answered is kept."""

from tests.kept_answers import pytest_runtest_call, pytest_runtest_setup

__all__ = ["pytest_runtest_call", "pytest_runtest_setup"]
