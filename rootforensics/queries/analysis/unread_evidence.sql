/*
question = "Which objects of evidence could not be read, or not as a whole?"
misses   = "Objects that no load named, and what the unread parts hold."
columns  = "evidence_id account_id region delivery_time problem"
never_null = "evidence_id"
[notes]
evidence_id   = "INTEGER; the object"
account_id    = "VARCHAR; NULL where the name of the object does not tell it"
region        = "VARCHAR"
delivery_time = "TIMESTAMP WITH TIME ZONE; UTC"
problem       = "VARCHAR; why"
*/
SELECT evidence_id, account_id, region, delivery_time, problem
FROM evidence
WHERE status IN ('damaged', 'unreadable')
ORDER BY delivery_time NULLS LAST, evidence_id
