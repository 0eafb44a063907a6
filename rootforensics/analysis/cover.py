"""What the logs of each account cover: the ground on which one says that something did not happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootforensics.analysis.scope import scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries.result import Asks


@dataclass(frozen=True, slots=True)
class Cover:
    """What the case holds of an account.

    Attributes:
        account: 12 digits.
        first_time: of its first event, UTC; None if there is none.
        last_time: of its last event, UTC; None if there is none.
        regions: Regions whose logs were read.
        holes: what may be missing within, in words; empty if nothing is known to be.
    """

    account: str
    first_time: datetime | None = None
    last_time: datetime | None = None
    regions: frozenset[str] = frozenset()
    holes: tuple[str, ...] = ()

    def lacks(self, since: datetime, until: datetime, regions: Iterable[str] = ()) -> str:
        """Why nothing can be said of what is not seen from one time to another; empty if it can.

        Args:
            since: the first moment, UTC.
            until: the last moment, UTC.
            regions: in whose logs it would stand.
        """
        missing = [region for region in regions if region not in self.regions]
        unseen = [f"there are no logs of {', '.join(missing)}"] if missing else []
        return "; ".join([*self.ends_short(since, until), *unseen, *self.holes])

    def ends_short(self, since: datetime, until: datetime) -> list[str]:
        """How far the logs are from covering the time; empty if they do."""
        if self.first_time is None or self.last_time is None:
            return [f"the case holds no event of account {self.account}"]
        short = []
        if self.first_time > since:
            short.append(f"its logs begin at {_said(self.first_time)}")
        if self.last_time < until:
            short.append(f"its logs end at {_said(self.last_time)}")
        return short


def covers(case: Asks) -> dict[str, Cover]:
    """What the case holds of each account that it has events or logs of."""
    taken = scope(case)
    times: dict[str, list[datetime]] = {}
    regions: dict[str, set[str]] = {}
    for row in case.query("coverage").rows:
        account = row["account_id"] or ""
        times.setdefault(account, []).extend(one for one in (row["first_time"], row["last_time"]) if one)
        regions.setdefault(account, set()).add(row["awsRegion"] or "")
    damaged: dict[str, int] = {}
    for row in case.statement(_LEDGER).rows:
        account = row["account_id"] or ""
        regions.setdefault(account, set()).update(row["regions"] or ())
        damaged[account] = row["damaged_count"]
    return {
        account: Cover(
            account,
            min(times.get(account, ()), default=None),
            max(times.get(account, ()), default=None),
            frozenset(found),
            (
                *_left_out(taken.filters_on(account) if account else taken.filters),
                *_damage(damaged.get(account, 0) + (damaged.get("", 0) if account else 0)),
            ),
        )
        for account, found in regions.items()
    }


_LEDGER = """
    SELECT
        account_id,
        array_agg(DISTINCT region ORDER BY region)
            FILTER (WHERE region IS NOT NULL AND status IN ('loaded', 'empty', 'duplicate', 'damaged')) AS regions,
        count(*) FILTER (WHERE status IN ('damaged', 'unreadable')) AS damaged_count
    FROM evidence
    GROUP BY account_id
"""


def _left_out(filters: tuple[str, ...]) -> tuple[str, ...]:
    return (f"filters left parts out ({' / '.join(filters)})",) if filters else ()


def _damage(count: int) -> list[str]:
    if not count:
        return []
    return ["1 object is damaged or unreadable" if count == 1 else f"{count:,} objects are damaged or unreadable"]


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
