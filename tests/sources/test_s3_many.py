"""Twenty thousand keys on a real server: every one of them listed once, page after page."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

import pytest

from tests.sources.s3_server import fill_with_names
from tests.sources.test_s3_listing import ACCOUNT, OTHER, REGION, keys_of, log_key, plan

if TYPE_CHECKING:
    from rootforensics.sources.s3.connection import S3Options
    from tests.sources.s3_proxy import Proxy

COUNT = 20_000
PAGE = 1_000
REGIONS = (REGION, "eu-west-1")
DAYS = ("2026/07/31", "2026/08/01", "2026/08/02", "2026/08/03")


@pytest.fixture(scope="session")
def flat(s3_url: str) -> list[str]:
    """Keys of no layout at all, in a bucket of their own; the order of keys is not that of the numbers."""
    keys = [f"export/log-{number}.json.gz" for number in range(COUNT)]
    fill_with_names(s3_url, "many-flat", keys)
    return keys


@pytest.fixture(scope="session")
def layout(s3_url: str) -> list[str]:
    """Keys in CloudTrail's layout: two accounts, two Regions, four days, 1,250 log files a day."""
    each = COUNT // (2 * len(REGIONS) * len(DAYS))
    keys = [
        log_key("AWSLogs/", account, region, day, number)
        for account in (ACCOUNT, OTHER)
        for region in REGIONS
        for day in DAYS
        for number in range(each)
    ]
    assert len(keys) == COUNT
    fill_with_names(s3_url, "many-layout", keys)
    return keys


def test_every_key_of_a_flat_bucket_is_listed_once(proxy: Proxy, through: S3Options, flat: list[str]) -> None:
    found = plan(through, "s3://many-flat/export/")
    assert (len(found.objects), keys_of(found, "many-flat")) == (COUNT, set(flat))
    assert len(proxy.listed) == found.request_count
    pages = [asked for asked in proxy.listed if "continuation-token" in asked]
    assert len(pages) >= COUNT // PAGE - 1, "a page holds a thousand keys, so the listing had to go on"


def test_every_key_of_the_layout_is_listed_once(proxy: Proxy, through: S3Options, layout: list[str]) -> None:
    found = plan(through, "s3://many-layout/")
    assert (len(found.objects), keys_of(found, "many-layout")) == (COUNT, set(layout))
    assert [item.uri for item in found.objects] == sorted(item.uri for item in found.objects)
    assert (found.accounts, found.regions) == ({ACCOUNT, OTHER}, set(REGIONS))
    stretches = 2 * len(REGIONS)
    discovery = [asked for asked in proxy.listed if asked.get("delimiter")]
    assert len(proxy.listed) == found.request_count
    # The logs of a Region are one stretch; SeaweedFS may end a listing with an empty page.
    assert len(proxy.listed) - len(discovery) <= stretches * (ceil(COUNT / stretches / PAGE) + 1)


def test_one_day_takes_the_pages_of_that_day(proxy: Proxy, through: S3Options, layout: list[str]) -> None:
    since, until = datetime(2026, 8, 2, tzinfo=UTC), datetime(2026, 8, 2, 12, tzinfo=UTC)
    found = plan(
        through, "s3://many-layout/", since=since, until=until, accounts=(ACCOUNT,), regions=("eu-west-1",)
    )  # fmt: skip
    # The day and, for late delivery, the days after it.
    expected = {
        key for key in layout if f"/{ACCOUNT}/CloudTrail/eu-west-1/" in key and key.split("/")[5:7] == ["08", "02"]
    }
    expected |= {key for key in layout if f"/{ACCOUNT}/CloudTrail/eu-west-1/2026/08/03/" in key}
    assert (len(found.objects), keys_of(found, "many-layout")) == (len(expected), expected)
    pages = [asked for asked in proxy.listed if not asked.get("delimiter")]
    assert len(pages) <= ceil(len(expected) / PAGE) + 1
    assert all(OTHER not in asked["prefix"] and REGION not in asked["prefix"] for asked in proxy.listed)
