"""The settings of a replayed alarm: its filter, its period, and which events reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.errors import FilterError
from rootforensics.rules.patterns.parse import CIS_ROOT, parse

if TYPE_CHECKING:
    from rootforensics.rules.patterns.tree import Pattern

Scope = Literal["account", "region", "organization"]
Originals = Literal["files", "all", "none"]

#: A metric filter reports once a minute, so an alarm on it counts whole minutes; a day is the longest period.
MINUTE: Final = 60
DAY: Final = 86_400
_MAX_DELAY: Final = 7 * DAY


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """An alarm and what feeds it.

    Attributes:
        pattern: of the metric filter.
        period_seconds: of the alarm; it is evaluated at the end of each.
        delay_seconds: from an event to its arrival in CloudWatch Logs.
        threshold: the alarm's; it fires at so many matches in a period, or more.
        scope: what shares one log group, filter and alarm: all Regions of an ``account`` (a multi-Region trail, as CIS
            asks for), one ``region`` of an account, or all accounts of an ``organization``.
        regions: whose events reach a filter; all if empty.
        accounts: whose events reach a filter; all if empty.
        originals: where records may be read again to distinguish null from absent: ``files`` of this
            machine, ``all`` (S3 too), ``none``.

    Raises:
        FilterError: the period is no multiple of a minute up to a day, or delay or threshold is out of range.
    """

    pattern: Pattern = field(default_factory=lambda: parse(CIS_ROOT))
    period_seconds: int = MINUTE
    delay_seconds: int = 5 * MINUTE
    threshold: int = 1
    scope: Scope = "account"
    regions: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    originals: Originals = "files"

    def __post_init__(self) -> None:
        if self.period_seconds % MINUTE or not MINUTE <= self.period_seconds <= DAY:
            raise FilterError(
                f"a period of {self.period_seconds} seconds is not valid",
                where="period",
                hint="A metric filter counts by the minute: use a multiple of 60, up to 86400",
            )
        if not 0 <= self.delay_seconds <= _MAX_DELAY:
            raise FilterError("a delay is between 0 seconds and 7 days", where="delay")
        if self.threshold < 1:
            raise FilterError("a threshold is 1 or more", where="threshold")
