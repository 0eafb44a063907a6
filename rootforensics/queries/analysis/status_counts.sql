/*
question = "How many files have each status?"
misses   = "Files that no load named."
columns  = "status n"
never_null = "status n"
[notes]
status = "VARCHAR; as in evidence"
n      = "BIGINT; objects"
*/
SELECT status, count(*) AS n
FROM evidence
GROUP BY status
ORDER BY status
