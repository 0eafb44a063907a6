/*
question = "How many problems of each kind does the evidence have?"
misses   = "Problems that no check of this package looks for."
columns  = "kind count id_count"
never_null = "count id_count"
[notes]
kind     = "VARCHAR; as in evidence_problems"
count    = "BIGINT; problems"
id_count = "BIGINT; distinct eventIDs that they name"
*/
SELECT kind, count(*) AS count, count(DISTINCT eventID) AS id_count
FROM evidence_problems
GROUP BY kind
