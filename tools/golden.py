"""Golden files: everything that the product answers on fixed logs, as JSON lines, to compare before and after a change.

    python tools/golden.py OUT [--logs DIR ...] [--composed BASE]   write them, one folder for each set of logs
    python tools/golden.py --compare A B                            print each difference; exit status 1 if there is one

The sets are the sample, 50 composed stories and each folder of ``--logs``. The records of the stories lie in
``OUT/composed``; with ``--composed BASE`` the stories of an earlier run are read again, whatever the generators of the
tests write by now. The same code writes the same bytes.
"""

from __future__ import annotations

import argparse
import difflib
import json
import shutil
import sys
from dataclasses import asdict
from itertools import count, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import rootforensics as rf
from rootforensics.analysis.alarm.replay import replay
from rootforensics.analysis.alarm.sentences import tell_replay
from rootforensics.analysis.alarm.settings import AlarmSettings
from rootforensics.analysis.alarm.tables import table
from rootforensics.analysis.root_timeline import select_timeline
from rootforensics.queries.catalogue import questions
from rootforensics.rules.patterns.parse import CIS_ROOT, parse
from rootforensics.telling.identities import tell_identities
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from rootforensics.telling.timeline import incident_timeline
from rootforensics.telling.triage import triage_sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries.result import Row

ROOT: Final = Path(__file__).resolve().parent.parent
APPROVALS: Final = ROOT / "docs" / "examples" / "approvals.yaml"


#: Questions whose answers depend on where the logs lie, or on who loaded them and when, whatever these hold.
_NOT_FIXED: Final = {"evidence_digest", "custody"}


def compose(folder: Path) -> None:
    """Write the 50 stories: short ones and histories of users side by side, and worlds that are a set each."""
    from tests import builders
    from tests.analysis.lineage.test_histories import World as History
    from tests.analysis.verdict.logs import EVERYWHERE
    from tests.analysis.verdict.test_lacking import STORIES
    from tests.stories import Names
    from tests.test_properties import World

    builders._seeds = count(1_000_000)  # noqa: SLF001 - the same eventIDs, whatever was imported before
    short = [[*records, *EVERYWHERE] for _, records in sorted(STORIES.items())]
    lives = [History(seed, ids=seed % 2 == 0).records for seed in range(8)]
    worlds = [(World(seed), 60 + 15 * seed) for seed in range(50 - len(short) - len(lives))]
    sets = {"short": short, "histories": lives}
    sets |= {f"world-{seed:02}": [[world.record() for _ in range(size)]] for seed, (world, size) in enumerate(worlds)}
    for name, stories in sets.items():
        (folder / name).mkdir(parents=True)
        for number, records in enumerate(stories):
            told = Names(number, json.dumps(records)).in_case(records) if len(stories) > 1 else records
            _write(folder / name / f"{number:02}.jsonl", told)


def answers(case: rf.Case, approvals: Path | None) -> Iterator[tuple[str, Iterable[Row]]]:
    """Everything that the product answers on a case: the name of a file, and its rows."""
    analysis: Analysis = case.analysis(approvals)
    found = analysis.reconciliation
    for name in () if found else questions().keys() - _NOT_FIXED:
        yield f"queries/{name}", analysis.query(name).rows
    yield "findings", analysis.findings(severity="info").rows
    yield (
        "verdicts",
        (_answer(verdict.account_id, answer) for verdict in analysis.verdicts for answer in verdict.answers),
    )
    steps = ({"account": one.account_id, **step.as_row()} for one in analysis.verdicts for step in one.steps)
    yield "containment", steps
    radius = analysis.radius
    yield "blast_radius", [*radius.result().rows, {"cut_off": radius.cut_off}]
    yield "blast_radius_edges", map(asdict, radius.edges)
    yield "incident", incident_timeline(analysis, "").rows
    yield "timeline", select_timeline(analysis).rows
    yield "indicators", case.indicators().rows
    yield "identities", map(asdict, tell_identities(analysis))
    yield "summary", [summarize(analysis)]
    yield "approvals", [found.as_dict()] if found else []
    yield "story", map(asdict, tell(analysis))
    yield "brief", map(asdict, triage_sections(analysis))
    accounts = [one.account_id for one in analysis.verdicts]
    yield "coverage", ({"account": account, "gaps": analysis.coverage.of(account).gaps()} for account in accounts)
    if not found:
        replayed = replay(case, AlarmSettings(parse(CIS_ROOT)))
        yield "alarm", ({"line": line} for line in tell_replay(case, replayed))
        yield "alarm_acts", table(replayed, "acts").rows


def _answer(account_id: str, answer: Any) -> Row:
    return {"account": account_id, **answer.as_row(), "first_time": answer.first_time}


def store(out: Path, logs: dict[str, Path]) -> None:
    """Write the answers on each set of logs; each is loaded once."""
    for name, folder in logs.items():
        with TemporaryDirectory() as held, rf.open_case(Path(held, "case.duckdb")) as case:
            case.load(folder)
            for approvals in (None, APPROVALS) if name == "sample" else (None,):
                at = out / "answers" / (f"{name}-approved" if approvals else name)
                for file, rows in answers(case, approvals):
                    _write(at / f"{file}.jsonl", rows, folder)


def _write(path: Path, rows: Iterable[Row], logs: Path | None = None) -> None:
    """Write rows as JSON lines; of answers it is left out where the logs and the repository lie."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(dict(row), ensure_ascii=False, default=str) + "\n" for row in rows)
    if logs:
        text = text.replace(str(logs.resolve()), "LOGS").replace(str(ROOT), "ROOT")
    path.write_text(text, encoding="utf-8")


def compare(before: Path, after: Path) -> int:
    """Print each difference between two folders of golden files, and give how many there are."""
    found = 0
    for name in sorted({path.relative_to(one) for one in (before, after) for path in one.rglob("*.jsonl")}):
        old, new = (_lines(one / name) for one in (before, after))
        for line in _differences(old, new):
            found += 1
            sys.stdout.write(f"{name.with_suffix('')}, {line}\n")
    sys.stdout.write(f"{found:,} differences\n")
    return found


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.is_file() else []


def _differences(old: list[str], new: list[str]) -> Iterator[str]:
    """Rows that are only in one of the two, and the values that differ in rows that stand in each other's place."""
    for kind, start, stop, begin, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for number, (one, other) in enumerate(zip_longest(old[start:stop], new[begin:end]), start + 1):
            if one is None or other is None:
                yield f"row {number}: {'only after' if one is None else 'only before'}: {other or one}"
                continue
            for path, was, now in _changes("", json.loads(one), json.loads(other)):
                yield f"row {number},{path}: {json.dumps(was)} -> {json.dumps(now)}"


def _changes(path: str, was: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ, as deep as they are alike, and what stands there."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in was | now:
            yield from _changes(f"{path} {name}", was.get(name, "(absent)"), now.get(name, "(absent)"))
        if was == now and [*was] != [*now]:
            yield f"{path} (order)", [*was], [*now]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for place, (one, other) in enumerate(zip(was, now, strict=True), 1):
            yield from _changes(f"{path} {place}", one, other)
    elif was != now:
        yield path, was, now


def main() -> int:
    """Write golden files, or compare two folders of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, help="a new folder")
    parser.add_argument("--logs", nargs="+", type=Path, default=[], metavar="DIR", help="more sets, named as folders")
    parser.add_argument("--composed", type=Path, metavar="BASE", help="an earlier OUT, whose stories are read again")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="compare instead of writing")
    given = parser.parse_args()
    if given.compare:
        return int(compare(*given.compare) > 0)
    if given.out is None:
        parser.error("name a folder to write to, or --compare two")
    composed = given.out / "composed"
    if given.composed:
        shutil.copytree(given.composed / "composed", composed)
    else:
        compose(composed)
    sets = {"sample": ROOT / "sample_logs"} | {one.name: one for one in (*sorted(composed.iterdir()), *given.logs)}
    store(given.out, sets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
