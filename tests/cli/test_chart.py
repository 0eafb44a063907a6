"""``rootforensics chart`` as people run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.charts.catalogue import charts
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


def test_one_chart(sample_path: Path, tmp_path: Path) -> None:
    done = run("chart", sample_path, "signins", "--out", tmp_path / "s.svg", "--account-id", "111122223333")
    assert (done.returncode, done.stdout) == (0, "")
    text = (tmp_path / "s.svg").read_text(encoding="utf-8")
    assert "203.0.113.77" in text
    assert "192.0.2.10" not in text  # of another account


def test_a_home_that_cannot_be_written_to_is_not_talked_of(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / "file" / "home"))
    done = run("chart", sample_path, "signins", "--out", tmp_path / "s.svg")
    assert (done.returncode, done.stdout) == (0, "")
    assert "atplotlib" not in done.stderr


@pytest.mark.heavy
def test_all_charts(sample_path: Path, tmp_path: Path) -> None:
    done = run("chart", sample_path, "all", "--out", tmp_path / "all", "--format", "png")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == sorted(f"{name}.png" for name in charts())


def test_what_cannot_be_is_refused(sample_path: Path, tmp_path: Path) -> None:
    done = run("chart", sample_path, "signin", "--out", tmp_path / "s.svg")
    assert done.returncode == 1
    assert "Did you mean signins?" in done.stderr
    done = run("chart", sample_path, "noise", "--out", tmp_path / "s.svg", "--geoip", "x.mmdb")
    assert done.returncode == 2
    assert "--geoip is not for the chart noise" in done.stderr
    before = sample_path.read_bytes()
    done = run("chart", sample_path, "noise", "--out", sample_path)
    assert done.returncode == 1
    assert sample_path.read_bytes() == before
    done = run("chart", tmp_path / "absent.duckdb", "noise", "--out", tmp_path / "s.svg")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (tmp_path / "file").write_text("")
    done = run("chart", sample_path, "all", "--out", tmp_path / "file")
    assert done.returncode == 1
    assert "cannot create the folder" in done.stderr


def test_an_ending_that_says_something_else_is_refused(sample_path: Path, tmp_path: Path) -> None:
    done = run("chart", sample_path, "noise", "--out", tmp_path / "x.jpg")
    assert done.returncode == 1
    assert "x.jpg: no chart is written as .jpg" in done.stderr
    assert ".svg or .png" in done.stderr
    done = run("chart", sample_path, "noise", "--out", tmp_path / "y.svg", "--format", "png")
    assert done.returncode == 1
    assert "y.svg: the file's ending says svg, the format png" in done.stderr
    assert list(tmp_path.iterdir()) == []
    done = run("chart", sample_path, "noise", "--out", tmp_path / "y.PNG")
    assert done.returncode == 0
    assert (tmp_path / "y.PNG").read_bytes().startswith(b"\x89PNG")
    done = run("chart", sample_path, "noise", "--out", tmp_path / "none", "--format", "png")
    assert (tmp_path / "none").read_bytes().startswith(b"\x89PNG")


@pytest.mark.heavy
def test_an_account_that_is_not_in_the_case_is_told_and_named(sample_path: Path, tmp_path: Path) -> None:
    done = run("chart", sample_path, "all", "--out", tmp_path, "--account-id", "999988887777")
    assert done.returncode == 0
    assert "the case has no events of account 999988887777; it has 111122223333, " in done.stderr
    for name in charts():
        assert "in account 999988887777 of this case" in (tmp_path / f"{name}.svg").read_text(encoding="utf-8"), name
    done = run("chart", sample_path, "all", "--out", tmp_path, "--account-id", "1111")
    assert done.returncode == 2
    assert "An account ID has 12 digits" in done.stderr


@pytest.mark.heavy
def test_each_chart_of_an_account_names_it(sample_path: Path, tmp_path: Path) -> None:
    done = run("chart", sample_path, "all", "--out", tmp_path, "--account-id", "111122223333")
    assert done.returncode == 0
    assert "no events" not in done.stderr
    for name in charts():
        text = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert "account 111122223333" in text.lower(), name
        assert "444455556666" not in text, name


def test_the_look_of_a_chart_is_asked_for(sample_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.svg"
    look = ("--title", "The night", "--tz", "Asia/Tokyo", "--since", "2026-08-05", "--until", "2026-08-05T12:00")
    done = run("chart", sample_path, "signins", "--out", out, *look, "--figsize", "9", "6")
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    assert 'viewBox="0 0 648 432"' in text
    assert "The night" in text
    assert "Only what is from 2026-08-05 09:00 and before 2026-08-05 21:00 Asia/Tokyo" in text
    assert "203.0.113.91" not in text  # of 3 August
    done = run("chart", sample_path, "signins", "--out", tmp_path / "s.png", "--dpi", "60")
    assert (tmp_path / "s.png").read_bytes()[16:20] == (600).to_bytes(4, "big")


def test_a_look_that_cannot_be_is_refused(sample_path: Path, tmp_path: Path) -> None:
    for options, said in (
        (("--figsize", "1", "1"), "inches"),
        (("--tz", "Asia/Nowhere"), "Asia/Nowhere: unknown time zone. Write it like Europe/Berlin"),
        (("--since", "soon"), "'soon' is not a time"),
    ):
        done = run("chart", sample_path, "signins", "--out", tmp_path / "s.svg", *options)
        assert done.returncode, options
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    done = run("chart", sample_path, "all", "--out", tmp_path, "--title", "All")
    assert "--title is for one chart" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_chart() -> None:
    done = run("chart", "--help")
    assert all(name in done.stdout for name in charts())
