/*
question = "What are the events that the report cites?"
misses   = "Records that are no events of the case, such as damaged ones."
columns  = "eventTime account_id awsRegion eventSource eventName errorCode actor eventID evidence_id record_index"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
account_id = "VARCHAR; where it was recorded"
actor      = "VARCHAR; ARN of the identity; else the service, else the type of the identity"
*/
SELECT
    eventTime, coalesce(nullif(recipientAccountId, ''), userIdentity.accountId) AS account_id, awsRegion,
    eventSource, eventName, errorCode,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.type) AS actor,
    eventID, evidence_id, record_index
FROM events
WHERE (evidence_id, record_index) IN (
    SELECT (split_part(citation, ':', 1)::BIGINT, split_part(citation, ':', 2)::BIGINT)
    FROM unnest($citations::VARCHAR[]) AS p (citation)
)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
