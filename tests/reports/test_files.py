"""Files of results are complete or not there, whatever happens while they are written."""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import rootforensics as rf
from rootforensics.reports.files import replacing


def test_a_file_that_was_begun_leaves_the_older_one(tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    target.write_text("old", encoding="utf-8")

    def stopped() -> None:
        with replacing(target) as file:
            file.write("half")
            file.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"rows.csv": "old"}


def test_the_new_file_has_the_mode_of_the_older_one_and_links_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o600)
    link.symlink_to(real)
    with replacing(link) as file:
        file.write("a\r\nb\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"a\r\nb\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "real.csv"]


def test_a_pipe_without_a_name_is_written_to_as_it_is() -> None:
    """What stands behind ``/dev/stdout`` where another program reads it."""
    read, write = os.pipe()
    with replacing(f"/dev/fd/{write}", "wb") as file:
        file.write(b"all of it")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read() == b"all of it"


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    with replacing(pipe, "wb") as file:
        file.write(b"rows")
    assert reader.communicate(timeout=20)[0] == b"rows"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def _run(*arguments: str | Path, limit_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command, in a process whose files may not grow beyond a size, as on a disk that is full."""
    code = "import sys; from rootforensics.cli import main; sys.argv = ['rootforensics', *sys.argv[1:]]; main()"
    if limit_bytes is not None:
        limit = f"import resource, signal; sys.dont_write_bytecode = True; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes},) * 2); "
        code = code.replace("import sys; ", f"import sys; {limit}", 1)  # what Python compiles would be cut off, too
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet", "table"])
def test_what_does_not_fit_is_told_in_one_line_and_leaves_the_older_file(
    form: str, sample_path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "rows"
    target.write_text("old", encoding="utf-8")
    statement = "SELECT eventID, requestParameters FROM events"
    done = _run("sql", sample_path, statement, "--format", form, "-o", target, limit_bytes=50_000)
    assert done.returncode == 1
    assert done.stderr.startswith(f"rootforensics: {target}: cannot write (File too large)")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]
    assert target.read_text(encoding="utf-8") == "old"


@pytest.mark.heavy
@pytest.mark.parametrize(
    "arguments",
    [
        ("timeline", "{case}", "-o"),
        ("query", "{case}", "root-signins", "-o"),
        ("report", "{case}", "--out"),
        ("alarm", "{case}", "-o"),
    ],
)
@pytest.mark.quick(2)
def test_a_folder_that_is_not_there_is_told_in_one_line(
    arguments: tuple[str, ...], sample_path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "none" / "rows"
    done = _run(*(part.format(case=sample_path) for part in arguments), target)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"rootforensics: {target}: cannot write (No such file or directory)")


@pytest.mark.heavy
def test_triage_puts_whole_files_in_the_place_of_older_ones(sample_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("summary.json", "timeline.csv", "report.html"):
        (folder / name).write_text("old", encoding="utf-8")
    (folder / "case.duckdb").write_bytes(sample_path.read_bytes())
    (tmp_path / "nothing").mkdir()
    _run("triage", tmp_path / "nothing", "--out", folder)
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["tool"].startswith("rootforensics")
    with rf.open_case(sample_path) as case, (folder / "timeline.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(case.query("root_timeline"))
    assert (folder / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    names = {"summary.json", "timeline.csv", "report.html", "case.duckdb"}
    assert {path.name for path in folder.iterdir()} == names


@pytest.mark.heavy
def test_a_target_below_a_file_is_told_in_one_line(sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = _run("timeline", sample_path, "-o", tmp_path / "file" / "rows")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot write (Not a directory)" in done.stderr
