/*
question = "How many objects of evidence have each status?"
misses   = "Objects that no load named."
columns  = "status n"
never_null = "status n"
[notes]
status = "VARCHAR; as evidence has it"
n      = "BIGINT; objects"
*/
SELECT status, count(*) AS n
FROM evidence
GROUP BY status
ORDER BY status
