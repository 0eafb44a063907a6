/*
question = "Which files were excluded in part, unreadable, changed, or listed in a digest but missing, and where are digest chains broken?"
misses   = "Logs that nothing names. Whether logs and digest files are genuine and chains complete, which only verify checks."
columns  = "kind account_id region from_time until_time object_count uri evidence_id"
never_null = "kind object_count"
[notes]
kind         = "VARCHAR; damaged, modified, chain_broken, not_read, filtered, listed or uncompared"
region       = "VARCHAR"
from_time    = "TIMESTAMP WITH TIME ZONE; UTC; from when its events may be; NULL where unknown"
until_time   = "TIMESTAMP WITH TIME ZONE; UTC; until when its events may be; NULL where unknown"
object_count = "BIGINT; files that are missing, damaged or changed; 1 for a break"
uri          = "VARCHAR; of the file, or of the digest that lists it"
*/
SELECT *
FROM evidence_gaps
ORDER BY evidence_id, account_id, region, from_time
