/*
title    = "Events by service"
question = "Which services were called, how often, and how often by root?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (eventSource)"
misses   = "Data events and network activity events, unless the trail selects them. Insights events and aggregated events, which are not calls (cloudtrail-summaries)."
uses     = ["recorded_calls"]
first    = "eventSource event_count error_count activity_count noise_count"
columns  = "eventSource event_count error_count activity_count noise_count first_time last_time"
never_null = "activity_count noise_count"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
eventSource = "VARCHAR; NULL if the record has none"
event_count = "BIGINT; all events. For files loaded only as far as they relate to root, all counted events, including duplicates. NULL if some were excluded and not counted, or if two extractions, or an extraction and a load, may have counted the same events"
error_count = "BIGINT; of these, those that failed; NULL in the same cases, as are the times"
first_time  = "TIMESTAMP WITH TIME ZONE; UTC"
last_time   = "TIMESTAMP WITH TIME ZONE; UTC"
*/
WITH every AS (
    SELECT event_source AS eventSource, CAST(sum(event_count) AS BIGINT) AS event_count, CAST(sum(error_count) AS BIGINT) AS error_count,
        min(first_time) AS first_time, max(last_time) AS last_time, bool_and(is_known) AS is_known
    FROM recorded_calls
    WHERE event_count > 0 AND ($account_id = '' OR account_id = $account_id)
    GROUP BY event_source
),
of_root AS (
    SELECT eventSource, count(*) FILTER (WHERE origin_group = 'activity') AS activity_count,
        count(*) FILTER (WHERE origin_group = 'noise') AS noise_count
    FROM root_events
    WHERE $account_id = '' OR account_id = $account_id
    GROUP BY eventSource
)
SELECT e.eventSource, CASE WHEN e.is_known THEN e.event_count END AS event_count, CASE WHEN e.is_known THEN e.error_count END AS error_count, coalesce(r.activity_count, 0) AS activity_count,
    coalesce(r.noise_count, 0) AS noise_count,
    CASE WHEN e.is_known THEN e.first_time END AS first_time, CASE WHEN e.is_known THEN e.last_time END AS last_time
FROM every AS e LEFT JOIN of_root AS r ON e.eventSource IS NOT DISTINCT FROM r.eventSource
ORDER BY e.event_count DESC, e.eventSource NULLS LAST
