/*
question = "When did a trail of the account itself last deliver a log?"
misses   = "Logs that were copied to folders other than CloudTrail's own. Trails whose logs are not in the case."
columns  = "account_id last_time"
never_null = "account_id"
[notes]
last_time = "TIMESTAMP WITH TIME ZONE; UTC; delivery of the last log"
*/
SELECT account_id, max(delivery_time) AS last_time
FROM evidence
WHERE account_id IS NOT NULL AND regexp_matches(uri, '(^|/)AWSLogs/[0-9]{12}/CloudTrail/')
GROUP BY account_id
