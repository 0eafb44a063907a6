/*
title    = "CloudTrail's own summaries"
question = "Which events are not actions, but state how often others happened?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events (for trails and for event data stores) and of aggregated events"
misses   = "The summarized actions: they are in the case only if their own logs are. Insights and aggregated events from times when they were not enabled."
*/
SELECT
    * REPLACE (service AS eventSource, action AS eventName),
    CASE
        WHEN lower(eventCategory) = 'aggregated' OR lower(eventType) = 'awsaggregatedevent' THEN 'aggregated'
        ELSE 'insight'
    END AS kind,
    -- As session_created_time in root_events.
    TRY_CAST(CASE
        WHEN regexp_matches(timeWindow.windowStart, '^20[0-9]{6}T[0-9]{6}Z$')
            THEN concat(substr(timeWindow.windowStart, 1, 4), '-', substr(timeWindow.windowStart, 5, 2), '-', substr(timeWindow.windowStart, 7, 5), ':',
                substr(timeWindow.windowStart, 12, 2), ':', substr(timeWindow.windowStart, 14, 3))
        WHEN regexp_matches(timeWindow.windowStart, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$')
            THEN concat(timeWindow.windowStart, 'Z')
        WHEN regexp_matches(timeWindow.windowStart, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$')
            THEN timeWindow.windowStart
    END AS TIMESTAMP WITH TIME ZONE) AS window_start_time,
    TRY_CAST(CASE
        WHEN regexp_matches(timeWindow.windowEnd, '^20[0-9]{6}T[0-9]{6}Z$')
            THEN concat(substr(timeWindow.windowEnd, 1, 4), '-', substr(timeWindow.windowEnd, 5, 2), '-', substr(timeWindow.windowEnd, 7, 5), ':',
                substr(timeWindow.windowEnd, 12, 2), ':', substr(timeWindow.windowEnd, 14, 3))
        WHEN regexp_matches(timeWindow.windowEnd, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$')
            THEN concat(timeWindow.windowEnd, 'Z')
        WHEN regexp_matches(timeWindow.windowEnd, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$')
            THEN timeWindow.windowEnd
    END AS TIMESTAMP WITH TIME ZONE) AS window_end_time
FROM events
WHERE (lower(coalesce(eventCategory, '')) IN ('insight', 'aggregated')
        OR lower(coalesce(eventType, '')) IN ('awscloudtrailinsight', 'awsaggregatedevent'))
    AND userIdentity.type IS NULL AND userIdentity.arn IS NULL
