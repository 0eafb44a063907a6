"""A real S3 server, started once, with a proxy for each test that wants one; stand-ins for what cannot be had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.loaders import JSONFileLoader

from rootforensics.sources import history
from rootforensics.sources.history import HistoryResult, fetch_history
from rootforensics.sources.s3.connection import S3Options
from tests.conftest import SAMPLE_LOGS
from tests.sources.s3_proxy import Proxy, run_proxy
from tests.sources.s3_server import ADMIN, fill_quickly, folder_as_objects, serve
from tests.stand_ins.clock import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stand_ins.cloudtrail_api import CloudTrailApi

    Fetch = Callable[..., HistoryResult]


#: What is tried with the server each time; other modules need many objects, waits or kills.
EACH_TIME: Final = ("test_s3_load", "test_s3_failures", "test_s3_connection")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        of_server = "s3_url" in getattr(item, "fixturenames", ()) and item.path.parent == Path(__file__).parent
        if of_server and item.path.stem not in EACH_TIME:
            item.add_marker("heavy")


@pytest.fixture(scope="session", autouse=True)
def models_read_once() -> Iterator[None]:
    """Each session of botocore reads the models of its services anew, and these tests begin hundreds of sessions."""
    read = JSONFileLoader.load_file
    held: dict[str, Any] = {}

    def load_file(self: JSONFileLoader, path: str) -> Any:
        if path not in held:
            held[path] = read(self, path)
        return held[path]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", load_file)
        yield


@pytest.fixture
def said() -> list[str]:
    """What the fetch told its user."""
    return []


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> Fetch:
    """``fetch_history`` of two days against a stand-in that need not be spared, into ``tmp_path / "pages"``."""
    monkeypatch.setattr(history, "SPACING_SECONDS", 0.0)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)

    def run(api: CloudTrailApi, **options: Any) -> HistoryResult:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        moment = options.pop("moment", NOW)
        options = {"since": moment.replace(hour=0) - timedelta(days=1), "now": lambda: moment} | options
        return fetch_history(tmp_path / "pages", say=said.append, **options)

    return run


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 server; the bucket ``sample`` holds the sample incident below ``logs/``."""
    with serve(tmp_path_factory.mktemp("weed")) as url:
        fill_quickly(url, "sample", folder_as_objects(SAMPLE_LOGS, "logs/").items())
        yield url


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The server's administrator as the credentials of the environment; no other configuration."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ADMIN[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ADMIN[1])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def s3(s3_url: str) -> S3Options:
    """How to connect to the server."""
    return S3Options(endpoint_url=s3_url, max_retries=2)


@pytest.fixture
def proxy(s3_url: str) -> Iterator[Proxy]:
    """A proxy in front of the server."""
    with run_proxy(s3_url) as running:
        yield running


@pytest.fixture
def through(proxy: Proxy) -> S3Options:
    """How to connect through the proxy."""
    return S3Options(endpoint_url=proxy.url, max_retries=3)
