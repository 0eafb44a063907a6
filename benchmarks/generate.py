"""Writes made-up CloudTrail log files in S3 layout, varied as real trails are: the benchmarks' input.

Run ``python benchmarks/generate.py OUT_DIR --events 300000 --files 300``. Equal arguments give equal bytes.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from records import Writer
from world import ACCOUNTS, REGIONS, World

_START = datetime(2026, 4, 1, tzinfo=UTC)
_NAME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ROOT_SHARE = 0.03


class FilePlan(NamedTuple):
    """One log file to write.

    Attributes:
        path: Where it goes.
        account: Account ID.
        region: Region.
        written: The time in its name, UTC; its events are up to ten minutes older.
        events: How many records it holds.
        root_events: How many of them are the root user's.
        seed: What its random choices start from.
    """

    path: Path
    account: str
    region: str
    written: datetime
    events: int
    root_events: int
    seed: str


def event_counts(rng: random.Random, events: int, files: int) -> list[int]:
    """Returns how many events each file holds: uneven, at least one, together exactly `events`."""
    weights = [rng.lognormvariate(0.0, 0.8) for _ in range(files)]
    scale = (events - files) / sum(weights)
    counts = [1 + int(weight * scale) for weight in weights]
    for index in range(events - sum(counts)):
        counts[index % files] += 1
    return counts


def plan_files(out: Path, events: int, files: int, root_files: float, seed: int) -> list[FilePlan]:
    """Plans the log files.

    Args:
        out: The folder that will hold ``AWSLogs``.
        events: Records in all files together; not fewer than `files`.
        files: How many files.
        root_files: The fraction of the files that hold root events.
        seed: Start of all random choices.

    Returns:
        One plan for each file.
    """
    rng = random.Random(f"plan {seed}")
    with_root = set(rng.sample(range(files), round(files * root_files)))
    places = list(itertools.product(ACCOUNTS, REGIONS))
    plans = []
    for index, count in enumerate(event_counts(rng, events, files)):
        account, region = places[index % len(places)]
        written = _START + timedelta(minutes=5 * (index // len(places)), seconds=rng.randrange(300))
        suffix = "".join(rng.choices(_NAME_LETTERS, k=16))
        name = f"{account}_CloudTrail_{region}_{written:%Y%m%dT%H%MZ}_{suffix}.json.gz"
        folder = out / "AWSLogs" / account / "CloudTrail" / region / f"{written:%Y/%m/%d}"
        roots = max(1, round(count * _ROOT_SHARE)) if index in with_root else 0
        plans.append(FilePlan(folder / name, account, region, written, count, roots, f"{seed}/{index}"))
    return plans


def write_file(plan: FilePlan) -> int:
    """Writes one log file and returns the size of its JSON in bytes."""
    writer = Writer(World(plan.account, plan.region, plan.seed), plan.written)
    root_places = set(random.Random(plan.seed).sample(range(plan.events), plan.root_events))
    records = [writer.root_record() if place in root_places else writer.record() for place in range(plan.events)]
    text = ('{"Records":[' + ",".join(records) + "]}").encode()
    plan.path.parent.mkdir(parents=True, exist_ok=True)
    plan.path.write_bytes(gzip.compress(text, 6, mtime=0))
    return len(text)


def generate(plans: list[FilePlan], jobs: int) -> int:
    """Writes all files with `jobs` processes and returns the size of their JSON in bytes."""
    if jobs == 1:
        return sum(map(write_file, plans))
    with ProcessPoolExecutor(jobs) as pool:
        return sum(pool.map(write_file, plans, chunksize=4))


def plan_summary(plans: list[FilePlan]) -> dict[str, int]:
    """Returns the planned counts: files, events, files with root events, root events."""
    return {
        "files": len(plans),
        "events": sum(plan.events for plan in plans),
        "root_files": sum(plan.root_events > 0 for plan in plans),
        "root_events": sum(plan.root_events for plan in plans),
    }


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder that will hold AWSLogs/")
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--root-files", type=float, default=0.1, help="fraction of the files with root events")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--plan", type=Path, help="write the planned counts to this JSON file")
    options = parser.parse_args(arguments)
    if options.files < 1 or options.events < options.files or not 0 <= options.root_files <= 1:
        parser.error("needs files >= 1, events >= files, and root-files between 0 and 1")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    options = _arguments(arguments)
    plans = plan_files(options.out, options.events, options.files, options.root_files, options.seed)
    started = time.perf_counter()
    raw_bytes = generate(plans, options.jobs)
    stored = sum(plan.path.stat().st_size for plan in plans)
    counts = plan_summary(plans)
    if options.plan:
        options.plan.write_text(json.dumps(counts, indent=2) + "\n")
    print(
        f"{counts}; JSON {raw_bytes / 1e6:.0f} MB, {raw_bytes / options.events:.0f} B a record, "
        f"{raw_bytes / stored:.1f} times the gzip; {time.perf_counter() - started:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
