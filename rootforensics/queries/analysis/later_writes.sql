/*
question = "Which calls of some names did others than root and what descends from it make before a time, and what did they request?"
misses   = "Calls that failed, or of which the record does not tell the time, the outcome or who acted."
uses     = ["api_calls", "descendant_acts"]
columns  = "account_id eventTime awsRegion eventSource eventName actor asked eventID evidence_id record_index"
never_null = "actor evidence_id record_index"
[params]
until = { type = "VARCHAR", default = "", help = "the first moment after it, ISO 8601; empty for the end of the logs" }
calls = { type = "VARCHAR[]", default = [], help = "eventSource and eventName without its first word and with To for From, as s3.amazonaws.com:BucketPolicy" }
[notes]
account_id = "VARCHAR; where it was recorded"
actor      = "VARCHAR; ARN of the identity"
asked      = "JSON; requestParameters"
*/
SELECT
    e.account_id, e.eventTime, e.awsRegion, e.eventSource, e.eventName,
    e.userIdentity.arn AS actor, e.requestParameters AS asked, e.eventID, e.evidence_id, e.record_index
FROM api_calls AS e ANTI JOIN descendant_acts AS d ON e.evidence_id = d.evidence_id AND e.record_index = d.record_index
WHERE e.outcome = 'success' AND e.root_basis IS NULL AND e.userIdentity.arn <> '' AND e.invoker IS DISTINCT FROM 'service'
    AND coalesce(e.eventTime < nullif($until, '')::TIMESTAMPTZ, $until = '' AND e.eventTime IS NOT NULL)
    AND concat(e.eventSource, ':', regexp_replace(regexp_replace(e.eventName, '^[A-Z][a-z]+', ''), 'From', 'To')) IN (SELECT unnest($calls::VARCHAR[]))
ORDER BY e.eventTime, e.eventID, e.evidence_id, e.record_index
