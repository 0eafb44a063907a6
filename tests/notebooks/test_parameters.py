"""What papermill hands over in place of text and numbers, and what it must not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.notebooks import as_account, as_count, as_hours, start
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.notebooks.conftest import Ran

    Run = Callable[..., Ran]


def test_an_account_id_may_be_a_number() -> None:
    known = "012345678901"
    assert [as_account(given) for given in (111122223333, 12345678901, known)] == ["111122223333", known, known]
    assert [as_account(given) for given in ("", None)] == ["", ""]
    refused: list[Any] = ["1111", 1111222233334, -1, True, 1.5, ["111122223333"]]
    for given in refused:
        with pytest.raises(rf.FilterError, match="this is not an account ID. An account ID has 12 digits"):
            as_account(given)


def test_start_takes_a_number_too(empty_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start(empty_path, 12345678901).close()
    assert "the case has no events" in capsys.readouterr().out


def test_a_count_is_a_whole_number() -> None:
    assert [as_count("RECORDS", given) for given in (0, 10, "25")] == [0, 10, 25]
    refused: list[Any] = ["ten", -1, 2.5, True, None, "", "-3", "²"]
    for given in refused:
        with pytest.raises(rf.NotebookError, match="RECORDS: .* is not a count. Give a whole number, 0 or more"):
            as_count("RECORDS", given)


def test_hours_are_a_number() -> None:
    assert [as_hours("H", given) for given in (0, 24, 1.5, "48", 87_600)] == [0.0, 24.0, 1.5, 48.0, 87_600.0]
    refused: list[Any] = ["soon", -1, float("nan"), float("inf"), "nan", True, None, 87_601]
    for given in refused:
        with pytest.raises(rf.NotebookError, match="H: .* is not a number of hours. Give one from 0 to 87,600"):
            as_hours("H", given)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("02_sessions_and_signins", {"ACCOUNT_ID": "1111"}, "FilterError('this is not an account ID', '1111'"),
        ("03_incident_timeline", {"LOCAL": 1}, "QueryError('unknown time zone', '1'"),
        ("03_incident_timeline", {"APPROVALS": 5}, "ApprovalsError("),
        ("05_evidence", {"RECORDS": "ten"}, "NotebookError(\"'ten' is not a count\", 'RECORDS'"),
        ("07_from_s3_to_case", {"FILES": -1}, "NotebookError('-1 is not a count', 'FILES'"),
        (
            "08_reconciliation_with_approvals",
            {"PASSWORD_HOURS": "soon"},
            "NotebookError(\"'soon' is not a number of hours\"",
        ),
    ],
)
def test_a_wrong_parameter_is_one_sentence(
    name: str, parameters: dict[str, Any], said: str, run_here: Run, empty_path: Path
) -> None:
    done = run_here(name, CASE=str(empty_path), **parameters)
    assert done.failure.startswith(said)
    shown = "".join(output.get("text", "") for output in done.cells[-1]["outputs"])
    told = shown.partition("%reload_ext rootforensics\n")  # a shell that has it says so in the cell that loads it
    *own, _ = (told[2] or told[0]).strip().split("\n")
    assert all(re.match(r"line [0-9]+: ", line) for line in own), "nothing but the line of the cell"
    assert len(own) <= 1
    assert "Traceback" not in shown


@pytest.mark.parametrize(("more", "other"), [("", "no"), ("203.0.113.0/24,branch\n", "unknown")], ids=["", "network"])
def test_known_addresses_are_marked_and_counted_once(more: str, other: str, run_here: Run, tmp_path: Path) -> None:
    sources = ["203.0.113.77", "192.0.2.10", "192.0.2.10"]
    write_log(tmp_path / "logs", "a.json.gz", [root_event(sourceIPAddress=source) for source in sources])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    known = tmp_path / "mine.csv"
    known.write_text("address,owner\n192.0.2.10,office\n192.0.2.10,guests\n,nobody\n" + more)
    done = run_here("02_sessions_and_signins", CASE=str(tmp_path / "case.duckdb"), KNOWN=str(known))
    assert done.failure == ""
    assert f"203.0.113.77 {other} 111122223333 1 " in done.text
    assert "192.0.2.10 yes 111122223333 2 " in done.text


def test_a_posture_that_nobody_checked_is_not_shown_as_good(run_here: Run, empty_path: Path) -> None:
    done = run_here("09_posture", CASE=str(empty_path))
    assert "No control was checked, so the empty tables below do not show that all is well." in done.text
