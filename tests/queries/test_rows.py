"""The types of rows: what checkers of types are told of a question's rows is what they hold."""

from __future__ import annotations

import re
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

import pytest
from mypy import api
from typing_extensions import get_type_hints

from rootforensics.errors import QueryError
from rootforensics.queries import rows
from rootforensics.queries.catalogue import Query, analysis_questions, parse, questions
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.queries.result import Result

_TEXT = """
from rootforensics import Case

def right(case: Case) -> str:
    return case.query("root_signins").rows[0]["signin_kind"]

def of_what_may_be_null(case: Case) -> str:
    return case.query("root_signins").rows[0]["eventName"]

def misspelt(case: Case) -> object:
    return case.query("root_signins").rows[0]["signin_knd"]

def of_another_question(case: Case) -> object:
    return [row["signin_kind"] for row in case.query("root_sessions").rows]

def of_another_type(case: Case) -> int:
    return case.query("root_signins").rows[0]["signin_kind"]

def of_any_name(case: Case, name: str) -> object:
    return case.query(name).rows[0]["signin_knd"]
"""


#: Faults in what gathers the rows under the verdicts, by the error of types that each is: what stands there, and
#: what is written in its place.
_FAULTS = [
    (
        "verdict/evidence_by_account",
        'row["origin_group"] == "activity"',
        'row["origin_grp"] == "activity"',
        "typeddict-item",
    ),
    ("verdict/evidence_by_account", 'ordered if row["means"]', 'ordered if row["mean"]', "typeddict-item"),
    ("verdict/evidence_by_account", '"root_sessions"', '"root_signins"', "arg-type"),
    (
        "verdict/evidence_by_account",
        "rows.sign_ins.of(account),\n        s",
        "rows.timeline.of(account),\n        s",
        "arg-type",
    ),
    (
        "verdict/evidence_by_account",
        "rows.perhaps.of(account), *rows.beside",
        "rows.perhps.of(account), *rows.beside",
        "attr-defined",
    ),
    ("lineage/service_activity", 'row["certainty"]', 'row["certainy"]', "typeddict-item"),
]


def errors_of_types(*sources: Path) -> list[tuple[str, int, str]]:
    """The file, the line and the code of each error, with the options and the cache of the checks."""
    told, wrong, _ = api.run(
        [f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={ROOT / '.mypy_cache'}", *map(str, sources)]
    )
    assert not wrong
    return [(name, int(line), code) for name, line, code in re.findall(r"(\w+)\.py:(\d+): error: .*\[(.*)\]", told)]


@pytest.mark.deep
def test_a_column_that_a_question_does_not_have_is_an_error_of_types(tmp_path: Path) -> None:
    source = tmp_path / "asking.py"
    source.write_text(_TEXT, encoding="utf-8")
    found = errors_of_types(source)
    lines = _TEXT.split("\n")
    begins = [max(place for place in range(line) if lines[place].startswith("def ")) for _, line, _ in found]
    assert [(lines[place].split("(")[0], code) for place, (_, _, code) in zip(begins, found, strict=True)] == [
        ("def of_what_may_be_null", "return-value"),
        ("def misspelt", "typeddict-item"),
        ("def of_another_question", "typeddict-item"),
        ("def of_another_type", "return-value"),
    ]


@pytest.mark.heavy
def test_so_it_is_under_the_verdicts(tmp_path: Path) -> None:
    sources = [tmp_path / f"fault_{number}.py" for number in range(len(_FAULTS))]
    for source, (module, told, fault, _) in zip(sources, _FAULTS, strict=True):
        text = (ROOT / f"rootforensics/analysis/{module}.py").read_text(encoding="utf-8")
        assert text.count(told) == 1, told
        source.write_text(text.replace(told, fault), encoding="utf-8")
    found = {(name, code) for name, _, code in errors_of_types(*sources)}
    assert found == {(source.stem, code) for source, (*_, code) in zip(sources, _FAULTS, strict=True)}


@pytest.mark.parametrize("query", [*questions().values(), *analysis_questions().values()], ids=lambda query: query.name)
def test_the_values_are_of_the_types_that_are_told(query: Query, sample_answer: Callable[[str], Result]) -> None:
    told = get_type_hints(getattr(rows, f"{query.name.title().replace('_', '')}"))
    kinds = {
        name: [get_origin(alternative) or alternative for alternative in _alternatives(kind)]
        for name, kind in told.items()
    }
    assert list(kinds) == [column.name for column in query.columns]
    for row in sample_answer(query.name).rows:
        assert not {name: row[name] for name, kind in kinds.items() if type(row[name]) not in kind}


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """The types of which a value may be: one that may be NULL has two."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def columns_never_null(row: type) -> set[str]:
    """The columns of a type for rows that are never NULL."""
    return {name for name, kind in get_type_hints(row).items() if type(None) not in _alternatives(kind)}


def test_headers_say_which_columns_are_never_null() -> None:
    assert columns_never_null(rows.RootSessions) >= {"session_id", "session_kind", "event_count", "first_citation"}
    assert columns_never_null(rows.RootSessions).isdisjoint({"account_id", "first_time", "actor", "source_ips"})
    header = '/*\nquestion = "x?"\nmisses = "m"\ncolumns = "eventID"\nnever_null = "{}"\n*/\nSELECT 1 AS eventID'
    one = parse("x", header.format("eventID"), ("question",))
    assert [column.never_null for column in one.columns] == [True]
    with pytest.raises(QueryError, match="what is no column that it is never NULL: eventName"):
        parse("x", header.format("eventName"), ("question",))
