"""What several tests share: the sample incident, loaded once, and its plan."""

from __future__ import annotations

import signal
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.analysis import Analysis

pytest_plugins = ["tests.rings", "tests.stories"]

# A shell starts its jobs in the background deaf to Ctrl-C, and every process that a test starts would be so, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_LOGS = ROOT / "sample_logs"
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case file with the sample incident."""
    path = tmp_path_factory.mktemp("sample") / "case.duckdb"
    with rf.open_case(path) as case:
        case.load(SAMPLE_LOGS)
    return path


@pytest.fixture(scope="session")
def sample_case(sample_path: Path) -> Iterator[rf.Case]:
    """The sample incident, open for reading; what it has worked out once it keeps."""
    with rf.open_case(sample_path) as case:
        yield case


@pytest.fixture(scope="session")
def sample_analysis(sample_case: rf.Case) -> Analysis:
    """What the sample says, worked out once for all tests that read it."""
    return sample_case.analysis()


@pytest.fixture(scope="session")
def sample_approved(sample_case: rf.Case) -> Analysis:
    """The same, held against its approvals."""
    return sample_case.analysis(ROOT / "docs" / "examples" / "approvals.yaml")


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What the sample's plan says must be found."""
    return tomllib.loads((SAMPLE_LOGS / "EXPECTED.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def empty_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case without any event."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "log.json").write_bytes(b'{"Records":[]}')
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
    return folder / "case.duckdb"


@pytest.fixture(scope="session")
def empty_case(empty_path: Path) -> Iterator[rf.Case]:
    """A case without any event, open for reading."""
    with rf.open_case(empty_path) as case:
        yield case
