"""Where chains break, a no cannot be said, whatever lies there instead."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import rootforensics as rf
from tests.integrity.bucket import HOUR, Chain, Stored, key, sign
from tests.integrity.conftest import Bench
from tests.integrity.test_verify import without


def _gaps(bench: Bench) -> list[tuple[str, Any, Any]]:
    """Times of the breaks that keep a no from being said."""
    with rf.open_case(bench.folder / "case.duckdb") as case:
        rows = case.query("coverage_gaps").rows
    return [
        (row["region"], row["from_time"] + HOUR, row["until_time"]) for row in rows if row["kind"] == "chain_broken"
    ]


@pytest.mark.heavy
def test_an_unsigned_newest_digest_hides_no_end(bench: Bench) -> None:
    """It lists nothing and is of four hours, whose digests and logs were deleted; other Regions have their signatures."""
    chain, other = Chain(8), Chain(8, region="eu-west-1")
    fields = json.loads(chain.digests[4].body) | {
        "logFiles": [],
        "digestEndTime": f"{chain.begin(8):%Y-%m-%dT%H:%M:%SZ}",
    }
    fields["digestS3Object"] = chain.digests[7].key
    forged = replace(sign(fields, key(9)), signature="")
    bench.verify([*chain.logs[:4], *chain.digests[:4], forged, *other.stored])
    assert bench.verdicts([forged]) == ["unsigned"]
    assert ("ends_early", chain.begin(4), chain.begin(8)) in bench.breaks
    assert ("us-east-1", chain.begin(4), chain.begin(8)) in _gaps(bench)


@pytest.mark.heavy
def test_an_unsigned_newest_digest_of_one_hour_is_no_gap_where_no_metadata_was_kept(bench: Bench) -> None:
    chain = Chain()
    bench.verify(chain.stored, metadata=False)
    assert _gaps(bench) == []
    signed = Chain(region="eu-west-1", first=-1)
    bench.verify(signed.stored)
    assert _gaps(bench) == [("us-east-1", chain.begin(5), chain.begin(6))]


@pytest.mark.quick(1)
@pytest.mark.parametrize("body", [b"{}", b"x"])
def test_a_digest_overwritten_by_garbage_is_a_gap(bench: Bench, body: bytes) -> None:
    chain = Chain()
    kept = without(chain.stored, chain.digests[3], chain.logs[3])
    bench.verify([*kept, Stored(chain.digests[3].key, body)])
    assert _gaps(bench) == [("us-east-1", chain.begin(3), chain.begin(4))]


@pytest.mark.heavy
def test_a_late_log_does_not_cover_the_end_of_a_chain(bench: Bench) -> None:
    chain, other = Chain(8), Chain(8, region="eu-west-1")
    bench.verify([*chain.logs[:4], *chain.digests[:4], chain.logs[7], *other.stored])
    assert _gaps(bench) == [("us-east-1", chain.begin(4), chain.begin(8))]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "other", [{"region": "eu-west-1"}, {"account": "444455556666", "folder": "o-abcdefghij/"}], ids=str
)
def test_the_oldest_digests_deleted_are_a_gap_where_the_trail_has_them_elsewhere(bench: Bench, other: dict) -> None:
    chain = Chain(8, folder=other.get("folder", ""))
    bench.verify([*chain.logs[4:], *chain.digests[4:], *Chain(8, **other).stored])
    assert bench.breaks == [("digest_missing", chain.begin(0), chain.begin(4))]
    assert _gaps(bench) == [("us-east-1", chain.begin(0), chain.begin(4))]
