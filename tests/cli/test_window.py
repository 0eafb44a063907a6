"""``--since`` and ``--until`` on texts about a whole case: they name the period, and nothing outside it has a date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.analysis.verdict.test_pauses import at, logs
from tests.analysis.verdict.test_within import THURSDAY
from tests.builders import root_event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path

#: Root reads a parameter on Monday, and a secret on Wednesday, the only day that is asked about.
BEFORE, WITHIN = "2026-08-03 10:17:24", "2026-08-05 10:42:36"
ASKED = ("--since", "2026-08-05", "--until", "2026-08-06")
PERIOD = "from 2026-08-05 00:00:00 to 2026-08-06 00:00:00 UTC"
#: Parts that are about all logs say so in their heading or first line.
OF_ALL_LOGS = re.compile("from all logs|This part is about all logs|Still open at the end of the logs")


def _read(hour: float, service: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
    """A call in a session: a long-term key that was used before would still be there in the period."""
    return root_event(
        eventTime=at(hour), eventSource=f"{service}.amazonaws.com", eventName=name, requestParameters=request,
        identity={"accessKeyId": f"ASIASESSION{service.upper()}"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("window")
    early = _read(10.29, "ssm", "GetParameter", {"name": "early", "withDecryption": True})
    late = _read(58.71, "secretsmanager", "GetSecretValue", {"secretId": "late"})
    write_log(folder, "logs/a.json", [*logs(), early, late])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
    return folder / "case.duckdb"


def _texts(case: Path, folder: Path) -> dict[str, str]:
    """What each command writes about Wednesday; the files of handover by name."""
    report, handover = folder / "report.md", folder / "handover"
    texts = {name: run(name, case, *ASKED) for name in ("brief", "verdict", "hypotheses")}
    assert run("report", case, "--out", report, "--annex", *ASKED).returncode == 0
    assert run("handover", case, "--out", handover, *ASKED).returncode == 0
    return {
        **{name: done.stdout for name, done in texts.items()},
        "brief.md": run("brief", case, "--format", "md", *ASKED).stdout,
        **{path.name: path.read_text(encoding="utf-8") for path in (report, *handover.iterdir())},
    }


@pytest.mark.heavy
def test_each_text_names_the_period_and_dates_nothing_outside_it(case: Path, tmp_path: Path) -> None:
    texts = _texts(case, tmp_path)
    for name, text in texts.items():
        assert PERIOD in " ".join(text.split()[:110]), name
        parts = re.split(r"\n(?=## |Timeline|Still open|First steps|Scope)", text)
        assert BEFORE not in "".join(part for part in parts if not OF_ALL_LOGS.search(part)), name
    for name in ("brief", "brief.md", "report.md", "facts.md"):
        assert WITHIN in texts[name], name
    assert ("parameter early" in texts["facts.md"], "secret late" in texts["facts.md"]) == (False, True)


@pytest.mark.heavy
def test_a_period_without_use_is_a_no_about_that_period_only(case: Path) -> None:
    quiet = run("brief", case, "--since", "2026-08-06", "--until", "2026-08-07").stdout
    assert "show no use of root by a person from 2026-08-06 00:00:00 to 2026-08-07 00:00:00 UTC" in quiet
    assert "show no use of root" not in run("brief", case).stdout
    with rf.open_case(case) as opened:
        assert len(opened.incident_timeline(since=THURSDAY)) == 1
