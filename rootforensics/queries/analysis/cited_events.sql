/*
question = "What are the events that the report cites?"
misses   = "Records that are no events of the case, such as damaged ones."
columns  = "eventTime account_id awsRegion eventSource eventName errorCode actor eventID evidence_id record_index integrity_verdict"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
account_id = "VARCHAR; where it was recorded"
actor      = "VARCHAR; ARN of the identity; else the service, else the type of the identity"
integrity_verdict = "VARCHAR; what verify found of the object, as in the table integrity; NULL if it was not run since the last load"
*/
SELECT
    eventTime, coalesce(nullif(recipientAccountId, ''), userIdentity.accountId) AS account_id, awsRegion,
    eventSource, eventName, errorCode,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.type) AS actor,
    eventID, e.evidence_id, record_index, i.verdict AS integrity_verdict
FROM events AS e LEFT JOIN integrity AS i ON e.evidence_id = i.evidence_id
WHERE (e.evidence_id, record_index) IN (
    SELECT (split_part(citation, ':', 1)::BIGINT, split_part(citation, ':', 2)::BIGINT)
    FROM unnest($citations::VARCHAR[]) AS p (citation)
)
ORDER BY eventTime NULLS LAST, eventID, e.evidence_id, record_index
