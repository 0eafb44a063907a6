/*
title    = "Events by category"
question = "How many events of each category and type does the case contain, and which of them are calls?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (eventCategory, eventType)"
misses   = "Categories of records before event version 1.07, which name none."
uses     = ["recorded_calls"]
first    = "eventCategory eventType event_count call_count first_time"
columns  = "eventCategory eventType event_count call_count first_time last_time"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
eventCategory = "VARCHAR; Management, Data, NetworkActivity, Insight, Aggregated; NULL where the record has none"
eventType     = "VARCHAR; NULL if the record has none"
event_count   = "BIGINT; distinct events; the rows add up to all events of the case. For files loaded only as far as they relate to root, all counted events, including duplicates. NULL if some were excluded and not counted, or if two extractions, or an extraction and a load, may have counted the same events; the further columns are then NULL as well"
call_count    = "BIGINT; of these, in api_calls; 0 for CloudTrail's own summaries"
first_time    = "TIMESTAMP WITH TIME ZONE; first eventTime, UTC; aggregated events have none"
last_time     = "TIMESTAMP WITH TIME ZONE; last eventTime, UTC"
*/
SELECT event_category AS eventCategory, event_type AS eventType,
    CASE WHEN is_known THEN CAST(sum(record_count) AS BIGINT) END AS event_count,
    CASE WHEN is_known THEN CAST(sum(event_count) AS BIGINT) END AS call_count,
    CASE WHEN is_known THEN min(first_time) END AS first_time, CASE WHEN is_known THEN max(last_time) END AS last_time
FROM recorded_calls
WHERE $account_id = '' OR account_id = $account_id
GROUP BY event_category, event_type, is_known
ORDER BY event_count DESC, eventCategory NULLS LAST, eventType NULLS LAST
