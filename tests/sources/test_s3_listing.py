"""Listing: discovery from every starting point, and nothing listed that is not wanted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rootforensics.sources.find import find
from rootforensics.sources.objects import Plan
from rootforensics.sources.s3.connection import S3Options
from rootforensics.sources.wanted import Wanted
from tests.conftest import SAMPLE_LOGS
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import fill, fill_with_names, folder_as_objects

ACCOUNT, OTHER, REGION = "111122223333", "444455556666", "us-east-1"
ORGANIZATION = "o-abcdefghij"


def log_key(prefix: str, account: str, region: str, day: str, number: int, folder: str = "CloudTrail") -> str:
    time = day.replace("/", "")
    return f"{prefix}{account}/{folder}/{region}/{day}/{account}_{folder}_{region}_{time}T0105Z_{number:016d}.json.gz"


def plan(s3: S3Options, *sources: str, **wanted: object) -> Plan:
    with find(sources, Wanted(**wanted), s3) as found:  # type: ignore[arg-type]
        return found


def keys_of(found: Plan, bucket: str) -> set[str]:
    return {item.uri.removeprefix(f"s3://{bucket}/") for item in found.objects}


@pytest.fixture(scope="session")
def organization(s3_url: str) -> dict[str, bytes]:
    """A bucket with an organization trail below a prefix, other folders of CloudTrail, and other services' logs."""
    top = f"audit/AWSLogs/{ORGANIZATION}/"
    objects = {
        log_key(top, account, region, day, number): b"{}"
        for account in (ACCOUNT, OTHER)
        for region in (REGION, "eu-west-1")
        for day in ("2026/07/31", "2026/08/01", "2026/08/02", "2026/08/03", "2026/08/04", "2026/08/05")
        for number in range(2)
    }
    objects[log_key(top, ACCOUNT, REGION, "2026/08/01", 0, "CloudTrail-Digest")] = b"{}"
    for folder in ("CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"):
        objects[log_key(top, ACCOUNT, REGION, "2026/08/01", 0, folder)] = b"{}"
    objects[f"{top}{ACCOUNT}/vpcflowlogs/{REGION}/2026/08/01/flow.gz"] = b"x"
    objects[f"{top}{ACCOUNT}/CloudTrail/"] = b""
    objects["backup/notes.txt"] = b"x"
    fill(s3_url, "organization", objects)
    return objects


def wanted_keys(objects: dict[str, bytes], *parts: str) -> set[str]:
    """The keys of logs and digests that hold all the parts."""
    logs = {key for key in objects if "/CloudTrail/" in key or "/CloudTrail-Digest/" in key}
    return {key for key in logs if not key.endswith("/") and all(part in key for part in parts)}


@pytest.mark.parametrize(
    ("start", "parts"),
    [
        ("", ()),
        ("audit", ()),
        ("audit/", ()),
        ("audit/AWSLogs/", ()),
        (f"audit/AWSLogs/{ORGANIZATION}/", ()),
        (f"audit/AWSLogs/{ORGANIZATION}/{OTHER}", (OTHER,)),
        (f"audit/AWSLogs/{ORGANIZATION}/{ACCOUNT}/CloudTrail/", (f"{ACCOUNT}/CloudTrail/",)),
        (f"audit/AWSLogs/{ORGANIZATION}/{ACCOUNT}/CloudTrail/{REGION}/", (f"{ACCOUNT}/CloudTrail/{REGION}/",)),
        (f"audit/AWSLogs/{ORGANIZATION}/{OTHER}/CloudTrail/{REGION}/2026/", (f"{OTHER}/CloudTrail/{REGION}/2026/",)),
        (f"audit/AWSLogs/{ORGANIZATION}/{OTHER}/CloudTrail/{REGION}/2026/08/02", (OTHER, REGION, "/08/02/")),
        (f"audit/AWSLogs/{ORGANIZATION}/{ACCOUNT}/CloudTrail-Digest/", ("CloudTrail-Digest",)),
    ],
)
@pytest.mark.quick(2)
def test_any_starting_point_finds_what_lies_below_it(
    s3: S3Options, organization: dict[str, bytes], start: str, parts: tuple[str, ...]
) -> None:
    expected = wanted_keys(organization, *parts)
    if not start:  # what lies loose where AWSLogs was looked for is evidence, too
        expected |= {"backup/notes.txt"}
    found = plan(s3, f"s3://organization/{start}")
    assert expected
    assert keys_of(found, "organization") == expected


def test_an_object_is_a_starting_point(s3: S3Options, organization: dict[str, bytes]) -> None:
    key = min(wanted_keys(organization))
    found = plan(s3, f"s3://organization/{key}", f"s3://organization/{key}")
    assert keys_of(found, "organization") == {key}
    assert found.objects[0].size_bytes == 2


def test_nothing_below_an_address_is_no_slow_layout(s3: S3Options, organization: dict[str, bytes]) -> None:
    assert organization
    found = plan(s3, "s3://organization/audit/AWSLogs/nothing/")
    assert found.remarks == []
    assert [item.readable for item in found.objects] == [False]


def test_what_is_left_out_is_said(s3: S3Options, organization: dict[str, bytes]) -> None:
    assert organization
    (remark,) = plan(s3, f"s3://organization/audit/AWSLogs/{ORGANIZATION}/{ACCOUNT}/").remarks
    for folder in ("CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"):
        assert f"folders {folder} (1)" in remark
    assert "folders vpcflowlogs (not CloudTrail) (1)" in remark


@pytest.mark.parametrize("folder", ["CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"])
def test_other_folders_of_cloudtrail_load_when_they_are_named(
    s3: S3Options, organization: dict[str, bytes], folder: str
) -> None:
    start = f"audit/AWSLogs/{ORGANIZATION}/{ACCOUNT}/{folder}/"
    assert keys_of(plan(s3, f"s3://organization/{start}"), "organization") == {
        key for key in organization if f"/{folder}/" in key
    }


def test_filters_keep_folders_from_being_listed(
    proxy: Proxy, through: S3Options, organization: dict[str, bytes]
) -> None:
    since, until = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 2, tzinfo=UTC)
    found = plan(
        through, "s3://organization/audit/", since=since, until=until, accounts=(ACCOUNT,), regions=("eu-west-1",)
    )
    # The day itself and two more for late delivery.
    days = {"2026/08/01", "2026/08/02", "2026/08/03"}
    expected = {key for key in wanted_keys(organization, ACCOUNT, "eu-west-1") if any(day in key for day in days)}
    assert keys_of(found, "organization") == expected
    assert found.days == days
    prefixes = [asked["prefix"] for asked in proxy.listed]
    assert not [prefix for prefix in prefixes if OTHER in prefix or REGION in prefix or "Insight" in prefix]
    assert len(proxy.listed) == found.request_count
    # audit/, AWSLogs/, the organization, the account, two folders; in one of them the Region, its year, its month and the
    # stretch of days; the key "audit/" is known to be a folder by its slash.
    assert found.request_count == 10
    told = " ".join(found.remarks)
    assert "years, months or days outside the filters (3)" in told  # 31 July lies in July's folder; 4 and 5 August
    assert "accounts outside the filters (1)" in told
    assert "Regions outside the filters (2)" in told
    assert "an event that says another account or Region than its folder was not looked for" in told


@pytest.mark.heavy
def test_one_day_takes_few_more_requests_than_its_pages(s3_url: str, proxy: Proxy, through: S3Options) -> None:
    days = [f"2026/{month:02d}/{day:02d}" for month in (3, 4) for day in range(1, 26)]
    objects = {log_key("AWSLogs/", ACCOUNT, REGION, day, number) for day in days for number in range(30)}
    objects |= {log_key("AWSLogs/", ACCOUNT, REGION, "2026/05/01", number) for number in range(1100)}
    fill_with_names(s3_url, "busy", objects)
    since = datetime(2026, 5, 1, tzinfo=UTC)
    found = plan(through, f"s3://busy/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/", since=since)
    assert len(found.objects) == 1100
    assert len(proxy.listed) == 4  # two pages; the Region and its year, for what lies beside the days
    proxy.listed.clear()
    assert len(plan(through, f"s3://busy/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/").objects) == 2600
    assert len(proxy.listed) == 3


def test_a_day_outside_the_filter_is_not_listed_at_all(
    proxy: Proxy, through: S3Options, organization: dict[str, bytes]
) -> None:
    assert organization
    start = f"s3://organization/audit/AWSLogs/{ORGANIZATION}/{ACCOUNT}/CloudTrail/{REGION}/2026/07/31/"
    assert not plan(through, start, since=datetime(2026, 8, 1, tzinfo=UTC)).objects
    assert not proxy.listed


@pytest.mark.parametrize(
    "top",
    [
        *("CloudTrail", "AWSLogs", REGION, f"AWSLogs/{ACCOUNT}"),
        *(
            pytest.param(top, marks=pytest.mark.heavy)
            for top in ("CloudTrail-Digest", ACCOUNT, "CloudTrail/logs", "AWSLogs/logs")
        ),
    ],
)
@pytest.mark.quick(2)
def test_a_trail_s_prefix_may_have_any_name(s3_url: str, proxy: Proxy, through: S3Options, top: str) -> None:
    bucket = f"named-{top.lower().replace('/', '-')}"
    days = [f"2026/08/{day:02d}" for day in range(1, 10)]
    objects = {
        log_key(f"{top}/AWSLogs/", account, region, day, 0)
        for account in (ACCOUNT, OTHER)
        for region in (REGION, "eu-west-1")
        for day in days
    }
    fill_with_names(s3_url, bucket, objects)
    for start in ("", top, f"{top}/", f"{top}/AWSLogs/"):
        assert keys_of(plan(through, f"s3://{bucket}/{start}"), bucket) == objects
        proxy.listed.clear()
        since, until = datetime(2026, 8, 3, tzinfo=UTC), datetime(2026, 8, 4, tzinfo=UTC)
        found = plan(through, f"s3://{bucket}/{start}", since=since, until=until, regions=("eu-west-1",))
        assert keys_of(found, bucket) == {
            key for key in objects if "/eu-west-1/" in key and any(day in key for day in days[2:5])
        }
        assert not [asked for asked in proxy.listed if f"/CloudTrail/{REGION}" in asked["prefix"]]


def test_what_lies_beside_the_days_of_a_region_is_found(s3_url: str, s3: S3Options) -> None:
    region = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"
    days = ("2025/12/31", "2026/07/31", "2026/08/01", "2026/08/02", "2026/08/05", "2026/09/01", "2027/01/01")
    objects = {log_key("AWSLogs/", ACCOUNT, REGION, day, 0): b"{}" for day in days}
    beside = {
        f"{region}{name}": b"{}"
        for name in (
            "0.json",
            "loose.json",
            "2026/loose.json",
            "2026/08/loose.json",
            "2026/08/31.json",
            "2026/08/0.json",
            "zulu/a.json",
            "2026/extra/b.json",
            "2026/08/extra/c.json",
            "1/d.json",
        )
    }
    fill(s3_url, "beside", objects | beside)
    since, until = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 2, tzinfo=UTC)
    found = plan(s3, "s3://beside/AWSLogs/", since=since, until=until)
    inside = {key for key in objects if "2026/08/01" in key or "2026/08/02" in key}
    assert keys_of(found, "beside") == inside | set(beside)
    assert len(found.objects) == len(inside | set(beside))
    # 2025 and 2027; July and September of 2026; 5 August
    assert any("years, months or days outside the filters (5)" in remark for remark in found.remarks)


@pytest.mark.parametrize(("count", "bounds"), [(320, {}), (40, {"_MOST_FOLDERS": 5}), (40, {"_DEEPEST": 1})])
def test_no_folder_above_awslogs_is_dropped_however_many_there_are(
    s3_url: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int], count: int
) -> None:
    for name, value in bounds.items():
        monkeypatch.setattr(f"rootforensics.sources.s3.discover.{name}", value)
    tops = ["first/", *(f"tenants/{number:03d}/" for number in range(count))]
    keys = {log_key(f"{top}AWSLogs/", ACCOUNT, REGION, "2026/08/01", 0) for top in tops}
    last = f"tenants/{count - 1:03d}/AWSLogs"
    flow_logs = f"{last}/{ACCOUNT}/vpcflowlogs/{REGION}/2026/08/01/flow.gz"
    bucket = f"tenants-{count}"
    fill_with_names(s3_url, bucket, {*keys, flow_logs})
    found = plan(s3, f"s3://{bucket}")
    assert keys_of(found, bucket) == keys
    (remark,) = found.remarks
    assert "folders vpcflowlogs (not CloudTrail) (1)" in remark


def test_a_deep_tree_without_awslogs_is_listed_whole(
    s3_url: str, proxy: Proxy, through: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.sources.s3.discover._MOST_FOLDERS", 5)
    keys = {f"export/{hour:02d}/{minute:02d}/log.json.gz" for hour in range(8) for minute in range(60)}
    fill_with_names(s3_url, "deep-tree", keys)
    assert keys_of(plan(through, "s3://deep-tree"), "deep-tree") == keys
    assert len(proxy.listed) < 40


def test_flat_folders_are_listed_whole_and_filtered_by_name(s3_url: str, s3: S3Options) -> None:
    names = [log_key("", ACCOUNT, REGION, f"2026/08/{day:02d}", day).rpartition("/")[2] for day in range(1, 10)]
    fill(s3_url, "flat", {f"export/{name}": b"{}" for name in [*names, "other.json"]})
    found = plan(s3, "s3://flat", since=datetime(2026, 8, 3, tzinfo=UTC), until=datetime(2026, 8, 4, tzinfo=UTC))
    assert keys_of(found, "flat") == {f"export/{name}" for name in [*names[2:5], "other.json"]}
    assert any("objects outside the filters by their names (6)" in remark for remark in found.remarks)


def test_the_sample_is_found_in_the_order_of_a_local_load(s3: S3Options) -> None:
    found = plan(s3, "s3://sample/logs/")
    local = sorted(folder_as_objects(SAMPLE_LOGS))
    assert [item.uri.removeprefix("s3://sample/logs/") for item in found.objects] == local


def test_nothing_below_an_address_is_a_row(s3: S3Options) -> None:
    (only,) = plan(s3, "s3://sample/nowhere/").objects
    assert (only.readable, only.problem) == (False, "no object below this address")


def test_keys_are_kept_as_they_are_spelled(s3_url: str, s3: S3Options) -> None:
    keys = ["a b.json", "pct%41.json", "plus+#?.json", "uni-é.json", "ctl\x01.json"]
    fill(s3_url, "odd", {key: key.encode() for key in keys})
    with find(["s3://odd"], None, s3) as found:
        read = {item.uri.removeprefix("s3://odd/"): b"".join(item.pieces()) for item in found.objects}
    assert read == {key: key.encode() for key in keys}


def test_folders_that_nobody_knows_are_listed_and_those_of_services_are_told(s3_url: str, proxy: Proxy) -> None:
    account = f"AWSLogs/{ACCOUNT}/"
    day, late = "2026/08/01", "2026/08/20"
    wanted = {
        f"{account}loose.json",
        "AWSLogs/loose.json",
        f"{account}CloudTrail/loose.json",
        f"{account}CloudTrail/{REGION}/loose.json",
        f"{account}archive/loose.json",
        f"{account}archive/2019/anything.json.gz",
        log_key(f"{account}archive/", ACCOUNT, REGION, day, 0),
        f"{account}copies/{REGION}/{day}/{ACCOUNT}_CloudTrail_{REGION}_20260801T0105Z_{0:016d}.json.gz",
        log_key("AWSLogs/old/", ACCOUNT, REGION, day, 0),
        f"{account}CloudTrail/extra/{REGION}/{day}/log.json.gz",
    }
    left_out = {
        f"{account}vpcflowlogs/{REGION}/{day}/a.gz",
        f"{account}elasticloadbalancing/{REGION}/{day}/a.gz",
        log_key(f"{account}archive/", ACCOUNT, REGION, late, 0),
        log_key(f"{account}archive/", ACCOUNT, "eu-west-1", day, 0),
        f"{account}copies/{REGION}/{late}/log.json.gz",
    }
    fill_with_names(s3_url, "layouts", wanted | left_out)
    found = plan(
        S3Options(endpoint_url=proxy.url),
        "s3://layouts",
        until=datetime(2026, 8, 2, tzinfo=UTC),
        regions=("us-east-2",),
    )
    assert keys_of(found, "layouts") == {key for key in wanted if f"/{REGION}/" not in key or "/extra/" in key}
    found = plan(S3Options(endpoint_url=proxy.url), "s3://layouts", until=datetime(2026, 8, 2, tzinfo=UTC))
    assert keys_of(found, "layouts") - wanted == {log_key(f"{account}archive/", ACCOUNT, "eu-west-1", day, 0)}
    assert wanted <= keys_of(found, "layouts")
    told = " ".join(found.remarks)
    assert "folders vpcflowlogs (not CloudTrail) (1)" in told
    assert "folders elasticloadbalancing (not CloudTrail) (1)" in told
    assert "name a folder itself to load it" in told
    assert not [asked for asked in proxy.listed if "vpcflowlogs/" in asked["prefix"]]


def test_nothing_below_an_address_is_told_with_filters_too(s3: S3Options) -> None:
    (only,) = plan(s3, "s3://sample/nowhere/", since=datetime(2026, 8, 1, tzinfo=UTC)).objects
    assert (only.readable, only.problem) == (False, "no object below this address")


def test_what_a_killed_load_left_half_fetched_is_told(s3_url: str, s3: S3Options) -> None:
    fill_with_names(s3_url, "copied", ["kept/a.json", "kept/unfinished/12-0.rootforensics-unfinished"])
    half = {item.uri.rpartition("/")[2]: item.problem for item in plan(s3, "s3://copied/kept/").objects}
    assert half["a.json"] == ""
    assert "a download that was stopped before its end" in half["12-0.rootforensics-unfinished"]
