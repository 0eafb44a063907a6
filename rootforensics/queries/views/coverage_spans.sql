/*
title    = "Coverage by hour"
question = "For which hours does the case cover each account and Region: with events, proven quiet, with missing logs, or unknown? For which hours is it proven that nothing is missing?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure, CloudTrail log file name format and how CloudTrail delivers; AWS Sign-In User Guide, Regions of sign-in events"
misses   = "Kinds of events that a trail excludes: an hour with events may lack them. Events without a time, an account or a Region. Regions without any log, except those that record root sign-ins, those that a call enabled, and the default Regions of a trail for all Regions. Times before 2013 and after the load."
uses     = ["account_begins", "recorded_hours", "counted_evidence", "extracted_evidence", "unsearched_evidence", "whole_contents", "evidence_gaps", "missing_logs", "modified_logs", "proven_hours", "region_silences", "api_calls", "aws_regions"]
*/
-- If a file's name shows no time, the excluded hours are unknown: any hour of its events may be incomplete.
WITH unsearched AS MATERIALIZED (SELECT evidence_id FROM unsearched_evidence),
counted AS (SELECT evidence_id FROM counted_evidence ANTI JOIN unsearched USING (evidence_id) WHERE NOT is_cut),
occurred AS (
    SELECT account_id, region, hour_time, sum(event_count) AS event_count, bool_or(is_partial) AS is_partial, bool_and(is_known) AS is_known
    FROM (
        SELECT account_id, region, hour_time, event_count, is_known, is_cut OR coalesce(evidence_id, 0) IN (
                SELECT evidence_id FROM evidence ANTI JOIN counted USING (evidence_id)
                WHERE delivery_time IS NULL AND (filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"'))
            ) OR coalesce(extraction_id, '') IN (
                SELECT extraction_id FROM extracted_evidence SEMI JOIN unsearched USING (evidence_id)
            ) AS is_partial
        FROM recorded_hours
        WHERE first_time BETWEEN TIMESTAMPTZ '2013-01-01 00:00:00+00'
            AND (SELECT greatest(max(loaded_time), max(delivery_time)) + INTERVAL '1' DAY FROM evidence)
    )
    GROUP BY ALL
),
-- A log contains events up to an hour before its delivery: late events arrive within the hour.
delivered AS (
    SELECT account_id, region, date_trunc('hour', delivery_time) AS hour_time, bool_or(is_partial) AS is_partial,
        bool_or(is_empty) AS is_empty, bool_or(is_uncompared) AS is_uncompared
    FROM (
        SELECT e.account_id, e.region, e.record_count = 0 AS is_empty, false AS is_uncompared,
            e.status IN ('damaged', 'unreadable')
                OR (coalesce(e.filtered_count, 0) > 0 AND c.evidence_id IS NULL AND w.sha256 IS NULL)
                OR m.evidence_id IS NOT NULL AS is_partial,
            unnest(if(is_partial, [e.delivery_time - INTERVAL '1' HOUR, e.delivery_time], [e.delivery_time])) AS delivery_time
        FROM evidence AS e LEFT JOIN modified_logs AS m ON e.evidence_id = m.evidence_id
            LEFT JOIN counted AS c ON e.evidence_id = c.evidence_id
            LEFT JOIN whole_contents AS w ON e.sha256 = w.sha256
        WHERE e.delivery_time IS NOT NULL AND e.status <> 'unsupported' AND NOT regexp_matches(e.uri, '_CloudTrail-(Insight|Aggregated)_')
        UNION ALL
        -- A log delivered before the first day of the copy is not missing. Logs without CloudTrail's names cannot be
        -- matched with digests, so an hour without events is then not proven.
        SELECT l.account_id, l.region, false, b.has_logs IS NOT TRUE, coalesce(b.has_logs, false),
            unnest([l.delivery_time - INTERVAL '1' HOUR, l.delivery_time])
        FROM missing_logs AS l LEFT JOIN account_begins AS b ON l.account_id = b.account_id
        WHERE NOT l.is_extracted AND (b.has_logs IS NOT TRUE OR l.delivery_time >= b.begin_time)
    )
    GROUP BY ALL
),
-- If a digest chain breaks within an hour, its logs may be incomplete; without logs, nothing is known.
broken AS (
    SELECT account_id, region,
        unnest(generate_series(date_trunc('hour', from_time + INTERVAL '1' HOUR), until_time, INTERVAL '1' HOUR)) AS hour_time
    FROM evidence_gaps WHERE kind = 'chain_broken'
),
known AS (
    SELECT account_id, region, hour_time,
        CASE WHEN bool_or(is_complete) THEN if(sum(event_count) > 0, 'events', 'quiet')
            WHEN bool_and(is_broken) THEN 'unknown' WHEN bool_or(is_partial) OR (sum(event_count) > 0 AND bool_or(is_broken)) THEN 'incomplete'
            WHEN sum(event_count) > 0 THEN 'events' WHEN bool_or(is_uncompared) THEN 'unproven'
            WHEN bool_or(is_empty) THEN 'empty_log' WHEN bool_or(proven_by IS NOT NULL) THEN 'quiet'
            ELSE 'empty_log' END AS state,
        -- The event history may have what listed logs lack. Files without CloudTrail's names cannot be compared with
        -- digests.
        CASE WHEN bool_or(proven_by = 'history') THEN 'history'
            WHEN bool_or(proven_by = 'digests') AND state IN ('events', 'quiet', 'empty_log')
                AND account_id NOT IN (SELECT coalesce(account_id, '') FROM evidence_gaps WHERE kind = 'uncompared')
                THEN 'digests' END AS proven_by,
        CASE WHEN bool_and(is_known) THEN sum(event_count) END AS event_count
    FROM (
        SELECT account_id, region, hour_time, is_partial, false AS is_empty, false AS is_uncompared, NULL AS proven_by,
            false AS is_complete, false AS is_broken, event_count, is_known
        FROM occurred
        UNION ALL
        SELECT account_id, region, hour_time, is_partial, is_empty, is_uncompared, NULL, false, false, 0, true FROM delivered
        UNION ALL
        SELECT account_id, region, hour_time, false, false, false, proven_by, is_complete, false, 0, true
        FROM proven_hours AS p ANTI JOIN broken AS b
            ON p.account_id = b.account_id AND p.region = b.region AND p.hour_time = b.hour_time AND p.proven_by = 'digests' AND NOT p.is_complete
        UNION ALL
        SELECT account_id, region, hour_time, false, false, false, NULL, false, true, 0, true FROM broken
    )
    WHERE account_id IS NOT NULL AND region IS NOT NULL
    GROUP BY account_id, region, hour_time
),
-- Consecutive hours with the same state and proof.
spans AS (
    SELECT account_id, region, state, proven_by, min(hour_time) AS from_time, max(hour_time) + INTERVAL '1' HOUR AS until_time,
        CASE WHEN count(*) = count(event_count) THEN CAST(sum(event_count) AS BIGINT) END AS event_count
    FROM (
        SELECT *, hour_time - INTERVAL '1' HOUR * row_number() OVER (
            PARTITION BY account_id, region, state, proven_by ORDER BY hour_time
        ) AS part
        FROM known
    )
    GROUP BY account_id, region, state, proven_by, part
),
accounts AS (
    SELECT account_id, min(from_time) AS begin_time, max(until_time) AS end_time
    FROM (
        SELECT account_id, from_time, until_time FROM spans
        UNION ALL
        SELECT account_id, hour_time, hour_time + INTERVAL '1' HOUR FROM broken
    )
    GROUP BY account_id
),
-- A trail has a digest in each hour for each Region that it records. A trail with digests outside its home Region
-- records all Regions. Digests begin and end at different minutes, so the first and last hours count for none of the
-- other Regions.
digested AS (
    SELECT account_id, region, trail, home_region, date_trunc('hour', min(from_time) + INTERVAL '59 minutes 59 seconds') AS begin_time,
        date_trunc('hour', max(until_time) - INTERVAL '15' MINUTE) AS end_time
    FROM digests
    WHERE from_time IS NOT NULL AND NOT is_backfill
    GROUP BY account_id, region, trail, home_region
),
everywhere AS (
    SELECT d.account_id, min(r.prefix) AS prefix, min(d.begin_time) + INTERVAL '1' HOUR AS begin_time, max(d.end_time) - INTERVAL '1' HOUR AS end_time
    FROM digested AS d INNER JOIN aws_regions AS r ON d.home_region = r.region
    GROUP BY d.account_id, d.trail, d.home_region
    HAVING bool_or(d.region <> d.home_region)
),
switched_on AS (
    SELECT account_id, region, min(from_time) AS from_time
    FROM (
        SELECT
            coalesce(requestParameters->>'$.accountId', requestParameters->>'$.AccountId', account_id) AS account_id,
            coalesce(requestParameters->>'$.regionName', requestParameters->>'$.RegionName') AS region, date_trunc('hour', eventTime) AS from_time
        FROM api_calls
        WHERE service = 'account.amazonaws.com' AND action = 'EnableRegion' AND outcome IS DISTINCT FROM 'failure'
    )
    GROUP BY account_id, region
),
-- Regions that should have logs but have none, and from when on.
places AS (
    SELECT account_id, region, CAST(NULL AS TIMESTAMPTZ) AS from_time FROM spans GROUP BY account_id, region
    UNION ALL
    SELECT account_id, region, min(from_time)
    FROM (
        SELECT a.account_id, r.region, NULL AS from_time
        FROM (
            SELECT s.account_id, coalesce(max(r.prefix), '') AS prefix
            FROM spans AS s LEFT JOIN (SELECT DISTINCT prefix FROM aws_regions WHERE prefix <> '') AS r ON starts_with(s.region, r.prefix)
            GROUP BY s.account_id
        ) AS a INNER JOIN aws_regions AS r ON a.prefix = r.prefix AND r.records_sign_in
        UNION ALL
        SELECT e.account_id, r.region, NULL FROM everywhere AS e INNER JOIN aws_regions AS r ON e.prefix = r.prefix
        UNION ALL
        SELECT account_id, region, from_time FROM switched_on WHERE region <> ''
    )
    WHERE (account_id, region) NOT IN (SELECT (account_id, region) FROM spans)
    GROUP BY account_id, region
),
-- Times that the digests of a Region cover without a gap.
expected AS (
    SELECT account_id, region, begin_time, end_time FROM digested
    UNION ALL
    SELECT p.account_id, p.region, e.begin_time, e.end_time
    FROM places AS p INNER JOIN everywhere AS e ON p.account_id = e.account_id
    WHERE p.region IN (SELECT region FROM aws_regions)
        OR (p.account_id, p.region) IN (SELECT (account_id, region) FROM digested)
    UNION ALL
    SELECT d.account_id, d.region, e.begin_time, e.end_time
    FROM digested AS d INNER JOIN everywhere AS e ON d.account_id = e.account_id
),
-- Anything in between is unknown, and so is the time before the first and after the last evidence of an account.
bounded AS (
    SELECT account_id, region, from_time, until_time FROM spans
    UNION ALL
    SELECT account_id, region, cut_time, cut_time
    FROM (
        SELECT p.account_id, p.region, unnest([CASE WHEN p.from_time > a.begin_time THEN p.from_time ELSE a.begin_time END, a.end_time]) AS cut_time
        FROM places AS p INNER JOIN accounts AS a ON p.account_id = a.account_id
        UNION ALL
        SELECT e.account_id, e.region, unnest([e.begin_time, e.end_time])
        FROM expected AS e
    )
),
between_spans AS (
    SELECT account_id, region, until_time AS from_time, next_time AS until_time
    FROM (
        SELECT b.account_id, b.region, max(b.until_time) OVER own AS until_time, lead(b.from_time) OVER own AS next_time
        FROM bounded AS b INNER JOIN accounts AS a ON b.account_id = a.account_id
        WHERE b.from_time >= a.begin_time AND b.until_time <= a.end_time
        WINDOW own AS (PARTITION BY b.account_id, b.region ORDER BY b.from_time, b.until_time)
    )
    WHERE next_time > until_time
),
-- Logs are missing if a Region should have some and has none, if it falls silent although it never is, or if digests
-- are missing. All other hours are unproven.
judged AS (
    SELECT b.*, CASE WHEN (b.account_id, b.region) NOT IN (SELECT (account_id, region) FROM spans)
            OR EXISTS (
                SELECT 1 FROM expected AS e
                WHERE e.account_id = b.account_id AND e.region = b.region AND e.begin_time <= b.from_time AND e.end_time >= b.until_time
            )
            OR EXISTS (
                SELECT 1 FROM region_silences AS q
                WHERE q.account_id = b.account_id AND q.region = b.region AND q.from_time < b.until_time AND q.until_time > b.from_time
            ) THEN 'unknown' ELSE 'unproven' END AS state
    FROM between_spans AS b
)
SELECT account_id, region, state, from_time, until_time, date_diff('hour', from_time, until_time) AS hour_count, event_count, proven_by
FROM spans
UNION ALL
SELECT account_id, region, state, min(from_time), max(until_time), date_diff('hour', min(from_time), max(until_time)), 0, NULL
FROM (
    SELECT *, sum(is_first) OVER (PARTITION BY account_id, region ORDER BY from_time) AS part
    FROM (
        SELECT *, CASE WHEN lag(state) OVER own IS NOT DISTINCT FROM state AND lag(until_time) OVER own = from_time THEN 0 ELSE 1 END AS is_first
        FROM judged
        WINDOW own AS (PARTITION BY account_id, region ORDER BY from_time)
    )
)
GROUP BY account_id, region, state, part
