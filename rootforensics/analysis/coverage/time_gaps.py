"""Whose events the case holds of an account, and how quiet its Regions usually are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rootforensics.queries.asking import Asks

#: Of so many events of any account some only read.
_MANY: Final = 20


class Presence:
    """Of whom the case holds something, and how long the pauses of an account and Region usually are.

    Attributes:
        lone: accounts all of whose events are one identity's, by it: a trail has those of AWS's services, too.
        without_reads: accounts of which the case holds no read among many events: a download may leave them out.
        usual_hours: of an account and Region, where enough is known of it.
    """

    def __init__(self, case: Asks) -> None:
        accounts = case.query("account_actors").rows
        self.lone: dict[str | None, str] = {
            row["account_id"]: row["low"] for row in accounts if row["low"] and row["low"] == row["high"]
        }
        self.without_reads = {
            row["account_id"] for row in accounts if row["event_count"] >= _MANY and not row["has_reads"]
        }
        self.usual_hours = {
            (row["account_id"], row["region"]): row["usual_hours"] for row in case.query("region_silences").rows
        }
