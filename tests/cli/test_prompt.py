"""``sql`` without a statement: a prompt in a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import pytest

import rootforensics as rf
from rootforensics.cli.prompt import ask_sql

if TYPE_CHECKING:
    from pathlib import Path


#: With this prompt_toolkit says that it reads.
READS = b"\x1b[?2004h"


def typed(case: Path, home: Path, *steps: tuple[bytes, bytes]) -> tuple[int, str]:
    """Type each text once the other was shown; the exit status and what the terminal showed after the first."""
    ours, theirs = pty.openpty()
    own = {"TERM": "xterm", "PAGER": "cat", "XDG_STATE_HOME": str(home), "PROMPT_TOOLKIT_NO_CPR": "1"}
    command = [sys.executable, "-m", "rootforensics", "sql", str(case)]
    waiting, shown, seen = [*steps], b"", 0
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **own}) as process:
        os.close(theirs)
        with suppress(OSError):  # the terminal is gone with the command
            while select.select([ours], [], [], 30)[0] and (part := os.read(ours, 1 << 16)):
                shown += part
                if waiting and waiting[0][0] in shown[seen:]:
                    seen = len(shown)
                    os.write(ours, waiting.pop(0)[1])
        os.close(ours)  # which ends a prompt that waits on
        status = process.wait()
    return status, shown.decode()


@pytest.mark.heavy
def test_statements_are_asked_for_completed_and_kept(sample_path: Path, tmp_path: Path) -> None:
    status, shown = typed(
        sample_path,
        tmp_path,
        (READS, b"SELECT count(*) AS how_many\r"),
        (b"...>", b"FROM root_ev\t"),
        (b"ents", b";\r"),
        (READS, b"SELEC 1;\r"),
        (READS, b"\x04"),
    )
    assert status == 0, shown
    assert "321" in shown
    assert 'syntax error at or near "SELEC"' in shown
    kept = tmp_path / "rootforensics" / "sql_history"
    assert "+SELECT count(*) AS how_many\n+FROM root_events;\n" in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o077 == 0


def test_without_prompt_toolkit_it_says_what_to_do(sample_case: rf.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    with pytest.raises(click.UsageError, match=r"pip install 'rootforensics\[prompt\]'"):
        ask_sql(sample_case, "duckdb", {}, "table")
