"""Tables on a real terminal: what one reads first, one line a row, no line longer than the terminal is wide."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from rootforensics.cli.paragraphs import explain_places, sentence_lines
from rootforensics.cli.terminal import _fitted, _line, _row, _texts
from rootforensics.queries.catalogue import questions
from tests.builders import root_event, write_log
from tests.conftest import SAMPLE_LOGS

if TYPE_CHECKING:
    from pathlib import Path

    import rootforensics as rf

#: The account of the sample that was taken over.
TAKEN = "111122223333"


def on_terminal(width: int, *arguments: str, height: int = 60, pager: str = "cat") -> list[str]:
    """The lines that a command shows on a terminal of this size."""
    return sent_to_terminal(width, *arguments, height=height, pager=pager).replace("\r\n", "\n").splitlines()


def sent_to_terminal(width: int, *arguments: str, height: int = 60, pager: str = "cat") -> str:
    """Everything that a command sends to a terminal of this size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    hidden = ("COLUMNS", "LINES")
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | {
        "TERM": "xterm", "PAGER": pager, "COVERAGE_PROCESS_START": "",
    }  # fmt: skip
    command = [sys.executable, "-m", "rootforensics", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        held = b""
        with suppress(OSError):  # the terminal is gone with the command
            while part := os.read(ours, 1 << 16):
                held += part
    os.close(ours)
    return held.decode()


@pytest.mark.quick(1)
@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_that_the_readme_names_fits(width: int, sample_path: Path) -> None:
    lines = on_terminal(width, "query", str(sample_path), "root-signins")
    assert max(map(len, lines)) <= width
    assert lines[0].split()[:4] == ["eventTime", "signin_kind", "outcome", "mfa_used"]
    assert any(re.fullmatch("2026-08-05 01:19:47 +recovery_completed +success .* d15d2bf8.*", line) for line in lines)
    assert [line[:10] for line in lines[2:15]] == ["2026-08-03", *["2026-08-05"] * 11, "2026-08-06"]
    assert "--columns a,b,c" in " ".join(lines[15:])
    assert len(lines) < 25


@pytest.mark.quick(1)
@pytest.mark.heavy
@pytest.mark.parametrize("arguments", [("blast-radius",), ("evidence",), ("query", "root-actions")])
def test_tables_fit(arguments: tuple[str, ...], sample_path: Path) -> None:
    name, *rest = arguments
    lines = on_terminal(80, name, str(sample_path), *rest)
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("───")
    assert sum(line.startswith(("critical", "2026-08", "1 ")) for line in lines) > 0


def test_a_few_rows_that_do_not_fit_come_as_blocks(sample_path: Path) -> None:
    lines = on_terminal(100, "query", str(sample_path), "root-first-last")
    assert [line for line in lines if line.startswith("──")] == [f"── {number} ".ljust(80, "─") for number in (1, 2, 3)]
    assert "first_time       2026-08-03 22:41:09" in lines
    assert max(map(len, lines)) <= 100


def test_what_is_asked_for_is_given_in_each_format(sample_path: Path) -> None:
    asked = ("query", str(sample_path), "root-signins", "--columns", "outcome, eventTime")
    table = CliRunner().invoke(cli, asked).stdout.splitlines()
    assert table[0].split() == ["outcome", "eventTime"]
    text = CliRunner().invoke(cli, [*asked, "--format", "csv"]).stdout.splitlines()
    assert text[:2] == ["outcome,eventTime", "failure,2026-08-03T22:41:09Z"]
    blocks = CliRunner().invoke(cli, [*asked, "--expanded"]).stdout.splitlines()
    assert blocks[1:3] == ["outcome    failure", "eventTime  2026-08-03 22:41:09"]
    wrong = CliRunner().invoke(cli, [*asked[:4], "nothing"])
    assert wrong.exit_code == 2
    assert "there is no column 'nothing'. There are eventTime, account_id" in wrong.stderr


def test_short_cells_stay_whole_and_long_ones_share_the_room() -> None:
    names, cells = ["time", "text", "account_id", "eventID"], [["t" * 19, "a sentence " * 9, "1" * 12, "e" * 8]]
    shown, widths, gap, fits = _fitted(names, cells, 80)
    assert (shown, widths[0], widths[2], gap, fits) == ([0, 1, 2, 3], 19, 12, 2, False)
    assert sum(widths) + 2 * 3 == 80
    assert _fitted(names, cells, 0) == ([0, 1, 2, 3], [19, 99, 12, 8], 2, True)
    assert len(_line(cells[0], widths, gap)) == 80
    assert _line(["folder/with/the/name.gz"], [12], 2) == "…the/name.gz"
    assert _line(["東京" * 10], [9], 2) == "東京東京…"


def test_what_cites_an_event_is_left_out_last_and_one_column_more_is_worth_narrow_gaps() -> None:
    names, cells = ["time", "text", "account_id", "eventID"], [["t" * 19, "a sentence " * 9, "1" * 12, "e" * 8]]
    assert [_fitted(names, cells, width)[0] for width in (74, 66, 50, 27)] == [[0, 1, 2, 3], [0, 1, 3], [0, 3], [0]]
    assert [_fitted(names, cells, width)[2] for width in (77, 76, 74)] == [2, 1, 1]


def test_a_sentence_takes_two_lines_at_the_most_and_keeps_its_words() -> None:
    told = _row(["07:40", "the policy of a bucket was deleted by root"], [5, 16], 2, ("time", "text"))
    assert told == ["07:40  the policy of a", "       bucket was …"]
    assert _row(["07:40", "a bucket"], [5, 16], 2, ("time", "text")) == ["07:40  a bucket"]


def test_each_question_names_what_is_read_first() -> None:
    for query in questions().values():
        assert 4 <= len(query.first) <= 7, query.name
        assert set(query.first) <= {column.name for column in query.columns}, query.name


@pytest.mark.heavy
def test_each_answer_shows_what_it_cites_in_80_columns_and_no_cell_an_id_of_36(sample_case: rf.Case) -> None:
    for query in questions().values():
        names = list(query.first)
        cells = _texts(sample_case.query(query.name), names, in_short=True)
        cites = [place for place, name in enumerate(names) if name.endswith(("eventID", "eventIDs"))]
        shown, widths, _, _ = _fitted(names, cells, 80)
        assert set(cites) <= set(shown), query.name
        assert all(widths[shown.index(place)] <= max(len(names[place]), 12) for place in cites), query.name


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("evidence", "--problems"), ("uri", "problem", "eventID")),
        (("query", "logging-impairment"), ("result", "entity", "eventID")),
        (("blast-radius",), ("entity_name", "state", "eventID")),
        (("timeline", "--only", "activity"), ("eventName", "sourceIPAddress", "eventID")),
    ],
)
def test_what_one_acts_on_is_there_in_80_columns(
    arguments: tuple[str, ...], shown: tuple[str, ...], sample_path: Path
) -> None:
    name, *rest = arguments
    lines = on_terminal(80, name, str(sample_path), *rest, height=500)
    assert max(map(len, lines)) <= 80
    assert set(shown) <= set(lines[0].split())
    said = " ".join(lines[-5:])
    assert "Not seen" in said
    assert said.count("(--wide shows all)") == (name in ("query", "blast-radius"))


@pytest.mark.heavy
def test_colors_are_for_terminals_unless_they_are_asked_for(sample_path: Path) -> None:
    asked = ("query", str(sample_path), "root-actions", "--expanded")
    critical = "\x1b[31m\x1b[1mcritical\x1b[0m"
    assert f"severity           {critical}" in CliRunner().invoke(cli, ["--color", "always", *asked]).stdout
    assert "\x1b" not in CliRunner().invoke(cli, asked).stdout
    assert any(f" {critical} " in line for line in on_terminal(100, *asked[:3], height=500))
    assert not any("\x1b" in line for line in on_terminal(100, "--color", "never", *asked[:3], height=500))


@pytest.mark.quick(1)
@pytest.mark.parametrize("width", [80, 100])
def test_the_verdict_breaks_between_words_and_cites_in_short(width: int, sample_path: Path) -> None:
    shown = [
        re.sub(r"\x1b\[[0-9;]*m", "", line)
        for line in on_terminal(width, "verdict", str(sample_path), "--account-id", TAKEN)
    ]
    # Commands are copied, so they are never broken; neither is a single word, such as the ID of a session.
    told = [line for line in shown if " aws " not in f" {line}" and " " in line.strip()]
    assert max(map(len, told)) <= width
    head = " ".join(" ".join(shown[: shown.index("YES        Was root used by a person?")]).split())
    logs = "hours examined: 2026-08-03 00:00 to 2026-08-08 00:00 UTC, eu-central-1, us-east-1, us-east-2, us-west-2"
    assert head.startswith(f"The root user of account {TAKEN}, {logs} Likely takeover, 9 of 9 checks failed. ")
    assert "           reset root's password through a recovery e-mail [d15d2bf8]" in shown
    assert [line for line in shown if line.startswith("     aws iam update-access-key")]


def _sentences(lines: list[str]) -> list[str]:
    """Lines without their styles; commands are copied, so they are never broken, and are left out."""
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    return [line for line in plain if not re.match(" +aws [a-z0-9-]+ [a-z-]+( --|$)", line)]


@pytest.mark.quick(1)
@pytest.mark.parametrize(("width", "most"), [(80, 170), (100, 140), (140, 120)])
def test_the_brief_is_a_few_screens_and_breaks_no_word(width: int, most: int, sample_path: Path) -> None:
    shown = _sentences(on_terminal(width, "brief", str(sample_path)))
    assert max(map(len, shown)) <= width
    place = next(at for at, line in enumerate(shown) if line.startswith("! marks a problem. In brackets"))
    assert " ".join(shown[place:]).endswith("422:0 is record 0 of file 422")
    shown = shown[:place]
    assert 40 < len(shown) <= most
    piped = CliRunner().invoke(cli, ["brief", str(sample_path)]).stdout
    told = re.sub(r"\b([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"\1", piped)
    told = re.sub(r" and (\d+) more\]", r" +\1]", told)
    assert " ".join(" ".join(shown).split()) == " ".join(" ".join(_sentences(told.splitlines())).split())


@pytest.mark.quick(1)
@pytest.mark.heavy
@pytest.mark.parametrize(("width", "most"), [(80, 60), (140, 50)])
def test_triage_is_a_screen_or_two(width: int, most: int, sample_path: Path, tmp_path: Path) -> None:
    """The case is there already: nothing new is loaded."""
    (tmp_path / "out").mkdir()
    shutil.copy(sample_path, tmp_path / "out" / "case.duckdb")
    shown = _sentences(on_terminal(width, "triage", str(SAMPLE_LOGS), "--out", str(tmp_path / "out")))
    begin = next(number for number, line in enumerate(shown) if "Account 111122223333:" in line)  # after the last bar
    end = next(number for number, line in enumerate(shown) if line.startswith("written to "))
    told = shown[begin + 1 : end]
    assert max(map(len, told)) <= width
    assert 30 < len(told) <= most
    whole = " ".join(" ".join(told).split())
    assert (
        "04:44:12: Ownership changed: replaced the security contact and changed root's e-mail address [2265ee08 +1]"
        in whole
    )
    assert "Data exposed: read 3 secrets" in whole
    assert {"verdict", "findings", "query"} <= set(re.findall(r" rootforensics (\w+)", whole))
    assert [line for line in told if re.search(r"(^|\s)\S{1,20}(?<!\s)…", line)] == []  # a word that was broken


@pytest.mark.parametrize(
    ("arguments", "begin"),
    [(("query", "--list"), "root-signins"), (("query", "--list", "root-signins"), "  mfa_used  BOOLEAN")],
)
def test_the_catalogue_fits(arguments: tuple[str, ...], begin: str) -> None:
    lines = on_terminal(80, *arguments, height=500)
    told = lines[: lines.index("SQL:")] if "SQL:" in lines else lines
    assert max(map(len, told)) <= 80
    assert any(line.startswith(begin) for line in told)


def test_a_terminal_says_what_is_in_brackets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cited = ["3b95e145-fb84-4752-81a0-da3098a0a0a0 (422:0)"]
    explain_places(cited)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    explain_places([""])
    assert capsys.readouterr().err == ""
    explain_places(["3b95e145-fb84-4752-81a0-da3098a0a0a0"])
    assert " ".join(capsys.readouterr().err.split()).endswith("rootforensics raw CASE ID prints a record")
    explain_places(cited)
    assert " ".join(capsys.readouterr().err.split()).endswith("prints a record; 422:0 is record 0 of file 422")


def test_a_sentence_is_cut_to_the_rows_that_it_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    text, cited = (
        "Call AWS Support: the e-mail address was changed",
        "[b62c05c2-2881-4ab7-8d3a-0dfc1644f3b4 and 43 more]",
    )
    assert sentence_lines("1. ", text, cited, rows=1) == [f"1. {text} {cited}"]  # into a pipe
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "39")
    (one,) = sentence_lines("1. ", text, cited, rows=1)
    assert re.fullmatch(r"1\. Call AWS.* … \[b62c05c2 \+43\]", one)
    assert len(one) <= 39
    two = ["1. Call AWS Support: the e-mail address", "   was changed [b62c05c2 +43]"]
    assert sentence_lines("1. ", text, cited, rows=2) == sentence_lines("1. ", text, cited) == two


@pytest.mark.heavy
def test_a_pipe_gets_whole_citations_and_no_colors(sample_path: Path) -> None:
    told = CliRunner().invoke(cli, ["verdict", str(sample_path), "--account-id", TAKEN]).stdout
    assert "         reset root's password through a recovery e-mail [d15d2bf8-a5e7-4d39-b9fa-4984eb51a186]\n" in told
    assert "\x1b" not in told


@pytest.mark.heavy
def test_no_color_is_heeded(sample_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("verdict", str(sample_path), "--account-id", TAKEN)
    assert any("\x1b[31m" in line for line in on_terminal(100, *asked))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not any("\x1b" in line for line in on_terminal(100, *asked))


@pytest.mark.quick(1)
@pytest.mark.heavy
@pytest.mark.parametrize("width", [80, 140])
def test_findings_are_a_line_each_by_account(width: int, sample_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines = on_terminal(width, "findings", str(sample_path))
    assert max(map(len, lines)) <= width
    heads = [line for line in lines if line.startswith("Account ")]
    assert heads == [
        "Account 111122223333: 18 critical, 25 high, 1 medium", "Account 444455556666: 2 high",
        "Account 777788889999: 1 high",
    ]  # fmt: skip
    told = [
        line for line in lines if re.match(r"(critical|high|medium) +2026-08-0\d \d\d:\d\d:\d\d: .*\[[0-9a-f]{8}", line)
    ]
    assert len(told) == 18 + 25 + 1 + 2 + 1
    assert "--expanded" in lines[len(heads) + len(told)]


@pytest.mark.heavy
def test_triage_says_what_it_does_and_how_long_each_stage_took(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    lines = on_terminal(100, "triage", str(tmp_path / "logs"), "--out", str(tmp_path / "out"))
    stages = ("loading", "finding root and what followed from it", "answering", "drawing the report")
    told = " ".join(lines)
    assert re.search("time: " + ", ".join(rf"{stage} [0-9.]+ s" for stage in stages), told), told
    assert re.search("Open .*/report.html, or run: rootforensics brief .*case.duckdb$", told), told
    assert all(f"{stage} …" in "\n".join(lines) for stage in stages[1:])
