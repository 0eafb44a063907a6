/*
title    = "First day of an account's evidence"
question = "What is the first day for which the case contains a log or digest file of an account, from its folders?"
attack   = []
source   = "AWS CloudTrail User Guide, digest file structure and CloudTrail log file name format"
misses   = "Accounts for which the case contains neither logs with CloudTrail's names nor digest files."
*/
-- A digest lists logs of the hour before its end, which may be in the previous day's folder. If these are missing, the
-- copy may just start there.
SELECT account_id, min(time) AS begin_time, bool_or(is_log) AS has_logs
FROM (
    SELECT account_id, date_trunc('day', delivery_time) AS time, true AS is_log FROM evidence
    UNION ALL
    SELECT account_id, date_trunc('day', until_time), false FROM digests
)
WHERE time IS NOT NULL
GROUP BY account_id
