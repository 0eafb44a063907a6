/*
question = "How many root events are activity, and how many are noise?"
misses   = "Events whose record does not tell whose they are."
columns  = "side n"
[notes]
n = "BIGINT; events"
*/
SELECT side, count(*) AS n
FROM root_events
GROUP BY side
