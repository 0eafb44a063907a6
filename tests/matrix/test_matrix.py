"""One story in every shape that the loader reads, with and without each field of who acted: everything is shown.

Nothing ends in a traceback, no column is NULL that is said to be never NULL, and no answer is a no where the whole
records say yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import matplotlib.pyplot as plt
import pytest

import rootforensics as rf
from rootforensics.analysis.response.contained import contained
from rootforensics.queries import rows as typed
from rootforensics.telling.hypotheses import hypotheses
from tests.analysis.verdict.test_lacking import worse
from tests.builders import ACCOUNT
from tests.matrix.shapes import IDENTITY, SHAPES, variants
from tests.matrix.shown import SINCE, pages_of, questions_of
from tests.matrix.story import story
from tests.queries.test_rows import columns_never_null

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.analysis import Analysis

#: The cases that CI runs each time; of the others it draws some.
QUICK: Final = (
    ("event history CSV, new", ""),
    ("Lake results", "accountId"),
    ("OCSF", "arn"),
    ("thin", "accessKeyId"),
    ("bare", ""),
)
VARIANTS: Final = variants(story())
#: Shapes whose events are those of the trail file, with every field and without each: they are shown once.
ENVELOPES: Final = ("EventBridge", "CloudWatch Logs")
CASES: Final = [
    *QUICK, *(variant for variant in VARIANTS if variant not in QUICK and not (variant[0] in ENVELOPES and variant[1]))
]  # fmt: skip


@dataclass
class Shape:
    """A case of the story in one shape."""

    case: rf.Case
    analysis: Analysis
    folder: Path


def _loaded(text: bytes) -> Iterator[Shape]:
    with TemporaryDirectory() as folder, rf.open_case(Path(folder, "case.duckdb")) as case:
        Path(folder, "log").write_bytes(text)
        case.load(Path(folder, "log"))
        case.note("2026-08-05T12:00:00Z", "a note")
        yield Shape(case, case.analysis(), Path(folder))


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """What the trail file says."""
    (answers,) = (_answers(one) for one in _loaded(VARIANTS["trail file", ""]))
    return answers


def _answers(shape: Shape) -> dict[str, Any]:
    """The verdict on the account and on each that has one, containment of each thing, and each hypothesis."""
    analysis = shape.analysis
    verdicts = [analysis.verdict_of(ACCOUNT), *analysis.verdicts]
    held = contained(analysis, SINCE)
    return {
        "verdicts": [{answer.name: answer.answer for answer in own.answers} for own in verdicts],
        "contained": {(row["entity_kind"], row["entity_name"]): row["answer"] for row in held.rows},
        "containment": held.answer,
        "hypotheses": {(row["hypothesis"], row["standing"]) for row in hypotheses(analysis).result().rows},
    }


@pytest.mark.heavy
@pytest.mark.quick(len(QUICK))
@pytest.mark.parametrize("case", CASES, ids=lambda one: f"{one[0]} without {one[1] or 'nothing'}")
def test_everything_is_answered_and_shown(
    case: tuple[str, str], whole: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for shape in _loaded(VARIANTS[case]):
        with subtests.test("no column is empty that is never NULL"):
            wrong = {}
            for name, ask in questions_of(shape.case, shape.analysis).items():
                never_null = columns_never_null(getattr(typed, name.title().replace("_", "")))
                for row in ask():
                    if empty := {column for column in never_null if row[column] is None}:
                        wrong[name] = empty
            assert wrong == {}
        for name, show in pages_of(shape.case, shape.analysis, shape.folder).items():
            with subtests.test(name):
                show()
        plt.close("all")
        with subtests.test("no answer is a no where the whole records say yes"):
            (told, *_), answers = whole["verdicts"], _answers(shape)
            assert [worse(told, own) for own in answers["verdicts"]] == [[] for _ in answers["verdicts"]]
            held = {thing for thing, answer in answers["contained"].items() if answer == "closed"}
            assert held <= {thing for thing, answer in whole["contained"].items() if answer == "closed"}
            assert (whole["containment"], answers["containment"]) != ("used", "closed")
            against = {name for name, standing in answers["hypotheses"] if standing == "against"}
            assert against <= {name for name, standing in whole["hypotheses"] if standing == "against"}


@pytest.mark.quick(2)
@pytest.mark.parametrize("field", ["", *IDENTITY])
def test_an_envelope_changes_no_event(field: str) -> None:
    events = {}
    for name in ("trail file", *ENVELOPES):
        for shape in _loaded(VARIANTS[name, field]):
            events[name] = shape.case.sql("SELECT * EXCLUDE (evidence_id, record_index) FROM events ORDER BY ALL").rows
    assert events["trail file"]
    assert [name for name in ENVELOPES if events[name] != events["trail file"]] == []


@pytest.mark.heavy
def test_the_whole_records_say_yes_to_most(whole: dict[str, Any]) -> None:
    """Else nothing could become a no."""
    (told, *_) = whole["verdicts"]
    assert [name for name, answer in told.items() if answer != "yes"] == ["used_without_approval"]
    assert whole["containment"] == "used"


def test_every_shape_is_there_with_and_without_each_field() -> None:
    """A shape without a place for a field is one file with it and without it."""
    assert {shape for shape, _ in VARIANTS} == set(SHAPES)
    assert {field for shape, field in VARIANTS if shape == "trail file"} == {"", *IDENTITY}
    assert set(QUICK) <= set(VARIANTS)
