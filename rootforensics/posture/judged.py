"""How a control was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["pass", "fail", "warn", "info", "not_applicable", "unknown"]


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and why.

    Attributes:
        why: one or a few sentences.
        missing: what would tell more of an answer that is not unknown.
        unread: whether it is unknown because something was not read, so that an answer before it may tell more.
    """

    answer: Answer
    why: str
    missing: tuple[str, ...] = ()
    unread: bool = False
