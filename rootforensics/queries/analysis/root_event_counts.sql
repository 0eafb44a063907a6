/*
question = "How many root events are activity, and how many are noise?"
misses   = "Events whose record does not tell whose they are."
columns  = "origin_group n"
never_null = "origin_group n"
[notes]
n = "BIGINT; events"
*/
SELECT origin_group, count(*) AS n
FROM root_events
GROUP BY origin_group
