"""Every notebook runs on the sample incident, on an empty case and on one without root, and says what is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

import rootforensics as rf
from rootforensics.notebooks import files_of, start
from rootforensics.notebooks.stand_in import has_stand_in
from tests.builders import event, write_log
from tests.conftest import ROOT
from tests.notebooks.test_rules import NAMES
from tests.reports.page import Page, words
from tests.reports.tab import CHROMIUM, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.notebooks.conftest import Ran

    Run = Callable[..., Ran]

APPROVALS = str(ROOT / "docs" / "examples" / "approvals.yaml")


@pytest.fixture(scope="session")
def sample(run: Run, sample_path: Path) -> Callable[[str], Ran]:
    """A notebook, run on the sample incident."""
    size = sample_path.stat().st_size

    def go(name: str) -> Ran:
        done = run(name, CASE=str(sample_path), APPROVALS=APPROVALS)
        assert sample_path.stat().st_size == size
        return done

    return go


@pytest.fixture(scope="session")
def without_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with events, none of them root's."""
    folder = tmp_path_factory.mktemp("without-root")
    write_log(folder / "logs", "one.json.gz", [event(eventName="ListUsers"), event(eventName="CreateUser")])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
    return folder / "case.duckdb"


def _is_sound(done: Ran) -> None:
    assert done.failure == ""
    for output in done.outputs:
        assert output["output_type"] != "error", output
        assert output.get("name") != "stderr", output["text"]


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
def test_runs_on_the_sample(name: str, sample: Callable[[str], Ran], sample_path: Path) -> None:
    done = sample(name)
    _is_sound(done)
    plain = ["".join(output.get("data", {}).get("text/plain", "")) for output in done.outputs]
    assert name == "00_start" or f"<Case {sample_path}>" in plain
    source = "\n".join("".join(cell["source"]) for cell in done.cells)
    drawn = sum(
        not {"image/png", "application/vnd.vegalite.v5+json"}.isdisjoint(one.get("data", {})) for one in done.outputs
    )
    assert drawn == len(re.findall(r"^case\.chart\(", source, re.MULTILINE))
    zoomed = [one["data"] for one in done.outputs if "application/vnd.vegalite.v5+json" in one.get("data", {})]
    assert all("image/png" in data for data in zoomed), "a page without scripts shows a picture"


@pytest.mark.heavy
def test_triage_tells_what_the_plan_says(sample: Callable[[str], Ran], expected: dict[str, Any]) -> None:
    text = sample("01_triage").text
    root = expected["root"]
    assert f"{root['activity']} activity + {root['noise']} noise = {root['total']} root events" in text
    for name, count in {
        "evidence.objects": expected["evidence"]["objects"],
        "events.total": expected["events"]["total"],
        "events.duplicates": expected["events"]["duplicates"],
        "root.cis_match": root["cis_match"],
        **{f"root.by_origin.{origin}": count for origin, count in root["by_origin"].items()},
        "root.console_sign_ins.success": root["console_sign_ins"]["success"],
        "root.console_sign_ins.failure": root["console_sign_ins"]["failure"],
    }.items():
        assert re.search(rf"{re.escape(name)}\W+{count}\b", text), name
    assert f'"eventID": "{expected["story"][0]["event_id"]}"' in text, "the first use of root, from its file again"
    assert "event_id_conflict" in text


@pytest.mark.heavy
def test_the_others_tell_what_the_incident_was(sample: Callable[[str], Ran]) -> None:
    told = {
        "02_sessions_and_signins": ("203.0.113.77", "PasswordRecoveryCompleted", "long_term_key"),
        "03_incident_timeline": ("BG-2026-031", "StopLogging"),
        "04_blast_radius_and_containment": ("AKIA7P5O2MSTTEXAMPLE", "support-sync", "aws iam update-access-key"),
        "05_evidence": ("event_id_conflict", '"eventID":'),
        "06_ad_hoc_sql": ("AKIA7P5O2MSTTEXAMPLE", "support-sync"),
        "08_reconciliation_with_approvals": ("BG-2026-031", "BG-2026-029"),
    }
    for name, words in told.items():
        text = sample(name).text
        for word in words:
            assert word in text, (name, word)


@pytest.mark.heavy
def test_what_was_refused_is_told_from_what_was_done(sample: Callable[[str], Ran]) -> None:
    """Of the plan: GuardDuty, the organization and Config were tried in vain, a trail was stopped."""
    impairment = _table(sample("03_incident_timeline"), "timeline-19")
    actions = [(row["eventName"], row["result"]) for row in impairment]
    refused = ("DeleteDetector", "LeaveOrganization", "StopConfigurationRecorder")
    assert [(name, "attempted") for name in refused] == actions[:3]
    assert ("StopLogging", "succeeded") in actions
    assert [row["errorCode"] for row in impairment[:3]] == ["AccessDeniedException", "AccessDenied", "AccessDenied"]
    sessions = _table(sample("02_sessions_and_signins"), "signins-12")
    counted = {row["session_id"]: (row["denied_count"], row["failed_count"]) for row in sessions}
    assert counted["111122223333/console_sign_in/2026-08-05T04:40:26Z"] == ("3", "0")


def _table(done: Ran, cell_id: str) -> list[dict[str, str]]:
    """The rows of a table that a cell shows, as a reader sees them whose browser runs no scripts."""
    (cell,) = [one for one in done.cells if one["id"] == cell_id]
    (source,) = ["".join(one["data"]["text/html"]) for one in cell["outputs"] if "text/html" in one.get("data", {})]
    page = Page(source)
    heads = [one.text.lstrip("🔒ⓘ") for one in page.root.all("th")]  # signs that the table may sort
    rows = [row.all("td") for row in page.root.all("tr")]
    return [dict(zip(heads, map(words, cells), strict=True)) for cells in rows if len(cells) == len(heads)]


@pytest.mark.heavy
def test_s3_gives_what_the_files_gave(sample: Callable[[str], Ran]) -> None:
    text = sample("07_from_s3_to_case").text
    assert "200 files of the case are on this machine" in text
    assert ("200 objects are in the bucket" in text) == has_stand_in()
    assert "files same differs not_in_case 200 200 0 0" in text


def test_logs_are_taken_before_digests(sample_case: rf.Case) -> None:
    """The sample's names tell the two apart; it has 166 digest files and 1,179 of logs."""
    taken = files_of(sample_case, 1_179)
    assert len(taken) == 1_179
    assert [path.name for path in taken if "Digest" in path.name or path.suffix != ".gz"] == []
    assert len([path for path in files_of(sample_case, 2_000) if "Digest" in path.name]) == 166


@pytest.mark.quick(1)
@pytest.mark.heavy
@pytest.mark.parametrize("name", ["02_sessions_and_signins", "04_blast_radius_and_containment"])
def test_runs_on_an_empty_case(name: str, run_here: Run, empty_path: Path) -> None:
    done = run_here(name, CASE=str(empty_path))
    _is_sound(done)
    assert "No rows." in done.text


@pytest.mark.quick(1)
@pytest.mark.heavy
@pytest.mark.parametrize("name", ["03_incident_timeline", "08_reconciliation_with_approvals"])
def test_runs_on_a_case_without_root(name: str, run_here: Run, without_root: Path) -> None:
    done = run_here(name, CASE=str(without_root))
    _is_sound(done)
    assert "root activity by people 0" in done.text


@pytest.mark.heavy
def test_runs_as_it_stands_and_leaves_nothing(run_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ROOT / "notebooks"
    before = set(folder.rglob("*"))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("RF_CASE", raising=False)
    done = run_here("08_reconciliation_with_approvals")
    _is_sound(done)
    assert "2 approvals from ../docs/examples/approvals.yaml" in done.text
    assert set(folder.rglob("*")) == before


def test_an_account_that_is_not_there_is_told(without_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start(without_root, "999999999999").close()
    assert "Careful: the case has no events of account 999999999999; it has 111122223333." in capsys.readouterr().out
    start(without_root, "111122223333").close()
    assert capsys.readouterr().out == ""
    with pytest.raises(rf.FilterError, match="1111: this is not an account ID"):
        start(without_root, "1111")
    with pytest.raises(rf.CaseError, match="nowhere: the case file does not exist"):
        start("nowhere")


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.quick(2)
def test_the_page_needs_no_network(name: str, sample: Callable[[str], Ran]) -> None:
    source = sample(name).path.with_suffix(".html").read_text(encoding="utf-8")
    assert "default-src 'none'" in source
    assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", source)
    assert not re.search(r"\b(?:import|from)\s*\(?[\"']https?://", source)


@pytest.mark.quick(1)
@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")
@pytest.mark.parametrize("name", ["02_sessions_and_signins", "06_ad_hoc_sql"])
def test_chromium_opens_it_without_complaint(name: str, sample: Callable[[str], Ran]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(sample(name).path.with_suffix(".html").as_uri())
        expect(page.locator(".dt-search").first).to_be_visible()  # tables can be searched
        assert page.locator("td", has_text="PasswordRecoveryCompleted").count() > 0
        browser.close()
    assert said == []


@pytest.mark.quick(3)
@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_tables_are_complete_and_charts_are_pictures(name: str, sample: Callable[[str], Ran]) -> None:
    """As a notebook looks that is not trusted: in VS Code, in the classic notebook, in a mail."""
    done = sample(name)
    charts = len(re.findall(r"^case\.chart\(", "\n".join("".join(cell["source"]) for cell in done.cells), re.MULTILINE))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page, _, _ = opened(browser, done.path.with_suffix(".html"), java_script_enabled=False)
        assert page.locator(".dt-container").count() == 0, "scripts are on"
        for box in page.locator(".rf-box").all():
            (foot,) = box.locator("xpath=following-sibling::*[1][@class='rf-foot']").all()
            counted = re.match(r"([\d,]+|No) rows?(?:, the first ([\d,]+) shown)?", foot.inner_text())
            assert counted, foot.inner_text()
            rows = (counted[2] or counted[1]).replace(",", "").replace("No", "0")
            # itables has a table that waits for its script
            (table,) = [table for table in box.locator("table").all() if table.is_visible()]
            assert table.locator("tbody tr").count() == int(rows)
            assert table.locator("th").all_inner_texts(), "a head"
        assert not any(waiting.is_visible() for waiting in page.get_by_text("Loading ITables").all())
        assert sum(image.bounding_box()["width"] > 300 for image in page.locator(".jp-OutputArea img").all()) == charts
        browser.close()


@pytest.mark.heavy
def test_the_page_is_titled(sample: Callable[[str], Ran]) -> None:
    source = sample("04_blast_radius_and_containment").path.with_suffix(".html").read_text(encoding="utf-8")
    assert "<title>Blast radius and containment</title>" in source
