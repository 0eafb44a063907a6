/*
question = "Of which hours of a time may the case lack something of an account and Region?"
misses   = "What no trail records. Regions that are off unless an account switches them on, if the case holds nothing of them and no call that switched them on: a key may be used there."
uses     = ["api_calls", "coverage_spans", "evidence_gaps", "proven_hours"]
columns  = "account_id region from_time until_time"
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
        coalesce(
            nullif(requestParameters->>'$.regionName', ''), nullif(requestParameters->>'$.RegionName', ''),
            'one that was switched on, and no record tells which'
        )
    FROM api_calls
    WHERE eventName = 'EnableRegion' AND outcome IS DISTINCT FROM 'failure'
),
-- These Regions are on in every account of their partition, and nobody can switch them off.
places AS (
    SELECT account_id, region FROM known
    UNION
    SELECT k.account_id, r.region
    FROM known AS k INNER JOIN (
        SELECT 'aws' AS partition, unnest([
            'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2',
            'ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-1',
            'us-east-2', 'us-west-1', 'us-west-2'
        ]) AS region
        UNION ALL
        SELECT 'cn', unnest(['cn-north-1', 'cn-northwest-1'])
        UNION ALL
        SELECT regexp_extract(region, '^(us-gov|eusc|us-iso[a-z]*|eu-isoe)-', 1), region
        FROM (SELECT unnest([
            'us-gov-east-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1', 'us-iso-west-1', 'us-isob-east-1',
            'us-isob-west-1', 'eu-isoe-west-1', 'us-isof-east-1', 'us-isof-south-1'
        ]) AS region)
    ) AS r ON r.partition = coalesce(nullif(regexp_extract(k.region, '^(cn|us-gov|eusc|us-iso[a-z]*|eu-isoe)-', 1), ''), 'aws')
    -- What no record names is a Region of any partition.
    WHERE k.region NOT LIKE '% %'
),
-- What a log lacks that digests list, the event history may have.
whole AS (
    SELECT account_id, region, hour_time FROM proven_hours WHERE proven_by = 'history'
    UNION
    SELECT p.account_id, p.region, p.hour_time
    FROM proven_hours AS p INNER JOIN spans AS s ON p.account_id = s.account_id AND p.region = s.region
        AND p.hour_time >= s.from_time AND p.hour_time < s.until_time
    WHERE p.proven_by = 'digests' AND $but <> 'digests' AND s.state NOT IN ('incomplete', 'unknown')
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
