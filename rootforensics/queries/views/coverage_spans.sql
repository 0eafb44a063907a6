/*
title    = "What is known of each hour"
question = "Of which hours does the case hold events of an account and Region, of which do digests say that nothing was delivered, and of which is nothing known?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure, CloudTrail log file name format and how CloudTrail delivers; AWS Sign-In User Guide, Regions of sign-in events"
misses   = "What a trail does not record: an hour with events may lack those that it leaves out. Events without a time, an account or a Region; Regions of an account of which the case holds nothing, but for those that record root's sign-ins. Times before 2013 and after the load."
uses     = ["recorded_hours", "counted_evidence", "extracted_evidence", "unsearched_evidence", "whole_contents", "evidence_gaps", "missing_logs", "modified_logs", "proven_hours"]
*/
-- Of an object whose name tells no time nobody knows of which hours something was left out: of each that it has.
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
-- A log holds what was done up to an hour before its delivery: what comes late comes within the hour.
delivered AS (
    SELECT account_id, region, date_trunc('hour', delivery_time) AS hour_time, bool_or(is_partial) AS is_partial,
        bool_or(is_empty) AS is_empty
    FROM (
        SELECT e.account_id, e.region, e.record_count = 0 AS is_empty,
            e.status IN ('damaged', 'unreadable')
                OR (coalesce(e.filtered_count, 0) > 0 AND c.evidence_id IS NULL AND w.sha256 IS NULL)
                OR m.evidence_id IS NOT NULL AS is_partial,
            unnest(if(is_partial, [e.delivery_time - INTERVAL '1' HOUR, e.delivery_time], [e.delivery_time])) AS delivery_time
        FROM evidence AS e LEFT JOIN modified_logs AS m ON e.evidence_id = m.evidence_id
            LEFT JOIN counted AS c ON e.evidence_id = c.evidence_id
            LEFT JOIN whole_contents AS w ON e.sha256 = w.sha256
        WHERE e.delivery_time IS NOT NULL AND e.status <> 'unsupported' AND NOT regexp_matches(e.uri, '_CloudTrail-(Insight|Aggregated)_')
        UNION ALL
        SELECT account_id, region, false, true, unnest([delivery_time - INTERVAL '1' HOUR, delivery_time])
        FROM missing_logs WHERE NOT is_extracted
    )
    GROUP BY ALL
),
-- Of an hour in which a chain of digests breaks, what is here may not be all; if nothing is, nothing is known.
broken AS (
    SELECT account_id, region,
        unnest(generate_series(date_trunc('hour', from_time + INTERVAL '1' HOUR), until_time, INTERVAL '1' HOUR)) AS hour_time
    FROM evidence_gaps WHERE kind = 'chain_broken'
),
known AS (
    SELECT account_id, region, hour_time,
        CASE WHEN bool_or(is_partial) OR (sum(event_count) > 0 AND bool_or(is_broken)) THEN 'incomplete'
            WHEN sum(event_count) > 0 THEN 'events' WHEN bool_or(is_empty) THEN 'empty_log' WHEN bool_or(is_quiet) THEN 'quiet'
            ELSE 'empty_log' END AS state,
        CASE WHEN bool_and(is_known) THEN sum(event_count) END AS event_count
    FROM (
        SELECT account_id, region, hour_time, is_partial, false AS is_empty, false AS is_quiet, false AS is_broken, event_count,
            is_known
        FROM occurred
        UNION ALL
        SELECT account_id, region, hour_time, is_partial, is_empty, false, false, 0, true FROM delivered
        UNION ALL
        SELECT account_id, region, hour_time, false, false, true, false, 0, true
        FROM proven_hours ANTI JOIN broken USING (account_id, region, hour_time) WHERE proven_by = 'digests'
        UNION ALL
        SELECT account_id, region, hour_time, false, false, false, true, 0, true FROM broken
    )
    WHERE account_id IS NOT NULL AND region IS NOT NULL
    GROUP BY account_id, region, hour_time
    HAVING NOT bool_and(is_broken)
),
-- Hours that follow one another in one state.
spans AS (
    SELECT account_id, region, state, min(hour_time) AS from_time, max(hour_time) + INTERVAL '1' HOUR AS until_time,
        CASE WHEN count(*) = count(event_count) THEN CAST(sum(event_count) AS BIGINT) END AS event_count
    FROM (
        SELECT *, hour_time - INTERVAL '1' HOUR * row_number() OVER (
            PARTITION BY account_id, region, state ORDER BY hour_time
        ) AS part
        FROM known
    )
    GROUP BY account_id, region, state, part
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
places AS (
    SELECT DISTINCT account_id, region FROM spans
    UNION
    SELECT account_id, unnest(['us-east-1', 'us-east-2', 'us-west-2'])
    FROM spans
    GROUP BY account_id
    HAVING NOT bool_or(regexp_matches(region, '^(cn|us-gov|eusc|us-iso[a-z]*|eu-isoe)-'))
),
-- What lies between is unknown, and so is what lies before the first and behind the last of an account.
bounded AS (
    SELECT account_id, region, from_time, until_time FROM spans
    UNION ALL
    SELECT p.account_id, p.region, a.begin_time, a.begin_time FROM places AS p JOIN accounts AS a ON p.account_id = a.account_id
    UNION ALL
    SELECT p.account_id, p.region, a.end_time, a.end_time FROM places AS p JOIN accounts AS a ON p.account_id = a.account_id
)
SELECT account_id, region, state, from_time, until_time, date_diff('hour', from_time, until_time) AS hour_count, event_count
FROM spans
UNION ALL
SELECT account_id, region, 'unknown', until_time, next_time, date_diff('hour', until_time, next_time), 0
FROM (
    SELECT account_id, region, until_time,
        lead(from_time) OVER (PARTITION BY account_id, region ORDER BY from_time, until_time) AS next_time
    FROM bounded
)
WHERE next_time > until_time
