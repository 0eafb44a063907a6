/*
question = "From which accounts were calls by others than root excluded since a time?"
misses   = "Events that other kinds of filters excluded (evidence_gaps)."
uses     = ["left_out_calls"]
columns  = "account_id"
[params]
since = { type = "VARCHAR", default = "", help = "a moment, ISO 8601; ever if empty" }
[notes]
account_id = "VARCHAR; NULL if unknown"
*/
SELECT DISTINCT account_id
FROM left_out_calls
WHERE last_time IS NULL OR last_time >= coalesce(nullif($since, '')::TIMESTAMPTZ, TIMESTAMPTZ '1970-01-01 00:00:00+00')
UNION
-- The times of these calls are unknown.
SELECT account_id FROM counted_hours WHERE hour_time IS NULL AND event_count > 0
ORDER BY account_id NULLS LAST
