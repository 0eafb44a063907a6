/*
question = "How long is each Region of an account usually without events, when was it longer, and did one identity make all events?"
misses   = "Gaps shorter than the threshold, and those of a Region that is too quiet for anything to be usual."
columns  = """
account_id region first_time last_time usual_hours known_time from_time until_time quiet_hours low high event_count
has_reads"""
[params]
known = { type = "INTEGER", default = 24, help = "hours with events or log files after which the usual rhythm of a Region is known" }
gap   = { type = "INTEGER", default = 6, help = "hours without events that are a gap, times the usual ones and one" }
[notes]
account_id  = "VARCHAR; NULL where the record does not name it"
region      = "VARCHAR; NULL in the row on the whole account"
first_time  = "TIMESTAMP WITH TIME ZONE; UTC; first event or log"
last_time   = "TIMESTAMP WITH TIME ZONE; UTC; last event or log"
usual_hours = "BIGINT; usual hours without events"
known_time  = "TIMESTAMP WITH TIME ZONE; UTC; when enough hours were recorded; NULL if never"
from_time   = "TIMESTAMP WITH TIME ZONE; UTC; start of a gap; NULL if there is none"
until_time  = "TIMESTAMP WITH TIME ZONE; UTC; end of the gap"
quiet_hours = "BIGINT; hours of the gap"
low         = "VARCHAR; of the whole account: the identity that sorts first"
high        = "VARCHAR; of the whole account: the identity that sorts last"
event_count = "HUGEINT; of the whole account"
has_reads   = "BOOLEAN; of the whole account: whether any event only reads"
*/
-- One pass over the events tells both when Regions had events and whether one identity made all of them.
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
                named.account_id AS account_id, named.region AS region,
                timezone('UTC', try_strptime(named.end_time, '%Y%m%dT%H%M%SZ')) AS end_time
            FROM (
                -- The name of the trail may hold anything.
                SELECT regexp_extract(
                    uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_.*_([0-9]{8}T[0-9]{6}Z)',
                    ['account_id', 'region', 'end_time']
                ) AS named
                FROM evidence
                WHERE status = 'digest' AND uri LIKE '%_CloudTrail-Digest_%'
            )
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
-- Of a hundred hours with events, 95 are followed by the next after no longer than the usual time. Where hours
-- are few, nothing is usual.
regions AS (
    SELECT
        account_id, region, min(first_time) AS first_time, max(last_time) AS last_time,
        quantile_disc(coalesce(quiet_hours, 0), 0.95::DOUBLE) AS usual_hours,
        min(first_time) FILTER (WHERE place = $known) AS known_time
    FROM ordered
    GROUP BY account_id, region
)
SELECT
    r.account_id, r.region, r.first_time, r.last_time, r.usual_hours, r.known_time,
    p.last_time AS from_time, p.next_time AS until_time, p.quiet_hours, NULL AS low, NULL AS high,
    NULL AS event_count, NULL AS has_reads
FROM regions AS r LEFT JOIN ordered AS p
    ON r.account_id = p.account_id AND r.region = p.region AND p.quiet_hours >= $gap * (1 + r.usual_hours)
UNION ALL
SELECT account_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, min(low), max(high),
    sum(event_count), bool_or(has_reads)
FROM heard
GROUP BY account_id
ORDER BY account_id NULLS LAST, region NULLS FIRST, from_time NULLS FIRST
