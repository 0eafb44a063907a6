"""The processes that are measured against each other, and the proof that each one did its work."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from datasets import changed, with_field_in_each_record, with_field_in_one_record
from measure import ChildFailedError, Usage, run_child

if TYPE_CHECKING:
    from collections.abc import Callable

    from datasets import Dataset

_HERE = Path(__file__).parent
_MEBIBYTE = 1 << 20
_DUCKDB_DEFAULT_OBJECT = 16 * _MEBIBYTE
#: The sets that the usual one is changed to, and how many of its files are copied.
ONE_FIELD, EACH_FIELD = "a new field in one record of each file", "a new field in each record"
COPIES, COPIED_PART = "41 % more files, all copies", 0.41
_OTHERS = ("trailscraper", "chdb", "polars")
_NO_ROLE = "arn:aws:iam::000000000000:role/none"
INFLATERS = {"isal": "isal.isal_zlib", "zlib-ng": "zlib_ng.zlib_ng", "deflate": "deflate", "zlib": "zlib"}


class Contestant(NamedTuple):
    """One process to measure.

    Attributes:
        name: How the report calls it.
        command: Gives the command; the argument is a fresh path that it may write to.
        check: Says what is wrong with the result, empty if nothing; the arguments are the path that it wrote
            to and its standard output.
    """

    name: str
    command: Callable[[Path], list[str]]
    check: Callable[[Path, Path], str]


class CaseFigures(NamedTuple):
    """Median milliseconds of each query on a case, and how many events it holds."""

    milliseconds: dict[str, float]
    events: int
    root_events: int


def query_case(case: Path) -> CaseFigures:
    """Times the queries on a case in a process of its own and counts its events."""
    output = case.with_name("queries.json")
    run_child([sys.executable, str(_HERE / "child_queries.py"), str(case)], output)
    return CaseFigures(**json.loads(output.read_text()))


def expect(name: str, found: int, expected: int) -> str:
    """Returns what is wrong with a count, empty if nothing."""
    return "" if found == expected else f"{name}: {found} instead of {expected}"


def rootforensics_load(
    data: Dataset, *, root_related: bool, what: str = "", copies: Dataset | None = None
) -> Contestant:
    """Returns the load into a fresh case, of everything or of what is related to root alone.

    Args:
        data: The set.
        root_related: Whether only what is related to root is loaded.
        what: How the set is called, if it is not the usual one.
        copies: A set that holds nothing but copies of that one's events; loaded with it.
    """
    options = ["--root-related"] if root_related else []
    folders = [str(one.folder) for one in (data, copies) if one]

    def command(target: Path) -> list[str]:
        return [sys.executable, "-m", "rootforensics", "load", str(target), *folders, *options]

    def check(target: Path, _output: Path) -> str:
        figures = query_case(target)
        events = "" if root_related else expect("events", figures.events, data.events)
        return events or expect("root events", figures.root_events, data.root_events)

    name = "rootforensics load" + "".join(f" {word}" for word in options)
    return Contestant(f"{name}, {what}" if what else name, command, check)


def loads_of_variants(data: Dataset, scratch: Path) -> list[Contestant]:
    """Returns the loads of the set with new fields, and with copies of some of its files."""
    one = changed(data, scratch, "one-field", with_field_in_one_record)
    each = changed(data, scratch, "fields", with_field_in_each_record)
    copies = changed(data, scratch, "copies", bytes, files=round(data.files * COPIED_PART))
    return [
        rootforensics_load(one, root_related=False, what=ONE_FIELD),
        rootforensics_load(each, root_related=False, what=EACH_FIELD),
        rootforensics_load(data, root_related=False, what=COPIES, copies=copies),
    ]


def other_loads(programs: Path, data: Dataset) -> list[Contestant]:
    """Returns the loads by chDB and by Polars."""

    def load(script: str, name: str) -> Contestant:
        def command(target: Path) -> list[str]:
            return [str(programs / "python"), str(_HERE / script), str(target), str(data.folder)]

        return Contestant(name, command, lambda _, output: expect("events", int(output.read_text()), data.events))

    return [load("child_chdb.py", "chDB, nine columns and the text"), load("child_polars.py", "Polars, nine columns")]


def duckdb_load(data: Dataset) -> Contestant:
    """Returns DuckDB's own `read_json`, schema guessed; its buffer is the smallest that the files allow."""
    largest = max(_DUCKDB_DEFAULT_OBJECT, (data.largest_bytes // _MEBIBYTE + 1) * _MEBIBYTE)

    def command(target: Path) -> list[str]:
        script = str(_HERE / "child_duckdb.py")
        return [sys.executable, script, str(target), str(data.folder), str(largest)]

    def check(_target: Path, output: Path) -> str:
        return expect("events", int(output.read_text()), data.events)

    return Contestant("DuckDB read_json", command, check)


def inflate(data: Dataset, library: str) -> Contestant:
    """Returns inflating with one library, on all cores."""

    def command(_target: Path) -> list[str]:
        return [sys.executable, str(_HERE / "child_inflate.py"), INFLATERS[library], str(data.folder)]

    def check(_target: Path, output: Path) -> str:
        return expect("bytes", int(output.read_text()), data.json_bytes)

    return Contestant(f"inflating only, {library}", command, check)


def inflaters(data: Dataset) -> list[Contestant]:
    """Returns inflating with each library that is installed."""
    found = [name for name, module in INFLATERS.items() if importlib.util.find_spec(module.partition(".")[0])]
    return [inflate(data, name) for name in found]


def install_others(cache: Path) -> Path:
    """Installs the programs that are measured beside into a virtual environment under `cache`, once.

    Returns:
        The folder of the environment's programs.
    """
    programs = cache / "others" / "bin"
    if not (programs / "trailscraper").exists():
        run_child([sys.executable, "-m", "venv", "--clear", str(programs.parent)])
        run_child([str(programs / "python"), "-m", "pip", "install", "--quiet", *_OTHERS])
    return programs


def versions_of_others(programs: Path) -> list[str]:
    """Returns the names and versions of these."""
    command = [str(programs / "python"), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [f"{one['name']} {one['version']}" for one in listed if one["name"] in _OTHERS]


def trailscraper_loads(programs: Path, data: Dataset) -> list[Contestant]:
    """Returns `trailscraper select`, its command that loads local records, twice.

    Once as it is used: it loads the records and prints them as JSON into a file. And once with a filter that
    no record meets, so that loading is all that it does.
    """
    program = [str(programs / "trailscraper"), "select", "--to", "2100-01-01", "--log-dir", str(data.folder)]

    def check(_target: Path, output: Path) -> str:
        with output.open(encoding="utf-8") as text:
            return expect("events", len(json.load(text)["Records"]), data.events)

    def check_filtered(_target: Path, output: Path) -> str:
        return expect("events", len(json.loads(output.read_text())["Records"]), 0)

    filtered = [*program, "--filter-assumed-role-arn", _NO_ROLE]
    return [
        Contestant("trailscraper select", lambda _: program, check),
        Contestant("trailscraper select, nothing printed", lambda _: filtered, check_filtered),
    ]


def checked(contestant: Contestant, target: Path, output: Path) -> None:
    """Checks what a contestant made.

    Raises:
        ChildFailedError: It did not do its work.
    """
    problem = contestant.check(target, output)
    if problem:
        raise ChildFailedError(f"{contestant.name}: {problem}")


def measure_rounds(entrants: list[Contestant], repeats: int, scratch: Path) -> dict[str, list[Usage]]:
    """Measures all contestants in turn, `repeats` times; each round starts with another one.

    Args:
        entrants: The contestants.
        repeats: How many rounds.
        scratch: An empty folder on the disk to write to.

    Returns:
        What each contestant used in each round.

    Raises:
        ChildFailedError: A contestant failed or did not do its work.
    """
    usages: dict[str, list[Usage]] = {entrant.name: [] for entrant in entrants}
    for number in range(repeats):
        first = number * len(entrants) // repeats
        for entrant in entrants[first:] + entrants[:first]:
            folder = scratch / "target"
            folder.mkdir()
            output = folder / "output"
            usages[entrant.name].append(run_child(entrant.command(folder / "case.duckdb"), output))
            if number == 0:
                checked(entrant, folder / "case.duckdb", output)
            shutil.rmtree(folder)
            say(f"round {number + 1}: {entrant.name}: {usages[entrant.name][-1].wall_seconds:.2f} s")
    return usages


def say(text: str) -> None:
    """Says how far the run is, on stderr."""
    print(text, file=sys.stderr, flush=True)
