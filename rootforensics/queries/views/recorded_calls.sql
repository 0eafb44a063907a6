/*
title    = "Recorded calls by service"
question = "How often did the logs record calls and summaries of an account, a service and a category, by any caller?"
attack   = []
source   = "The events; of objects of which only what is related to root was taken in, what the load or the engine counted"
misses   = "Duplicates of an event that were counted but not loaded are not separated."
uses     = ["api_calls", "counted_evidence", "uncounted_evidence", "recorded_hours"]
*/
-- Counted by call, not by hour: events counted twice cannot be subtracted.
SELECT *, NOT EXISTS (FROM uncounted_evidence) AND NOT EXISTS (FROM recorded_hours WHERE NOT is_known) AS is_known
FROM (
    SELECT account_id, event_source, event_category, event_type, event_name, record_count, event_count, error_count, first_time, last_time
    FROM counted_calls
    WHERE (extraction_id IS NOT NULL OR evidence_id IN (SELECT evidence_id FROM counted_evidence WHERE NOT is_copy))
    UNION ALL
    SELECT
        account_id, service, eventCategory, eventType, NULL, count(*), 0, 0,
        min(eventTime), max(eventTime)
    FROM events
    WHERE evidence_id NOT IN (SELECT evidence_id FROM counted_evidence)
    GROUP BY ALL
    UNION ALL
    SELECT
        account_id, service, eventCategory, eventType, NULL, 0, count(*),
        count(*) FILTER (WHERE outcome = 'failure'), min(eventTime), max(eventTime)
    FROM api_calls
    WHERE evidence_id NOT IN (SELECT evidence_id FROM counted_evidence)
    GROUP BY ALL
)
