"""A trail that was deleted and made again, and a bucket that was set back: whether the record is as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.queries.test_impairment import ADMIN, rows_of
from tests.stories import part_of

if TYPE_CHECKING:
    import rootforensics as rf
    from tests.stories import Part

FULL = {"name": "main", "s3BucketName": "central", "isMultiRegionTrail": True, "enableLogFileValidation": True}
NAMED = {"name": "main"}
MADE = did("cloudtrail:CreateTrail", 1, FULL, who=ADMIN)
DELETED = did("cloudtrail:DeleteTrail", 10, NAMED)
EVE = [did("iam:CreateUser", 2, {"userName": "eve"}), made_key("AKIAEVE", 3, "eve")]
AS_EVE = user("eve", "AKIAEVE")


def told(case: rf.Case | Part) -> list[tuple[Any, ...]]:
    """Each row: call, part, how, when it ended."""
    return [
        (row["eventName"], row["part"], row["impairment"], row["until_time"] and row["until_time"].minute)
        for row in rows_of(case)
    ]


def again(minute: int, changes: dict[str, Any] | None = None, **fields: Any) -> list[dict[str, Any]]:
    """The trail made again and started."""
    return [
        did("cloudtrail:CreateTrail", minute, {**FULL, **(changes or {})}, **fields),
        did("cloudtrail:StartLogging", minute + 1, NAMED, **fields),
    ]


OPEN, SHUT = ("DeleteTrail", "recording", "removed", None), ("DeleteTrail", "recording", "removed", 21)


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        (again(20, who=ADMIN), [SHUT]),
        (again(20, who=ADMIN)[:1], [OPEN]),  # nobody started it
        (again(20), [OPEN]),  # root's own work is trusted no more
        (again(20, {"s3BucketName": "evil"}), [OPEN, ("CreateTrail", "bucket", "changed", None)]),
        (again(20, {"s3BucketName": "evil"}, who=ADMIN), [OPEN, ("CreateTrail", "bucket", "changed", None)]),
        (again(20, {"s3KeyPrefix": "x"}, who=ADMIN), [OPEN, ("CreateTrail", "bucket", "changed", None)]),
        (again(20, {"isMultiRegionTrail": False}, who=ADMIN), [SHUT, ("CreateTrail", "Regions", "narrowed", None)]),
        (
            again(20, {"enableLogFileValidation": None}, who=ADMIN),
            [SHUT, ("CreateTrail", "digests", "narrowed", None)],
        ),
    ],
    ids=[
        "as before",
        "not started",
        "by root",
        "elsewhere by root",
        "elsewhere",
        "another prefix",
        "less",
        "no digests",
    ],
)
async def test_a_trail_made_again_records_as_before_only_if_it_is_as_before(
    after: list[dict[str, Any]], rows: list[tuple[Any, ...]]
) -> None:
    assert told(await part_of(MADE, DELETED, *after)) == rows


async def test_what_others_deleted_and_root_made_elsewhere_does_not_record_as_before() -> None:
    deleted = did("cloudtrail:DeleteTrail", 10, NAMED, who=ADMIN)
    elsewhere = again(20, {"s3BucketName": "evil"})
    assert told(await part_of(MADE, deleted, *elsewhere)) == [OPEN, ("CreateTrail", "bucket", "changed", None)]


async def test_what_came_from_root_makes_no_trail_again() -> None:
    assert told(await part_of(MADE, *EVE, DELETED, *again(20, who=AS_EVE))) == [OPEN]


async def test_defenders_who_delete_the_false_trail_and_make_the_old_one_end_the_window() -> None:
    rows = told(
        await part_of(
            MADE, DELETED, *again(12, {"s3BucketName": "evil"}), did("cloudtrail:DeleteTrail", 19, NAMED, who=ADMIN),
            *again(20, who=ADMIN),
        )
    )  # fmt: skip
    assert rows == [SHUT, ("CreateTrail", "bucket", "changed", 20), ("DeleteTrail", "recording", "removed", 21)]


async def test_a_trail_of_which_nothing_was_known_is_as_before_for_all_that_the_logs_show() -> None:
    assert told(await part_of(DELETED, *again(20, {"s3BucketName": "any"}, who=ADMIN))) == [SHUT]
    assert told(await part_of(DELETED, did("cloudtrail:StartLogging", 21, NAMED, who=ADMIN))) == [SHUT]


@pytest.mark.parametrize(
    ("bucket", "fields", "rows"),
    [
        ("central", {"who": ADMIN}, [("UpdateTrail", "bucket", "changed", 20)]),
        ("another", {"who": ADMIN}, [("UpdateTrail", "bucket", "changed", None)] * 2),
        ("central", {}, [("UpdateTrail", "bucket", "changed", None)] * 2),
    ],
)
async def test_a_bucket_that_defenders_set_back_ends_the_window(
    bucket: str, fields: dict[str, Any], rows: list[tuple[Any, ...]]
) -> None:
    moved = did("cloudtrail:UpdateTrail", 10, {"name": "main", "s3BucketName": "evil"})
    back = did("cloudtrail:UpdateTrail", 20, {"name": "main", "s3BucketName": bucket}, **fields)
    assert told(await part_of(MADE, moved, back)) == rows


async def test_root_that_sets_a_bucket_of_former_times_changes_it() -> None:
    moved = did("cloudtrail:UpdateTrail", 5, {"name": "main", "s3BucketName": "new"}, who=ADMIN)
    back = did("cloudtrail:UpdateTrail", 10, {"name": "main", "s3BucketName": "central"})
    assert told(await part_of(MADE, moved, back)) == [("UpdateTrail", "bucket", "changed", None)]  # moving it set it up


async def test_what_came_from_root_mends_no_filter() -> None:
    named = {"logGroupName": "trail", "filterName": "root"}
    gone = did("logs:DeleteMetricFilter", 10, named)
    assert told(await part_of(*EVE, gone, did("logs:PutMetricFilter", 20, named, who=ADMIN)))[0][3] == 20
    assert told(await part_of(*EVE, gone, did("logs:PutMetricFilter", 20, named, who=AS_EVE)))[0][3] is None
