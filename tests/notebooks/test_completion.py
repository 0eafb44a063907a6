"""Names are completed in the cells of ``%%rootsql`` and in calls of a case, by IPython's own completer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import start_new_kernel

import rootforensics as rf
from rootforensics.charts.catalogue import charts
from rootforensics.queries.catalogue import questions

if TYPE_CHECKING:
    from pathlib import Path


def _told(shell: Any, text: str) -> dict[str, str]:
    """What is offered where ``|`` stands, as Jupyter's kernel asks for it, and what is said of each."""
    from IPython.core.completer import provisionalcompleter

    place = text.index("|")
    with provisionalcompleter():
        return {completion.text: completion.type for completion in shell.Completer.completions(text.replace("|", ""), place)}


def _offered(shell: Any, text: str) -> list[str]:
    return list(_told(shell, text))


@pytest.fixture
def ready(shell: Any, sample_path: Path) -> Any:
    """The shell, with a case in use."""
    shell.run_cell(f"%rootsql {sample_path}", store_history=False)
    return shell


@pytest.mark.heavy
def test_tables_and_views_after_from(ready: Any) -> None:
    offered = _offered(ready, "%%rootsql\nSELECT * FROM root_a|")
    assert offered == ["root_actions", "root_activity"]
    assert set(_offered(ready, "%%rootsql\nSELECT * FROM ev|")) == {
        "events",
        "evidence",
        "evidence_gaps",
        "evidence_problems",
    }


@pytest.mark.heavy
def test_columns_of_the_tables_that_are_named(ready: Any) -> None:
    offered = _offered(ready, "%%rootsql\nSELECT eventN|, origin\nFROM root_events")
    assert offered == ["eventName"]
    assert "mfa_used" in _offered(ready, "%%rootsql\nSELECT mf|\nFROM root_signins")
    assert "mfa_used" not in _offered(ready, "%%rootsql\nSELECT mf|\nFROM root_events")
    assert _offered(ready, "%%rootsql\nSELECT e.eventN|\nFROM events AS e") == ["e.eventName"]


@pytest.mark.heavy
def test_fields_of_structures(ready: Any) -> None:
    assert _offered(ready, "%%rootsql\nSELECT userIdentity.sess| FROM events") == ["userIdentity.sessionContext"]
    path = "userIdentity.sessionContext.attributes."
    assert _offered(ready, f"%%rootsql\nSELECT {path}mfa| FROM events") == [f"{path}mfaAuthenticated"]


def test_any_case_of_letters_and_lines(ready: Any) -> None:
    assert _offered(ready, "%%rootsql\nSELECT EVENTN| FROM events") == ["eventName"]
    assert _offered(ready, "x = 1\nrows = %rootsql SELECT * FROM root_sign|") == ["root_signins"]


def test_a_case_that_the_line_names(shell: Any, sample_path: Path) -> None:
    assert _offered(shell, f"%%rootsql {sample_path}\nFROM root_sign|") == ["root_signins"]


def test_elsewhere_python_is_completed(ready: Any) -> None:
    assert "root_signins" not in _offered(ready, "root_sign|")
    assert "import" in " ".join(_offered(ready, "impor|"))
    assert _offered(ready, "%%rootsql\nSELECT zzzz|") == []


def test_without_a_case_nothing_is_offered(shell: Any) -> None:
    assert "events" not in _offered(shell, "%%rootsql\nSELECT * FROM ev|")


@pytest.fixture
def calling(shell: Any, sample_case: rf.Case) -> Any:
    """The shell with a case and a result in variables."""
    shell.push({"case": sample_case, "found": sample_case.query("root_signins"), "other": "text"})
    return shell


@pytest.mark.heavy
def test_questions_and_charts_are_offered_in_calls_with_what_they_answer(calling: Any) -> None:
    assert _told(calling, 'case.query("|') == {question.name: question.question for question in questions().values()}
    assert _told(calling, "x = 1\nrows = case.query( 'root_sign|") == {
        "root_signins": questions()["root_signins"].question
    }
    assert _told(calling, 'case.chart("|') == {chart.name: chart.title for chart in charts().values()}
    assert _offered(calling, 'case.findings(only="mfa|') == ["mfa_swap"]
    assert {"evidence_problems", "evidence_gaps"} <= set(_offered(calling, 'case.describe("evidence_|'))


def test_columns_are_offered_of_a_result(calling: Any) -> None:
    assert _offered(calling, 'found.show("eventTime", "mfa|') == ["mfa_used", "mfa_kind", "mfa_identifier"]
    assert {"eventID", "eventTime", "eventName"} <= set(_offered(calling, 'found["event|'))


def test_other_calls_are_left_to_python(calling: Any) -> None:
    for text in ('other.query("|', 'nothing.query("|', 'case.raw("|', 'case.query("root_signins", account_id="|'):
        assert "root_signins" not in _offered(calling, text), text


@pytest.mark.heavy
def test_a_kernel_offers_names_and_tells_what_they_stand_for(sample_path: Path) -> None:
    """JupyterLab shows the kind beside a name, which has no room for a sentence, and asks the kernel for the rest."""
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        code = f"%load_ext rootforensics\nimport rootforensics as rf\ncase = rf.open_case(r'{sample_path}')"
        assert client.execute(code, reply=True)["content"]["status"] == "ok"
        text = 'case.query("root_sign'
        offered = client.complete(text, len(text), reply=True)["content"]
        assert offered["matches"] == ["root_signins"]
        assert [one["type"] for one in offered["metadata"]["_jupyter_types_experimental"]] == ["question"]
        for text, place in (('case.query("root_signins")', 14), ('case.query("root_signins', 24)):
            told = client.inspect(text, place, reply=True)["content"]["data"]["text/plain"]
            assert told.startswith(questions()["root_signins"].question)
            assert questions()["root_signins"].misses in told
        told = client.inspect("case.query(", 8, reply=True)["content"]["data"]["text/plain"]
        assert "Ask a question of the catalogue" in told
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
