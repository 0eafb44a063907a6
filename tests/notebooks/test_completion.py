"""Names are completed in the cells of ``%%rootsql``, by IPython's own completer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def _offered(shell: Any, text: str) -> list[str]:
    """What is offered where ``|`` stands, as Jupyter's kernel asks for it."""
    from IPython.core.completer import provisionalcompleter

    place = text.index("|")
    with provisionalcompleter():
        return [one.text for one in shell.Completer.completions(text.replace("|", ""), place)]


@pytest.fixture
def ready(shell: Any, sample_path: Path) -> Any:
    """The shell, with a case in use."""
    shell.run_cell(f"%rootsql {sample_path}", store_history=False)
    return shell


@pytest.mark.heavy
def test_tables_and_views_after_from(ready: Any) -> None:
    offered = _offered(ready, "%%rootsql\nSELECT * FROM root_a|")
    assert offered == ["root_actions", "root_activity"]
    assert set(_offered(ready, "%%rootsql\nSELECT * FROM e|")) == {"events", "evidence", "evidence_gaps", "evidence_problems"}


def test_columns_of_the_tables_that_are_named(ready: Any) -> None:
    offered = _offered(ready, "%%rootsql\nSELECT eventN|, origin\nFROM root_events")
    assert offered == ["eventName"]
    assert "mfa_used" in _offered(ready, "%%rootsql\nSELECT mf|\nFROM root_signins")
    assert "mfa_used" not in _offered(ready, "%%rootsql\nSELECT mf|\nFROM root_events")
    assert _offered(ready, "%%rootsql\nSELECT e.eventN|\nFROM events AS e") == ["e.eventName"]


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
