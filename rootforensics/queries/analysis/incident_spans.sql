/*
question = "From when until when did root and its possible descendants act in each account?"
uses     = ["root_events", "descendant_events"]
misses   = "Actions before the first and after the last log. Events without a time."
columns  = "account_id first_time last_time"
never_null = "account_id"
[notes]
first_time = "TIMESTAMP WITH TIME ZONE; UTC; of the first event"
last_time  = "TIMESTAMP WITH TIME ZONE; UTC; of the last event"
*/
SELECT account_id, min(eventTime) AS first_time, max(eventTime) AS last_time
FROM (
    SELECT account_id, eventTime FROM root_events WHERE origin_group = 'activity'
    UNION ALL
    SELECT account_id, eventTime FROM descendant_events
)
WHERE account_id IS NOT NULL
GROUP BY account_id
ORDER BY account_id
