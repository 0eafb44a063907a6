"""The analysis of the sample, worked out once for all tests that read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    import rootforensics as rf
    from rootforensics.analysis.assess import Analysis


@pytest.fixture(scope="session")
def sample_analysis(sample_case: rf.Case) -> Analysis:
    """What the sample says."""
    return sample_case.analysis()


@pytest.fixture(scope="session")
def sample_approved(sample_case: rf.Case) -> Analysis:
    """The same, held against its approvals."""
    return sample_case.analysis(ROOT / "docs" / "examples" / "approvals.yaml")
