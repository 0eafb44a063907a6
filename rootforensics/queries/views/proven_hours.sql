/*
title    = "Hours of which the case is known to hold all"
question = "Of which hours of an account and Region do digest files list every log, or was the whole event history fetched?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure and how CloudTrail delivers; the names that rootforensics history gives to its files"
misses   = "What a trail does not record. Whether the logs that digests list are in the case, and whole: coverage_spans tells. Digests count whether or not verify was run; after it, only those that are verified."
uses     = []
*/
WITH digested AS (
    SELECT account_id, region, trail, from_time AS begin_time, until_time AS end_time
    FROM digests ANTI JOIN (FROM integrity WHERE verdict <> 'verified') USING (evidence_id)
    WHERE NOT is_backfill AND until_time <= from_time + INTERVAL '1' DAY AND from_time < (SELECT max(loaded_time) + INTERVAL '1' YEAR FROM evidence)
),
-- Times that the digests of a trail cover without a break, whether or not verify was run, which alone tells breaks.
covered AS (
    SELECT account_id, region, trail, min(begin_time) AS begin_time, max(end_time) AS end_time
    FROM (
        SELECT *, sum(CASE WHEN ended_time >= begin_time THEN 0 ELSE 1 END) OVER (
            PARTITION BY account_id, region, trail ORDER BY begin_time, end_time
        ) AS part
        FROM (
            SELECT *, max(end_time) OVER (
                PARTITION BY account_id, region, trail ORDER BY begin_time, end_time
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS ended_time
            FROM digested
        )
    )
    GROUP BY account_id, region, trail, part
),
-- A file of the event history says in its name which time it covers and when it was asked for; an event can come an hour late.
fetched AS (
    SELECT named.account_id, named.region, strptime(named.since, '%Y%m%dT%H%M%SZ')::TIMESTAMP AT TIME ZONE 'UTC' AS begin_time,
        least(
            strptime(named.until, '%Y%m%dT%H%M%SZ')::TIMESTAMP AT TIME ZONE 'UTC',
            strptime(named.asked, '%Y%m%dT%H%M%SZ')::TIMESTAMP AT TIME ZONE 'UTC' - INTERVAL '1' HOUR
        ) AS end_time
    FROM (
        SELECT regexp_extract(
            uri, '([0-9]{12})/([a-z0-9-]+)/all/([0-9]{8}T[0-9]{6}Z)-([0-9]{8}T[0-9]{6}Z)-asked-([0-9]{8}T[0-9]{6}Z)[.]jsonl$',
            ['account_id', 'region', 'since', 'until', 'asked']
        ) AS named
        FROM evidence
        WHERE uri LIKE '%-asked-%' AND status IN ('loaded', 'empty') AND coalesce(filtered_count, 0) = 0
    )
    WHERE named.account_id <> ''
)
-- A log of an hour may come in the quarter after it. What a trail records is not told: all that had begun must cover it.
SELECT c.account_id, c.region, c.hour_time, 'digests' AS proven_by
FROM (
    SELECT account_id, region, trail, unnest(generate_series(
        date_trunc('hour', begin_time + INTERVAL '59 minutes 59 seconds'), end_time - INTERVAL '75' MINUTE, INTERVAL '1' HOUR
    )) AS hour_time
    FROM covered
) AS c
GROUP BY c.account_id, c.region, c.hour_time
HAVING count(DISTINCT trail) = (
    SELECT count(DISTINCT o.trail) FROM digested AS o
    WHERE o.account_id = c.account_id AND o.region = c.region AND o.begin_time <= c.hour_time
)
UNION ALL
SELECT account_id, region, unnest(generate_series(
    date_trunc('hour', begin_time + INTERVAL '59 minutes 59 seconds'), end_time - INTERVAL '1' HOUR, INTERVAL '1' HOUR
)), 'history'
FROM fetched
