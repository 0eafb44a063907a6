"""Compares a case extracted by a real Trino, or Spark, with a full load and a related one, question by question.

Run ``make trino`` once for the server, then ``python benchmarks/extraction.py BUCKET=FOLDER=SINCE=UNTIL …``, with
``PYTHONPATH=.``, ``ROOTFORENSICS_TRINO`` and ``ROOTFORENSICS_JAVA``. Each folder holds ``AWSLogs``, and is served as
this bucket of S3. With ``--without-originals`` each is extracted once. Where ``ROOTFORENSICS_SPARK_JAVA`` is set, and
``make spark`` was run, Spark extracts the folder, too. Prints Markdown.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import rootforensics as rf
from rootforensics.queries.catalogue import questions
from tests.extraction.trino_server import serve_trino
from tests.sources.s3_server import ADMIN, fill_quickly, folder_as_objects, serve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What hangs on where logs lie, when they were loaded, and in how many files.
_OF_THE_CASE = {"evidence", "evidence_digest", "evidence_problems", "custody"}
_PLACES = re.compile(r".*evidence_id|.*record_index|.*citation.*|evidence_uri|uri|object")
_NUMBERS = re.compile(r"evidence [\d, ]+|\b\d+:\d+\b")


class Figures(NamedTuple):
    """What an approach took, and what it answers."""

    name: str
    wall: float
    cpu: float
    engine_cpu: float
    read_bytes: int
    events: int
    answers: dict[str, list[str]]
    leaves: dict[tuple[str, ...], Any]


def _java_cpu() -> float:
    """CPU seconds of Trino and Spark, children of this process."""
    used = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if re.search(b"TrinoServer|SparkSubmit", (folder / "cmdline").read_bytes()):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                used += sum(map(int, fields[11:13])) if int(fields[1]) == os.getpid() else 0
        except OSError:
            continue
    return used / os.sysconf("SC_CLK_TCK")


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def measured() -> Iterator[list[float]]:
    """Wall, own CPU and Trino's CPU, filled at the end."""
    told: list[float] = []
    before = time.perf_counter(), _own_cpu(), _java_cpu()
    yield told
    told += [now - then for now, then in zip((time.perf_counter(), _own_cpu(), _java_cpu()), before, strict=True)]


def _plain(value: Any) -> Any:  # noqa: ANN401 - of any column
    if isinstance(value, str):
        return _NUMBERS.sub("·", value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _rows(rows: Iterable[Any]) -> list[str]:
    told = ({name: _plain(value) for name, value in row.items() if not _PLACES.fullmatch(name)} for row in rows)
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in told)


def figures(name: str, case: rf.Case, used: list[float], read_bytes: int = 0) -> Figures:
    """What a case answers."""
    analysis = case.analysis()
    answers = {one: _rows(analysis.query(one).rows) for one in sorted(questions().keys() - _OF_THE_CASE)}
    answers["findings"] = _rows(analysis.findings(severity="info").rows)
    leaves = {
        (verdict.account_id, answer.name, field): _plain(value)
        for verdict in analysis.verdicts
        for answer in verdict.answers
        for field, value in answer.as_row().items()
        if field != "citations"
    }
    (row,) = case.sql("SELECT count(*) AS n FROM events").rows
    return Figures(name, *used, read_bytes, row["n"], answers, leaves)


def _differing(one: str, other: str) -> set[str]:
    rows = json.loads(one), json.loads(other)
    return {name for name in rows[0] if rows[0][name] != rows[1][name]}


def compare(full: Figures, other: Figures) -> Iterator[str]:
    """What differs, a line each."""
    for name, rows in full.answers.items():
        if rows != (found := other.answers[name]):
            missing, more = set(rows) - set(found), set(found) - set(rows)
            columns = sorted(
                set().union(*(_differing(*pair) for pair in zip(sorted(missing), sorted(more), strict=False)))
            )
            yield (
                f"`{name}`: {len(rows):,} rows in the full load, {len(found):,} here; {len(missing):,} only there,"
                f" {len(more):,} only here ({', '.join(columns)})"
            )
    for key in sorted(full.leaves.keys() | other.leaves.keys()):
        was, now = full.leaves.get(key), other.leaves.get(key)
        if was != now:
            yield f"verdict {' '.join(key)}: `{str(was)[:200]}` there, `{str(now)[:200]}` here"


_EXTRACTIONS = {"extract, Trino": False, "extract --originals, Trino": True}


def run_set(
    name: str, folder: Path, filters: rf.Filters, address: str, s3: rf.S3Options, extractions: dict[str, bool]
) -> list[Figures]:
    """A full load, a related load and an extraction of one set, with what they answer."""
    found = []
    with TemporaryDirectory() as held:
        for how, its in (
            ("full load", filters),
            ("load --root-related", rf.Filters(filters.since, filters.until, root_related=True)),
        ):
            case = rf.open_case(Path(held) / f"{how.split()[-1]}.duckdb")
            with measured() as used:
                case.load(f"s3://{name}/AWSLogs/", filters=its, s3=s3)
            found.append(figures(how, case, used))
        for how, originals in extractions.items():
            case = rf.open_case(Path(held) / how.split()[1] / "case.duckdb")
            with measured() as used:
                options = rf.EngineOptions("trino", server=address)
                result = case.extract(f"s3://{name}/AWSLogs/", options, filters, s3=s3, originals=originals)
            found.append(figures(how, case, used, result.scanned_bytes))
        if java := os.environ.get("ROOTFORENSICS_SPARK_JAVA"):
            os.environ |= {"JAVA_HOME": java, "SPARK_LOCAL_IP": "127.0.0.1"}
            case = rf.open_case(Path(held) / "spark" / "case.duckdb")
            places = [path.relative_to(folder).parts for path in folder.glob("AWSLogs/*/CloudTrail/*")]
            accounts, regions = (tuple(sorted({one[part] for one in places})) for part in (1, 3))
            wanted = replace(filters, accounts=accounts, regions=regions)
            with measured() as used:
                options = rf.EngineOptions("spark", server="local[2]")
                result = case.extract(f"file://{folder}/AWSLogs/", options, wanted)
            found.append(figures("extract, Spark", case, used, result.scanned_bytes))
    return found


def main() -> None:
    """Measure the sets that are named."""
    server, java = (Path(os.environ[name]) for name in ("ROOTFORENSICS_TRINO", "ROOTFORENSICS_JAVA"))
    os.environ |= {
        "AWS_ACCESS_KEY_ID": ADMIN[0],
        "AWS_SECRET_ACCESS_KEY": ADMIN[1],
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with TemporaryDirectory() as weed, TemporaryDirectory() as data, serve(Path(weed)) as url:
        asked = [text for text in sys.argv[1:] if text != "--without-originals"]
        extractions = dict(list(_EXTRACTIONS.items())[: 1 if asked != sys.argv[1:] else 2])
        sets = [text.split("=") for text in asked]
        for name, folder, *_ in sets:
            fill_quickly(url, name, folder_as_objects(Path(folder)).items())
        with serve_trino(server, java, Path(data), url) as address:
            for name, folder, since, until in sets:
                days = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (since, until)]
                filters = rf.Filters(days[0], days[1] + timedelta(days=1))
                full, *others = run_set(
                    name, Path(folder).resolve(), filters, address, rf.S3Options(endpoint_url=url), extractions
                )
                heads = ("way", "events", "wall s", "CPU s here", "CPU s engine", "bytes read", "questions equal")
                print(f"\n## {name}\n\n| {' | '.join(heads)} | verdict leaves equal |")
                print("|---|---:|---:|---:|---:|---:|---:|---:|")
                for one in (full, *others):
                    equal = sum(rows == one.answers[question] for question, rows in full.answers.items())
                    leaves = sum(one.leaves.get(key) == value for key, value in full.leaves.items())
                    print(
                        f"| {one.name} | {one.events:,} | {one.wall:.1f} | {one.cpu:.1f} | {one.engine_cpu:.1f}"
                        f" | {one.read_bytes:,} | {equal} of {len(full.answers)} | {leaves} of {len(full.leaves)} |"
                    )
                for one in others:
                    print(f"\n{one.name}:\n")
                    print("\n".join(f"- {line}" for line in compare(full, one)), flush=True)


main()
