/*
question = "Which accounts have logs that an organization trail delivered?"
misses   = "Logs that were copied to folders other than CloudTrail's own: only the name of the folder shows the trail."
columns  = "account_id"
[notes]
account_id = "VARCHAR"
*/
SELECT DISTINCT regexp_extract(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/([0-9]{12})/', 2) AS account_id
FROM evidence
WHERE regexp_matches(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/[0-9]{12}/')
