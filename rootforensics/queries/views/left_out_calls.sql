/*
title    = "Calls by others that were counted but not loaded"
question = "For which accounts were calls by others than root counted but not loaded, and which of them may be critical or high?"
attack   = []
source   = "The counts that a load of what is related to root makes, or an engine for an extraction; the catalogue of actions"
misses   = "The callers. Calls that an extraction counted and another load also brought into the case: for hours with both, the number is unknown. Duplicates, which are counted separately. Names of calls that are not critical or high."
uses     = ["api_calls", "counted_evidence", "recorded_hours", "uncounted_evidence"]
*/
WITH every AS (
    SELECT account_id, event_name, event_count, error_count, first_time, last_time
    FROM counted_calls
    WHERE (extraction_id IS NOT NULL OR evidence_id IN (SELECT evidence_id FROM counted_evidence WHERE NOT is_copy))
        AND event_count > 0
    UNION ALL
    -- Calls in the case are not excluded.
    SELECT
        account_id, CASE WHEN eventName IN (SELECT event_name FROM counted_calls) THEN eventName END,
        -1, CASE WHEN outcome = 'failure' THEN -1 ELSE 0 END, NULL, NULL
    FROM api_calls SEMI JOIN counted_evidence USING (evidence_id)
)
SELECT
    account_id, event_name, CASE WHEN is_known THEN CAST(sum(event_count) AS BIGINT) END AS event_count,
    CASE WHEN is_known THEN CAST(greatest(sum(error_count), 0) AS BIGINT) END AS error_count, min(first_time) AS first_time, max(last_time) AS last_time
FROM every CROSS JOIN (SELECT NOT EXISTS (FROM recorded_hours WHERE NOT is_known) AS is_known)
GROUP BY account_id, event_name, is_known
HAVING sum(event_count) > 0
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL
WHERE EXISTS (FROM uncounted_evidence)
