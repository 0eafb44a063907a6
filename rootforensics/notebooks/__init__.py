"""What a notebook gets: the magic ``%%rootsql`` with completion, tables that sort, and the notebooks that are shipped.

What is named in ``__all__`` is what the shipped notebooks use beside ``Case``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rootforensics.notebooks.stand_in import StandIn, has_stand_in
    from rootforensics.notebooks.beginning import (
        answers_for,
        approvals_for,
        as_account,
        as_count,
        as_hours,
        as_path,
        compare_evidence,
        files_of,
        start,
    )

__all__ = [
    "StandIn",
    "answers_for",
    "approvals_for",
    "as_account",
    "as_count",
    "as_hours",
    "as_path",
    "compare_evidence",
    "files_of",
    "has_stand_in",
    "start",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute
    if name in __all__:
        home = "stand_in" if name in ("StandIn", "has_stand_in") else "beginning"
        return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
