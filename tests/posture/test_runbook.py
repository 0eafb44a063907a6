"""The runbook for the use of root, and what one lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.reports.runbook import Known, lacking, runbook
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS = ROOT / "docs" / "examples" / "posture"


def _run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["runbook", *map(str, words)], standalone_mode=False)


def _filled(text: str) -> str:
    return re.sub("⟦[^⟧]*⟧", "said", text)


def test_it_has_what_aws_told_and_marks_the_rest(tmp_path: Path) -> None:
    assert _run("--from", ANSWERS, "--out", tmp_path / "runbook.md").return_value == 0
    text = (tmp_path / "runbook.md").read_text()
    (row,) = (line for line in text.splitlines() if line.startswith("| 111122223333 "))
    assert "The account summary reports 2 access keys of the root user" in row
    assert "- **Management account:** 444455556666" in text
    assert "- **111122223333, root-alarm:** Filter RootUsage" in text
    assert "As of 2026-08-08." in text
    assert "- **Passwords:** ⟦" in text
    again = _run("--from", ANSWERS, "--out", tmp_path / "runbook.md")
    assert isinstance(again.exception, rf.StorageError)
    assert (tmp_path / "runbook.md").read_text() == text


def test_check_names_each_line_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "runbook.md"
    path.write_text(runbook(Known()))
    done = _run("--check", path)
    assert done.return_value == 3
    lines = path.read_text().splitlines()
    marked = [number for number, line in enumerate(lines, 1) if "⟦" in line]
    assert [int(line.split(":")[1]) for line in done.stdout.splitlines()] == marked
    assert len(marked) > 15
    path.write_text(_filled(path.read_text()))
    assert (_run("--check", path).return_value, _run("--check", path).stdout) == (0, "")


def test_check_of_one_that_somebody_wrote() -> None:
    text = _filled(runbook(Known()))
    text = text.replace("## Who may use root", "## Whoever").replace("- **Tickets:** said", "- **Tickets:**")
    text = text.replace("- **Evidence goes to:** said\n", "").replace(
        "- **Checked by:** said\n", "- **Checked by:** ...\n"
    )
    head, _, rest = text.partition("## What justifies a use")
    text = f"{head}## What justifies a use\n\n{rest[rest.index('## How a use') :]}"
    found = lacking(text, ["111122223333"])
    lines = text.splitlines()
    assert [(lines[one.line - 1] if one.line else "", one.what) for one in found] == [
        ("## What justifies a use", "the section “What justifies a use” is empty"),
        ("- **Tickets:**", "this point is empty: Tickets"),
        ("- **Checked by:** ...", "this point is empty: Checked by"),
        (
            "## If root was used without approval",
            "the section “If root was used without approval” lacks the point: Evidence goes to",
        ),
        ("", "account 111122223333 is missing"),
        ("", "the section “Who may use root” is missing"),
    ]
    assert lacking(text.replace("## Whoever", "## Who may use root") + "111122223333", ["111122223333"])[-1].line


def test_what_aws_says_is_no_mark(tmp_path: Path) -> None:
    row = {"account_id": "1", "control_id": "root-alarm", "answer": "fail", "why": "Filter a|b\n# ⟦x⟧ <b>"}
    text = runbook(Known((row,), {"1": "a`b*"}))
    assert "Filter a\\|b # \\⟦x\\⟧ \\<b\\>" in text
    assert "1 a\\`b\\*" in text
    assert "--out" in str(_run("--out", tmp_path / "a", "--check", ANSWERS / "saved.jsonl").exception)


def test_without_a_file_it_is_printed() -> None:
    printed = _run("--from", ANSWERS).stdout
    assert printed.startswith("# Use of the root user")
    assert "- **Management account:** 444455556666" in printed
    # The commands of the first steps, with placeholders, and nothing in them escaped.
    assert '"Null":{"aws:AssumedRoot":"true"}' in printed
    assert "   aws organizations attach-policy --policy-id NEW-POLICY-ID --target-id ACCOUNT\n" in printed
    assert "   aws signin list-sessions --principal-arn arn:aws:iam::ACCOUNT:root --status ACTIVE\n" in printed
