/*
question = "Of which hours of a time may the case lack something of an account and Region?"
misses   = "What no trail records. Regions that are off unless an account switches them on, if the case holds nothing of them and no call that switched them on: a key may be used there."
uses     = ["api_calls", "aws_regions", "coverage_spans", "evidence_gaps", "proven_hours"]
columns  = "account_id region from_time until_time"
never_null = "region from_time until_time"
[params]
since = { type = "VARCHAR", default = "", help = "the first moment, ISO 8601" }
until = { type = "VARCHAR", default = "", help = "the first moment after it; no hour if empty" }
but   = { type = "VARCHAR", default = "", help = "proofs that do not count: digests; empty for none" }
[notes]
account_id = "VARCHAR"
region     = "VARCHAR; in words where the record of its switching on does not name it"
from_time  = "TIMESTAMP WITH TIME ZONE; UTC; whole hours"
until_time = "TIMESTAMP WITH TIME ZONE; UTC; it does not belong to them"
*/
WITH asked AS (
    SELECT
        date_trunc('hour', coalesce(nullif($since, '')::TIMESTAMPTZ, TIMESTAMPTZ '1970-01-01 00:00:00+00')) AS begin_time,
        nullif($until, '')::TIMESTAMPTZ AS end_time
),
-- Worked out once: two parts read it.
spans AS MATERIALIZED (
    SELECT * FROM coverage_spans
),
known AS (
    SELECT account_id, region FROM spans
    UNION
    SELECT
        coalesce(requestParameters->>'$.accountId', requestParameters->>'$.AccountId', recipientAccountId, userIdentity.accountId),
        'one that was switched on, and no record tells which'
    FROM api_calls
    WHERE service = 'account.amazonaws.com' AND action = 'EnableRegion' AND outcome IS DISTINCT FROM 'failure'
        AND coalesce(requestParameters->>'$.regionName', requestParameters->>'$.RegionName', '') = ''
),
-- These Regions are on in every account of their partition, and nobody can switch them off.
places AS (
    SELECT account_id, region FROM known
    UNION
    SELECT k.account_id, r.region
    FROM (
        SELECT k.account_id, coalesce(p.prefix, '') AS prefix
        FROM known AS k LEFT JOIN (SELECT DISTINCT prefix FROM aws_regions WHERE prefix <> '') AS p ON starts_with(k.region, p.prefix)
        -- What no record names is a Region of any partition.
        WHERE k.region NOT LIKE '% %'
    ) AS k INNER JOIN aws_regions AS r ON k.prefix = r.prefix
),
-- What a log lacks that digests list, the event history may have.
whole AS (
    SELECT account_id, region, hour_time FROM proven_hours WHERE proven_by = 'history'
    UNION
    SELECT p.account_id, p.region, p.hour_time
    FROM proven_hours AS p INNER JOIN spans AS s ON p.account_id = s.account_id AND p.region = s.region
        AND p.hour_time >= s.from_time AND p.hour_time < s.until_time
    WHERE p.proven_by = 'digests' AND $but <> 'digests' AND s.state NOT IN ('incomplete', 'unknown', 'unproven')
        -- Names that CloudTrail does not give cannot be held against what digests list.
        AND p.account_id NOT IN (SELECT coalesce(account_id, '') FROM evidence_gaps WHERE kind = 'uncompared')
),
lacking AS (
    SELECT p.account_id, p.region, h.hour_time
    FROM places AS p CROSS JOIN (
        SELECT unnest(generate_series(begin_time, end_time - INTERVAL '1' MICROSECOND, INTERVAL '1' HOUR)) AS hour_time FROM asked
    ) AS h ANTI JOIN whole AS w ON p.account_id = w.account_id AND p.region = w.region AND h.hour_time = w.hour_time
)
SELECT account_id, region, min(hour_time) AS from_time, max(hour_time) + INTERVAL '1' HOUR AS until_time
FROM (
    SELECT *, hour_time - INTERVAL '1' HOUR * row_number() OVER (PARTITION BY account_id, region ORDER BY hour_time) AS part
    FROM lacking
)
GROUP BY account_id, region, part
ORDER BY account_id, region, from_time
