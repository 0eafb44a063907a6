"""Each act on a case is a row that holds the hash of the one before: no change of a row, or of the evidence, goes unnoticed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import msgspec
import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.custody.acts import Entry, EvidenceList
from rootforensics.custody.chain import chain_problems
from rootforensics.engines.readers import Readers
from rootforensics.integrity.verdicts import verdicts_hash
from rootforensics.sources.s3.connection import S3Options
from tests.builders import root_event, write_log
from tests.integrity.bucket import Chain, Stored, key, write, write_keys
from tests.seeds import seeds

EMPTY = hashlib.sha256(b"").hexdigest()


def _commands(case: rf.Case) -> list[str]:
    return [row["command"] for row in case.custody().rows]


@contextmanager
def _without_rights() -> Iterator[None]:
    """As a user who may read what everybody may, and write nothing of ours; whoever is none of root has no rights anyway."""
    user = os.geteuid()
    os.seteuid(user or 65_534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    ("mode", "said"), [(0o444, "permission denied"), (0o666, r"cannot write \(.*Permission denied\)")]
)
def test_in_a_place_that_cannot_be_written_acts_are_told_and_notes_refused(
    mode: int, said: str, case: rf.Case, caplog: pytest.LogCaptureFixture
) -> None:
    with TemporaryDirectory(dir="/tmp") as folder:  # those of pytest are its user's alone
        path = Path(shutil.copy(case.path, folder))
        path.chmod(mode)
        path.parent.chmod(0o555)
        with _without_rights(), rf.open_case(path) as there:
            there.log_act("export")
            with pytest.raises((rf.CaseError, rf.StorageError), match=said):
                there.note("2026-08-05", "a note")
            assert _commands(there) == ["load"]
        path.parent.chmod(0o755)
    assert re.fullmatch(f"could not record this export in the chain of custody: {said}", caplog.messages[0])


def test_a_case_that_is_gone_is_not_made_anew_for_a_row(case: rf.Case, caplog: pytest.LogCaptureFixture) -> None:
    case.path.unlink()
    case.log_act("export")
    assert caplog.messages == ["could not record this export in the chain of custody: the case file is gone"]
    assert not case.path.exists()


def test_the_hash_of_a_row_can_be_made_without_this_package(case: rf.Case) -> None:
    case.note("2026-08-05", "second row")
    for row in case.custody().rows:
        *others, sha256 = ({**row, "acted_time": row["acted_time"].strftime("%Y-%m-%dT%H:%M:%SZ")}).values()
        text = json.dumps(others, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == sha256


def _quick(*_: object, **__: object) -> str:
    return "<p>a report</p>"


@pytest.mark.heavy
def test_each_act_follows_the_one_before(case: rf.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("html.render_report", "triage.write_triage", "exports.parquet.write_parquet_folder"):
        monkeypatch.setattr(f"rootforensics.reports.{name}", _quick)
    monkeypatch.setattr(rf.Case, "analysis", _quick)
    monkeypatch.setattr("rootforensics.case.keep_views", _quick)
    write_log(tmp_path, "more/d.json.gz", [root_event(eventID="more")])
    case.load(tmp_path / "more", filters=rf.Filters(regions=("us-east-1",)))
    case.verify()
    case.note("2026-08-05", "a note", tag="x")
    case.keep_head("Title", "")
    case.report(tmp_path / "report.html")
    case.report(tmp_path / "brief.html", only_brief=True)
    case.triage(tmp_path / "out")
    case.export(tmp_path / "parquet")
    rows = case.custody().rows
    assert [row["command"] for row in rows] == [
        *("load", "load", "verify", "note", "title", "report", "brief", "triage", "export")
    ]
    assert [row["previous_sha256"] for row in rows] == [None, *(row["sha256"] for row in rows[:-1])]
    assert json.loads(rows[1]["parameters"])["regions"] == ["us-east-1"]
    assert json.loads(rows[3]["row_counts"])["notes"] == 1
    assert json.loads(rows[5]["parameters"]) == {"out": str(tmp_path / "report.html")}
    assert rows[0]["evidence_sha256"] == rows[1]["evidence_sha256_before"] != rows[1]["evidence_sha256"]
    assert {row["evidence_sha256"] for row in rows[1:]} == {rows[1]["evidence_sha256"]}
    found = case.verify_custody(rows[0]["sha256"])
    assert (found.is_whole, found.entry_count, found.head) == (True, 9, rows[-1]["sha256"])


def test_secrets_are_no_parameters(case: rf.Case, loaded: Path) -> None:
    s3 = S3Options(profile="victim", external_id="xyzzy", endpoint_url="http://user:xyzzy@localhost")
    case.load(loaded / "logs", s3=s3)
    text = case.custody().rows[-1]["parameters"]
    assert "victim" in text
    assert "xyzzy" not in text


def test_a_load_that_fails_is_no_act(case: rf.Case, tmp_path: Path) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("elsewhere")

    write_log(tmp_path, "logs/late.json.gz", [root_event(eventID="late")])
    with pytest.raises(RuntimeError, match="elsewhere"):
        case.load(tmp_path / "logs", progress=fail)
    assert _commands(case) == ["load"]
    assert case.verify_custody().is_whole


@pytest.mark.heavy
def test_commands_that_write_a_file_are_acts_and_those_that_print_are_none(case: rf.Case, tmp_path: Path) -> None:
    run = CliRunner()
    path, out = str(case.path), str(tmp_path / "rows.csv")
    for words in (["query", path, "root-events"], ["evidence", path], ["custody", path]):
        assert run.invoke(cli, words).exit_code == 0
    assert _commands(case) == ["load"]
    case.close()
    assert run.invoke(cli, ["query", path, "root-events", "--format", "csv", "-o", out]).exit_code == 0
    assert run.invoke(cli, ["evidence", path, "--problems", "-o", out]).exit_code == 0
    assert run.invoke(cli, ["query", path, "root-events", "-o", path]).exception is not None
    rows = case.custody().rows[1:]
    assert [row["command"] for row in rows] == ["root-events", "evidence"]
    assert json.loads(rows[1]["parameters"]) == {"problems": True, "output": out}


def test_an_act_that_cannot_be_recorded_stands_and_is_told(
    case: rf.Case, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.reports.html.render_report", _quick)
    with rf.open_case(case.path) as other, caplog.at_level(logging.WARNING):
        other.sql("SELECT 1")
        case.report(tmp_path / "brief.html", only_brief=True)
    assert (tmp_path / "brief.html").is_file()
    assert _commands(case) == ["load"]
    told = "could not record this brief in the chain of custody: this process already has the case open in another way"
    assert caplog.messages == [told]


@pytest.mark.heavy
def test_the_command_says_on_stderr_that_an_act_was_not_recorded(case: rf.Case, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "rootforensics", "evidence", str(case.path), "-o", str(tmp_path / "evidence.csv")]
    case.close()
    with rf.open_case(case.path) as other:
        other.sql("SELECT 1")
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert (tmp_path / "evidence.csv").is_file()
    assert "could not record this evidence in the chain of custody: the case is in use by process" in ran.stderr


@pytest.mark.heavy
def test_an_act_that_only_read_leaves_an_analysis_usable(case: rf.Case) -> None:
    with case:
        analysis = case.analysis()
        case.log_act("export")
        assert len(analysis.query("root_events")) == 3
        case.note("2026-08-05", "now it is another case")
        with pytest.raises(rf.CaseError):
            analysis.query("notes")


@pytest.mark.heavy
def test_a_change_by_others_just_before_the_row_is_seen_by_an_analysis(
    case: rf.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Readers.given_up

    @contextmanager
    def given_up(readers: Readers) -> Iterator[Callable[[], None]]:
        with usual(readers) as look:
            monkeypatch.setattr(Readers, "given_up", usual)
            with rf.open_case(case.path) as other:
                other.note("2026-08-05", "in between")
            yield look

    with case:
        analysis = case.analysis()
        assert len(analysis.query("root_events")) == 3
        monkeypatch.setattr(Readers, "given_up", given_up)
        case.log_act("export")
        assert _commands(case) == ["load", "note", "export"]
        with pytest.raises(rf.CaseError):
            analysis.query("notes")


@pytest.mark.heavy
def test_the_file_does_not_grow_with_each_act(case: rf.Case) -> None:
    sizes = []
    for _ in range(6):
        case.log_act("export")
        sizes.append(case.path.stat().st_size)
    assert max(sizes[3:]) <= max(sizes[:3])


CHANGES = {
    "DELETE FROM custody WHERE custody_id = 2": ["entry 2 has the number 3", "entry 2 does not follow"],
    "UPDATE custody SET acted_time = acted_time + INTERVAL 1 MILLISECOND WHERE custody_id = 3": ["entry 3 was changed"],
    "UPDATE custody SET parameters = NULL WHERE custody_id = 3": ["entry 3 was changed"],
    "UPDATE evidence SET uri = uri || 'x' WHERE evidence_id = 1": ["the evidence list changed after the last entry"],
    "UPDATE evidence SET content_sha256 = sha256(uri) WHERE evidence_id = 1": ["the evidence list changed after"],
    "UPDATE evidence SET delivery_time = NULL, region = 'us-west-2'": [
        "the evidence list changed after the last entry"
    ],
    "UPDATE evidence SET status = 'empty' WHERE evidence_id = 3": ["the evidence list changed after the last entry"],
    "DELETE FROM events WHERE eventID = 'root-1'": ["the case has 0 duplicates, 5 events, 3 evidence, 1 notes"],
    "UPDATE notes SET text = 'another note'": ["note 1 was changed"],
    "UPDATE notes SET author = 'somebody'": ["note 1 was changed"],
    "UPDATE notes SET written_time = written_time + INTERVAL '1' SECOND": ["note 1 was changed"],
    "UPDATE notes SET noted_time = NULL": ["note 1 was changed"],
    "DELETE FROM notes": ["the case has 0 duplicates, 6 events, 3 evidence, 0 notes"],
}


@pytest.fixture
def three(case: rf.Case) -> rf.Case:
    """A chain of three rows: load, note, export."""
    case.note("2026-08-05", "a note")
    case.log_act("export", out="parquet")
    case.close()
    return case


@pytest.mark.heavy
def test_a_change_from_outside_shows(three: rf.Case) -> None:
    whole = three.path.read_bytes()
    for statement, said in CHANGES.items():
        three.path.write_bytes(whole)
        with duckdb.connect(str(three.path)) as edited:
            edited.execute(statement)
        problems = three.verify_custody().problems
        three.close()
        assert problems, statement
        assert all(any(problem.startswith(one) for problem in problems) for one in said), (statement, problems)


VERDICTS = (
    "DELETE FROM integrity WHERE verdict = 'modified'",
    "DELETE FROM integrity",
    "UPDATE integrity SET verdict = 'verified'",
    "DELETE FROM chain_breaks",
    "UPDATE digest_chains SET until_time = until_time + INTERVAL 1 HOUR",
)
DIGESTS = (
    "UPDATE evidence SET content_sha256 = (SELECT content_sha256 FROM evidence WHERE evidence_id = 1)",
    "UPDATE digests SET content = '{}'",
    "UPDATE digests SET s3_metadata = NULL",
    "UPDATE digests SET until_time = from_time",
    "DELETE FROM listed_logs WHERE log_name = (SELECT min(log_name) FROM listed_logs)",
)


@pytest.mark.heavy
def test_a_change_of_verdicts_and_of_what_they_stand_on_shows(tmp_path: Path) -> None:
    chain = Chain(count=3)
    chain.logs[0] = Stored(chain.logs[0].key, b'{"Records": []}')
    write(tmp_path / "logs", [*chain.logs, chain.digests[0], chain.digests[2]])
    keys = write_keys(tmp_path / "keys.json", [key()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert case.verify(keys).counts()["log", "modified"] == 1
        case.log_act("export")
        assert case.verify_custody().is_whole
    whole = case.path.read_bytes()
    with duckdb.connect(str(case.path)) as edited:
        before = [EvidenceList().hash(edited), verdicts_hash(edited)]
        for statement in (*VERDICTS, *DIGESTS):
            edited.execute("BEGIN")
            edited.execute(statement)
            after = [EvidenceList().hash(edited), verdicts_hash(edited)]
            assert [old != new for old, new in zip(before, after, strict=True)] == [
                statement in DIGESTS,
                statement in VERDICTS,
            ], statement
            edited.execute("ROLLBACK")
    for statement, said in (
        (VERDICTS[0], "the results of verify were changed or"),
        (DIGESTS[0], "the evidence list changed after"),
    ):
        case.path.write_bytes(whole)
        with duckdb.connect(str(case.path)) as edited:
            edited.execute(statement)
        assert [problem.startswith(said) for problem in case.verify_custody().problems] == [True]
        case.close()
    case.verify(keys)  # what stands on an edited list is told, too
    assert case.verify_custody().problems == (
        "the evidence list changed before entry 4, and the chain does not record it",
    )
    case.close()
    case.path.write_bytes(whole)
    case.load(tmp_path / "logs")
    assert len(case.query("log_integrity"))  # nothing is new
    assert case.verify_custody().is_whole
    case.load(write_log(tmp_path, "more.json", [root_event()]))
    assert not len(case.query("log_integrity"))
    assert case.verify_custody().is_whole


def test_a_row_cut_off_at_the_end_shows_by_its_hash_that_was_kept(three: rf.Case) -> None:
    head = three.verify_custody().head
    three.close()
    with duckdb.connect(str(three.path)) as edited:
        edited.execute("DELETE FROM custody WHERE custody_id = 3")
    assert three.verify_custody().is_whole  # so it is written in the pages
    assert three.verify_custody(head).problems == (
        f"no entry has the hash {head}: entries were removed, or the chain was rewritten",
    )


def test_evidence_that_came_by_no_act_shows_in_the_next_row(three: rf.Case) -> None:
    with duckdb.connect(str(three.path)) as edited:
        edited.execute("UPDATE evidence SET uri = uri || 'x' WHERE evidence_id = 1")
    three.log_act("export")
    assert three.verify_custody().problems == (
        "the evidence list changed before entry 4, and the chain does not record it",
    )


def _chain() -> list[Entry]:
    """Three rows, made without a case."""
    rows: list[Entry] = []
    previous, evidence = None, EMPTY
    for number in (1, 2, 3):
        after = hashlib.sha256(b"%d" % number).hexdigest()
        row = Entry(
            number, "2026-08-05T00:00:00Z", "maria", "host", "load", "tool", "{}", "{}", evidence, after, previous
        )
        rows.append(msgspec.structs.replace(row, sha256=row.hash))
        previous, evidence = rows[-1].sha256, after
    return rows


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda rows: rows[1:], "entry 1 has the number 2"),
        (lambda rows: [rows[0], rows[2]], "entry 2 does not follow the previous one"),
        (lambda rows: rows[::-1], "entry 1 has the number 3"),
        (lambda rows: [*rows, rows[2]], "entry 4 has the number 3"),
        (lambda _: [], "the chain of custody has no entry"),
    ],
)
def test_rows_removed_moved_or_added_show(edit: Callable[[list[Entry]], list[Entry]], said: str) -> None:
    assert any(problem.startswith(said) for problem in chain_problems(edit(_chain())))


@seeds(400)
def test_no_change_of_a_row_goes_unnoticed(seed: int) -> None:
    chance, rows = random.Random(seed), _chain()
    assert chain_problems(rows) == []
    place = chance.randrange(3)
    name = chance.choice(Entry.__struct_fields__)
    held = getattr(rows[place], name)
    changed = chance.choice([None, "", "0", held])
    if isinstance(held, str):
        at = chance.randrange(len(held) + 1)
        changed = held[:at] + chance.choice(["", "0", " ", "é"]) + held[at + chance.randrange(2) :]
    elif isinstance(held, int):
        changed = held + chance.randrange(2)
    rows[place] = msgspec.structs.replace(rows[place], **{name: changed})
    assert bool(chain_problems(rows)) is (changed != held)


def test_the_command_prints_the_chain_and_what_is_wrong_with_it(three: rf.Case) -> None:
    run, path = CliRunner(), str(three.path)
    head = three.verify_custody().head
    three.close()
    whole = run.invoke(cli, ["custody", path, "--verify", "--head", head], standalone_mode=False)
    assert whole.return_value == 0
    assert " ".join(whole.output.split("Not compared:")[0].split()) == ("The chain of custody is intact (3 entries).")
    assert whole.output.splitlines()[-1] == f"Final hash: {head}"
    listed = run.invoke(cli, ["custody", path, "--format", "jsonl"])
    assert [json.loads(line)["command"] for line in listed.stdout.splitlines()] == ["load", "note", "export"]
    with duckdb.connect(path) as edited:
        edited.execute("UPDATE custody SET user_name = 'other' WHERE custody_id = 1")
    broken = run.invoke(cli, ["custody", path, "--verify"], standalone_mode=False)
    assert broken.return_value == 3
    assert "- entry 1 was changed: its hash does not match\n" in broken.output
    assert "The chain of custody is broken (3 entries).\n" in broken.output
    assert run.invoke(cli, ["custody", path, "--with-evidence"]).exit_code == 2
    assert run.invoke(cli, ["custody", path, "--head", head]).exit_code == 2
