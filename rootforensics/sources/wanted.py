"""What of a source is worth listing, told by folder and by name alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.sources.names import LOG_NAME

if TYPE_CHECKING:
    from datetime import datetime

#: CloudTrail delivers after the event, as a rule within minutes; this many days after the last wanted one are listed
#: too. A folder's date is that of delivery, so nothing before the first wanted day can hold a wanted event.
LATE_DAYS: Final = 2

#: Events of global services (IAM, STS, sign-in) say one of these Regions, in whatever Region's folder a trail of a
#: single Region puts them.
_GLOBAL_REGIONS: Final = frozenset(("us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"))
#: How a folder of a year, of a month or of a day lies to the wanted days.
Span = Literal["outside", "part", "inside"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The part of a load's filters that folders and names can answer.

    Attributes:
        since: the first moment taken in, UTC.
        until: the first moment no longer taken in, UTC.
        accounts: 12 digits each; empty for all.
        regions: empty for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def first_day(self) -> str:
        """The first day to list, ``YYYY/MM/DD``; empty for no bound."""
        return f"{self.since:%Y/%m/%d}" if self.since else ""

    @property
    def last_day(self) -> str:
        """The last day to list, with the margin for late delivery; empty for no bound."""
        if not self.until:
            return ""
        return f"{self.until - timedelta(microseconds=1) + timedelta(days=LATE_DAYS):%Y/%m/%d}"

    def takes_account(self, account: str) -> bool:
        """True if an account's folder is to be listed."""
        return not self.accounts or account in self.accounts

    def takes_region(self, region: str) -> bool:
        """True if a Region's folder is to be listed: it may hold events of a wanted Region."""
        return not self.regions or region in self.regions or not _GLOBAL_REGIONS.isdisjoint(self.regions)

    def span_of(self, folder: str) -> Span:
        """How ``YYYY``, ``YYYY/MM`` or ``YYYY/MM/DD`` lies to the wanted days; "part" if its days must be looked at."""
        size = len(folder)
        first, last = self.first_day, self.last_day
        if (first and folder < first[:size]) or (last and folder > last[:size]):
            return "outside"
        starts_before = folder == first[:size] and first[size:] not in ("", "/01", "/01/01")
        ends_after = folder == last[:size] and last[size:] != ""
        return "part" if starts_before or ends_after else "inside"

    def takes_day(self, day: str) -> bool:
        """True if a day's folder (``YYYY/MM/DD``) is to be listed."""
        return (not self.first_day or day >= self.first_day) and (not self.last_day or day <= self.last_day)

    def takes_name(self, name: str) -> bool:
        """False if an object's name, as CloudTrail makes it, says that it lies outside; any other name is taken."""
        found = LOG_NAME.search(name)
        if not found:
            return True
        time = found["time"]
        day = f"{time[:4]}/{time[4:6]}/{time[6:8]}"
        return self.takes_account(found["account"]) and self.takes_region(found["region"]) and self.takes_day(day)
