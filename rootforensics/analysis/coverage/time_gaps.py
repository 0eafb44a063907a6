"""Times of which the logs of a Region are missing: pauses that are far longer than the Region's usual ones.

A quiet Region leaves no log, and one that was left out leaves none either. A Region that has events in nearly every
hour does not fall quiet for a day by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.phrases import at, plural

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: What leads up to root's first act counts: a recovery of the password, a change of the address.
BEFORE_FIRST_ACT: Final = timedelta(days=1)
#: Of so many events of any account some only read.
_MANY: Final = 20
#: The Region that is not quiet beside others that are busy: IAM and other global services are recorded there.
_NEVER_QUIET: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the case holds nothing of a Region that is never so quiet otherwise.

    Attributes:
        account_id: 12 digits.
        region: whose logs are missing.
        from_time: of its last event or log before, UTC; the account's first one if there is none.
        until_time: of its next event or log, UTC; the account's last one if there is none.
        known_time: by when the case held enough of the Region to know what is usual there, UTC.
        usual_hours: how long its pauses usually are.
    """

    account_id: str
    region: str
    from_time: datetime
    until_time: datetime
    known_time: datetime
    usual_hours: int

    @property
    def numbers(self) -> str:
        """How long the pause is, and how long pauses of this Region usually are, in words."""
        hours = (self.until_time - self.from_time) // timedelta(hours=1)
        usual = f"pauses there are of {plural(self.usual_hours, 'hour')} at the most, 95 of 100 of them"
        return (
            f"{self.region} of account {self.account_id}: nothing for {plural(hours, 'hour')}, from"
            f" {at(self.from_time)} to {at(self.until_time)};"
            f" {usual if self.usual_hours else 'usually there is something in every hour'}"
        )

    def text(self, *, named: bool) -> str:
        """What is missing, in words."""
        whose = f" of account {self.account_id}" if named else ""
        span = f"between {self.from_time:%Y-%m-%d %H:%M} and {self.until_time:%Y-%m-%d %H:%M}"
        return f"logs of {self.region}{whose} {span}: the case holds none, and such a pause is unusual there"

    @property
    def row(self) -> of.Within:
        """The same as a row."""
        return {"region": self.region, "from_time": self.from_time, "until_time": self.until_time}

    def concerns(self, first_act: datetime | None) -> bool:
        """Whether it lies in the time that an answer needs: from the day before root's first act on, else all of it.

        What root started in a Region that was idle before stops again, too: only a Region that was busy before root's
        first act is known to be.
        """
        if first_act is None:
            return True
        known = self.region == _NEVER_QUIET or self.known_time <= first_act
        return known and self.until_time > first_act - BEFORE_FIRST_ACT


class Presence:
    """When the case holds something of which account and Region, and of whom."""

    def __init__(self, case: Asks) -> None:
        accounts, regions = case.query("account_actors").rows, case.query("region_silences").rows
        #: Accounts all of whose events are one identity's: a trail holds those of others, of AWS's services at least.
        self.lone: dict[str | None, str] = {
            row["account_id"]: row["low"] for row in accounts if row["low"] and row["low"] == row["high"]
        }
        #: Accounts of which the case holds no read among many events: a download may leave them out.
        self.without_reads = {
            row["account_id"] for row in accounts if row["event_count"] >= _MANY and not row["has_reads"]
        }
        #: How long the pauses of an account and Region usually are, where that is known.
        self.usual_hours = {(row["account_id"], row["region"]): row["usual_hours"] for row in regions}
        self._pauses = [
            Pause(
                row["account_id"],
                row["region"],
                row["from_time"],
                row["until_time"],
                row["known_time"],
                row["usual_hours"],
            )
            for row in regions
            if row["from_time"]
        ]

    def pauses(self, account_id: str, first_act: datetime | None) -> tuple[Pause, ...]:
        """What is missing of an account.

        Args:
            account_id: 12 digits; empty for all accounts.
            first_act: of root's, UTC; None if there is none.
        """
        known = (pause for pause in self._pauses if account_id in ("", pause.account_id))
        return tuple(pause for pause in known if pause.concerns(first_act))
