"""The result of a control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["pass", "fail", "warn", "info", "not_applicable", "unknown"]


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with its reason.

    Attributes:
        why: one or a few sentences.
        missing: what is missing although the answer is not unknown.
        unread: whether it is unknown because something was not read, so that an earlier answer may still count.
    """

    answer: Answer
    why: str
    missing: tuple[str, ...] = ()
    unread: bool = False
