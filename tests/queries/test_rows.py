"""The types of rows: what checkers of types are told of a question's rows is what they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args, get_origin, get_type_hints

import pytest
from mypy import api

import rootforensics as rf
from rootforensics.queries import rows
from rootforensics.queries.catalogue import Query, analysis_questions, questions
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = """
from rootforensics import Case

def right(case: Case) -> str:
    return case.query("root_signins").rows[0]["signin_kind"]

def misspelt(case: Case) -> object:
    return case.query("root_signins").rows[0]["signin_knd"]

def of_another_question(case: Case) -> object:
    return [row["signin_kind"] for row in case.query("root_sessions").rows]

def of_another_type(case: Case) -> int:
    return case.query("root_signins").rows[0]["signin_kind"]

def of_any_name(case: Case, name: str) -> object:
    return case.query(name).rows[0]["signin_knd"]
"""


@pytest.mark.heavy
def test_a_column_that_a_question_does_not_have_is_an_error_of_types(tmp_path: Path) -> None:
    source = tmp_path / "asking.py"
    source.write_text(_TEXT, encoding="utf-8")
    # With the options and the cache of the checks, which have just read the package.
    told, wrong, _ = api.run(
        [f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={ROOT / '.mypy_cache'}", str(source)]
    )
    assert not wrong
    found = re.findall(r"asking\.py:(\d+): error: .*\[(.*)\]", told)
    lines = _TEXT.split("\n")
    begins = [max(place for place in range(int(line)) if lines[place].startswith("def ")) for line, _ in found]
    assert [(lines[place].split("(")[0], code) for place, (_, code) in zip(begins, found, strict=True)] == [
        ("def misspelt", "typeddict-item"),
        ("def of_another_question", "typeddict-item"),
        ("def of_another_type", "return-value"),
    ]


@pytest.mark.parametrize("query", [*questions().values(), *analysis_questions().values()], ids=lambda query: query.name)
def test_the_values_are_of_the_types_that_are_told(query: Query, sample_case: rf.Case) -> None:
    told = get_type_hints(getattr(rows, f"{query.name.title().replace('_', '')}"))
    kinds = {name: get_origin(one := get_args(kind)[0]) or one for name, kind in told.items()}
    assert list(kinds) == [column.name for column in query.columns]
    for row in sample_case.query(query.name).rows:
        odd = {name: row[name] for name, kind in kinds.items() if type(row[name]) not in (kind, type(None))}
        assert not odd
