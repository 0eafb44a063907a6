"""Log files that digest files list and the case does not hold.

A digest lists each log that CloudTrail delivered in its hour. That one is missing its name alone shows; signatures and
hashes are not checked. Source: AWS CloudTrail User Guide, "CloudTrail digest file structure".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.sources.names import LOG_NAME

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: What leads up to root's first act counts: a recovery of the password, a change of the address.
BEFORE_FIRST_ACT: Final = timedelta(days=1)

#: Of each account whose logs bear CloudTrail's names, what is listed since the first one's day: a digest lists logs of
#: the hour before, which may lie in the folder of the day before. A copy may lie anywhere, and be inflated.
_MISSING: Final = """
    WITH held AS (
        SELECT DISTINCT account_id, delivery_time, regexp_extract(uri, $log, 0) AS log_name
        FROM evidence
        WHERE delivery_time IS NOT NULL
    ),
    listed AS (
        SELECT DISTINCT
            regexp_extract(file_name, $log, 1) AS account_id, regexp_extract(file_name, $log, 2) AS region,
            timezone('UTC', try_strptime(regexp_extract(file_name, $log, 3), '%Y%m%dT%H%MZ')) AS delivery_time,
            regexp_extract(file_name, $log, 0) AS log_name
        FROM (SELECT unnest(listed_logs) AS file_name FROM evidence)
        WHERE regexp_matches(file_name, $log)
    )
    SELECT
        l.account_id, l.region, count(*) AS log_count, min(l.delivery_time) AS first_time,
        max(l.delivery_time) AS delivery_time
    FROM listed AS l
    INNER JOIN (
        SELECT account_id, date_trunc('day', min(delivery_time)) AS begin_time FROM held GROUP BY account_id
    ) AS b
        ON l.account_id = b.account_id AND l.delivery_time >= b.begin_time
    WHERE l.log_name NOT IN (SELECT log_name FROM held)
    GROUP BY l.account_id, l.region, date_trunc('day', l.delivery_time)
    ORDER BY l.account_id, l.region, first_time
"""
#: Accounts of which digests list logs. Of a digest the ledger has no account and no Region; its name has.
_DIGESTED: Final = """
    SELECT DISTINCT
        regexp_extract(uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_', 1) AS account_id,
        regexp_extract(uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_', 2) AS region
    FROM evidence
    WHERE status = 'digest' AND uri LIKE '%_CloudTrail-Digest_%'
"""
#: Accounts of which digests list logs, and no log of the case bears such a name.
_UNNAMED: Final = """
    SELECT DISTINCT regexp_extract(file_name, $log, 1) AS account_id
    FROM (SELECT unnest(listed_logs) AS file_name FROM evidence)
    WHERE regexp_matches(file_name, $log) AND regexp_extract(file_name, $log, 1) NOT IN (
        SELECT account_id FROM evidence WHERE delivery_time IS NOT NULL
    )
"""


class Digests:
    """What the digest files of a case tell of its logs.

    Args:
        case: to ask.
    """

    def __init__(self, case: Asks) -> None:
        self._known = {(row["account_id"], row["region"]) for row in case.statement(_DIGESTED).rows if row["region"]}
        self._missing = case.statement(_MISSING, log=LOG_NAME.pattern).rows if self._known else []
        unnamed = case.statement(_UNNAMED, log=LOG_NAME.pattern).rows if self._known else []
        self._unnamed = {row["account_id"] for row in unnamed}

    def regions_of(self, account_id: str) -> frozenset[str]:
        """Regions of which an account's digests say that its trail records them; of all accounts if empty."""
        return frozenset(region for owner, region in self._known if account_id in ("", owner))

    def uncompared(self, account_id: str) -> bool:
        """Whether digests list logs of an account, or of any if empty, and none of its logs bears such a name."""
        return account_id in self._unnamed if account_id else bool(self._unnamed)

    def missing(self, account_id: str, first_act: datetime | None) -> tuple[Row, ...]:
        """The logs that digests list and the case does not hold, by Region and day.

        Args:
            account_id: 12 digits; empty for all accounts.
            first_act: of root's, UTC, or None; what was delivered more than a day before is left out.

        Returns:
            rows of ``region``, ``log_count``, ``first_time`` and ``delivery_time``, the last one's, UTC.
        """
        return tuple(
            row
            for row in self._missing
            if account_id in ("", row["account_id"])
            and (first_act is None or row["delivery_time"] > first_act - BEFORE_FIRST_ACT)
        )


def missing_told(rows: list[Row]) -> tuple[str, ...]:
    """What is missing, in words.

    Args:
        rows: as ``Digests.missing`` gives them.
    """
    if not rows:
        return ()
    count = sum(row["log_count"] for row in rows)
    regions = sorted({row["region"] for row in rows})
    first = f"{min(row['first_time'] for row in rows):%Y-%m-%d %H:%M}"
    last = f"{max(row['delivery_time'] for row in rows):%Y-%m-%d %H:%M}"
    what, that = ("log", "a digest file lists") if count == 1 else ("logs", "digest files list")
    when = first if first == last else f"{first} to {last}"
    return (f"{count:,} {what} of {', '.join(regions)} that {that} and the case does not hold (delivered {when})",)
