/*
question = "Did one identity make all events of an account, and does any of them only read?"
misses   = "Events that filters and downloads excluded."
uses     = ["recorded_hours"]
columns  = "account_id low high event_count has_reads"
never_null = "event_count"
[notes]
account_id  = "VARCHAR; NULL where the record does not name it"
low         = "VARCHAR; the identity that sorts first"
high        = "VARCHAR; the identity that sorts last"
event_count = "BIGINT"
has_reads   = "BOOLEAN; whether any event is a read"
*/
SELECT account_id, min(low_actor) AS low, max(high_actor) AS high, CAST(sum(event_count) AS BIGINT) AS event_count,
    sum(read_count) > 0 AS has_reads
FROM recorded_hours
GROUP BY account_id
ORDER BY account_id NULLS LAST
