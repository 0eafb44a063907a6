"""What the package gives to those who import it."""

from __future__ import annotations

import inspect
import re

import rootforensics as rf
from rootforensics.queries import rows


def test_what_a_case_returns_can_be_imported_from_the_package() -> None:
    methods = [one for name, one in inspect.getmembers(rf.Case, inspect.isfunction) if not name.startswith("_")]
    named = {word for one in methods for word in re.findall(r"\w+", inspect.signature(one).return_annotation)}
    own = {name for name in named if name[0].isupper()} - {"Any", "None", "Path", "Figure"}
    rows_of_questions = {name for name in own if hasattr(rows, name)}
    assert {"LoadResult", "Reconciliation"} <= own - rows_of_questions <= set(rf.__all__)
    assert all(getattr(rf, name).__name__ == name for name in own - rows_of_questions)
