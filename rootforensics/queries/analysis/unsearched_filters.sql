/*
question = "With which filters were files read that were not searched for all names that descend from root?"
misses   = "Files that no load named."
uses     = ["root_descendants"]
columns  = "filters object_count"
never_null = "filters object_count"
[notes]
filters      = "VARCHAR; the filters of each load as JSON"
object_count = "BIGINT; objects that were read with them"
*/
SELECT filters, count(*) AS object_count
FROM unsearched_evidence
GROUP BY filters
ORDER BY filters
