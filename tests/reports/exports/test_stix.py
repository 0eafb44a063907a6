"""Indicators: the right ones, once each, and as a bundle that the STIX library takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import stix2

from rootforensics.reports.exports.stix import stix_bundle
from tests.reports.exports.conftest import NASTY

if TYPE_CHECKING:
    from rootforensics.case import Case

MADE = datetime(2026, 8, 9, 1, 2, 3, tzinfo=UTC)


def test_indicators_are_of_people_only(case: Case, events: list[dict[str, Any]]) -> None:
    rows = case.query("indicators").rows
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row["value"])
    assert by_kind["ipv4"] == ["198.51.100.7"]
    assert by_kind["ipv6"] == ["2001:db8::7"]
    assert NASTY in by_kind["user_agent"]
    assert sorted(by_kind["identity"]) == ["arn:aws:iam::012345678901:root", "arn:aws:iam::111122223333:root"]
    assert by_kind["access_key"] == ["AKIAEXAMPLEROOTKEY00"]
    [address] = [row for row in rows if row["kind"] == "ipv4"]
    assert (address["event_count"], address["account_ids"]) == (4, ["012345678901", "111122223333"])
    assert address["first_eventID"] == events[0]["eventID"]
    assert (address["used_by"], address["first_time"]) == ("root", datetime(2026, 8, 5, 10, tzinfo=UTC))


def test_the_bundle_parses_and_its_patterns_say_the_value(case: Case) -> None:
    rows = case.query("indicators").rows
    bundle = stix2.parse(stix_bundle(rows, "case.duckdb", MADE))
    indicators = [one for one in bundle.objects if one.type == "indicator"]
    assert len(indicators) == len(rows)
    assert {one.spec_version for one in bundle.objects} == {"2.1"}
    [nasty] = [indicator for indicator in indicators if "HYPERLINK" in indicator.name]
    assert nasty.pattern == (
        "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '"
        + NASTY.replace("\\", "\\\\").replace("'", "\\'")
        + "']"
    )
    [address] = [one for one in indicators if "198.51.100.7" in one.name]
    assert address.pattern == "[ipv4-addr:value = '198.51.100.7']"
    assert address.valid_from == datetime(2026, 8, 5, 10, tzinfo=UTC)


def test_an_indicator_has_one_id_for_ever(case: Case) -> None:
    rows = case.query("indicators").rows
    first, second = (json.loads(stix_bundle(rows, name, MADE))["objects"] for name in ("a", "b"))
    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert len({one["id"] for one in first}) == len(first)


def test_no_indicator_is_no_error() -> None:
    assert [one.type for one in stix2.parse(stix_bundle([], "a", MADE)).objects] == ["identity"]
