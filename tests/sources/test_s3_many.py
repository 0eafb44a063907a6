"""Thousands of keys on a real server: every one of them listed once, page after page."""

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

COUNT = 4_800
PAGE = 1_000
REGIONS = (REGION, "eu-west-1")
DAYS = ("2026/07/31", "2026/08/01", "2026/08/02", "2026/08/03")


@pytest.fixture(scope="session")
def flat(s3_url: str) -> tuple[str, list[str]]:
    """A bucket with keys of no layout at all; the order of keys is not that of the numbers."""
    keys = [f"export/log-{number}.json.gz" for number in range(COUNT)]
    fill_with_names(s3_url, "many-flat", keys)
    return "many-flat", keys


@pytest.fixture(scope="session")
def layout(s3_url: str) -> tuple[str, list[str]]:
    """A bucket with keys in CloudTrail's layout: two accounts, two Regions, four days."""
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
    return "many-layout", keys


@pytest.mark.heavy
def test_every_key_of_a_flat_bucket_is_listed_once(
    proxy: Proxy, through: S3Options, flat: tuple[str, list[str]]
) -> None:
    bucket, keys = flat
    found = plan(through, f"s3://{bucket}/export/")
    assert (len(found.objects), keys_of(found, bucket)) == (len(keys), set(keys))
    assert len(proxy.listed) == found.request_count
    pages = [asked for asked in proxy.listed if "continuation-token" in asked]
    assert len(pages) >= len(keys) // PAGE - 1, "a page holds a thousand keys, so the listing had to go on"


@pytest.mark.heavy
def test_every_key_of_the_layout_is_listed_once(
    proxy: Proxy, through: S3Options, layout: tuple[str, list[str]]
) -> None:
    bucket, keys = layout
    found = plan(through, f"s3://{bucket}/")
    assert (len(found.objects), keys_of(found, bucket)) == (len(keys), set(keys))
    assert [item.uri for item in found.objects] == sorted(item.uri for item in found.objects)
    assert (found.accounts, found.regions) == ({ACCOUNT, OTHER}, set(REGIONS))
    stretches = 2 * len(REGIONS)
    discovery = [asked for asked in proxy.listed if asked.get("delimiter")]
    assert len(proxy.listed) == found.request_count
    # The logs of a Region are one stretch; SeaweedFS may end a listing with an empty page.
    assert len(proxy.listed) - len(discovery) <= stretches * (ceil(len(keys) / stretches / PAGE) + 1)


def test_one_day_takes_the_pages_of_that_day(proxy: Proxy, through: S3Options, layout: tuple[str, list[str]]) -> None:
    bucket, keys = layout
    since, until = datetime(2026, 8, 2, tzinfo=UTC), datetime(2026, 8, 2, 12, tzinfo=UTC)
    found = plan(
        through, f"s3://{bucket}/", since=since, until=until, accounts=(ACCOUNT,), regions=("eu-west-1",)
    )  # fmt: skip
    # The day and, for late delivery, the days after it.
    expected = {
        key for key in keys if f"/{ACCOUNT}/CloudTrail/eu-west-1/" in key and key.split("/")[5:7] == ["08", "02"]
    }
    expected |= {key for key in keys if f"/{ACCOUNT}/CloudTrail/eu-west-1/2026/08/03/" in key}
    assert (len(found.objects), keys_of(found, bucket)) == (len(expected), expected)
    pages = [asked for asked in proxy.listed if not asked.get("delimiter")]
    assert len(pages) <= ceil(len(expected) / PAGE) + 1
    assert all(OTHER not in asked["prefix"] and REGION not in asked["prefix"] for asked in proxy.listed)
