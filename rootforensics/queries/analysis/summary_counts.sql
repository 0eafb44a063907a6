/*
question = "How many Insights events and aggregated events does the case have?"
misses   = "Events that the trail was not set to record."
columns  = "kind count"
never_null = "kind count"
[notes]
kind  = "VARCHAR; insight or aggregated"
count = "BIGINT; events"
*/
SELECT kind, count(*) AS count
FROM cloudtrail_summaries
GROUP BY kind
