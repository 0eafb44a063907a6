/*
question = "How many root events are activity by people, and how many are service activity?"
misses   = "Events whose record does not show the identity."
columns  = "origin_group n"
never_null = "origin_group n"
[notes]
n = "BIGINT; events"
*/
SELECT origin_group, count(*) AS n
FROM root_events
GROUP BY origin_group
