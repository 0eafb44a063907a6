"""Loading from S3 and listing in it, measured on SeaweedFS, whose data lies in the cache folder."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import time
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from contestants import Contestant, expect, query_case
from measure import ChildFailedError, run_child
from report_s3 import BOTO3, LOAD, Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from datasets import Dataset

sys.path.append(str(Path(__file__).parents[1]))  # the tests know how to run the server and to count its requests

_HERE = Path(__file__).parent
_PAGE = 1000
#: Threads that download: boto3's own default, and as many as the load fetches with.
_THREADS = (10, 32)
_ACCOUNTS = tuple(f"{number:012d}" for number in range(111122223333, 111122223337))
_REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1")
_DAYS = tuple(f"2026/{month:02}/{day:02}" for month in (3, 4, 5, 6) for day in range(1, 26))
_DAY = 50
_STRETCHES = len(_ACCOUNTS) * len(_REGIONS)


def is_installed() -> bool:
    """Returns whether there is an S3 server to measure on."""
    beside = Path(sys.executable).with_name("weed")
    return bool(importlib.util.find_spec("boto3")) and (beside.exists() or bool(shutil.which("weed")))


@contextmanager
def server(cache: Path) -> Iterator[str]:
    """Runs the server on its folder in the cache and yields its URL; boto3's variables lead to it meanwhile."""
    from tests.sources.s3_server import ADMIN, serve

    folder = cache / "s3"
    folder.mkdir(exist_ok=True)
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_ACCESS_KEY_ID": ADMIN[0], "AWS_SECRET_ACCESS_KEY": ADMIN[1]}
    os.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    try:
        with serve(folder) as url:
            yield url
    finally:
        os.environ.clear()
        os.environ.update(before)


def _filled(cache: Path, url: str, bucket: str, objects: Callable[[], Iterator[tuple[str, bytes]]]) -> None:
    """Fills a bucket once; what a run that was stopped left undone is done again."""
    from tests.sources.s3_server import fill_quickly

    marker = cache / "s3" / f"{bucket}.filled"
    if marker.exists():
        return
    begun = time.monotonic()
    fill_quickly(url, bucket, objects())
    marker.write_text("")
    _say(f"filled the bucket {bucket} in {time.monotonic() - begun:.0f} s")


def loads(cache: Path, url: str, data: Dataset) -> list[Contestant]:
    """Returns the load of a set from S3, and boto3 downloading the same objects and doing nothing else."""
    bucket = data.folder.parent.name.replace("_", "-")
    keys = {f"AWSLogs/{path.relative_to(data.folder).as_posix()}": path for path in data.paths}
    _filled(cache, url, bucket, lambda: ((key, path.read_bytes()) for key, path in keys.items()))
    names = cache / "s3" / f"{bucket}.keys"
    names.write_text("\n".join(keys), encoding="utf-8")

    def command(target: Path) -> list[str]:
        load = [sys.executable, "-m", "rootforensics", "load", str(target)]
        return [*load, f"s3://{bucket}/", "--endpoint-url", url]

    def check(target: Path, _output: Path) -> str:
        figures = query_case(target)
        return expect("events", figures.events, data.events) or expect("root", figures.root_events, data.root_events)

    return [Contestant(LOAD, command, check), *(_boto3(url, bucket, names, data, threads) for threads in _THREADS)]


def _boto3(url: str, bucket: str, names: Path, data: Dataset, threads: int) -> Contestant:
    def command(_target: Path) -> list[str]:
        return [sys.executable, str(_HERE / "child_boto3.py"), url, bucket, str(names), str(threads)]

    def check(_target: Path, output: Path) -> str:
        return expect("bytes", int(output.read_text()), data.stored_bytes)

    return Contestant(f"{BOTO3}{threads} threads", command, check)


def measure_listing(cache: Path, url: str, keys: int, scratch: Path) -> Listing:
    """Lists one day out of a bucket, through a proxy that counts the requests.

    Args:
        cache: Holds the server's folder.
        url: Of the server.
        keys: How many keys the bucket holds, about: each account, Region and day has the same number.
        scratch: A folder to write to.

    Raises:
        ChildFailedError: The command failed, or its own counts are wrong.
    """
    from tests.sources.s3_proxy import run_proxy

    each = max(1, keys // (_STRETCHES * len(_DAYS)))
    bucket = f"keys-{each * _STRETCHES * len(_DAYS)}"
    _filled(cache, url, bucket, lambda: ((key, b"") for key in _layout(each)))
    day = _DAYS[_DAY].replace("/", "-")
    output = scratch / "listing"
    with run_proxy(url) as proxy:
        command = [sys.executable, "-m", "rootforensics", "load", str(scratch / "listing.duckdb"), f"s3://{bucket}/"]
        command += ["--since", day, "--until", f"{day}T23:59:59Z", "--dry-run", "--endpoint-url", proxy.url]
        usage = run_child(command, output)
        discovery = sum("delimiter" in asked for asked in proxy.listed)
        pages = len(proxy.listed) - discovery
    told = dict(line.split(": ", 1) for line in output.read_text(encoding="utf-8").splitlines())
    listed = int(told["objects"].replace(",", ""))
    problem = expect("requests", int(told["list requests"].replace(",", "")), len(proxy.listed))
    if problem := problem or expect("objects", listed, 3 * each * _STRETCHES):
        raise ChildFailedError(f"listing: {problem}")
    day_keys = each * _STRETCHES
    whole = day_keys * len(_DAYS)
    return Listing(whole, day_keys, _STRETCHES * ceil(each / _PAGE), listed, pages, discovery, usage.wall_seconds)


def _layout(each: int) -> Iterator[str]:
    """Yields the keys, in CloudTrail's layout."""
    for account in _ACCOUNTS:
        for region in _REGIONS:
            for day in _DAYS:
                name = f"{account}_CloudTrail_{region}_{day.replace('/', '')}T"
                for number in range(each):
                    minute = number * 1440 // each
                    clock = f"{minute // 60:02}{minute % 60:02}Z_{number:016d}.json.gz"
                    yield f"AWSLogs/{account}/CloudTrail/{region}/{day}/{name}{clock}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
