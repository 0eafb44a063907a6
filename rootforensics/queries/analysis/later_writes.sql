/*
question = "Which of these calls did others than root and its descendants make, with which requests, and which of them can revert an earlier change?"
misses   = "Calls that failed, or without a time in their records."
uses     = ["api_calls", "descendant_acts"]
columns  = "account_id eventTime awsRegion eventSource eventName actor asked can_answer eventID evidence_id record_index"
never_null = "can_answer evidence_id record_index"
[params]
until = { type = "VARCHAR", default = "", help = "calls from this time on revert nothing, ISO 8601; empty for the end of the logs" }
calls = { type = "VARCHAR[]", default = [], help = "eventSource and eventName without its first word and with To for From, as s3.amazonaws.com:BucketPolicy" }
[notes]
account_id = "VARCHAR; where it was recorded"
actor      = "VARCHAR; ARN of the identity"
asked      = "JSON; requestParameters"
can_answer = "BOOLEAN; true before that time, if the call succeeded, was not made by an AWS service, and names the actor"
*/
SELECT
    e.account_id, e.eventTime, e.awsRegion, e.eventSource, e.eventName,
    e.userIdentity.arn AS actor, e.requestParameters AS asked,
    coalesce(
        e.outcome = 'success' AND e.userIdentity.arn <> '' AND e.invoker IS DISTINCT FROM 'service'
        AND ($until = '' OR e.eventTime < nullif($until, '')::TIMESTAMPTZ), false
    ) AS can_answer,
    e.eventID, e.evidence_id, e.record_index
FROM api_calls AS e ANTI JOIN descendant_acts AS d ON e.evidence_id = d.evidence_id AND e.record_index = d.record_index
WHERE e.outcome IS DISTINCT FROM 'failure' AND e.root_basis IS NULL AND e.eventTime IS NOT NULL
    AND concat(e.eventSource, ':', regexp_replace(regexp_replace(e.eventName, '^[A-Z][a-z]+', ''), 'From', 'To')) IN (SELECT unnest($calls::VARCHAR[]))
ORDER BY e.eventTime, e.eventID, e.evidence_id, e.record_index
