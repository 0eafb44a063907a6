"""How a control was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["pass", "fail", "warn", "info", "not_applicable", "unknown"]


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and why; ``why`` is one or a few sentences."""

    answer: Answer
    why: str
