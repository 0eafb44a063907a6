/*
title    = "Results of log file validation"
question = "What did validation with digest files find for the logs of the case, and for logs that are missing?"
source   = "What verify found; AWS CloudTrail User Guide, validating CloudTrail log file integrity"
misses   = "Anything that was not verified: no row means that verify was not run since the last load. Events that were never logged. Logs that no digest names."
first    = "kind verdict object_count"
columns  = "kind verdict object_count"
never_null = "object_count"
[notes]
kind         = "VARCHAR; digest or log"
verdict      = "VARCHAR; verified, modified, missing, unlisted, unsigned, no_digest, chain_broken, key_unknown or not_checked"
object_count = "BIGINT; digest files or logs"
*/
SELECT kind, verdict, count(*) AS object_count
FROM integrity
GROUP BY kind, verdict
ORDER BY kind, object_count DESC, verdict
