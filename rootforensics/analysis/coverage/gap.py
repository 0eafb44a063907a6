"""Something that the logs may not show, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the logs may not show.

    Attributes:
        text: what is missing, in words.
        from_time: since when, UTC; None if that is not known.
        until_time: until when, UTC; None if it does not end, or that is not known.
        but: Regions in which it is not missing.
        reads_only: only reads are.
    """

    text: str
    from_time: datetime | None = None
    until_time: datetime | None = None
    but: frozenset[str] = frozenset()
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A time that is asked about.

    Attributes:
        since: its first moment, UTC; None for all time before.
        until: its last moment, UTC; None for all time after.
    """

    since: datetime | None = None
    until: datetime | None = None

    def meets(self, from_time: datetime | None, until_time: datetime | None) -> bool:
        """Whether another time lies in it in part; what has no begin or no end is taken for open there."""
        begins = from_time is None or self.until is None or from_time <= self.until
        ends = until_time is None or self.since is None or until_time >= self.since
        return begins and ends


ALWAYS = Span()
