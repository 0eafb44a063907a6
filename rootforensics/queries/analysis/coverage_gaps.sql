/*
question = "Which objects of evidence were excluded in part, could not be read, were changed, or are listed by digest files and missing, and where do chains of digest files break?"
misses   = "Logs that nothing names. Whether digest files are genuine, logs as they were delivered and chains whole only verify checks."
columns  = "kind account_id region from_time until_time object_count uri evidence_id"
never_null = "kind object_count"
[notes]
kind         = "VARCHAR; damaged, modified, chain_broken, not_read, filtered, listed or uncompared"
region       = "VARCHAR"
from_time    = "TIMESTAMP WITH TIME ZONE; UTC; from when its events may be; NULL where unknown"
until_time   = "TIMESTAMP WITH TIME ZONE; UTC; until when its events may be; NULL where unknown"
object_count = "BIGINT; objects that are missing, damaged or changed; of a break 1"
uri          = "VARCHAR; of the object, or of what lists it"
*/
SELECT *
FROM evidence_gaps
ORDER BY evidence_id, account_id, region, from_time
