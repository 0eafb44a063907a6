/*
title    = "Events by service"
question = "Which services were called, how often, and how often by root?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (eventSource)"
misses   = "Data events and network activity events, unless the trail selects them; Insights events and aggregated events, which are no calls (cloudtrail-summaries)."
first    = "eventSource event_count error_count activity_count noise_count"
columns  = "eventSource event_count error_count activity_count noise_count first_time last_time"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
eventSource = "VARCHAR; NULL where the record has none"
event_count = "BIGINT; all events"
error_count = "BIGINT; of these, with an errorCode or an errorMessage"
*/
WITH every AS (
    SELECT eventSource, count(*) AS event_count, count(*) FILTER (WHERE outcome = 'failure') AS error_count,
        min(eventTime) AS first_time, max(eventTime) AS last_time
    FROM api_calls
    WHERE $account_id = '' OR coalesce(recipientAccountId, userIdentity.accountId) = $account_id
    GROUP BY eventSource
),
of_root AS (
    SELECT eventSource, count(*) FILTER (WHERE origin_group = 'activity') AS activity_count,
        count(*) FILTER (WHERE origin_group = 'noise') AS noise_count
    FROM root_events
    WHERE $account_id = '' OR account_id = $account_id
    GROUP BY eventSource
)
SELECT e.eventSource, e.event_count, e.error_count, coalesce(r.activity_count, 0) AS activity_count,
    coalesce(r.noise_count, 0) AS noise_count, e.first_time, e.last_time
FROM every AS e LEFT JOIN of_root AS r ON e.eventSource IS NOT DISTINCT FROM r.eventSource
ORDER BY e.event_count DESC, e.eventSource NULLS LAST
