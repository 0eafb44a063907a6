"""What the package gives to those who import it."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import TYPE_CHECKING, get_overloads

import rootforensics as rf
from rootforensics.queries import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Types of what a case takes and gives that are others' or no classes.
OTHERS = {
    *(
        "Any",
        "AbstractContextManager",
        "Callable",
        "Figure",
        "Iterable",
        "Literal",
        "Mapping",
        "None",
        "Path",
        "PathLike",
    ),
    *("Form", "Granted", "Loading", "Mark", "Only", "Paper", "Problems", "Progress", "Overloads", "False", "True"),
}


def _named(annotations: Iterable[str]) -> set[str]:
    found = {word for annotation in annotations for word in re.findall(r"\w+", str(annotation)) if word[0].isupper()}
    return {name for name in found if not hasattr(rows, name)} - OTHERS


def _methods() -> list[inspect.Signature]:
    named = [one for name, one in inspect.getmembers(rf.Case, inspect.isfunction) if not name.startswith("_")]
    return [inspect.signature(form) for one in named for form in (one, *get_overloads(one))]


def test_what_a_case_returns_can_be_imported_from_the_package() -> None:
    own = _named(method.return_annotation for method in _methods())
    assert {"LoadResult", "Reconciliation", "InteractiveChart"} <= own <= set(rf.__all__)
    assert all(getattr(rf, name).__name__ == name for name in own)


def test_what_a_case_takes_can_be_imported_from_the_package() -> None:
    own = _named(
        parameter.annotation
        for form in _methods()
        for parameter in form.parameters.values()
        if parameter.name != "self"
    )
    assert {"Filters", "S3Options"} <= own <= set(rf.__all__)


def test_what_a_verdict_holds_can_be_imported_from_the_package() -> None:
    own = _named(field.type for field in dataclasses.fields(rf.AccountVerdict))
    assert own == {"Answer", "Step"}
    assert own <= set(rf.__all__)
