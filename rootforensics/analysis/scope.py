"""What a case was made from and what was left out of it: the ground on which every statement stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootforensics.ingest.filters import Filters

if TYPE_CHECKING:
    from rootforensics.queries.result import Asks


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a case.

    Attributes:
        filters: the filters of its loads in words, each once; empty if everything was taken in.
        filtered_count: records that they left out, as far as they were counted.
        not_decoded_count: objects without any mention of root, which a root-only load did not look into.
        regions: Regions whose logs were read, by the log files' names or by the events; neither a digest nor what
            CloudTrail sums up by itself is a log.
    """

    filters: tuple[str, ...]
    filtered_count: int
    not_decoded_count: int
    regions: tuple[str, ...]

    @property
    def lost_something(self) -> bool:
        """True if filters are known to have left something out."""
        return bool(self.filtered_count or self.not_decoded_count)

    @property
    def is_whole(self) -> bool:
        """True if all was asked for, and nothing of it left out.

        S3 and the event history are asked only for what a filter wants: what they did not give is counted nowhere.
        """
        return not self.filters and not self.lost_something


def scope(case: Asks) -> Scope:
    """Tell what the case was made from."""
    counted = case.sql(
        """
        SELECT coalesce(sum(filtered_count), 0)::BIGINT AS filtered_count,
            count(*) FILTER (WHERE record_count IS NULL AND status = 'loaded') AS not_decoded_count
        FROM evidence
        """
    ).rows[0]
    loads = case.sql("SELECT DISTINCT filters::VARCHAR AS filters FROM evidence ORDER BY 1").rows
    described = {Filters.from_dict(one).describe() for row in loads for one in json.loads(row["filters"])}
    regions = case.sql(
        "SELECT DISTINCT region FROM (SELECT region FROM evidence"
        " WHERE status IN ('loaded', 'empty', 'duplicate', 'damaged')"
        " AND NOT regexp_matches(uri, '_CloudTrail-(Insight|Aggregated)_') UNION ALL SELECT awsRegion FROM api_calls)"
        " WHERE region IS NOT NULL ORDER BY region"
    ).rows
    return Scope(
        tuple(sorted(described - {""})),
        counted["filtered_count"],
        counted["not_decoded_count"],
        tuple(row["region"] for row in regions),
    )
