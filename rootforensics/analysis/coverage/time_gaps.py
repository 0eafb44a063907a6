"""Times of which the logs of a Region are missing: pauses that are far longer than the Region's usual ones.

A quiet Region leaves no log, and one that was left out leaves none either. A Region that has events in nearly every
hour does not fall quiet for a day by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.queries.result import Asks, Row

#: What leads up to root's first act counts: a recovery of the password, a change of the address.
BEFORE_FIRST_ACT: Final = timedelta(days=1)
#: A Region is known once it had events or log files in so many hours.
KNOWN_HOURS: Final = 24
#: A pause is a hole if it has so many hours, and so many for each hour of the Region's usual pause and one.
HOLE_HOURS: Final = 6
#: The usual pause: of a hundred hours with events, this many are followed by the next after no longer one.
_USUAL: Final = 0.95
#: Of so many events of any account some only read.
_MANY: Final = 20
#: The Region that is not quiet beside others that are busy: IAM and other global services are recorded there.
_NEVER_QUIET: Final = "us-east-1"

#: Account, Region and end of a digest's hour; the name of the trail between them may hold anything.
_DIGEST_NAME: Final = "([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_.*_([0-9]{8}T[0-9]{6}Z)"
#: One pass over the events tells both when Regions were heard of and whether one identity made all events.
_HOURLY: Final = """
    WITH heard AS MATERIALIZED (
        SELECT
            account_id, region, hour_count, min(actor) AS low, max(actor) AS high, min(eventTime) AS first_time,
            max(eventTime) AS last_time, count(*) AS event_count, coalesce(bool_or(NOT is_write), false) AS has_reads
        FROM (
            SELECT
                coalesce(recipientAccountId, userIdentity.accountId) AS account_id, awsRegion AS region, eventTime,
                is_write,
                CAST(floor(epoch(eventTime) / 3600) AS BIGINT) AS hour_count,
                coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '') AS actor
            FROM api_calls
        )
        GROUP BY account_id, region, hour_count
    ),
    hours AS (
        SELECT account_id, region, hour_count, min(first_time) AS first_time, max(last_time) AS last_time
        FROM (
            SELECT account_id, region, hour_count, first_time, last_time FROM heard WHERE hour_count IS NOT NULL
            UNION ALL
            -- A log without events shows that the Region was quiet; one that is broken is told elsewhere.
            SELECT
                account_id, region, CAST(floor(epoch(delivery_time) / 3600) AS BIGINT) AS hour_count,
                delivery_time AS first_time, delivery_time AS last_time
            FROM evidence
            WHERE delivery_time IS NOT NULL AND NOT regexp_matches(uri, '_CloudTrail-(Insight|Aggregated)_')
            UNION ALL
            -- So does a digest, which comes for a quiet hour, too; what it lists and is not there is told elsewhere.
            SELECT
                account_id, region, CAST(floor(epoch(end_time) / 3600) AS BIGINT) AS hour_count,
                end_time AS first_time, end_time AS last_time
            FROM (
                SELECT
                    regexp_extract(uri, $digest, 1) AS account_id, regexp_extract(uri, $digest, 2) AS region,
                    timezone('UTC', try_strptime(regexp_extract(uri, $digest, 3), '%Y%m%dT%H%M%SZ')) AS end_time
                FROM evidence
                WHERE status = 'digest' AND uri LIKE '%_CloudTrail-Digest_%'
            )
            WHERE end_time IS NOT NULL
        )
        WHERE account_id IS NOT NULL AND region IS NOT NULL
        GROUP BY account_id, region, hour_count
    ),
    ordered AS (
        SELECT
            account_id, region, hour_count, first_time, last_time,
            lead(first_time) OVER own AS next_time,
            lead(hour_count) OVER own - hour_count - 1 AS quiet_hours,
            row_number() OVER own AS place
        FROM hours
        WINDOW own AS (PARTITION BY account_id, region ORDER BY hour_count)
    ),
    -- Where hours are few, nothing is usual.
    regions AS (
        SELECT
            account_id, region, min(first_time) AS first_time, max(last_time) AS last_time,
            quantile_disc(coalesce(quiet_hours, 0), $usual) AS usual_hours,
            min(first_time) FILTER (WHERE place = $known) AS known_time
        FROM ordered
        GROUP BY account_id, region
    )
    SELECT
        r.account_id, r.region, r.first_time, r.last_time, r.usual_hours, r.known_time,
        p.last_time AS from_time, p.next_time AS until_time, p.quiet_hours, NULL AS low, NULL AS high,
        NULL AS event_count, NULL AS has_reads
    FROM regions AS r LEFT JOIN ordered AS p
        ON r.account_id = p.account_id AND r.region = p.region AND p.quiet_hours >= $hole * (1 + r.usual_hours)
    UNION ALL
    SELECT account_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, min(low), max(high),
        sum(event_count), bool_or(has_reads)
    FROM heard
    GROUP BY account_id
    ORDER BY account_id NULLS LAST, region NULLS FIRST, from_time NULLS FIRST
"""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the case holds nothing of a Region that is never so quiet otherwise.

    Attributes:
        account_id: 12 digits.
        region: whose logs are missing.
        from_time: of its last event or log before, UTC; the account's first one if there is none.
        until_time: of its next event or log, UTC; the account's last one if there is none.
        known_time: by when the case held enough of the Region to know what is usual there, UTC.
    """

    account_id: str
    region: str
    from_time: datetime
    until_time: datetime
    known_time: datetime

    def told(self, *, named: bool) -> str:
        """What is missing, in words."""
        whose = f" of account {self.account_id}" if named else ""
        span = f"between {self.from_time:%Y-%m-%d %H:%M} and {self.until_time:%Y-%m-%d %H:%M}"
        return f"logs of {self.region}{whose} {span}: the case holds none, and such a pause is unusual there"

    @property
    def row(self) -> Row:
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


class Heard:
    """When the case holds something of which account and Region, and of whom.

    Args:
        case: to ask.
    """

    def __init__(self, case: Asks) -> None:
        rows = case.statement(_HOURLY, usual=_USUAL, known=KNOWN_HOURS, hole=HOLE_HOURS, digest=_DIGEST_NAME).rows
        #: Accounts all of whose events are one identity's: a trail holds those of others, of AWS's services at least.
        self.lone: dict[str | None, str] = {
            row["account_id"]: row["low"] for row in rows if row["low"] and row["low"] == row["high"]
        }
        #: Accounts of which the case holds no read among many events: a download may leave them out.
        self.without_reads = {
            row["account_id"] for row in rows if (row["event_count"] or 0) >= _MANY and not row["has_reads"]
        }
        regions: dict[str, list[Row]] = {}
        for row in rows:
            if row["region"] is not None:
                regions.setdefault(row["account_id"], []).append(row)
        #: How long the pauses of an account and Region usually are, where that is known.
        self.usual_hours = {(row["account_id"], row["region"]): row["usual_hours"] for row in rows if row["known_time"]}
        self._pauses = {account: [*_pauses(of_account)] for account, of_account in regions.items()}

    def pauses(self, account_id: str, first_act: datetime | None) -> tuple[Pause, ...]:
        """What is missing of an account.

        Args:
            account_id: 12 digits; empty for all accounts.
            first_act: of root's, UTC; None if there is none.
        """
        known: Iterable[list[Pause]] = [self._pauses.get(account_id, [])] if account_id else self._pauses.values()
        return tuple(pause for pauses in known for pause in pauses if pause.concerns(first_act))


def _pauses(rows: list[Row]) -> Iterator[Pause]:
    """The holes of one account, Region by Region: pauses within, and what is missing at its ends."""
    first, last = min(row["first_time"] for row in rows), max(row["last_time"] for row in rows)
    ends: dict[str, Row] = {}
    for row in rows:
        ends[row["region"]] = row
        if row["from_time"] and _is_hole(row, row["from_time"], row["until_time"]):
            yield _pause(row, row["from_time"], row["until_time"])
    for region, row in ends.items():
        if region == _NEVER_QUIET and _is_hole(row, first, row["first_time"]):
            yield _pause(row, first, row["first_time"])
        if _is_hole(row, row["last_time"], last):
            yield _pause(row, row["last_time"], last)


def _pause(row: Row, since: datetime, until: datetime) -> Pause:
    return Pause(row["account_id"], row["region"], since, until, row["known_time"])


def _is_hole(row: Row, since: datetime, until: datetime) -> bool:
    """Whether a pause is longer than any that is usual in its Region."""
    if row["known_time"] is None or until - since <= timedelta(hours=HOLE_HOURS * (1 + row["usual_hours"])):
        return False
    if row["region"] == _NEVER_QUIET:
        return True
    return row["known_time"] <= since and not _is_weekend(since, until)


def _is_weekend(since: datetime, until: datetime) -> bool:
    """True if a pause lies between a Friday's noon and the next Monday's, UTC: many Regions work on weekdays only."""
    friday = since - timedelta(days=(since.weekday() - 4) % 7)
    noon = friday.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon <= since and until <= noon + timedelta(days=3)
