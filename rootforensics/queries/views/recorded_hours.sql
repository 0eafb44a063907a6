/*
title    = "Hours with recorded events"
question = "In which hours did the logs record anything of an account and Region, by any caller?"
attack   = []
source   = "The events; of objects of which only what is related to root was taken in, what the load or the engine counted"
misses   = "Duplicates of an event that were counted but not loaded are not separated. If an extraction, another one and a load counted the same hour, they may have counted the same events. For files that were not counted in full there were more. The number is then unknown (is_known). Anything that another filter excluded."
uses     = ["api_calls", "counted_evidence", "uncounted_evidence"]
*/
WITH told AS MATERIALIZED (
    SELECT
        evidence_id, extraction_id, account_id, region, hour_time, is_management, event_count, read_count, write_count, first_time,
        last_time, low_actor, high_actor, is_cut, true AS is_known
    FROM counted_hours
    WHERE event_count > 0
        AND (extraction_id IS NOT NULL OR (NOT is_cut AND evidence_id IN (SELECT evidence_id FROM counted_evidence WHERE NOT is_copy)))
    UNION ALL
    SELECT
        evidence_id, NULL, account_id, awsRegion AS region,
        date_trunc('hour', eventTime) AS hour_time,
        managementEvent IS DISTINCT FROM false AND coalesce(eventCategory, 'Management') = 'Management' AS is_management,
        count(*) AS event_count, count(*) FILTER (WHERE NOT is_write) AS read_count, count(*) FILTER (WHERE is_write) AS write_count,
        min(eventTime) AS first_time, max(eventTime) AS last_time,
        min(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) AS low_actor,
        max(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) AS high_actor, false,
        coalesce(evidence_id, 0) NOT IN (SELECT evidence_id FROM uncounted_evidence)
    FROM api_calls
    WHERE evidence_id NOT IN (SELECT evidence_id FROM counted_evidence)
        OR (evidence_id, account_id, awsRegion, date_trunc('hour', eventTime)) IN (
            SELECT (evidence_id, account_id, region, hour_time) FROM counted_hours WHERE is_cut
        )
    GROUP BY ALL
),
-- Time of the first and last event that each count covers within an hour; an extraction lacks files that its engine
-- could not read.
spans AS (
    SELECT account_id, region, hour_time, is_management, coalesce(extraction_id, '') AS counted_by, min(first_time) AS begin_time, max(last_time) AS end_time
    FROM told
    WHERE coalesce(evidence_id, 0) NOT IN (SELECT evidence_id FROM evidence WHERE contains(filters::VARCHAR, '"left_out_of"'))
    GROUP BY ALL
),
repeated AS (
    SELECT DISTINCT account_id, region, hour_time, is_management
    FROM (
        SELECT *, row_number() OVER place AS number, max(end_time) OVER (
            place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_time
        FROM spans
        WINDOW place AS (PARTITION BY account_id, region, hour_time, is_management ORDER BY begin_time, end_time, counted_by)
    )
    WHERE number > 1 AND coalesce(before_time >= begin_time, true)
)
SELECT
    t.* REPLACE (t.is_known AND NOT EXISTS (
        SELECT 1 FROM repeated AS r
        WHERE r.account_id IS NOT DISTINCT FROM t.account_id AND r.region IS NOT DISTINCT FROM t.region
            AND r.hour_time IS NOT DISTINCT FROM t.hour_time AND r.is_management = t.is_management
    ) AS is_known)
FROM told AS t
