/*
title    = "Events by hour"
question = "How busy was each hour, for everybody and for root?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (eventTime)"
misses   = "Insights events and aggregated events, which are no calls (cloudtrail-summaries). An hour without events is no row: it may be quiet, or its logs may be missing."
first    = "hour_time event_count activity_count noise_count"
columns  = "hour_time event_count activity_count noise_count"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
hour_time   = "TIMESTAMP WITH TIME ZONE; start of the hour, UTC; NULL, last, for events without a time"
event_count = "BIGINT; all events"
*/
WITH hourly AS (
    SELECT date_trunc('hour', eventTime) AS hour_time, count(*) AS event_count
    FROM api_calls
    WHERE $account_id = '' OR coalesce(recipientAccountId, userIdentity.accountId) = $account_id
    GROUP BY 1
),
root_hourly AS (
    SELECT date_trunc('hour', eventTime) AS hour_time,
        count(*) FILTER (WHERE origin_group = 'activity') AS activity_count,
        count(*) FILTER (WHERE origin_group = 'noise') AS noise_count
    FROM root_events
    WHERE $account_id = '' OR account_id = $account_id
    GROUP BY 1
)
SELECT h.hour_time, h.event_count, coalesce(r.activity_count, 0) AS activity_count,
    coalesce(r.noise_count, 0) AS noise_count
FROM hourly AS h LEFT JOIN root_hourly AS r ON h.hour_time IS NOT DISTINCT FROM r.hour_time
ORDER BY h.hour_time NULLS LAST
