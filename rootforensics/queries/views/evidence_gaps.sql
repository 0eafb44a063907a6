/*
title    = "Gaps in the evidence"
question = "Which files were excluded in part, unreadable, changed, or listed in a digest but missing? Where are digest chains broken, and which times are affected?"
attack   = []
source   = "The ledger of the case, and what verify found; AWS CloudTrail User Guide, digest file structure and CloudTrail log file name format"
uses     = ["whole_contents", "account_begins", "missing_logs", "modified_logs", "proven_hours"]
misses   = "Files and breaks in hours that another trail proves on its own (proven_hours, is_complete). Logs that nothing names: only a name shows that a log is missing. Breaks in digest chains, before verify is run. The content of a filter: it counts as a gap everywhere, whatever it includes."
*/
-- CloudTrail delivers within minutes, and late events within the hour: a log contains earlier events.
WITH complete AS MATERIALIZED (SELECT account_id, region, hour_time FROM proven_hours WHERE is_complete),
-- A newest digest without a stored signature is not suspicious. The unknown time before the first digest starts with
-- the first evidence; a missing earlier digest may mean that the copy starts there.
breaks AS (
    SELECT row_number() OVER () AS number, account_id, region, coalesce(from_time, (
            SELECT min(e.delivery_time) FROM evidence AS e
            WHERE e.account_id = b.account_id AND e.region = b.region AND e.delivery_time < b.until_time
        )) - INTERVAL '1' HOUR AS from_time, until_time
    FROM chain_breaks AS b
    WHERE NOT is_backfill AND (until_time > from_time OR (from_time IS NULL AND cause <> 'digest_missing')) AND cause <> 'newest_unsigned'
),
-- What is left of each break: its consecutive hours that no other trail proves.
unproven AS (
    SELECT account_id, region, greatest(from_time, min(hour_time) - INTERVAL '1' HOUR) AS from_time,
        least(until_time, max(hour_time) + INTERVAL '1' HOUR) AS until_time
    FROM (
        SELECT *, hour_time - INTERVAL '1' HOUR * row_number() OVER (PARTITION BY number ORDER BY hour_time) AS part
        FROM (
            SELECT *, unnest(coalesce(
                generate_series(date_trunc('hour', from_time), until_time, INTERVAL '1' HOUR), [NULL]
            )) AS hour_time
            FROM breaks
        ) ANTI JOIN complete USING (account_id, region, hour_time)
    )
    GROUP BY number, account_id, region, from_time, until_time, part
),
delivered AS (
    SELECT if(status IN ('damaged', 'unreadable'), 'damaged', 'modified') AS kind, account_id, region, delivery_time, uri, evidence_id
    FROM evidence
    WHERE status IN ('damaged', 'unreadable') OR evidence_id IN (SELECT evidence_id FROM modified_logs)
    UNION ALL
    -- If no log of an account has such a name, nothing can be compared, and neither can what an engine read.
    SELECT if(b.has_logs AND NOT l.is_extracted, 'listed', 'uncompared'), l.account_id, l.region, l.delivery_time, NULL, NULL
    FROM missing_logs AS l LEFT JOIN account_begins AS b ON l.account_id = b.account_id
    WHERE b.has_logs IS NOT TRUE OR l.delivery_time >= b.begin_time
)
SELECT
    kind, account_id, region, min(delivery_time) - INTERVAL '1' HOUR AS from_time, max(delivery_time) AS until_time,
    count(*) AS object_count, uri, evidence_id
FROM delivered AS d
WHERE (
    SELECT count(*) FROM complete AS c
    WHERE c.account_id = d.account_id AND c.region = d.region
        AND c.hour_time IN (date_trunc('hour', d.delivery_time), date_trunc('hour', d.delivery_time - INTERVAL '1' HOUR))
) < 2
GROUP BY kind, account_id, region, uri, evidence_id, date_trunc('day', delivery_time)
UNION ALL
SELECT 'chain_broken', account_id, region, from_time, until_time, 1, NULL, NULL
FROM unproven
UNION ALL
SELECT 'not_read', NULL, NULL, NULL, NULL, 1, uri, evidence_id
FROM evidence
WHERE status = 'unsupported' AND contains(problem, 'it may hold events, which were not read')
UNION ALL
SELECT 'filtered', NULL, NULL, NULL, NULL, count(*), NULL, NULL
FROM evidence
WHERE (coalesce(filtered_count, 0) > 0 OR CAST(filters AS VARCHAR) NOT IN ('[{}]', '[]'))
    AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM whole_contents)
HAVING count(*) > 0
