"""What was measured on the S3 server, as tables and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from measure import median_usage
from tables import ROUND_HEADER, Target, markdown, round_rows

if TYPE_CHECKING:
    from datasets import Dataset
    from measure import Usage

#: The contestant that loads from S3, and how those are called that only download.
LOAD, BOTO3 = "rootforensics load, from S3", "boto3 only, "

NOTES = """\
- *From S3* uses SeaweedFS on the same machine, which shares its cores. *boto3 only* gets the keys and downloads in
  threads. It lists, inflates and keeps nothing, while the load lists, downloads, reads and stores everything.
- *One day* is `rootforensics load --dry-run` with `--since` and `--until`. A proxy counts its requests. The days listed
  are the requested day and two more, because logs may arrive late."""


class Listing(NamedTuple):
    """The listing of one day.

    Attributes:
        keys: Keys in the bucket.
        day_keys: Keys of the day.
        day_pages: Pages that the keys of the day fill, each account and Region by itself.
        listed_keys: Keys that were found: of the day and of those for late delivery.
        page_requests: List requests that went for keys.
        discovery_requests: List requests that went for accounts, folders and Regions.
        wall_seconds: Of the whole command.
    """

    keys: int
    day_keys: int
    day_pages: int
    listed_keys: int
    page_requests: int
    discovery_requests: int
    wall_seconds: float


class S3Findings(NamedTuple):
    """What was measured on the S3 server.

    Attributes:
        data: The set of small objects.
        rounds: What the load and boto3 used, round by round.
        listing: The listing of one day.
    """

    data: Dataset
    rounds: dict[str, list[Usage]]
    listing: Listing


def s3_targets(findings: S3Findings) -> list[Target]:
    """Returns the targets of loading and listing."""
    walls = {name: median_usage(usages).wall_seconds for name, usages in findings.rounds.items()}
    fastest = min((name for name in walls if name.startswith(BOTO3)), key=lambda name: walls[name])
    ratio = walls[LOAD] / walls[fastest]
    loaded = f"load of {findings.data.files:,} small objects from S3 takes less time than downloading them, {fastest}"
    found = findings.listing
    text = f"one day of {found.keys:,} keys in S3 takes no more requests than the day has pages, after discovery"
    measured = f"{found.page_requests} of {found.day_pages} pages, {found.discovery_requests} for discovery"
    return [
        Target(loaded, f"{ratio:.2f}", ratio < 1),
        Target(text, measured, found.page_requests <= found.day_pages),
    ]


def s3_tables(findings: S3Findings) -> list[str]:
    """Returns the size of the set, and the tables."""
    data, found = findings.data, findings.listing
    size = (
        f"Small objects in S3: {data.files:,} objects, {data.events:,} events, {data.stored_bytes / 1e6:.0f} MB gzip, "
        f"{data.json_bytes / 1e6:.0f} MB JSON."
    )
    rows = [
        ["keys in the bucket", f"{found.keys:,}"],
        ["keys of the day", f"{found.day_keys:,}"],
        ["pages of the day", f"{found.day_pages:,}"],
        ["keys listed, with two days for late delivery", f"{found.listed_keys:,}"],
        ["list requests for keys", f"{found.page_requests:,}"],
        ["list requests for discovery", f"{found.discovery_requests:,}"],
        ["wall s, start-up included", f"{found.wall_seconds:.2f}"],
    ]
    return [
        size,
        markdown(["small objects in S3", *ROUND_HEADER], round_rows(findings.rounds, data)),
        markdown(["one day in S3", ""], rows),
    ]
