/*
question = "Which files could not be read, or only in part?"
misses   = "Files that no load named, and the content of unread parts."
columns  = "evidence_id account_id region delivery_time problem"
never_null = "evidence_id"
[notes]
evidence_id   = "INTEGER; the object"
account_id    = "VARCHAR; NULL where the file name does not show it"
region        = "VARCHAR"
delivery_time = "TIMESTAMP WITH TIME ZONE; UTC"
problem       = "VARCHAR; why"
*/
SELECT evidence_id, account_id, region, delivery_time, problem
FROM evidence
WHERE status IN ('damaged', 'unreadable')
ORDER BY delivery_time NULLS LAST, evidence_id
