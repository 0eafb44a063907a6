/*
title    = "Events by hour"
question = "How many events did each account have in each hour, in total and by root?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (eventTime)"
misses   = "Insights events and aggregated events, which are not calls (cloudtrail-summaries). Hours without events: the account may be quiet, or its logs may be missing."
uses     = ["recorded_hours"]
first    = "hour_time account_id event_count activity_count noise_count"
columns  = "hour_time account_id event_count activity_count noise_count"
never_null = "activity_count noise_count"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
hour_time   = "TIMESTAMP WITH TIME ZONE; start of the hour, UTC; NULL, last, for events without a time"
account_id  = "VARCHAR; the account whose log it is; NULL if the record names none"
event_count = "BIGINT; all events. For files loaded only as far as they relate to root, all counted events, including duplicates. NULL if two extractions, or an extraction and a load, may have counted the same events, or if not all were counted"
*/
WITH counted AS (
    SELECT hour_time, account_id, event_count, 'all' AS kind, is_known
    FROM recorded_hours
    UNION ALL
    SELECT date_trunc('hour', eventTime), account_id, 1, origin_group, true
    FROM root_events
)
SELECT
    hour_time, account_id, CASE WHEN bool_and(is_known) THEN CAST(coalesce(sum(event_count) FILTER (WHERE kind = 'all'), 0) AS BIGINT) END AS event_count,
    count(*) FILTER (WHERE kind = 'activity') AS activity_count, count(*) FILTER (WHERE kind = 'noise') AS noise_count
FROM counted
WHERE $account_id = '' OR account_id = $account_id
GROUP BY 1, 2
ORDER BY hour_time NULLS LAST, account_id NULLS LAST
