/*
title    = "Events by category"
question = "How many events of each category and type does the case hold, and which of them are calls?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (eventCategory, eventType)"
misses   = "Records from before event version 1.07 name no category; their row has none."
first    = "eventCategory eventType event_count call_count first_time"
columns  = "eventCategory eventType event_count call_count first_time last_time"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
eventCategory = "VARCHAR; Management, Data, NetworkActivity, Insight, Aggregated; NULL where the record has none"
eventType     = "VARCHAR; NULL where the record has none"
event_count   = "BIGINT; distinct events; the rows add up to all of the case"
call_count    = "BIGINT; of these, in api_calls; 0 for what CloudTrail sums up by itself"
first_time    = "TIMESTAMP WITH TIME ZONE; first eventTime, UTC; aggregated events have none"
last_time     = "TIMESTAMP WITH TIME ZONE; last eventTime, UTC"
*/
WITH every AS (
    SELECT eventCategory, eventType, count(*) AS event_count, min(eventTime) AS first_time, max(eventTime) AS last_time
    FROM events
    WHERE $account_id = '' OR coalesce(recipientAccountId, userIdentity.accountId, accountId) = $account_id
    GROUP BY eventCategory, eventType
),
calls AS (
    SELECT eventCategory, eventType, count(*) AS call_count
    FROM api_calls
    WHERE $account_id = '' OR coalesce(recipientAccountId, userIdentity.accountId, accountId) = $account_id
    GROUP BY eventCategory, eventType
)
SELECT e.eventCategory, e.eventType, e.event_count, coalesce(c.call_count, 0) AS call_count, e.first_time, e.last_time
FROM every AS e
LEFT JOIN calls AS c ON e.eventCategory IS NOT DISTINCT FROM c.eventCategory
    AND e.eventType IS NOT DISTINCT FROM c.eventType
ORDER BY e.event_count DESC, e.eventCategory NULLS LAST, e.eventType NULLS LAST
