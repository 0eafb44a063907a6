/*
question = "Which objects of evidence were left out in part, could not be read, or are listed by digest files and missing?"
misses   = "Logs that nothing names. Whether a digest file itself is genuine is not checked."
columns  = "kind account_id region from_time until_time object_count uri evidence_id"
[notes]
kind         = "VARCHAR; damaged, not_read, filtered, listed or uncompared"
region       = "VARCHAR"
from_time    = "TIMESTAMP WITH TIME ZONE; UTC; from when its events may be; NULL where unknown"
until_time   = "TIMESTAMP WITH TIME ZONE; UTC; until when its events may be; NULL where unknown"
object_count = "BIGINT; objects that are missing or damaged"
uri          = "VARCHAR; of the object, or of what lists it"
*/
SELECT *
FROM evidence_gaps
ORDER BY evidence_id, account_id, region, from_time
